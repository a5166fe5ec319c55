/* xgboost_objective.c: what an objective's name means: the link between margins, predictions and base_score. */
#include "format/xgboost_priv.h"

#include <math.h>

/* Below and above these, XGBoost 3 cuts base_score before it takes the logit; older versions refuse 0 and 1. */
#define LOGIT_MARGIN 1e-6f

typedef enum base_link {
    BASE_IDENTITY,
    BASE_LOGIT,
    BASE_LOG,
} base_link;

typedef struct objective {
    const char *name;
    sv_xgboost_link link;
    base_link base;
} objective;

static const objective objectives[] = {
    {"binary:logistic", SV_XGBOOST_SIGMOID, BASE_LOGIT},
    {"reg:logistic", SV_XGBOOST_SIGMOID, BASE_LOGIT},
    {"binary:hinge", SV_XGBOOST_STEP, BASE_IDENTITY},
    {"multi:softprob", SV_XGBOOST_SOFTMAX, BASE_IDENTITY},
    {"multi:softmax", SV_XGBOOST_ARGMAX, BASE_IDENTITY},
    {"count:poisson", SV_XGBOOST_EXP, BASE_LOG},
    {"reg:gamma", SV_XGBOOST_EXP, BASE_LOG},
    {"reg:tweedie", SV_XGBOOST_EXP, BASE_LOG},
    {"survival:cox", SV_XGBOOST_EXP, BASE_LOG},
    {"survival:aft", SV_XGBOOST_EXP, BASE_LOG},
    {"binary:logitraw", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:squarederror", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:linear", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:squaredlogerror", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:pseudohubererror", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:absoluteerror", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:quantileerror", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"reg:expectileerror", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"rank:pairwise", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"rank:ndcg", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
    {"rank:map", SV_XGBOOST_IDENTITY, BASE_IDENTITY},
};

static const objective *find_objective(sv_str name)
{
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
        if (sv_str_is(name, objectives[i].name))
            return &objectives[i];
    return NULL;
}

savor_status sv_xgb_set_objective(xgb_reader *r, sv_str name)
{
    const objective *found = find_objective(name);
    if (!found)
        return sv_fail(r->err, SAVOR_UNSUPPORTED, "XGBoost objective \"%.*s\" is not known", SV_FMT(name));
    r->model->objective = sv_str_of(found->name);
    r->model->link = found->link;
    return SAVOR_OK;
}

static savor_status logit(const xgb_reader *r, float score, float *out)
{
    bool is_cut = r->version_major >= 3;
    bool is_valid = is_cut ? score >= 0.0f && score <= 1.0f : score > 0.0f && score < 1.0f;
    if (!is_valid)
        return sv_fail(r->err, SAVOR_FORMAT, "base_score was %g, expected a number in (0,1) for %.*s", (double)score,
                       SV_FMT(r->model->objective));
    if (is_cut && score < LOGIT_MARGIN)
        score = LOGIT_MARGIN;
    if (is_cut && score > 1.0f - LOGIT_MARGIN)
        score = 1.0f - LOGIT_MARGIN;
    *out = -logf(1.0f / score - 1.0f);
    return SAVOR_OK;
}

savor_status sv_xgb_set_base(xgb_reader *r)
{
    sv_xgboost *m = r->model;
    base_link link = find_objective(m->objective)->base;
    savor_status st = SAVOR_OK;
    if (r->n_base_score != 1 && r->n_base_score != m->n_groups)
        return sv_fail(r->err, SAVOR_FORMAT, "base_score had %zu numbers, expected 1 or %zu", r->n_base_score,
                       m->n_groups);
    float *score = sv_arena_array(r->arena, m->n_groups, sizeof *score);
    float *margin = sv_arena_array(r->arena, m->n_groups, sizeof *margin);
    if (!score || !margin)
        return sv_arena_fail(r->arena, m->n_groups * sizeof *score, r->err);
    /* gblinear starts every output at the first number, also where the file holds one for each. */
    bool is_one = r->n_base_score == 1 || m->booster == SV_XGBOOST_GBLINEAR;
    for (size_t i = 0; i < m->n_groups && !st; i++) {
        score[i] = margin[i] = r->base_score[is_one ? 0 : i];
        if (link == BASE_LOGIT)
            st = logit(r, score[i], &margin[i]);
        else if (link == BASE_LOG)
            margin[i] = logf(score[i]);
    }
    m->base_score = score;
    m->base_margin = margin;
    return st;
}

static float sigmoid(float x)
{
    /* 88.7 keeps expf finite; 1e-16 vanishes in float and is kept for being the library's own formula. */
    float e = expf(fminf(-x, 88.7f)) + 1.0f + 1e-16f;
    return 1.0f / e;
}

static void softmax(float *row, size_t n)
{
    float most = row[0];
    double sum = 0.0;
    for (size_t i = 1; i < n; i++)
        most = fmaxf(row[i], most);
    for (size_t i = 0; i < n; i++) {
        row[i] = expf(row[i] - most);
        sum += (double)row[i];
    }
    for (size_t i = 0; i < n; i++)
        row[i] /= (float)sum;
}

static float argmax(const float *row, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (row[i] > row[best])
            best = i;
    return (float)best;
}

size_t sv_xgboost_transform(const sv_xgboost *model, float *margins, size_t n_rows)
{
    size_t n_groups = model->n_groups, n = n_rows * n_groups;
    switch (model->link) {
    case SV_XGBOOST_IDENTITY:
        break;
    case SV_XGBOOST_SIGMOID:
        for (size_t i = 0; i < n; i++)
            margins[i] = sigmoid(margins[i]);
        break;
    case SV_XGBOOST_EXP:
        for (size_t i = 0; i < n; i++)
            margins[i] = expf(margins[i]);
        break;
    case SV_XGBOOST_STEP:
        for (size_t i = 0; i < n; i++)
            margins[i] = margins[i] > 0.0f ? 1.0f : 0.0f;
        break;
    case SV_XGBOOST_SOFTMAX:
        for (size_t r = 0; r < n_rows; r++)
            softmax(margins + r * n_groups, n_groups);
        break;
    case SV_XGBOOST_ARGMAX:
        for (size_t r = 0; r < n_rows; r++)
            margins[r] = argmax(margins + r * n_groups, n_groups);
        return 1;
    }
    return n_groups;
}
