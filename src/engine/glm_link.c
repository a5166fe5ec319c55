#include "engine/glm_link.h"

#include "engine/dense.h"

#include <math.h>

#define PI 3.14159265358979323846
#define SQRT1_2 0.70710678118654752440

static const char *const names[] = {
    [SV_GLM_IDENTITY] = "identity", [SV_GLM_LOGIT] = "logit",
    [SV_GLM_PROBIT] = "probit",     [SV_GLM_CAUCHY] = "cauchy",
    [SV_GLM_CLOGLOG] = "cloglog",   [SV_GLM_LOGLOG] = "loglog",
    [SV_GLM_LOG] = "log",           [SV_GLM_LOGC] = "logc",
    [SV_GLM_POWER] = "power",       [SV_GLM_NEGATIVE_BINOMIAL] = "negative binomial",
    [SV_GLM_SOFTMAX] = "softmax",
};

const char *sv_glm_link_name(sv_glm_link_kind kind) { return names[kind]; }

/* scipy.special.ndtr: the normal distribution function. */
static double normal_below(double x)
{
    double z = x * SQRT1_2, tail;
    if (fabs(z) < 1.0)
        return 0.5 + 0.5 * erf(z);
    tail = 0.5 * erfc(fabs(z));
    return z > 0 ? 1.0 - tail : tail;
}

static double invert_power(double x, double power) { return power == 1.0 ? x : pow(x, 1.0 / power); }

static double invert(const sv_glm_link *link, double x)
{
    switch (link->kind) {
    case SV_GLM_LOGIT:
        return 1.0 / (1.0 + exp(-x));
    case SV_GLM_PROBIT:
        return normal_below(x);
    case SV_GLM_CAUCHY:
        return atan2(1.0, -x) / PI;
    case SV_GLM_CLOGLOG:
        return 1.0 - exp(-exp(x));
    case SV_GLM_LOGLOG:
        return exp(-exp(-x));
    case SV_GLM_LOG:
        return exp(x);
    case SV_GLM_LOGC:
        return 1.0 - exp(x);
    case SV_GLM_POWER:
        return invert_power(x, link->parameter);
    case SV_GLM_NEGATIVE_BINOMIAL:
        return -1.0 / (link->parameter * (1.0 - exp(-x)));
    default:
        return x;
    }
}

void sv_glm_link_invert(const sv_glm_link *link, double *values, size_t n)
{
    for (size_t i = 0; i < n && link->kind != SV_GLM_IDENTITY; i++)
        values[i] = invert(link, values[i]);
}

void sv_glm_softmax(const double *values, size_t n_rows, size_t n_classes, double *out)
{
    for (size_t r = 0; r < n_rows; r++) {
        double *row = out + r * n_classes;
        row[0] = 1.0;
        for (size_t k = 1; k < n_classes; k++)
            row[k] = exp(values[r * (n_classes - 1) + k - 1]);
        double sum = sv_pairwise_sum(row, n_classes);
        for (size_t k = 0; k < n_classes; k++)
            row[k] /= sum;
    }
}
