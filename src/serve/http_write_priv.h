/* http_write_priv.h: an answer as HTTP/1.1 bytes. */
#ifndef SV_SERVE_HTTP_WRITE_PRIV_H
#define SV_SERVE_HTTP_WRITE_PRIV_H

#include "base/buf.h"
#include "serve/router_priv.h"

typedef struct sv_framing {
    const char *date; /* SV_DATE_BYTES */
    bool is_head;     /* the length is told, the body is not sent */
    bool closes;
    bool tells_keep_alive; /* HTTP/1.0 clients expect to be told */
} sv_framing;

/**
 * Append an answer, head and body.
 *
 * Units     bytes
 * Errors    none here; sv_buf_check(out) tells NOMEM
 * Threads   safe while `out` is not shared
 * Source    RFC 9112; lower-case names as uvicorn sends them
 */
void sv_http_write(sv_buf *out, const sv_answer *answer, const sv_framing *framing);

/** The reason phrase, "" when there is none. */
const char *sv_http_reason(int http_status);

#endif
