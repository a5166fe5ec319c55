/* xgboost_load.h: the body of the XGBoost fuzz targets: read, then predict four hard rows if the model is not too
 * wide. */
#ifndef TESTS_FUZZ_XGBOOST_LOAD_H
#define TESTS_FUZZ_XGBOOST_LOAD_H

#include "format/xgboost.h"

#include <math.h>
#include <stdlib.h>

enum { LOAD_ROWS = 4, LOAD_WIDTH_MAX = 4096 };

static inline void load_fill(float *rows, size_t n)
{
    static const float odd[] = {0.0f, NAN, -0.0f, 1.5f, INFINITY, -3.0f, 16777216.0f, 1e-40f, 7.0f, -INFINITY, 0.5f};
    for (size_t i = 0; i < n; i++)
        rows[i] = odd[i % (sizeof odd / sizeof *odd)];
}

/* Predict with the kernel and with the walker; the two must agree. */
static inline void load_predict(const sv_xgboost *m, sv_arena *arena)
{
    float *rows = sv_arena_array(arena, LOAD_ROWS * m->n_features, sizeof *rows);
    float *sums = sv_arena_array(arena, LOAD_ROWS * m->n_groups, sizeof *sums);
    float *walked = sv_arena_array(arena, LOAD_ROWS * m->n_groups, sizeof *walked);
    if (!rows || !sums || !walked)
        return;
    load_fill(rows, LOAD_ROWS * m->n_features);
    for (size_t i = 0; i < LOAD_ROWS * m->n_groups; i++)
        sums[i] = walked[i] = m->base_margin[i % m->n_groups];
    if (m->booster == SV_XGBOOST_GBLINEAR) {
        sv_linear_predict(&m->linear, rows, LOAD_ROWS, sums);
        sv_linear_predict(&m->linear, rows, LOAD_ROWS, walked);
    } else {
        sv_forest_walk(&m->forest, 0, m->forest.n_trees, rows, LOAD_ROWS, walked);
        if (sv_forest_predict(&m->forest, 0, m->forest.n_trees, rows, LOAD_ROWS, sums, arena, NULL))
            return;
    }
    for (size_t i = 0; i < LOAD_ROWS * m->n_groups; i++)
        if (sums[i] != walked[i] && !(isnan(sums[i]) && isnan(walked[i])))
            abort();
    sv_xgboost_transform(m, sums, LOAD_ROWS);
}

static inline int load_bytes(const uint8_t *data, size_t size)
{
    sv_arena arena;
    const sv_xgboost *m = NULL;
    savor_error err;
    sv_arena_init(&arena, (size_t)1 << 29);
    if (sv_xgboost_read((sv_str){(const char *)data, size}, NULL, &arena, &m, &err) == SAVOR_OK &&
        m->n_features <= LOAD_WIDTH_MAX)
        load_predict(m, &arena);
    sv_arena_deinit(&arena);
    return 0;
}

#endif
