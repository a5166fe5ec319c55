/* arrow_priv.h: what the files that read an Arrow stream share: messages, fields and what a batch's column holds. */
#ifndef SV_TABLE_ARROW_PRIV_H
#define SV_TABLE_ARROW_PRIV_H

#include "base/index.h"
#include "table/arrow_flat_priv.h"
#include "table/pieces.h"

/** Kinds of messages, by the number in their header. */
typedef enum sv_arrow_kind {
    SV_ARROW_SCHEMA = 1,
    SV_ARROW_DICTIONARY = 2,
    SV_ARROW_BATCH = 3,
} sv_arrow_kind;

/** How the values of a type lie in a batch's buffers; the first buffer is the bitmap, but for NONE. */
typedef enum sv_arrow_layout {
    SV_ARROW_NONE,    /* no buffer at all: every value is missing */
    SV_ARROW_BITS,    /* one bit a value */
    SV_ARROW_FIXED,   /* the dtype's own bytes */
    SV_ARROW_TICKS,   /* int64 of `tick_ns` each */
    SV_ARROW_DAYS,    /* int32 days */
    SV_ARROW_SPANS32, /* n + 1 offsets of 4 bytes, then bytes */
    SV_ARROW_SPANS64, /* the same of 8 bytes */
    SV_ARROW_WIDE,    /* `width` bytes a value */
    SV_ARROW_VIEWS,   /* 16 bytes a value: the text itself when short, else a place in one of several buffers */
} sv_arrow_layout;

typedef struct sv_arrow_type {
    sv_arrow_layout layout;
    savor_dtype dtype; /* of the values */
    bool is_date;
    int64_t tick_ns;
    size_t width;
} sv_arrow_type;

/** The values that a dictionary's numbers stand for. */
typedef struct sv_arrow_dictionary {
    int64_t id;
    sv_arrow_type type;
    size_t n;
    const uint8_t *valid; /* NULL: all are there */
    const void *data;
} sv_arrow_dictionary;

typedef struct sv_arrow_field {
    sv_str name;
    sv_arrow_type type;
    sv_arrow_dictionary *dictionary; /* NULL: the batches hold the values themselves; may be shared by fields */
    sv_arrow_type index_type;        /* of the numbers in the batches */
} sv_arrow_field;

typedef struct sv_arrow_schema {
    size_t n_fields;
    sv_arrow_field *fields;
    sv_arrow_dictionary *dictionaries; /* [at most n_fields] */
    size_t n_dictionaries;
    size_t n_name_bytes;
    sv_index by_id; /* the bytes of an id -> position in `dictionaries` */
} sv_arrow_schema;

/** One message of a stream. */
typedef struct sv_arrow_message {
    sv_arrow_kind kind;
    sv_flat *flat; /* the header's */
    sv_flat_table header;
    const uint8_t *body;
    size_t n_body;
} sv_arrow_message;

/** "the Arrow stream ...": what every complaint about damage begins with. */
#define SV_ARROW_FAIL(err, ...) sv_fail((err), SAVOR_BAD_REQUEST, "the Arrow stream " __VA_ARGS__)

/** Read a schema message. Errors: BAD_REQUEST, UNSUPPORTED (the column and its type), NOMEM, LIMIT. */
savor_status sv_arrow_schema_read(const sv_arrow_message *message, sv_arena *arena, sv_arrow_schema *out,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** Read a record batch: one piece for each field. Errors: BAD_REQUEST, UNSUPPORTED (compression), NOMEM, LIMIT. */
savor_status sv_arrow_batch_read(const sv_arrow_message *message, const sv_arrow_schema *schema, sv_arena *arena,
                                 sv_pieces *pieces, savor_error *err) SAVOR_MUST_CHECK;

/** The dictionary of this id, or NULL. */
sv_arrow_dictionary *sv_arrow_dictionary_find(const sv_arrow_schema *schema, int64_t id);

/** Read a dictionary batch into its dictionary; one that no field has is passed over. Errors: as above. */
savor_status sv_arrow_dictionary_read(const sv_arrow_message *message, const sv_arrow_schema *schema, sv_arena *arena,
                                      savor_error *err) SAVOR_MUST_CHECK;

#endif
