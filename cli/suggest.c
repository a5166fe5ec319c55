/* suggest.c: which word was meant, by the number of edits. */
#include "options.h"

#include <string.h>

#define MAX_WORD 40

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* One row of the table of Damerau's distance; `now`, `before` and `older` are the rows for a[i], a[i-1], a[i-2]. */
static void fill_row(const char *a, size_t i, const char *b, size_t n, size_t (*row)[MAX_WORD + 1])
{
    size_t *now = row[i % 3];
    const size_t *before = row[(i + 2) % 3], *older = row[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= n; j++) {
        now[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], now[j - 1]) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            now[j] = least(now[j], older[j - 2] + 1);
    }
}

/* Inserts, deletions, replacements and swaps of neighbours that turn `a` into `b`; words that are too long are far.
 */
static size_t edit_distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    size_t row[3][MAX_WORD + 1];
    if (m > MAX_WORD || n > MAX_WORD)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= m; i++)
        fill_row(a, i, b, n, row);
    return row[m % 3][n];
}

const char *cli_suggest(const char *word, const char *const *candidates, size_t n)
{
    const char *found = NULL;
    /* A third of the letters may be wrong, but at least one: "srve" is serve. */
    size_t limit = (strlen(word) + 2) / 3, best = limit + 1;
    for (size_t i = 0; i < n; i++) {
        size_t d = edit_distance(word, candidates[i]);
        if (strncmp(word, candidates[i], strlen(word)) == 0) /* the beginning of one */
            d = 1;
        if (d < best) {
            best = d;
            found = candidates[i];
        }
    }
    return best <= limit && strlen(word) > 1 ? found : NULL;
}
