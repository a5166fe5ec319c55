/* response.h: a prediction -> the bytes of the answer, as MLflow's scoring server encodes it; and errors likewise. */
#ifndef SV_SCORE_RESPONSE_H
#define SV_SCORE_RESPONSE_H

#include "data/payload.h"
#include "request/profile.h"

#include <savor/score.h>

/**
 * Append a prediction as JSON, `{"predictions": X}` or X alone.
 *
 * is_wrapped  whether X goes under "predictions"
 * nan         how not-a-number and infinities are written
 * out         failures stick: sv_buf_check tells them
 * Source      MLflow predictions_to_json, _get_jsonable_obj, NumpyEncoder
 */
void sv_response_write(const sv_payload *prediction, bool is_wrapped, savor_nan nan, sv_buf *out);

/**
 * Append the body of an error answer and tell its status and type.
 *
 * error     what was found
 * Source    MlflowException.serialize_as_json
 */
void sv_error_write(const savor_error *error, const sv_profile *profile, sv_buf *out, int *http_status,
                    const char **content_type);

/**
 * Append the body of the answer to a request on which the model's own code raised an exception.
 *
 * Source    MLflow's scoring server around model.predict; its table of error codes
 */
void sv_exception_write(const sv_exception *exception, const sv_profile *profile, sv_buf *out, int *http_status,
                        const char **content_type);

#endif
