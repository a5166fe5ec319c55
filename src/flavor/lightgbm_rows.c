#include "flavor/lightgbm_rows.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "data/convert.h"

#define FIELDS_MAX_BYTES 4096 /* names behind these are left out; the message is cut anyway */

static bool is_number(savor_dtype dtype)
{
    char kind = sv_dtype_kind(dtype);
    return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
}

static savor_status make_rows(sv_arena *arena, size_t n_rows, size_t n_columns, double **rows, savor_error *err)
{
    size_t n = 0, bytes = SIZE_MAX;
    *rows = NULL;
    if (sv_mul(n_rows, n_columns, &n) && sv_mul(n, sizeof **rows, &bytes))
        *rows = sv_arena_alloc(arena, bytes);
    return *rows ? SAVOR_OK : sv_arena_fail(arena, bytes, err);
}

/* Column -> every `stride`-th double. */
static void spread(const sv_column *column, size_t n_rows, double *out, size_t stride)
{
    double value = 0;
    switch (column->dtype) {
    case SAVOR_FLOAT64:
        for (size_t r = 0; r < n_rows; r++)
            out[r * stride] = ((const double *)column->data)[r];
        break;
    case SAVOR_FLOAT32:
        for (size_t r = 0; r < n_rows; r++)
            out[r * stride] = (double)((const float *)column->data)[r];
        break;
    case SAVOR_INT64:
        for (size_t r = 0; r < n_rows; r++)
            out[r * stride] = (double)((const int64_t *)column->data)[r];
        break;
    default:
        for (size_t r = 0; r < n_rows; r++)
            out[r * stride] = sv_column_to_double(column, r, &value) ? value : 0.0;
    }
}

/* Append "name: dtype", or the name alone, as far as there is room. */
static void put_field(sv_buf *text, const sv_column *column, bool is_before_4)
{
    char room[24];
    sv_buf_put_text(text, text->n > 0 ? ", " : "");
    sv_buf_put_str(text, sv_label_show(&column->name, room));
    if (!is_before_4) {
        sv_buf_put_text(text, ": ");
        sv_buf_put_text(text, savor_dtype_name(column->dtype));
    }
}

static savor_status fail_dtypes(const sv_frame *frame, bool is_before_4, savor_error *err)
{
    sv_buf text = SV_BUF_INIT(FIELDS_MAX_BYTES);
    const char *what = is_before_4 ? "DataFrame.dtypes for data must be int, float or bool. Did not expect the data "
                                     "types in the following fields"
                                   : "pandas dtypes must be int, float or bool. Fields with bad pandas dtypes";
    for (size_t i = 0; i < frame->n_columns; i++)
        if (!is_number(frame->columns[i].dtype))
            put_field(&text, &frame->columns[i], is_before_4);
    savor_status st = sv_fail(err, SAVOR_MODEL, "%s: %.*s", what, SV_FMT(sv_buf_view(&text)));
    sv_buf_deinit(&text);
    return st;
}

static savor_status check_dtypes(const sv_frame *frame, bool is_before_4, savor_error *err)
{
    for (size_t i = 0; i < frame->n_columns; i++)
        if (!is_number(frame->columns[i].dtype))
            return fail_dtypes(frame, is_before_4, err);
    return SAVOR_OK;
}

/* How the values of a frame get their float type before LightGBM 4. */
typedef enum rounding {
    ROUND_NONE,         /* pandas finds float64, or a float type that holds every value */
    ROUND_ONCE,         /* integers alone: each to float32 */
    ROUND_AFTER_DOUBLE, /* bool beside another type: Python objects, then float32 */
} rounding;

/* pandas' find_common_type, as far as it decides between the three. */
static rounding find_rounding(const sv_frame *frame)
{
    bool has_bool = false, has_other = false, has_float = false, has_signed = false, has_uint64 = false;
    for (size_t i = 0; i < frame->n_columns; i++) {
        savor_dtype dtype = frame->columns[i].dtype;
        char kind = sv_dtype_kind(dtype);
        has_bool = has_bool || kind == 'b';
        has_other = has_other || kind != 'b';
        has_float = has_float || kind == 'f';
        has_signed = has_signed || kind == 'i';
        has_uint64 = has_uint64 || dtype == SAVOR_UINT64;
    }
    if (has_bool && has_other)
        return ROUND_AFTER_DOUBLE;
    return has_float || has_bool || (has_uint64 && has_signed) ? ROUND_NONE : ROUND_ONCE;
}

savor_status sv_lightgbm_rows_of_frame(const sv_frame *frame, bool is_before_4, sv_arena *arena, double **rows,
                                       savor_error *err)
{
    size_t n_rows = frame->n_rows, n_columns = frame->n_columns;
    rounding round = is_before_4 ? find_rounding(frame) : ROUND_NONE;
    savor_status st = SAVOR_OK;
    if ((st = check_dtypes(frame, is_before_4, err)) || (st = make_rows(arena, n_rows, n_columns, rows, err)))
        return st;
    for (size_t i = 0; i < n_columns; i++) {
        sv_column c = frame->columns[i];
        savor_dtype to = round == ROUND_ONCE ? SAVOR_FLOAT32 : c.dtype;
        if ((st = sv_items_cast(c.dtype, c.data, n_rows, to, arena, &c.data, err)))
            return st;
        c.dtype = to;
        spread(&c, n_rows, *rows + i, n_columns);
    }
    for (size_t i = 0; round == ROUND_AFTER_DOUBLE && i < n_rows * n_columns; i++)
        (*rows)[i] = (double)(float)(*rows)[i];
    return SAVOR_OK;
}

savor_status sv_lightgbm_rows_of_tensor(const sv_tensor *tensor, sv_arena *arena, double **rows, savor_error *err)
{
    savor_dtype dtype = tensor->dtype == SAVOR_FLOAT64 ? SAVOR_FLOAT64 : SAVOR_FLOAT32;
    /* numpy takes times for the integers they are */
    savor_dtype from = tensor->dtype == SAVOR_DATETIME_NS ? SAVOR_INT64 : tensor->dtype;
    sv_column all = {.dtype = dtype};
    savor_status st = sv_items_cast(from, tensor->data, tensor->n_items, dtype, arena, &all.data, err);
    if (st == SAVOR_BAD_REQUEST) {
        savor_error why = err ? *err : (savor_error){0};
        return sv_fail(err, SAVOR_MODEL, "%s", why.message);
    }
    if (st || (st = make_rows(arena, tensor->shape[0], tensor->shape[1], rows, err)))
        return st;
    spread(&all, tensor->n_items, *rows, 1);
    return SAVOR_OK;
}
