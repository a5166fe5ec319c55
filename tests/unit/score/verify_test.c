/* verify_test.c: the report on a model's pickles, and what happens when memory runs out while it is written. */
#include "base/alloc.h"
#include "base/arena.h"
#include "text/json.h"
#include "unit/score/folder.h"

#include <savor/verify.h>

static const char MLMODEL[] = "flavors:\n  sklearn: {pickled_model: model.pkl}\n";

/* A model of two files; `pickle` is the first. */
static void make_model(folder *f, const char *pickle)
{
    folder_make(f);
    folder_put_text(f, "MLmodel", MLMODEL);
    folder_put_text(f, "other.bin",
                    "\x80\x02"
                    "cnumpy\nndarray\n.");
    if (pickle)
        folder_put_text(f, "model.pkl", pickle);
}

static void expect(const char *pickle, savor_verdict verdict, const char *text)
{
    folder f;
    char *report = NULL;
    const sv_json *root;
    savor_verdict got;
    savor_error err;
    sv_arena arena;
    sv_arena_init(&arena, 1 << 20);
    make_model(&f, pickle);
    assert_int_equal(savor_model_verify(f.path, NULL, &got, &report, &err), SAVOR_OK);
    assert_int_equal(got, verdict);
    assert_int_equal(sv_json_parse(sv_str_of(report), &SV_JSON_LIMITS, &arena, &root, NULL, &err), SAVOR_OK);
    assert_true(sv_json_is_text(sv_json_find(root, "verdict"), text));
    assert_int_equal(sv_json_find(root, "files")->n, 2);
    savor_text_free(report);
    folder_remove(&f);
    sv_arena_deinit(&arena);
}

static void test_verdicts(void **state)
{
    (void)state;
    expect("csklearn.dummy\nDummyRegressor\n.", SAVOR_VERDICT_KNOWN, "known");
    expect("cm\nC\n.", SAVOR_VERDICT_UNKNOWN, "unknown");
    expect("cm\nC\n", SAVOR_VERDICT_UNREADABLE, "unreadable");
    expect("(cm\nC\ncos\nsystem\n", SAVOR_VERDICT_DANGEROUS, "dangerous");
    expect("PK\3\4 no zip", SAVOR_VERDICT_UNREADABLE, "unreadable");
    expect(NULL, SAVOR_VERDICT_UNREADABLE, "unreadable");
}

static void test_no_model(void **state)
{
    (void)state;
    char *report = NULL;
    savor_verdict verdict = SAVOR_VERDICT_DANGEROUS;
    savor_error err;
    assert_int_equal(savor_model_verify("/nowhere", NULL, &verdict, &report, &err), SAVOR_NOT_FOUND);
    assert_null(report);
    assert_int_equal(verdict, SAVOR_VERDICT_KNOWN);
}

static void test_memory(void **state)
{
    (void)state;
    folder f;
    char *report = NULL;
    savor_verdict verdict;
    savor_error err;
    savor_status st = SAVOR_NOMEM;
    make_model(&f, "(csklearn.dummy\nDummyRegressor\ncos\nsystem\nt.");
    for (long n = 0; st == SAVOR_NOMEM && n < 1000; n++) {
        sv_alloc_fail_after(n);
        st = savor_model_verify(f.path, NULL, &verdict, &report, &err);
        sv_alloc_fail_after(-1);
        assert_true((st == SAVOR_OK) == (report != NULL));
    }
    assert_int_equal(st, SAVOR_OK);
    assert_int_equal(verdict, SAVOR_VERDICT_DANGEROUS);
    savor_text_free(report);
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_no_model),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
