#include "data/infer.h"

#include "data/convert.h"

#define SEEN_NUMBER (SV_SEEN_INT | SV_SEEN_UINT | SV_SEEN_HUGE | SV_SEEN_FLOAT)
#define SEEN_MISSING (SV_SEEN_NULL | SV_SEEN_NAN)

static savor_dtype infer_number(unsigned seen)
{
    if (seen & SV_SEEN_HUGE)
        return SAVOR_OBJECT;
    if (seen & (SV_SEEN_FLOAT | SEEN_MISSING))
        return SAVOR_FLOAT64;
    if (seen & SV_SEEN_UINT)
        return seen & SV_SEEN_NEGATIVE ? SAVOR_OBJECT : SAVOR_UINT64;
    return SAVOR_INT64;
}

savor_dtype sv_infer_dtype(unsigned seen, int pandas_major)
{
    unsigned kinds = seen & ~(unsigned)(SEEN_MISSING | SV_SEEN_NEGATIVE);
    if (kinds == 0)
        return seen & SV_SEEN_NAN ? SAVOR_FLOAT64 : SAVOR_OBJECT;
    if (kinds == SV_SEEN_TEXT)
        return pandas_major >= 3 ? SAVOR_STRING : SAVOR_OBJECT;
    if (kinds == SV_SEEN_BOOL)
        return seen & SEEN_MISSING ? SAVOR_OBJECT : SAVOR_BOOL;
    if (kinds == SV_SEEN_TIME)
        return SAVOR_DATETIME_NS;
    return kinds & ~(unsigned)SEEN_NUMBER ? SAVOR_OBJECT : infer_number(seen);
}

unsigned sv_see_big_integer(sv_str digits)
{
    uint64_t value;
    return sv_str_to_uint64(digits, &value) ? SV_SEEN_UINT : SV_SEEN_HUGE;
}

static unsigned see_value(const sv_value *v)
{
    switch (v->kind) {
    case SV_VALUE_NONE:
        return SV_SEEN_NULL;
    case SV_VALUE_BOOL:
        return SV_SEEN_BOOL;
    case SV_VALUE_INT:
        return v->u.i < 0 ? SV_SEEN_INT | SV_SEEN_NEGATIVE : SV_SEEN_INT;
    case SV_VALUE_BIGINT:
        return sv_see_big_integer((sv_str){v->u.p, v->n});
    case SV_VALUE_FLOAT:
        return v->u.f != v->u.f ? SV_SEEN_NAN : SV_SEEN_FLOAT;
    case SV_VALUE_STRING:
        return SV_SEEN_TEXT;
    case SV_VALUE_DATETIME: /* datetime.date stays an object */
        return v->variant == SV_VARIANT_DATE ? SV_SEEN_OTHER : SV_SEEN_TIME;
    default:
        return SV_SEEN_OTHER;
    }
}

static void fill_item(const sv_value *v, savor_dtype dtype, void *data, size_t i)
{
    double f = 0;
    uint64_t u = 0;
    switch (dtype) {
    case SAVOR_FLOAT64:
        (void)sv_value_to_double(v, &f);
        ((double *)data)[i] = f;
        break;
    case SAVOR_STRING:
        ((sv_str *)data)[i] = v->kind == SV_VALUE_STRING ? (sv_str){v->u.p, v->n} : (sv_str){NULL, 0};
        break;
    case SAVOR_BOOL:
        ((uint8_t *)data)[i] = v->u.i != 0;
        break;
    case SAVOR_DATETIME_NS:
        ((int64_t *)data)[i] = v->kind == SV_VALUE_DATETIME ? v->u.i : SV_NAT;
        break;
    case SAVOR_UINT64:
        if (v->kind == SV_VALUE_BIGINT)
            (void)sv_str_to_uint64((sv_str){v->u.p, v->n}, &u);
        ((uint64_t *)data)[i] = v->kind == SV_VALUE_BIGINT ? u : (uint64_t)v->u.i;
        break;
    default:
        ((int64_t *)data)[i] = v->u.i;
        break;
    }
}

/* numpy scalars of one dtype keep it; false for any others. */
static bool find_numpy_dtype(const sv_value *values, size_t n, savor_dtype *out)
{
    for (size_t i = 0; i < n; i++)
        if (values[i].variant != SV_VARIANT_NUMPY || values[i].dtype != values[0].dtype ||
            values[i].kind == SV_VALUE_LIST) /* an array of that dtype */
            return false;
    if (n == 0 || !strchr("biuf", sv_dtype_kind((savor_dtype)values[0].dtype)))
        return false;
    *out = (savor_dtype)values[0].dtype;
    return true;
}

savor_status sv_column_infer(const sv_column *column, size_t n_rows, int pandas_major, sv_arena *arena,
                             sv_column *out, savor_error *err)
{
    *out = *column;
    if (column->dtype != SAVOR_OBJECT)
        return SAVOR_OK;
    const sv_value *values = column->data;
    unsigned seen = 0;
    if (find_numpy_dtype(values, n_rows, &out->dtype))
        return sv_items_cast(SAVOR_OBJECT, values, n_rows, out->dtype, arena, &out->data, err);
    for (size_t r = 0; r < n_rows; r++)
        seen |= see_value(&values[r]);
    savor_dtype dtype = sv_infer_dtype(seen, pandas_major);
    if (dtype == SAVOR_OBJECT)
        return SAVOR_OK;
    void *data = sv_column_alloc(arena, dtype, n_rows);
    if (!data)
        return sv_arena_fail(arena, n_rows * sv_dtype_size(dtype), err);
    for (size_t r = 0; r < n_rows; r++)
        fill_item(&values[r], dtype, data, r);
    out->dtype = dtype;
    out->data = data;
    return SAVOR_OK;
}
