/* tensor.h: an n-dimensional array, C order, as a numpy array holds it. A view: data is borrowed or lies in an arena.
 */
#ifndef SV_DATA_TENSOR_H
#define SV_DATA_TENSOR_H

#include "data/dtype.h"
#include "data/value.h"

#define SV_TENSOR_DIMS_MAX 32

typedef struct sv_tensor {
    savor_dtype dtype;
    uint32_t n_dims; /* 0: one scalar */
    size_t shape[SV_TENSOR_DIMS_MAX];
    size_t n_items;    /* the product of the shape */
    size_t text_chars; /* STRING: an element's room at least, as numpy's promotion of numbers to text makes it */
    const void *data;  /* [n_items] of the dtype's C type */
} sv_tensor;

/** A tensor of one or two dimensions over existing data; n_columns == 0 means one dimension of n_rows. */
sv_tensor sv_tensor_view(savor_dtype dtype, size_t n_rows, size_t n_columns, const void *data);

/** Item `i` (in C order) of a numeric or bool tensor as a double; false for other dtypes. */
bool sv_tensor_to_double(const sv_tensor *tensor, size_t i, double *out);

#endif
