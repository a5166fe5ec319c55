#include "engine/tokens.h"

#include "base/alloc.h"
#include "base/unicode.h"

typedef struct run {
    const sv_analyzer *analyzer;
    sv_arena *arena;
    sv_token_fn each;
    void *sink;
    savor_error *err;
    sv_str *words; /* [n_words] */
    size_t n_words, capacity;
} run;

/* ---- words ---- */

static savor_status keep_word(void *sink, sv_str word, savor_error *err)
{
    run *r = sink;
    if (r->analyzer->has_stop_words && sv_index_find(&r->analyzer->stop_words, word) != SV_INDEX_NONE)
        return SAVOR_OK;
    if (r->n_words == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        sv_str *words = sv_arena_array(r->arena, capacity, sizeof *words);
        if (!words)
            return sv_arena_fail(r->arena, capacity * sizeof *words, err);
        if (r->n_words)
            memcpy(words, r->words, r->n_words * sizeof *words);
        r->words = words;
        r->capacity = capacity;
    }
    r->words[r->n_words++] = word;
    return SAVOR_OK;
}

/* Runs of two word characters or more. */
static savor_status find_words(run *r, sv_str text)
{
    size_t first = 0, n_chars = 0;
    for (size_t i = 0; i <= text.n;) {
        uint32_t c = 0;
        size_t next = i + (i < text.n ? sv_utf8_get(text.p + i, &c) : 1);
        savor_status st = SAVOR_OK;
        if (i < text.n && sv_char_is_word(c)) {
            first = n_chars ? first : i;
            n_chars++;
        } else {
            if (n_chars > 1)
                st = keep_word(r, (sv_str){text.p + first, i - first}, r->err);
            n_chars = 0;
        }
        if (st)
            return st;
        i = next;
    }
    return SAVOR_OK;
}

/* Words `n` at a time with blanks between them; `room` has space for all words. */
static savor_status join_words(const run *r, size_t n, char *room)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i + n <= r->n_words; i++) {
        size_t at = 0;
        for (size_t k = i; k < i + n; k++) {
            if (k > i)
                room[at++] = ' ';
            memcpy(room + at, r->words[k].p, r->words[k].n);
            at += r->words[k].n;
        }
        st = r->each(r->sink, (sv_str){room, at}, r->err);
    }
    return st;
}

static savor_status split_words(run *r, sv_str text)
{
    const sv_analyzer *a = r->analyzer;
    size_t n_bytes = 0;
    savor_status st =
        a->pattern ? sv_pattern_find_all(a->pattern, text, r->arena, keep_word, r, r->err) : find_words(r, text);
    for (size_t i = 0; !st && a->min_n == 1 && i < r->n_words; i++)
        st = r->each(r->sink, r->words[i], r->err);
    if (st || a->max_n == 1)
        return st;
    for (size_t i = 0; i < r->n_words; i++)
        n_bytes += r->words[i].n + 1; /* pieces of one text: no overflow */
    char *room = sv_arena_alloc(r->arena, n_bytes + 1);
    if (!room)
        return sv_arena_fail(r->arena, n_bytes + 1, r->err);
    for (size_t n = a->min_n > 1 ? a->min_n : 2; !st && n <= a->max_n && n <= r->n_words; n++)
        st = join_words(r, n, room);
    return st;
}

/* ---- characters ---- */

/* Two blanks or more become one space; a lone one stays what it is. Returns the bytes in `out`. */
static size_t squeeze(sv_str text, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n;) {
        uint32_t c, next_c = 0;
        size_t next = i + sv_utf8_get(text.p + i, &c);
        bool is_blank = sv_char_is_space(c);
        if (next < text.n)
            (void)sv_utf8_get(text.p + next, &next_c);
        if (!is_blank || next == text.n || !sv_char_is_space(next_c)) {
            memcpy(out + n, text.p + i, next - i);
            n += next - i;
            i = next;
            continue;
        }
        out[n++] = ' ';
        for (i = next; i < text.n; i = next) {
            next = i + sv_utf8_get(text.p + i, &c);
            if (!sv_char_is_space(c))
                break;
        }
    }
    return n;
}

/* Where each character begins, and the end; their number. */
static size_t index_chars(sv_str text, size_t *starts)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n;) {
        uint32_t c;
        starts[n++] = i;
        i += sv_utf8_get(text.p + i, &c);
    }
    starts[n] = text.n;
    return n;
}

static savor_status slide(const run *r, sv_str text, const size_t *starts, size_t n_chars, size_t n)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i + n <= n_chars; i++)
        st = r->each(r->sink, (sv_str){text.p + starts[i], starts[i + n] - starts[i]}, r->err);
    return st;
}

static savor_status split_chars(run *r, sv_str text, size_t *starts)
{
    size_t n_chars = index_chars(text, starts);
    savor_status st = SAVOR_OK;
    for (size_t n = r->analyzer->min_n; !st && n <= r->analyzer->max_n && n <= n_chars; n++)
        st = slide(r, text, starts, n_chars, n);
    return st;
}

/* One word with a space on both sides; when it is shorter than n it counts once, whole. */
static savor_status split_padded(const run *r, sv_str word, char *room, size_t *starts)
{
    savor_status st = SAVOR_OK;
    room[0] = ' ';
    memcpy(room + 1, word.p, word.n);
    room[word.n + 1] = ' ';
    sv_str padded = {room, word.n + 2};
    size_t n_chars = index_chars(padded, starts);
    for (size_t n = r->analyzer->min_n; !st && n <= r->analyzer->max_n; n++) {
        if (n >= n_chars)
            return r->each(r->sink, padded, r->err);
        st = slide(r, padded, starts, n_chars, n);
    }
    return st;
}

static savor_status split_chars_in_words(run *r, sv_str text, char *room, size_t *starts)
{
    size_t first = 0;
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < text.n;) {
        uint32_t c;
        size_t next = i + sv_utf8_get(text.p + i, &c);
        bool is_blank = sv_char_is_space(c);
        if (is_blank && i > first)
            st = split_padded(r, (sv_str){text.p + first, i - first}, room, starts);
        first = is_blank ? next : first;
        i = next;
    }
    if (!st && text.n > first)
        st = split_padded(r, (sv_str){text.p + first, text.n - first}, room, starts);
    return st;
}

static savor_status split_squeezed(run *r, sv_str text)
{
    char *room = sv_arena_array(r->arena, 2, text.n + 4);
    size_t *starts = sv_arena_array(r->arena, text.n + 4, sizeof *starts);
    if (!room || !starts)
        return sv_arena_fail(r->arena, (text.n + 4) * sizeof *starts, r->err);
    sv_str squeezed = {room, squeeze(text, room)};
    if (r->analyzer->unit == SV_TOKENS_CHARS)
        return split_chars(r, squeezed, starts);
    return split_chars_in_words(r, squeezed, room + text.n + 4, starts);
}

savor_status sv_analyzer_split(const sv_analyzer *analyzer, sv_str document, sv_arena *arena, sv_token_fn each,
                               void *sink, savor_error *err)
{
    run r = {.analyzer = analyzer, .arena = arena, .each = each, .sink = sink, .err = err};
    sv_str text = document;
    if (analyzer->lowercase)
        text = sv_text_to_lower(text, arena);
    if (text.p && analyzer->accents != SV_ACCENTS_KEEP)
        text = sv_text_strip_accents(text, analyzer->accents == SV_ACCENTS_TO_ASCII, arena);
    if (!text.p)
        return sv_arena_fail(arena, 2 * document.n + 1, err);
    return analyzer->unit == SV_TOKENS_WORDS ? split_words(&r, text) : split_squeezed(&r, text);
}

/* ---- hashing ---- */

static uint32_t rotate(uint32_t x, unsigned by) { return x << by | x >> (32 - by); }

static uint32_t scramble(uint32_t k) { return rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u; }

int32_t sv_murmur3(sv_str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    uint32_t h = 0, k = 0;
    size_t n = text.n / 4 * 4;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t word = p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
        h = rotate(h ^ scramble(word), 13) * 5 + 0xe6546b64u;
    }
    for (size_t i = text.n; i > n; i--)
        k = k << 8 | p[i - 1];
    h ^= scramble(k) ^ (uint32_t)text.n;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    h ^= h >> 16;
    return h > INT32_MAX ? (int32_t)(h - 0x80000000u) + INT32_MIN : (int32_t)h;
}
