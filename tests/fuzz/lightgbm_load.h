/* lightgbm_load.h: any bytes as a LightGBM text: refused, or a model that predicts four rows. */
#ifndef SV_TESTS_FUZZ_LIGHTGBM_LOAD_H
#define SV_TESTS_FUZZ_LIGHTGBM_LOAD_H

#include "format/lightgbm_text.h"

#include <math.h>

#define LIGHTGBM_BYTES ((size_t)256 << 20)
#define LIGHTGBM_ROWS 4

static inline savor_status lightgbm_load_and_predict(sv_str text, savor_error *err)
{
    static const double values[] = {0.0, 1.5, -3.0, 1e30};
    sv_arena arena;
    const sv_lightgbm *model = NULL;
    sv_arena_init(&arena, LIGHTGBM_BYTES);
    savor_status st = sv_lightgbm_read(text, &arena, &model, err);
    if (st == SAVOR_OK) {
        size_t n_features = model->forest.n_features;
        double *rows = sv_arena_array(&arena, n_features, LIGHTGBM_ROWS * sizeof *rows);
        double *out = sv_arena_array(&arena, model->forest.n_groups, LIGHTGBM_ROWS * sizeof *out);
        for (size_t i = 0; rows && i < LIGHTGBM_ROWS * n_features; i++)
            rows[i] = i / n_features == 3 ? (double)NAN : values[(i + i / n_features) % 4];
        if (rows && out && sv_lightgbm_predict(model, rows, LIGHTGBM_ROWS, out, &arena, err) != SAVOR_OK)
            __builtin_trap();
    }
    sv_arena_deinit(&arena);
    return st;
}

#endif
