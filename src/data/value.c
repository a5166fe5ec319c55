#include "data/value.h"

#include "data/dtype.h"

static const char *const TYPE_NAMES[] = {
    [SV_VALUE_NONE] = "NoneType",     [SV_VALUE_BOOL] = "bool",    [SV_VALUE_INT] = "int",
    [SV_VALUE_BIGINT] = "int",        [SV_VALUE_FLOAT] = "float",  [SV_VALUE_STRING] = "str",
    [SV_VALUE_BYTES] = "bytes",       [SV_VALUE_LIST] = "list",    [SV_VALUE_DICT] = "dict",
    [SV_VALUE_DATETIME] = "datetime", [SV_VALUE_OTHER] = "object",
};

const char *sv_value_type_name(const sv_value *v) { return TYPE_NAMES[v->kind]; }

bool sv_value_is_missing(const sv_value *v)
{
    return v->kind == SV_VALUE_NONE || (v->kind == SV_VALUE_FLOAT && v->u.f != v->u.f) ||
           (v->kind == SV_VALUE_DATETIME && v->u.i == SV_NAT);
}
