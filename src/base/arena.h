/*
 * arena.h: memory that ends all at once. One per model, one per request.
 *
 * Pieces are aligned to 16 bytes and never move. A reset keeps the largest block, so that a warm request allocates
 * nothing. Built with SAVOR_ARENA_MALLOC each piece is a malloc of its own, so that ASan sees overruns; with ASan
 * alone what lies between the pieces of a block is poisoned, for the same at a fraction of the time.
 */
#ifndef SV_BASE_ARENA_H
#define SV_BASE_ARENA_H

#include "base/error.h"

#include <stdint.h>

typedef struct sv_arena_block sv_arena_block;

typedef struct sv_arena {
    sv_arena_block *block; /* newest first */
    uint8_t *next, *end;
    size_t used_bytes; /* handed out since the last reset */
    size_t max_bytes;
} sv_arena;

/** Start an arena that refuses to hand out more than `max_bytes` in all. Nothing is allocated yet. */
void sv_arena_init(sv_arena *arena, size_t max_bytes);

/** End the arena and everything in it. */
void sv_arena_deinit(sv_arena *arena);

/** Forget everything, keep the largest block for the next round. */
void sv_arena_reset(sv_arena *arena);

/** `size` bytes (not cleared), or NULL when memory or the arena's maximum is used up. */
void *sv_arena_alloc(sv_arena *arena, size_t size);

/** `n` items of `size` bytes, cleared, or NULL. */
void *sv_arena_array(sv_arena *arena, size_t n, size_t size);

/** Give back the tail of the newest piece, of which only the first `used` of `size` bytes are needed after all. */
void sv_arena_trim(sv_arena *arena, const void *piece, size_t size, size_t used);

/** A copy of `n` bytes with a NUL behind it, or NULL. */
char *sv_arena_text(sv_arena *arena, const char *text, size_t n);

/** The error for a NULL from above: LIMIT when the arena's maximum was the reason, else NOMEM. */
savor_status sv_arena_fail(const sv_arena *arena, size_t size, savor_error *err);

#endif
