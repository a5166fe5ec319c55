/* schema.h: a model's signature: what its inputs, outputs and params are declared to be. Immutable once read. */
#ifndef SV_MODEL_SCHEMA_H
#define SV_MODEL_SCHEMA_H

#include "base/arena.h"
#include "data/frame.h"
#include "text/json.h"

typedef enum sv_type_kind {
    SV_TYPE_BOOLEAN,
    SV_TYPE_INTEGER,
    SV_TYPE_LONG,
    SV_TYPE_FLOAT,
    SV_TYPE_DOUBLE,
    SV_TYPE_STRING,
    SV_TYPE_BINARY,
    SV_TYPE_DATETIME,
    SV_TYPE_ARRAY,  /* items */
    SV_TYPE_OBJECT, /* properties, sorted by name */
    SV_TYPE_MAP,    /* items is the type of the values */
    SV_TYPE_ANY,
    SV_TYPE_SPARKML_VECTOR,
    SV_TYPE_TENSOR, /* dtype, shape */
} sv_type_kind;

typedef struct sv_type sv_type;
typedef struct sv_property sv_property;

struct sv_type {
    sv_type_kind kind;
    const sv_type *items;
    const sv_property *properties;
    size_t n_properties;
    savor_dtype dtype;    /* TENSOR */
    sv_str dtype_text;    /* TENSOR: as written, also for dtypes that libsavor cannot hold */
    bool has_dtype;       /* TENSOR: false when libsavor has no such dtype */
    const int64_t *shape; /* TENSOR: -1 is any size */
    size_t n_dims;
};

struct sv_property {
    sv_str name;
    sv_type type;
    bool required;
};

/** One declared input or output: a column or a tensor. */
typedef struct sv_spec {
    sv_label name; /* text or integer; meaningless without has_name */
    bool has_name;
    bool required;
    bool is_required_unsaid; /* no "required" on an array, object, map ..., or null: not required, written as null */
    sv_type type;
} sv_spec;

typedef struct sv_schema {
    size_t n_specs;
    const sv_spec *specs;
    bool is_tensor; /* the specs are tensors */
    bool has_names;
} sv_schema;

typedef struct sv_param_spec {
    sv_str name;
    sv_type type;                /* a scalar type or OBJECT */
    bool is_list;                /* shape (-1,) */
    const sv_json *default_json; /* as written */
} sv_param_spec;

typedef struct sv_signature {
    const sv_schema *inputs;  /* NULL: none declared */
    const sv_schema *outputs; /* NULL: none declared */
    const sv_param_spec *params;
    size_t n_params;
    bool has_params; /* a params schema exists, even an empty one */
} sv_signature;

/** The name of a type as the signature's JSON has it: "boolean", "long", "array", "tensor", ... */
const char *sv_type_name(sv_type_kind kind);

/** Whether a column of this type holds arrays, objects, maps or anything. */
static inline bool sv_type_is_nested(sv_type_kind kind) { return kind >= SV_TYPE_ARRAY && kind != SV_TYPE_TENSOR; }

/** Whether a schema has a nested column; NULL has none. */
bool sv_schema_is_nested(const sv_schema *schema);

/** numpy's dtype of a scalar column type: BOOL, INT32, INT64, FLOAT32, FLOAT64, STRING, BYTES, DATETIME_NS; OBJECT
 * else. */
savor_dtype sv_type_dtype(sv_type_kind kind);

/**
 * Read the JSON text of `signature.inputs` or `signature.outputs`, in the form of any MLflow release.
 *
 * text      borrowed: must outlive the schema; empty: no schema
 * out       borrowed from the arena; NULL when the text is empty or "null", and on failure
 * Errors    FORMAT (not JSON, or not a schema: the message names the entry), LIMIT, NOMEM
 * Threads   safe
 * Source    MLflow mlflow.types.schema
 */
savor_status sv_schema_read(sv_str text, sv_arena *arena, const sv_schema **out, savor_error *err) SAVOR_MUST_CHECK;

/** Read the JSON text of `signature.params` into `signature`. Errors as above. Source: MLflow ParamSchema. */
savor_status sv_params_read(sv_str text, sv_arena *arena, sv_signature *signature, savor_error *err) SAVOR_MUST_CHECK;

/** Append a schema as MLflow 3 writes it (json.dumps layout). */
void sv_schema_write(const sv_schema *schema, sv_buf *out);

/** Append the params as MLflow 3 writes them; "[]" when there are none. */
void sv_params_write(const sv_signature *signature, sv_buf *out);

/** The JSON of signatures by release, where it is written otherwise than above. */
typedef enum sv_schema_form {
    SV_SCHEMA_NEWEST, /* 2.20 and later: sv_schema_write, sv_params_write */
    SV_SCHEMA_2,      /* up to 2.19: params have their type before the default; a column is required when unsaid */
    SV_SCHEMA_1, /* up to 2.3: the name before the type, nothing about being required; plain columns, no params */
} sv_schema_form;

/**
 * Append a schema as an older MLflow writes it.
 *
 * out       unchanged on failure
 * Units     none
 * Errors    UNSUPPORTED (the message names the column: nested or not required, which SCHEMA_1 cannot say)
 * Threads   safe
 * Source    mlflow/types/schema.py of 1.30, 2.16 and 3.17
 */
savor_status sv_schema_write_as(const sv_schema *schema, sv_schema_form form, sv_buf *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** The same for params. Errors: UNSUPPORTED (SCHEMA_1 has none). */
savor_status sv_params_write_as(const sv_signature *signature, sv_schema_form form, sv_buf *out,
                                savor_error *err) SAVOR_MUST_CHECK;

#endif
