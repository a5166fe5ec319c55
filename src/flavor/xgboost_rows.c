/*
 * xgboost_rows.c: frames and arrays -> float32 rows. A DMatrix refuses infinities and pads missing columns with NaN;
 * inplace_predict does neither. Errors are the library's own words, on one line.
 */
#include "flavor/xgboost_priv.h"

#include "base/alloc.h"
#include "base/number.h"

#include <math.h>

static const char unsupported_types[] = "DataFrame.dtypes for data must be int, float, bool or category.";

static bool is_number(savor_dtype dtype)
{
    char kind = sv_dtype_kind(dtype);
    return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
}

/* float() of a Python object; None is NaN. */
static bool object_to_float(const sv_value *v, float *out)
{
    double number;
    switch (v->kind) {
    case SV_VALUE_NONE:
        *out = NAN;
        return true;
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
        *out = (float)(double)v->u.i; /* Python goes through its float, a double */
        return true;
    case SV_VALUE_FLOAT:
        *out = (float)v->u.f;
        return true;
    case SV_VALUE_BIGINT:
    case SV_VALUE_STRING:
        if (!sv_text_to_double(sv_str_trim((sv_str){v->u.p, v->n}), &number))
            return false;
        *out = (float)number;
        return true;
    default:
        return false;
    }
}

/* One macro per numeric C type: the plain cast that numpy and the library make, written `stride` floats apart. */
#define COPY_AS(type)              \
    for (size_t i = 0; i < n; i++) \
    out[i * stride] = (float)((const type *)data)[i]

/* `n` elements of a numeric dtype; false for FLOAT16 and what is no number. */
static bool copy_numbers(savor_dtype dtype, const void *data, size_t n, float *out, size_t stride)
{
    switch (dtype) {
    case SAVOR_BOOL:
    case SAVOR_UINT8:
        COPY_AS(uint8_t);
        return true;
    case SAVOR_INT8:
        COPY_AS(int8_t);
        return true;
    case SAVOR_INT16:
        COPY_AS(int16_t);
        return true;
    case SAVOR_INT32:
        COPY_AS(int32_t);
        return true;
    case SAVOR_INT64:
        COPY_AS(int64_t);
        return true;
    case SAVOR_UINT16:
        COPY_AS(uint16_t);
        return true;
    case SAVOR_UINT32:
        COPY_AS(uint32_t);
        return true;
    case SAVOR_UINT64:
        COPY_AS(uint64_t);
        return true;
    case SAVOR_FLOAT32:
        COPY_AS(float);
        return true;
    case SAVOR_FLOAT64:
        COPY_AS(double);
        return true;
    default:
        return false;
    }
}

/* pandas 1.x frames become one array first: integers beside floats pass through double. */
static void copy_column(const sv_column *column, size_t n, bool via_double, float *out, size_t stride)
{
    const void *data = column->data;
    if (column->dtype == SAVOR_FLOAT64) { /* nearly every column of nearly every request */
        COPY_AS(double);
        return;
    }
    double value = 0;
    bool is_plain = !via_double && copy_numbers(column->dtype, data, n, out, stride);
    for (size_t i = 0; !is_plain && i < n; i++) {
        sv_column_to_double(column, i, &value);
        out[i * stride] = (float)value;
    }
}

static bool has_float_column(const sv_frame *frame)
{
    for (size_t i = 0; i < frame->n_columns; i++)
        if (sv_dtype_kind(frame->columns[i].dtype) == 'f')
            return true;
    return false;
}

static savor_status check_types(const sv_frame *frame, savor_error *err)
{
    char room[24];
    for (size_t i = 0; i < frame->n_columns; i++) {
        const sv_column *c = &frame->columns[i];
        if (!is_number(c->dtype))
            return sv_fail(err, SAVOR_MODEL, "%s Invalid columns: %.*s: %s", unsupported_types,
                           SV_FMT(sv_label_show(&c->name, room)), savor_dtype_name(c->dtype));
    }
    return SAVOR_OK;
}

static uint64_t hash_names(const sv_frame *frame)
{
    char room[24];
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < frame->n_columns; i++) {
        sv_str name = sv_label_show(&frame->columns[i].name, room);
        for (size_t k = 0; k <= name.n; k++) /* one step more per name: ("ab", "c") is not ("a", "bc") */
            hash = (hash ^ (k < name.n ? (uint8_t)name.p[k] : 0x1ffu)) * 0x100000001b3u;
    }
    return hash ? hash : 1;
}

/* A Booster of 1.x without names of its own keeps those of the first frame; later ones must have the same. */
static savor_status check_learned(const xgb_input *input, const sv_frame *frame, savor_error *err)
{
    uint64_t none = 0, now = frame ? hash_names(frame) : 0;
    if (!input->learned || input->is_inplace)
        return SAVOR_OK;
    if (!frame)
        return atomic_load(input->learned) == 0
                   ? SAVOR_OK
                   : sv_fail(
                         err, SAVOR_MODEL,
                         "training data did not have the following fields: the names of the first rows predicted");
    if (atomic_compare_exchange_strong(input->learned, &none, now) || none == now)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_MODEL, "feature_names mismatch: the first rows predicted had other column names");
}

/* "['a', 'b']" into `room` bytes, cut short with "..."; the names of the frame, or of the model when it is NULL. */
static void list_names(const sv_frame *frame, const sv_xgboost *m, char *out, size_t room)
{
    size_t at = 0, n = frame ? frame->n_columns : m->n_names;
    char digits[24];
    out[at++] = '[';
    for (size_t i = 0; i < n; i++) {
        sv_str name = frame ? sv_label_show(&frame->columns[i].name, digits) : m->feature_names[i];
        if (name.n > room || at + name.n + 12 > room) {
            memcpy(out + at, "...", 3);
            at += 3;
            break;
        }
        if (i > 0) {
            out[at++] = ',';
            out[at++] = ' ';
        }
        out[at++] = '\'';
        memcpy(out + at, name.p, name.n);
        at += name.n;
        out[at++] = '\'';
    }
    out[at++] = ']';
    out[at] = 0;
}

static bool is_label_of(const sv_label *label, sv_str name)
{
    char room[24];
    return sv_str_equal(name, sv_label_is_number(label) ? sv_label_show(label, room) : label->text);
}

static bool has_model_names(const xgb_input *input, const sv_frame *frame)
{
    const sv_xgboost *m = input->model;
    bool same = m->n_names == frame->n_columns && m->n_names > 0;
    for (size_t i = 0; i < frame->n_columns && same; i++)
        same = is_label_of(&frame->columns[i].name, m->feature_names[i]);
    return same;
}

static savor_status check_names(const xgb_input *input, const sv_frame *frame, savor_error *err)
{
    const sv_xgboost *m = input->model;
    char expected[160], got[160];
    if (m->n_names == 0)
        return check_learned(input, frame, err);
    list_names(NULL, m, expected, sizeof expected);
    list_names(frame, m, got, sizeof got);
    return sv_fail(err, SAVOR_MODEL, "feature_names mismatch: %s %s", expected, got);
}

static savor_status check_unique(const sv_frame *frame, sv_arena *arena, savor_error *err)
{
    /* Open addressing over the labels; wide frames would make comparing all pairs slow. */
    size_t size = 16;
    while (size < frame->n_columns * 2)
        size *= 2;
    const sv_column **slots = sv_arena_array(arena, size, sizeof *slots);
    if (!slots)
        return sv_arena_fail(arena, size * sizeof *slots, err);
    for (size_t i = 0; i < frame->n_columns; i++) {
        const sv_column *c = &frame->columns[i];
        size_t at = (size_t)hash_names(&(sv_frame){.n_columns = 1, .columns = c}) & (size - 1);
        for (; slots[at]; at = (at + 1) & (size - 1))
            if (sv_label_equal(&slots[at]->name, &c->name))
                return sv_fail(err, SAVOR_MODEL, "feature_names must be unique");
        slots[at] = c;
    }
    return SAVOR_OK;
}

static savor_status check_width(const xgb_input *input, size_t n_columns, savor_error *err)
{
    size_t n = input->model->n_features;
    if (input->is_inplace && n_columns != n)
        return sv_fail(err, SAVOR_MODEL, "Feature shape mismatch, expected: %zu, got %zu", n, n_columns);
    if (n_columns > n)
        return sv_fail(err, SAVOR_MODEL,
                       "Number of columns does not match number of features in booster. (%zu vs. %zu)", n, n_columns);
    return SAVOR_OK;
}

/* Turn the marker of missing values into NaN; a DMatrix then refuses infinities. */
static savor_status settle_values(const xgb_input *input, float *values, size_t n, savor_error *err)
{
    for (size_t i = 0; i < n && !isnan(input->missing); i++)
        if (values[i] == input->missing)
            values[i] = NAN;
    if (input->is_inplace)
        return SAVOR_OK;
    for (size_t i = 0; i < n; i++)
        if (isinf(values[i]))
            return sv_fail(err, SAVOR_MODEL,
                           "Input data contains `inf` or a value too large, while `missing` is not set to `inf`");
    return SAVOR_OK;
}

/* Room for the rows; columns that the data lacks are NaN. */
static savor_status alloc_rows(const xgb_input *input, size_t n_rows, size_t n_columns, sv_arena *arena, float **out,
                               savor_error *err)
{
    size_t n, bytes, width = input->model->n_features;
    if (!sv_mul(n_rows, width, &n) || !sv_mul(n, sizeof **out, &bytes))
        return sv_fail(err, SAVOR_LIMIT, "%zu rows of %zu features were too many", n_rows, width);
    *out = sv_arena_alloc(arena, bytes);
    if (!*out)
        return sv_arena_fail(arena, bytes, err);
    for (size_t r = 0; r < n_rows; r++)
        for (size_t i = n_columns; i < width; i++)
            (*out)[r * width + i] = NAN;
    return SAVOR_OK;
}

static savor_status check_frame(const xgb_input *input, const sv_frame *frame, sv_arena *arena, savor_error *err)
{
    savor_status st;
    bool is_old = input->version_major < 2;
    if (is_old && input->is_inplace && (st = check_width(input, frame->n_columns, err)))
        return st;
    if ((st = check_types(frame, err)))
        return st;
    bool has_right_names = has_model_names(input, frame); /* then they are also different */
    if (!has_right_names && !(is_old && input->is_inplace) && (st = check_unique(frame, arena, err)))
        return st;
    if (input->is_inplace && input->model->has_category_names)
        return sv_fail(err, SAVOR_MODEL,
                       "Invalid new DataFrame input. The data type doesn't match the one used in the training "
                       "dataset. Both should be either numeric or categorical.");
    bool is_skipped = input->is_unchecked || (is_old && !input->is_inplace && frame->n_rows == 0);
    return is_skipped || has_right_names ? SAVOR_OK : check_names(input, frame, err);
}

/* No checks are left when the columns are as many as the features, all doubles, under the model's own names. */
static bool is_usual(const xgb_input *input, const sv_frame *frame)
{
    const sv_xgboost *m = input->model;
    bool usual = frame->n_rows == 1 && frame->n_columns > 0 && frame->n_columns == m->n_features &&
                 frame->n_columns == m->n_names && !m->has_category_names;
    for (size_t i = 0; usual && i < frame->n_columns; i++) {
        const sv_column *c = &frame->columns[i];
        usual = c->dtype == SAVOR_FLOAT64 && sv_label_is_text(&c->name) &&
                sv_str_equal(m->feature_names[i], c->name.text);
    }
    return usual;
}

/* A single row of that kind, which is what a server is mostly asked, without a turn through everything for each cell.
 */
static savor_status read_usual(const xgb_input *input, const sv_frame *frame, sv_arena *arena, xgb_rows *out,
                               savor_error *err)
{
    float *values = NULL;
    savor_status st = alloc_rows(input, 1, frame->n_columns, arena, &values, err);
    if (st)
        return st;
    for (size_t i = 0; i < frame->n_columns; i++)
        values[i] = (float)*(const double *)frame->columns[i].data;
    *out = (xgb_rows){.n_rows = 1, .values = values, .is_frame = true};
    return settle_values(input, values, frame->n_columns, err);
}

static savor_status read_frame(const xgb_input *input, const sv_frame *frame, sv_arena *arena, xgb_rows *out,
                               savor_error *err)
{
    if (is_usual(input, frame))
        return read_usual(input, frame, arena, out, err);
    float *values = NULL;
    size_t width = input->model->n_features;
    bool via_double = input->version_major < 2 && has_float_column(frame);
    savor_status st;
    if ((st = check_frame(input, frame, arena, err)) || (st = check_width(input, frame->n_columns, err)) ||
        (st = alloc_rows(input, frame->n_rows, frame->n_columns, arena, &values, err)))
        return st;
    for (size_t i = 0; i < frame->n_columns; i++) {
        bool is_wide = via_double && sv_dtype_kind(frame->columns[i].dtype) != 'f';
        copy_column(&frame->columns[i], frame->n_rows, is_wide, values + i, width);
    }
    *out = (xgb_rows){.n_rows = frame->n_rows, .values = values, .is_frame = true};
    return settle_values(input, values, frame->n_rows * width, err);
}

static savor_status check_tensor(const xgb_input *input, const sv_tensor *t, savor_error *err)
{
    if (!is_number(t->dtype) && t->dtype != SAVOR_OBJECT)
        return sv_fail(err, SAVOR_MODEL, "%s is not supported.", savor_dtype_name(t->dtype));
    if (t->n_dims != 2)
        return sv_fail(err, SAVOR_MODEL, "Please reshape the input data into 2-dimensional matrix.");
    if (input->is_inplace || input->is_unchecked)
        return SAVOR_OK;
    if (input->model->n_names > 0 && !(input->version_major < 2 && t->shape[0] == 0))
        return sv_fail(err, SAVOR_MODEL,
                       "data did not contain feature names, but the following fields are expected: %.*s%s",
                       SV_FMT(input->model->feature_names[0]), input->model->n_names > 1 ? ", ..." : "");
    return check_learned(input, NULL, err);
}

static savor_status copy_objects(const sv_tensor *t, size_t row, size_t n, float *out, savor_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const sv_value *v = (const sv_value *)t->data + row * n + i;
        if (object_to_float(v, &out[i]))
            continue;
        if (v->kind == SV_VALUE_STRING)
            return sv_fail(err, SAVOR_MODEL, "could not convert string to float: '%.*s'",
                           SV_FMT(((sv_str){v->u.p, v->n})));
        return sv_fail(err, SAVOR_MODEL, "float() argument must be a string or a real number, not '%s'",
                       sv_value_type_name(v));
    }
    return SAVOR_OK;
}

static savor_status copy_tensor_row(const sv_tensor *t, size_t row, size_t n, float *out, savor_error *err)
{
    const uint8_t *data = (const uint8_t *)t->data + row * n * sv_dtype_size(t->dtype);
    double value = 0;
    if (t->dtype == SAVOR_OBJECT)
        return copy_objects(t, row, n, out, err);
    if (copy_numbers(t->dtype, data, n, out, 1))
        return SAVOR_OK;
    for (size_t i = 0; i < n; i++) {
        sv_tensor_to_double(t, row * n + i, &value);
        out[i] = (float)value;
    }
    return SAVOR_OK;
}

static savor_status read_tensor(const xgb_input *input, const sv_tensor *t, sv_arena *arena, xgb_rows *out,
                                savor_error *err)
{
    float *values = NULL;
    savor_status st = check_tensor(input, t, err);
    if (st || (st = check_width(input, t->shape[1], err)) ||
        (st = alloc_rows(input, t->shape[0], t->shape[1], arena, &values, err)))
        return st;
    for (size_t r = 0; r < t->shape[0]; r++)
        if ((st = copy_tensor_row(t, r, t->shape[1], values + r * input->model->n_features, err)))
            return st;
    *out = (xgb_rows){.n_rows = t->shape[0], .values = values};
    return settle_values(input, values, t->shape[0] * input->model->n_features, err);
}

/* CSR: what is not there is missing; zeros that are there are zeros. */
static savor_status read_sparse(const xgb_input *input, const sv_sparse *sparse, sv_arena *arena, xgb_rows *out,
                                savor_error *err)
{
    float *values = NULL;
    size_t width = input->model->n_features;
    savor_status st = check_width(input, sparse->n_columns, err);
    if (st || (st = alloc_rows(input, sparse->n_rows, 0, arena, &values, err)))
        return st;
    for (size_t r = 0; r < sparse->n_rows; r++)
        for (size_t i = sparse->row_first[r]; i < sparse->row_first[r + 1]; i++)
            values[r * width + sparse->columns[i]] = (float)sparse->values[i];
    *out = (xgb_rows){.n_rows = sparse->n_rows, .values = values};
    return settle_values(input, values, sparse->n_rows * width, err);
}

savor_status sv_xgb_rows_read(const xgb_input *input, const sv_batch *in, sv_arena *arena, xgb_rows *out,
                              savor_error *err)
{
    switch (in->kind) {
    case SV_BATCH_FRAME:
        return read_frame(input, &in->frame, arena, out, err);
    case SV_BATCH_TENSOR:
        return read_tensor(input, &in->tensor, arena, out, err);
    case SV_BATCH_SPARSE:
        return read_sparse(input, &in->sparse, arena, out, err);
    default:
        return sv_fail(err, SAVOR_MODEL, "Not supported type for data.<class 'list'>");
    }
}
