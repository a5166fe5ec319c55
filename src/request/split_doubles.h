/* split_doubles.h: the request that servers see most, without the way round over inferred columns. */
#ifndef SV_REQUEST_SPLIT_DOUBLES_H
#define SV_REQUEST_SPLIT_DOUBLES_H

#include "model/schema.h"
#include "request/heading.h"
#include "text/json.h"

/**
 * Read {"columns": [...], "data": [[...]]} whose columns are those of the schema in its order, all declared double,
 * and whose cells are numbers, booleans and nulls. Inference, cast and enforcement would give the same frame
 * (tests/unit/request/split_doubles_test.c holds the two ways against each other).
 *
 * split     an OBJECT
 * schema    the signature's inputs
 * heading   of the schema, or NULL; columns that were parsed by it need no second look
 * arena     gets columns and cells
 * out       obeys the schema; borrowed from the arena; untouched when the answer is false
 * returns   false when the body is of any other kind, or memory is short: then the general way decides
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    request/json_frame.h, request/frame_cast.h, model/enforce.h
 */
bool sv_split_read_doubles(const sv_json *split, const sv_schema *schema, const sv_heading *heading, sv_arena *arena,
                           sv_frame *out);

#endif
