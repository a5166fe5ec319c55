#include "base/arena.h"

#include "base/alloc.h"

#include <string.h>

#define ALIGNMENT 16

/*
 * Built with ASan a block is poisoned, each piece of it is not, and a gap lies behind each piece: an overrun is seen
 * inside a block, too, at a fraction of what a malloc for each piece costs. Fuzz targets run so.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#endif
#if defined(HAS_ASAN) || defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define GAP_BYTES ((size_t)ALIGNMENT)
#else
#define GAP_BYTES ((size_t)0)
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif
#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
#define LARGEST_STEP_BYTES ((size_t)8 * 1024 * 1024)

struct sv_arena_block {
    sv_arena_block *older;
    size_t size; /* bytes behind this header */
};

_Static_assert(sizeof(sv_arena_block) % ALIGNMENT == 0, "pieces start right behind the header");

void sv_arena_init(sv_arena *arena, size_t max_bytes) { *arena = (sv_arena){.max_bytes = max_bytes}; }

void sv_arena_deinit(sv_arena *arena)
{
    sv_arena_block *block = arena->block;
    while (block) {
        sv_arena_block *older = block->older;
        sv_free(block);
        block = older;
    }
    *arena = (sv_arena){.max_bytes = arena->max_bytes};
}

static void use_block(sv_arena *arena, sv_arena_block *block)
{
    arena->next = (uint8_t *)(block + 1);
    arena->end = arena->next + block->size;
    ASAN_POISON_MEMORY_REGION(block + 1, block->size);
}

void sv_arena_reset(sv_arena *arena)
{
    sv_arena_block *keep = arena->block;
    arena->used_bytes = 0;
    if (!keep)
        return;
#ifdef SAVOR_ARENA_MALLOC
    sv_arena_deinit(arena);
#else
    for (sv_arena_block *b = keep->older; b; b = b->older)
        if (b->size > keep->size)
            keep = b;
    for (sv_arena_block *b = arena->block; b;) {
        sv_arena_block *older = b->older;
        if (b != keep)
            sv_free(b);
        b = older;
    }
    keep->older = NULL;
    arena->block = keep;
    use_block(arena, keep);
#endif
}

static bool add_block(sv_arena *arena, size_t size)
{
    size_t bytes = arena->block ? arena->block->size * 2 : FIRST_BLOCK_BYTES;
    if (bytes > LARGEST_STEP_BYTES)
        bytes = LARGEST_STEP_BYTES;
#ifdef SAVOR_ARENA_MALLOC
    bytes = size;
#endif
    if (bytes < size)
        bytes = size;
    sv_arena_block *block = sv_alloc(sizeof *block + bytes);
    if (!block)
        return false;
    block->older = arena->block;
    block->size = bytes;
    arena->block = block;
    use_block(arena, block);
    return true;
}

void *sv_arena_alloc(sv_arena *arena, size_t size)
{
    size_t padded;
    if (!sv_add(size, ALIGNMENT - 1, &padded))
        return NULL;
    padded &= ~(size_t)(ALIGNMENT - 1);
    if (padded > arena->max_bytes - arena->used_bytes)
        return NULL;
#ifdef SAVOR_ARENA_MALLOC
    size_t piece = size ? size : 1;
    if (!add_block(arena, piece))
        return NULL;
#else
    /* An arena that has no block yet must get one even for a piece of 0 bytes: NULL would mean failure. */
    if ((!arena->next || padded > (size_t)(arena->end - arena->next)) && !add_block(arena, padded))
        return NULL;
#endif
    void *p = arena->next;
    size_t left = (size_t)(arena->end - arena->next);
    arena->next += padded + GAP_BYTES <= left ? padded + GAP_BYTES : left;
    arena->used_bytes += padded;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    return p;
}

void *sv_arena_array(sv_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    if (!sv_mul(n, size, &bytes))
        return NULL;
    void *p = sv_arena_alloc(arena, bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

void sv_arena_trim(sv_arena *arena, const void *piece, size_t size, size_t used)
{
    size_t had = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1),
           keep = (used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    const uint8_t *start = piece;
#ifndef SAVOR_ARENA_MALLOC
    ptrdiff_t behind = arena->next - start - (ptrdiff_t)had; /* the gap, where the piece is the newest one */
    if (behind >= 0 && behind <= (ptrdiff_t)GAP_BYTES)
        arena->next -= had - keep;
#endif
    ASAN_POISON_MEMORY_REGION(start + used, size - used);
    arena->used_bytes -= had - keep;
}

char *sv_arena_text(sv_arena *arena, const char *text, size_t n)
{
    char *p = n < SIZE_MAX ? sv_arena_alloc(arena, n + 1) : NULL;
    if (!p)
        return NULL;
    if (n)
        memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

savor_status sv_arena_fail(const sv_arena *arena, size_t size, savor_error *err)
{
    if (size > arena->max_bytes - arena->used_bytes)
        return sv_fail(err, SAVOR_LIMIT, "needed %zu bytes more than the limit of %zu bytes allows", size,
                       arena->max_bytes);
    return sv_fail_nomem(err, size);
}
