/* sandbox.h: what a worker may do. Prepared by the parent, entered by the child between fork and exec. */
#ifndef SV_WORKER_SANDBOX_H
#define SV_WORKER_SANDBOX_H

#include "base/buf.h"
#include "worker/seccomp.h"

#include <savor/worker.h>

typedef struct sv_sandbox {
    savor_sandbox level;
    int ruleset_fd; /* Landlock; -1: none */
    sv_seccomp calls;
} sv_sandbox;

#define SV_SANDBOX_NONE ((sv_sandbox){.level = SAVOR_SANDBOX_OFF, .ruleset_fd = -1})

/** What strict lets a worker read, and the one folder it may write to; absolute paths. */
typedef struct sv_sandbox_paths {
    const char *folder, *model_path, *program, *interpreter;
    const char *const *readable, *const *runnable; /* more to read and to run, up to a NULL; NULL: nothing */
} sv_sandbox_paths;

/** Gather what the child will need; sv_sandbox_close ends it. What the kernel lacks is left out. */
void sv_sandbox_prepare(savor_sandbox level, const sv_sandbox_paths *paths, sv_sandbox *out);

/** Enter it, in the child, for good. Only system calls; false when something that the kernel has was refused. */
bool sv_sandbox_enter(const sv_sandbox *sandbox);

/** Close what was prepared. */
void sv_sandbox_close(sv_sandbox *sandbox);

/** Append what of it this kernel lacks: "Landlock, seccomp"; nothing when all is there. */
void sv_sandbox_put_missing(savor_sandbox level, sv_buf *out);

#endif
