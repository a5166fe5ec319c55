/* describe_proto.c: signature -> proto3 messages. Source: the Protocol Buffers language specification; the JSON names
 * are the signature's own. */
#include "model/describe.h"

#include "model/schema_priv.h"

#include <stdio.h>

/* One message in the making. Messages inside it are written before the fields that use them. */
typedef struct message {
    sv_buf *out;
    int depth; /* how far it is indented */
    size_t n;  /* fields so far */
} message;

static void put_indent(const message *m)
{
    for (int i = 0; i < m->depth; i++)
        sv_buf_put_text(m->out, "  ");
}

/* ---- names ---- */

static bool is_letter(char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_'; }
static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

enum { NAME_MAX_BYTES = 200 };

/* Letters, digits and underscores; the number makes it differ from every other, so it stands where a name had to
 * change. */
static void put_identifier(sv_buf *out, sv_str name, size_t number)
{
    bool is_changed =
        !name.n || name.n > NAME_MAX_BYTES || !is_letter(name.p[0]) || sv_str_starts(name, SV_STR("Type"));
    if (is_changed)
        sv_buf_put_text(out, "field_");
    for (size_t i = 0; i < name.n && i < NAME_MAX_BYTES; i++) {
        bool is_fine = is_letter(name.p[i]) || is_digit(name.p[i]);
        is_changed = is_changed || !is_fine;
        sv_buf_put_char(out, is_fine ? name.p[i] : '_');
    }
    if (is_changed)
        sv_buf_printf(out, "_%zu", number);
}

/* A string of the language: bytes that are not plain are escaped in octal, as text in UTF-8 may be. */
static void put_string(sv_buf *out, sv_str s)
{
    sv_buf_put_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7F)
            sv_buf_printf(out, "\\%03o", c);
        else
            sv_buf_put_char(out, (char)c);
    }
    sv_buf_put_char(out, '"');
}

static sv_str spec_name(const sv_spec *spec, size_t i, char *room)
{
    if (spec->has_name)
        return sv_label_show(&spec->name, room);
    return (sv_str){room, (size_t)snprintf(room, 24, "%zu", i)};
}

/* ---- types ---- */

static const char *scalar_name(sv_type_kind kind)
{
    static const char *const NAMES[] = {
        [SV_TYPE_BOOLEAN] = "bool",  [SV_TYPE_INTEGER] = "int32",
        [SV_TYPE_LONG] = "int64",    [SV_TYPE_FLOAT] = "float",
        [SV_TYPE_DOUBLE] = "double", [SV_TYPE_STRING] = "string",
        [SV_TYPE_BINARY] = "bytes",  [SV_TYPE_DATETIME] = "google.protobuf.Timestamp",
    };
    return sv_type_is_scalar(kind) ? NAMES[kind] : "google.protobuf.Value";
}

/* What a field of an array holds; halves are floats there. */
static const char *element_name(const sv_type *type)
{
    static const char *const NAMES[] = {
        [SAVOR_BOOL] = "bool",
        [SAVOR_INT8] = "int32",
        [SAVOR_INT16] = "int32",
        [SAVOR_INT32] = "int32",
        [SAVOR_INT64] = "int64",
        [SAVOR_UINT8] = "uint32",
        [SAVOR_UINT16] = "uint32",
        [SAVOR_UINT32] = "uint32",
        [SAVOR_UINT64] = "uint64",
        [SAVOR_FLOAT16] = "float",
        [SAVOR_FLOAT32] = "float",
        [SAVOR_FLOAT64] = "double",
        [SAVOR_STRING] = "string",
        [SAVOR_BYTES] = "bytes",
        [SAVOR_DATETIME_NS] = "google.protobuf.Timestamp",
        [SAVOR_OBJECT] = "google.protobuf.Value",
    };
    return type->has_dtype ? NAMES[type->dtype] : "google.protobuf.Value";
}

static bool is_message(const sv_type *type)
{
    return type->kind == SV_TYPE_OBJECT || type->kind == SV_TYPE_ARRAY || type->kind == SV_TYPE_MAP ||
           type->kind == SV_TYPE_SPARKML_VECTOR || type->kind == SV_TYPE_TENSOR;
}

static void put_field(message *m, sv_str name, const sv_type *type, bool required);

static void open_message(message *m, size_t number, message *inner)
{
    put_indent(m);
    sv_buf_printf(m->out, "message Type%zu {\n", number);
    *inner = (message){m->out, m->depth + 1, 0};
}

static void close_message(const message *m)
{
    put_indent(m);
    sv_buf_put_text(m->out, "}\n");
}

/* The fields of an array: its shape, and its elements in C order. */
static void put_tensor_fields(message *m, const sv_type *type)
{
    put_indent(m);
    sv_buf_put_text(m->out, "repeated int64 shape = 1;\n");
    put_indent(m);
    sv_buf_printf(m->out, "repeated %s values = 2;\n", element_name(type));
}

/* A message `Type<number>` for whatever is no single field. Recursion is bounded: SCHEMA_JSON_DEPTH. */
static void put_type_message(message *m, size_t number, const sv_type *type)
{
    static const sv_type DOUBLE = {.kind = SV_TYPE_DOUBLE};
    message inner;
    open_message(m, number, &inner);
    if (type->kind == SV_TYPE_TENSOR) {
        put_tensor_fields(&inner, type);
    } else if (type->kind == SV_TYPE_OBJECT) {
        for (size_t i = 0; i < type->n_properties; i++)
            put_field(&inner, type->properties[i].name, &type->properties[i].type, type->properties[i].required);
    } else { /* lists of lists, maps of lists: proto3 repeats no repeated field */
        sv_type list = {.kind = SV_TYPE_ARRAY, .items = type->kind == SV_TYPE_SPARKML_VECTOR ? &DOUBLE : type->items};
        list.kind = type->kind == SV_TYPE_MAP ? SV_TYPE_MAP : SV_TYPE_ARRAY;
        put_field(&inner, SV_STR("values"), &list, true);
    }
    close_message(m);
}

static void put_type_name(const message *m, const sv_type *type, size_t number)
{
    if (is_message(type))
        sv_buf_printf(m->out, "Type%zu", number);
    else
        sv_buf_put_text(m->out, type->kind == SV_TYPE_TENSOR ? element_name(type) : scalar_name(type->kind));
}

/* Lists and maps of single fields are fields themselves. */
static void put_field(message *m, sv_str name, const sv_type *type, bool required)
{
    static const sv_type DOUBLE = {.kind = SV_TYPE_DOUBLE};
    size_t number = ++m->n;
    bool is_list = type->kind == SV_TYPE_ARRAY || type->kind == SV_TYPE_SPARKML_VECTOR;
    bool is_map = type->kind == SV_TYPE_MAP;
    const sv_type *one = type->kind == SV_TYPE_SPARKML_VECTOR ? &DOUBLE : is_list || is_map ? type->items : type;
    if (is_message(one))
        put_type_message(m, number, one);
    put_indent(m);
    sv_buf_put_text(m->out, is_list ? "repeated " : is_map ? "map<string, " : !required ? "optional " : "");
    put_type_name(m, one, number);
    sv_buf_put_text(m->out, is_map ? "> " : " ");
    put_identifier(m->out, name, number);
    sv_buf_printf(m->out, " = %zu [json_name = ", number);
    put_string(m->out, name);
    sv_buf_put_text(m->out, "];\n");
}

/* ---- messages ---- */

static void put_schema_message(const char *name, const sv_schema *schema, sv_buf *out)
{
    message m = {out, 1, 0};
    char room[24];
    sv_buf_printf(out, "\nmessage %s {\n", name);
    for (size_t i = 0; schema && i < schema->n_specs; i++)
        put_field(&m, spec_name(&schema->specs[i], i, room), &schema->specs[i].type, schema->specs[i].required);
    sv_buf_put_text(out, "}\n");
}

static void put_params(const sv_signature *signature, sv_buf *out)
{
    message m = {out, 1, 0};
    sv_buf_put_text(out, "\nmessage Params {\n");
    for (size_t i = 0; i < signature->n_params; i++) {
        const sv_param_spec *p = &signature->params[i];
        sv_type list = {.kind = SV_TYPE_ARRAY, .items = &p->type};
        put_field(&m, p->name, p->is_list ? &list : &p->type, false);
    }
    sv_buf_put_text(out, "}\n");
}

static bool uses_kind(const sv_type *type, sv_type_kind kind)
{
    if (type->kind == kind)
        return true;
    if (type->kind == SV_TYPE_ARRAY || type->kind == SV_TYPE_MAP)
        return uses_kind(type->items, kind);
    for (size_t i = 0; i < type->n_properties; i++)
        if (uses_kind(&type->properties[i].type, kind))
            return true;
    bool is_tensor = type->kind == SV_TYPE_TENSOR, is_time = type->has_dtype && type->dtype == SAVOR_DATETIME_NS;
    bool is_any = !type->has_dtype || type->dtype == SAVOR_OBJECT;
    return is_tensor && ((kind == SV_TYPE_DATETIME && is_time) || (kind == SV_TYPE_ANY && is_any));
}

static bool signature_uses(const sv_signature *s, sv_type_kind kind)
{
    const sv_schema *const schemas[] = {s->inputs, s->outputs};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; schemas[k] && i < schemas[k]->n_specs; i++)
            if (uses_kind(&schemas[k]->specs[i].type, kind))
                return true;
    for (size_t i = 0; i < s->n_params; i++)
        if (uses_kind(&s->params[i].type, kind))
            return true;
    return false;
}

/* A frame is rows, an array is one message. Without a schema nothing is known of it. */
static void put_shell(const char *name, const char *inner, const char *field, const sv_schema *schema, sv_buf *out)
{
    bool is_rows = schema && !schema->is_tensor;
    sv_buf_printf(out, "\nmessage %s {\n  %s%s %s = 1;\n", name, is_rows ? "repeated " : "",
                  schema ? inner : "google.protobuf.Value", field);
}

void sv_describe_proto(const sv_signature *signature, sv_buf *out)
{
    bool needs_value = !signature->inputs || !signature->outputs || signature_uses(signature, SV_TYPE_ANY);
    sv_buf_put_text(out, "syntax = \"proto3\";\n\npackage savor.model;\n");
    if (needs_value || signature_uses(signature, SV_TYPE_DATETIME))
        sv_buf_put_char(out, '\n');
    if (needs_value)
        sv_buf_put_text(out, "import \"google/protobuf/struct.proto\";\n");
    if (signature_uses(signature, SV_TYPE_DATETIME))
        sv_buf_put_text(out, "import \"google/protobuf/timestamp.proto\";\n");
    put_shell("Request", "Row", "inputs", signature->inputs, out);
    sv_buf_put_text(out, signature->has_params ? "  Params params = 2;\n}\n" : "}\n");
    if (signature->inputs)
        put_schema_message("Row", signature->inputs, out);
    if (signature->has_params)
        put_params(signature, out);
    put_shell("Response", "Prediction", "predictions", signature->outputs, out);
    sv_buf_put_text(out, "}\n");
    if (signature->outputs)
        put_schema_message("Prediction", signature->outputs, out);
}
