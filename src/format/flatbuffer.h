/*
 * flatbuffer.h: reading FlatBuffers without generated code: tables by slot number, vectors, strings. Every offset is
 * held against the bytes that are there. The first fault sticks, as in sv_buf, so that a run of reads needs one
 * check; after it everything reads as absent.
 */
#ifndef SV_FORMAT_FLATBUFFER_H
#define SV_FORMAT_FLATBUFFER_H

#include "base/error.h"
#include "base/str.h"

typedef struct sv_flatbuffer {
    sv_str bytes;
    size_t budget; /* bytes of vectors that may still be handed out: vectors may share bytes, but not without end */
    const char *fault; /* NULL: none so far */
    size_t fault_at;
} sv_flatbuffer;

/** A table; at == 0: absent. */
typedef struct sv_fb_table {
    size_t at, vtable, vtable_bytes;
} sv_fb_table;

/** A vector; n == 0: absent or empty. */
typedef struct sv_fb_vector {
    size_t at, n;
} sv_fb_vector;

/** Start reading; `bytes` is borrowed. The root table, or an absent one. */
sv_fb_table sv_fb_open(sv_flatbuffer *fb, sv_str bytes);

/** A scalar of that slot, or the schema's default. */
bool sv_fb_bool(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, bool absent);
int8_t sv_fb_int8(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, int8_t absent);
int32_t sv_fb_int32(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, int32_t absent);
float sv_fb_float(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, float absent);
double sv_fb_double(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, double absent);

/** Text of that slot, borrowed from the buffer; empty when absent. */
sv_str sv_fb_string(sv_flatbuffer *fb, sv_fb_table table, unsigned slot);

/** The table of that slot. */
sv_fb_table sv_fb_child(sv_flatbuffer *fb, sv_fb_table table, unsigned slot);

/** The vector of that slot, whose elements have `element_bytes` each (4 for tables and strings). */
sv_fb_vector sv_fb_vector_of(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, size_t element_bytes);

/** Element `i` of a vector of tables; i < n. */
sv_fb_table sv_fb_table_at(sv_flatbuffer *fb, sv_fb_vector vector, size_t i);

/** Element `i` of a vector of strings; i < n. */
sv_str sv_fb_string_at(sv_flatbuffer *fb, sv_fb_vector vector, size_t i);

/** The bytes of a vector, not aligned; borrowed. */
const char *sv_fb_bytes(const sv_flatbuffer *fb, sv_fb_vector vector);

/** OK, or FORMAT with the first fault. */
savor_status sv_fb_check(const sv_flatbuffer *fb, savor_error *err) SAVOR_MUST_CHECK;

#endif
