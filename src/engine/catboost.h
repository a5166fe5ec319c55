/*
 * catboost.h: CatBoost's formula: numbers and hashed categories -> bins -> leaves -> one raw value per output. The
 * arrays come from a reader that has proved that they fit together (src/format/catboost_build.c).
 */
#ifndef SV_ENGINE_CATBOOST_H
#define SV_ENGINE_CATBOOST_H

#include "base/arena.h"
#include "engine/binned_forest.h"
#include "engine/catboost_ctr.h"

/** A number's bins: how many of each SV_BIN_BORDERS_MAX borders lie below it. */
typedef struct sv_catboost_bins {
    uint32_t first_bin;
    size_t n_borders;
    const float *borders; /* [n_borders], ascending */
} sv_catboost_bins;

typedef struct sv_catboost_float {
    sv_catboost_bins bins;
    bool is_nan_above; /* NaN crosses every border; else none */
} sv_catboost_float;

/** A category's bins: which of the values (hashes) it is, counted from 1; 0: none. */
typedef struct sv_catboost_one_hot {
    size_t category; /* which of the category columns */
    uint32_t first_bin;
    size_t n_values;
    const int32_t *values; /* [n_values] */
} sv_catboost_one_hot;

/** A question whose answer is part of a combination. */
typedef struct sv_catboost_test {
    uint32_t bin;
    bool is_equal; /* the bin is `value`; else: at least */
    uint8_t value;
} sv_catboost_test;

/** What a CTR is counted for: categories and answers, hashed in this order. */
typedef struct sv_catboost_combination {
    size_t n_categories, n_tests;
    const size_t *categories; /* [n_categories] which of the category columns */
    const sv_catboost_test *tests;
} sv_catboost_combination;

typedef struct sv_catboost_ctr {
    size_t combination;
    sv_ctr ctr;
    sv_catboost_bins bins;
} sv_catboost_ctr;

typedef struct sv_catboost_formula {
    size_t n_floats, n_categories; /* input columns */
    const sv_catboost_float *floats;
    size_t n_one_hots, n_combinations, n_ctrs;
    const sv_catboost_one_hot *one_hots;
    const sv_catboost_combination *combinations;
    const sv_catboost_ctr *ctrs; /* those of one combination side by side */
    sv_binned_forest forest;
    double scale;
    const double *bias; /* [n_outputs] */
} sv_catboost_formula;

/**
 * Raw formula values: scale * sum of leaves + bias.
 *
 * floats      [n_floats] columns of [n_rows]
 * categories  [n_categories] columns of [n_rows]: the low half of sv_city_hash64
 * out         [n_rows x n_outputs], written
 * scratch     the request's arena
 * Units       the model's raw value
 * Errors      NOMEM, LIMIT
 * Threads     safe
 * Source      CatBoost libs/model/cpu/quantization.h, evaluator_impl.cpp, scale_and_bias.cpp
 */
savor_status sv_catboost_formula_predict(const sv_catboost_formula *formula, const float *const *floats,
                                         const uint32_t *const *categories, size_t n_rows, double *out,
                                         sv_arena *scratch, savor_error *err) SAVOR_MUST_CHECK;

#endif
