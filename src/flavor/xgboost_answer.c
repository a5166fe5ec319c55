#include "flavor/xgboost_answer.h"

#include "base/alloc.h"

#include <math.h>

/* ---- the scorer ---- */

/*
 * inplace_predict of a DART model predicts each tree as base + leaf, takes the base off again and then weighs it, so
 * each leaf has been rounded twice. The forest that does the same holds the rounded leaves.
 */
static savor_status make_inplace(xgb_scorer *s, sv_arena *arena, savor_error *err)
{
    const sv_forest *f = &s->model->forest;
    s->inplace = f;
    if (s->model->booster != SV_XGBOOST_DART || !s->is_inplace || f->leaf_width != 1)
        return SAVOR_OK;
    sv_forest *copy = sv_arena_array(arena, 1, sizeof *copy);
    double *leaves = sv_arena_array(arena, f->n_leaves, sizeof *leaves);
    if (!copy || !leaves)
        return sv_arena_fail(arena, f->n_leaves * sizeof *leaves, err);
    for (size_t t = 0; t < f->n_trees; t++) {
        float base = s->model->base_margin[f->trees[t].group];
        for (size_t i = f->trees[t].first_leaf; i < f->trees[t].first_leaf + f->trees[t].n_leaves; i++) {
            float both = base + (float)f->leaf_values[i];
            leaves[i] = (double)(both - base);
        }
    }
    *copy = *f;
    copy->leaf_values = leaves;
    s->inplace = copy;
    return sv_forest_lower(copy, arena, err);
}

savor_status sv_xgb_scorer_init(xgb_scorer *scorer, sv_arena *arena, savor_error *err)
{
    if (scorer->version_major < 2 && !scorer->is_inplace) {
        scorer->learned = sv_arena_array(arena, 1, sizeof *scorer->learned);
        if (!scorer->learned)
            return sv_arena_fail(arena, sizeof *scorer->learned, err);
    }
    return make_inplace(scorer, arena, err);
}

savor_status sv_xgb_call_set_rounds(const xgb_scorer *scorer, int64_t begin, int64_t end, xgb_call *call,
                                    savor_error *err)
{
    const sv_xgboost *m = scorer->model;
    int64_t n = (int64_t)m->n_iterations;
    if (m->booster == SV_XGBOOST_GBLINEAR)
        return SAVOR_OK;
    if (end == 0)
        end = n;
    if (end > n)
        return sv_fail(err, SAVOR_MODEL,
                       "Check failed: end <= model.BoostedRounds() (%lld vs. %lld) : Out of range for tree layers.",
                       (long long)end, (long long)n);
    if (begin < 0 || begin > end)
        return sv_fail(err, SAVOR_MODEL, "Check failed: tree_begin <= tree_end (%lld vs. %lld)", (long long)begin,
                       (long long)end);
    call->first_tree = m->iteration_first[begin];
    call->end_tree = m->iteration_first[end];
    return SAVOR_OK;
}

savor_status sv_xgb_call_set_best(const xgb_scorer *scorer, xgb_call *call, savor_error *err)
{
    int64_t best = scorer->model->best_iteration;
    return sv_xgb_call_set_rounds(scorer, 0, best >= 0 ? best + 1 : 0, call, err);
}

/* ---- values ---- */

/* Margins of all rows, in the request's arena. */
static savor_status add_margins(const xgb_scorer *s, const xgb_call *call, const xgb_rows *rows, sv_arena *arena,
                                float **out, savor_error *err)
{
    const sv_xgboost *m = s->model;
    size_t n, bytes;
    if (!sv_mul(rows->n_rows, m->n_groups, &n) || !sv_mul(n, sizeof **out, &bytes))
        return sv_fail(err, SAVOR_LIMIT, "%zu rows of %zu outputs were too many", rows->n_rows, m->n_groups);
    float *sums = sv_arena_alloc(arena, bytes);
    if (!sums)
        return sv_arena_fail(arena, bytes, err);
    for (size_t r = 0; r < rows->n_rows; r++)
        memcpy(sums + r * m->n_groups, m->base_margin, m->n_groups * sizeof *sums);
    *out = sums;
    if (m->booster == SV_XGBOOST_GBLINEAR) {
        sv_linear_predict(&m->linear, rows->values, rows->n_rows, sums);
        return SAVOR_OK;
    }
    const sv_forest *forest = s->is_inplace ? s->inplace : &m->forest;
    return sv_forest_predict(forest, call->first_tree, call->end_tree, rows->values, rows->n_rows, sums, arena, err);
}

savor_status sv_xgb_score(const xgb_scorer *scorer, const xgb_call *call, const sv_batch *in, sv_arena *arena,
                          xgb_scores *out, savor_error *err)
{
    const sv_xgboost *m = scorer->model;
    xgb_input input = {.model = m,
                       .version_major = scorer->version_major,
                       .is_inplace = scorer->is_inplace,
                       .missing = scorer->missing,
                       .is_unchecked = call->is_unchecked,
                       .learned = scorer->learned};
    *out = (xgb_scores){.width = m->n_groups};
    savor_status st = sv_xgb_rows_read(&input, in, arena, &out->rows, err);
    if (st || out->rows.n_rows == 0)
        return st;
    if ((st = add_margins(scorer, call, &out->rows, arena, &out->values, err)))
        return st;
    if (!call->is_margin)
        out->width = sv_xgboost_transform(m, out->values, out->rows.n_rows);
    return SAVOR_OK;
}

sv_tensor sv_xgb_values(const xgb_call *call, const xgb_scores *scores)
{
    size_t n_columns = scores->width > 1 || call->is_strict ? scores->width : 0;
    return sv_tensor_view(SAVOR_FLOAT32, scores->rows.n_rows, n_columns, scores->values);
}

/* ---- labels ---- */

static size_t argmax(const float *row, size_t n)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(row[i]))
            return i; /* as numpy: the first NaN wins */
        if (row[i] > row[best])
            best = i;
    }
    return best;
}

/* Labels per row: the class with the largest value, or whether the value is above one half. */
static savor_status number_labels(const xgb_scores *s, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    size_t n_rows = s->rows.n_rows, width = s->width;
    int64_t *labels = sv_arena_array(arena, n_rows, sizeof *labels);
    if (!labels)
        return sv_arena_fail(arena, n_rows * sizeof *labels, err);
    for (size_t r = 0; r < n_rows; r++)
        labels[r] = width > 1 ? (int64_t)argmax(s->values + r * width, width) : s->values[r] > 0.5f;
    *out = sv_tensor_view(SAVOR_INT64, n_rows, 0, labels);
    return SAVOR_OK;
}

/* Several yes-or-no answers per row: 1.0 or 0.0 each. */
static savor_status flag_labels(const xgb_scores *s, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    size_t n = s->rows.n_rows * s->width;
    double *flags = sv_arena_array(arena, n, sizeof *flags);
    if (!flags)
        return sv_arena_fail(arena, n * sizeof *flags, err);
    for (size_t i = 0; i < n; i++)
        flags[i] = s->values[i] > 0.5f ? 1.0 : 0.0;
    *out = sv_tensor_view(SAVOR_FLOAT64, s->rows.n_rows, s->width, flags);
    return SAVOR_OK;
}

/* multi:softmax answers the class itself, as int32. */
static savor_status class_labels(const xgb_scores *s, sv_arena *arena, sv_tensor *out, savor_error *err)
{
    size_t n_rows = s->rows.n_rows;
    int32_t *classes = sv_arena_array(arena, n_rows, sizeof *classes);
    if (!classes)
        return sv_arena_fail(arena, n_rows * sizeof *classes, err);
    for (size_t i = 0; i < n_rows; i++)
        classes[i] = (int32_t)s->values[i];
    *out = sv_tensor_view(SAVOR_INT32, n_rows, 0, classes);
    return SAVOR_OK;
}

savor_status sv_xgb_labels(const xgb_scorer *scorer, const xgb_scores *scores, size_t n_classes, sv_arena *arena,
                           sv_tensor *out, savor_error *err)
{
    if (scores->width > 1 && n_classes < 3)
        return flag_labels(scores, arena, out, err);
    if (scores->width == 1 && scorer->model->link == SV_XGBOOST_ARGMAX)
        return class_labels(scores, arena, out, err);
    return number_labels(scores, arena, out, err);
}

/* 1.x answers no rows with shape (0, 0) and labels of float64; later a frame gives (0,). */
savor_status sv_xgb_answer_nothing(const xgb_scorer *scorer, const xgb_scores *scores, bool is_label, sv_tensor *out,
                                   savor_error *err)
{
    bool is_old = scorer->version_major < 2;
    savor_dtype dtype = is_label ? (is_old ? SAVOR_FLOAT64 : SAVOR_INT64) : SAVOR_FLOAT32;
    size_t n_groups = scorer->model->n_groups;
    if (is_old && is_label && scorer->model->n_classes > 2)
        return sv_fail(err, SAVOR_MODEL, "attempt to get argmax of an empty sequence");
    bool is_wide = !is_label && !scores->rows.is_frame && n_groups > 1;
    *out = sv_tensor_view(dtype, 0, is_wide ? n_groups : 0, scores->rows.values);
    out->n_dims = is_old || is_wide ? 2 : 1;
    if (is_old)
        out->shape[1] = 0;
    return SAVOR_OK;
}
