/*
 * body.h: the bytes of a message that is to be sent: what had to be made, and large buffers that stay where they lie
 * until they are written to the socket or into memory that a worker maps.
 */
#ifndef SV_WORKER_BODY_H
#define SV_WORKER_BODY_H

#include "base/buf.h"

typedef struct sv_wire_body {
    sv_buf own;   /* heads, labels, texts, small items */
    sv_buf loans; /* of sv_wire_loan, in order */
    size_t n_bytes_lent;
} sv_wire_body;

/** Bytes that lie elsewhere: they follow the first `at` bytes of what is the body's own. */
typedef struct sv_wire_loan {
    size_t at;
    const char *p;
    size_t n;
} sv_wire_loan;

/** No body without a maximum of its own bytes. */
#define SV_WIRE_BODY_INIT(max) ((sv_wire_body){.own = SV_BUF_INIT(max), .loans = SV_BUF_INIT((size_t)1 << 28)})

/** End the body. */
void sv_wire_body_deinit(sv_wire_body *body);

/** Append bytes that are borrowed until the body's end; `n` is a multiple of 8. Failures stick. */
void sv_wire_body_lend(sv_wire_body *body, const void *p, size_t n);

/** OK, or what failed first. */
savor_status sv_wire_body_check(const sv_wire_body *body, savor_error *err) SAVOR_MUST_CHECK;

/** All bytes of the message. */
size_t sv_wire_body_size(const sv_wire_body *body);

/** The pieces in order; `*at` starts at 0 and counts them. False after the last one; a piece may be empty. */
bool sv_wire_body_next(const sv_wire_body *body, size_t *at, sv_str *out);

#endif
