/* channel.h: whole messages over a worker's socket, with a deadline. Large bodies travel as sealed memory files. */
#ifndef SV_WORKER_CHANNEL_H
#define SV_WORKER_CHANNEL_H

#include "worker/protocol.h"

/** Milliseconds of a clock that only goes forward. */
int64_t sv_channel_now_ms(void);

/**
 * Send one message.
 *
 * fd            the socket, non-blocking
 * body          borrowed for the call
 * deadline_ms   of sv_channel_now_ms
 * Errors        IO (the worker is gone), TIMEOUT
 * Threads       one at a time per socket
 */
savor_status sv_channel_send(int fd, sv_wire_kind kind, uint64_t id, sv_str body, int64_t deadline_ms,
                             savor_error *err) SAVOR_MUST_CHECK;

/**
 * Receive one message.
 *
 * arena         gets the body; its maximum is the limit
 * body          borrowed from the arena, aligned to 16
 * Errors        IO (the worker is gone), TIMEOUT, FORMAT (no message of the protocol), LIMIT, NOMEM
 * Threads       one at a time per socket
 */
savor_status sv_channel_recv(int fd, int64_t deadline_ms, sv_arena *arena, sv_wire_header *header, sv_str *body,
                             savor_error *err) SAVOR_MUST_CHECK;

#endif
