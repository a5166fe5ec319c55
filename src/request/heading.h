/* heading.h: the list of columns as clients write it, recognised as a whole. */
#ifndef SV_REQUEST_HEADING_H
#define SV_REQUEST_HEADING_H

#include "model/schema.h"
#include "text/json.h"

/** Made once for a schema whose columns are all declared double, with names that JSON writes as they are. */
typedef struct sv_heading {
    sv_json_heading json;     /* nodes borrow the schema's names */
    const sv_column *columns; /* [json.n] FLOAT64 under those names, without data */
} sv_heading;

/**
 * Write the column list of a schema in the two ways of JSON writers: with ", " and with "," between the names.
 *
 * schema    borrowed: must outlive the heading; NULL: none
 * arena     gets the heading
 * out       NULL on failure, and when the schema is of another kind
 * Units     none
 * Errors    LIMIT, NOMEM
 * Threads   safe
 * Source    json.dumps and its separators=(",", ":")
 */
savor_status sv_heading_new(const sv_schema *schema, sv_arena *arena, const sv_heading **out,
                            savor_error *err) SAVOR_MUST_CHECK;

#endif
