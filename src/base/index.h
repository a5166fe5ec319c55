/*
 * index.h: text -> position, for names that a request or a file chooses. Keyed with SipHash-1-3 and the random bytes
 * that the kernel gave the process, so that nobody can choose names that collide.
 */
#ifndef SV_BASE_INDEX_H
#define SV_BASE_INDEX_H

#include "base/arena.h"
#include "base/str.h"

typedef struct sv_index {
    sv_arena *arena;
    struct sv_index_slot *slots; /* [n_slots], a power of two */
    size_t n_slots, n;
} sv_index;

#define SV_INDEX_NONE SIZE_MAX

/** Start an empty index whose memory comes from `arena`. */
void sv_index_init(sv_index *index, sv_arena *arena);

/** The position of `key`, or SV_INDEX_NONE. */
size_t sv_index_find(const sv_index *index, sv_str key);

/**
 * The position of `key`, which is `index->n` (before the call) for a new one.
 *
 * key       borrowed: must outlive the index
 * Errors    NOMEM, LIMIT
 */
savor_status sv_index_add(sv_index *index, sv_str key, size_t *position, savor_error *err) SAVOR_MUST_CHECK;

/** Remember `position` for `key`, unless it is there already. `key` is borrowed. Errors: NOMEM, LIMIT. */
savor_status sv_index_put(sv_index *index, sv_str key, size_t position, savor_error *err) SAVOR_MUST_CHECK;

#endif
