/*
 * npy_dtype.h: numpy's descriptions of elements ("<f8", "|b1", "<U5", lists of fields) and raw elements -> arrays.
 * The pickle reader and the reader of .npy files share it.
 */
#ifndef SV_FORMAT_NPY_DTYPE_H
#define SV_FORMAT_NPY_DTYPE_H

#include "format/record.h"

/** How the elements of an array lie in a file. */
typedef struct sv_npy_dtype {
    char kind;         /* numpy's letter: b i u f c U S V O M m */
    bool is_swapped;   /* big-endian */
    savor_dtype dtype; /* what sv_npy_array_read makes; UINT8 for structured elements */
    size_t item_bytes; /* of one element in the file; 8 for objects */
    int64_t unit_ns;   /* kind M: nanoseconds of one unit, 0 for years, months and no unit; 1 for other kinds */
    size_t n_fields;   /* of kind V */
    const sv_array_field *fields;
    const bool *field_swapped; /* [n_fields] */
} sv_npy_dtype;

/**
 * Read the text of a plain element: "<f8", "|b1", "i4", "<U5", "|V16", "<M8[ns]", "O".
 *
 * out       kinds that no savor_dtype stands for (complex, long double, timedelta, void) are read, too;
 *           sv_npy_array_read refuses them
 * Errors    FORMAT (no such dtype)
 * Source    numpy.dtype.str; numpy.lib.format
 */
savor_status sv_npy_dtype_parse(sv_str text, sv_npy_dtype *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Read a description as the header of an .npy file has it: '<f8', or [('a', '<f8'), ('b', '<i4', (3,)), ('', '|V4')].
 *
 * text      a Python literal and nothing behind it; titles are allowed and ignored, fields without a name are padding
 * arena     gets the fields
 * Errors    FORMAT, UNSUPPORTED (fields that are no numbers or are structured themselves), NOMEM, LIMIT
 * Source    numpy.lib.format.dtype_to_descr
 */
savor_status sv_npy_descr_parse(sv_str text, sv_arena *arena, sv_npy_dtype *out, savor_error *err) SAVOR_MUST_CHECK;

/** Whether an element is one bool, integer or float that a savor_dtype stands for: what a field may be. */
bool sv_npy_is_number(const sv_npy_dtype *dtype);

/** Whether sv_npy_array_read has elements for this; says UNSUPPORTED and what it is otherwise. */
savor_status sv_npy_dtype_check(const sv_npy_dtype *dtype, savor_error *err) SAVOR_MUST_CHECK;

/** Raw elements and how they are arranged. */
typedef struct sv_npy_raw {
    size_t n_dims; /* 0: one element */
    size_t shape[SV_TENSOR_DIMS_MAX];
    bool is_fortran;                 /* the first index runs fastest */
    bool is_permuted;                /* dimension i of `shape` is number axes[i] of the file, slowest first */
    size_t axes[SV_TENSOR_DIMS_MAX]; /* each of 0 to n_dims - 1 once */
    sv_str bytes;                    /* the elements and nothing else; of a part only their number counts */
    sv_part *part;                   /* where they are read when asked for; NULL: they are there */
    bool is_kept;                    /* they outlive the array, which may lie there as it is */
} sv_npy_raw;

/**
 * Raw elements -> an array in C order and native byte order, copied into the arena; or left where they are, if they
 * are kept, need no change and lie at a multiple of their size (structured ones anywhere: a field is read by memcpy).
 *
 * dtype     not of kind O
 * out       texts are UTF-8 without the NULs that pad them; datetimes are in nanoseconds
 * Errors    FORMAT (bytes and shape differ, a code point beyond Unicode), UNSUPPORTED (see sv_npy_dtype_check; a
 *           datetime beyond what nanoseconds hold), LIMIT (memory), NOMEM
 * Threads   safe
 */
savor_status sv_npy_array_read(const sv_npy_dtype *dtype, const sv_npy_raw *raw, sv_arena *arena, sv_array *out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** The number of elements of a shape; false when it does not fit. */
bool sv_npy_n_items(const sv_npy_raw *raw, size_t *out);

#endif
