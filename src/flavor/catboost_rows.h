/* catboost_rows.h: the columns that CatBoost's Python package makes of a frame or an array: floats, and the hashes of
 * categories. */
#ifndef SV_FLAVOR_CATBOOST_ROWS_H
#define SV_FLAVOR_CATBOOST_ROWS_H

#include "data/payload.h"
#include "format/catboost.h"

/** What the formula takes. */
typedef struct catboost_rows {
    size_t n_rows;
    bool is_single;              /* one object was given as a list: one answer comes back */
    const float **floats;        /* [formula.n_floats] columns of [n_rows] */
    const uint32_t **categories; /* [formula.n_categories] columns of [n_rows] */
} catboost_rows;

/**
 * Columns of a frame, an array or a list.
 *
 * model     names and places of the columns
 * in        borrowed
 * arena     gets the columns
 * Errors    MODEL (what CatBoost would have refused), NOMEM, LIMIT
 * Source    catboost.core.Pool, _catboost.pyx, libs/data/model_dataset_compatibility.cpp
 */
savor_status sv_catboost_rows_read(const sv_catboost *model, const sv_payload *in, sv_arena *arena,
                                   catboost_rows *out, savor_error *err) SAVOR_MUST_CHECK;

/* ---- single values (catboost_cell.c) ---- */

/** What cells of one dtype become; a message in the library's words for those that it refuses. */
typedef struct catboost_cell {
    size_t row, column;
    const char *refusal; /* NULL: none so far */
} catboost_cell;

/** Cells [n] of any dtype as float32, `stride` cells apart; false: `at` tells which one was refused. */
bool sv_catboost_cells_to_floats(savor_dtype dtype, const void *cells, size_t n, size_t stride, float *out,
                                 catboost_cell *at);

/** Cells as hashes of categories: texts and whole numbers only. */
bool sv_catboost_cells_to_hashes(savor_dtype dtype, const void *cells, size_t n, size_t stride, uint32_t *out,
                                 catboost_cell *at);

#endif
