/* frame_cast.h: the casts that the scoring server makes before enforcement, laxer than enforcement itself. */
#ifndef SV_REQUEST_FRAME_CAST_H
#define SV_REQUEST_FRAME_CAST_H

#include "request/profile.h"

/**
 * Cast the declared columns of a frame that came as dataframe_split or dataframe_records (or a 1.x body).
 *
 * frame     changed: gets new columns where a cast was needed
 * schema    the signature's inputs
 * arena     gets converted columns
 * Errors    BAD_REQUEST (message: column, type, value; in era 1 such a column stays as it was), NOMEM, LIMIT
 * Source    MLflow cast_df_types_according_to_schema; pandas.read_json(dtype=...) in 1.x
 */
savor_status sv_frame_cast(sv_frame *frame, const sv_schema *schema, const sv_profile *profile, sv_arena *arena,
                           savor_error *err) SAVOR_MUST_CHECK;

/**
 * The same for a frame of read_json and a schema without names, whose columns 1.x calls 0, 1, 2 ...: a column with
 * another label becomes doubles or, where all of it are whole numbers, int64. Arguments and errors as above.
 */
savor_status sv_frame_cast_numbered(sv_frame *frame, const sv_schema *schema, const sv_profile *profile,
                                    sv_arena *arena, savor_error *err) SAVOR_MUST_CHECK;

#endif
