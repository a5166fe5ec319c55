/* schema_write.c: schemas as json.dumps text. Source: mlflow/types/schema.py of 1.30, 2.16 and 3.17. */
#include "model/schema_priv.h"

/* ---- JSON ---- */

static void put_type_members(const sv_type *type, sv_buf *out);

static void put_inner(const char *key, const sv_type *type, sv_buf *out)
{
    sv_buf_printf(out, ", \"%s\": {", key);
    put_type_members(type, out);
    sv_buf_put_char(out, '}');
}

static void put_bool(bool value, sv_buf *out) { sv_buf_put_text(out, value ? "true" : "false"); }

static void put_properties(const sv_type *type, sv_buf *out)
{
    sv_buf_put_text(out, ", \"properties\": {");
    for (size_t i = 0; i < type->n_properties; i++) {
        const sv_property *p = &type->properties[i];
        sv_buf_put_text(out, i ? ", " : "");
        sv_json_put_string(out, p->name);
        sv_buf_put_text(out, ": {");
        put_type_members(&p->type, out);
        sv_buf_put_text(out, ", \"required\": ");
        put_bool(p->required, out);
        sv_buf_put_char(out, '}');
    }
    sv_buf_put_char(out, '}');
}

/* "type": ... and what belongs to it, without the braces. */
static void put_type_members(const sv_type *type, sv_buf *out)
{
    sv_buf_printf(out, "\"type\": \"%s\"", sv_type_name(type->kind));
    if (type->kind == SV_TYPE_ARRAY)
        put_inner("items", type->items, out);
    else if (type->kind == SV_TYPE_MAP)
        put_inner("values", type->items, out);
    else if (type->kind == SV_TYPE_OBJECT)
        put_properties(type, out);
}

/* numpy's own name; that of a datetime64 has its unit, which only the text has kept. */
static sv_str dtype_name(const sv_type *type)
{
    bool is_own = type->has_dtype && type->dtype != SAVOR_DATETIME_NS;
    return is_own ? sv_str_of(savor_dtype_name(type->dtype)) : type->dtype_text;
}

static void put_label(const sv_label *name, sv_buf *out)
{
    if (sv_label_is_number(name))
        sv_json_put_int64(out, name->number);
    else
        sv_json_put_string(out, name->text);
}

static void put_tensor(const sv_spec *spec, sv_buf *out)
{
    if (spec->has_name) {
        sv_buf_put_text(out, "\"name\": ");
        put_label(&spec->name, out);
        sv_buf_put_text(out, ", ");
    }
    sv_buf_put_text(out, "\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": ");
    sv_json_put_string(out, dtype_name(&spec->type));
    sv_buf_put_text(out, ", \"shape\": [");
    for (size_t i = 0; i < spec->type.n_dims; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        sv_json_put_int64(out, spec->type.shape[i]);
    }
    sv_buf_put_text(out, "]}");
}

static void put_column_1(const sv_spec *spec, sv_buf *out)
{
    if (spec->has_name) {
        sv_buf_put_text(out, "\"name\": ");
        put_label(&spec->name, out);
        sv_buf_put_text(out, ", ");
    }
    put_type_members(&spec->type, out);
}

static void put_column(const sv_spec *spec, sv_schema_form form, sv_buf *out)
{
    put_type_members(&spec->type, out);
    if (spec->has_name) {
        sv_buf_put_text(out, ", \"name\": ");
        put_label(&spec->name, out);
    }
    sv_buf_put_text(out, ", \"required\": ");
    if (spec->is_required_unsaid && form == SV_SCHEMA_NEWEST)
        sv_buf_put_text(out, "null");
    else
        put_bool(spec->required || spec->is_required_unsaid, out);
}

static void put_schema(const sv_schema *schema, sv_schema_form form, sv_buf *out)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        sv_buf_put_text(out, i ? ", {" : "{");
        if (spec->type.kind == SV_TYPE_TENSOR)
            put_tensor(spec, out);
        else if (form == SV_SCHEMA_1)
            put_column_1(spec, out);
        else
            put_column(spec, form, out);
        sv_buf_put_char(out, '}');
    }
    sv_buf_put_char(out, ']');
}

void sv_schema_write(const sv_schema *schema, sv_buf *out) { put_schema(schema, SV_SCHEMA_NEWEST, out); }

savor_status sv_schema_write_as(const sv_schema *schema, sv_schema_form form, sv_buf *out, savor_error *err)
{
    for (size_t i = 0; form == SV_SCHEMA_1 && i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        bool is_nested = sv_type_is_nested(spec->type.kind);
        char room[24];
        sv_str name = spec->has_name ? sv_label_show(&spec->name, room) : SV_STR("");
        if (is_nested || !spec->required)
            return sv_fail(err, SAVOR_UNSUPPORTED, "column \"%.*s\" (%s, %s) cannot be said to MLflow 1.x",
                           SV_FMT(name), sv_type_name(spec->type.kind), spec->required ? "required" : "optional");
    }
    put_schema(schema, form, out);
    return SAVOR_OK;
}

static void put_param(const sv_param_spec *param, sv_schema_form form, sv_buf *out)
{
    bool is_type_first = form != SV_SCHEMA_NEWEST;
    sv_buf_put_text(out, "{\"name\": ");
    sv_json_put_string(out, param->name);
    sv_buf_put_text(out, ", ");
    if (is_type_first) {
        put_type_members(&param->type, out);
        sv_buf_put_text(out, ", ");
    }
    sv_buf_put_text(out, "\"default\": ");
    sv_json_put_value(out, param->default_json);
    sv_buf_put_text(out, param->is_list ? ", \"shape\": [-1]" : ", \"shape\": null");
    if (!is_type_first) {
        sv_buf_put_text(out, ", ");
        put_type_members(&param->type, out);
    }
    sv_buf_put_char(out, '}');
}

static void put_params(const sv_signature *signature, sv_schema_form form, sv_buf *out)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < signature->n_params; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        put_param(&signature->params[i], form, out);
    }
    sv_buf_put_char(out, ']');
}

void sv_params_write(const sv_signature *signature, sv_buf *out) { put_params(signature, SV_SCHEMA_NEWEST, out); }

savor_status sv_params_write_as(const sv_signature *signature, sv_schema_form form, sv_buf *out, savor_error *err)
{
    if (form == SV_SCHEMA_1)
        return sv_fail(err, SAVOR_UNSUPPORTED, "params cannot be said to MLflow 1.x");
    put_params(signature, form, out);
    return SAVOR_OK;
}
