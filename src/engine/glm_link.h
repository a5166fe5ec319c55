/* glm_link.h: from the linear predictor of a generalized linear model to its mean, as statsmodels computes it. */
#ifndef SV_ENGINE_GLM_LINK_H
#define SV_ENGINE_GLM_LINK_H

#include <stddef.h>

typedef enum sv_glm_link_kind {
    SV_GLM_IDENTITY,
    SV_GLM_LOGIT,
    SV_GLM_PROBIT,
    SV_GLM_CAUCHY,
    SV_GLM_CLOGLOG,
    SV_GLM_LOGLOG,
    SV_GLM_LOG,
    SV_GLM_LOGC,  /* log(1 - mean) */
    SV_GLM_POWER, /* mean^power */
    SV_GLM_NEGATIVE_BINOMIAL,
    SV_GLM_SOFTMAX, /* several outputs beside a class whose predictor is 0 */
} sv_glm_link_kind;

typedef struct sv_glm_link {
    sv_glm_link_kind kind;
    double parameter; /* POWER: the power; NEGATIVE_BINOMIAL: alpha */
} sv_glm_link;

/** "logit"; never NULL. */
const char *sv_glm_link_name(sv_glm_link_kind kind);

/**
 * The inverse of a link, in place. Not for SOFTMAX.
 *
 * values    [n]
 * Errors    none; exp, pow and erfc are the C library's
 * Threads   safe
 * Source    statsmodels.genmod.families.links: inverse; scipy.special.ndtr for PROBIT
 */
void sv_glm_link_invert(const sv_glm_link *link, double *values, size_t n);

/**
 * SOFTMAX: a probability for each class, of which the first has a predictor of 0.
 *
 * values    [n_rows x (n_classes - 1)]
 * out       [n_rows x n_classes]; n_classes is at least 1
 * Source    statsmodels MNLogit.cdf: without a shift by the maximum, so that huge predictors give NaN
 */
void sv_glm_softmax(const double *values, size_t n_rows, size_t n_classes, double *out);

#endif
