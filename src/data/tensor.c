#include "data/tensor.h"

sv_tensor sv_tensor_view(savor_dtype dtype, size_t n_rows, size_t n_columns, const void *data)
{
    sv_tensor t = {
        .dtype = dtype, .n_dims = n_columns ? 2 : 1, .n_items = n_rows * (n_columns ? n_columns : 1), .data = data};
    t.shape[0] = n_rows;
    t.shape[1] = n_columns;
    return t;
}

/* IEEE half to double, exact. */
static double half_to_double(uint16_t bits)
{
    uint32_t exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
    uint64_t wide = (uint64_t)(bits >> 15) << 63;
    if (exponent == 0) {
        double value = (double)fraction * 0x1p-24;
        return wide ? -value : value;
    }
    wide |= (uint64_t)(exponent == 31 ? 0x7FF : exponent - 15 + 1023) << 52 | (uint64_t)fraction << 42;
    double value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

bool sv_tensor_to_double(const sv_tensor *t, size_t i, double *out)
{
    switch (t->dtype) {
    case SAVOR_BOOL:
        *out = ((const uint8_t *)t->data)[i] != 0;
        return true;
    case SAVOR_INT8:
        *out = ((const int8_t *)t->data)[i];
        return true;
    case SAVOR_INT16:
        *out = ((const int16_t *)t->data)[i];
        return true;
    case SAVOR_INT32:
        *out = ((const int32_t *)t->data)[i];
        return true;
    case SAVOR_INT64:
        *out = (double)((const int64_t *)t->data)[i];
        return true;
    case SAVOR_UINT8:
        *out = ((const uint8_t *)t->data)[i];
        return true;
    case SAVOR_UINT16:
        *out = ((const uint16_t *)t->data)[i];
        return true;
    case SAVOR_UINT32:
        *out = ((const uint32_t *)t->data)[i];
        return true;
    case SAVOR_UINT64:
        *out = (double)((const uint64_t *)t->data)[i];
        return true;
    case SAVOR_FLOAT16:
        *out = half_to_double(((const uint16_t *)t->data)[i]);
        return true;
    case SAVOR_FLOAT32:
        *out = (double)((const float *)t->data)[i];
        return true;
    case SAVOR_FLOAT64:
        *out = ((const double *)t->data)[i];
        return true;
    default:
        return false;
    }
}
