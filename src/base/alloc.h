/* alloc.h: the only door to the heap; multiplication is checked, and tests can make the n-th call fail. */
#ifndef SV_BASE_ALLOC_H
#define SV_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/** `size` bytes (not cleared), or NULL. A size of 0 gives a pointer that may be freed. */
void *sv_alloc(size_t size);

/** `n` items of `size` bytes, cleared to zero, or NULL when the product overflows or memory is short. */
void *sv_alloc_array(size_t n, size_t size);

/** Like realloc for `n` items of `size` bytes; on failure NULL, and `p` is still the caller's. */
void *sv_realloc_array(void *p, size_t n, size_t size);

/** Give back what the functions above returned; NULL is allowed. */
void sv_free(void *p);

/** How many allocations this thread has made so far. Used by tests that pin the number per request. */
size_t sv_alloc_count(void);

/** Let this thread's next `n` allocations succeed and all after them fail; a negative `n` switches that off. */
void sv_alloc_fail_after(long n);

/** `a * b` into `*out`; false when it does not fit. */
static inline bool sv_mul(size_t a, size_t b, size_t *out) { return !__builtin_mul_overflow(a, b, out); }

/** `a + b` into `*out`; false when it does not fit. */
static inline bool sv_add(size_t a, size_t b, size_t *out) { return !__builtin_add_overflow(a, b, out); }

#endif
