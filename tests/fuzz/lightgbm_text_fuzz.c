/* Any bytes as a LightGBM text: refused, or a model that predicts four rows. */
#include "format/lightgbm_text.h"

#include <math.h>

#define MODEL_BYTES ((size_t)256 << 20)
#define N_ROWS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double values[] = {0.0, 1.5, -3.0, 1e30};
    sv_arena arena;
    const sv_lightgbm *model = NULL;
    savor_error err;
    sv_arena_init(&arena, MODEL_BYTES);
    if (sv_lightgbm_read((sv_str){(const char *)data, size}, &arena, &model, &err) == SAVOR_OK) {
        size_t n_features = model->forest.n_features;
        double *rows = sv_arena_array(&arena, n_features, N_ROWS * sizeof *rows);
        double *out = sv_arena_array(&arena, model->forest.n_groups, N_ROWS * sizeof *out);
        for (size_t i = 0; rows && i < N_ROWS * n_features; i++)
            rows[i] = i / n_features == 3 ? (double)NAN : values[(i + i / n_features) % 4];
        if (rows && out && sv_lightgbm_predict(model, rows, N_ROWS, out, &arena, &err) != SAVOR_OK)
            __builtin_trap();
    }
    sv_arena_deinit(&arena);
    return 0;
}
