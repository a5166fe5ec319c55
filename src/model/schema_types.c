/* schema_types.c: the names of the types of a signature, and their numpy dtypes. */
#include "model/schema_priv.h"

static const struct {
    const char *name;
    savor_dtype dtype;
} TYPES[] = {
    [SV_TYPE_BOOLEAN] = {"boolean", SAVOR_BOOL},
    [SV_TYPE_INTEGER] = {"integer", SAVOR_INT32},
    [SV_TYPE_LONG] = {"long", SAVOR_INT64},
    [SV_TYPE_FLOAT] = {"float", SAVOR_FLOAT32},
    [SV_TYPE_DOUBLE] = {"double", SAVOR_FLOAT64},
    [SV_TYPE_STRING] = {"string", SAVOR_STRING},
    [SV_TYPE_BINARY] = {"binary", SAVOR_BYTES},
    [SV_TYPE_DATETIME] = {"datetime", SAVOR_DATETIME_NS},
    [SV_TYPE_ARRAY] = {"array", SAVOR_OBJECT},
    [SV_TYPE_OBJECT] = {"object", SAVOR_OBJECT},
    [SV_TYPE_MAP] = {"map", SAVOR_OBJECT},
    [SV_TYPE_ANY] = {"any", SAVOR_OBJECT},
    [SV_TYPE_SPARKML_VECTOR] = {"sparkml_vector", SAVOR_OBJECT},
    [SV_TYPE_TENSOR] = {"tensor", SAVOR_OBJECT},
};

const char *sv_type_name(sv_type_kind kind) { return TYPES[kind].name; }

savor_dtype sv_type_dtype(sv_type_kind kind) { return TYPES[kind].dtype; }

bool sv_schema_is_nested(const sv_schema *schema)
{
    for (size_t i = 0; schema && i < schema->n_specs; i++)
        if (sv_type_is_nested(schema->specs[i].type.kind))
            return true;
    return false;
}

bool sv_type_find(sv_str name, sv_type_kind *out)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (sv_str_is(name, TYPES[i].name)) {
            *out = (sv_type_kind)i;
            return true;
        }
    }
    return false;
}
