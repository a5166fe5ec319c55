#include "flavor/statsmodels_record.h"

#include "base/alloc.h"

/* What the table below says of a class of models. */
typedef enum model_flags {
    LINK_OF_FAMILY = 1, /* the link is the family's */
    TAKES_FEWER = 2,    /* np.dot(exog, params[:exog.shape[1]]) */
    ADDS_TRAINING = 4,  /* predict adds the training data's own offset and exposure */
} model_flags;

typedef struct model_class {
    const char *name;
    sv_glm_link_kind link;
    unsigned flags;
} model_class;

static const model_class classes[] = {
    {"GEE", SV_GLM_IDENTITY, LINK_OF_FAMILY},
    {"GLM", SV_GLM_IDENTITY, LINK_OF_FAMILY},
    {"GLS", SV_GLM_IDENTITY, 0},
    {"GLSAR", SV_GLM_IDENTITY, 0},
    {"GeneralizedPoisson", SV_GLM_LOG, TAKES_FEWER | ADDS_TRAINING},
    {"Logit", SV_GLM_LOGIT, 0},
    {"MNLogit", SV_GLM_SOFTMAX, 0},
    {"NegativeBinomial", SV_GLM_LOG, TAKES_FEWER},
    {"NegativeBinomialP", SV_GLM_LOG, TAKES_FEWER | ADDS_TRAINING},
    {"OLS", SV_GLM_IDENTITY, 0},
    {"Poisson", SV_GLM_LOG, TAKES_FEWER},
    {"Probit", SV_GLM_PROBIT, 0},
    {"QuantReg", SV_GLM_IDENTITY, 0},
    {"RLM", SV_GLM_IDENTITY, 0},
    {"WLS", SV_GLM_IDENTITY, 0},
};

/* Names since 0.14, then those of before where they differ by more than their first letter. */
static const struct {
    const char *name;
    sv_glm_link_kind kind;
    const char *attribute; /* that holds the parameter */
    double parameter;      /* where the attribute is absent */
} links[] = {
    {"Logit", SV_GLM_LOGIT, NULL, 0},
    {"logit", SV_GLM_LOGIT, NULL, 0},
    {"Log", SV_GLM_LOG, NULL, 0},
    {"log", SV_GLM_LOG, NULL, 0},
    {"LogC", SV_GLM_LOGC, NULL, 0},
    {"Probit", SV_GLM_PROBIT, NULL, 0},
    {"probit", SV_GLM_PROBIT, NULL, 0},
    {"Cauchy", SV_GLM_CAUCHY, NULL, 0},
    {"cauchy", SV_GLM_CAUCHY, NULL, 0},
    {"CLogLog", SV_GLM_CLOGLOG, NULL, 0},
    {"cloglog", SV_GLM_CLOGLOG, NULL, 0},
    {"LogLog", SV_GLM_LOGLOG, NULL, 0},
    {"loglog", SV_GLM_LOGLOG, NULL, 0},
    {"Power", SV_GLM_POWER, "power", 1},
    {"Identity", SV_GLM_POWER, "power", 1},
    {"identity", SV_GLM_POWER, "power", 1},
    {"InversePower", SV_GLM_POWER, "power", -1},
    {"inverse_power", SV_GLM_POWER, "power", -1},
    {"InverseSquared", SV_GLM_POWER, "power", -2},
    {"inverse_squared", SV_GLM_POWER, "power", -2},
    {"Sqrt", SV_GLM_POWER, "power", 0.5},
    {"sqrt", SV_GLM_POWER, "power", 0.5},
    {"NegativeBinomial", SV_GLM_NEGATIVE_BINOMIAL, "alpha", 1},
    {"nbinom", SV_GLM_NEGATIVE_BINOMIAL, "alpha", 1},
};

static savor_status find_class(const sv_record *model, const model_class **out, savor_error *err)
{
    sv_global name = sv_record_class(model);
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (sv_record_is(model, "statsmodels", classes[i].name)) {
            *out = &classes[i];
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "class %.*s.%.*s has no native engine here", SV_FMT(name.module),
                   SV_FMT(name.name));
}

static savor_status read_link(const sv_record *model, sv_glm_link *out, savor_error *err)
{
    const sv_record *family = sv_record_find(model, "family"), *link = sv_record_find(family, "_link");
    if (!link)
        link = sv_record_find(family, "link");
    sv_global name = sv_record_class(link);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (!sv_record_is(link, "statsmodels", links[i].name))
            continue;
        *out = (sv_glm_link){links[i].kind, links[i].parameter};
        if (links[i].attribute)
            (void)sv_record_to_double(sv_record_find(link, links[i].attribute), &out->parameter);
        if (out->kind == SV_GLM_POWER && out->parameter == 1.0)
            out->kind = SV_GLM_IDENTITY;
        return SAVOR_OK;
    }
    return sv_fail(err, SAVOR_UNSUPPORTED, "link %.*s.%.*s is not known", SV_FMT(name.module), SV_FMT(name.name));
}

/* What cannot be computed from the columns alone. */
static savor_status check_model(const sv_record *model, const model_class *cls, savor_error *err)
{
    static const char *const own[] = {"offset", "exposure"};
    if (!sv_record_is_none(sv_record_find(model, "formula")))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s was made of a formula, which needs patsy", cls->name);
    for (size_t i = 0; i < 2 && cls->flags & ADDS_TRAINING; i++) {
        const sv_record *value = sv_record_find(model, own[i]);
        double number = 0;
        if (!sv_record_is_none(value) && (!sv_record_to_double(value, &number) || number != 0))
            return sv_fail(err, SAVOR_UNSUPPORTED, "%s with an %s of its training data is not computed", cls->name,
                           own[i]);
    }
    return SAVOR_OK;
}

/* [n_in] or [n_in x n_out] as the results have it -> [n_out x n_in]. */
static savor_status read_params(const sv_record *results, sv_arena *arena, sv_dense *out, savor_error *err)
{
    sv_tensor params;
    savor_status st = sv_record_doubles(sv_record_find(results, "params"), arena, &params, err);
    if (st)
        return sv_error_at(err, st, "params");
    if (params.n_dims < 1 || params.n_dims > 2 || params.n_items == 0)
        return sv_fail(err, SAVOR_FORMAT, "params had %u dimensions and %zu numbers, expected a vector or a matrix",
                       (unsigned)params.n_dims, params.n_items);
    size_t n_in = params.shape[0], n_out = params.n_dims == 2 ? params.shape[1] : 1;
    const double *from = params.data;
    double *weights = sv_arena_array(arena, params.n_items, sizeof *weights);
    if (!weights)
        return sv_arena_fail(arena, params.n_items * sizeof *weights, err);
    for (size_t i = 0; i < n_in; i++)
        for (size_t k = 0; k < n_out; k++)
            weights[k * n_in + i] = from[i * n_out + k];
    *out = (sv_dense){.n_in = n_in, .n_out = n_out, .weights = weights};
    return SAVOR_OK;
}

savor_status sv_statsmodels_read(const sv_record *root, sv_arena *arena, const sv_statsmodels **out, savor_error *err)
{
    const sv_record *inner = sv_record_find(root, "_results"), *results = inner ? inner : root;
    const sv_record *model = sv_record_find(results, "model");
    const model_class *cls = NULL;
    savor_status st;
    *out = NULL;
    if (!model)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the file holds no results of a statsmodels fit");
    sv_statsmodels *self = sv_arena_array(arena, 1, sizeof *self);
    if (!self)
        return sv_arena_fail(arena, sizeof *self, err);
    if ((st = find_class(model, &cls, err)) || (st = check_model(model, cls, err)) ||
        (st = read_params(results, arena, &self->layer, err)))
        return st;
    self->class_name = cls->name;
    self->takes_fewer = cls->flags & TAKES_FEWER;
    self->link.kind = cls->link;
    if (cls->flags & LINK_OF_FAMILY && (st = read_link(model, &self->link, err)))
        return st;
    if (self->layer.n_out > 1 && self->link.kind != SV_GLM_SOFTMAX)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s with %zu outputs is not computed", cls->name, self->layer.n_out);
    *out = self;
    return SAVOR_OK;
}
