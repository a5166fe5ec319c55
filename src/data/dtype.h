/* dtype.h: sizes and kinds of the element types. */
#ifndef SV_DATA_DTYPE_H
#define SV_DATA_DTYPE_H

#include "base/str.h"

#include <savor/dtype.h>

/** Bytes of one element in memory (STRING and BYTES are sv_str, OBJECT is sv_value, DATETIME_NS is int64). */
static inline size_t sv_dtype_size(savor_dtype dtype)
{
    static const uint8_t SIZES[] = {
#define X(name, text, kind, size) [SAVOR_##name] = size,
        SAVOR_DTYPE_MAP(X)
#undef X
    };
    return SIZES[dtype];
}

/** numpy's one-letter kind: b i u f U S M O. */
static inline char sv_dtype_kind(savor_dtype dtype)
{
    static const char KINDS[] = {
#define X(name, text, kind, size) [SAVOR_##name] = kind,
        SAVOR_DTYPE_MAP(X)
#undef X
    };
    return KINDS[dtype];
}

/**
 * The dtype that np.dtype(text) means: "float64", "float", "f4", "<f8", "half", "str", "O", ...
 *
 * out       also set for datetime64 of any unit (DATETIME_NS)
 * returns   false for text that libsavor has no dtype for
 * Source    numpy.dtype
 */
bool sv_dtype_of(sv_str text, savor_dtype *out);

/** numpy's promotion of two dtypes of kinds i, u, f. Source: numpy.promote_types */
savor_dtype sv_dtype_promote(savor_dtype a, savor_dtype b);

/** Not-a-time: the DATETIME_NS value that stands for a missing one. */
#define SV_NAT INT64_MIN

#endif
