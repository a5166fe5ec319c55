#include "base/alloc.h"

#include <stdlib.h>

/* Per thread, so that the test switch of one thread never fails another's request. */
static _Thread_local size_t n_allocations;
static _Thread_local long n_left = -1;

static bool may_allocate(void)
{
    n_allocations++;
    if (n_left < 0)
        return true;
    if (n_left == 0)
        return false;
    n_left--;
    return true;
}

void *sv_alloc(size_t size) { return may_allocate() ? malloc(size ? size : 1) : NULL; }

void *sv_alloc_array(size_t n, size_t size)
{
    size_t bytes;
    if (!sv_mul(n, size, &bytes) || !may_allocate())
        return NULL;
    return calloc(bytes ? bytes : 1, 1);
}

void *sv_realloc_array(void *p, size_t n, size_t size)
{
    size_t bytes;
    if (!sv_mul(n, size, &bytes) || !may_allocate())
        return NULL;
    return realloc(p, bytes ? bytes : 1);
}

void sv_free(void *p) { free(p); }

size_t sv_alloc_count(void) { return n_allocations; }

void sv_alloc_fail_after(long n) { n_left = n; }
