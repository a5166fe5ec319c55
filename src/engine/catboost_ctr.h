/*
 * catboost_ctr.h: target statistics of categories (CatBoost's "CTR"): what was counted in training for a category, or
 * for a combination of categories and answers, becomes a number.
 */
#ifndef SV_ENGINE_CATBOOST_CTR_H
#define SV_ENGINE_CATBOOST_CTR_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum sv_ctr_type {
    SV_CTR_BORDERS,        /* share of objects whose class is above a border */
    SV_CTR_BUCKETS,        /* share of objects of one class */
    SV_CTR_BINARIZED_MEAN, /* mean of the target, binned */
    SV_CTR_FLOAT_MEAN,     /* mean of the target */
    SV_CTR_COUNTER,        /* how often the category was seen, against the most frequent one */
    SV_CTR_FEATURE_FREQ,   /* the same, against all objects */
} sv_ctr_type;

#define SV_CTR_NO_HASH UINT64_MAX /* an empty place of a table */

/** Counts per hash: open addressing, from hash & (n_places - 1) upwards until an empty place. */
typedef struct sv_ctr_table {
    sv_ctr_type type;
    size_t n_places;        /* a power of two */
    const uint64_t *hashes; /* [n_places] */
    const uint32_t *rows;   /* [n_places] row of `counts`; not looked at in empty places */
    size_t n_rows, n_classes;
    const int32_t *counts; /* BORDERS, BUCKETS: [n_rows x n_classes]; COUNTER, FEATURE_FREQ: [n_rows];
                            * means: [n_rows x 2], the bits of a float sum and a count */
    int32_t denominator;   /* COUNTER, FEATURE_FREQ */
} sv_ctr_table;

/** One number: ((count + prior) / (total + prior weight) + shift) * scale, in floats. */
typedef struct sv_ctr {
    const sv_ctr_table *table;
    int32_t target_border; /* BORDERS: classes above it count; BUCKETS: this class counts */
    float prior, prior_weight, shift, scale;
} sv_ctr;

/** Numbers that one row of counts has, by the table's type and n_classes. */
size_t sv_ctr_row_width(sv_ctr_type type, size_t n_classes);

/**
 * Prove that looking up cannot leave the table.
 *
 * Errors    FORMAT
 * Threads   safe
 */
savor_status sv_ctr_table_check(const sv_ctr_table *table, savor_error *err) SAVOR_MUST_CHECK;

/** The same for a number whose table has been checked. Errors: FORMAT. */
savor_status sv_ctr_check(const sv_ctr *ctr, savor_error *err) SAVOR_MUST_CHECK;

/** One step of the hash of a combination; it starts with 0. */
static inline uint64_t sv_ctr_hash(uint64_t hash, uint64_t value)
{
    const uint64_t multiplier = UINT64_C(0x4906ba494954cb65);
    return multiplier * (hash + multiplier * value);
}

/**
 * The number of each hash; one that was never seen counts as nothing.
 *
 * hashes    [n]
 * out       [n]
 * Units     none
 * Threads   safe
 * Source    CatBoost libs/model/static_ctr_provider.cpp, TModelCtr::Calc
 */
void sv_ctr_compute(const sv_ctr *ctr, const uint64_t *hashes, size_t n, float *out);

#endif
