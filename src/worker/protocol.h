/*
 * protocol.h: what savor and a worker process say to each other: messages with a fixed header, columns as plain
 * buffers. docs/worker-protocol.md has the byte layout; python/savor/worker/channel.py, request.py and
 * answer.py are the other end.
 *
 * Everything is little-endian and begins on a multiple of 8 bytes. Requests are written here and read by the worker;
 * answers are read here, and nothing in them is believed before it was compared with the bytes that are there.
 */
#ifndef SV_WORKER_PROTOCOL_H
#define SV_WORKER_PROTOCOL_H

#include "base/arena.h"
#include "data/payload.h"
#include "worker/body.h"

#define SV_WIRE_MAGIC 0x31575653u /* "SVW1" */
#define SV_WIRE_VERSION 3
#define SV_WIRE_HEADER_BYTES 32

/** What a message is. */
typedef enum sv_wire_kind {
    SV_WIRE_READY = 1,    /* from the worker: the model is loaded; the body is a line of text about what is there */
    SV_WIRE_FAILED = 2,   /* from the worker: it is not, and why; an exception */
    SV_WIRE_PREDICT = 16, /* to the worker: params and data */
    SV_WIRE_ANSWER = 17,  /* from the worker: what predict returned */
    SV_WIRE_ERROR = 18,   /* from the worker: what predict raised; an exception */
    SV_WIRE_FORK = 32,    /* to a parent: become another worker on the descriptors that come along */
    SV_WIRE_REAP = 33,    /* to a parent: wait for the end of a worker that it forked */
    SV_WIRE_REAPED = 34,  /* from a parent: how it ended */
} sv_wire_kind;

/** What is said beside the kind; a flag that a kind does not know is an error. */
enum {
    SV_WIRE_IN_MEMFD = 1, /* any: the body lies in the memory file that came with the header */
    SV_WIRE_RELEASED = 2, /* ANSWER, ERROR: nothing looks at the request's memory file any more */
    SV_WIRE_NO_MEMFD = 4, /* READY: bodies of every size are to follow their headers, both ways */
    SV_WIRE_PARENT = 8,   /* READY: takes no PREDICT but FORK and REAP */
};

typedef struct sv_wire_header {
    sv_wire_kind kind;
    uint32_t flags;
    uint64_t id; /* of the request that is answered */
    uint64_t n_bytes;
} sv_wire_header;

/** Write a header into SV_WIRE_HEADER_BYTES. */
void sv_wire_header_write(const sv_wire_header *header, uint8_t *out);

/**
 * Read a header.
 *
 * bytes     SV_WIRE_HEADER_BYTES
 * out       unchanged on failure
 * Errors    FORMAT (another version, an unknown kind or flag)
 */
savor_status sv_wire_header_read(const uint8_t *bytes, sv_wire_header *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Append the body of a PREDICT message.
 *
 * in        large buffers are lent to `out`: borrowed until its end
 * params    NULL: none
 * out       failures stick: sv_wire_body_check tells them
 */
void sv_wire_request_write(const sv_payload *in, const sv_params *params, sv_wire_body *out);

/**
 * Read the body of an ANSWER, FAILED or ERROR message.
 *
 * header    says which
 * body      [header->n_bytes]; aligned to 8; borrowed: must outlive `out`
 * arena     gets columns and texts
 * out       a tensor, a frame, JSON text or a exception; borrowed from `body` and the arena
 * Errors    FORMAT (not what the protocol says), LIMIT, NOMEM
 */
savor_status sv_wire_answer_read(const sv_wire_header *header, sv_str body, sv_arena *arena, sv_payload *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

#endif
