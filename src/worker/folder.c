#define _GNU_SOURCE

#include "worker/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 32

/* Recursion is bounded by DEPTH_MAX: a worker may have nested folders as deep as it liked. */
static void empty_folder(int fd, int depth)
{
    DIR *dir = fdopendir(fd); /* takes the descriptor */
    if (!dir) {
        close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            continue;
        int below = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0)
            continue;
        if (depth < DEPTH_MAX)
            empty_folder(below, depth + 1);
        else
            close(below);
        (void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    closedir(dir);
}

void sv_folder_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    empty_folder(fd, 0);
    (void)rmdir(path);
}
