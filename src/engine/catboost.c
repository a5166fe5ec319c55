#include "engine/catboost.h"

#include "base/alloc.h"

#include <math.h>
#include <string.h>

/* One block of rows on its way. */
typedef struct block {
    const sv_catboost_formula *formula;
    size_t first_row, n_rows;
    uint8_t *bins;    /* [n_bins x n_rows] */
    uint64_t *hashes; /* [n_rows] of the combination at hand */
    float *numbers;   /* [n_rows] of the CTR at hand */
} block;

/* How many borders lie below `x`: none for a NaN. */
static size_t count_borders(const sv_catboost_bins *b, float x)
{
    size_t low = 0, n = b->n_borders;
    while (n > 0) {
        size_t half = n / 2;
        bool is_above = x > b->borders[low + half];
        low = is_above ? low + half + 1 : low;
        n = is_above ? n - half - 1 : half;
    }
    return low;
}

static void put_bins(const block *b, const sv_catboost_bins *bins, size_t row, size_t n_crossed)
{
    uint8_t *out = b->bins + bins->first_bin * b->n_rows + row;
    for (size_t done = 0; done < bins->n_borders; done += SV_BIN_BORDERS_MAX, out += b->n_rows) {
        size_t left = n_crossed > done ? n_crossed - done : 0;
        *out = (uint8_t)(left < SV_BIN_BORDERS_MAX ? left : SV_BIN_BORDERS_MAX);
    }
}

static void bin_numbers(const block *b, const sv_catboost_bins *bins, const float *x, bool is_nan_above)
{
    for (size_t r = 0; r < b->n_rows; r++) {
        bool is_above = is_nan_above && isnan(x[r]);
        put_bins(b, bins, r, is_above ? bins->n_borders : count_borders(bins, x[r]));
    }
}

static void bin_categories(const block *b, const sv_catboost_one_hot *one_hot, const uint32_t *hashes)
{
    for (size_t k = 0; k < one_hot->n_values; k++) {
        uint8_t *out = b->bins + (one_hot->first_bin + k / SV_BIN_BORDERS_MAX) * b->n_rows;
        uint8_t value = (uint8_t)(k % SV_BIN_BORDERS_MAX + 1);
        for (size_t r = 0; r < b->n_rows; r++)
            if ((int32_t)hashes[r] == one_hot->values[k])
                out[r] = value;
    }
}

/* A category enters as a signed number, an answer as 0 or 1. */
static void hash_combination(const block *b, const sv_catboost_combination *c, const uint32_t *const *categories)
{
    memset(b->hashes, 0, b->n_rows * sizeof *b->hashes);
    for (size_t k = 0; k < c->n_categories; k++) {
        const uint32_t *values = categories[c->categories[k]] + b->first_row;
        for (size_t r = 0; r < b->n_rows; r++)
            b->hashes[r] = sv_ctr_hash(b->hashes[r], (uint64_t)(int64_t)(int32_t)values[r]);
    }
    for (size_t k = 0; k < c->n_tests; k++) {
        sv_catboost_test test = c->tests[k];
        const uint8_t *bins = b->bins + test.bin * b->n_rows;
        for (size_t r = 0; r < b->n_rows; r++)
            b->hashes[r] = sv_ctr_hash(b->hashes[r], test.is_equal ? bins[r] == test.value : bins[r] >= test.value);
    }
}

static void bin_rows(const block *b, const float *const *floats, const uint32_t *const *categories)
{
    const sv_catboost_formula *f = b->formula;
    memset(b->bins, 0, f->forest.n_bins * b->n_rows);
    for (size_t i = 0; i < f->n_floats; i++)
        bin_numbers(b, &f->floats[i].bins, floats[i] + b->first_row, f->floats[i].is_nan_above);
    for (size_t i = 0; i < f->n_one_hots; i++)
        bin_categories(b, &f->one_hots[i], categories[f->one_hots[i].category] + b->first_row);
    for (size_t i = 0; i < f->n_ctrs; i++) {
        const sv_catboost_ctr *c = &f->ctrs[i];
        if (i == 0 || f->ctrs[i - 1].combination != c->combination)
            hash_combination(b, &f->combinations[c->combination], categories);
        sv_ctr_compute(&c->ctr, b->hashes, b->n_rows, b->numbers);
        bin_numbers(b, &c->bins, b->numbers, false);
    }
}

static bool has_bias(const sv_catboost_formula *f)
{
    for (size_t k = 0; k < f->forest.n_outputs; k++)
        if (f->bias[k] != 0)
            return true;
    return false;
}

static void apply_scale_and_bias(const sv_catboost_formula *f, size_t n_rows, double *sums)
{
    size_t n_outputs = f->forest.n_outputs;
    if (f->scale == 1 && !has_bias(f))
        return;
    for (size_t i = 0; i < n_rows * n_outputs; i++) {
        double bias = f->bias[i % n_outputs];
        sums[i] = bias != 0 ? f->scale * sums[i] + bias : f->scale * sums[i]; /* -0.0 stays */
    }
}

static savor_status make_block(const sv_catboost_formula *f, size_t n_rows, sv_arena *scratch, block *out,
                               savor_error *err)
{
    size_t n_most = n_rows < SV_BINNED_BLOCK_ROWS ? n_rows : SV_BINNED_BLOCK_ROWS;
    *out = (block){.formula = f};
    out->bins = sv_arena_array(scratch, f->forest.n_bins, n_most);
    out->hashes = sv_arena_array(scratch, n_most, sizeof *out->hashes);
    out->numbers = sv_arena_array(scratch, n_most, sizeof *out->numbers);
    if (out->bins && out->hashes && out->numbers)
        return SAVOR_OK;
    return sv_arena_fail(scratch, f->forest.n_bins * n_most, err);
}

savor_status sv_catboost_formula_predict(const sv_catboost_formula *f, const float *const *floats,
                                         const uint32_t *const *categories, size_t n_rows, double *out,
                                         sv_arena *scratch, savor_error *err)
{
    block b;
    savor_status st = make_block(f, n_rows, scratch, &b, err);
    if (st)
        return st;
    memset(out, 0, n_rows * f->forest.n_outputs * sizeof *out);
    for (size_t first = 0; first < n_rows; first += SV_BINNED_BLOCK_ROWS) {
        double *sums = out + first * f->forest.n_outputs;
        b.first_row = first;
        b.n_rows = n_rows - first < SV_BINNED_BLOCK_ROWS ? n_rows - first : SV_BINNED_BLOCK_ROWS;
        bin_rows(&b, floats, categories);
        sv_binned_forest_sum(&f->forest, b.bins, b.n_rows, sums);
        apply_scale_and_bias(f, b.n_rows, sums);
    }
    return SAVOR_OK;
}
