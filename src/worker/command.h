/* command.h: other programs that savor runs to their end, such as pip: an argument vector, no shell, a session of
 * their own, and the end of what they said kept for a message. */
#ifndef SV_WORKER_COMMAND_H
#define SV_WORKER_COMMAND_H

#include "base/buf.h"

#define SV_COMMAND_TAIL_BYTES 4096

typedef struct sv_command_options {
    const char *folder;        /* where it runs; NULL: where we are */
    const char *const *set;    /* "NAME=value" beside our own environment; NULL-terminated, NULL: none */
    int lock_fd;               /* it and what it starts keep this open; -1: none */
    int timeout_ms;            /* 0: none */
    int (*is_stopped)(void *); /* asked ten times a second: nonzero ends the command. NULL: never */
    void *stop_context;
} sv_command_options;

typedef struct sv_command_result {
    int code;                         /* 0 to 255; 128 + the signal that ended it */
    char tail[SV_COMMAND_TAIL_BYTES]; /* the last of what it printed, on both streams; NUL-terminated */
    size_t n_tail;
} sv_command_result;

/**
 * Run a program and wait for its end. Nothing is read from our standard input.
 *
 * argv      NULL-terminated; argv[0] is an absolute path
 * options   borrowed for the call
 * out       filled on success, whatever the program's exit code
 * Errors    IO (it could not be started, or the call was stopped), TIMEOUT, NOMEM
 * Threads   safe
 */
savor_status sv_command_run(const char *const *argv, const sv_command_options *options, sv_command_result *out,
                            savor_error *err) SAVOR_MUST_CHECK;

/**
 * Our own environment without what `set` ("NAME=value", NULL-terminated; NULL: none) replaces, and `set`. The array
 * is the caller's, its texts are borrowed; NULL: no memory.
 */
char **sv_command_environment(const char *const *set);

/** The last line of the output that is not empty; "" when there is none. Borrowed from `result`. */
sv_str sv_command_last_line(const sv_command_result *result);

#endif
