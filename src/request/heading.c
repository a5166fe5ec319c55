#include "request/heading.h"

#include "base/alloc.h"

static bool is_plain(sv_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ' || (unsigned char)name.p[i] > '~' || name.p[i] == '"' || name.p[i] == '\\')
            return false;
    return true;
}

/* How many bytes the longer text takes; false when there shall be no heading. */
static bool count_bytes(const sv_schema *schema, size_t *n_bytes)
{
    *n_bytes = 0;
    if (!schema || !schema->has_names || schema->n_specs == 0 || schema->n_specs > UINT32_MAX)
        return false;
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        if (spec->type.kind != SV_TYPE_DOUBLE || sv_label_is_number(&spec->name) || !is_plain(spec->name.text) ||
            spec->name.text.n > UINT32_MAX || !sv_add(*n_bytes, spec->name.text.n + 4, n_bytes))
            return false;
    }
    return true;
}

/* "a", "b"] */
static sv_str write_names(const sv_schema *schema, sv_str between, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < schema->n_specs; i++) {
        sv_str name = schema->specs[i].name.text;
        if (i) {
            memcpy(out + n, between.p, between.n);
            n += between.n;
        }
        out[n++] = '"';
        memcpy(out + n, name.p, name.n);
        n += name.n;
        out[n++] = '"';
    }
    out[n++] = ']';
    return (sv_str){out, n};
}

savor_status sv_heading_new(const sv_schema *schema, sv_arena *arena, const sv_heading **out, savor_error *err)
{
    size_t n_bytes;
    *out = NULL;
    if (!count_bytes(schema, &n_bytes))
        return SAVOR_OK;
    sv_heading *h = sv_arena_array(arena, 1, sizeof *h);
    sv_json *nodes = sv_arena_array(arena, schema->n_specs, sizeof *nodes);
    sv_column *columns = sv_arena_array(arena, schema->n_specs, sizeof *columns);
    char *wide = sv_arena_alloc(arena, n_bytes), *narrow = sv_arena_alloc(arena, n_bytes);
    if (!h || !nodes || !columns || !wide || !narrow)
        return sv_arena_fail(arena, n_bytes, err);
    for (size_t i = 0; i < schema->n_specs; i++) {
        sv_label name = schema->specs[i].name;
        nodes[i] = (sv_json){.kind = SV_JSON_STRING, .n = (uint32_t)name.text.n, .u.p = name.text.p};
        columns[i] = (sv_column){.name = name, .dtype = SAVOR_FLOAT64};
    }
    h->json.texts[0] = write_names(schema, SV_STR(", "), wide);
    h->json.texts[1] = write_names(schema, SV_STR(","), narrow);
    h->json.nodes = nodes;
    h->json.n = (uint32_t)schema->n_specs;
    h->columns = columns;
    *out = h;
    return SAVOR_OK;
}
