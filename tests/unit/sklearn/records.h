/* records.h: records made by hand, as a reader would leave them. They live in the test's arena. */
#ifndef TESTS_UNIT_SKLEARN_RECORDS_H
#define TESTS_UNIT_SKLEARN_RECORDS_H

#include "format/record.h"
#include "unit/test.h"

#include <string.h>

static inline sv_record *record_new(sv_arena *arena, sv_record_kind kind)
{
    sv_record *r = sv_arena_array(arena, 1, sizeof *r);
    assert_non_null(r);
    r->kind = kind;
    return r;
}

static inline const sv_record *record_none(sv_arena *arena) { return record_new(arena, SV_RECORD_NONE); }

static inline const sv_record *record_int(sv_arena *arena, int64_t value)
{
    sv_record *r = record_new(arena, SV_RECORD_INT);
    r->u.i = value;
    return r;
}

static inline const sv_record *record_bool(sv_arena *arena, bool value)
{
    sv_record *r = record_new(arena, SV_RECORD_BOOL);
    r->u.i = value;
    return r;
}

static inline const sv_record *record_float(sv_arena *arena, double value)
{
    sv_record *r = record_new(arena, SV_RECORD_FLOAT);
    r->u.f = value;
    return r;
}

static inline const sv_record *record_text(sv_arena *arena, const char *text)
{
    sv_record *r = record_new(arena, SV_RECORD_TEXT);
    r->u.p = text;
    r->n = strlen(text);
    return r;
}

/** LIST or TUPLE of n records; DICT of n pairs. */
static inline const sv_record *record_items(sv_arena *arena, sv_record_kind kind, size_t n,
                                            const sv_record *const *items)
{
    size_t n_items = kind == SV_RECORD_DICT ? 2 * n : n;
    sv_record *r = record_new(arena, kind);
    const sv_record **copy = sv_arena_array(arena, n_items, sizeof *copy);
    assert_non_null(copy);
    if (n_items)
        memcpy(copy, items, n_items * sizeof *copy);
    r->u.items = copy;
    r->n = n;
    return r;
}

#define RECORD_LIST(arena, ...)                                                                                 \
    record_items(arena, SV_RECORD_LIST, sizeof((const sv_record *[]){__VA_ARGS__}) / sizeof(const sv_record *), \
                 (const sv_record *[]){__VA_ARGS__})
#define RECORD_DICT(arena, ...)                                                                                     \
    record_items(arena, SV_RECORD_DICT, sizeof((const sv_record *[]){__VA_ARGS__}) / sizeof(const sv_record *) / 2, \
                 (const sv_record *[]){__VA_ARGS__})

/** An array of doubles, or of anything whose data are there; n_columns == 0: one dimension. */
static inline const sv_record *record_array(sv_arena *arena, savor_dtype dtype, size_t n_rows, size_t n_columns,
                                            const void *data)
{
    sv_record *r = record_new(arena, SV_RECORD_ARRAY);
    sv_array *array = sv_arena_array(arena, 1, sizeof *array);
    assert_non_null(array);
    array->tensor = sv_tensor_view(dtype, n_rows, n_columns, data);
    r->u.array = array;
    return r;
}

/** module.name with a dict as its state. */
static inline const sv_record *record_object(sv_arena *arena, const char *module, const char *name,
                                             const sv_record *state)
{
    sv_record *r = record_new(arena, SV_RECORD_OBJECT), *callee = record_new(arena, SV_RECORD_GLOBAL);
    sv_object *object = sv_arena_array(arena, 1, sizeof *object);
    assert_non_null(object);
    callee->u.global = (sv_global){sv_str_of(module), sv_str_of(name)};
    *object = (sv_object){.callee = callee, .args = record_new(arena, SV_RECORD_TUPLE), .state = state};
    r->u.object = object;
    return r;
}

#endif
