#include "corpus/damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct maker {
    sv_str file;
    uint64_t state;
    bool is_text;
    char *room; /* the variant */
    size_t n;
} maker;

static uint64_t next(maker *m)
{
    uint64_t z = (m->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(maker *m, size_t n) { return n ? (size_t)(next(m) % n) : 0; }

/* The variant is the file with `n_old` bytes at `at` replaced. */
static void replace(maker *m, size_t at, size_t n_old, const char *by, size_t n_new)
{
    memcpy(m->room, m->file.p, at);
    memcpy(m->room + at, by, n_new);
    memcpy(m->room + at + n_new, m->file.p + at + n_old, m->file.n - at - n_old);
    m->n = m->file.n - n_old + n_new;
}

static void change_byte(maker *m)
{
    size_t at = below(m, m->file.n);
    char by = (char)next(m);
    if (below(m, 3) == 0)
        by = (char)(m->file.p[at] ^ (1 << below(m, 8)));
    replace(m, at, 1, &by, 1);
}

static void cut(maker *m) { replace(m, m->file.n, 0, "", 0), m->n = below(m, m->file.n); }

/* Four or eight bytes at once: what lengths, indices and floats of binary files are made of. */
static void change_word(maker *m)
{
    static const char *const words[] = {"\377\377\377\377\377\377\377\377",
                                        "\0\0\0\0\0\0\0\0",
                                        "\177\377\377\377\377\377\377\377",
                                        "\377\377\377\177\0\0\0\0",
                                        "\0\0\200\177\0\0\0\0",
                                        "\0\0\300\177\0\0\0\0",
                                        "\200\0\0\0\0\0\0\0",
                                        "\1\0\0\0\0\0\0\0"};
    size_t n = below(m, 2) ? 4 : 8;
    n = n < m->file.n ? n : m->file.n;
    replace(m, below(m, m->file.n - n + 1), n, words[below(m, sizeof words / sizeof *words)], n);
}

static bool is_digit(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.'; }

/* A number of a text file, found from a random place on; false when none follows. */
static bool find_number(maker *m, size_t *at, size_t *n)
{
    size_t i = below(m, m->file.n);
    while (i < m->file.n && !is_digit(m->file.p[i]))
        i++;
    while (i > 0 && i < m->file.n && is_digit(m->file.p[i - 1]))
        i--;
    *at = i;
    while (i < m->file.n && (is_digit(m->file.p[i]) || m->file.p[i] == 'e' || m->file.p[i] == 'E'))
        i++;
    *n = i - *at;
    return *n > 0;
}

static void change_number(maker *m)
{
    static const char *const numbers[] = {"-1",
                                          "0",
                                          "1",
                                          "2147483647",
                                          "-2147483648",
                                          "4294967295",
                                          "1e308",
                                          "NaN",
                                          "nan",
                                          "18446744073709551616",
                                          "1e-320",
                                          "Infinity",
                                          "7",
                                          "255",
                                          "-0",
                                          "9223372036854775807",
                                          "",
                                          "null"};
    size_t at, n;
    const char *by = numbers[below(m, sizeof numbers / sizeof *numbers)];
    if (find_number(m, &at, &n))
        replace(m, at, n, by, strlen(by));
    else
        change_byte(m);
}

/* An element more or less: from one separator to the next. */
static void change_element(maker *m)
{
    size_t at = below(m, m->file.n), end;
    while (at < m->file.n && m->file.p[at] != ',' && m->file.p[at] != ' ' && m->file.p[at] != '\n')
        at++;
    for (end = at + 1; end < m->file.n && m->file.p[end] != ',' && m->file.p[end] != ' ' && m->file.p[end] != '\n';)
        end++;
    if (end >= m->file.n || end - at > 64)
        change_byte(m);
    else if (below(m, 2))
        replace(m, at, end - at, "", 0);
    else
        replace(m, at, 0, m->file.p + at, end - at);
}

static void make(maker *m)
{
    switch (below(m, 10)) {
    case 0:
        cut(m);
        break;
    case 1:
    case 2:
        change_byte(m);
        break;
    case 3:
    case 4:
        if (m->is_text)
            change_element(m);
        else
            change_word(m);
        break;
    default:
        if (m->is_text)
            change_number(m);
        else if (below(m, 2))
            change_word(m);
        else
            change_byte(m);
    }
}

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A copy of exactly the variant's size, so that a sanitizer sees a read behind the end. */
static bool read_variant(const maker *m, damage_reader reader, damage_count *out)
{
    char *copy = malloc(m->n ? m->n : 1);
    if (!copy)
        return false;
    memcpy(copy, m->room, m->n);
    double start = milliseconds();
    damage_verdict verdict = reader((sv_str){copy, m->n});
    double spent = milliseconds() - start;
    *(verdict == DAMAGE_REFUSED ? &out->refused : &out->predicted) += 1;
    out->slowest_ms = spent > out->slowest_ms ? spent : out->slowest_ms;
    free(copy);
    return true;
}

bool damage_run(sv_str file, damage_reader reader, size_t n_variants, uint64_t seed, damage_count *out)
{
    maker m = {.file = file, .state = seed};
    bool is_done = true;
    *out = (damage_count){0};
    if (file.n == 0)
        return true;
    m.is_text = memchr(file.p, 0, file.n) == NULL;
    m.room = malloc(file.n + 128);
    for (size_t i = 0; m.room && i < n_variants && is_done; i++) {
        make(&m);
        is_done = read_variant(&m, reader, out);
    }
    is_done = is_done && m.room;
    free(m.room);
    return is_done;
}
