/*
 * record.h: what a serialized Python object says, as inert data: nothing in it was called, imported or run. The
 * pickle and the skops readers both make it, so whoever recognises estimators does not see which file it was.
 *
 * An object is the name of its class and its state; a call is the name of what would have been called and with what.
 * Arrays, dtypes and numpy scalars are already understood: an array is its elements in C order. Records may be
 * shared and may form cycles; a walk over a graph of records has to count its steps.
 */
#ifndef SV_FORMAT_RECORD_H
#define SV_FORMAT_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/source.h"
#include "data/tensor.h"

typedef enum sv_record_kind {
    SV_RECORD_NONE,
    SV_RECORD_BOOL,   /* u.i */
    SV_RECORD_INT,    /* u.i; numpy's integer scalars too */
    SV_RECORD_BIGINT, /* u.p, n: two's complement, lowest byte first; what int64 cannot hold */
    SV_RECORD_FLOAT,  /* u.f; numpy's scalars too */
    SV_RECORD_TEXT,   /* u.p, n, and a NUL: UTF-8, lone surrogates as ED A0..BF xx */
    SV_RECORD_BYTES,  /* n; see sv_record_bytes */
    SV_RECORD_LIST,   /* u.items, n */
    SV_RECORD_TUPLE,  /* u.items, n */
    SV_RECORD_SET,    /* u.items, n; frozen or not */
    SV_RECORD_DICT,   /* u.items, 2 * n: key, value, key, value, in the file's order */
    SV_RECORD_GLOBAL, /* u.global: a class or function, by name */
    SV_RECORD_OBJECT, /* u.object: cls(*args) with a state */
    SV_RECORD_CALL,   /* u.object: what pickle would have called, and was not understood here */
    SV_RECORD_ARRAY,  /* u.array */
} sv_record_kind;

typedef struct sv_record sv_record;

typedef struct sv_global {
    sv_str module; /* "sklearn.linear_model._base" */
    sv_str name;   /* "LinearRegression" */
} sv_global;

typedef struct sv_object {
    const sv_record *callee; /* GLOBAL as a rule; any record where a file computes what it calls */
    const sv_record *args;   /* TUPLE */
    const sv_record *kwargs; /* DICT, or NULL */
    const sv_record *state;  /* what __setstate__ would have got, or NULL */
    const sv_record *items;  /* LIST: appended to a subclass of list, or NULL */
    const sv_record *pairs;  /* DICT: set on a subclass of dict, or NULL */
} sv_object;

/** One field of a structured element; always a plain number, little-endian in memory. */
typedef struct sv_array_field {
    sv_str name;
    savor_dtype dtype;
    size_t offset_bytes;
    size_t n_items; /* of a sub-array field; 1 otherwise */
} sv_array_field;

typedef struct sv_array {
    sv_tensor tensor;              /* C order, native byte order. Structured: data is [n_items] of item_bytes,
                                      dtype UINT8. OBJECT: data is NULL */
    sv_part *part;                 /* the elements, where they are read when asked for; NULL: tensor.data has them */
    const sv_record *const *cells; /* OBJECT: [n_items]; NULL otherwise */
    size_t n_fields;               /* 0: not structured */
    const sv_array_field *fields;
    size_t item_bytes; /* of a structured element; 0 otherwise */
    bool by_columns;   /* the file has it in Fortran's order, as numpy would; here it is in C order all the same */
} sv_array;

/** Bytes, or where they are read from. */
typedef struct sv_bytes {
    const char *p; /* where u.p is; NULL while a part has them */
    sv_part *part;
} sv_bytes;

struct sv_record {
    sv_record_kind kind;
    size_t n;
    union {
        int64_t i;
        double f;
        const char *p;
        sv_bytes bytes;
        const sv_record *const *items;
        sv_global global;
        const sv_object *object;
        sv_array *array;
    } u;
};

/** What a graph of records may hold at most. */
typedef struct sv_record_limits {
    size_t n_records;      /* objects, numbers, texts ... in all */
    size_t depth;          /* of what a reader's own stack holds; the pickle reader needs none */
    size_t inflated_bytes; /* of a file that is compressed as a whole */
    bool is_borrowing;     /* bytes and arrays may lie in the file, which outlives the records */
    sv_buf *unpacked;      /* empty; gets what a compressed file held, and outlives them, too; NULL: is copied */
    sv_source *source;     /* of the bytes, if they are not all there yet; outlives the records; NULL: they are */
} sv_record_limits;

#define SV_RECORD_LIMITS \
    ((sv_record_limits){.n_records = (size_t)64 << 20, .depth = 4096, .inflated_bytes = (size_t)4 << 30})

/**
 * Lower the arena's maximum to what records of a file may take, and tell what it was. What a file says may be shared,
 * and each use is a copy, so a small file can say a lot: memory is held against the bytes that are there.
 *
 * n_bytes      of the file
 * n_unpacked   bytes that it held compressed; 0: it was not
 * Units        bytes
 */
size_t sv_record_bound(sv_arena *arena, size_t n_bytes, size_t n_unpacked);

/** The most that a file of `n_bytes` may unpack to, and no more than `max_bytes`. */
size_t sv_unpacked_bound(size_t n_bytes, size_t max_bytes);

/* ---- looking at records; NULL is allowed for `r` everywhere and is nothing ---- */

/** The attribute or dict entry with this key: of an object's state (a dict, or a pair of dicts), its pairs, or a
 * DICT. NULL when absent. */
const sv_record *sv_record_find(const sv_record *r, const char *key);

/** Name of the class of an OBJECT or of what a CALL calls; its parts are empty for other records. */
sv_global sv_record_class(const sv_record *r);

/** Whether `r` is an OBJECT or CALL of `package` (its first module name, such as "sklearn"; NULL: any) and `name`. */
bool sv_record_is(const sv_record *r, const char *package, const char *name);

/** None, or absent. */
bool sv_record_is_none(const sv_record *r);

/** A BOOL, INT, FLOAT or an array of one number; false for others. */
bool sv_record_to_double(const sv_record *r, double *out);

/** A BOOL, INT, an integral FLOAT, or an array of one integer; false for others. */
bool sv_record_to_int(const sv_record *r, int64_t *out);

/** A BOOL, or an array of one bool; false for others. */
bool sv_record_to_bool(const sv_record *r, bool *out);

/** The dtype that a numpy.dtype object, a class (numpy.float32, builtins.int) or a TEXT names; false for
 * others. */
bool sv_record_to_dtype(const sv_record *r, savor_dtype *out);

/** The text of TEXT; {NULL, 0} for others. */
sv_str sv_record_text(const sv_record *r);

/** Whether `r` is TEXT and equals `text`. */
bool sv_record_is_text(const sv_record *r, const char *text);

/** Items of a LIST, TUPLE, SET, a list subclass, or a one-dimensional array of OBJECT; `*n` is 0 for others. */
const sv_record *const *sv_record_items(const sv_record *r, size_t *n);

/** The bytes of BYTES; {NULL, 0} for others and for what could not be read, which sv_source_check tells. */
sv_str sv_record_bytes(const sv_record *r);

/** The array with its elements, or NULL; also for one whose elements could not be read, which sv_source_check tells.
 */
const sv_array *sv_record_array(const sv_record *r);

/** The array, whether its elements are in memory or not, or NULL. */
const sv_array *sv_record_array_head(const sv_record *r);

/**
 * The same for who looks once, says so by sv_record_forget and keeps no pointer: so that of a forest's arrays only
 * one tree's are in memory. What sv_record_array has given to anybody stays as long as the file, whoever forgets it.
 */
const sv_array *sv_record_look(const sv_record *r);
void sv_record_forget(const sv_record *r);

/** The field of a structured array with this name, or NULL; of NULL, too. */
const sv_array_field *sv_array_find_field(const sv_array *array, const char *name);

/**
 * Numbers of an ARRAY, or of nested lists or one number, as doubles in C order.
 *
 * shape     gets n_dims numbers; n_dims is at most SV_TENSOR_DIMS_MAX; 0 for one number
 * arena     gets the doubles, unless the array holds doubles already, which are then borrowed from the record
 * out       [n_items]; NULL on failure
 * Errors    FORMAT (not numbers, or ragged), NOMEM, LIMIT
 */
savor_status sv_record_doubles(const sv_record *r, sv_arena *arena, sv_tensor *out,
                               savor_error *err) SAVOR_MUST_CHECK;

#endif
