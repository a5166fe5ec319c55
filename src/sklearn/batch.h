/*
 * batch.h: what flows into and between scikit-learn estimators: a data frame, a dense array or a sparse matrix; and
 * what check_array makes of it.
 */
#ifndef SV_SKLEARN_BATCH_H
#define SV_SKLEARN_BATCH_H

#include "data/payload.h"

/** Compressed sparse rows, as scipy.sparse.csr_matrix; columns of a row are in the order they were made. */
typedef struct sv_sparse {
    size_t n_rows, n_columns;
    savor_dtype dtype;       /* what scipy would call the values' dtype; they are held as doubles */
    const size_t *row_first; /* [n_rows + 1] */
    const uint32_t *columns; /* [row_first[n_rows]] */
    const double *values;    /* [row_first[n_rows]] */
} sv_sparse;

typedef enum sv_batch_kind {
    SV_BATCH_FRAME,
    SV_BATCH_TENSOR, /* any dtype, one dimension (a Series, a target) or two */
    SV_BATCH_SPARSE,
    SV_BATCH_LIST, /* a list of arrays: predict_proba of several outputs */
} sv_batch_kind;

/** A view: data is borrowed or lies in the request's arena. */
typedef struct sv_batch {
    sv_batch_kind kind;
    bool is_renamed; /* from a transformer with set_output(transform="pandas"): a frame whose names were given by what
                        made it, so that its columns are known by their position */
    bool by_columns; /* TENSOR: numpy holds it column by column, which decides how BLAS adds its rows up; here it is
                        in C order all the same */
    union {
        sv_frame frame;
        sv_tensor tensor;
        sv_sparse sparse;
        struct {
            size_t n;
            const sv_tensor *items;
        } list;
    };
} sv_batch;

/** Rows; 0 for a scalar and for a list. */
size_t sv_batch_rows(const sv_batch *batch);

/** Columns; 1 for one dimension, 0 for a list. */
size_t sv_batch_columns(const sv_batch *batch);

/** Whether numpy makes an array of it whose columns, not rows, lie side by side. */
bool sv_is_fortran(const sv_batch *batch);

/** Cell (row, column) of a frame or dense array as a value. Sparse: None. */
sv_value sv_batch_cell(const sv_batch *batch, size_t row, size_t column);

/** A dense array of doubles: one dimension when n_columns is 0. */
sv_batch sv_batch_of_doubles(const double *values, size_t n_rows, size_t n_columns);

/** What has an array for each of several outputs: a list of them, and of one output its array. They are borrowed. */
sv_batch sv_batch_of_outputs(const sv_tensor *arrays, size_t n_outputs);

/** Room for n_rows x n_columns doubles in the arena, not cleared. Errors: LIMIT, NOMEM. */
savor_status sv_batch_alloc(sv_arena *arena, size_t n_rows, size_t n_columns, double **out,
                            savor_error *err) SAVOR_MUST_CHECK;

/** The dtype that numpy gives an array made of a data frame: what all columns fit; OBJECT for a mixture. */
savor_dtype sv_frame_common_dtype(const sv_frame *frame);

/**
 * Any batch as one dense array of FLOAT64 or FLOAT32, as np.asarray and astype do it: text is read as float() reads
 * it, None is NaN.
 *
 * dtype     FLOAT64 or FLOAT32; integers become floats in one rounding
 * out       [n_rows x n_columns], or [n_rows] where `in` has one dimension; borrowed from the arena or from `in`
 * Errors    MODEL (a value is no number), UNSUPPORTED, NOMEM, LIMIT
 */
savor_status sv_batch_to_floats(const sv_batch *in, savor_dtype dtype, sv_arena *arena, sv_tensor *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** A sparse matrix as a dense array of doubles. Errors: NOMEM, LIMIT. */
savor_status sv_sparse_to_dense(const sv_sparse *in, sv_arena *arena, sv_tensor *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** What a pyfunc model is called with. Errors: MODEL (neither frame nor array). */
savor_status sv_batch_of_payload(const sv_payload *in, sv_batch *out, savor_error *err) SAVOR_MUST_CHECK;

/** What an estimator answered; a list of arrays becomes nested lists. Errors: UNSUPPORTED (sparse), NOMEM, LIMIT. */
savor_status sv_batch_to_payload(const sv_batch *in, sv_arena *arena, sv_payload *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
