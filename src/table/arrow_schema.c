#include "table/arrow_priv.h"

#include "base/error.h"

/* Numbers of the Type union, and what pandas calls those that are refused. */
enum {
    TYPE_NULL = 1,
    TYPE_INT,
    TYPE_FLOAT,
    TYPE_BINARY,
    TYPE_UTF8,
    TYPE_BOOL,
    TYPE_DATE = 8,
    TYPE_TIMESTAMP = 10,
    TYPE_FIXED_BINARY = 15,
    TYPE_LARGE_BINARY = 19,
    TYPE_LARGE_UTF8,
    TYPE_BINARY_VIEW = 23,
    TYPE_UTF8_VIEW,
};

static const char *const TYPE_NAMES[] = {
    "none",
    "null",
    "int",
    "float",
    "binary",
    "utf8",
    "bool",
    "decimal",
    "date",
    "time",
    "timestamp",
    "interval",
    "list",
    "struct",
    "union",
    "fixed binary",
    "fixed list",
    "map",
    "duration",
    "large binary",
    "large utf8",
    "large list",
    "run end encoded",
    "binary view",
    "utf8 view",
    "list view",
    "large list view",
};

enum { FIELD_NAME = 0, FIELD_TYPE_KIND = 2, FIELD_TYPE = 3, FIELD_DICTIONARY = 4 };

static savor_status fail_type(const sv_arrow_field *field, const char *what, savor_error *err)
{
    return sv_fail(err, SAVOR_UNSUPPORTED, "the Arrow column \"%.*s\" has the type %s, which is not taken",
                   SV_FMT(field->name), what);
}

static bool read_integer(const sv_flat_table *type, sv_arrow_type *out)
{
    static const savor_dtype SIGNED[] = {SAVOR_INT8, SAVOR_INT16, SAVOR_INT32, SAVOR_INT64};
    static const savor_dtype UNSIGNED[] = {SAVOR_UINT8, SAVOR_UINT16, SAVOR_UINT32, SAVOR_UINT64};
    int64_t bits = sv_flat_integer(type, 0, 4, 0);
    size_t i = bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3;
    *out =
        (sv_arrow_type){.layout = SV_ARROW_FIXED, .dtype = sv_flat_integer(type, 1, 1, 0) ? SIGNED[i] : UNSIGNED[i]};
    return bits == 8 << i;
}

static bool read_float(const sv_flat_table *type, sv_arrow_type *out)
{
    static const savor_dtype FLOATS[] = {SAVOR_FLOAT16, SAVOR_FLOAT32, SAVOR_FLOAT64};
    int64_t precision = sv_flat_integer(type, 0, 2, 0);
    if (precision < 0 || precision > 2)
        return false;
    *out = (sv_arrow_type){.layout = SV_ARROW_FIXED, .dtype = FLOATS[precision]};
    return true;
}

static void read_date(const sv_flat_table *type, sv_arrow_type *out)
{
    bool is_days = sv_flat_integer(type, 0, 2, 1) == 0;
    *out = (sv_arrow_type){.layout = is_days ? SV_ARROW_DAYS : SV_ARROW_TICKS,
                           .dtype = SAVOR_DATETIME_NS,
                           .is_date = true,
                           .tick_ns = is_days ? 86400000000000 : 1000000};
}

static savor_status read_timestamp(const sv_arrow_field *field, const sv_flat_table *type, sv_arrow_type *out,
                                   savor_error *err)
{
    static const int64_t TICKS[] = {1000000000, 1000000, 1000, 1};
    int64_t unit = sv_flat_integer(type, 0, 2, 0);
    if (sv_flat_text(type, 1).n)
        return fail_type(field, "timestamp with a time zone", err);
    if (unit < 0 || unit > 3)
        return SV_ARROW_FAIL(err, "has a timestamp of unit %lld", (long long)unit);
    *out = (sv_arrow_type){.layout = SV_ARROW_TICKS, .dtype = SAVOR_DATETIME_NS, .tick_ns = TICKS[unit]};
    return SAVOR_OK;
}

static sv_arrow_type text_type(int64_t kind)
{
    bool is_text = kind == TYPE_UTF8 || kind == TYPE_LARGE_UTF8 || kind == TYPE_UTF8_VIEW;
    bool is_view = kind == TYPE_BINARY_VIEW || kind == TYPE_UTF8_VIEW;
    bool is_large = kind == TYPE_LARGE_BINARY || kind == TYPE_LARGE_UTF8;
    return (sv_arrow_type){.layout = is_view    ? SV_ARROW_VIEWS
                                     : is_large ? SV_ARROW_SPANS64
                                                : SV_ARROW_SPANS32,
                           .dtype = is_text ? SAVOR_STRING : SAVOR_BYTES};
}

static savor_status read_type(const sv_flat_table *table, sv_arrow_field *field, savor_error *err)
{
    int64_t kind = (uint8_t)sv_flat_integer(table, FIELD_TYPE_KIND, 1, 0), width;
    sv_flat_table type;
    (void)sv_flat_child(table, FIELD_TYPE, &type);
    switch (kind) {
    case TYPE_NULL:
        field->type = (sv_arrow_type){.layout = SV_ARROW_NONE, .dtype = SAVOR_OBJECT};
        return SAVOR_OK;
    case TYPE_BOOL:
        field->type = (sv_arrow_type){.layout = SV_ARROW_BITS, .dtype = SAVOR_BOOL};
        return SAVOR_OK;
    case TYPE_INT:
        return read_integer(&type, &field->type) ? SAVOR_OK : SV_ARROW_FAIL(err, "has integers of no known size");
    case TYPE_FLOAT:
        return read_float(&type, &field->type) ? SAVOR_OK : SV_ARROW_FAIL(err, "has floats of no known size");
    case TYPE_BINARY:
    case TYPE_UTF8:
    case TYPE_LARGE_BINARY:
    case TYPE_LARGE_UTF8:
    case TYPE_BINARY_VIEW:
    case TYPE_UTF8_VIEW:
        field->type = text_type(kind);
        return SAVOR_OK;
    case TYPE_DATE:
        read_date(&type, &field->type);
        return SAVOR_OK;
    case TYPE_TIMESTAMP:
        return read_timestamp(field, &type, &field->type, err);
    case TYPE_FIXED_BINARY:
        width = sv_flat_integer(&type, 0, 4, 0);
        field->type = (sv_arrow_type){.layout = SV_ARROW_WIDE, .dtype = SAVOR_BYTES, .width = (size_t)width};
        return width >= 0 ? SAVOR_OK : SV_ARROW_FAIL(err, "has values of %lld bytes", (long long)width);
    default:
        break;
    }
    if (kind == 0 || kind >= (int64_t)(sizeof TYPE_NAMES / sizeof TYPE_NAMES[0]))
        return SV_ARROW_FAIL(err, "has a column of type number %lld, which is not known", (long long)kind);
    return fail_type(field, TYPE_NAMES[kind], err);
}

static sv_str id_key(const int64_t *id) { return (sv_str){(const char *)id, sizeof *id}; }

sv_arrow_dictionary *sv_arrow_dictionary_find(const sv_arrow_schema *schema, int64_t id)
{
    size_t at = schema->n_dictionaries ? sv_index_find(&schema->by_id, id_key(&id)) : SV_INDEX_NONE;
    return at == SV_INDEX_NONE ? NULL : &schema->dictionaries[at];
}

static bool is_same_type(const sv_arrow_type *a, const sv_arrow_type *b)
{
    return a->layout == b->layout && a->dtype == b->dtype && a->is_date == b->is_date && a->tick_ns == b->tick_ns &&
           a->width == b->width;
}

/* Fields may share a dictionary, if they agree about what is in it. */
static savor_status join_dictionary(sv_arrow_schema *schema, int64_t id, sv_arrow_field *field, savor_error *err)
{
    field->dictionary = sv_arrow_dictionary_find(schema, id);
    if (field->dictionary)
        return is_same_type(&field->dictionary->type, &field->type)
                   ? SAVOR_OK
                   : SV_ARROW_FAIL(err, "has two types for dictionary %lld", (long long)id);
    field->dictionary = &schema->dictionaries[schema->n_dictionaries];
    *field->dictionary = (sv_arrow_dictionary){.id = id, .type = field->type};
    return sv_index_put(&schema->by_id, id_key(&field->dictionary->id), schema->n_dictionaries++, err);
}

/* The numbers of a dictionary are int32 unless it says otherwise. */
static savor_status read_dictionary(const sv_flat_table *table, sv_arrow_schema *schema, sv_arrow_field *field,
                                    savor_error *err)
{
    sv_flat_table dictionary, index;
    if (!sv_flat_child(table, FIELD_DICTIONARY, &dictionary))
        return SAVOR_OK;
    field->index_type = (sv_arrow_type){.layout = SV_ARROW_FIXED, .dtype = SAVOR_INT32};
    if (sv_flat_child(&dictionary, 1, &index) && !read_integer(&index, &field->index_type))
        return SV_ARROW_FAIL(err, "has a dictionary whose numbers are of no known size");
    return join_dictionary(schema, sv_flat_integer(&dictionary, 0, 8, 0), field, err);
}

static savor_status read_field(const sv_flat_table *table, sv_arrow_schema *schema, sv_arrow_field *field,
                               savor_error *err)
{
    savor_status st;
    field->name = sv_flat_text(table, FIELD_NAME);
    if (!field->name.p)
        field->name = SV_STR("");
    schema->n_name_bytes += field->name.n;
    if (schema->n_name_bytes > table->flat->n) /* else a small schema could ask for much work */
        return SV_ARROW_FAIL(err, "has columns whose names overlap");
    if (!sv_utf8_check(field->name.p, field->name.n))
        return SV_ARROW_FAIL(err, "has a column whose name is not UTF-8");
    if ((st = read_type(table, field, err)))
        return st;
    return read_dictionary(table, schema, field, err);
}

savor_status sv_arrow_schema_read(const sv_arrow_message *message, sv_arena *arena, sv_arrow_schema *out,
                                  savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (sv_flat_integer(&message->header, 0, 2, 0) != 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the Arrow stream is big-endian, which is not taken");
    sv_flat_vector fields = sv_flat_items(&message->header, 1, 4);
    *out = (sv_arrow_schema){.n_fields = fields.n};
    out->fields = sv_arena_array(arena, fields.n, sizeof *out->fields);
    out->dictionaries = sv_arena_array(arena, fields.n, sizeof *out->dictionaries);
    sv_index_init(&out->by_id, arena);
    if (!out->fields || !out->dictionaries)
        return sv_arena_fail(arena, fields.n * sizeof *out->fields, err);
    for (size_t i = 0; !st && i < fields.n; i++) {
        sv_flat_table field = sv_flat_item(&fields, i);
        st = read_field(&field, out, &out->fields[i], err);
    }
    if (message->flat->is_broken)
        return SV_ARROW_FAIL(err, "has a schema that points outside of itself");
    return st;
}
