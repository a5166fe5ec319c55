#include "corpus/trials.h"

#include <stdio.h>
#include <string.h>

#define REASONS_MAX 64

typedef struct reason {
    char text[sizeof((trial *)0)->why];
    size_t n;
} reason;

typedef struct tally {
    const trial_plan *plan;
    bool is_verbose;
    size_t counts[TRIAL_RELEASES][N_OUTCOMES];
    reason reasons[REASONS_MAX]; /* to skip; what comes when they are all taken counts with the last */
    size_t n_reasons;
} tally;

outcome trial_skip(trial *t, const char *why)
{
    snprintf(t->why, sizeof t->why, "%s", why);
    return SKIPPED;
}

static const char *find_known(const trial_plan *plan, sv_str id)
{
    for (size_t i = 0; i < plan->n_known; i++)
        if (sv_str_is(id, plan->known[i].id))
            return plan->known[i].reason;
    return NULL;
}

static void count_reason(tally *all, const char *why)
{
    size_t i = 0;
    while (i < all->n_reasons && strcmp(all->reasons[i].text, why) != 0)
        i++;
    if (i == all->n_reasons && all->n_reasons < REASONS_MAX)
        snprintf(all->reasons[all->n_reasons++].text, sizeof all->reasons[0].text, "%s", why);
    all->reasons[i < REASONS_MAX ? i : REASONS_MAX - 1].n++;
}

static void note(tally *all, const trial *t, outcome what)
{
    static const char *const WORDS[] = {"passed", "FAILED", "skipped", "known"};
    all->counts[t->release][what]++;
    if (what == SKIPPED)
        count_reason(all, t->why);
    if (what == FAILED || (what != PASSED && all->is_verbose))
        printf("%s %.*s %s: %s\n", WORDS[what], SV_FMT(sv_json_text(sv_json_find(t->vector, "id"))),
               all->plan->releases[t->release], t->why);
}

static void try_vector(tally *all, const sv_json *vector)
{
    const char *known = find_known(all->plan, sv_json_text(sv_json_find(vector, "id")));
    for (size_t i = 0; i < all->plan->n_releases; i++) {
        const sv_json *want = sv_json_find(sv_json_find(vector, "expect"), all->plan->releases[i]);
        sv_arena arena;
        if (!want)
            continue;
        sv_arena_init(&arena, (size_t)64 << 20);
        trial t = {.vector = vector, .want = want, .release = i, .arena = &arena};
        outcome what = all->plan->run(&t);
        if (what == FAILED && known) {
            what = KNOWN;
            snprintf(t.why, sizeof t.why, "%s", known);
        }
        note(all, &t, what);
        sv_arena_deinit(&arena);
    }
}

/* Whether none failed. */
static bool print_counts(const tally *all, const char *path)
{
    const char *name = strrchr(path, '/');
    size_t n_failed = 0;
    for (size_t i = 0; i < all->plan->n_releases; i++) {
        const size_t *c = all->counts[i];
        n_failed += c[FAILED];
        if (c[PASSED] + c[FAILED] + c[SKIPPED] + c[KNOWN])
            printf("%s %s: %zu passed, %zu failed, %zu known, %zu skipped\n", name ? name + 1 : path,
                   all->plan->releases[i], c[PASSED], c[FAILED], c[KNOWN], c[SKIPPED]);
    }
    for (size_t i = 0; i < all->n_reasons; i++)
        printf("    skipped %zu: %s\n", all->reasons[i].n, all->reasons[i].text);
    return n_failed == 0;
}

static bool try_file(const trial_plan *plan, bool is_verbose, const char *path)
{
    sv_buf text = SV_BUF_INIT(64 << 20);
    sv_arena arena;
    const sv_json *root = NULL;
    tally all = {.plan = plan, .is_verbose = is_verbose};
    sv_arena_init(&arena, SIZE_MAX);
    bool ok = vectors_read(path, &text) &&
              sv_json_parse(sv_buf_view(&text), &SV_JSON_LIMITS, &arena, &root, NULL, NULL) == SAVOR_OK;
    const sv_json *list = ok ? sv_json_find(root, "vectors") : NULL, *vector = list ? list + 1 : NULL;
    for (size_t i = 0; list && i < list->n; i++, vector = sv_json_next(vector))
        try_vector(&all, vector);
    ok = print_counts(&all, path) && list && list->n;
    sv_arena_deinit(&arena);
    sv_buf_deinit(&text);
    return ok;
}

int trials_main(int argc, char **argv, const trial_plan *plan)
{
    bool ok = argc > 1, is_verbose = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            is_verbose = true;
        else
            ok = try_file(plan, is_verbose, argv[i]) && ok;
    }
    return ok ? 0 : 1;
}
