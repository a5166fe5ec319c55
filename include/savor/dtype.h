/* dtype.h: the element types of columns and tensors, named as numpy and pandas name them. */
#ifndef SAVOR_DTYPE_H
#define SAVOR_DTYPE_H

#include <savor/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/*   name         numpy name        kind size: bytes of one element as libsavor holds it */
#define SAVOR_DTYPE_MAP(X)                                                                                           \
    X(BOOL,        "bool",           'b', 1)                                                                         \
    X(INT8,        "int8",           'i', 1)                                                                         \
    X(INT16,       "int16",          'i', 2)                                                                         \
    X(INT32,       "int32",          'i', 4)                                                                         \
    X(INT64,       "int64",          'i', 8)                                                                         \
    X(UINT8,       "uint8",          'u', 1)                                                                         \
    X(UINT16,      "uint16",         'u', 2)                                                                         \
    X(UINT32,      "uint32",         'u', 4)                                                                         \
    X(UINT64,      "uint64",         'u', 8)                                                                         \
    X(FLOAT16,     "float16",        'f', 2)                                                                         \
    X(FLOAT32,     "float32",        'f', 4)                                                                         \
    X(FLOAT64,     "float64",        'f', 8)                                                                         \
    X(STRING,      "str",            'U', 16)                                                                        \
    X(BYTES,       "bytes",          'S', 16)                                                                        \
    X(DATETIME_NS, "datetime64[ns]", 'M', 8)                                                                         \
    X(OBJECT,      "object",         'O', 24)
/* clang-format on */

/** An element type: SAVOR_BOOL to SAVOR_OBJECT. */
typedef enum savor_dtype {
#define X(name, text, kind, size) SAVOR_##name,
    SAVOR_DTYPE_MAP(X)
#undef X
} savor_dtype;

/**
 * The numpy name of a dtype, such as "float64".
 *
 * dtype     any value
 * returns   static text; "unknown" outside the table
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    numpy.dtype.name
 */
SAVOR_API const char *savor_dtype_name(savor_dtype dtype);

#ifdef __cplusplus
}
#endif

#endif
