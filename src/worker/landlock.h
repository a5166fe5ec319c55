/*
 * landlock.h: file rules that a process takes upon itself (Linux 5.13 and later), by raw system calls. Rulesets are
 * made before fork; only sv_landlock_enter is called in the child.
 */
#ifndef SV_WORKER_LANDLOCK_H
#define SV_WORKER_LANDLOCK_H

#include <stdbool.h>

/** What a path may be used for. */
typedef enum sv_landlock_use {
    SV_LANDLOCK_WRITE,   /* files below it may be made, changed and removed, and read */
    SV_LANDLOCK_READ,    /* read and listed */
    SV_LANDLOCK_EXECUTE, /* the file may be run, and read */
} sv_landlock_use;

/** The version of Landlock that the kernel has; 0: none. */
int sv_landlock_version(void);

/**
 * A ruleset that forbids everything its kind handles.
 *
 * is_strict   reading, running and TCP, too; else only writing
 * returns     a descriptor, or -1 when the kernel has no Landlock
 */
int sv_landlock_new(bool is_strict);

/** Allow a use below a path, or of a file; a path that is not there is no fault. */
void sv_landlock_allow(int ruleset_fd, bool is_strict, const char *path, sv_landlock_use use);

/** Put the calling thread, and all that it starts, under the rules. Only a system call. */
bool sv_landlock_enter(int ruleset_fd);

#endif
