#include "sklearn/ensemble.h"

#include "base/alloc.h"
#include "sklearn/check.h"

savor_status sv_ask_doubles(const sv_estimator *estimator, sv_method method, const sv_batch *in, sv_arena *arena,
                            sv_tensor *out, savor_error *err)
{
    sv_batch answer;
    savor_status st = sv_estimator_call(estimator, method, in, arena, &answer, err);
    return st ? st : sv_batch_to_floats(&answer, SAVOR_FLOAT64, arena, out, err);
}

savor_status sv_ask_matrix(const sv_estimator *estimator, sv_method method, const sv_batch *in, size_t n_columns,
                           sv_arena *arena, const double **out, savor_error *err)
{
    sv_tensor answer;
    size_t n;
    savor_status st = sv_ask_doubles(estimator, method, in, arena, &answer, err);
    if (st)
        return st;
    if (!sv_mul(sv_batch_rows(in), n_columns, &n) || answer.n_items != n)
        return sv_fail(err, SAVOR_MODEL, "%s.%s answered %zu values for %zu rows of %zu", estimator->cls->name,
                       sv_method_name(method), answer.n_items, sv_batch_rows(in), n_columns);
    *out = answer.data;
    return SAVOR_OK;
}

bool sv_has_binary(const sv_estimator *estimator)
{
    return sv_estimator_has(estimator, SV_DECISION_FUNCTION) || sv_estimator_has(estimator, SV_PREDICT_PROBA) ||
           sv_estimator_has(estimator, SV_PREDICT);
}

savor_status sv_ask_binary(const sv_estimator *estimator, const sv_batch *in, sv_arena *arena, const double **out,
                           double *threshold, savor_error *err)
{
    const double *proba;
    double *scores;
    size_t n_rows = sv_batch_rows(in);
    bool has_proba = sv_estimator_has(estimator, SV_PREDICT_PROBA);
    bool has_decision = sv_estimator_has(estimator, SV_DECISION_FUNCTION);
    if (threshold)
        *threshold = has_decision && strcmp(estimator->cls->name, "_ConstantPredictor") != 0 ? 0.0 : 0.5;
    if (has_decision || !has_proba)
        return sv_ask_matrix(estimator, has_decision ? SV_DECISION_FUNCTION : SV_PREDICT, in, 1, arena, out, err);
    savor_status st = sv_ask_matrix(estimator, SV_PREDICT_PROBA, in, 2, arena, &proba, err);
    if (st || (st = sv_batch_alloc(arena, n_rows, 1, &scores, err)))
        return st;
    for (size_t r = 0; r < n_rows; r++)
        scores[r] = proba[2 * r + 1];
    *out = scores;
    return SAVOR_OK;
}

savor_status sv_plain_rows(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                           sv_batch *out, savor_error *err)
{
    return sv_check_batch(self, in, flags | SV_CHECK_KEEP_FLOAT32 | SV_CHECK_ACCEPT_SPARSE, arena, out, err);
}
