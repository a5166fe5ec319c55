/* record_dump.c: prints what the pickle reader made of a file, as JSON, for pickle_graph.py to compare.
 *
 *     record_dump FOLDER FILE
 *
 * Arrays are read when they are asked for. {"nodes": [...]}, the first node is the object; a node names others by
 * their number.
 */
#include "base/alloc.h"
#include "base/dir.h"
#include "base/index.h"
#include "format/pickle.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct dump {
    sv_arena arena;
    sv_index seen; /* pointers, 8 bytes each, -> number */
    const sv_record **nodes;
    size_t capacity;
} dump;

static void stop(const savor_error *err)
{
    printf("{\"error\": \"%s\", \"where\": \"%s\", \"message\": \"", savor_status_name(err->status), err->where);
    for (const char *p = err->message; *p; p++)
        putchar(*p == '"' || *p == '\\' || (unsigned char)*p < ' ' ? '?' : *p);
    printf("\"}\n");
    exit(1);
}

/* The number of a record, new or known. */
static size_t number_of(dump *d, const sv_record *r)
{
    savor_error err = {0};
    size_t position = 0;
    const sv_record **key = sv_arena_alloc(&d->arena, sizeof *key);
    if (!key)
        exit(71);
    *key = r;
    if (sv_index_add(&d->seen, (sv_str){(const char *)key, sizeof *key}, &position, &err))
        stop(&err);
    if (position == d->capacity) {
        d->capacity = d->capacity * 2 + 1024;
        d->nodes = sv_realloc_array(d->nodes, d->capacity, sizeof *d->nodes);
        if (!d->nodes)
            exit(71);
    }
    d->nodes[position] = r;
    return position;
}

static void put_hex(const void *bytes, size_t n)
{
    static const char DIGITS[] = "0123456789abcdef";
    const uint8_t *p = bytes;
    putchar('"');
    for (size_t i = 0; i < n; i++) {
        putchar(DIGITS[p[i] >> 4]);
        putchar(DIGITS[p[i] & 15]);
    }
    putchar('"');
}

static void put_refs(dump *d, const sv_record *const *items, size_t n)
{
    printf("[");
    for (size_t i = 0; i < n; i++)
        printf(i ? ", %zu" : "%zu", number_of(d, items[i]));
    printf("]");
}

static void put_ref(dump *d, const sv_record *r)
{
    if (r)
        printf(", %zu", number_of(d, r));
    else
        printf(", null");
}

static void put_elements(dump *d, const sv_array *array)
{
    const sv_tensor *t = &array->tensor;
    size_t size = array->n_fields ? array->item_bytes : sv_dtype_size(t->dtype);
    if (array->cells) {
        put_refs(d, array->cells, t->n_items);
        return;
    }
    if (t->dtype != SAVOR_STRING && t->dtype != SAVOR_BYTES) {
        put_hex(t->data, t->n_items * size);
        return;
    }
    const sv_str *texts = t->data;
    printf("[");
    for (size_t i = 0; i < t->n_items; i++) {
        printf(i ? ", " : "");
        put_hex(texts[i].p, texts[i].n);
    }
    printf("]");
}

static void put_array(dump *d, const sv_array *array)
{
    printf("[\"array\", \"%s\", [", array->n_fields ? "fields" : savor_dtype_name(array->tensor.dtype));
    for (uint32_t i = 0; i < array->tensor.n_dims; i++)
        printf(i ? ", %zu" : "%zu", array->tensor.shape[i]);
    printf("], ");
    put_elements(d, array);
    printf(", [");
    for (size_t i = 0; i < array->n_fields; i++) {
        const sv_array_field *f = &array->fields[i];
        printf(i ? ", [" : "[");
        put_hex(f->name.p, f->name.n);
        printf(", \"%s\", %zu, %zu]", savor_dtype_name(f->dtype), f->offset_bytes, f->n_items);
    }
    printf("]]");
}

static void put_object(dump *d, const char *kind, const sv_object *object)
{
    printf("[\"%s\"", kind);
    put_ref(d, object->callee);
    put_ref(d, object->args);
    put_ref(d, object->kwargs);
    put_ref(d, object->state);
    put_ref(d, object->items);
    put_ref(d, object->pairs);
    printf("]");
}

static void put_items(dump *d, const char *kind, const sv_record *const *items, size_t n)
{
    printf("[\"%s\", ", kind);
    put_refs(d, items, n);
    printf("]");
}

static void put_bytes(const char *kind, const void *p, size_t n)
{
    printf("[\"%s\", ", kind);
    put_hex(p, n);
    printf("]");
}

static void put_record(dump *d, const sv_record *r)
{
    switch (r->kind) {
    case SV_RECORD_NONE:
        printf("[\"none\"]");
        return;
    case SV_RECORD_BOOL:
        printf("[\"bool\", %s]", r->u.i ? "true" : "false");
        return;
    case SV_RECORD_INT:
        put_bytes("int", &r->u.i, sizeof r->u.i);
        return;
    case SV_RECORD_FLOAT:
        put_bytes("float", &r->u.f, sizeof r->u.f);
        return;
    case SV_RECORD_BIGINT:
    case SV_RECORD_TEXT:
        put_bytes(r->kind == SV_RECORD_BIGINT ? "int" : "text", r->u.p, r->n);
        return;
    case SV_RECORD_BYTES:
        put_bytes("bytes", sv_record_bytes(r).p, r->n);
        return;
    case SV_RECORD_LIST:
        put_items(d, "list", r->u.items, r->n);
        return;
    case SV_RECORD_TUPLE:
        put_items(d, "tuple", r->u.items, r->n);
        return;
    case SV_RECORD_SET:
        put_items(d, "set", r->u.items, r->n);
        return;
    case SV_RECORD_DICT:
        put_items(d, "dict", r->u.items, 2 * r->n);
        return;
    case SV_RECORD_GLOBAL:
        printf("[\"global\", ");
        put_hex(r->u.global.module.p, r->u.global.module.n);
        printf(", ");
        put_hex(r->u.global.name.p, r->u.global.name.n);
        printf("]");
        return;
    case SV_RECORD_OBJECT:
    case SV_RECORD_CALL:
        put_object(d, r->kind == SV_RECORD_OBJECT ? "object" : "call", r->u.object);
        return;
    case SV_RECORD_ARRAY:
        put_array(d, sv_record_array(r));
    }
}

int main(int argc, char **argv)
{
    sv_dir root = SV_DIR_CLOSED;
    sv_record_limits limits = SV_RECORD_LIMITS;
    sv_source source = SV_SOURCE_CLOSED;
    dump d = {0};
    const sv_record *r = NULL;
    savor_error err = {0};
    if (argc != 3)
        return 2;
    sv_arena_init(&d.arena, (size_t)8 << 30);
    sv_index_init(&d.seen, &d.arena);
    if (sv_dir_open(argv[1], &root, &err) ||
        sv_source_open(&root, sv_str_of(argv[2]), (size_t)1 << 31, &source, &err))
        stop(&err);
    limits.source = &source;
    source.part_min = 64;
    if (sv_pickle_read(source.bytes, &limits, &d.arena, &r, &err))
        stop(&err);
    number_of(&d, r);
    printf("{\"nodes\": [");
    for (size_t i = 0; i < d.seen.n; i++) {
        printf(i ? ",\n" : "\n");
        put_record(&d, d.nodes[i]);
    }
    printf("\n]}\n");
    sv_free(d.nodes);
    sv_dir_close(&root);
    sv_source_close(&source);
    sv_arena_deinit(&d.arena);
    return 0;
}
