/* json_frame.h: the frame forms of a JSON body -> a frame with the dtypes that pandas infers. */
#ifndef SV_REQUEST_JSON_FRAME_H
#define SV_REQUEST_JSON_FRAME_H

#include "data/frame.h"
#include "text/json.h"

/** How a frame is made of JSON. */
typedef struct sv_json_frame_rules {
    int pandas_major;  /* 1, 2 or 3: text columns are `str` from 3 on, object before */
    bool is_read_json; /* MLflow 1.x: pandas.read_json instead of DataFrame(json.loads(...)) */
    bool has_schema;   /* read_json leaves dates alone when there is a schema */
    bool keeps_labels; /* somebody will look at what the rows are called */
} sv_json_frame_rules;

/**
 * {"columns": [...], "data": [...], "index": [...]} as pandas.DataFrame(data, index, columns) takes it.
 *
 * split     an OBJECT; only the three keys
 * arena     gets columns and cells
 * out       borrowed from the arena
 * Errors    BAD_REQUEST, LIMIT, NOMEM
 * Source    pandas.DataFrame, pandas.read_json(orient="split")
 */
savor_status sv_frame_from_split(const sv_json *split, const sv_json_frame_rules *rules, sv_arena *arena,
                                 sv_frame *out, savor_error *err) SAVOR_MUST_CHECK;

/** A list of records (or of lists or scalars) as pandas.DataFrame(data) takes it. Errors as above. */
savor_status sv_frame_from_records(const sv_json *records, const sv_json_frame_rules *rules, sv_arena *arena,
                                   sv_frame *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
