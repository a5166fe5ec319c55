#include "data/convert.h"

/* Python values to integers as numpy 2 makes them: what does not fit is refused. */

typedef struct int_range {
    int64_t low, high;
} int_range;

static int_range range_of(savor_dtype dtype)
{
    switch (dtype) {
    case SAVOR_INT8:
        return (int_range){INT8_MIN, INT8_MAX};
    case SAVOR_INT16:
        return (int_range){INT16_MIN, INT16_MAX};
    case SAVOR_INT32:
        return (int_range){INT32_MIN, INT32_MAX};
    case SAVOR_UINT8:
        return (int_range){0, UINT8_MAX};
    case SAVOR_UINT16:
        return (int_range){0, UINT16_MAX};
    case SAVOR_UINT32:
        return (int_range){0, UINT32_MAX};
    case SAVOR_UINT64:
        return (int_range){0, INT64_MAX};
    default:
        return (int_range){INT64_MIN, INT64_MAX};
    }
}

static savor_status check_range(const int64_t *values, size_t n, savor_dtype dtype, savor_error *err)
{
    int_range range = range_of(dtype);
    for (size_t i = 0; i < n; i++)
        if (values[i] < range.low || values[i] > range.high)
            return sv_fail(err, SAVOR_BAD_REQUEST, "Python integer %lld out of bounds for %s in row %zu",
                           (long long)values[i], savor_dtype_name(dtype), i);
    return SAVOR_OK;
}

/* uint64 may hold more than int64 does. */
static bool has_big(const sv_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i].kind == SV_VALUE_BIGINT)
            return true;
    return false;
}

savor_status sv_items_to_integers(savor_dtype from, const void *data, size_t n, savor_dtype to, sv_arena *arena,
                                  const void **out, savor_error *err)
{
    const void *wide;
    bool is_python = from == SAVOR_OBJECT || from == SAVOR_STRING;
    *out = NULL;
    if (!is_python || (to == SAVOR_UINT64 && from == SAVOR_OBJECT && has_big(data, n)))
        return sv_items_cast(from, data, n, to, arena, out, err);
    savor_status st = sv_items_cast(from, data, n, SAVOR_INT64, arena, &wide, err);
    if (!st)
        st = check_range(wide, n, to, err);
    return st ? st : sv_items_cast(SAVOR_INT64, wide, n, to, arena, out, err);
}
