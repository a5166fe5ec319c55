/*
 * arrow_flat_priv.h: the FlatBuffers encoding of Arrow's messages, as far as they use it. Every access is checked
 * against the bytes that are there; the first one that leaves them marks the buffer as broken, and from then on
 * fields have their defaults, so that a run of reads needs one check at its end.
 */
#ifndef SV_TABLE_ARROW_FLAT_PRIV_H
#define SV_TABLE_ARROW_FLAT_PRIV_H

#include "base/str.h"

typedef struct sv_flat {
    const uint8_t *p;
    size_t n;
    bool is_broken;
} sv_flat;

/** A table: `at` and the offsets of its fields, relative to it; a table that is absent has no fields. */
typedef struct sv_flat_table {
    sv_flat *flat;
    size_t at, n_bytes;
    size_t vtable, n_fields;
} sv_flat_table;

/** A vector of `n` items that lie in the buffer. */
typedef struct sv_flat_vector {
    sv_flat *flat;
    size_t at, n;
} sv_flat_vector;

/** The signed little-endian integer of 1, 2, 4 or 8 bytes at `p`. */
int64_t sv_flat_load(const uint8_t *p, size_t size);

/** The table that the buffer begins with. */
sv_flat_table sv_flat_root(sv_flat *flat);

/** An integer field of `size` bytes, or `fallback` when the table lacks it. */
int64_t sv_flat_integer(const sv_flat_table *table, size_t field, size_t size, int64_t fallback);

/** A table field; false when it is absent, and `out` is then an empty table. */
bool sv_flat_child(const sv_flat_table *table, size_t field, sv_flat_table *out);

/** A text field; p is NULL when it is absent. Borrowed from the buffer; not checked for UTF-8. */
sv_str sv_flat_text(const sv_flat_table *table, size_t field);

/** A vector field of items of `item_bytes`; n is 0 when it is absent. */
sv_flat_vector sv_flat_items(const sv_flat_table *table, size_t field, size_t item_bytes);

/** Item `i` of a vector of tables, whose items are offsets of 4 bytes. */
sv_flat_table sv_flat_item(const sv_flat_vector *vector, size_t i);

#endif
