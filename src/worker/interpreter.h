/* interpreter.h: a Python of a certain version among those that this machine has. */
#ifndef SV_WORKER_INTERPRETER_H
#define SV_WORKER_INTERPRETER_H

#include "worker/command.h"

#define SV_PYTHON_PATH_BYTES 4096
#define SV_PYTHON_VERSION_BYTES 32

typedef struct sv_interpreter {
    char path[SV_PYTHON_PATH_BYTES];       /* "" : none was found */
    char version[SV_PYTHON_VERSION_BYTES]; /* as it says itself: "3.10.12" */
    bool is_exact;                         /* it is the version that was asked for, not only the same minor one */
} sv_interpreter;

/**
 * Look for a Python: pyenv's versions, pythonX.Y and python3 in PATH, those that uv knows. Each is asked for its
 * version. The exact version wins over another patch of the same minor one. Nothing is downloaded.
 *
 * wanted    "3.10.12", "3.10", "3" or "3.13.0rc1"; was checked. NULL: whatever python3 is
 * options   is_stopped counts
 * Errors    NOT_FOUND (says which version is missing, and how to get it), IO (stopped), NOMEM
 * Threads   safe
 */
savor_status sv_interpreter_find(const char *wanted, const sv_command_options *options, sv_interpreter *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/** How well a version serves one that is wanted: 2: it is that one, 1: the same minor version, 0: not at all. */
int sv_interpreter_match(const char *wanted, const char *version);

#endif
