/* chunked_priv.h: the chunked transfer coding, decoded in place. No sockets, no allocation. */
#ifndef SV_SERVE_CHUNKED_PRIV_H
#define SV_SERVE_CHUNKED_PRIV_H

#include "serve/http_parse_priv.h"

/** Begin with SV_CHUNKED_INIT. */
typedef struct sv_chunked {
    uint64_t left;      /* bytes of the current chunk that are still to come */
    uint64_t n_bytes;   /* of the body, in all chunks announced so far */
    uint64_t max_bytes; /* of the body */
    uint32_t n_extension_bytes, n_trailer_bytes;
    uint8_t state, n_digits;
    int refused_status;
    const char *refused_why; /* static text */
} sv_chunked;

#define SV_CHUNKED_INIT(max) ((sv_chunked){.max_bytes = (max)})

/**
 * Decode on.
 *
 * in        [n_in] what was received and not used yet
 * out       where the body goes on; it may overlap `in` if it does not lie behind it
 * n_used    gets how much of `in` is done with; all of it unless the verdict is DONE or REFUSED
 * n_out     gets how many bytes were written to `out`, at most `*n_used`
 * returns   DONE when the last chunk and the trailer are read
 * Units     bytes
 * Errors    refused_status 400, 413 (as soon as a chunk is announced that goes beyond max_bytes), 431 (trailer)
 * Threads   safe while `decoder` is not shared
 * Source    RFC 9112 7.1. Extensions (256 bytes in all) and trailer fields (4096) are checked for form and dropped
 */
sv_http_verdict sv_chunked_decode(sv_chunked *decoder, const char *in, size_t n_in, char *out, size_t *n_used,
                                  size_t *n_out);

#endif
