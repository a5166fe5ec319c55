/* csv_names.h: the column names that pandas makes of a CSV header, and what a schema asks of each column. */
#ifndef SV_REQUEST_CSV_NAMES_H
#define SV_REQUEST_CSV_NAMES_H

#include "model/schema.h"
#include "request/csv_column.h"

/** The columns behind the index columns. */
typedef struct sv_csv_names {
    size_t n;
    sv_str *names;      /* [n] unique */
    sv_csv_want *wants; /* [n] by name; INFER where the schema says nothing */
    bool *is_declared;  /* [n] the schema has this very name */
} sv_csv_names;

/**
 * Make names unique ("a", "a.1"), give names to unnamed columns ("Unnamed: 0"), and look each up in the schema. A
 * column renamed from a declared one inherits its type, as in pandas.
 *
 * header    borrowed
 * schema    NULL: nothing is declared; else scalar types only
 * out       in the arena
 * Units     none
 * Errors    LIMIT, NOMEM
 * Threads   safe
 * Source    pandas/_libs/parsers.pyx _get_header (behaviour)
 */
savor_status sv_csv_name_columns(const sv_str *header, size_t n, const sv_schema *schema, sv_arena *arena,
                                 sv_csv_names *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * The position that entry `i` of a schema speaks of when it has no name (or an empty or an integer one); index
 * columns are counted. False: it is known by its name.
 */
bool sv_csv_spec_position(const sv_schema *schema, size_t i, size_t *out);

/** What a scalar type asks of a CSV column. */
sv_csv_want sv_csv_want_of(sv_type_kind kind);

#endif
