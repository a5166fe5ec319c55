#include "engine/topics.h"

#include <float.h>
#include <math.h>

double sv_digamma(double x)
{
    double sum = 0.0;
    if (x <= 1e-6)
        return -0.577215664901532860606512090082402431 - 1.0 / x;
    for (; x < 6.0; x += 1.0)
        sum -= 1.0 / x;
    double r = 1.0 / x;
    sum += log(x) - 0.5 * r;
    r = r * r;
    return sum - r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)));
}

/* The prior is added; then exp(E[log(theta)]). */
static void expect(const sv_topics *t, double *topics, double *out)
{
    double total = 0.0;
    for (size_t k = 0; k < t->n_topics; k++) {
        topics[k] += t->prior;
        total += topics[k];
    }
    total = sv_digamma(total);
    for (size_t k = 0; k < t->n_topics; k++)
        out[k] = exp(sv_digamma(topics[k]) - total);
}

/* A document, and what is known of it. */
typedef struct document {
    const uint32_t *words;
    const double *counts;
    size_t n;
    double *shares; /* [n_topics] exp(E[log(theta)]) */
    double *ratios; /* [n] */
    double *topics; /* [n_topics] */
} document;

/* One round; how much the topics changed, in the mean. */
static double step(const sv_topics *t, const document *d)
{
    double change = 0.0;
    for (size_t i = 0; i < d->n; i++) {
        double norm = 0.0;
        for (size_t k = 0; k < t->n_topics; k++)
            norm = fma(d->shares[k], t->weights[k * t->n_words + d->words[i]], norm);
        d->ratios[i] = d->counts[i] / (norm + DBL_EPSILON);
    }
    for (size_t k = 0; k < t->n_topics; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < d->n; i++)
            sum = fma(d->ratios[i], t->weights[k * t->n_words + d->words[i]], sum);
        double next = d->shares[k] * sum;
        change += fabs(d->topics[k] - (next + t->prior));
        d->topics[k] = next;
    }
    expect(t, d->topics, d->shares);
    return change / (double)t->n_topics;
}

void sv_topics_infer(const sv_topics *t, const uint32_t *words, const double *counts, size_t n, double *scratch,
                     double *out)
{
    const document d = {words, counts, n, scratch, scratch + t->n_topics, out};
    double total = sv_digamma((double)t->n_topics);
    for (size_t k = 0; k < t->n_topics; k++) {
        out[k] = 1.0;
        d.shares[k] = exp(sv_digamma(1.0) - total);
    }
    for (size_t round = 0; round < t->max_rounds; round++)
        if (step(t, &d) < t->tolerance)
            break;
}
