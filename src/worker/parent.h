/*
 * parent.h: a process that has loaded the model once and forks workers, which share its memory until they write to
 * it. A forked worker is not our child: the kernel says who it is, and kills it when we close a pipe that only we
 * hold.
 */
#ifndef SV_WORKER_PARENT_H
#define SV_WORKER_PARENT_H

#include "worker/channel.h"
#include "worker/process.h"

/**
 * Have a worker forked; its first message comes on `out->socket_fd`.
 *
 * id        how the parent will know it
 * out       SV_PROCESS_NONE on failure; its pid is 0 until sv_parent_identify
 * Errors    IO (the parent is gone), TIMEOUT
 */
savor_status sv_parent_fork(sv_channel *parent, uint64_t id, sv_process *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Who has sent the first message: `channel->sender`, which the kernel vouches for.
 *
 * Errors    FORMAT (it is no child of the parent)
 */
savor_status sv_parent_identify(pid_t parent, const sv_channel *channel, sv_process *process,
                                savor_error *err) SAVOR_MUST_CHECK;

/**
 * Ask the parent to wait for the end of a worker: its answer is REAPED, with the process's number and wait status.
 *
 * Errors    IO (the parent is gone), TIMEOUT
 */
savor_status sv_parent_reap(sv_channel *parent, uint64_t id, savor_error *err) SAVOR_MUST_CHECK;

#endif
