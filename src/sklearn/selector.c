/* selector.c: feature selection: a mask over the columns, worked out once when the file is read. */
#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"
#include "sklearn/importances.h"
#include "sklearn/stack.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

typedef struct selector {
    sv_estimator base;
    size_t n_kept;
    const size_t *kept;            /* [n_kept] columns, ascending */
    const sv_estimator *estimator; /* RFE answers with it; NULL: it cannot */
    bool allows_nan;
} selector;

/* ---- masks ---- */

typedef struct ranked {
    double score;
    size_t at;
} ranked;

/* Ascending, equal ones in their order: a stable sort. */
static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static savor_status rank(sv_loader *loader, const double *scores, size_t n, bool descends, ranked **out,
                         savor_error *err)
{
    *out = sv_arena_array(loader->arena, n, sizeof **out);
    if (!*out)
        return sv_arena_fail(loader->arena, n * sizeof **out, err);
    for (size_t i = 0; i < n; i++) {
        double score = isnan(scores[i]) ? -DBL_MAX : scores[i];
        (*out)[i] = (ranked){descends ? -score : score, i};
    }
    qsort(*out, n, sizeof **out, compare_ranked);
    return SAVOR_OK;
}

typedef savor_status (*mask_fn)(sv_loader *loader, const sv_record *object, double param, const double *values,
                                size_t n, bool *mask, savor_error *err);

static savor_status mask_best(sv_loader *loader, const sv_record *object, double k, const double *scores, size_t n,
                              bool *mask, savor_error *err)
{
    ranked *order;
    savor_status st = rank(loader, scores, n, false, &order, err);
    (void)object;
    for (size_t i = 0; !st && i < n; i++)
        mask[order[i].at] = (double)(n - i) <= k;
    return st;
}

/* np.percentile with linear interpolation, then ties are filled up in order. */
static savor_status mask_percentile(sv_loader *loader, const sv_record *object, double percentile,
                                    const double *scores, size_t n, bool *mask, savor_error *err)
{
    ranked *order;
    if (!(percentile >= 0.0 && percentile <= 100.0))
        return sv_attr_fail(object, "percentile", "out of range", err);
    size_t n_kept = 0, n_wanted = (size_t)((double)n * percentile / 100.0);
    savor_status st = rank(loader, scores, n, false, &order, err);
    if (st)
        return st;
    double at = (100.0 - percentile) / 100.0 * (double)(n - 1), low = floor(at), t = at - low;
    double a = order[(size_t)low].score, b = order[(size_t)ceil(at)].score;
    double threshold = t < 0.5 ? a + (b - a) * t : b - (b - a) * (1.0 - t);
    for (size_t i = 0; i < n; i++) {
        double score = isnan(scores[i]) ? -DBL_MAX : scores[i];
        mask[i] = percentile >= 100.0 || (percentile > 0.0 && score > threshold);
        n_kept += mask[i];
    }
    for (size_t i = 0; percentile > 0.0 && i < n && n_kept < n_wanted; i++)
        if (!mask[i] && (isnan(scores[i]) ? -DBL_MAX : scores[i]) == threshold) {
            mask[i] = true;
            n_kept++;
        }
    return SAVOR_OK;
}

static savor_status mask_fpr(sv_loader *loader, const sv_record *object, double alpha, const double *p, size_t n,
                             bool *mask, savor_error *err)
{
    (void)loader, (void)object, (void)err;
    for (size_t i = 0; i < n; i++)
        mask[i] = p[i] < alpha;
    return SAVOR_OK;
}

static savor_status mask_fwe(sv_loader *loader, const sv_record *object, double alpha, const double *p, size_t n,
                             bool *mask, savor_error *err)
{
    return mask_fpr(loader, object, alpha / (double)n, p, n, mask, err);
}

static savor_status mask_fdr(sv_loader *loader, const sv_record *object, double alpha, const double *p, size_t n,
                             bool *mask, savor_error *err)
{
    ranked *order;
    double largest = -INFINITY;
    size_t n_known = 0; /* NaN comes last when numpy sorts */
    savor_status st = rank(loader, p, n, false, &order, err);
    (void)object;
    for (size_t i = 0; !st && i < n; i++)
        if (!isnan(p[order[i].at]) && order[i].score <= alpha / (double)n * (double)++n_known)
            largest = order[i].score;
    for (size_t i = 0; !st && i < n; i++)
        mask[i] = p[i] <= largest;
    return st;
}

static savor_status mask_variance(sv_loader *loader, const sv_record *object, double threshold, const double *v,
                                  size_t n, bool *mask, savor_error *err)
{
    (void)loader, (void)object, (void)err;
    for (size_t i = 0; i < n; i++)
        mask[i] = v[i] > threshold;
    return SAVOR_OK;
}

/* ---- SelectFromModel ---- */

static double mean_of(const double *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static savor_status median_of(sv_loader *loader, const double *x, size_t n, double *out, savor_error *err)
{
    ranked *order;
    savor_status st = rank(loader, x, n, false, &order, err);
    if (!st)
        *out = n % 2 ? order[n / 2].score : (order[n / 2 - 1].score + order[n / 2].score) / 2.0;
    return st;
}

/* "mean", "median", "1.25*mean"; the factor in front is a plain decimal. */
static savor_status threshold_of_text(sv_loader *loader, sv_str text, const double *x, size_t n, double *out,
                                      savor_error *err)
{
    size_t star = sv_str_find(text, '*');
    sv_str name = sv_str_trim(star < text.n ? (sv_str){text.p + star + 1, text.n - star - 1} : text);
    sv_value factor = {.kind = SV_VALUE_STRING, .n = star, .u.p = text.p};
    double scale = 1.0;
    if (star < text.n && sv_value_to_double(&factor, &scale))
        return sv_fail(err, SAVOR_UNSUPPORTED, "threshold=%.*s is not known", SV_FMT(text));
    savor_status st = SAVOR_OK;
    if (sv_str_is(name, "median"))
        st = median_of(loader, x, n, out, err);
    else if (sv_str_is(name, "mean"))
        *out = mean_of(x, n);
    else
        return sv_fail(err, SAVOR_UNSUPPORTED, "threshold=%.*s is not known", SV_FMT(text));
    *out *= scale;
    return st;
}

/* Without a threshold: 1e-5 for what has an L1 penalty, else the mean. */
static bool is_l1(const sv_record *estimator)
{
    sv_str name = sv_record_class(estimator).name;
    bool is_lasso = sv_str_starts(name, SV_STR("Lasso")) || sv_str_starts(name, SV_STR("MultiTaskLasso"));
    bool is_net = sv_str_is(name, "ElasticNet") || sv_str_is(name, "ElasticNetCV");
    return is_lasso || sv_record_is_text(sv_record_find(estimator, "penalty"), "l1") ||
           (is_net &&
            (sv_attr_double_or(estimator, "l1_ratio_", sv_attr_double_or(estimator, "l1_ratio", 0.0)) == 1.0));
}

static savor_status mask_model(sv_loader *loader, const sv_record *object, const sv_record *estimator, size_t n,
                               bool *mask, savor_error *err)
{
    const sv_record *threshold = sv_record_find(object, "threshold");
    double *scores, limit = 0.0;
    ranked *order;
    size_t n_scores;
    savor_status st =
        sv_importances_read(loader, estimator, sv_attr_double_or(object, "norm_order", 1.0), &scores, &n_scores, err);
    if (st)
        return st;
    if (n_scores != n)
        return sv_attr_fail(object, "estimator_", "not the features of the selector", err);
    if (sv_record_text(threshold).p)
        st = threshold_of_text(loader, sv_record_text(threshold), scores, n, &limit, err);
    else if (!sv_record_to_double(threshold, &limit))
        limit = is_l1(estimator) ? 1e-5 : mean_of(scores, n);
    if (st || (st = rank(loader, scores, n, true, &order, err)))
        return st;
    int64_t max = sv_attr_int_or(object, "max_features_", sv_attr_int_or(object, "max_features", -1));
    for (size_t i = 0; i < n; i++)
        mask[order[i].at] = (max < 0 || i < (size_t)max) && !(scores[order[i].at] < limit);
    return SAVOR_OK;
}

/* ---- loading ---- */

static savor_status keep(sv_loader *loader, const bool *mask, size_t n, selector *self, savor_error *err)
{
    size_t *kept = sv_arena_array(loader->arena, n, sizeof *kept);
    if (!kept)
        return sv_arena_fail(loader->arena, n * sizeof *kept, err);
    for (size_t i = 0; i < n; i++)
        if (mask[i])
            kept[self->n_kept++] = i;
    self->kept = kept;
    self->base.n_features_in = n;
    return SAVOR_OK;
}

static savor_status new_selector(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object, size_t n,
                                 selector **out, bool **mask, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(selector), &base, err);
    *out = (selector *)base;
    if (st)
        return st;
    if (n == 0 || (base->n_features_in && base->n_features_in != n))
        return sv_fail(err, SAVOR_FORMAT, "%s: not one score for each feature", cls->name);
    *mask = sv_arena_array(loader->arena, n, sizeof **mask);
    return *mask ? SAVOR_OK : sv_arena_fail(loader->arena, n, err);
}

typedef struct filter_rule {
    const char *class_name, *mode, *values, *param;
    mask_fn make;
} filter_rule;

static const filter_rule rules[] = {
    {"SelectFdr", "fdr", "pvalues_", "alpha", mask_fdr},
    {"SelectFpr", "fpr", "pvalues_", "alpha", mask_fpr},
    {"SelectFwe", "fwe", "pvalues_", "alpha", mask_fwe},
    {"SelectKBest", "k_best", "scores_", "k", mask_best},
    {"SelectPercentile", "percentile", "scores_", "percentile", mask_percentile},
    {"VarianceThreshold", "", "variances_", "threshold", mask_variance},
};

/* GenericUnivariateSelect names its rule and calls the parameter `param`. */
static const filter_rule *find_rule(const sv_estimator_class *cls, sv_str mode)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (mode.p ? sv_str_is(mode, rules[i].mode) : strcmp(cls->name, rules[i].class_name) == 0)
            return &rules[i];
    return NULL;
}

/* The tag allow_nan of the estimator that selects: trees take NaN since 1.3, forests since 1.4, extra trees
 * since 1.6. */
static bool takes_nan(const sv_loader *loader, const sv_record *estimator)
{
    static const struct {
        const char *start;
        int minor;
    } TREES[] = {{"DecisionTree", 3},         {"RandomForest", 4}, {"ExtraTree", 6},
                 {"HistGradientBoosting", 0}, {"XGB", 0},          {"LGBM", 0}};
    sv_str name = sv_record_class(estimator).name, criterion = sv_attr_text(estimator, "criterion");
    if (sv_str_is(criterion, "absolute_error") ||
        (sv_str_is(sv_attr_text(estimator, "splitter"), "random") && sv_release_is_before(loader->release, 1, 6)))
        return false;
    for (size_t i = 0; i < sizeof TREES / sizeof *TREES; i++)
        if (sv_str_starts(name, sv_str_of(TREES[i].start)))
            return !sv_release_is_before(loader->release, 1, TREES[i].minor);
    return false;
}

static savor_status load_filter(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    sv_str mode = sv_attr_text(object, "mode");
    const filter_rule *rule = find_rule(cls, mode);
    selector *self;
    sv_tensor values;
    bool *mask;
    savor_status st;
    if (!rule)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s with mode=%.*s is not known", cls->name, SV_FMT(mode));
    double param = sv_attr_double_or(object, mode.p ? "param" : rule->param, INFINITY); /* k="all" */
    if ((st = sv_attr_doubles(loader, object, rule->values, &values, err)) ||
        (st = new_selector(loader, cls, object, values.n_items, &self, &mask, err)) ||
        (st = rule->make(loader, object, param, values.data, values.n_items, mask, err)) ||
        (st = keep(loader, mask, values.n_items, self, err)))
        return st;
    self->allows_nan = rule->make == mask_variance;
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_model(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    const sv_record *estimator = sv_record_find(object, "estimator_");
    selector *self;
    bool *mask;
    if (sv_record_is_none(estimator))
        estimator = sv_record_find(object, "estimator"); /* prefit */
    int64_t n = sv_attr_int_or(estimator, "n_features_in_", sv_attr_int_or(object, "n_features_in_", 0));
    if (!sv_record_is_text(sv_record_find(object, "importance_getter"), "auto"))
        return sv_fail(err, SAVOR_UNSUPPORTED, "SelectFromModel with an importance_getter is not known");
    savor_status st = n < 0 || n > SV_FEATURES_MAX ? sv_attr_fail(object, "n_features_in_", "out of range", err)
                                                   : new_selector(loader, cls, object, (size_t)n, &self, &mask, err);
    if (st || (st = mask_model(loader, object, estimator, (size_t)n, mask, err)) ||
        (st = keep(loader, mask, (size_t)n, self, err)))
        return st;
    self->allows_nan = takes_nan(loader, sv_record_find(object, "estimator"));
    *out = &self->base;
    return SAVOR_OK;
}

/* support_: RFE, RFECV, SequentialFeatureSelector. */
static savor_status load_support(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 const sv_estimator **out, savor_error *err)
{
    sv_tensor support;
    selector *self;
    bool *mask;
    const sv_record *estimator = sv_record_find(object, "estimator_");
    savor_status st = sv_attr_doubles(loader, object, "support_", &support, err);
    if (st || (st = new_selector(loader, cls, object, support.n_items, &self, &mask, err)))
        return st;
    for (size_t i = 0; i < support.n_items; i++)
        mask[i] = ((const double *)support.data)[i] != 0.0;
    if ((st = keep(loader, mask, support.n_items, self, err)))
        return st;
    self->allows_nan = takes_nan(loader, sv_record_find(object, "estimator"));
    if (!sv_record_is_none(estimator)) /* one that is not known here only keeps it from answering itself */
        st = sv_estimator_load(loader, estimator, &self->estimator, err);
    if (st && st != SAVOR_UNSUPPORTED)
        return st;
    if (self->estimator)
        self->base.classes = self->estimator->classes;
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- methods ---- */

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const selector *self = (const selector *)base;
    unsigned flags = SV_CHECK_KEEP_FLOAT32 | (self->allows_nan ? SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF : 0u);
    sv_batch x;
    bool is_frame = in->kind == SV_BATCH_FRAME || in->is_renamed;
    if (is_frame && base->makes_frames && !sv_release_is_before(base->release, 1, 3)) /* its cells go unseen */
        flags |= SV_CHECK_ALLOW_NAN | SV_CHECK_ALLOW_INF | SV_CHECK_ANY_ROWS;
    savor_status st = sv_check_untyped(base, in, flags, arena, &x, err);
    if (st || (st = sv_batch_take_columns(&x, self->kept, self->n_kept, false, arena, out, err)))
        return st;
    out->by_columns = true; /* as numpy lays out what an index has chosen */
    return SAVOR_OK;
}

static bool has(const sv_estimator *base, sv_method method)
{
    const selector *self = (const selector *)base;
    return method == SV_TRANSFORM || (self->estimator && sv_estimator_has(self->estimator, method));
}

static savor_status call(const sv_estimator *base, sv_method method, const sv_batch *in, sv_arena *arena,
                         sv_batch *out, savor_error *err)
{
    sv_batch x;
    savor_status st = transform(base, in, arena, &x, err);
    return st ? st : sv_estimator_call(((const selector *)base)->estimator, method, &x, arena, out, err);
}

#define METHOD(name, method)                                                                               \
    static savor_status name(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out, \
                             savor_error *err)                                                             \
    {                                                                                                      \
        return call(self, method, in, arena, out, err);                                                    \
    }

METHOD(predict, SV_PREDICT)
METHOD(predict_proba, SV_PREDICT_PROBA)
METHOD(predict_log_proba, SV_PREDICT_LOG_PROBA)
METHOD(decision_function, SV_DECISION_FUNCTION)

#define FILTER(text, loader)                                                    \
    {                                                                           \
        .name = text, .load = loader, .methods = { [SV_TRANSFORM] = transform } \
    }
#define WRAPPER(text)                                                \
    {                                                                \
        .name = text, .load = load_support, .has = has, .methods = { \
            [SV_PREDICT] = predict,                                  \
            [SV_PREDICT_PROBA] = predict_proba,                      \
            [SV_PREDICT_LOG_PROBA] = predict_log_proba,              \
            [SV_DECISION_FUNCTION] = decision_function,              \
            [SV_TRANSFORM] = transform                               \
        }                                                            \
    }

const sv_estimator_class sv_selectors[] = {
    FILTER("GenericUnivariateSelect", load_filter),
    WRAPPER("RFE"),
    WRAPPER("RFECV"),
    FILTER("SelectFdr", load_filter),
    FILTER("SelectFpr", load_filter),
    FILTER("SelectFromModel", load_model),
    FILTER("SelectFwe", load_filter),
    FILTER("SelectKBest", load_filter),
    FILTER("SelectPercentile", load_filter),
    FILTER("SequentialFeatureSelector", load_support),
    FILTER("VarianceThreshold", load_filter),
    {.name = NULL},
};
