/*
 * record_make.h: making records, for readers that know what they want to say. Texts are copied: a record does not
 * point into the file it came from.
 */
#ifndef SV_FORMAT_RECORD_MAKE_H
#define SV_FORMAT_RECORD_MAKE_H

#include "format/record.h"
#include "text/json.h"

/** Where records come from, and how many may still be made. */
typedef struct sv_record_maker {
    sv_arena *arena;
    size_t n_left;
} sv_record_maker;

/* All of these give NULL on failure. Errors: NOMEM; LIMIT (too many records, or the arena is full). */

/** A record that says None, to be filled. */
savor_status sv_record_new(sv_record_maker *maker, sv_record **out, savor_error *err) SAVOR_MUST_CHECK;

/** A GLOBAL. */
savor_status sv_record_new_global(sv_record_maker *maker, sv_global global, sv_record **out,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** A TEXT. */
savor_status sv_record_new_text(sv_record_maker *maker, sv_str text, sv_record **out,
                                savor_error *err) SAVOR_MUST_CHECK;

/* These fill a record that exists, so that others may point to it before it is complete. */

/** GLOBAL. */
savor_status sv_record_set_global(sv_record_maker *maker, sv_global global, sv_record *r,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** TEXT, BYTES or BIGINT. */
savor_status sv_record_set_text(sv_record_maker *maker, sv_record_kind kind, sv_str text, sv_record *r,
                                savor_error *err) SAVOR_MUST_CHECK;

/** LIST, TUPLE, SET: `n` places; DICT: 2 * n. `items` gets the places, cleared, which the caller fills at once. */
savor_status sv_record_set_items(sv_record_maker *maker, sv_record_kind kind, size_t n, sv_record *r,
                                 const sv_record ***items, savor_error *err) SAVOR_MUST_CHECK;

/** OBJECT or CALL; `*object` is copied, and an `args` of NULL becomes an empty TUPLE. */
savor_status sv_record_set_object(sv_record_maker *maker, sv_record_kind kind, const sv_object *object, sv_record *r,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** ARRAY; `*array` is copied, what it points to is not. */
savor_status sv_record_set_array(sv_record_maker *maker, const sv_array *array, sv_record *r,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** INT, or BIGINT when int64 cannot hold it: decimal digits with an optional '-'; the caller has checked them. */
savor_status sv_record_set_digits(sv_record_maker *maker, sv_str digits, sv_record *r,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** Any JSON value; equal keys stay, in order. Containers inside one another: at most 64. */
savor_status sv_record_set_json(sv_record_maker *maker, const sv_json *value, sv_record *r,
                                savor_error *err) SAVOR_MUST_CHECK;

#endif
