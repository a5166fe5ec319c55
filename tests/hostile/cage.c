/*
 * cage.c: runs a command that may read and compute, and nothing else. Whoever starts a program, opens a connection,
 * or makes, changes or removes a file is killed by the kernel on the spot (SIGSYS), by a seccomp filter; needs no
 * rights.
 *
 *     cage [--memory BYTES] COMMAND ARG...
 *
 * COMMAND is a path. Exit: the command's; 77 where the machine has no such filter; 125 for a wrong use.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

#define CLONE_THREAD_BIT 0x10000u
#define WRITE_FLAGS (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | 020000000 /* O_TMPFILE's own bit */)

/* Killed whatever their arguments. */
static const uint32_t FORBIDDEN[] = {
    SYS_execveat,  SYS_socket,  SYS_socketpair, SYS_connect,   SYS_bind,     SYS_listen,   SYS_accept4,
    SYS_sendto,    SYS_sendmsg, SYS_unlinkat,   SYS_renameat2, SYS_mkdirat,  SYS_mknodat,  SYS_linkat,
    SYS_symlinkat, SYS_fchmod,  SYS_fchmodat,   SYS_fchown,    SYS_fchownat, SYS_truncate, SYS_ptrace,
    SYS_mount,     SYS_umount2, SYS_chroot,     SYS_setxattr,  SYS_kill,     SYS_bpf,      SYS_process_vm_writev,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_fork /* those that newer architectures do without */
    SYS_fork,      SYS_vfork,   SYS_creat,      SYS_unlink,    SYS_rename,   SYS_mkdir,    SYS_rmdir,
    SYS_mknod,     SYS_link,    SYS_symlink,    SYS_chmod,     SYS_chown,    SYS_lchown,
#endif
};

/* Refused as if the kernel were older: their arguments lie in memory, where a filter cannot look. */
static const uint32_t ABSENT[] = {SYS_clone3, SYS_openat2, 425 /* io_uring_setup */};

enum { FILTER_MAX = 256 };

typedef struct program {
    struct sock_filter code[FILTER_MAX];
    unsigned short n;
} program;

static void add(program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
    if (p->n < FILTER_MAX)
        p->code[p->n++] = (struct sock_filter){code, yes, no, k};
}

static void load(program *p, size_t offset) { add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0); }
static void end(program *p, uint32_t verdict) { add(p, BPF_RET | BPF_K, verdict, 0, 0); }

/* When the number is `call`, the next `n` lines; else behind them. */
static void on_call(program *p, uint32_t call, uint8_t n) { add(p, BPF_JMP | BPF_JEQ | BPF_K, call, 0, n); }

static size_t low_half(unsigned argument) { return offsetof(struct seccomp_data, args) + 8 * argument; }

/* `call` is fine unless argument `i` has one of the bits; they lie in its low half. */
static void kill_on_bits(program *p, uint32_t call, unsigned i, uint32_t bits)
{
    on_call(p, call, 4);
    load(p, low_half(i));
    add(p, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    end(p, SECCOMP_RET_KILL_PROCESS);
    end(p, SECCOMP_RET_ALLOW);
}

/* One execve: that of this program's own text at `path`, which is gone with the program. */
static void allow_first_exec(program *p, const char *path)
{
    uint64_t address = (uint64_t)(uintptr_t)path;
    on_call(p, SYS_execve, 6);
    load(p, low_half(0));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)address, 0, 3);
    load(p, low_half(0) + 4);
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(address >> 32), 0, 1);
    end(p, SECCOMP_RET_ALLOW);
    end(p, SECCOMP_RET_KILL_PROCESS);
}

static void write_filter(program *p, const char *path)
{
    load(p, offsetof(struct seccomp_data, arch));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    end(p, SECCOMP_RET_KILL_PROCESS);
    load(p, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof FORBIDDEN / sizeof *FORBIDDEN; i++) {
        on_call(p, FORBIDDEN[i], 1);
        end(p, SECCOMP_RET_KILL_PROCESS);
    }
    for (size_t i = 0; i < sizeof ABSENT / sizeof *ABSENT; i++) {
        on_call(p, ABSENT[i], 1);
        end(p, SECCOMP_RET_ERRNO | ENOSYS);
    }
    kill_on_bits(p, SYS_openat, 2, WRITE_FLAGS);
#ifdef SYS_open
    kill_on_bits(p, SYS_open, 1, WRITE_FLAGS);
#endif
    on_call(p, SYS_clone, 4); /* a thread is fine, a process is not */
    load(p, low_half(0));
    add(p, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD_BIT, 1, 0);
    end(p, SECCOMP_RET_KILL_PROCESS);
    end(p, SECCOMP_RET_ALLOW);
    allow_first_exec(p, path);
    end(p, SECCOMP_RET_ALLOW);
}

static int install(const char *path)
{
    static program p;
    write_filter(&p, path);
    struct sock_fprog filter = {.len = p.n, .filter = p.code};
    if (ARCHITECTURE == 0 || p.n == FILTER_MAX || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

int main(int argc, char **argv)
{
    char **command = argv + 1;
    if (argc > 3 && strcmp(command[0], "--memory") == 0) {
        rlim_t bytes = strtoull(command[1], NULL, 10);
        if (setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}) != 0)
            return 125;
        command += 2;
    }
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (!command[0])
        return 125;
    if (install(command[0]) != 0) {
        printf("skipped: this machine has no seccomp filters: %s\n", strerror(errno));
        return 77;
    }
    execve(command[0], command, environ);
    fprintf(stderr, "cannot start %s: %s\n", command[0], strerror(errno));
    return 125;
}
