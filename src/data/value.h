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
    SV_VALUE_DICT,     /* u.items, 2 * n: key, value, key, value; keys are unique, and STRING when JSON was read */
    SV_VALUE_OTHER,    /* u.p, n: the name of a Python type that neither JSON nor a schema has a form for */
} sv_value_kind;

/** Which of Python's types a value is, where its kind leaves that open. 0 is what JSON and frames give. */
typedef enum sv_variant {
    SV_VARIANT_PLAIN, /* int, float, list ...; a DATETIME is a pandas.Timestamp or NaT */
    SV_VARIANT_NUMPY, /* a numpy scalar of `dtype`; LIST: a numpy array of it, its rows LISTs of the same variant */
    SV_VARIANT_TUPLE, /* LIST */
    SV_VARIANT_NA,    /* NONE: pandas.NA */
    SV_VARIANT_TIME,  /* DATETIME: datetime.datetime */
    SV_VARIANT_DATE,  /* DATETIME: datetime.date */
} sv_variant;

typedef struct sv_value sv_value;

struct sv_value {
    sv_value_kind kind;
    uint8_t variant; /* sv_variant */
    uint8_t dtype;   /* NUMPY: savor_dtype */
    size_t n;        /* DATETIME: 0, or SV_ZONE_UTC + minutes east of it when the time has a zone */
    union {
        int64_t i;
        double f;
        const char *p;
        const sv_value *items;
    } u;
};

#define SV_ZONE_UTC 1441

_Static_assert(sizeof(sv_value) == 24, "SAVOR_DTYPE_MAP says 24");

/** Python's type name of a value: "NoneType", "bool", "int", "float", "str", "bytes", "list", "dict", "datetime";
 * "object" for OTHER. */
const char *sv_value_type_name(const sv_value *v);

/** None or a float NaN or NaT: what pandas' isna() calls missing. */
bool sv_value_is_missing(const sv_value *v);

#endif
