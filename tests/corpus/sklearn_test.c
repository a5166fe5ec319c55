/*
 * sklearn_test.c: scikit-learn models as MLflow saved them, through load and score: the answers to the requests of
 * each against those that real MLflow gave, or that it gave none. Labels are equal; numbers to twelve digits, since
 * exp and the sums of BLAS differ in the last ones.
 */
#include "unit/test.h"

#include "base/alloc.h"
#include "corpus/vectors.h"

#include <savor/savor.h>

#include <math.h>
#include <stdio.h>

#define TOLERANCE 1e-12

/* File `number` of what was asked or answered; NULL: there are no more. */
static sv_str read_file(const char *folder, const char *kind, int number, sv_buf *text)
{
    char path[512];
    snprintf(path, sizeof path, TEST_DATA "/models/%s/%s/%02d.json", folder, kind, number);
    return vectors_read(path, text) ? sv_buf_view(text) : (sv_str){NULL, 0};
}

static double number(const sv_json *v) { return v->kind == SV_JSON_INT ? (double)v->u.i : v->u.f; }

static bool is_same(const sv_json *got, const sv_json *expected, double tolerance)
{
    bool is_number = expected->kind == SV_JSON_DOUBLE || expected->kind == SV_JSON_INT;
    if (is_number && (got->kind == SV_JSON_DOUBLE || got->kind == SV_JSON_INT))
        return number(got) == number(expected) || /* infinities */
               fabs(number(got) - number(expected)) <= tolerance * fmax(1.0, fabs(number(expected)));
    if (got->kind != expected->kind || got->n != expected->n)
        return false;
    return got->kind != SV_JSON_STRING || memcmp(got->u.p, expected->u.p, got->n) == 0;
}

/* Arrays and what is in them, event by event. */
static void compare(const char *folder, const sv_json *got, const sv_json *expected, double tolerance)
{
    const sv_json *end = sv_json_next(expected), *got_end = sv_json_next(got);
    size_t at = 0;
    assert_int_equal(expected->kind, SV_JSON_ARRAY);
    for (; expected < end && got < got_end; expected++, got++, at++)
        if (!is_same(got, expected, tolerance))
            fail_msg("%s: event %zu of the predictions differed: %.17g, expected %.17g", folder, at, number(got),
                     number(expected));
    assert_true(expected == end && got == got_end);
}

/* The predictions; NULL: a refusal. */
static const sv_json *parse(sv_str text, sv_arena *arena)
{
    const sv_json *root = NULL;
    assert_int_equal(sv_json_parse(text, &SV_JSON_LIMITS, arena, &root, NULL, NULL), SAVOR_OK);
    return root->kind == SV_JSON_ARRAY ? root : sv_json_find(root, "predictions");
}

/* False: the case has no request of that number. */
static bool check_request(const char *folder, int number, double tolerance, savor_scorer *scorer)
{
    sv_arena arena;
    sv_buf body = SV_BUF_INIT(1 << 20), answer = SV_BUF_INIT(1 << 20);
    savor_response response;
    sv_arena_init(&arena, 1 << 24);
    sv_str request = read_file(folder, "requests", number, &body),
           text = read_file(folder, "expected", number, &answer);
    if (request.p) {
        const sv_json *expected = parse(text, &arena);
        const savor_request post = {"application/json", sizeof "application/json" - 1, request.p, request.n, NULL, 0};
        savor_status st = savor_scorer_score(scorer, &post, &response);
        if (!expected != (st != SAVOR_OK))
            fail_msg("%s: request %d: %s", folder, number, response.body);
        if (expected)
            compare(folder, parse((sv_str){response.body, response.body_bytes}, &arena), expected, tolerance);
    }
    sv_arena_deinit(&arena);
    sv_buf_deinit(&body);
    sv_buf_deinit(&answer);
    return request.p;
}

static void check_case(const char *folder, double tolerance)
{
    char path[512];
    savor_model *model = NULL;
    savor_scorer *scorer = NULL;
    savor_error err = {0};
    int number = 1;
    snprintf(path, sizeof path, TEST_DATA "/models/%s/model", folder);
    if (savor_model_load(path, NULL, &model, &err) || savor_scorer_new(model, NULL, &scorer, &err))
        fail_msg("%s: %s: %s", folder, err.where, err.message);
    while (check_request(folder, number, tolerance, scorer))
        number++;
    assert_true(number > 1);
    savor_scorer_free(scorer);
    savor_model_free(model);
}

static const char *const CASES[] = {
    "sk-ada-one-class-v3",
    "sk-affinity-none-v1",
    "sk-affinity-sparse-v1",
    "sk-bagging-columns-v2",
    "sk-bagging-twice-v3",
    "sk-bisecting-f32-v1",
    "sk-bool-list-v1",
    "sk-catnb-text-v3",
    "sk-cca-v1",
    "sk-cca-v3",
    "sk-chain-classes-v1",
    "sk-chain-one-class-v3",
    "sk-chain-text-v2",
    "sk-dummy-list-v3",
    "sk-envelope-edge-v3",
    "sk-factors-v1",
    "sk-factors-v3",
    "sk-fdr-nan-v3",
    "sk-filters-v1",
    "sk-filters-v3",
    "sk-gpc-v1",
    "sk-gpc-v3",
    "sk-gpr-v1",
    "sk-gpr-v2",
    "sk-gpr-v3",
    "sk-hidden-units-v1",
    "sk-hidden-units-v3",
    "sk-incremental-pca-f32-v1",
    "sk-isotonic-none-v1",
    "sk-iterative-imputer-v1",
    "sk-iterative-imputer-v2",
    "sk-iterative-imputer-v3",
    "sk-iterative-limits-v1",
    "sk-iterative-limits-v3",
    "sk-kernel-maps-v1",
    "sk-kernel-maps-v3",
    "sk-kernel-pca-v1",
    "sk-kernel-pca-v2",
    "sk-kernel-pca-v3",
    "sk-kernel-ridge-v1",
    "sk-kernel-ridge-v3",
    "sk-kmeans-distances-v3",
    "sk-knn-braycurtis-v3",
    "sk-knn-canberra-v3",
    "sk-knn-cosine-v1",
    "sk-knn-cosine-v3",
    "sk-knn-donors-v1",
    "sk-knn-donors-v2",
    "sk-knn-donors-v3",
    "sk-knn-hamming-v1",
    "sk-knn-hamming-v2",
    "sk-knn-hamming-v3",
    "sk-knn-outputs-proba-v1",
    "sk-knn-outputs-v1",
    "sk-knn-outputs-v3",
    "sk-knn-ties-v1",
    "sk-knn-ties-v2",
    "sk-knn-ties-v3",
    "sk-label-propagation-v1",
    "sk-label-propagation-v3",
    "sk-label-spreading-v1",
    "sk-label-spreading-v3",
    "sk-lda-axes-v1",
    "sk-lda-axes-v3",
    "sk-lda-v1",
    "sk-lda-v3",
    "sk-linear-paths-v1",
    "sk-linear-paths-v2",
    "sk-linear-paths-v3",
    "sk-lof-names-v3",
    "sk-log-outputs-v1",
    "sk-manifold-v1",
    "sk-manifold-v3",
    "sk-mixture-diagonal-v3",
    "sk-mixture-integers-v3",
    "sk-mixture-spheres-v1",
    "sk-mixture-spheres-v3",
    "sk-multitask-cv-v1",
    "sk-multitask-cv-v3",
    "sk-multitask-lasso-cv-v1",
    "sk-multitask-lasso-cv-v3",
    "sk-multitask-v1",
    "sk-multitask-v3",
    "sk-nystroem-v1",
    "sk-nystroem-v3",
    "sk-one-class-v1",
    "sk-one-class-v3",
    "sk-ovo-names-v1",
    "sk-ovr-constant-v1",
    "sk-pls-v1",
    "sk-pls-v2",
    "sk-pls-v3",
    "sk-qda-v1",
    "sk-qda-v3",
    "sk-radius-edge-v1",
    "sk-radius-outputs-proba-v3",
    "sk-radius-outputs-v1",
    "sk-radius-outputs-v3",
    "sk-searches-v1",
    "sk-searches-v2",
    "sk-searches-v3",
    "sk-select-frames-v1",
    "sk-select-frames-v2",
    "sk-select-infinite-v1",
    "sk-select-infinite-v3",
    "sk-select-text-v2",
    "sk-sgd-one-class-v1",
    "sk-sgd-one-class-v3",
    "sk-sparse-coding-v1",
    "sk-sparse-coding-v3",
    "sk-svc-sparse-v1",
    "sk-svc-v1",
    "sk-svc-v2",
    "sk-svc-v3",
    "sk-svr-v1",
    "sk-svr-v3",
    "sk-tensor-cells-v2",
    "sk-tensor-cells-v3",
    "sk-threshold-absent-v2",
    "sk-topics-v1",
    "sk-topics-v3",
    "sk-tree-embedding-v1",
    "sk-tree-embedding-v3",
    "sk-wide-offset-f32-v2",
};

static const size_t N_CASES = sizeof CASES / sizeof *CASES;

/* Nothing but sums of products, by numpy's BLAS for Haswell: of rows as columns, of one row, of float32. */
static const char *const EXACT_CASES[] = {
    "sk-sums-f32-v1",      "sk-sums-f32-v3",     "sk-sums-frame-v1",   "sk-sums-frame-v3",
    "sk-sums-init-f32-v1", "sk-sums-layouts-v1", "sk-sums-layouts-v3", "sk-sums-mlp-f32-v1",
    "sk-sums-mlp-f32-v3",  "sk-sums-outputs-v1", "sk-sums-outputs-v3",
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CASES; i++)
        check_case(CASES[i], TOLERANCE);
    for (size_t i = 0; i < sizeof EXACT_CASES / sizeof *EXACT_CASES; i++)
        check_case(EXACT_CASES[i], 0.0);
}

/* Each allocation of loading fails once: NOMEM, and nothing is left. */
static void check_no_memory(const char *folder)
{
    char path[512];
    savor_status st = SAVOR_NOMEM;
    snprintf(path, sizeof path, TEST_DATA "/models/%s/model", folder);
    for (long n = 0; st == SAVOR_NOMEM; n++) {
        savor_model *model = NULL;
        assert_true(n < 100000);
        sv_alloc_fail_after(n);
        st = savor_model_load(path, NULL, &model, NULL);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK ? model != NULL : !model);
        savor_model_free(model);
    }
    assert_int_equal(st, SAVOR_OK);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CASES; i++)
        check_no_memory(CASES[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
