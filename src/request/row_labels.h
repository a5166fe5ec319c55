/* row_labels.h: what rows are called where a body says so: `index` of a frame, or the first columns of CSV. */
#ifndef SV_REQUEST_ROW_LABELS_H
#define SV_REQUEST_ROW_LABELS_H

#include "data/frame.h"
#include "text/json.h"

/** How many rows the labels are for; a list of lists has a level in each. Errors: BAD_REQUEST (levels of different
 * lengths). */
savor_status sv_row_labels_count(const sv_json *labels, size_t *n, savor_error *err) SAVOR_MUST_CHECK;

/**
 * The labels of `index` as pandas takes a list of them; which type they have together is left to pandas.
 *
 * labels        an ARRAY that sv_row_labels_count took
 * is_read_json  pandas.read_json still makes dates of them
 * arena         gets them
 * out           borrowed from the arena. NULL on failure
 * Errors        NOMEM, LIMIT
 * Source        pandas.core.indexes.base.ensure_index
 */
savor_status sv_row_labels_read(const sv_json *labels, bool is_read_json, sv_arena *arena, const sv_row_labels **out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** Labels of columns that were read: several make a MultiIndex. Errors: NOMEM, LIMIT. */
savor_status sv_row_labels_of_columns(const sv_column *levels, size_t n_levels, sv_arena *arena,
                                      const sv_row_labels **out, savor_error *err) SAVOR_MUST_CHECK;

#endif
