/* data_read.h: what a caller brings (a frame, or bytes of a type) -> a payload, without any model. */
#ifndef SV_SCORE_DATA_READ_H
#define SV_SCORE_DATA_READ_H

#include "model/infer.h"
#include "request/profile.h"

#include <savor/infer.h>

/** The rules of an era that no model chose; AUTO: the newest. Other eras' bodies are read as well. */
sv_profile sv_profile_of_era(savor_profile era);

/** Whose inference a profile means. */
sv_infer_rules sv_infer_rules_of(const sv_profile *profile);

/** Memory for data of so many bytes. */
size_t sv_data_max_bytes(const savor_data *data);

/**
 * Read data as savor_signature_infer tells.
 *
 * data      borrowed: must outlive `out`
 * Errors    BAD_REQUEST, MEDIA_TYPE, USAGE, UNREADABLE, LIMIT, NOMEM
 */
savor_status sv_data_read(const savor_data *data, const sv_profile *profile, sv_arena *arena, sv_payload *out,
                          savor_error *err) SAVOR_MUST_CHECK;

/** Read params: a JSON object as a DICT. Errors as above. */
savor_status sv_data_read_params(const savor_data *data, const sv_profile *profile, sv_arena *arena, sv_value *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
