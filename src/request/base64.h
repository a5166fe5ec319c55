/* base64.h: Python's base64.decodebytes and encodebytes. */
#ifndef SV_REQUEST_BASE64_H
#define SV_REQUEST_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

/** Decode leniently: characters outside the alphabet are skipped. Errors: BAD_REQUEST ("Incorrect padding"), NOMEM,
 * LIMIT. */
savor_status sv_base64_decode(sv_str text, sv_arena *arena, sv_str *out, savor_error *err) SAVOR_MUST_CHECK;

/** Append with a line end after every 76 characters and at the end, as MIME has it. */
void sv_base64_put(sv_buf *out, sv_str bytes);

#endif
