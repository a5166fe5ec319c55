/*
 * catboost_priv.h: what a file of either kind says, in one form (catboost_parts), between catboost_cbm.c and
 * catboost_json.c, which fill it, and catboost_build.c and catboost_info.c, which make the model of it.
 */
#ifndef SV_FORMAT_CATBOOST_PRIV_H
#define SV_FORMAT_CATBOOST_PRIV_H

#include "format/catboost.h"
#include "text/json.h"

typedef enum catboost_nan {
    CATBOOST_NAN_AS_IS,
    CATBOOST_NAN_AS_FALSE,
    CATBOOST_NAN_AS_TRUE,
} catboost_nan;

typedef struct catboost_borders {
    size_t n;
    const float *values;
} catboost_borders;

typedef struct catboost_float {
    bool has_nans;
    int32_t index, column;
    int32_t nan; /* catboost_nan, not checked */
    sv_str name;
    catboost_borders borders; /* none: the feature is not used */
} catboost_float;

typedef struct catboost_category {
    int32_t index, column;
    bool is_used;
    sv_str name;
} catboost_category;

typedef struct catboost_one_hot {
    int32_t index; /* of a category */
    size_t n;
    const int32_t *values;
} catboost_one_hot;

typedef struct catboost_float_test {
    int32_t index;
    float border;
} catboost_float_test;

typedef struct catboost_value_test {
    int32_t index, value;
} catboost_value_test;

/* What a CTR is counted for, and how: the key that finds its table. */
typedef struct catboost_base {
    int32_t type; /* sv_ctr_type, not checked */
    int32_t classifier;
    size_t n_categories, n_floats, n_values;
    const int32_t *categories; /* indices */
    const catboost_float_test *floats;
    const catboost_value_test *values;
} catboost_base;

typedef struct catboost_ctr {
    catboost_base base;
    int32_t target_border;
    float prior, prior_weight, shift, scale;
    catboost_borders borders;
} catboost_ctr;

typedef struct catboost_table {
    catboost_base base;
    sv_ctr_table table;
} catboost_table;

/* One piece of metadata. */
typedef struct catboost_entry {
    sv_str key, text;
    const sv_json *value; /* an object that stands there in place of its text; NULL: none */
} catboost_entry;

typedef struct catboost_parts {
    sv_arena *arena; /* the model's; all arrays below lie in it */
    savor_error *err;
    savor_status failed; /* of the last allocation that failed */
    int32_t n_outputs;
    size_t n_floats, n_categories, n_one_hots, n_ctrs, n_tables;
    catboost_float *floats;
    catboost_category *categories;
    catboost_one_hot *one_hots;
    catboost_ctr *ctrs;
    catboost_table *tables;
    size_t n_trees, n_splits, n_leaf_values;
    int32_t *tree_sizes; /* [n_trees] splits of each tree */
    int32_t *splits;     /* [n_splits] number of a question: borders, then values, then borders of CTRs */
    bool is_symmetric;
    sv_bin_step *steps; /* [n_splits] unless symmetric */
    uint32_t *leaf;     /* [n_splits] unless symmetric */
    double *leaf_values;
    double scale;
    size_t n_biases;
    double *biases; /* one per output */
    size_t n_entries;
    catboost_entry *entries; /* the metadata */
} catboost_parts;

/** Cleared room in the model's arena; NULL after the error and parts->failed were set. */
void *sv_catboost_alloc(catboost_parts *parts, size_t n, size_t size);

/** A copy of text in it; p == NULL likewise. */
sv_str sv_catboost_copy(catboost_parts *parts, sv_str text);

/** The parts -> a checked model. Errors: FORMAT, UNSUPPORTED, NOMEM, LIMIT. */
savor_status sv_catboost_build(catboost_parts *parts, const char *format, const sv_catboost **out);

/** Loss, labels, threshold out of the metadata. Errors: FORMAT, NOMEM, LIMIT. */
savor_status sv_catboost_read_info(catboost_parts *parts, sv_catboost *out);

/** Parse JSON as CatBoost's reader does (numbers included). `text` must outlive the nodes. Errors: FORMAT, LIMIT,
 * NOMEM. */
savor_status sv_catboost_parse_json(sv_str text, sv_arena *arena, const sv_json **out, savor_error *err);

#endif
