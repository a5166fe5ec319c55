/* sparse_code.h: which few atoms of a dictionary make up a row. */
#ifndef SV_ENGINE_SPARSE_CODE_H
#define SV_ENGINE_SPARSE_CODE_H

#include <stddef.h>

typedef struct sv_dictionary {
    size_t n_atoms;
    const double *gram; /* [n_atoms x n_atoms] products of the atoms */
} sv_dictionary;

/** What coding one row needs. */
typedef struct sv_coding {
    size_t *order;   /* [n_atoms] */
    double *factor;  /* [n_nonzero x n_nonzero] */
    double *weights; /* [n_nonzero] */
    double *rest;    /* [n_atoms] */
} sv_coding;

/**
 * Orthogonal matching pursuit: the atom that has most in common with what is left, one after the other.
 *
 * products   [n_atoms] of the row with the atoms
 * n_nonzero  how many atoms at most; 1 at least, n_atoms at most
 * out        [n_atoms] the weights
 * Threads    safe
 * Source     sklearn.linear_model._omp._gram_omp
 */
void sv_pursue(const sv_dictionary *dictionary, const double *products, size_t n_nonzero, const sv_coding *room,
               double *out);

#endif
