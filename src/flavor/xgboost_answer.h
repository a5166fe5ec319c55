/* xgboost_answer.h: what an XGBoost model answers: margins, values and labels; for the flavor and for the
 * scikit-learn classes inside pickles. */
#ifndef SV_FLAVOR_XGBOOST_ANSWER_H
#define SV_FLAVOR_XGBOOST_ANSWER_H

#include "flavor/xgboost_priv.h"

/** A model and how the library would call it. */
typedef struct xgb_scorer {
    const sv_xgboost *model;
    int version_major;         /* of the library that wrote the model */
    bool is_inplace;           /* inplace_predict, else a DMatrix */
    const sv_forest *inplace;  /* the forest as inplace_predict adds it; differs for DART */
    _Atomic uint64_t *learned; /* see xgb_input; NULL where the library does not learn names */
    float missing;             /* beside NaN, a value that counts as missing; NaN: none */
} xgb_scorer;

/** What a call asks for. */
typedef struct xgb_call {
    bool is_margin, is_strict, is_unchecked;
    size_t first_tree, end_tree;
} xgb_call;

/** Numbers of a call. */
typedef struct xgb_scores {
    xgb_rows rows;
    float *values; /* [n_rows x width]; NULL when there were no rows */
    size_t width;
} xgb_scores;

/**
 * Complete a scorer whose model, version_major and is_inplace are set.
 *
 * arena     the model's; gets a second forest for DART
 * Errors    NOMEM, LIMIT
 */
savor_status sv_xgb_scorer_init(xgb_scorer *scorer, sv_arena *arena, savor_error *err) SAVOR_MUST_CHECK;

/** Rounds [begin, end) -> trees; an end of 0 means all. Errors: MODEL (there are not so many). */
savor_status sv_xgb_call_set_rounds(const xgb_scorer *scorer, int64_t begin, int64_t end, xgb_call *call,
                                    savor_error *err) SAVOR_MUST_CHECK;

/** The rounds that scikit-learn classes ask for: up to the best one where there is one. */
savor_status sv_xgb_call_set_best(const xgb_scorer *scorer, xgb_call *call, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Values, or margins, of rows.
 *
 * in        FRAME, TENSOR or SPARSE
 * out       borrowed from the arena
 * Errors    MODEL (what the library raises), NOMEM, LIMIT
 * Threads   safe
 */
savor_status sv_xgb_score(const xgb_scorer *scorer, const xgb_call *call, const sv_batch *in, sv_arena *arena,
                          xgb_scores *out, savor_error *err) SAVOR_MUST_CHECK;

/** The array of values. */
sv_tensor sv_xgb_values(const xgb_call *call, const xgb_scores *scores);

/** XGBClassifier.predict: the number of a class per row, or 1.0 and 0.0 for several labels. Errors: NOMEM, LIMIT. */
savor_status sv_xgb_labels(const xgb_scorer *scorer, const xgb_scores *scores, size_t n_classes, sv_arena *arena,
                           sv_tensor *out, savor_error *err) SAVOR_MUST_CHECK;

/** The library's answer to no rows at all. Errors: MODEL (where the library stumbles). */
savor_status sv_xgb_answer_nothing(const xgb_scorer *scorer, const xgb_scores *scores, bool is_label, sv_tensor *out,
                                   savor_error *err) SAVOR_MUST_CHECK;

#endif
