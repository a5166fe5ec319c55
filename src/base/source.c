#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise */

#include "base/source.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PART_MIN ((size_t)64 << 10)
#define HEAD ((size_t)256 << 10) /* of a file is read when it is opened: all of a small one */

/* Address space for the file: pages that nobody needs are never there, so neither may be large ones around them. */
static savor_status reserve(sv_source *source, size_t n, savor_error *err)
{
    source->present = sv_alloc_array(n / SV_SOURCE_BLOCK + 1, 1);
    if (!source->present)
        return sv_fail_nomem(err, n / SV_SOURCE_BLOCK + 1);
    if (n == 0)
        return SAVOR_OK;
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return sv_fail_nomem(err, n);
    (void)madvise(p, n, MADV_NOHUGEPAGE);
    source->bytes = (sv_str){p, n};
    return SAVOR_OK;
}

savor_status sv_source_open(const sv_dir *dir, sv_str path, size_t max_bytes, sv_source *out, savor_error *err)
{
    uint64_t size;
    *out = SV_SOURCE_CLOSED;
    savor_status st = sv_dir_open_file(dir, path, &out->fd, &size, err);
    if (!st && size > max_bytes)
        st = sv_fail(err, SAVOR_LIMIT, "\"%.*s\" has %llu bytes, more than the limit of %zu", SV_FMT(path),
                     (unsigned long long)size, max_bytes);
    if (!st)
        st = reserve(out, (size_t)size, err);
    if (!st)
        st = sv_source_need(out, out->bytes.p, size < HEAD ? (size_t)size : HEAD, err);
    if (st)
        sv_source_close(out);
    else if (size > HEAD)
        out->part_min = PART_MIN;
    return st;
}

sv_source sv_source_of(sv_str bytes) { return (sv_source){.bytes = bytes, .fd = -1}; }

void sv_source_close(sv_source *source)
{
    for (sv_part *part = source->parts, *next; part; part = next) {
        next = part->next;
        sv_free(part->bytes);
        sv_free(part);
    }
    if (source->fd >= 0)
        close(source->fd);
    if (source->fd >= 0 && source->bytes.n)
        munmap((void *)(uintptr_t)source->bytes.p, source->bytes.n);
    sv_free(source->present);
    *source = SV_SOURCE_CLOSED;
}

static savor_status read_at(sv_source *source, size_t at, size_t n, void *to, savor_error *err)
{
    if (source->fd < 0)
        memcpy(to, source->bytes.p + at, n);
    for (size_t done = source->fd < 0 ? n : 0; done < n;) {
        ssize_t got = pread(source->fd, (char *)to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sv_fail(err, SAVOR_IO, "could not read bytes %zu to %zu: %s", at, at + n, strerror(errno));
        if (got == 0)
            return sv_fail(err, SAVOR_IO, "the file ended at byte %zu, it had %zu when it was opened", at + done,
                           source->bytes.n);
        done += (size_t)got;
    }
    return SAVOR_OK;
}

/* A run of blocks that are not there; the last one of the file may be short. */
static savor_status read_blocks(sv_source *source, size_t first, size_t end, savor_error *err)
{
    size_t at = first * SV_SOURCE_BLOCK, stop = end * SV_SOURCE_BLOCK;
    size_t n = (stop < source->bytes.n ? stop : source->bytes.n) - at;
    savor_status st = read_at(source, at, n, (void *)(uintptr_t)(source->bytes.p + at), err);
    if (!st)
        memset(source->present + first, 1, end - first);
    return st;
}

savor_status sv_source_need(sv_source *source, const void *at, size_t n, savor_error *err)
{
    if (!source || source->fd < 0 || n == 0)
        return SAVOR_OK;
    size_t offset = (size_t)((const char *)at - source->bytes.p);
    size_t block = offset / SV_SOURCE_BLOCK, end = (offset + n - 1) / SV_SOURCE_BLOCK + 1;
    savor_status st = SAVOR_OK;
    while (!st && block < end) {
        size_t first = block;
        while (block < end && !source->present[block])
            block++;
        if (block > first)
            st = read_blocks(source, first, block, err);
        else
            block++;
    }
    return st;
}

/* ---- parts ---- */

bool sv_source_has_parts(const sv_source *source, size_t n)
{
    return source && source->part_min > 0 && n >= source->part_min;
}

sv_part *sv_source_part(sv_source *source, const void *at, size_t n)
{
    sv_part *part = sv_alloc(sizeof *part);
    if (!part)
        return NULL;
    *part = (sv_part){
        .source = source, .at = (size_t)((const char *)at - source->bytes.p), .n = n, .next = source->parts};
    source->parts = part;
    return part;
}

const void *sv_part_bytes(sv_part *part)
{
    sv_source *source = part->source;
    savor_error err = {0};
    if (part->bytes || source->fault.status)
        return part->bytes;
    part->bytes = sv_alloc(part->n);
    savor_status st =
        part->bytes ? read_at(source, part->at, part->n, part->bytes, &err) : sv_fail_nomem(&err, part->n);
    if (!st)
        return part->bytes;
    sv_part_forget(part);
    source->fault = err;
    return NULL;
}

void sv_part_keep(sv_part *part) { part->is_kept = part->bytes != NULL; }

void sv_part_forget(sv_part *part)
{
    if (part->is_kept)
        return;
    sv_free(part->bytes);
    part->bytes = NULL;
}

savor_status sv_source_check(const sv_source *source, savor_error *err)
{
    if (source->fault.status && err)
        *err = source->fault;
    return source->fault.status;
}
