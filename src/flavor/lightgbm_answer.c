#include "flavor/lightgbm_answer.h"

#include "base/alloc.h"
#include "flavor/lightgbm_rows.h"

static savor_status check_width(const sv_lightgbm *model, size_t n_columns, savor_error *err)
{
    if (n_columns == model->forest.n_features)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_MODEL,
                   "The number of features in data (%zu) is not the same as it was in training data (%zu). You can "
                   "set ``predict_disable_shape_check=true`` to discard this error, but please be aware what you are "
                   "doing.",
                   n_columns, model->forest.n_features);
}

static savor_status read_frame(const sv_lightgbm_booster *self, const sv_frame *frame, sv_arena *arena, double **rows,
                               savor_error *err)
{
    const sv_lightgbm *model = self->model;
    if (frame->n_rows < 1)
        return sv_fail(err, SAVOR_MODEL, "Input data must be 2 dimensional and non empty.");
    if (model->has_pandas_categories &&
        model->n_pandas_categories > 0) /* no column here is of pandas' category type */
        return sv_fail(err, SAVOR_MODEL, "train and valid dataset categorical_feature do not match.");
    savor_status st = sv_lightgbm_rows_of_frame(frame, self->is_before_4, arena, rows, err);
    return st ? st : check_width(model, frame->n_columns, err);
}

static savor_status read_tensor(const sv_lightgbm_booster *self, const sv_tensor *tensor, sv_arena *arena,
                                double **rows, savor_error *err)
{
    if (tensor->n_dims != 2)
        return sv_fail(err, SAVOR_MODEL, "Input numpy.ndarray or list must be 2 dimensional");
    savor_status st = sv_lightgbm_rows_of_tensor(tensor, arena, rows, err);
    return st ? st : check_width(self->model, tensor->shape[1], err);
}

/* What a sparse matrix does not hold is 0. */
static savor_status read_sparse(const sv_lightgbm_booster *self, const sv_sparse *sparse, sv_arena *arena,
                                double **rows, savor_error *err)
{
    sv_tensor dense;
    if (sparse->dtype != SAVOR_FLOAT32 && sparse->dtype != SAVOR_FLOAT64)
        return sv_fail(err, SAVOR_MODEL, "Expected np.float32 or np.float64, met type(%s)",
                       savor_dtype_name(sparse->dtype));
    savor_status st = sv_sparse_to_dense(sparse, arena, &dense, err);
    if (st || (st = check_width(self->model, sparse->n_columns, err)))
        return st;
    return sv_lightgbm_rows_of_tensor(&dense, arena, rows, err);
}

static savor_status read_rows(const sv_lightgbm_booster *self, const sv_batch *in, sv_arena *arena, double **rows,
                              savor_error *err)
{
    switch (in->kind) {
    case SV_BATCH_FRAME:
        return read_frame(self, &in->frame, arena, rows, err);
    case SV_BATCH_TENSOR:
        return read_tensor(self, &in->tensor, arena, rows, err);
    case SV_BATCH_SPARSE:
        return read_sparse(self, &in->sparse, arena, rows, err);
    default:
        return sv_fail(err, SAVOR_MODEL, "Cannot predict data for type list");
    }
}

savor_status sv_lightgbm_booster_predict(const sv_lightgbm_booster *booster, const sv_batch *in, bool is_raw,
                                         sv_arena *arena, sv_lightgbm_values *out, savor_error *err)
{
    sv_lightgbm model = *booster->model;
    size_t n_groups = model.forest.n_groups;
    double *rows = NULL;
    savor_status st = read_rows(booster, in, arena, &rows, err);
    if (st)
        return st;
    if (is_raw)
        model.link.kind = SV_LIGHTGBM_IDENTITY;
    out->n_rows = sv_batch_rows(in);
    if ((st = sv_batch_alloc(arena, out->n_rows, n_groups, &out->values, err)))
        return st;
    return sv_lightgbm_predict(&model, rows, out->n_rows, out->values, arena, err);
}

sv_tensor sv_lightgbm_values_view(const sv_lightgbm_booster *booster, const sv_lightgbm_values *values)
{
    size_t n_groups = booster->model->forest.n_groups;
    return sv_tensor_view(SAVOR_FLOAT64, values->n_rows, n_groups > 1 && values->n_rows > 0 ? n_groups : 0,
                          values->values);
}
