/* sklearn_load.h: any bytes as a pickled estimator of scikit-learn: refused, or one whose every method is called. */
#ifndef SV_TESTS_FUZZ_SKLEARN_LOAD_H
#define SV_TESTS_FUZZ_SKLEARN_LOAD_H

#include "format/pickle.h"
#include "sklearn/families.h"

#define SKLEARN_BYTES ((size_t)256 << 20)
#define SKLEARN_ROWS 3
#define SKLEARN_WIDTH_MAX 4096 /* features: a damaged size is no reason to wait */

static inline void sklearn_call(const sv_estimator *self, sv_arena *arena)
{
    static const double hard[] = {0.0, 1.5, -3.0, 1e30, 2.0, 1.0, -0.5};
    size_t width = self->n_features_in ? self->n_features_in : 3;
    double *rows = width <= SKLEARN_WIDTH_MAX ? sv_arena_array(arena, SKLEARN_ROWS * width, sizeof *rows) : NULL;
    if (!rows)
        return;
    for (size_t i = 0; i < SKLEARN_ROWS * width; i++)
        rows[i] = hard[i % (sizeof hard / sizeof *hard)];
    const sv_batch in = sv_batch_of_doubles(rows, SKLEARN_ROWS, width);
    for (int method = 0; method < SV_METHOD_COUNT; method++) {
        sv_batch out;
        (void)!sv_estimator_call(self, (sv_method)method, &in, arena, &out, NULL);
    }
}

static inline savor_status sklearn_load_and_predict(sv_str bytes, savor_error *err)
{
    sv_arena arena;
    const sv_record *object = NULL;
    const sv_estimator *estimator = NULL;
    sv_record_limits limits = SV_RECORD_LIMITS;
    sv_arena_init(&arena, SKLEARN_BYTES);
    sv_loader loader = {.arena = &arena, .families = sv_sklearn_families};
    savor_status st = sv_pickle_read(bytes, &limits, &arena, &object, err);
    if (!st)
        st = sv_estimator_load(&loader, object, &estimator, err);
    if (!st)
        sklearn_call(estimator, &arena);
    sv_arena_deinit(&arena);
    return st;
}

#endif
