#include "corpus/record_damage.h"

#include <math.h>
#include <string.h>

enum { RECORDS_MAX = 20000, DEPTH_MAX = 200 };

/* All records below the root, shared ones as often as they are met. */
typedef struct damager {
    sv_arena *arena;
    uint64_t *state;
    sv_record **list;
    size_t n;
} damager;

static size_t below(damager *d, size_t n)
{
    uint64_t z = (*d->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return n ? (size_t)((z ^ (z >> 31)) % n) : 0;
}

/* The graph is the test's own, though its readers may not change it. */
static void *mutable(const void *p) { return (void *)(uintptr_t)p; }

static void collect(damager *d, const sv_record *r, size_t depth);

static void collect_items(damager *d, const sv_record *const *items, size_t n, size_t depth)
{
    for (size_t i = 0; i < n; i++)
        collect(d, items[i], depth);
}

static void collect(damager *d, const sv_record *r, size_t depth)
{
    if (!r || d->n == RECORDS_MAX || depth == DEPTH_MAX)
        return;
    d->list[d->n++] = mutable(r);
    if (r->kind == SV_RECORD_LIST || r->kind == SV_RECORD_TUPLE || r->kind == SV_RECORD_SET)
        collect_items(d, r->u.items, r->n, depth + 1);
    else if (r->kind == SV_RECORD_DICT)
        collect_items(d, r->u.items, 2 * r->n, depth + 1);
    else if (r->kind == SV_RECORD_ARRAY && r->u.array->cells)
        collect_items(d, r->u.array->cells, r->u.array->tensor.n_items, depth + 1);
    else if (r->kind == SV_RECORD_OBJECT || r->kind == SV_RECORD_CALL)
        collect_items(d, (const sv_record *const[]){r->u.object->args, r->u.object->state, r->u.object->items}, 3,
                      depth + 1);
}

/* ---- one record becomes another ---- */

static void replace(damager *d, sv_record *r)
{
    static const int64_t ints[] = {0, -1, 1, 2, 7, INT32_MAX, INT64_MAX, INT64_MIN, -9};
    static const double floats[] = {0.0, -1.0, 0.5, 1e300, -1e18, INFINITY, NAN};
    static const char *const texts[] = {"", "x", "predict_proba", "auto", "manhattan", "mean", "constant"};
    const char *text = texts[below(d, sizeof texts / sizeof *texts)];
    switch (below(d, 6)) {
    case 0:
        *r = (sv_record){.kind = SV_RECORD_NONE};
        return;
    case 1:
        *r = (sv_record){.kind = SV_RECORD_INT, .u.i = ints[below(d, sizeof ints / sizeof *ints)]};
        return;
    case 2:
        *r = (sv_record){.kind = SV_RECORD_FLOAT, .u.f = floats[below(d, sizeof floats / sizeof *floats)]};
        return;
    case 3:
        *r = (sv_record){.kind = SV_RECORD_TEXT, .n = strlen(text), .u.p = text};
        return;
    case 4:
        *r = (sv_record){.kind = below(d, 2) ? SV_RECORD_LIST : SV_RECORD_BOOL};
        return;
    default:
        *r = *d->list[below(d, d->n)];
    }
}

/* A list with an item less, or one that stands in it twice. A dict loses an entry. */
static void change_items(damager *d, sv_record *r)
{
    size_t width = r->kind == SV_RECORD_DICT ? 2 : 1;
    if (r->n == 0)
        return;
    const sv_record **items = sv_arena_array(d->arena, (r->n + 1) * width, sizeof *items);
    size_t at = below(d, r->n), keeps = width == 1 && below(d, 2);
    if (!items)
        return;
    memcpy(items, r->u.items, (at + keeps) * width * sizeof *items);
    memcpy(items + (at + keeps) * width, r->u.items + (at + 1 - keeps) * width,
           (r->n - at - 1 + keeps) * width * sizeof *items);
    r->n = keeps ? r->n + 1 : r->n - 1;
    r->u.items = items;
}

/* ---- arrays ---- */

static void change_shape(damager *d, sv_tensor *t)
{
    size_t dim = below(d, t->n_dims), n = t->shape[dim];
    switch (below(d, 4)) {
    case 0: /* the last or all are lost */
        t->shape[dim] = n && below(d, 2) ? n - 1 : 0;
        break;
    case 1: /* [a x b] -> [b x a] */
        t->shape[dim] = t->shape[t->n_dims - 1];
        t->shape[t->n_dims - 1] = n;
        break;
    case 2:
        t->n_dims = 1;
        t->shape[0] = t->n_items;
        break;
    default:
        if (t->n_dims < SV_TENSOR_DIMS_MAX)
            t->shape[t->n_dims++] = 1;
    }
    t->n_items = 1;
    for (size_t i = 0; i < t->n_dims; i++)
        t->n_items *= t->shape[i];
}

static void change_element(damager *d, const sv_array *a)
{
    static const double odd[] = {NAN, -1.0, 1e300, -1e18, 0.0, INFINITY, 3e9};
    const sv_tensor *t = &a->tensor;
    size_t size = a->n_fields ? a->item_bytes : sv_dtype_size(t->dtype);
    char *item = (char *)mutable(t->data) + below(d, t->n_items) * size;
    int64_t number = (int64_t[]){-1, 0, 1, 2, INT32_MAX, INT64_MAX, INT64_MIN, 100}[below(d, 8)];
    if (t->dtype == SAVOR_STRING || t->dtype == SAVOR_BYTES)
        return; /* pointers */
    if (a->n_fields) {
        const sv_array_field *f = &a->fields[below(d, a->n_fields)];
        item += f->offset_bytes;
        size = sv_dtype_size(f->dtype);
    }
    if (size == 8 && below(d, 2))
        memcpy(item, &odd[below(d, sizeof odd / sizeof *odd)], 8);
    else
        memcpy(item, &number, size < 8 ? size : 8);
}

/* Elements are shared by nobody, but the header of an array may be: it is copied. */
static void change_array(damager *d, sv_record *r)
{
    sv_array *a = sv_arena_array(d->arena, 1, sizeof *a);
    if (!a)
        return;
    *a = *r->u.array;
    r->u.array = a;
    if (a->n_fields && below(d, 6) == 0)
        a->n_fields--;
    else if (a->tensor.n_dims && below(d, 2))
        change_shape(d, &a->tensor);
    else if (a->tensor.n_items && !a->cells)
        change_element(d, a);
}

void record_damage(sv_record *root, sv_arena *arena, uint64_t *state)
{
    damager d = {.arena = arena, .state = state};
    if (!(d.list = sv_arena_array(arena, RECORDS_MAX, sizeof *d.list)))
        return;
    collect(&d, root, 0);
    sv_record *r = d.list[below(&d, d.n)];
    bool has_items = r->kind == SV_RECORD_LIST || r->kind == SV_RECORD_TUPLE || r->kind == SV_RECORD_DICT;
    if (r->kind == SV_RECORD_ARRAY && below(&d, 4))
        change_array(&d, r);
    else if (has_items && below(&d, 4))
        change_items(&d, r);
    else
        replace(&d, r);
}
