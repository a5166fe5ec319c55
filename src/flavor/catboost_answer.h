/* catboost_answer.h: what CatBoost's classes answer: raw values, counts, labels, probabilities; for the flavor and
 * for models inside pickles. */
#ifndef SV_FLAVOR_CATBOOST_ANSWER_H
#define SV_FLAVOR_CATBOOST_ANSWER_H

#include "flavor/catboost_rows.h"

typedef enum catboost_answer {
    CATBOOST_RAW,
    CATBOOST_EXP,         /* Poisson, Tweedie */
    CATBOOST_VARIANCE,    /* RMSEWithUncertainty: the second output is half the logarithm of a variance */
    CATBOOST_CLASS,       /* one label per row */
    CATBOOST_BITS,        /* several labels: 0 or 1 for each */
    CATBOOST_PROBABILITY, /* a number per class */
} catboost_answer;

typedef struct catboost_scorer {
    const sv_catboost *model;
    catboost_answer answer; /* of predict */
} catboost_scorer;

/** Whether each row has several labels, which do not exclude one another. */
bool sv_catboost_is_multilabel(const sv_catboost *model);

/**
 * Find out what predict answers, of a scorer whose model is set.
 *
 * class     "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker", "CatBoost"
 * Errors    UNSUPPORTED (another class; a classifier without its labels)
 */
savor_status sv_catboost_scorer_init(catboost_scorer *scorer, sv_str class, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Answer a frame, an array or a list.
 *
 * kind      scorer->answer, or CATBOOST_PROBABILITY
 * out       borrowed from the arena
 * Errors    MODEL (what CatBoost would have refused), NOMEM, LIMIT
 * Threads   safe
 * Source    catboost.core._base_predict, libs/model/eval_processing.h
 */
savor_status sv_catboost_answer(const catboost_scorer *scorer, catboost_answer kind, const sv_payload *in,
                                sv_arena *arena, sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
