#define _GNU_SOURCE /* O_PATH, syscall */

#include "worker/landlock.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's numbers, the same on every architecture; headers older than the kernel lack some of them. */
enum { CALL_CREATE_RULESET = 444, CALL_ADD_RULE = 445, CALL_RESTRICT_SELF = 446 };
enum { QUERY_VERSION = 1, RULE_PATH_BENEATH = 1 };

#define FS_EXECUTE ((uint64_t)1 << 0)
#define FS_WRITE_FILE ((uint64_t)1 << 1)
#define FS_READ_FILE ((uint64_t)1 << 2)
#define FS_READ_DIR ((uint64_t)1 << 3)
#define FS_REMOVE_AND_MAKE ((uint64_t)0x1ff << 4) /* directories, files, devices, sockets, pipes, links */
#define FS_REFER ((uint64_t)1 << 13)              /* version 2 */
#define FS_TRUNCATE ((uint64_t)1 << 14)           /* version 3 */
#define NET_TCP ((uint64_t)3)                     /* version 4: bind, connect */
#define SCOPE_ALL ((uint64_t)3)                   /* version 6: abstract sockets and signals of others */

typedef struct ruleset {
    uint64_t handled_fs, handled_net, scoped;
} ruleset;

typedef struct __attribute__((packed)) path_rule {
    uint64_t allowed;
    int32_t parent_fd;
} path_rule;

int sv_landlock_version(void)
{
    long version = syscall(CALL_CREATE_RULESET, NULL, (size_t)0, QUERY_VERSION);
    return version > 0 ? (int)version : 0;
}

static uint64_t write_rights(int version)
{
    return FS_WRITE_FILE | FS_REMOVE_AND_MAKE | (version >= 2 ? FS_REFER : 0) | (version >= 3 ? FS_TRUNCATE : 0);
}

static uint64_t handled_rights(int version, bool is_strict)
{
    return write_rights(version) | (is_strict ? FS_EXECUTE | FS_READ_FILE | FS_READ_DIR : 0);
}

int sv_landlock_new(bool is_strict)
{
    int version = sv_landlock_version();
    ruleset rules = {.handled_fs = handled_rights(version, is_strict)};
    size_t size = version < 4   ? offsetof(ruleset, handled_net)
                  : version < 6 ? offsetof(ruleset, scoped)
                                : sizeof rules;
    if (version == 0)
        return -1;
    rules.handled_net = is_strict ? NET_TCP : 0;
    rules.scoped = SCOPE_ALL;
    int fd = (int)syscall(CALL_CREATE_RULESET, &rules, size, 0);
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

void sv_landlock_allow(int ruleset_fd, bool is_strict, const char *path, sv_landlock_use use)
{
    static const uint64_t READ = FS_READ_FILE | FS_READ_DIR;
    int version = sv_landlock_version();
    uint64_t rights = use == SV_LANDLOCK_WRITE  ? READ | write_rights(version)
                      : use == SV_LANDLOCK_READ ? READ
                                                : READ | FS_EXECUTE;
    struct stat about;
    path_rule rule = {.parent_fd = open(path, O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0)
        return;
    if (fstat(rule.parent_fd, &about) == 0 && !S_ISDIR(about.st_mode)) /* a file has none of a directory's rights */
        rights &= FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE;
    rule.allowed = rights & handled_rights(version, is_strict);
    if (rule.allowed)
        (void)syscall(CALL_ADD_RULE, ruleset_fd, RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

bool sv_landlock_enter(int ruleset_fd) { return syscall(CALL_RESTRICT_SELF, ruleset_fd, 0) == 0; }
