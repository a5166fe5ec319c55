#define _GNU_SOURCE /* syscall numbers */

#include "worker/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

/* Numbers above 402 are the same on every architecture, and newer than some headers. */
enum {
    CALL_PIDFD_SEND_SIGNAL = 424,
    CALL_IO_URING_SETUP = 425,
    CALL_IO_URING_ENTER = 426,
    CALL_IO_URING_REGISTER = 427,
    CALL_OPEN_TREE = 428,
    CALL_MOVE_MOUNT = 429,
    CALL_FSOPEN = 430,
    CALL_FSCONFIG = 431,
    CALL_FSMOUNT = 432,
    CALL_FSPICK = 433,
    CALL_CLONE3 = 435,
    CALL_PIDFD_GETFD = 438,
    CALL_PROCESS_MADVISE = 440,
    CALL_MOUNT_SETATTR = 442,
};

/* Ways into other processes, the kernel, the clock and the mounts. */
static const uint32_t REFUSED[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_bpf,
    SYS_userfaultfd,
    SYS_perf_event_open,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_open_by_handle_at,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_lookup_dcookie,
    SYS_fanotify_init,
    CALL_IO_URING_SETUP,
    CALL_IO_URING_ENTER,
    CALL_IO_URING_REGISTER,
    CALL_OPEN_TREE,
    CALL_MOVE_MOUNT,
    CALL_FSOPEN,
    CALL_FSCONFIG,
    CALL_FSMOUNT,
    CALL_FSPICK,
    CALL_PIDFD_GETFD,
    CALL_PROCESS_MADVISE,
    CALL_MOUNT_SETATTR,
    CALL_PIDFD_SEND_SIGNAL,
};

/* No network and no service on this machine: the socket to savor is there already. */
static const uint32_t REFUSED_STRICT[] = {SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4};

#define MAKES_THREAD 0x00010000u /* of clone's flags */

typedef struct machine {
    const char *name;
    uint32_t audit_arch;
} machine;

static const machine MACHINES[] = {
    {"x86_64", 0xc000003eu}, {"aarch64", 0xc00000b7u}, {"riscv64", 0xc00000f3u}, {"loongarch64", 0xc0000102u}};

#define X32_BIT 0x40000000u

_Static_assert(sizeof(struct sock_filter) == sizeof(uint64_t), "a step has 8 bytes");

static uint32_t find_arch(void)
{
    struct utsname about;
    for (size_t i = 0; uname(&about) == 0 && i < sizeof MACHINES / sizeof MACHINES[0]; i++)
        if (strcmp(about.machine, MACHINES[i].name) == 0)
            return MACHINES[i].audit_arch;
    return 0;
}

bool sv_seccomp_is_there(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 && find_arch() != 0; }

static void put(sv_seccomp *out, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
    struct sock_filter step = {.code = code, .jt = jt, .jf = jf, .k = k};
    if (out->n_steps < SV_SECCOMP_STEPS_MAX)
        memcpy(&out->steps[out->n_steps++], &step, sizeof step);
}

/* Each call: if it is this one, refuse. */
static void put_calls(sv_seccomp *out, const uint32_t *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, calls[i]);
        put(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM);
    }
}

/* Threads, but no processes. What clone3 is told lies in memory, where a filter cannot look: the C library then takes
 * clone, whose flags are its first argument. */
static void put_threads_only(sv_seccomp *out)
{
#ifdef SYS_fork /* old machines have more ways */
    static const uint32_t FORKS[] = {SYS_fork, SYS_vfork};
    put_calls(out, FORKS, sizeof FORKS / sizeof FORKS[0]);
#endif
    put(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, CALL_CLONE3);
    put(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
    put(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_clone);
    put(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offsetof(struct seccomp_data, args[0]));
    put(out, BPF_JMP | BPF_JSET | BPF_K, 1, 0, MAKES_THREAD);
    put(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM);
}

void sv_seccomp_init(sv_seccomp *out, bool is_strict, bool may_fork)
{
    uint32_t arch = find_arch();
    out->n_steps = 0;
    if (!arch || !sv_seccomp_is_there())
        return;
    put(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offsetof(struct seccomp_data, arch));
    put(out, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch);
    put(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM); /* calls of a 32-bit program */
    put(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offsetof(struct seccomp_data, nr));
    put(out, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
    put(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM);
    put_calls(out, REFUSED, sizeof REFUSED / sizeof REFUSED[0]);
    if (is_strict) {
        put_calls(out, REFUSED_STRICT, sizeof REFUSED_STRICT / sizeof REFUSED_STRICT[0]);
        if (!may_fork)
            put_threads_only(out); /* the last, for it loses the number of the call */
    }
    put(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

bool sv_seccomp_enter(const sv_seccomp *program)
{
    union { /* the kernel only reads it */
        const uint64_t *in;
        struct sock_filter *out;
    } steps = {.in = program->steps};
    struct sock_fprog filter = {.len = (unsigned short)program->n_steps, .filter = steps.out};
    return program->n_steps == 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}
