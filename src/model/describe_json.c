/* describe_json.c: signature -> JSON Schema. Source: JSON Schema draft 2020-12; MLflow scoring_server. */
#include "model/describe.h"

#include "model/schema_priv.h"

/* ---- types ---- */

static const struct {
    const char *type, *more;
} SCALARS[] = {
    [SV_TYPE_BOOLEAN] = {"boolean", ""},
    [SV_TYPE_INTEGER] = {"integer", ", \"format\": \"int32\", \"minimum\": -2147483648, \"maximum\": 2147483647"},
    [SV_TYPE_LONG] = {"integer", ", \"format\": \"int64\""},
    [SV_TYPE_FLOAT] = {"number", ", \"format\": \"float\""},
    [SV_TYPE_DOUBLE] = {"number", ", \"format\": \"double\""},
    [SV_TYPE_STRING] = {"string", ""},
    [SV_TYPE_BINARY] = {"string", ", \"contentEncoding\": \"base64\""},
    [SV_TYPE_DATETIME] = {"string", ", \"description\": \"a date or time as ISO 8601 has it, without a zone\""},
};

static void put_kind(const char *type, bool is_nullable, sv_buf *out)
{
    sv_buf_printf(out, is_nullable ? "\"type\": [\"%s\", \"null\"]" : "\"type\": \"%s\"", type);
}

static void put_type(const sv_type *type, bool is_nullable, sv_buf *out);

static void put_properties(const sv_type *type, sv_buf *out)
{
    size_t n_required = 0;
    sv_buf_put_text(out, ", \"properties\": {");
    for (size_t i = 0; i < type->n_properties; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        sv_json_put_string(out, type->properties[i].name);
        sv_buf_put_text(out, ": ");
        put_type(&type->properties[i].type, !type->properties[i].required, out);
    }
    sv_buf_put_text(out, "}, \"required\": [");
    for (size_t i = 0; i < type->n_properties; i++) {
        if (!type->properties[i].required)
            continue;
        sv_buf_put_text(out, n_required++ ? ", " : "");
        sv_json_put_string(out, type->properties[i].name);
    }
    sv_buf_put_text(out, "], \"additionalProperties\": false");
}

/* Recursion is bounded: a signature is at most SCHEMA_JSON_DEPTH deep. */
static void put_type(const sv_type *type, bool is_nullable, sv_buf *out)
{
    sv_buf_put_char(out, '{');
    if (sv_type_is_scalar(type->kind)) {
        put_kind(SCALARS[type->kind].type, is_nullable, out);
        sv_buf_put_text(out, SCALARS[type->kind].more);
    } else if (type->kind == SV_TYPE_ARRAY) {
        put_kind("array", is_nullable, out);
        sv_buf_put_text(out, ", \"items\": ");
        put_type(type->items, false, out);
    } else if (type->kind == SV_TYPE_MAP) {
        put_kind("object", is_nullable, out);
        sv_buf_put_text(out, ", \"additionalProperties\": ");
        put_type(type->items, false, out);
    } else if (type->kind == SV_TYPE_OBJECT) {
        put_kind("object", is_nullable, out);
        put_properties(type, out);
    } else if (type->kind == SV_TYPE_SPARKML_VECTOR) {
        put_kind("array", is_nullable, out);
        sv_buf_put_text(out, ", \"items\": {\"type\": \"number\"}");
    }
    sv_buf_put_char(out, '}');
}

/* ---- arrays ---- */

/* What one element of an array is in JSON; numpy's dtypes that libsavor cannot hold say nothing. */
static void put_element(const sv_type *type, sv_buf *out)
{
    static const struct {
        char kind;
        const char *schema;
    } KINDS[] = {
        {'b', "{\"type\": \"boolean\"}"},
        {'i', "{\"type\": \"integer\"}"},
        {'u', "{\"type\": \"integer\", \"minimum\": 0}"},
        {'f', "{\"type\": [\"number\", \"null\"]}"},
        {'U', "{\"type\": \"string\"}"},
        {'S', "{\"type\": \"string\"}"},
    };
    for (size_t i = 0; type->has_dtype && i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (KINDS[i].kind == sv_dtype_kind(type->dtype)) {
            sv_buf_put_text(out, KINDS[i].schema);
            return;
        }
    sv_buf_put_text(out, "{}");
}

/* Nested lists from dimension `from` on. */
static void put_tensor(const sv_type *type, size_t from, sv_buf *out)
{
    for (size_t i = from; i < type->n_dims; i++) {
        sv_buf_put_text(out, "{\"type\": \"array\", ");
        if (type->shape[i] >= 0)
            sv_buf_printf(out, "\"minItems\": %lld, \"maxItems\": %lld, ", (long long)type->shape[i],
                          (long long)type->shape[i]);
        sv_buf_put_text(out, "\"items\": ");
    }
    put_element(type, out);
    for (size_t i = from; i < type->n_dims; i++)
        sv_buf_put_char(out, '}');
}

/* ---- columns ---- */

static void put_name(const sv_spec *spec, sv_buf *out)
{
    char room[24];
    sv_json_put_string(out, sv_label_show(&spec->name, room));
}

/* The names of what must be there, as a list. */
static void put_required(const sv_schema *schema, sv_buf *out)
{
    size_t n = 0;
    sv_buf_put_text(out, "\"required\": [");
    for (size_t i = 0; i < schema->n_specs; i++) {
        if (!schema->specs[i].required)
            continue;
        sv_buf_put_text(out, n++ ? ", " : "");
        put_name(&schema->specs[i], out);
    }
    sv_buf_put_char(out, ']');
}

typedef void (*put_spec_fn)(const sv_spec *spec, sv_buf *out);

static void put_cell(const sv_spec *spec, sv_buf *out) { put_type(&spec->type, !spec->required, out); }

static void put_column(const sv_spec *spec, sv_buf *out)
{
    sv_buf_put_text(out, "{\"type\": \"array\", \"items\": ");
    put_cell(spec, out);
    sv_buf_put_char(out, '}');
}

static void put_array(const sv_spec *spec, sv_buf *out) { put_tensor(&spec->type, 0, out); }
static void put_slice(const sv_spec *spec, sv_buf *out) { put_tensor(&spec->type, 1, out); }

/* {"a": ..., "b": ...} */
static void put_named(const sv_schema *schema, put_spec_fn put_spec, sv_buf *out)
{
    sv_buf_put_text(out, "{\"type\": \"object\", \"properties\": {");
    for (size_t i = 0; i < schema->n_specs; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        put_name(&schema->specs[i], out);
        sv_buf_put_text(out, ": ");
        put_spec(&schema->specs[i], out);
    }
    sv_buf_put_text(out, "}, ");
    put_required(schema, out);
    sv_buf_put_char(out, '}');
}

/* Columns without names are found by their place. */
static void put_row(const sv_schema *schema, sv_buf *out)
{
    if (!schema || schema->is_tensor)
        sv_buf_put_text(out, "{\"type\": \"object\"}");
    else if (schema->has_names)
        put_named(schema, put_cell, out);
    else
        sv_buf_printf(out, "{\"type\": \"object\", \"minProperties\": %zu}", schema->n_specs);
}

static void put_split(const sv_schema *schema, sv_buf *out)
{
    size_t n = 0;
    sv_buf_put_text(out, "{\"type\": \"object\", \"properties\": {\"columns\": {\"type\": \"array\"");
    for (size_t i = 0; schema && schema->has_names && !schema->is_tensor && i < schema->n_specs; i++) {
        if (!schema->specs[i].required || sv_label_is_number(&schema->specs[i].name))
            continue;
        sv_buf_put_text(out, n++ ? ", {\"contains\": {\"const\": " : ", \"allOf\": [{\"contains\": {\"const\": ");
        put_name(&schema->specs[i], out);
        sv_buf_put_text(out, "}}");
    }
    sv_buf_put_text(out, n ? "]}" : "}");
    sv_buf_put_text(out, ", \"data\": {\"type\": \"array\", \"items\": {\"type\": \"array\"}}, \"index\": {\"type\": "
                         "\"array\"}}, \"required\": [\"data\"], \"additionalProperties\": false}");
}

/* ---- requests ---- */

typedef struct describer {
    const sv_signature *signature;
    sv_era era;
    const char *refs;
    sv_buf *out;
    size_t n_forms;
} describer;

static void put_ref(describer *d, const char *name) { sv_buf_printf(d->out, "{\"$ref\": \"%s%s\"}", d->refs, name); }

static void put_rows(describer *d)
{
    sv_buf_put_text(d->out, "{\"type\": \"array\", \"items\": ");
    put_ref(d, "Row");
    sv_buf_put_char(d->out, '}');
}

/* {KEY: ..., "params": ...}: `open_form` before what stands under the key, `close_form` behind it. */
static void open_form(describer *d, const char *key)
{
    sv_buf_put_text(d->out, d->n_forms++ ? ", " : "");
    sv_buf_printf(d->out, "{\"type\": \"object\", \"properties\": {\"%s\": ", key);
}

static void close_form(describer *d, const char *key)
{
    if (d->signature->has_params && d->era != SV_ERA_1) {
        sv_buf_put_text(d->out, ", \"params\": ");
        put_ref(d, "Params");
    }
    sv_buf_printf(d->out, "}, \"required\": [\"%s\"]}", key);
}

static void put_frame_forms(describer *d)
{
    if (d->era == SV_ERA_1) {
        sv_buf_put_text(d->out, d->n_forms++ ? ", " : "");
        put_split(d->signature->inputs, d->out);
        sv_buf_put_text(d->out, ", ");
        put_rows(d);
        return;
    }
    open_form(d, "dataframe_split");
    put_split(d->signature->inputs, d->out);
    close_form(d, "dataframe_split");
    open_form(d, "dataframe_records");
    put_rows(d);
    close_form(d, "dataframe_records");
}

static void put_inputs(describer *d)
{
    const sv_schema *inputs = d->signature->inputs;
    if (!inputs)
        sv_buf_put_text(d->out, "{}");
    else if (inputs->is_tensor && !inputs->has_names)
        put_array(inputs->specs, d->out);
    else if (inputs->has_names)
        put_named(inputs, inputs->is_tensor ? put_array : put_column, d->out);
    else
        sv_buf_put_text(d->out, "{\"type\": \"array\"}");
}

static void put_instances(describer *d)
{
    const sv_schema *inputs = d->signature->inputs;
    if (!inputs || (!inputs->is_tensor && !inputs->has_names)) {
        sv_buf_put_text(d->out, "{\"type\": \"array\"}");
    } else if (!inputs->is_tensor) {
        put_rows(d);
    } else if (!inputs->has_names) {
        put_array(inputs->specs, d->out);
    } else {
        sv_buf_put_text(d->out, "{\"type\": \"array\", \"items\": ");
        put_named(inputs, put_slice, d->out);
        sv_buf_put_char(d->out, '}');
    }
}

/* Columns by name, rows, or one row. */
static bool takes_rows(const sv_schema *inputs) { return inputs && !inputs->is_tensor && inputs->has_names; }

/* What a language model is sent: such a body is the data itself. */
static const char LLM_FORMS[] = ", {\"type\": \"object\", \"anyOf\": [{\"required\": [\"messages\"]}, {\"required\": "
                                "[\"prompt\"]}, {\"required\": [\"input\"]}]}";

static void put_request(describer *d)
{
    const sv_schema *inputs = d->signature->inputs;
    sv_buf_put_text(d->out, "{\"oneOf\": [");
    if (!inputs || !inputs->is_tensor)
        put_frame_forms(d);
    open_form(d, "inputs");
    if (takes_rows(inputs)) {
        sv_buf_put_text(d->out, "{\"anyOf\": [");
        put_inputs(d);
        sv_buf_put_text(d->out, ", ");
        put_rows(d);
        sv_buf_put_text(d->out, ", ");
        put_ref(d, "Row");
        if (inputs->n_specs == 1) { /* of one column the name may be left out */
            sv_buf_put_text(d->out, ", ");
            put_column(inputs->specs, d->out);
        }
        sv_buf_put_text(d->out, "]}");
    } else {
        put_inputs(d);
    }
    close_form(d, "inputs");
    open_form(d, "instances");
    put_instances(d);
    close_form(d, "instances");
    if (!inputs && d->era != SV_ERA_1)
        sv_buf_put_text(d->out, LLM_FORMS);
    sv_buf_put_text(d->out, "]}");
}

/* ---- params and answers ---- */

/* What JSON can say: no not-a-number, no infinity. */
static bool is_strict_json(const sv_json *v)
{
    const sv_json *end = v ? sv_json_next(v) : NULL;
    for (; v < end; v++)
        if (v->kind == SV_JSON_DOUBLE && v->u.f - v->u.f != 0)
            return false;
    return end;
}

static void put_params(describer *d)
{
    const sv_signature *s = d->signature;
    sv_buf_put_text(d->out, "{\"type\": \"object\", \"properties\": {");
    for (size_t i = 0; i < s->n_params; i++) {
        const sv_param_spec *p = &s->params[i];
        sv_buf_put_text(d->out, i ? ", " : "");
        sv_json_put_string(d->out, p->name);
        sv_buf_put_text(d->out, p->is_list ? ": {\"type\": \"array\", \"items\": " : ": {\"allOf\": [");
        put_type(&p->type, true, d->out);
        sv_buf_put_text(d->out, p->is_list ? "" : "]");
        if (is_strict_json(p->default_json)) {
            sv_buf_put_text(d->out, ", \"default\": ");
            sv_json_put_value(d->out, p->default_json);
        }
        sv_buf_put_char(d->out, '}');
    }
    sv_buf_put_text(d->out, "}}");
}

/* Columns come as records; one without a name mostly is an array. */
static void put_predictions(describer *d)
{
    const sv_schema *outputs = d->signature->outputs;
    if (!outputs || (!outputs->has_names && outputs->n_specs != 1)) {
        sv_buf_put_text(d->out, "{}");
    } else if (outputs->is_tensor && !outputs->has_names) {
        put_array(outputs->specs, d->out);
    } else if (outputs->is_tensor) {
        put_named(outputs, put_array, d->out);
    } else if (!outputs->has_names) {
        sv_buf_put_text(d->out, "{\"anyOf\": [");
        put_column(outputs->specs, d->out);
        sv_buf_put_text(d->out, ", {\"type\": \"array\", \"items\": {\"type\": \"object\"}}]}");
    } else {
        sv_buf_put_text(d->out, "{\"type\": \"array\", \"items\": ");
        put_named(outputs, put_cell, d->out);
        sv_buf_put_char(d->out, '}');
    }
}

void sv_describe_json(const sv_signature *signature, sv_era era, const char *refs, sv_buf *out)
{
    describer d = {.signature = signature, .era = era, .refs = refs, .out = out};
    sv_buf_put_text(out, "\"Request\": ");
    put_request(&d);
    sv_buf_put_text(out, ", \"Row\": ");
    put_row(signature->inputs, out);
    if (signature->has_params && era != SV_ERA_1) {
        sv_buf_put_text(out, ", \"Params\": ");
        put_params(&d);
    }
    sv_buf_put_text(out, ", \"Response\": ");
    if (!signature->inputs && era != SV_ERA_1) { /* a language model's answer stands alone */
        sv_buf_put_text(out, "{}");
        return;
    }
    if (era != SV_ERA_1)
        sv_buf_put_text(out, "{\"type\": \"object\", \"properties\": {\"predictions\": ");
    put_predictions(&d);
    if (era != SV_ERA_1)
        sv_buf_put_text(out, "}, \"required\": [\"predictions\"]}");
}

bool sv_signature_takes_csv(const sv_signature *signature)
{
    const sv_schema *inputs = signature->inputs;
    for (size_t i = 0; inputs && i < inputs->n_specs; i++)
        if (!sv_type_is_scalar(inputs->specs[i].type.kind) || inputs->specs[i].type.kind == SV_TYPE_DATETIME)
            return false;
    return true;
}
