/* sparse_attribute.h: attributes that are scipy.sparse matrices. */
#ifndef SV_SKLEARN_SPARSE_ATTRIBUTE_H
#define SV_SKLEARN_SPARSE_ATTRIBUTE_H

#include "sklearn/estimator.h"

/** Whether the attribute is a compressed sparse matrix of any kind. */
bool sv_attr_is_sparse(const sv_record *object, const char *name);

/**
 * A csr_matrix or csr_array, each row's entries sorted by column, copied to the loader's arena.
 *
 * n_columns   what it must have; 0: any
 * Errors      FORMAT (arrays that do not fit together), UNSUPPORTED (another layout), NOMEM, LIMIT
 * Source      scipy.sparse.csr_matrix: data, indices, indptr, _shape
 */
savor_status sv_attr_sparse(sv_loader *loader, const sv_record *object, const char *name, size_t n_columns,
                            sv_sparse *out, savor_error *err) SAVOR_MUST_CHECK;

/** One row's entries sorted by column, in place; equal columns stay in their order. */
void sv_sparse_sort(uint32_t *columns, double *values, size_t n);

#endif
