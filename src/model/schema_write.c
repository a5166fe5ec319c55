/* schema_write.c: schemas as json.dumps text and as Python's repr. Source: MLflow 3 mlflow/types/schema.py. */
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

static void put_column(const sv_spec *spec, sv_buf *out)
{
    put_type_members(&spec->type, out);
    if (spec->has_name) {
        sv_buf_put_text(out, ", \"name\": ");
        put_label(&spec->name, out);
    }
    sv_buf_put_text(out, ", \"required\": ");
    if (spec->is_required_unsaid)
        sv_buf_put_text(out, "null");
    else
        put_bool(spec->required, out);
}

void sv_schema_write(const sv_schema *schema, sv_buf *out)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        sv_buf_put_text(out, i ? ", {" : "{");
        if (spec->type.kind == SV_TYPE_TENSOR)
            put_tensor(spec, out);
        else
            put_column(spec, out);
        sv_buf_put_char(out, '}');
    }
    sv_buf_put_char(out, ']');
}

static void put_param(const sv_param_spec *param, sv_buf *out)
{
    sv_buf_put_text(out, "{\"name\": ");
    sv_json_put_string(out, param->name);
    sv_buf_put_text(out, ", \"default\": ");
    sv_json_put_value(out, param->default_json);
    sv_buf_put_text(out, param->is_list ? ", \"shape\": [-1], " : ", \"shape\": null, ");
    put_type_members(&param->type, out);
    sv_buf_put_char(out, '}');
}

void sv_params_write(const sv_signature *signature, sv_buf *out)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < signature->n_params; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        put_param(&signature->params[i], out);
    }
    sv_buf_put_char(out, ']');
}

/* ---- Python's repr ---- */

/* Code points that Python's repr escapes although they are not ASCII control characters: the blocks that occur. */
static bool is_unprintable(uint32_t c)
{
    static const uint32_t RANGES[][2] = {{0x00, 0x1F},     {0x7F, 0xA0},     {0xAD, 0xAD},     {0x200B, 0x200F},
                                         {0x2028, 0x202F}, {0x205F, 0x206F}, {0x2000, 0x200A}, {0x3000, 0x3000},
                                         {0xD800, 0xF8FF}, {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}, {0xE0000, 0x10FFFF}};
    for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) {
        if (c >= RANGES[i][0] && c <= RANGES[i][1])
            return true;
    }
    return false;
}

static void put_repr_char(uint32_t c, const char *p, size_t n, char quote, sv_buf *out)
{
    if (c == '\\' || c == (uint32_t)quote)
        sv_buf_printf(out, "\\%c", (char)c);
    else if (c == '\n' || c == '\r' || c == '\t')
        sv_buf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    else if (!is_unprintable(c))
        sv_buf_put(out, p, n);
    else if (c <= 0xFF)
        sv_buf_printf(out, "\\x%02x", (unsigned)c);
    else if (c <= 0xFFFF)
        sv_buf_printf(out, "\\u%04x", (unsigned)c);
    else
        sv_buf_printf(out, "\\U%08x", (unsigned)c);
}

static void show_text(sv_str text, sv_buf *out)
{
    bool has_single = sv_str_find(text, '\'') < text.n, has_double = sv_str_find(text, '"') < text.n;
    char quote = has_single && !has_double ? '"' : '\'';
    sv_buf_put_char(out, quote);
    for (size_t i = 0; i < text.n;) {
        uint32_t c;
        size_t n = sv_utf8_get(text.p + i, &c);
        put_repr_char(c, text.p + i, n, quote, out);
        i += n;
    }
    sv_buf_put_char(out, quote);
}

static void show_type(const sv_type *type, sv_buf *out);

static void show_object(const sv_type *type, sv_buf *out)
{
    sv_buf_put_char(out, '{');
    for (size_t i = 0; i < type->n_properties; i++) {
        const sv_property *p = &type->properties[i];
        sv_buf_put_text(out, i ? ", " : "");
        sv_buf_put_str(out, p->name);
        sv_buf_put_text(out, ": ");
        show_type(&p->type, out);
        sv_buf_put_text(out, p->required ? " (required)" : " (optional)");
    }
    sv_buf_put_char(out, '}');
}

/* MLflow formats the values of a map with str(), which names the enum of a plain type. */
static void show_map(const sv_type *type, sv_buf *out)
{
    sv_buf_put_text(out, "Map(str -> ");
    sv_buf_put_text(out, sv_type_is_scalar(type->items->kind) ? "DataType." : "");
    show_type(type->items, out);
    sv_buf_put_char(out, ')');
}

static void show_type(const sv_type *type, sv_buf *out)
{
    switch (type->kind) {
    case SV_TYPE_ARRAY:
        sv_buf_put_text(out, "Array(");
        show_type(type->items, out);
        sv_buf_put_char(out, ')');
        break;
    case SV_TYPE_OBJECT:
        show_object(type, out);
        break;
    case SV_TYPE_MAP:
        show_map(type, out);
        break;
    case SV_TYPE_ANY:
        sv_buf_put_text(out, "Any");
        break;
    case SV_TYPE_SPARKML_VECTOR:
        sv_buf_put_text(out, "SparkML vector");
        break;
    default:
        sv_buf_put_text(out, sv_type_name(type->kind));
        break;
    }
}

/* A tuple as Python prints it: "(-1,)", "(-1, 3)". */
static void show_tensor(const sv_type *type, sv_buf *out)
{
    sv_buf_put_text(out, "Tensor(");
    show_text(dtype_name(type), out);
    sv_buf_put_text(out, ", (");
    for (size_t i = 0; i < type->n_dims; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        sv_json_put_int64(out, type->shape[i]);
    }
    sv_buf_put_text(out, type->n_dims == 1 ? ",))" : "))");
}

static void show_spec(const sv_spec *spec, sv_buf *out)
{
    if (spec->has_name && sv_label_is_number(&spec->name))
        sv_json_put_int64(out, spec->name.number);
    else if (spec->has_name)
        show_text(spec->name.text, out);
    sv_buf_put_text(out, spec->has_name ? ": " : "");
    if (spec->type.kind == SV_TYPE_TENSOR) {
        show_tensor(&spec->type, out);
        return;
    }
    show_type(&spec->type, out);
    sv_buf_put_text(out, spec->required ? " (required)" : " (optional)");
}

void sv_schema_show(const sv_schema *schema, sv_buf *out)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < schema->n_specs; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        show_spec(&schema->specs[i], out);
    }
    sv_buf_put_char(out, ']');
}
