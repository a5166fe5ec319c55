/* record_walk.h: touches every byte of a graph of records, so that a sanitizer sees what does not belong to it. */
#ifndef SV_TESTS_FUZZ_RECORD_WALK_H
#define SV_TESTS_FUZZ_RECORD_WALK_H

#include "format/record.h"

#include <string.h>

/* Steps are counted: records may be shared and form cycles. */
typedef struct record_walk {
    size_t steps_left, depth_left;
    uint64_t sum;
} record_walk;

/* By memcpy: a sanitizer looks at the whole of what it copies, which is many times faster than each byte alone. */
static inline void record_walk_bytes(record_walk *w, const void *p, size_t n)
{
    static uint8_t copy[4096];
    for (size_t at = 0; at < n; at += sizeof copy) {
        size_t piece = n - at < sizeof copy ? n - at : sizeof copy;
        memcpy(copy, (const uint8_t *)p + at, piece);
        w->sum = w->sum * 31 + copy[piece / 2];
    }
}

static inline void record_walk_texts(record_walk *w, const sv_str *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        record_walk_bytes(w, texts[i].p, texts[i].n);
}

static void record_walk_from(record_walk *w, const sv_record *r);

static inline void record_walk_items(record_walk *w, const sv_record *const *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        record_walk_from(w, items[i]);
}

static inline void record_walk_array(record_walk *w, const sv_array *a)
{
    const sv_tensor *t = &a->tensor;
    if (a->cells)
        record_walk_items(w, a->cells, t->n_items);
    else if (t->dtype == SAVOR_STRING || t->dtype == SAVOR_BYTES)
        record_walk_texts(w, t->data, t->n_items);
    else
        record_walk_bytes(w, t->data, t->n_items * (a->n_fields ? a->item_bytes : sv_dtype_size(t->dtype)));
    for (size_t i = 0; i < a->n_fields; i++) {
        const sv_array_field *f = &a->fields[i];
        record_walk_bytes(w, f->name.p, f->name.n);
        if (f->offset_bytes + f->n_items * sv_dtype_size(f->dtype) > a->item_bytes)
            __builtin_trap();
    }
}

static inline void record_walk_object(record_walk *w, const sv_object *o)
{
    const sv_record *parts[] = {o->callee, o->args, o->kwargs, o->state, o->items, o->pairs};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i])
            record_walk_from(w, parts[i]);
}

static void record_walk_from(record_walk *w, const sv_record *r)
{
    if (w->steps_left == 0 || w->depth_left == 0)
        return;
    w->steps_left--;
    w->depth_left--;
    w->sum += (uint64_t)r->kind;
    if (r->kind == SV_RECORD_TEXT || r->kind == SV_RECORD_BIGINT)
        record_walk_bytes(w, r->u.p, r->n);
    else if (r->kind == SV_RECORD_BYTES)
        record_walk_bytes(w, sv_record_bytes(r).p, sv_record_bytes(r).n);
    else if (r->kind == SV_RECORD_LIST || r->kind == SV_RECORD_TUPLE || r->kind == SV_RECORD_SET)
        record_walk_items(w, r->u.items, r->n);
    else if (r->kind == SV_RECORD_DICT)
        record_walk_items(w, r->u.items, 2 * r->n);
    else if (r->kind == SV_RECORD_GLOBAL)
        record_walk_texts(w, &r->u.global.module, 1);
    else if (r->kind == SV_RECORD_OBJECT || r->kind == SV_RECORD_CALL)
        record_walk_object(w, r->u.object);
    else if (r->kind == SV_RECORD_ARRAY)
        record_walk_array(w, sv_record_array(r));
    w->depth_left++;
}

/** Walk from `root`; the sum is of use to nobody but the optimiser. */
static inline uint64_t record_walk_all(const sv_record *root)
{
    record_walk w = {.steps_left = 200000, .depth_left = 3000};
    record_walk_from(&w, root);
    return w.sum;
}

#endif
