/* topics.h: how much of each topic a document has, by variational Bayes. */
#ifndef SV_ENGINE_TOPICS_H
#define SV_ENGINE_TOPICS_H

#include <stddef.h>
#include <stdint.h>

typedef struct sv_topics {
    size_t n_topics, n_words;
    const double *weights; /* [n_topics x n_words] exp(E[log(beta)]) */
    double prior;          /* of every topic in a document */
    size_t max_rounds;
    double tolerance; /* of the mean change in a round */
} sv_topics;

/**
 * The topics of one document, not normalized.
 *
 * words     [n] each below n_words, in the order of the document's row
 * counts    [n] how often each occurs
 * scratch   [n_topics + n]
 * out       [n_topics]
 * Threads   safe
 * Source    sklearn.decomposition._lda._update_doc_distribution
 */
void sv_topics_infer(const sv_topics *topics, const uint32_t *words, const double *counts, size_t n, double *scratch,
                     double *out);

/** The digamma function of x > 0, as scikit-learn approximates it: Bernardo's AS 103. */
double sv_digamma(double x);

#endif
