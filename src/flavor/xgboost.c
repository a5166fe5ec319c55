/* xgboost.c: the flavor `xgboost`. */
#include "flavor/flavor_priv.h"

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    (void)dir;
    (void)model;
    (void)conf;
    (void)limits;
    *out = NULL;
    return sv_fail(err, SAVOR_UNSUPPORTED, "xgboost models were not built in");
}

const sv_flavor sv_flavor_xgboost = {
    .name = "xgboost",
    .loader_modules = (const char *const[]){"mlflow.xgboost", NULL},
    .load = load,
};
