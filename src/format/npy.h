/*
 * npy.h: numpy's .npy files (versions 1 to 3) -> arrays, and scipy's sparse matrices in .npz files -> records of the
 * shape that a pickled matrix has.
 */
#ifndef SV_FORMAT_NPY_H
#define SV_FORMAT_NPY_H

#include "format/npy_dtype.h"
#include "format/record_make.h"

/** What stands before the elements. */
typedef struct sv_npy_header {
    sv_npy_dtype dtype;
    sv_npy_raw raw; /* its bytes: the rest of the file, borrowed */
} sv_npy_header;

/**
 * Read the header of an .npy file.
 *
 * bytes     borrowed: must outlive `out`
 * arena     gets the fields of a structured dtype
 * out       cleared on failure
 * Errors    FORMAT, UNSUPPORTED (a newer version, a dtype that sv_npy_descr_parse has not), LIMIT, NOMEM
 * Threads   safe
 * Source    numpy.lib.format
 */
savor_status sv_npy_header_read(sv_str bytes, sv_arena *arena, sv_npy_header *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Read an .npy file. Bytes behind the elements are passed over, as np.load does.
 *
 * bytes     borrowed for the call
 * is_kept   they outlive the array, whose elements may then lie there: see sv_npy_array_read
 * arena     gets the elements and the fields
 * out       in C order and native byte order; cleared on failure
 * Errors    FORMAT (elements are missing), UNSUPPORTED (pickled objects, complex numbers ...), LIMIT, NOMEM
 * Threads   safe
 * Source    numpy.lib.format
 */
savor_status sv_npy_read(sv_str bytes, bool is_kept, sv_arena *arena, sv_array *out,
                         savor_error *err) SAVOR_MUST_CHECK;

/**
 * Read an .npy file that is part of a source, its elements later if they can stay as they lie there.
 *
 * bytes     inside source->bytes
 * Errors    as above, IO
 */
savor_status sv_npy_read_source(sv_source *source, sv_str bytes, sv_arena *arena, sv_array *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/**
 * Read what scipy.sparse.save_npz wrote, as the OBJECT that the pickled matrix would be: class csr_matrix of module
 * scipy.sparse._csr, say, its state a dict of the arrays by name (data, indices, indptr) and of _shape, a tuple.
 *
 * bytes     borrowed for the call
 * scratch   gets what is needed during the call only
 * maker     makes the records
 * out       NULL on failure
 * Errors    FORMAT, UNSUPPORTED (another format than bsr, coo, csc, csr, dia), LIMIT, NOMEM
 * Threads   safe
 * Source    scipy.sparse._matrix_io
 */
savor_status sv_npz_read_sparse(sv_str bytes, sv_arena *scratch, sv_record_maker *maker, sv_record **out,
                                savor_error *err) SAVOR_MUST_CHECK;

#endif
