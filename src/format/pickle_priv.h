/* pickle_priv.h: the machine that reads a pickle: a stack, marks and a memo of records that may still grow. */
#ifndef SV_FORMAT_PICKLE_PRIV_H
#define SV_FORMAT_PICKLE_PRIV_H

#include "base/index.h"
#include "format/npy_dtype.h"
#include "format/pickle.h"

#define SV_PICKLE_SMALL_INTS 256

/** A LIST, TUPLE, SET or DICT that may grow; `r` comes first, so that a record of that kind is one of these. */
typedef struct sv_pickle_list {
    sv_record r;
    const sv_record **cells; /* what r.u.items points at */
    size_t capacity;
    sv_record *made_by; /* the class that was called for it, or NULL */
} sv_pickle_list;

/** An OBJECT or CALL; likewise. */
typedef struct sv_pickle_object {
    sv_record r;
    sv_object object;
    sv_npy_dtype *dtype; /* of numpy.dtype objects that were understood; how many of it: of a field with a shape */
    size_t n_sub;
} sv_pickle_object;

/** The names that were met, while somebody asks for them. */
typedef struct sv_pickle_globals {
    sv_index index; /* module, a NUL, name -> position in `uses` */
    sv_global_use *uses;
    size_t capacity;
} sv_pickle_globals;

typedef struct sv_pickle {
    const uint8_t *start, *p, *end;
    const uint8_t *ready; /* what lies between p and here is in memory */
    size_t begin;         /* where this pickle starts in the file */
    size_t op_at;         /* where the current opcode lies */
    sv_arena *arena;
    sv_record_limits limits;
    size_t n_records;
    int protocol;
    bool is_nested; /* an object array of joblib, which is a pickle of its own */
    bool is_stopped;
    sv_record **stack, **memo;
    size_t *marks; /* [n_marks] heights of the stack */
    size_t n_stack, n_memo, n_marks;
    size_t stack_capacity, memo_capacity, mark_capacity;
    sv_record *none, *yes, *no, *empty;
    sv_record *small_ints[SV_PICKLE_SMALL_INTS];
    sv_pickle_globals *globals; /* gets each name; NULL: nobody asked */
    savor_error *err;
} sv_pickle;

/** An opcode's or a callable's work. */
typedef savor_status (*sv_pickle_op)(sv_pickle *v);

/* ---- pickle.c: bytes, stack, memo ---- */

/** FORMAT with the byte at which the current opcode lies. */
savor_status sv_pickle_fault(const sv_pickle *v, const char *what);

/** Have the next `n` bytes in memory, which are inside the file. */
savor_status sv_pickle_need(sv_pickle *v, size_t n) SAVOR_MUST_CHECK;

/** `n` bytes, borrowed from the file. */
savor_status sv_pickle_take(sv_pickle *v, size_t n, const uint8_t **out) SAVOR_MUST_CHECK;

/** A little-endian number of `width` bytes, up to 8. */
savor_status sv_pickle_take_uint(sv_pickle *v, size_t width, uint64_t *out) SAVOR_MUST_CHECK;

/** Text up to a line end, which is taken as well. */
savor_status sv_pickle_take_line(sv_pickle *v, sv_str *out) SAVOR_MUST_CHECK;

/** A length of `width` bytes, which are there. */
savor_status sv_pickle_take_length(sv_pickle *v, size_t width, size_t *out) SAVOR_MUST_CHECK;

/** A length of `width` bytes and as many bytes. */
savor_status sv_pickle_take_counted(sv_pickle *v, size_t width, sv_str *out) SAVOR_MUST_CHECK;

/** `n` bytes that are not looked at yet. Only where sv_source_has_parts says so. */
savor_status sv_pickle_take_part(sv_pickle *v, size_t n, sv_part **out) SAVOR_MUST_CHECK;

/** The stack above the newest mark. */
savor_status sv_pickle_push(sv_pickle *v, sv_record *r) SAVOR_MUST_CHECK;
savor_status sv_pickle_pop(sv_pickle *v, sv_record **out) SAVOR_MUST_CHECK;
savor_status sv_pickle_top(const sv_pickle *v, sv_record **out) SAVOR_MUST_CHECK;
savor_status sv_pickle_put_mark(sv_pickle *v) SAVOR_MUST_CHECK;

/** Take the newest mark and all above it; they stay readable until the next push. */
savor_status sv_pickle_pop_mark(sv_pickle *v, sv_record ***items, size_t *n) SAVOR_MUST_CHECK;

/** Items in the memo. */
savor_status sv_pickle_memo_put(sv_pickle *v, uint64_t index, sv_record *r) SAVOR_MUST_CHECK;
savor_status sv_pickle_memo_push(sv_pickle *v, uint64_t index) SAVOR_MUST_CHECK;

/** Start on other bytes (or none), run to STOP, end; what was read is the result. */
savor_status sv_pickle_open(sv_pickle *v) SAVOR_MUST_CHECK;
savor_status sv_pickle_exec(sv_pickle *v, sv_record **out) SAVOR_MUST_CHECK;
void sv_pickle_close(sv_pickle *v);

/** The table of opcodes: [256], NULL where there is none. */
extern const sv_pickle_op sv_pickle_ops[256];

/* ---- opcodes of other files: pickle_literal.c, pickle_call.c ---- */

/** Numbers, texts and bytes. */
savor_status sv_pickle_op_none(sv_pickle *v);
savor_status sv_pickle_op_true(sv_pickle *v);
savor_status sv_pickle_op_false(sv_pickle *v);
savor_status sv_pickle_op_int(sv_pickle *v);
savor_status sv_pickle_op_binint(sv_pickle *v);
savor_status sv_pickle_op_binint1(sv_pickle *v);
savor_status sv_pickle_op_binint2(sv_pickle *v);
savor_status sv_pickle_op_long(sv_pickle *v);
savor_status sv_pickle_op_long1(sv_pickle *v);
savor_status sv_pickle_op_long4(sv_pickle *v);
savor_status sv_pickle_op_float(sv_pickle *v);
savor_status sv_pickle_op_binfloat(sv_pickle *v);
savor_status sv_pickle_op_short_binbytes(sv_pickle *v);
savor_status sv_pickle_op_binbytes(sv_pickle *v);
savor_status sv_pickle_op_binbytes8(sv_pickle *v);
savor_status sv_pickle_op_short_binunicode(sv_pickle *v);
savor_status sv_pickle_op_binunicode(sv_pickle *v);
savor_status sv_pickle_op_binunicode8(sv_pickle *v);
savor_status sv_pickle_op_short_binstring(sv_pickle *v);
savor_status sv_pickle_op_binstring(sv_pickle *v);
savor_status sv_pickle_op_string(sv_pickle *v);
savor_status sv_pickle_op_unicode(sv_pickle *v);

/** Names, calls and states. */
savor_status sv_pickle_op_global(sv_pickle *v);
savor_status sv_pickle_op_stack_global(sv_pickle *v);
savor_status sv_pickle_op_inst(sv_pickle *v);
savor_status sv_pickle_op_obj(sv_pickle *v);
savor_status sv_pickle_op_reduce(sv_pickle *v);
savor_status sv_pickle_op_newobj(sv_pickle *v);
savor_status sv_pickle_op_newobj_ex(sv_pickle *v);
savor_status sv_pickle_op_build(sv_pickle *v);
savor_status sv_pickle_op_persid(sv_pickle *v);
savor_status sv_pickle_op_binpersid(sv_pickle *v);
savor_status sv_pickle_op_extension(sv_pickle *v);
savor_status sv_pickle_op_buffer(sv_pickle *v);

/* ---- pickle_record.c: making records ---- */

/** A cleared record of a kind, with room for what that kind may become. */
savor_status sv_pickle_make(sv_pickle *v, sv_record_kind kind, sv_record **out) SAVOR_MUST_CHECK;

/** TEXT or BYTES, copied. */
savor_status sv_pickle_make_bytes(sv_pickle *v, sv_record_kind kind, sv_str bytes, sv_record **out) SAVOR_MUST_CHECK;

/** BYTES that are read when they are asked for. */
savor_status sv_pickle_make_part(sv_pickle *v, sv_part *part, sv_record **out) SAVOR_MUST_CHECK;

/** INT, shared when small. */
savor_status sv_pickle_make_int(sv_pickle *v, int64_t value, sv_record **out) SAVOR_MUST_CHECK;

/** Two's complement, lowest byte first, of any length -> INT or BIGINT. */
savor_status sv_pickle_make_long(sv_pickle *v, const uint8_t *p, size_t n, sv_record **out) SAVOR_MUST_CHECK;

/** LIST, TUPLE or SET of these. */
savor_status sv_pickle_make_list(sv_pickle *v, sv_record_kind kind, const sv_record *const *items, size_t n,
                                 sv_record **out) SAVOR_MUST_CHECK;

/** OBJECT or CALL. */
savor_status sv_pickle_make_object(sv_pickle *v, sv_record_kind kind, sv_record *callee, const sv_record *args,
                                   sv_record **out) SAVOR_MUST_CHECK;

/** GLOBAL, under the name that Python 3 has for the module. */
savor_status sv_pickle_make_global(sv_pickle *v, sv_str module, sv_str name, sv_record **out) SAVOR_MUST_CHECK;

/** Append `n` cells; for a DICT keys and values in turn. */
savor_status sv_pickle_append(sv_pickle *v, sv_record *list, const sv_record *const *cells,
                              size_t n) SAVOR_MUST_CHECK;

/** Whether `r` is the GLOBAL with this name. */
bool sv_pickle_is_global(const sv_record *r, const char *module, const char *name);

/* ---- pickle_call.c: calls and states ---- */

/** TEXT of characters below U+0100 -> BYTES; `*out` stays NULL for other text. */
savor_status sv_pickle_make_encoded(sv_pickle *v, const sv_record *text, sv_record **out) SAVOR_MUST_CHECK;

/** callee(*args): understood, or an inert CALL. */
savor_status sv_pickle_call(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out) SAVOR_MUST_CHECK;

/** Give an object its state. */
savor_status sv_pickle_build(sv_pickle *v, sv_record *r, sv_record *state) SAVOR_MUST_CHECK;

/* ---- pickle_numpy.c ---- */

/** What numpy's own names mean. `*out` stays NULL when the arguments are none that numpy writes. */
savor_status sv_pickle_numpy_dtype(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out);
savor_status sv_pickle_numpy_scalar(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out);
savor_status sv_pickle_numpy_frombuffer(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out);

/** States of numpy.dtype and of _reconstruct; a state that is not understood changes nothing. */
savor_status sv_pickle_build_dtype(sv_pickle *v, sv_pickle_object *object, const sv_record *state);
savor_status sv_pickle_build_array(sv_pickle *v, sv_pickle_object *object, const sv_record *state);

/** Whether a CALL is numpy's empty array that waits for its state. */
bool sv_pickle_is_new_array(const sv_record *r);

/** The dtype that a record stands for, or NULL. */
const sv_npy_dtype *sv_pickle_dtype(const sv_record *r);

/** A TUPLE of numbers as a shape; false for others. */
bool sv_pickle_shape(const sv_record *r, sv_npy_raw *out);

/** Elements of a dtype that sv_npy_dtype_check takes, other than objects -> ARRAY into the cleared `r`. */
savor_status sv_pickle_set_array(sv_pickle *v, const sv_npy_dtype *dtype, const sv_npy_raw *raw, sv_record *r);

/** Cells -> ARRAY of objects into `r`. */
savor_status sv_pickle_set_cells(sv_pickle *v, const sv_npy_raw *shape, const sv_record *list, sv_record *r);

/* ---- pickle_joblib.c ---- */

/** Whether an object stands for an array whose elements follow its BUILD. */
bool sv_pickle_is_joblib(const sv_record *r);

/** Read that array; the state is set. */
savor_status sv_pickle_read_joblib(sv_pickle *v, sv_pickle_object *object);

#endif
