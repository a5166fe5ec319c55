/*
 * xgboost.h: an XGBoost model file -> one record, from any of its three formats (JSON, UBJSON, the deprecated
 * binary) and any version. What a file says is told apart by its bytes, never by its name.
 */
#ifndef SV_FORMAT_XGBOOST_H
#define SV_FORMAT_XGBOOST_H

#include "base/str.h"
#include "engine/forest.h"
#include "engine/linear.h"

/** How margins become predictions. */
typedef enum sv_xgboost_link {
    SV_XGBOOST_IDENTITY,
    SV_XGBOOST_SIGMOID,
    SV_XGBOOST_EXP,
    SV_XGBOOST_STEP,    /* binary:hinge: 1 where the margin is > 0 */
    SV_XGBOOST_SOFTMAX, /* multi:softprob: a probability per class */
    SV_XGBOOST_ARGMAX,  /* multi:softmax: the number of the class, as a float */
} sv_xgboost_link;

typedef enum sv_xgboost_booster {
    SV_XGBOOST_GBTREE,
    SV_XGBOOST_DART,
    SV_XGBOOST_GBLINEAR,
} sv_xgboost_booster;

typedef struct sv_xgboost {
    const char *format;               /* "json", "ubj", "deprecated binary" */
    int version_major, version_minor; /* of the library that wrote the file; 0 when the file does not say */
    sv_xgboost_booster booster;
    sv_str objective; /* as written, e.g. "binary:logistic" */
    sv_xgboost_link link;
    size_t n_features, n_groups;   /* columns of a row; margins per row */
    uint32_t n_classes, n_targets; /* as written; 0 where the file does not say */
    const float *base_score;       /* [n_groups] in output space */
    const float *base_margin;      /* [n_groups] in margin space: where the sums start */
    sv_forest forest; /* checked and lowered; no trees for gblinear. DART's weights are in tree_weights */
    sv_linear linear;
    size_t n_iterations;
    const size_t *iteration_first; /* [n_iterations + 1] first tree of each boosting round */
    int64_t best_iteration;        /* -1 when absent */
    const sv_str *feature_names;   /* [n_names], n_names is 0 or n_features */
    size_t n_names;
    const sv_str *feature_types; /* [n_types]: "float", "int", "i", "q", "c" */
    size_t n_types;
    bool has_categories;     /* some split is categorical, or some feature type is "c" */
    bool has_category_names; /* 3.1 on: the file knows the categories of a data frame by name */
    sv_str sklearn;          /* the attribute `scikit_learn`: JSON text; empty when absent */
} sv_xgboost;

/** Options of one reading. */
typedef struct sv_xgboost_options {
    int version_major; /* of the library whose answers are wanted; 0: what the file says */
} sv_xgboost_options;

/**
 * Read a model file, or what a pickled Booster holds: the model beside a configuration, {"Config", "Model"}.
 *
 * bytes     the whole file; borrowed for the call
 * options   NULL: defaults
 * arena     gets the record and all it points to
 * out       borrowed from the arena. NULL on failure
 * Units     none
 * Errors    FORMAT (damaged; the message names the part), UNSUPPORTED (names the feature), LIMIT, NOMEM
 * Threads   safe
 * Source    docs/formats/xgboost.md
 */
savor_status sv_xgboost_read(sv_str bytes, const sv_xgboost_options *options, sv_arena *arena, const sv_xgboost **out,
                             savor_error *err) SAVOR_MUST_CHECK;

/**
 * Turn margins into predictions, in float32 as the library does.
 *
 * margins   [n_rows x n_groups], overwritten
 * returns   columns per row that are left: n_groups, or 1 for ARGMAX (packed to the front)
 * Threads   safe
 */
size_t sv_xgboost_transform(const sv_xgboost *model, float *margins, size_t n_rows);

#endif
