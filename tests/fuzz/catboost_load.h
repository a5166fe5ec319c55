/* catboost_load.h: any bytes as a CatBoost model: refused, or a model that predicts hard rows. */
#ifndef SV_TESTS_FUZZ_CATBOOST_LOAD_H
#define SV_TESTS_FUZZ_CATBOOST_LOAD_H

#include "format/catboost.h"

#include <math.h>

#define CATBOOST_BYTES ((size_t)256 << 20)
#define CATBOOST_ROWS 7
#define CATBOOST_WORK_MAX ((size_t)1 << 24) /* numbers per prediction: a damaged size is no reason to wait */

typedef savor_status (*catboost_reader)(sv_str, sv_arena *, const sv_catboost **, savor_error *);

static inline void catboost_predict(const sv_catboost *m, sv_arena *arena)
{
    static float numbers[CATBOOST_ROWS];
    static uint32_t hashes[CATBOOST_ROWS];
    const float hard[CATBOOST_ROWS] = {0.0f, NAN, 1.5f, -3.0f, INFINITY, -INFINITY, 1e30f};
    const sv_catboost_formula *f = &m->formula;
    const float **floats = sv_arena_array(arena, f->n_floats, sizeof *floats);
    const uint32_t **categories = sv_arena_array(arena, f->n_categories, sizeof *categories);
    double *out = sv_arena_array(arena, f->forest.n_outputs, CATBOOST_ROWS * sizeof *out);
    if (!floats || !categories || !out || f->forest.n_outputs > CATBOOST_WORK_MAX / (f->forest.n_trees + 1))
        return;
    for (size_t i = 0; i < CATBOOST_ROWS; i++) {
        numbers[i] = hard[i];
        hashes[i] = f->n_one_hots && f->one_hots[0].n_values ? (uint32_t)f->one_hots[0].values[0] + (uint32_t)i : 0;
    }
    for (size_t i = 0; i < f->n_floats; i++)
        floats[i] = numbers;
    for (size_t i = 0; i < f->n_categories; i++)
        categories[i] = hashes;
    (void)!sv_catboost_formula_predict(f, floats, categories, CATBOOST_ROWS, out, arena, NULL);
}

static inline savor_status catboost_load_and_predict(sv_str bytes, catboost_reader reader, savor_error *err)
{
    sv_arena arena;
    const sv_catboost *model = NULL;
    sv_arena_init(&arena, CATBOOST_BYTES);
    savor_status st = reader(bytes, &arena, &model, err);
    if (st == SAVOR_OK)
        catboost_predict(model, &arena);
    sv_arena_deinit(&arena);
    return st;
}

#endif
