/* seccomp.h: system calls that a worker does not get: they fail with EPERM. */
#ifndef SV_WORKER_SECCOMP_H
#define SV_WORKER_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SV_SECCOMP_STEPS_MAX 160

/** A program for the kernel; filled before fork. */
typedef struct sv_seccomp {
    uint64_t steps[SV_SECCOMP_STEPS_MAX]; /* struct sock_filter each */
    size_t n_steps;                       /* 0: none for this architecture */
} sv_seccomp;

/** Whether the kernel filters system calls of this architecture. */
bool sv_seccomp_is_there(void);

/** Write the program; strict has sockets in it, too, and new processes unless it may fork. */
void sv_seccomp_init(sv_seccomp *out, bool is_strict, bool may_fork);

/** Put the calling process under it, after no_new_privs. Only a system call. */
bool sv_seccomp_enter(const sv_seccomp *program);

#endif
