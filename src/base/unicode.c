#include "base/unicode.h"

#include "base/alloc.h"
#include "base/unicode_priv.h"

#define SIGMA 0x3a3
#define FINAL_SIGMA 0x3c2
#define DOTTED_I 0x130 /* whose lower case is an i and a dot above */
#define DOT_ABOVE 0x307
#define FOLD_MAX 18 /* characters that one becomes at most: U+FDFA */

/* ---- tables ---- */

static bool is_in(const sv_char_range *ranges, size_t n, uint32_t c)
{
    size_t low = 0;
    while (n) {
        size_t half = n / 2;
        if (ranges[low + half].last < c) {
            low += half + 1;
            n -= half + 1;
        } else if (ranges[low + half].first > c) {
            n = half;
        } else {
            return true;
        }
    }
    return false;
}

/* No run reaches into the next one. */
static uint32_t add_step(const sv_char_step *steps, size_t n, uint32_t c)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (steps[mid].first <= c)
            low = mid + 1;
        else
            high = mid;
    }
    const sv_char_step *s = low ? &steps[low - 1] : NULL;
    return s && c <= s->last && (c - s->first) % s->step == 0 ? (uint32_t)((int64_t)c + s->delta) : c;
}

static const sv_char_span *find_span(uint32_t c)
{
    size_t low = 0, high = sv_char_spans_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (sv_char_spans[mid].c < c)
            low = mid + 1;
        else
            high = mid;
    }
    return low < sv_char_spans_n && sv_char_spans[low].c == c ? &sv_char_spans[low] : NULL;
}

bool sv_char_is_word(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    return is_in(sv_char_words, sv_char_words_n, c);
}

bool sv_char_is_digit(uint32_t c)
{
    return c < 0x80 ? c >= '0' && c <= '9' : is_in(sv_char_digits, sv_char_digits_n, c);
}

bool sv_char_is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* ---- lower case ---- */

static bool is_cased(uint32_t c) { return is_in(sv_char_cased, sv_char_cased_n, c); }
static bool is_ignorable(uint32_t c) { return is_in(sv_char_ignorable, sv_char_ignorable_n, c); }

/* The character that ends before `at`. */
static size_t step_back(sv_str text, size_t at, uint32_t *c)
{
    do
        at--;
    while (at > 0 && ((unsigned char)text.p[at] & 0xc0) == 0x80);
    (void)sv_utf8_get(text.p + at, c);
    return at;
}

/* A sigma is final when a letter with case is before it and none is behind. */
static bool is_final(sv_str text, size_t at, size_t next)
{
    uint32_t c;
    bool has_letter = false;
    while (at > 0 && !has_letter) {
        at = step_back(text, at, &c);
        has_letter = is_cased(c);
        if (!has_letter && !is_ignorable(c))
            return false;
    }
    if (!has_letter)
        return false;
    while (next < text.n) {
        next += sv_utf8_get(text.p + next, &c);
        if (is_cased(c))
            return false;
        if (!is_ignorable(c))
            return true;
    }
    return true;
}

static uint32_t lower_of(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return add_step(sv_char_lowers, sv_char_lowers_n, c);
}

/* No lower case takes more than twice the bytes: a dotted I's 2 become 3, U+023A's 2 become 3. */
sv_str sv_text_to_lower(sv_str text, sv_arena *arena)
{
    const sv_str none = {NULL, 0};
    size_t room, n = 0;
    char *out = sv_mul(text.n, 2, &room) ? sv_arena_alloc(arena, room + 1) : NULL;
    if (!out)
        return none;
    for (size_t i = 0; i < text.n;) {
        uint32_t c;
        size_t at = i;
        i += sv_utf8_get(text.p + i, &c);
        if (c == SIGMA && is_final(text, at, i)) {
            n += sv_utf8_put(FINAL_SIGMA, out + n);
        } else if (c == DOTTED_I) {
            out[n++] = 'i';
            n += sv_utf8_put(DOT_ABOVE, out + n);
        } else {
            n += sv_utf8_put(lower_of(c), out + n);
        }
    }
    sv_arena_trim(arena, out, room + 1, n + 1);
    return (sv_str){out, n};
}

/* ---- accents ---- */

/* Hangul syllables are computed: lead, vowel, and a tail or none. */
static size_t split_hangul(uint32_t c, uint32_t *out)
{
    uint32_t s = c - 0xac00, tail = s % 28;
    out[0] = 0x1100 + s / (21 * 28);
    out[1] = 0x1161 + s / 28 % 21;
    out[2] = 0x11a7 + tail;
    return tail ? 3 : 2;
}

static size_t fold(uint32_t c, uint32_t *out)
{
    if (c < 0x80) {
        out[0] = c;
        return 1;
    }
    if (c >= 0xac00 && c <= 0xd7a3)
        return split_hangul(c, out);
    if (is_in(sv_char_marks, sv_char_marks_n, c))
        return 0;
    const sv_char_span *span = find_span(c);
    if (!span) {
        out[0] = add_step(sv_char_folds, sv_char_folds_n, c);
        return 1;
    }
    for (size_t i = 0; i < span->n; i++)
        out[i] = sv_char_pool[span->at + i];
    return span->n;
}

static bool is_ascii(sv_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* Writes where `out` is no NULL; how many bytes. */
static size_t fold_all(sv_str text, bool ascii_only, char *out)
{
    uint32_t c, parts[FOLD_MAX];
    char room[4];
    size_t n = 0;
    for (size_t i = 0; i < text.n;) {
        i += sv_utf8_get(text.p + i, &c);
        size_t n_parts = fold(c, parts);
        for (size_t k = 0; k < n_parts; k++)
            if (!ascii_only || parts[k] < 0x80)
                n += sv_utf8_put(parts[k], out ? out + n : room);
    }
    return n;
}

sv_str sv_text_strip_accents(sv_str text, bool ascii_only, sv_arena *arena)
{
    const sv_str none = {NULL, 0};
    if (is_ascii(text))
        return text;
    size_t n = fold_all(text, ascii_only, NULL);
    char *out = sv_arena_alloc(arena, n + 1);
    if (!out)
        return none;
    fold_all(text, ascii_only, out);
    return (sv_str){out, n};
}
