/* lightgbm_link.h: from LightGBM's margins (sums of leaves) to its predictions, in its own arithmetic. */
#ifndef SV_ENGINE_LIGHTGBM_LINK_H
#define SV_ENGINE_LIGHTGBM_LINK_H

#include <stddef.h>

typedef enum sv_lightgbm_link_kind {
    SV_LIGHTGBM_IDENTITY,
    SV_LIGHTGBM_SIGNED_SQUARE, /* reg_sqrt: sign(x) x^2 */
    SV_LIGHTGBM_EXP,           /* poisson, gamma, tweedie */
    SV_LIGHTGBM_SIGMOID,       /* 1 / (1 + exp(-steepness x)), each output by itself */
    SV_LIGHTGBM_SOFTMAX,
    SV_LIGHTGBM_LOG1P_EXP, /* cross_entropy_lambda */
} sv_lightgbm_link_kind;

typedef struct sv_lightgbm_link {
    sv_lightgbm_link_kind kind;
    double steepness; /* SIGMOID only */
} sv_lightgbm_link;

/**
 * Turn margins into predictions, in place.
 *
 * values    [n_rows x n_groups]
 * Units     margin -> the objective's own (probability, mean, ...)
 * Errors    none; exp and log are the C library's, as in LightGBM itself
 * Threads   safe
 * Source    LightGBM ObjectiveFunction::ConvertOutput, Common::Softmax
 */
void sv_lightgbm_link_apply(const sv_lightgbm_link *link, double *values, size_t n_rows, size_t n_groups);

#endif
