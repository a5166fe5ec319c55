/* sparse.h: making compressed sparse rows, reading them from a file, and norms of their rows. */
#ifndef SV_SKLEARN_SPARSE_H
#define SV_SKLEARN_SPARSE_H

#include "sklearn/estimator.h"

/** Rows that are being made, one after the other; memory is the arena's. */
typedef struct sv_rows {
    sv_arena *arena;
    size_t n_rows, n_columns;
    size_t *row_first;
    struct sv_rows_cell *cells;
    size_t n, capacity, n_done; /* cells; rows that are complete */
} sv_rows;

/** Start a matrix of n_rows x n_columns. Errors: NOMEM, LIMIT. */
savor_status sv_rows_init(sv_rows *rows, size_t n_rows, size_t n_columns, sv_arena *arena,
                          savor_error *err) SAVOR_MUST_CHECK;

/** A value in the row that is being made; `column` < n_columns. Errors: NOMEM, LIMIT. */
savor_status sv_rows_add(sv_rows *rows, size_t column, double value, savor_error *err) SAVOR_MUST_CHECK;

/** The row is complete: its columns are put in order, equal ones are added up as they came (sum_duplicates). */
void sv_rows_end_row(sv_rows *rows);

/** Every stored cell becomes `value`. */
void sv_rows_fill(sv_rows *rows, double value);

/** The column of a hash, as FeatureHasher has it: its size modulo n_columns. Source: sklearn _hashing_fast.pyx. */
size_t sv_hash_column(int32_t hash, size_t n_columns);

/** All rows are complete. Errors: NOMEM, LIMIT. */
savor_status sv_rows_finish(const sv_rows *rows, savor_dtype dtype, sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** Stored cells, to be changed in place. Errors: NOMEM, LIMIT. */
savor_status sv_sparse_copy_values(sv_sparse *sparse, sv_arena *arena, double **out,
                                   savor_error *err) SAVOR_MUST_CHECK;

/** sklearn.preprocessing.normalize of sparse rows: norm is '1' or '2'; rows of zeros stay. FLOAT32 rounds as numpy.
 */
void sv_sparse_normalize(const sv_sparse *sparse, double *values, char norm);

/** Whether the record is a matrix of scipy.sparse. */
bool sv_record_is_sparse(const sv_record *r);

/** A csr_matrix or csc_matrix (its array twin too) of a file as a dense one, [n_rows x n_columns]. Errors: FORMAT,
 * UNSUPPORTED (another form), NOMEM, LIMIT. */
savor_status sv_record_sparse_to_dense(sv_loader *loader, const sv_record *r, sv_tensor *out,
                                       savor_error *err) SAVOR_MUST_CHECK;

#endif
