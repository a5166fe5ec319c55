/*
 * sklearn_load.h: any bytes as a pickle or skops file of an estimator: refused, or an estimator whose methods are all
 * asked about a few rows: as numbers with and without names, and as text. Each gives an answer or says why not.
 */
#ifndef SV_TESTS_FUZZ_SKLEARN_LOAD_H
#define SV_TESTS_FUZZ_SKLEARN_LOAD_H

#include "base/buf.h"
#include "data/convert.h"
#include "format/pickle.h"
#include "format/skops.h"
#include "sklearn/families.h"

#include <math.h>
#include <stdlib.h>

enum { SKLEARN_ROWS = 5, SKLEARN_WIDTH_MAX = 512 };

#define SKLEARN_BYTES ((size_t)64 << 20)

static inline savor_status sklearn_read(sv_source *source, sv_arena *arena, const sv_record **out, savor_error *err)
{
    sv_str bytes = source->bytes;
    const sv_record_limits limits = {.n_records = 1 << 20,
                                     .depth = 512,
                                     .inflated_bytes = (size_t)16 << 20,
                                     .is_borrowing = true,
                                     .source = source};
    return sv_str_starts(bytes, SV_STR("PK")) ? sv_skops_read(bytes, &limits, arena, out, err)
                                              : sv_pickle_read(bytes, &limits, arena, out, err);
}

/* Every element of what was answered; `sum` is of use to nobody but the optimiser. */
static inline void sklearn_touch(const sv_payload *p)
{
    static volatile uint64_t sink;
    uint64_t sum = 0;
    const sv_tensor *t = p->kind == SV_PAYLOAD_TENSOR ? &p->tensor : NULL;
    for (size_t i = 0; t && i < t->n_items; i++) {
        sv_value v = sv_item_get(t->dtype, t->data, i);
        for (size_t k = 0; v.kind == SV_VALUE_STRING && k < v.n; k++)
            sum += (uint8_t)v.u.p[k];
        sum += (uint64_t)v.kind + v.n;
    }
    const sv_frame *f = p->kind == SV_PAYLOAD_FRAME ? &p->frame : NULL;
    for (size_t c = 0; f && c < f->n_columns; c++)
        for (size_t r = 0; r < f->n_rows; r++)
            sum += (uint64_t)sv_item_get(f->columns[c].dtype, f->columns[c].data, r).kind;
    sink = sum;
    (void)sink;
}

static inline void sklearn_call(const sv_estimator *e, sv_method method, const sv_batch *in)
{
    sv_arena arena;
    sv_batch answer;
    sv_payload payload;
    savor_error err = {0};
    sv_arena_init(&arena, SKLEARN_BYTES);
    savor_status st = sv_estimator_call(e, method, in, &arena, &answer, &err);
    if (!st)
        st = sv_batch_to_payload(&answer, &arena, &payload, &err);
    if (st && err.message[0] == 0)
        abort(); /* a refusal says why */
    if (!st)
        sklearn_touch(&payload);
    sv_arena_deinit(&arena);
}

/* The width that the model says; any other where it does not. */
static inline size_t sklearn_width(const sv_estimator *e)
{
    return e->n_features_in == 0 ? 3 : e->n_features_in > SKLEARN_WIDTH_MAX ? 1 : e->n_features_in;
}

static inline void sklearn_name(const sv_estimator *e, sv_column *columns, size_t width)
{
    for (size_t c = 0; c < width; c++)
        if (c < e->n_feature_names)
            columns[c].name = sv_label_text(e->feature_names[c]);
        else
            columns[c].name = sv_label_text(SV_STR("x"));
}

/* Numbers that trees, logarithms, square roots and casts find hard. */
static inline void sklearn_fill(double *rows, size_t n)
{
    static const double odd[] = {0.0, 1.5, -3.0, 1.0, 2.0, 1e30, -0.0, 0.25, 7.0, -1e300, 1e-320, 3.0, 5.0};
    for (size_t i = 0; i < n; i++)
        rows[i] = odd[(i * 7 + i / 11) % (sizeof odd / sizeof *odd)];
    if (n > 3)
        rows[n - 1] = (double)NAN;
}

static inline void sklearn_predict(const sv_estimator *e)
{
    static const sv_str words[SKLEARN_ROWS] = {
        {"a", 1}, {"", 0}, {"red", 3}, {"1.5", 3}, {"\xc3\xa4 longer text with words, and more words", 41}};
    static double cells[SKLEARN_ROWS * SKLEARN_WIDTH_MAX];
    sv_column numbers[SKLEARN_WIDTH_MAX], texts[SKLEARN_WIDTH_MAX];
    size_t width = sklearn_width(e);
    sklearn_fill(cells, SKLEARN_ROWS * width);
    for (size_t c = 0; c < width; c++) {
        numbers[c] = (sv_column){.dtype = SAVOR_FLOAT64, .data = cells + c * SKLEARN_ROWS};
        texts[c] = c % 3 == 1 ? numbers[c] : (sv_column){.dtype = SAVOR_STRING, .data = words};
    }
    sklearn_name(e, numbers, width);
    sklearn_name(e, texts, width);
    const sv_batch batches[] = {
        {.kind = SV_BATCH_FRAME, .frame = {.n_rows = SKLEARN_ROWS, .n_columns = width, .columns = numbers}},
        {.kind = SV_BATCH_FRAME, .frame = {.n_rows = SKLEARN_ROWS - 1, .n_columns = width, .columns = numbers}},
        {.kind = SV_BATCH_FRAME, .frame = {.n_rows = SKLEARN_ROWS, .n_columns = width, .columns = texts}},
        {.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, SKLEARN_ROWS - 1, width, cells)},
        {.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_STRING, SKLEARN_ROWS, 0, words)},
    };
    for (size_t m = 0; m < SV_METHOD_COUNT; m++)
        for (size_t i = 0; i < sizeof batches / sizeof *batches && sv_estimator_has(e, (sv_method)m); i++)
            sklearn_call(e, (sv_method)m, &batches[i]);
}

/** Load, end the records and the file as whoever loads a model does, predict. */
static inline savor_status sklearn_use(const sv_record *root, sv_arena *records, sv_source *source, sv_buf *file,
                                       savor_error *err)
{
    sv_arena model;
    const sv_estimator *e = NULL;
    sv_loader loader = {.arena = &model, .families = sv_sklearn_families, .release = {1, 5}};
    sv_arena_init(&model, SKLEARN_BYTES);
    savor_status st = sv_estimator_load(&loader, root, &e, err);
    sv_arena_deinit(records);
    sv_source_close(source);
    sv_buf_deinit(file);
    if ((st == SAVOR_OK) != (e != NULL))
        abort();
    if (!st)
        sklearn_predict(e);
    sv_arena_deinit(&model);
    return st;
}

static inline savor_status sklearn_load_and_predict(sv_str bytes, savor_error *err)
{
    sv_arena records;
    const sv_record *root = NULL;
    sv_buf file = SV_BUF_INIT(bytes.n + 1);
    sv_buf_put_str(&file, bytes);
    sv_arena_init(&records, SKLEARN_BYTES);
    sv_source source = sv_source_of(sv_buf_view(&file));
    source.part_min = bytes.n % 2 * 64; /* every other file has arrays that are read when they are asked for */
    savor_status st = sklearn_read(&source, &records, &root, err);
    if (!st)
        st = sklearn_use(root, &records, &source, &file, err);
    sv_arena_deinit(&records);
    sv_source_close(&source);
    sv_buf_deinit(&file);
    return st;
}

#endif
