#include "base/index.h"

#include <sys/auxv.h>

struct sv_index_slot {
    sv_str key; /* p == NULL: free */
    uint64_t hash;
    size_t position;
};

#define FIRST_SLOTS 32

static uint64_t rotate(uint64_t x, int b) { return x << b | x >> (64 - b); }

typedef struct sip {
    uint64_t v[4];
} sip;

static void sip_round(sip *s)
{
    s->v[0] += s->v[1];
    s->v[1] = rotate(s->v[1], 13) ^ s->v[0];
    s->v[0] = rotate(s->v[0], 32);
    s->v[2] += s->v[3];
    s->v[3] = rotate(s->v[3], 16) ^ s->v[2];
    s->v[0] += s->v[3];
    s->v[3] = rotate(s->v[3], 21) ^ s->v[0];
    s->v[2] += s->v[1];
    s->v[1] = rotate(s->v[1], 17) ^ s->v[2];
    s->v[2] = rotate(s->v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein). */
static uint64_t hash_text(sv_str text)
{
    uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    unsigned long random_bytes = getauxval(AT_RANDOM); /* the address of 16 bytes, the same for the process's life */
    if (random_bytes)
        memcpy(key, (const void *)random_bytes, sizeof key);
    sip s = {{key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
              key[1] ^ 0x7465646279746573u}};
    for (size_t i = 0; i <= text.n; i += 8) {
        uint64_t word = 0;
        size_t left = text.n - i;
        if (left)
            memcpy(&word, text.p + i, left < 8 ? left : 8);
        if (left < 8)
            word |= (uint64_t)text.n << 56;
        s.v[3] ^= word;
        sip_round(&s);
        s.v[0] ^= word;
    }
    s.v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

void sv_index_init(sv_index *index, sv_arena *arena) { *index = (sv_index){.arena = arena}; }

/* The slot that holds the key, or the free one where it belongs; the table is never full. */
static struct sv_index_slot *find_slot(const sv_index *index, sv_str key, uint64_t hash)
{
    for (size_t i = hash & (index->n_slots - 1);; i = (i + 1) & (index->n_slots - 1)) {
        struct sv_index_slot *slot = &index->slots[i];
        if (!slot->key.p || (slot->hash == hash && sv_str_equal(slot->key, key)))
            return slot;
    }
}

size_t sv_index_find(const sv_index *index, sv_str key)
{
    if (!index->n_slots)
        return SV_INDEX_NONE;
    const struct sv_index_slot *slot = find_slot(index, key, hash_text(key));
    return slot->key.p ? slot->position : SV_INDEX_NONE;
}

static savor_status grow(sv_index *index, savor_error *err)
{
    sv_index bigger = {
        .arena = index->arena, .n = index->n, .n_slots = index->n_slots ? index->n_slots * 2 : FIRST_SLOTS};
    bigger.slots = sv_arena_array(index->arena, bigger.n_slots, sizeof *bigger.slots);
    if (!bigger.slots)
        return sv_arena_fail(index->arena, bigger.n_slots * sizeof *bigger.slots, err);
    for (size_t i = 0; i < index->n_slots; i++)
        if (index->slots[i].key.p)
            *find_slot(&bigger, index->slots[i].key, index->slots[i].hash) = index->slots[i];
    *index = bigger;
    return SAVOR_OK;
}

static savor_status take_slot(sv_index *index, sv_str key, size_t position, struct sv_index_slot **out,
                              savor_error *err)
{
    savor_status st = index->n * 2 >= index->n_slots ? grow(index, err) : SAVOR_OK;
    if (st)
        return st;
    uint64_t hash = hash_text(key);
    *out = find_slot(index, key, hash);
    if (!(*out)->key.p) {
        **out = (struct sv_index_slot){.key = {key.p ? key.p : "", key.n}, .hash = hash, .position = position};
        index->n++;
    }
    return SAVOR_OK;
}

savor_status sv_index_add(sv_index *index, sv_str key, size_t *position, savor_error *err)
{
    struct sv_index_slot *slot;
    savor_status st = take_slot(index, key, index->n, &slot, err);
    if (!st)
        *position = slot->position;
    return st;
}

savor_status sv_index_put(sv_index *index, sv_str key, size_t position, savor_error *err)
{
    struct sv_index_slot *slot;
    return take_slot(index, key, position, &slot, err);
}
