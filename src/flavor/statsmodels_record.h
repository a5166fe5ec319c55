/* statsmodels_record.h: the results of a statsmodels fit, as a pickle holds them -> what predicts. */
#ifndef SV_FLAVOR_STATSMODELS_RECORD_H
#define SV_FLAVOR_STATSMODELS_RECORD_H

#include "engine/dense.h"
#include "engine/glm_link.h"
#include "format/record.h"

typedef struct sv_statsmodels {
    const char *class_name; /* of the model: "OLS" */
    sv_dense layer;         /* the parameters, an output per row of weights; no bias */
    sv_glm_link link;
    bool takes_fewer; /* models of counts: columns that are not given count nothing */
} sv_statsmodels;

/**
 * Recognise results, with or without the wrapper that gives them names.
 *
 * root      the pickle's object; borrowed for the call
 * arena     gets the record and all it points to
 * out       borrowed from the arena; NULL on failure
 * Errors    UNSUPPORTED (a formula, a class or a link that is not known, each by name), FORMAT, NOMEM, LIMIT
 * Threads   safe
 * Source    statsmodels.base.model, regression, robust, genmod, discrete of 0.13 to 0.15
 */
savor_status sv_statsmodels_read(const sv_record *root, sv_arena *arena, const sv_statsmodels **out,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
