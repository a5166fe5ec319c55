/* sandbox.h: what a worker may do. Prepared by the parent, entered by the child between fork and exec. */
#ifndef SV_WORKER_SANDBOX_H
#define SV_WORKER_SANDBOX_H

#include "base/buf.h"

#include <savor/worker.h>

typedef struct sv_sandbox {
    savor_sandbox level;
    int ruleset_fd; /* Landlock; -1: none */
} sv_sandbox;

#define SV_SANDBOX_NONE ((sv_sandbox){.level = SAVOR_SANDBOX_OFF, .ruleset_fd = -1})

/**
 * Gather what the child will need.
 *
 * folder       may be written to
 * model_path, program, interpreter   what strict lets it read, beside the system's own folders
 * out          sv_sandbox_close ends it
 * Errors       IO, NOMEM
 */
savor_status sv_sandbox_prepare(savor_sandbox level, const char *folder, const char *model_path,
                                const char *program, const char *interpreter, sv_sandbox *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** Enter it, in the child, for good. Only system calls; false when something that the kernel has was refused. */
bool sv_sandbox_enter(const sv_sandbox *sandbox);

/** Close what was prepared. */
void sv_sandbox_close(sv_sandbox *sandbox);

/** Append what of it this kernel lacks: "Landlock, seccomp"; nothing when all is there. */
void sv_sandbox_put_missing(savor_sandbox level, sv_buf *out);

#endif
