/*
 * scorer_test.c: every recorded request of tests/data/models through a scorer: MLflow's HTTP status, and its numbers
 * within the case's tolerance; warm requests without allocations; threads that share a model.
 */
#include "base/alloc.h"
#include "base/arena.h"
#include "text/json.h"
#include "unit/test.h"

#include <savor/score.h>

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A file below tests/data/models, in the arena. */
static sv_str read_file(sv_arena *arena, const char *folder, sv_str name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/models/%s/%.*s", TEST_DATA, folder, SV_FMT(name));
    FILE *file = fopen(path, "rb");
    size_t room = (size_t)1 << 22;
    char *bytes = sv_arena_alloc(arena, room);
    if (!file || !bytes)
        fail_msg("%s", path);
    size_t n = fread(bytes, 1, room, file);
    fclose(file);
    sv_arena_trim(arena, bytes, room, n);
    return (sv_str){bytes, n};
}

static const sv_json *parse(sv_arena *arena, sv_str text)
{
    const sv_json *root = NULL;
    if (sv_json_parse(text, &SV_JSON_LIMITS, arena, &root, NULL, NULL))
        fail_msg("no JSON: %.*s", SV_FMT(text));
    return root;
}

static sv_str text_of(const sv_json *object, const char *key)
{
    const sv_json *v = sv_json_find(object, key);
    return v && v->kind == SV_JSON_STRING ? sv_json_text(v) : (sv_str){"", 0};
}

static savor_model *load(const char *folder)
{
    char path[600];
    savor_model *model;
    savor_error err;
    snprintf(path, sizeof path, "%s/models/%s/model", TEST_DATA, folder);
    if (savor_model_load(path, NULL, &model, &err))
        fail_msg("%s: %s", path, err.message);
    return model;
}

/* ---- recorded answers ---- */

typedef struct tolerance {
    double relative, absolute; /* both 0: bit for bit */
} tolerance;

static double number(const sv_json *v)
{
    char text[64];
    if (v->kind == SV_JSON_DOUBLE)
        return v->u.f;
    if (v->kind == SV_JSON_INT)
        return (double)v->u.i;
    if (v->kind != SV_JSON_STRING)
        return (double)NAN;
    snprintf(text, sizeof text, "%.*s", SV_FMT(sv_json_text(v)));
    return strtod(text, NULL); /* "0x1.8p+1" */
}

static bool is_near(double got, double want, tolerance t)
{
    if (isnan(got) || isnan(want))
        return isnan(got) && isnan(want);
    if (got == want)
        return signbit(got) == signbit(want);
    return fabs(got - want) <= t.relative * fabs(want) || fabs(got - want) <= t.absolute;
}

/* The same nesting, and leaf by leaf the same numbers; `want` has them as hexadecimal text where they are floats. */
static void compare(const char *where, const sv_json *got, const sv_json *want, tolerance t)
{
    const sv_json *end = sv_json_next(got);
    size_t n = (size_t)(end - got);
    if (n != (size_t)(sv_json_next(want) - want))
        fail_msg("%s: another shape", where);
    for (size_t i = 0; i < n; i++, got++, want++) {
        bool is_list = got->kind == SV_JSON_ARRAY;
        if (is_list != (want->kind == SV_JSON_ARRAY) || (is_list && got->n != want->n))
            fail_msg("%s: another shape at node %zu", where, i);
        if (got->kind == SV_JSON_STRING) /* a label: it may look like a number, but is none */
            assert_true(want->kind == SV_JSON_STRING && sv_str_equal(sv_json_text(got), sv_json_text(want)));
        else if (!is_list && !is_near(number(got), number(want), t))
            fail_msg("%s: node %zu: %a, expected %a", where, i, number(got), number(want));
    }
}

static tolerance read_tolerance(const sv_json *root)
{
    const sv_json *v = sv_json_find(root, "tolerance");
    const sv_json *value = sv_json_find(v, "value"), *absolute = sv_json_find(v, "abs");
    return (tolerance){value ? number(value) : 0, absolute ? number(absolute) : 0};
}

static void run_request(const char *folder, savor_scorer *scorer, const sv_json *row, tolerance t, sv_arena *arena)
{
    char where[400];
    sv_str body = read_file(arena, folder, text_of(row, "body")), type = text_of(row, "content_type");
    savor_request request = {type.p, type.n, body.p, body.n, NULL, 0};
    savor_response out;
    snprintf(where, sizeof where, "%s/%.*s", folder, SV_FMT(text_of(row, "id")));
    savor_status st = savor_scorer_score(scorer, &request, &out);
    if (out.http_status != sv_json_find(row, "status")->u.i)
        fail_msg("%s: HTTP %d: %s", where, out.http_status, out.body);
    assert_int_equal(st == SAVOR_OK, out.http_status == 200);
    const sv_json *answer = parse(arena, (sv_str){out.body, out.body_bytes});
    if (st) {
        sv_str code = text_of(row, "error_code");
        if (code.n && !sv_str_equal(text_of(answer, "error_code"), code))
            fail_msg("%s: %s, expected %.*s", where, out.body, SV_FMT(code));
        return;
    }
    const sv_json *bare = answer->kind == SV_JSON_OBJECT ? sv_json_find(answer, "predictions") : answer;
    const sv_json *expected = parse(arena, read_file(arena, folder, text_of(row, "expected")));
    const sv_json *hex = sv_json_find(expected, "hex");
    compare(where, bare, hex && hex->kind == SV_JSON_ARRAY ? hex : sv_json_find(expected, "predictions"), t);
}

/* Models whose answers lie in one file are the business of corpus/sklearn. */
static bool is_case(const char *folder)
{
    char path[600];
    struct stat st;
    snprintf(path, sizeof path, "%s/models/%s/case.json", TEST_DATA, folder);
    return folder[0] != '.' && stat(path, &st) == 0;
}

static size_t run_case(const char *folder)
{
    sv_arena arena;
    savor_scorer *scorer;
    sv_arena_init(&arena, (size_t)1 << 28);
    const sv_json *root = parse(&arena, read_file(&arena, folder, SV_STR("case.json")));
    const sv_json *list = sv_json_find(root, "requests"), *row = list + 1;
    savor_model *model = load(folder);
    assert_int_equal(savor_scorer_new(model, NULL, &scorer, NULL), SAVOR_OK);
    for (size_t i = 0; i < list->n; i++, row = sv_json_next(row))
        run_request(folder, scorer, row, read_tolerance(root), &arena);
    size_t n = list->n;
    savor_scorer_free(scorer);
    savor_model_free(model);
    sv_arena_deinit(&arena);
    return n;
}

static void test_recorded(void **state)
{
    (void)state;
    DIR *models = opendir(TEST_DATA "/models");
    size_t n_cases = 0, n_requests = 0;
    assert_non_null(models);
    for (struct dirent *entry; (entry = readdir(models));)
        if (is_case(entry->d_name)) {
            n_requests += run_case(entry->d_name);
            n_cases++;
        }
    closedir(models);
    assert_true(n_cases > 20 && n_requests > 100);
}

/* ---- warm requests ---- */

static void test_warm(void **state)
{
    (void)state;
    static const char *const ROWS[][3] = {
        {"xgb-squarederror-v3", "requests/01.json", "application/json"},
        {"xgb-squarederror-v3", "requests/02.json", "application/json"},
        {"lgb-reg-sqrt-v3", "requests/01.json", "application/json"},
        {"xgb-softprob-v1", "requests/04.csv", "text/csv"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        savor_scorer *scorer;
        savor_response out;
        sv_arena_init(&arena, (size_t)1 << 24);
        sv_str body = read_file(&arena, ROWS[i][0], sv_str_of(ROWS[i][1]));
        savor_request request = {ROWS[i][2], strlen(ROWS[i][2]), body.p, body.n, NULL, 0};
        savor_model *model = load(ROWS[i][0]);
        assert_int_equal(savor_scorer_new(model, NULL, &scorer, NULL), SAVOR_OK);
        for (int k = 0; k < 3; k++)
            assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_OK);
        size_t before = sv_alloc_count();
        assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_OK);
        size_t n = sv_alloc_count() - before;
#ifndef SAVOR_ARENA_MALLOC /* else each piece of an arena is an allocation */
        assert_int_equal(n, 0);
#endif
        (void)n;
        savor_scorer_free(scorer);
        savor_model_free(model);
        sv_arena_deinit(&arena);
    }
}

/* ---- a key for bare answers: what MLflow 1.30 sends with PREDICTIONS_WRAPPER_ATTR_NAME=answers, and 3.17 ---- */

static void test_bare_key(void **state)
{
    (void)state;
    static const char *const ROWS[][3] = {
        {"lgb-binary-v1", "answers", "{\"answers\": ["},
        {"lgb-binary-v1", "a\"b", "{\"a\\\"b\": ["},
        {"lgb-binary-v1", "", "["},
        {"lgb-reg-sqrt-v3", "answers", "{\"predictions\": ["},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        savor_scorer *scorer;
        savor_response out;
        savor_score_options options = {.size = sizeof options, .bare_key = ROWS[i][1]};
        sv_arena_init(&arena, (size_t)1 << 24);
        sv_str body = read_file(&arena, ROWS[i][0], SV_STR("requests/01.json"));
        savor_request request = {"application/json", 16, body.p, body.n, NULL, 0};
        savor_model *model = load(ROWS[i][0]);
        assert_int_equal(savor_scorer_new(model, &options, &scorer, NULL), SAVOR_OK);
        assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_OK);
        assert_memory_equal(out.body, ROWS[i][2], strlen(ROWS[i][2]));
        assert_int_equal(parse(&arena, (sv_str){out.body, out.body_bytes})->kind,
                         ROWS[i][2][0] == '{' ? SV_JSON_OBJECT : SV_JSON_ARRAY);
        savor_scorer_free(scorer);
        savor_model_free(model);
        sv_arena_deinit(&arena);
    }
}

/* ---- threads ---- */

#define N_ROUNDS 200

typedef struct worker {
    const savor_model *model;
    savor_request request;
    const char *expected;
    size_t n_wrong;
} worker;

static void *score_often(void *context)
{
    worker *w = context;
    savor_scorer *scorer;
    savor_response out;
    if (savor_scorer_new(w->model, NULL, &scorer, NULL)) {
        w->n_wrong = N_ROUNDS;
        return NULL;
    }
    for (size_t i = 0; i < N_ROUNDS; i++)
        w->n_wrong += savor_scorer_score(scorer, &w->request, &out) || strcmp(out.body, w->expected) != 0;
    savor_scorer_free(scorer);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    sv_arena arena;
    savor_scorer *scorer;
    savor_response out;
    sv_arena_init(&arena, (size_t)1 << 24);
    savor_model *model = load("xgb-squarederror-v3");
    sv_str body = read_file(&arena, "xgb-squarederror-v3", SV_STR("requests/01.json"));
    savor_request request = {"application/json", 16, body.p, body.n, NULL, 0};
    assert_int_equal(savor_scorer_new(model, NULL, &scorer, NULL), SAVOR_OK);
    assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_OK);
    worker workers[2];
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++) {
        workers[i] = (worker){.model = model, .request = request, .expected = out.body};
        assert_int_equal(pthread_create(&threads[i], NULL, score_often, &workers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].n_wrong, 0);
    }
    savor_scorer_free(scorer);
    savor_scorer_free(NULL);
    savor_model_free(model);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_warm),
        cmocka_unit_test(test_bare_key),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
