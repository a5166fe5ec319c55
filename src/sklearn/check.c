#include "sklearn/check.h"

#include "base/alloc.h"
#include "sklearn/stack.h"

#include <math.h>

/* Whether a label occurs twice; 0, 1, 2 ... do not. */
static bool has_twin(const sv_frame *frame)
{
    const sv_column *c = frame->columns;
    size_t i = 1;
    while (i < frame->n_columns && sv_label_is_number(&c[i - 1].name) && sv_label_is_number(&c[i].name) &&
           c[i - 1].name.number < c[i].name.number)
        i++;
    for (; i < frame->n_columns; i++)
        for (size_t k = 0; k < i; k++)
            if (sv_label_equal(&c[i].name, &c[k].name))
                return true;
    return false;
}

/* Names without text are no feature names; some of them beside text are an error since 1.2. Since 1.9 they must
 * differ, too, which is only asked where their number is right: it is the model's. */
static savor_status check_other_names(const sv_estimator *self, const sv_frame *frame, size_t n_text,
                                      savor_error *err)
{
    if (n_text && !sv_release_is_before(self->release, 1, 2))
        return sv_fail(err, SAVOR_MODEL,
                       "Feature names are only supported if all input features have string names, but %zu of %zu "
                       "column names are no strings.",
                       frame->n_columns - n_text, frame->n_columns);
    if (frame->n_columns == self->n_features_in && !sv_release_is_before(self->release, 1, 9) && has_twin(frame))
        return sv_fail(err, SAVOR_MODEL, "Expected unique column names.");
    return SAVOR_OK;
}

savor_status sv_check_names(const sv_estimator *self, const sv_batch *in, savor_error *err)
{
    const sv_str *expected = self->feature_names;
    const sv_frame *frame = &in->frame;
    size_t n_text = 0;
    if (in->kind != SV_BATCH_FRAME)
        return SAVOR_OK;
    for (size_t i = 0; i < frame->n_columns; i++)
        n_text += sv_label_is_text(&frame->columns[i].name);
    if (n_text < frame->n_columns)
        return check_other_names(self, frame, n_text, err);
    if (!expected)
        return SAVOR_OK;
    bool same = frame->n_columns == self->n_feature_names;
    for (size_t i = 0; same && i < frame->n_columns; i++)
        same = sv_str_equal(frame->columns[i].name.text, expected[i]);
    if (same)
        return SAVOR_OK;
    for (size_t i = 0; i < self->n_feature_names; i++) {
        sv_label name = sv_label_text(expected[i]);
        if (!sv_frame_find(frame, &name))
            return sv_fail(err, SAVOR_MODEL,
                           "The feature names should match those that were passed during fit. Feature names seen at "
                           "fit time, yet now missing: %.*s",
                           SV_FMT(expected[i]));
    }
    if (frame->n_columns == self->n_feature_names)
        return sv_fail(err, SAVOR_MODEL,
                       "The feature names should match those that were passed during fit. Feature names must be in "
                       "the same order as they were in fit.");
    return sv_fail(err, SAVOR_MODEL,
                   "The feature names should match those that were passed during fit. Feature names unseen at fit "
                   "time: %zu of %zu columns",
                   frame->n_columns - self->n_feature_names, frame->n_columns);
}

/* ---- finite ---- */

/* The sum of all is finite almost always; only then is each looked at. */
static bool has_nonfinite(const sv_tensor *t, bool *has_nan)
{
    size_t n_nan = 0, n_inf = 0;
    if (t->dtype == SAVOR_FLOAT64)
        for (size_t i = 0; i < t->n_items; i++) {
            double x = ((const double *)t->data)[i];
            n_nan += x != x;
            n_inf += fabs(x) == INFINITY;
        }
    else
        for (size_t i = 0; i < t->n_items; i++) {
            float x = ((const float *)t->data)[i];
            n_nan += x != x;
            n_inf += fabsf(x) == INFINITY;
        }
    *has_nan = n_nan > 0;
    return n_inf > 0;
}

static savor_status check_finite(const sv_estimator *self, const sv_tensor *t, unsigned flags, savor_error *err)
{
    bool has_nan, has_inf;
    if (flags & SV_CHECK_ALLOW_INF)
        return SAVOR_OK;
    has_inf = has_nonfinite(t, &has_nan);
    if (has_inf && (flags & SV_CHECK_ALLOW_NAN || !has_nan))
        return sv_fail(err, SAVOR_MODEL, "Input X contains infinity or a value too large for dtype('%s').",
                       savor_dtype_name(t->dtype));
    if (has_nan && !(flags & SV_CHECK_ALLOW_NAN))
        return sv_fail(err, SAVOR_MODEL,
                       "Input X contains NaN. %s does not accept missing values encoded as NaN natively.",
                       self->cls->name);
    return SAVOR_OK;
}

/* ---- shape ---- */

static savor_status check_shape(const sv_estimator *self, const sv_batch *in, unsigned flags, savor_error *err)
{
    size_t n_rows = sv_batch_rows(in), n_columns = sv_batch_columns(in);
    if (in->kind == SV_BATCH_TENSOR && in->tensor.n_dims != 2)
        return in->tensor.n_dims < 2
                   ? sv_fail(err, SAVOR_MODEL, "Expected 2D array, got %s array instead.",
                             in->tensor.n_dims ? "1D" : "scalar")
                   : sv_fail(err, SAVOR_MODEL, "Found array with dim %u, while dim <= 2 is required by %s.",
                             (unsigned)in->tensor.n_dims, self->cls->name);
    if (n_rows == 0 && !(flags & SV_CHECK_ANY_ROWS))
        return sv_fail(err, SAVOR_MODEL,
                       "Found array with 0 sample(s) (shape=(0, %zu)) while a minimum of 1 is required by %s.",
                       n_columns, self->cls->name);
    if (n_columns == 0)
        return sv_fail(err, SAVOR_MODEL,
                       "Found array with 0 feature(s) (shape=(%zu, 0)) while a minimum of 1 is required by %s.",
                       n_rows, self->cls->name);
    if (self->n_features_in && n_columns != self->n_features_in)
        return sv_fail(err, SAVOR_MODEL, "X has %zu features, but %s is expecting %zu features as input.", n_columns,
                       self->cls->name, self->n_features_in);
    return SAVOR_OK;
}

/* check_array makes numbers of bools before pandas would make objects of them all. */
static savor_dtype frame_dtype(const sv_frame *frame)
{
    sv_frame one = {.n_rows = frame->n_rows, .n_columns = 2};
    savor_dtype dtype = SAVOR_BOOL;
    for (size_t i = 0; i < frame->n_columns; i++) {
        sv_column pair[2] = {{.dtype = dtype}, frame->columns[i]};
        one.columns = pair;
        if (pair[1].dtype == SAVOR_BOOL && dtype != SAVOR_OBJECT && dtype != SAVOR_STRING)
            continue;
        dtype =
            dtype == SAVOR_BOOL && sv_dtype_kind(pair[1].dtype) != 'O' ? pair[1].dtype : sv_frame_common_dtype(&one);
    }
    return frame->n_columns ? dtype : SAVOR_OBJECT;
}

savor_dtype sv_check_dtype(const sv_batch *in)
{
    savor_dtype dtype = in->kind == SV_BATCH_FRAME    ? frame_dtype(&in->frame)
                        : in->kind == SV_BATCH_LIST   ? SAVOR_FLOAT64
                        : in->kind == SV_BATCH_TENSOR ? in->tensor.dtype
                                                      : in->sparse.dtype;
    return dtype == SAVOR_STRING ? SAVOR_OBJECT : dtype;
}

savor_status sv_check_objects(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                              sv_batch *out, savor_error *err)
{
    size_t n_rows = sv_batch_rows(in), n_columns = sv_batch_columns(in);
    savor_status st = sv_check_names(self, in, err);
    if (st || (st = check_shape(self, in, flags, err)))
        return st;
    for (size_t c = 0; c < n_columns && !(flags & SV_CHECK_ALLOW_NAN); c++)
        for (size_t r = 0; r < n_rows; r++) {
            sv_value v = sv_batch_cell(in, r, c);
            if (v.kind == SV_VALUE_FLOAT && isnan(v.u.f))
                return sv_fail(err, SAVOR_MODEL, "Input contains NaN");
        }
    return sv_batch_to_objects(in, arena, out, err);
}

static savor_dtype target_dtype(const sv_batch *in, unsigned flags)
{
    savor_dtype from = sv_check_dtype(in);
    if (flags & SV_CHECK_FLOAT32)
        return SAVOR_FLOAT32;
    bool is_small = from == SAVOR_BOOL || from == SAVOR_INT8 || from == SAVOR_INT16 || from == SAVOR_UINT8 ||
                    from == SAVOR_UINT16; /* "numeric" leaves them, and with float32 they make float32 */
    bool is_float32 = from == SAVOR_FLOAT32 || (is_small && flags & SV_CHECK_NUMERIC);
    return flags & SV_CHECK_KEEP_FLOAT32 && is_float32 ? SAVOR_FLOAT32 : SAVOR_FLOAT64;
}

savor_status sv_check_batch(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                            sv_batch *out, savor_error *err)
{
    sv_tensor t;
    savor_status st = sv_check_names(self, in, err);
    if (st || (st = check_shape(self, in, flags, err)))
        return st;
    if (flags & SV_CHECK_NUMERIC && in->kind == SV_BATCH_TENSOR &&
        (in->tensor.dtype == SAVOR_STRING || in->tensor.dtype == SAVOR_BYTES))
        return sv_fail(err, SAVOR_MODEL, "dtype='numeric' is not compatible with arrays of bytes/strings.");
    if (in->kind == SV_BATCH_SPARSE && flags & SV_CHECK_ACCEPT_SPARSE) {
        size_t n = in->sparse.row_first[in->sparse.n_rows];
        t = sv_tensor_view(SAVOR_FLOAT64, n, 0, in->sparse.values);
        *out = *in;
        return check_finite(self, &t, flags, err);
    }
    savor_dtype dtype = target_dtype(in, flags);
    sv_batch whole = *in;
    if (dtype == SAVOR_FLOAT32 && in->kind == SV_BATCH_FRAME && sv_frame_common_dtype(&in->frame) == SAVOR_FLOAT64) {
        /* numpy makes one array of doubles first, and rounds that */
        whole.kind = SV_BATCH_TENSOR;
        if ((st = sv_batch_to_floats(in, SAVOR_FLOAT64, arena, &whole.tensor, err)))
            return st;
    }
    if ((st = sv_batch_to_floats(&whole, dtype, arena, &t, err)) || (st = check_finite(self, &t, flags, err)))
        return st;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .by_columns = sv_is_fortran(in), .tensor = t};
    return SAVOR_OK;
}

savor_status sv_check_untyped(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                              sv_batch *out, savor_error *err)
{
    if (sv_check_dtype(in) != SAVOR_OBJECT || in->kind == SV_BATCH_LIST)
        return sv_check_batch(self, in, flags, arena, out, err);
    savor_status st = sv_check_objects(self, in, flags, arena, out, err);
    if (!st && in->kind == SV_BATCH_TENSOR && in->tensor.dtype == SAVOR_STRING)
        *out = *in; /* which dtype="numeric" tells from objects */
    return st;
}

savor_status sv_check_dense(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                            sv_tensor *out, savor_error *err)
{
    sv_batch checked;
    savor_status st = sv_check_batch(self, in, flags & ~(unsigned)SV_CHECK_ACCEPT_SPARSE, arena, &checked, err);
    if (!st)
        *out = checked.tensor;
    return st;
}

/* ---- labels ---- */

savor_status sv_take_labels(const sv_tensor *classes, const size_t *indices, size_t n, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    size_t size = sv_dtype_size(classes->dtype), bytes = SIZE_MAX;
    char *labels = sv_mul(n, size, &bytes) ? sv_arena_alloc(arena, bytes) : NULL;
    if (!labels)
        return sv_arena_fail(arena, bytes, err);
    for (size_t i = 0; i < n; i++)
        if (indices[i] >= classes->n_items) /* a second class of a model that was taught one */
            return sv_fail(err, SAVOR_MODEL, "index %zu is out of bounds for axis 0 with size %zu", indices[i],
                           classes->n_items);
    for (size_t i = 0; i < n; i++)
        memcpy(labels + i * size, (const char *)classes->data + indices[i] * size, size);
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(classes->dtype, n, 0, labels)};
    return SAVOR_OK;
}

size_t sv_argmax(const double *row, size_t n)
{
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        if (row[i] != row[i])
            return i; /* as numpy: the first NaN wins */
        if (row[i] > row[best])
            best = i;
    }
    return best;
}

savor_status sv_take_argmax(const sv_tensor *classes, const double *values, size_t n_rows, sv_arena *arena,
                            sv_batch *out, savor_error *err)
{
    size_t *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = sv_argmax(values + r * classes->n_items, classes->n_items);
    return sv_take_labels(classes, indices, n_rows, arena, out, err);
}

savor_status sv_take_argmax_of_outputs(const sv_tensor *classes, const sv_tensor *values, sv_arena *arena,
                                       sv_batch *out, savor_error *err)
{
    size_t n_rows = values->shape[0], n_outputs = values->shape[1], width = values->shape[2], n, bytes = SIZE_MAX;
    size_t size = sv_dtype_size(classes[0].dtype);
    bool fits = sv_mul(n_rows, n_outputs, &n) && sv_mul(n, size, &bytes);
    char *labels = fits ? sv_arena_alloc(arena, bytes) : NULL;
    if (!labels)
        return sv_arena_fail(arena, bytes, err);
    for (size_t i = 0; i < n; i++) {
        const sv_tensor *mine = &classes[i % n_outputs];
        size_t best = sv_argmax((const double *)values->data + i * width, mine->n_items);
        memcpy(labels + i * size, (const char *)mine->data + best * size, size);
    }
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    out->tensor = sv_tensor_view(classes[0].dtype, n_rows, n_outputs > 1 ? n_outputs : 0, labels);
    return SAVOR_OK;
}

savor_status sv_take_signs(sv_batch *decision, int64_t of_nan, sv_arena *arena, savor_error *err)
{
    size_t n = decision->tensor.n_items;
    int64_t *labels = sv_arena_array(arena, n, sizeof *labels);
    if (!labels)
        return sv_arena_fail(arena, n * sizeof *labels, err);
    for (size_t i = 0; i < n; i++) {
        double d = ((const double *)decision->tensor.data)[i];
        labels[i] = d < 0 ? -1 : d >= 0 ? 1 : of_nan;
    }
    decision->tensor = sv_tensor_view(SAVOR_INT64, n, 0, labels);
    return SAVOR_OK;
}

savor_status sv_take_positive(const sv_tensor *classes, const double *values, size_t n_rows, sv_arena *arena,
                              sv_batch *out, savor_error *err)
{
    size_t *indices = sv_arena_array(arena, n_rows, sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, n_rows * sizeof *indices, err);
    for (size_t r = 0; r < n_rows; r++)
        indices[r] = values[r] > 0;
    return sv_take_labels(classes, indices, n_rows, arena, out, err);
}

static savor_status take_logs(const sv_estimator *self, const sv_tensor *proba, sv_arena *arena, sv_tensor *out,
                              savor_error *err)
{
    double *logs;
    savor_status st;
    if (proba->dtype != SAVOR_FLOAT64)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the logarithm of %s.predict_proba is not taken", self->cls->name);
    if ((st = sv_batch_alloc(arena, proba->n_items, 1, &logs, err)))
        return st;
    for (size_t i = 0; i < proba->n_items; i++)
        logs[i] = log(((const double *)proba->data)[i]);
    *out = *proba;
    out->data = logs;
    return SAVOR_OK;
}

savor_status sv_log_of_proba(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out,
                             savor_error *err)
{
    sv_batch proba;
    savor_status st = sv_estimator_call(self, SV_PREDICT_PROBA, in, arena, &proba, err);
    if (st)
        return st;
    *out = proba;
    if (proba.kind == SV_BATCH_TENSOR)
        return take_logs(self, &proba.tensor, arena, &out->tensor, err);
    if (proba.kind != SV_BATCH_LIST)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the logarithm of %s.predict_proba is not taken", self->cls->name);
    sv_tensor *list = sv_arena_array(arena, proba.list.n, sizeof *list);
    if (!list)
        return sv_arena_fail(arena, proba.list.n * sizeof *list, err);
    for (size_t i = 0; !st && i < proba.list.n; i++)
        st = take_logs(self, &proba.list.items[i], arena, &list[i], err);
    out->list.items = list;
    return st;
}
