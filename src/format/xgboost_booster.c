/* xgboost_booster.c: names and counts that all three formats carry. */
#include "format/xgboost_priv.h"

savor_status sv_xgb_set_booster(xgb_reader *r, sv_str name)
{
    static const struct {
        const char *name;
        sv_xgboost_booster booster;
    } boosters[] = {
        {"gbtree", SV_XGBOOST_GBTREE},
        {"dart", SV_XGBOOST_DART},
        {"gblinear", SV_XGBOOST_GBLINEAR},
    };
    for (size_t i = 0; i < sizeof boosters / sizeof *boosters; i++)
        if (sv_str_is(name, boosters[i].name)) {
            r->model->booster = boosters[i].booster;
            return SAVOR_OK;
        }
    return sv_fail(r->err, SAVOR_UNSUPPORTED, "XGBoost booster \"%.*s\" is not known", SV_FMT(name));
}

savor_status sv_xgb_set_sizes(xgb_reader *r, int64_t n_features, int64_t n_classes, int64_t n_targets)
{
    sv_xgboost *m = r->model;
    if (n_features < 0 || n_features > INT32_MAX)
        return sv_fail(r->err, SAVOR_FORMAT, "num_feature was %lld, expected 0 to 2147483647", (long long)n_features);
    if (n_classes < 0 || n_targets < 0 || n_classes > XGB_GROUPS_MAX || n_targets > XGB_GROUPS_MAX)
        return sv_fail(r->err, SAVOR_FORMAT, "num_class was %lld and num_target %lld, expected 0 to %d",
                       (long long)n_classes, (long long)n_targets, XGB_GROUPS_MAX);
    m->n_features = (size_t)n_features;
    m->n_classes = (uint32_t)n_classes;
    m->n_targets = (uint32_t)n_targets;
    m->n_groups = (size_t)(n_classes > n_targets ? n_classes : n_targets);
    if (m->n_groups == 0)
        m->n_groups = 1;
    return SAVOR_OK;
}
