/* record_print.c: prints the records of a model file as JSON, for comparing with what Python makes of the file.
 *
 *     record_print skops FILE     the graph
 *     record_print pickle FILE    likewise, of a pickle
 *     record_print types FILE     the types that a skops file names, one a line
 *
 * A shared record is printed each time it is met; the depth is limited, so a cycle ends with an error.
 */
#include "corpus/vectors.h"
#include "format/pickle.h"
#include "format/skops.h"
#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)8 << 30)
#define DEPTH_MAX 2000

static unsigned depth;

static void print(sv_buf *out, const sv_record *r);

static void print_hex(sv_buf *out, const void *data, size_t n)
{
    static const char DIGITS[] = "0123456789abcdef";
    const uint8_t *p = data;
    sv_buf_put_char(out, '"');
    for (size_t i = 0; i < n; i++) {
        sv_buf_put_char(out, DIGITS[p[i] >> 4]);
        sv_buf_put_char(out, DIGITS[p[i] & 15]);
    }
    sv_buf_put_char(out, '"');
}

static void print_items(sv_buf *out, const sv_record *const *items, size_t n)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            sv_buf_put_char(out, ',');
        print(out, items[i]);
    }
    sv_buf_put_char(out, ']');
}

static void print_texts(sv_buf *out, const sv_str *texts, size_t n, bool is_bytes)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            sv_buf_put_char(out, ',');
        if (is_bytes)
            print_hex(out, texts[i].p, texts[i].n);
        else
            sv_json_put_string(out, texts[i]);
    }
    sv_buf_put_char(out, ']');
}

static void print_fields(sv_buf *out, const sv_array *a)
{
    sv_buf_printf(out, ",\"item_bytes\":%zu,\"fields\":[", a->item_bytes);
    for (size_t i = 0; i < a->n_fields; i++) {
        const sv_array_field *f = &a->fields[i];
        sv_buf_put_text(out, i ? ",[" : "[");
        sv_json_put_string(out, f->name);
        sv_buf_printf(out, ",\"%s\",%zu,%zu]", savor_dtype_name(f->dtype), f->offset_bytes, f->n_items);
    }
    sv_buf_put_char(out, ']');
}

static void print_array(sv_buf *out, const sv_array *a)
{
    const sv_tensor *t = &a->tensor;
    sv_buf_printf(out, "{\"array\":\"%s\",\"shape\":[", a->n_fields ? "void" : savor_dtype_name(t->dtype));
    for (size_t i = 0; i < t->n_dims; i++)
        sv_buf_printf(out, i ? ",%zu" : "%zu", t->shape[i]);
    sv_buf_put_char(out, ']');
    if (a->n_fields)
        print_fields(out, a);
    sv_buf_put_text(out, ",\"data\":");
    if (a->cells)
        print_items(out, a->cells, t->n_items);
    else if (t->dtype == SAVOR_STRING || t->dtype == SAVOR_BYTES)
        print_texts(out, t->data, t->n_items, t->dtype == SAVOR_BYTES);
    else
        print_hex(out, t->data, t->n_items * (a->n_fields ? a->item_bytes : sv_dtype_size(t->dtype)));
    sv_buf_put_char(out, '}');
}

static void print_global(sv_buf *out, sv_global global)
{
    sv_buf_put_text(out, "{\"global\":[");
    sv_json_put_string(out, global.module);
    sv_buf_put_char(out, ',');
    sv_json_put_string(out, global.name);
    sv_buf_put_text(out, "]}");
}

static void print_object(sv_buf *out, const sv_record *r)
{
    const sv_object *o = r->u.object;
    sv_buf_put_text(out, r->kind == SV_RECORD_OBJECT ? "{\"object\":" : "{\"call\":");
    print(out, o->callee);
    const struct {
        const char *name;
        const sv_record *part;
    } parts[] = {
        {"args", o->args}, {"kwargs", o->kwargs}, {"state", o->state}, {"items", o->items}, {"pairs", o->pairs}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].part) {
            sv_buf_printf(out, ",\"%s\":", parts[i].name);
            print(out, parts[i].part);
        }
    sv_buf_put_char(out, '}');
}

static void print_container(sv_buf *out, const char *name, const sv_record *r)
{
    sv_buf_printf(out, "{\"%s\":", name);
    print_items(out, r->u.items, r->kind == SV_RECORD_DICT ? 2 * r->n : r->n);
    sv_buf_put_char(out, '}');
}

static void print_value(sv_buf *out, const sv_record *r)
{
    switch (r->kind) {
    case SV_RECORD_NONE:
        sv_buf_put_text(out, "null");
        break;
    case SV_RECORD_BOOL:
        sv_buf_put_text(out, r->u.i ? "true" : "false");
        break;
    case SV_RECORD_INT:
        sv_json_put_int64(out, r->u.i);
        break;
    case SV_RECORD_FLOAT:
        sv_buf_put_text(out, "{\"float\":");
        print_hex(out, &r->u.f, sizeof r->u.f);
        sv_buf_put_char(out, '}');
        break;
    case SV_RECORD_TEXT:
        sv_json_put_string(out, (sv_str){r->u.p, r->n});
        break;
    case SV_RECORD_BIGINT:
    case SV_RECORD_BYTES:
        sv_buf_put_text(out, r->kind == SV_RECORD_BYTES ? "{\"bytes\":" : "{\"int\":");
        print_hex(out, r->u.p, r->n);
        sv_buf_put_char(out, '}');
        break;
    case SV_RECORD_LIST:
        print_items(out, r->u.items, r->n);
        break;
    case SV_RECORD_TUPLE:
        print_container(out, "tuple", r);
        break;
    case SV_RECORD_SET:
        print_container(out, "set", r);
        break;
    case SV_RECORD_DICT:
        print_container(out, "dict", r);
        break;
    case SV_RECORD_GLOBAL:
        print_global(out, r->u.global);
        break;
    case SV_RECORD_OBJECT:
    case SV_RECORD_CALL:
        print_object(out, r);
        break;
    case SV_RECORD_ARRAY:
        print_array(out, r->u.array);
        break;
    }
}

static void print(sv_buf *out, const sv_record *r)
{
    if (++depth > DEPTH_MAX) {
        fprintf(stderr, "too deep\n");
        exit(1);
    }
    if (r)
        print_value(out, r);
    else
        sv_buf_put_text(out, "\"(missing)\"");
    depth--;
}

static savor_status print_root(const sv_record *root, sv_buf *out, savor_error *err)
{
    print(out, root);
    return sv_buf_check(out, err);
}

static savor_status print_skops(sv_str bytes, sv_arena *arena, sv_buf *out, savor_error *err)
{
    const sv_record *root;
    savor_status st = sv_skops_read(bytes, NULL, arena, &root, err);
    return st ? st : print_root(root, out, err);
}

static savor_status print_pickle(sv_str bytes, sv_arena *arena, sv_buf *out, savor_error *err)
{
    const sv_record *root;
    savor_status st = sv_pickle_read(bytes, NULL, arena, &root, err);
    return st ? st : print_root(root, out, err);
}

static savor_status print_types(sv_str bytes, sv_arena *arena, sv_buf *out, savor_error *err)
{
    const sv_global *types;
    size_t n;
    savor_status st = sv_skops_list_types(bytes, arena, &types, &n, err);
    for (size_t i = 0; !st && i < n; i++)
        sv_buf_printf(out, "%.*s.%.*s\n", SV_FMT(types[i].module), SV_FMT(types[i].name));
    return st ? st : sv_buf_check(out, err);
}

static const struct {
    const char *word;
    savor_status (*print)(sv_str bytes, sv_arena *arena, sv_buf *out, savor_error *err);
} WAYS[] = {{"skops", print_skops}, {"pickle", print_pickle}, {"types", print_types}};

int main(int argc, char **argv)
{
    size_t way = 0;
    sv_arena arena;
    sv_buf bytes = SV_BUF_INIT((size_t)2 << 30), out = SV_BUF_INIT((size_t)8 << 30);
    savor_error err = {0};
    while (argc == 3 && way < 3 && strcmp(argv[1], WAYS[way].word) != 0)
        way++;
    if (argc != 3 || way == 3 || !vectors_read(argv[2], &bytes)) {
        fprintf(stderr, "usage: record_print skops|pickle|types FILE\n");
        return 2;
    }
    sv_arena_init(&arena, ARENA_BYTES);
    savor_status st = WAYS[way].print(sv_buf_view(&bytes), &arena, &out, &err);
    if (st)
        fprintf(stderr, "%s: %s\n", err.where, err.message);
    else
        printf("%s\n", sv_buf_view(&out).p);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&bytes);
    sv_buf_deinit(&out);
    return st != SAVOR_OK;
}
