/* pickle_fuzz.c: pickles and joblib files, read and looked at; the list of names must not depend on the reading. */
#include "format/pickle.h"
#include "fuzz/foreign.h"
#include "fuzz/record_walk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Texts in arrays are checked text. */
static void check_texts(const sv_array *array)
{
    const sv_tensor *t = &array->tensor;
    for (size_t i = 0; t->dtype == SAVOR_STRING && i < t->n_items; i++)
        if (!sv_utf8_check_surrogates(((const sv_str *)t->data)[i].p, ((const sv_str *)t->data)[i].n))
            abort();
}

/* Some of the graph; it may hold cycles. */
static void touch(const sv_record *r, sv_arena *arena, unsigned depth)
{
    sv_tensor doubles;
    savor_dtype dtype;
    bool is_true;
    int64_t number;
    size_t n;
    if (!r || depth == 0)
        return;
    const sv_array *array = sv_record_array(r);
    if (array)
        check_texts(array);
    touch(sv_record_find(r, "x"), arena, depth - 1);
    const sv_record *const *items = sv_record_items(r, &n);
    for (size_t i = 0; i < n && i < 4; i++)
        touch(items[i], arena, depth - 1);
    sv_record_to_int(r, &number);
    sv_record_to_bool(r, &is_true);
    sv_record_to_dtype(r, &dtype);
    if (sv_record_doubles(r, arena, &doubles, NULL) == SAVOR_OK && doubles.dtype != SAVOR_FLOAT64)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sv_record_limits limits = {.n_records = 1 << 20, .depth = 64, .inflated_bytes = 1 << 22};
    const sv_record *r = NULL;
    sv_global_list list;
    sv_arena arena, other;
    savor_error err;
    sv_str bytes = {(const char *)data, size};
    if (is_foreign(bytes))
        return 0;
    sv_arena_init(&arena, (size_t)1 << 27);
    sv_arena_init(&other, (size_t)1 << 27);
    savor_status st = sv_pickle_read(bytes, &limits, &arena, &r, &err);
    if ((st == SAVOR_OK) != (r != NULL) || (sv_pickle_list_globals(bytes, &limits, &other, &list, &err) == 0 && st))
        abort();
    touch(r, &arena, 6);
    volatile uint64_t sum = r ? record_walk_all(r) : 0;
    (void)sum;
    sv_arena_deinit(&other);
    sv_arena_deinit(&arena);
    return 0;
}
