/* channel.h: whole messages over a worker's socket, with a deadline. Large bodies lie in sealed memory files. */
#ifndef SV_WORKER_CHANNEL_H
#define SV_WORKER_CHANNEL_H

#include "worker/protocol.h"

#include <sys/types.h>

/** Milliseconds of a clock that only goes forward. */
int64_t sv_channel_now_ms(void);

/**
 * savor's end. The memory file is lent to the worker with a request and comes back with the answer; it is written
 * again for the next request, because pages that are there cost a tenth of new ones.
 */
typedef struct sv_channel {
    int fd;            /* the socket, non-blocking; borrowed */
    int end_fd;        /* readable when the process has ended; its own children may hold its socket. -1: none */
    bool is_unread;    /* after IO: the worker ended before it had read the message */
    bool has_no_memfd; /* the worker takes and sends every body on the socket */
    bool is_lent;      /* the worker may look at the memory file */
    int memory_fd;     /* -1: none */
    size_t memory_bytes;
    int64_t memory_used_ms; /* of sv_channel_now_ms */
    int n_in_vain;          /* rises with waits that stayed awake for nothing, falls with the others */
    int n_asleep;           /* waits that sleep at once, until the next that stays awake */
    pid_t sender;           /* of the newest message, as the kernel says where SO_PASSCRED is set; 0: not said */
} sv_channel;

/** Start with a socket and what tells the process's end, both borrowed; no memory file yet. */
void sv_channel_init(sv_channel *channel, int fd, int end_fd);

/** Give the memory file back to the system; the next large request makes another one. */
void sv_channel_drop_memory(sv_channel *channel);

/**
 * Send one message.
 *
 * body          borrowed for the call; NULL: none
 * deadline_ms   of sv_channel_now_ms
 * Errors        IO (the worker is gone), TIMEOUT, NOMEM
 * Threads       one at a time per channel
 */
savor_status sv_channel_send(sv_channel *channel, sv_wire_kind kind, uint64_t id, const sv_wire_body *body,
                             int64_t deadline_ms, savor_error *err) SAVOR_MUST_CHECK;

/** The same for FORK, which has three descriptors and no body; they are borrowed for the call. */
savor_status sv_channel_send_fork(sv_channel *channel, uint64_t id, const int fds[3], int64_t deadline_ms,
                                  savor_error *err) SAVOR_MUST_CHECK;

/**
 * Receive one message. What it says about the memory file is heeded.
 *
 * arena         gets the body; its maximum is the limit
 * body          borrowed from the arena, aligned to 16
 * Errors        IO (the worker is gone), TIMEOUT, FORMAT (no message of the protocol), LIMIT, NOMEM
 * Threads       one at a time per channel
 */
savor_status sv_channel_recv(sv_channel *channel, int64_t deadline_ms, sv_arena *arena, sv_wire_header *header,
                             sv_str *body, savor_error *err) SAVOR_MUST_CHECK;

#endif
