/* body_text.h: the bytes of a body -> UTF-8 text, with the decoding of the profile's HTTP stack. */
#ifndef SV_REQUEST_BODY_TEXT_H
#define SV_REQUEST_BODY_TEXT_H

#include "request/profile.h"

/**
 * Decode a JSON body. MLflow before 2.21 decodes UTF-8 first; later ones hand the bytes to json.loads, which also
 * takes a byte order mark, UTF-16 and UTF-32, and encoded surrogates.
 *
 * out       `body` itself, or a copy in the arena
 * Errors    UNREADABLE or BAD_REQUEST (not decodable), NOMEM, LIMIT
 * Source    CPython json.detect_encoding; MLflow scoring_server.invocations
 */
savor_status sv_body_decode_json(sv_str body, const sv_profile *profile, sv_arena *arena, sv_str *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** Check that a CSV body is UTF-8. Errors: UNREADABLE or BAD_REQUEST. */
savor_status sv_body_check_csv(sv_str body, const sv_profile *profile, savor_error *err) SAVOR_MUST_CHECK;

#endif
