/*
 * dir.h: the one door to a model's files. Paths are relative to an opened directory, checked once, and opened so
 * that the kernel refuses to leave it (openat2 with RESOLVE_BENEATH; component by component where that is missing).
 */
#ifndef SV_BASE_DIR_H
#define SV_BASE_DIR_H

#include "base/arena.h"
#include "base/buf.h"

typedef struct sv_dir {
    int fd; /* -1 when closed */
} sv_dir;

#define SV_DIR_CLOSED ((sv_dir){.fd = -1})

/** Open an existing directory. Errors: NOT_FOUND (nothing there, or no directory), IO. */
savor_status sv_dir_open(const char *path, sv_dir *out, savor_error *err) SAVOR_MUST_CHECK;

/** Close; closing twice is harmless. */
void sv_dir_close(sv_dir *dir);

/**
 * Refuse a path that is empty, absolute, holds "..", a backslash, a control byte or an empty component.
 * A leading "./" and a trailing "/" are allowed, as MLflow writes them. Errors: FORMAT.
 */
savor_status sv_path_check(sv_str path, savor_error *err) SAVOR_MUST_CHECK;

/** Open a regular file below `dir` for reading. `*fd` is the caller's to close, -1 on failure. Errors: NOT_FOUND, IO,
 * FORMAT. */
savor_status sv_dir_open_file(const sv_dir *dir, sv_str path, int *fd, uint64_t *size_bytes,
                              savor_error *err) SAVOR_MUST_CHECK;

/** Append the whole of a regular file below `dir` to `out` (its maximum is the limit). Errors: NOT_FOUND, IO, FORMAT,
 * LIMIT, NOMEM. */
savor_status sv_dir_read(const sv_dir *dir, sv_str path, sv_buf *out, savor_error *err) SAVOR_MUST_CHECK;

/** Whether a regular file is there, and its size when `size_bytes` is not NULL. */
bool sv_dir_has_file(const sv_dir *dir, sv_str path, uint64_t *size_bytes);

/** The first `n` bytes of a regular file, fewer when it is shorter, into `out`; 0 when it cannot be read. */
size_t sv_dir_read_head(const sv_dir *dir, sv_str path, void *out, size_t n);

/** What sv_dir_visit calls with each piece of a file. */
typedef void (*sv_dir_visit_fn)(void *context, const void *bytes, size_t n);

/** Read a regular file of any size piece by piece. Errors: NOT_FOUND, IO, FORMAT. */
savor_status sv_dir_visit(const sv_dir *dir, sv_str path, sv_dir_visit_fn visit, void *context,
                          savor_error *err) SAVOR_MUST_CHECK;

/** Paths below a directory. */
typedef struct sv_dir_files {
    size_t n;
    sv_str *paths; /* NUL-terminated, in the order of their bytes */
} sv_dir_files;

/**
 * Every regular file below `dir`, in folders up to 32 deep; links are neither followed nor listed.
 *
 * arena     gets the paths
 * out       empty on failure
 * Errors    LIMIT (more than max_files, deeper), IO, NOMEM
 */
savor_status sv_dir_list(const sv_dir *dir, size_t max_files, sv_arena *arena, sv_dir_files *out,
                         savor_error *err) SAVOR_MUST_CHECK;

/** Likewise, but what is neither a folder nor a regular file is an error: FORMAT, which names it. */
savor_status sv_dir_list_whole(const sv_dir *dir, size_t max_files, sv_arena *arena, sv_dir_files *out,
                               savor_error *err) SAVOR_MUST_CHECK;

#endif
