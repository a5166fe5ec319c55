/* csv_frame.h: a CSV body -> a frame, as pandas.read_csv makes it in MLflow's scoring server of each era. */
#ifndef SV_REQUEST_CSV_FRAME_H
#define SV_REQUEST_CSV_FRAME_H

#include "data/frame.h"
#include "model/schema.h"

typedef struct sv_csv_options {
    int pandas_major;        /* 1, 2 or 3: the semantics of pandas 1.5.3, 2.3.3, 3.1.1 */
    int csv_floats;          /* 0: the number parser of that version; 1: legacy; 2: exact */
    const sv_schema *schema; /* NULL: infer all columns */
    bool keeps_labels;       /* columns beyond the header become the rows' labels; else they are dropped */
} sv_csv_options;

/**
 * Read a CSV body.
 *
 * Text columns are OBJECT (strings, NaN where missing) before pandas 3 and STRING (p == NULL where missing) in it;
 * columns that the schema calls string or binary by name are OBJECT always. Rows longer than
 * the header begin with columns of the index.
 *
 * body      well-formed UTF-8, checked by the caller; borrowed: must outlive the frame
 * options   borrowed for the call
 * arena     gets the columns
 * out       [n_rows x header's columns]; untouched on failure
 * Units     none (row and column numbers in messages start at 0, as in pandas)
 * Errors    BAD_REQUEST (no columns, ragged rows, an open quote, cells that are not what the schema says, a schema
 *           that no CSV can serve), LIMIT, NOMEM
 * Threads   safe
 * Source    pandas.read_csv with MLflow's dtype map; docs/formats/csv.md
 */
savor_status sv_csv_read_frame(sv_str body, const sv_csv_options *options, sv_arena *arena, sv_frame *out,
                               savor_error *err) SAVOR_MUST_CHECK;

#endif
