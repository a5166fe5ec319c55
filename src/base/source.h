/*
 * source.h: a file that is read where it is looked at, so that a large one need never be in memory as a whole.
 *
 * Its bytes have fixed addresses from the start; what lies there is zeros until sv_source_need has read it. Large
 * parts that somebody only wants later (the elements of an array) are named instead, read when they are asked for,
 * and given back by whoever has seen enough of them. Reading goes through pread, never through a mapping of the file:
 * a file that shrinks or a disk that fails is an error here, not a signal.
 */
#ifndef SV_BASE_SOURCE_H
#define SV_BASE_SOURCE_H

#include "base/dir.h"

#define SV_SOURCE_BLOCK ((size_t)4096) /* what is read at once */

/** Some bytes of a source that are in memory between the asking and the giving back. */
typedef struct sv_part {
    struct sv_source *source;
    size_t at, n; /* where it lies in the file */
    void *bytes;  /* NULL: not read; at a multiple of 16 */
    bool is_kept; /* somebody has a pointer into them */
    struct sv_part *next;
} sv_part;

typedef struct sv_source {
    sv_str bytes;     /* the whole file; see sv_source_need */
    size_t part_min;  /* what has at least so many bytes is worth a part; 0: nothing is */
    int fd;           /* -1: all bytes are there */
    uint8_t *present; /* [bytes.n / SV_SOURCE_BLOCK + 1] */
    sv_part *parts;
    savor_error fault; /* of the first read that failed */
} sv_source;

#define SV_SOURCE_CLOSED ((sv_source){.fd = -1})

/**
 * Open a regular file below `dir`.
 *
 * max_bytes its limit
 * out       closed on failure
 * Units     bytes
 * Errors    NOT_FOUND, IO, FORMAT, LIMIT, NOMEM
 * Threads   one at a time
 */
savor_status sv_source_open(const sv_dir *dir, sv_str path, size_t max_bytes, sv_source *out,
                            savor_error *err) SAVOR_MUST_CHECK;

/** Bytes that are in memory already, borrowed; nothing of them is worth a part until part_min says so. */
sv_source sv_source_of(sv_str bytes);

/** Close, and give back what is left; closing twice is harmless. */
void sv_source_close(sv_source *source);

/**
 * Have `n` bytes from address `at` of source->bytes in memory.
 *
 * source    NULL: they are
 * Errors    IO (also of a file that has become shorter)
 */
savor_status sv_source_need(sv_source *source, const void *at, size_t n, savor_error *err) SAVOR_MUST_CHECK;

/** Whether `n` bytes are worth a part; never without a source. */
bool sv_source_has_parts(const sv_source *source, size_t n);

/** Name `n` bytes from address `at` of source->bytes; NULL when memory is short. The part ends with the source. */
sv_part *sv_source_part(sv_source *source, const void *at, size_t n);

/** Its bytes, read if they are not there; NULL on failure, which sv_source_check tells later. */
const void *sv_part_bytes(sv_part *part);

/** Bytes that are there stay as long as the source. */
void sv_part_keep(sv_part *part);

/** Give the bytes back, unless they are kept; they are read again when they are asked for again. */
void sv_part_forget(sv_part *part);

/** Whether all reads went well; otherwise the error of the first one that did not. */
savor_status sv_source_check(const sv_source *source, savor_error *err) SAVOR_MUST_CHECK;

#endif
