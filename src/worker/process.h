/*
 * process.h: one worker process: an interpreter that runs savor's worker program. No shell, no descriptor of ours but
 * the socket, a session of its own, and it ends with us.
 */
#ifndef SV_WORKER_PROCESS_H
#define SV_WORKER_PROCESS_H

#include "worker/sandbox.h"

#include <sys/types.h>

/** Another way to start the worker program than to hand it to the interpreter; lists end with NULL. */
typedef struct sv_launch {
    const char *const *words;    /* the interpreter's arguments up to and with the program */
    const char *const *settings; /* of the environment, "NAME=value": instead of ours */
    const char *const *readable; /* what strict lets it read beside the rest */
    const char *const *runnable; /* what strict lets it run beside the interpreter */
} sv_launch;

typedef struct sv_process_options {
    const char *interpreter; /* an absolute path */
    const char *program;     /* the worker program, an absolute path */
    const char *model_path;  /* absolute */
    const char *era;         /* "1", "2" or "3": whose answers are imitated */
    const char *folder;      /* private: where it works and may write */
    const char *role;        /* "parent": it may fork workers instead of being one; NULL: a worker */
    savor_sandbox sandbox;
    const sv_launch *launch; /* NULL: INTERPRETER PROGRAM ... */
} sv_process_options;

typedef struct sv_process {
    pid_t pid;        /* 0: none */
    int socket_fd;    /* messages; non-blocking */
    int output_fd;    /* what it prints, on both streams; non-blocking */
    int pid_fd;       /* readable when it has ended; -1 where the kernel has none */
    int life_fd;      /* of one that a parent forked: it is killed when this is closed; -1: our own child */
    uint64_t fork_id; /* the same: how the parent knows it */
} sv_process;

#define SV_PROCESS_NONE ((sv_process){.pid = 0, .socket_fd = -1, .output_fd = -1, .pid_fd = -1, .life_fd = -1})

/**
 * Start a worker. It is killed when the calling thread ends.
 *
 * out       SV_PROCESS_NONE on failure
 * Errors    IO, NOMEM
 * Threads   safe
 */
savor_status sv_process_start(const sv_process_options *options, sv_process *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Kill what still runs of it, wait for its end, close the descriptors. The wait status of waitpid; 0 for one that a
 * parent forked, which only the parent can wait for.
 */
int sv_process_end(sv_process *process);

/** Its end of a socket pair and of a pipe, for whoever will be the worker; `theirs` gets both. */
savor_status sv_process_connect(sv_process *out, int theirs[2], savor_error *err) SAVOR_MUST_CHECK;

/** A descriptor that is readable when the process has ended; -1 where the kernel has none. */
int sv_process_watch(pid_t pid);

/**
 * The absolute path of a command: as it is with a slash, else by PATH.
 *
 * out       owned by the caller: sv_free. NULL on failure
 * Errors    NOT_FOUND, NOMEM
 */
savor_status sv_process_find(const char *command, char **out, savor_error *err) SAVOR_MUST_CHECK;

#endif
