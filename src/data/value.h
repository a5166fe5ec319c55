/* value.h: one Python value of any kind, for object columns and for inputs that are no table. */
#ifndef SV_DATA_VALUE_H
#define SV_DATA_VALUE_H

#include "base/str.h"

typedef enum sv_value_kind {
    SV_VALUE_NONE,
    SV_VALUE_BOOL,     /* u.i */
    SV_VALUE_INT,      /* u.i */
    SV_VALUE_BIGINT,   /* u.p, n: decimal digits with '-' */
    SV_VALUE_FLOAT,    /* u.f */
    SV_VALUE_STRING,   /* u.p, n */
    SV_VALUE_BYTES,    /* u.p, n */
    SV_VALUE_DATETIME, /* u.i: nanoseconds since 1970, SV_NAT */
    SV_VALUE_LIST,     /* u.items, n */
    SV_VALUE_DICT,     /* u.items, 2 * n: key, value, key, value; keys are STRING and unique */
    SV_VALUE_ARRAY,    /* u.tensor: a numpy array; n: its elements */
} sv_value_kind;

typedef struct sv_value sv_value;
struct sv_tensor;

struct sv_value {
    sv_value_kind kind;
    uint32_t numpy; /* 0: Python's own int, float, str ...; else a numpy scalar of savor_dtype numpy - 1 */
    size_t n;
    union {
        int64_t i;
        double f;
        const char *p;
        const sv_value *items;
        const struct sv_tensor *tensor;
    } u;
};

_Static_assert(sizeof(sv_value) == 24, "SAVOR_DTYPE_MAP says 24");

/** Python's type name of a value: "NoneType", "bool", "int", "float", "str", "bytes", "list", "dict", "datetime",
 * "ndarray"; a numpy scalar has the name of its Python kind. */
const char *sv_value_type_name(const sv_value *v);

/** None or a float NaN or NaT: what pandas' isna() calls missing. */
bool sv_value_is_missing(const sv_value *v);

#endif
