#include "unit/format/catboost_file.h"

static void statistics_are_read(void **state)
{
    (void)state;
    sv_buf bytes = catboost_file("cb-cat-ctr-clf-v3");
    sv_arena arena;
    const sv_catboost *m = NULL;
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    assert_int_equal(sv_catboost_read_cbm(sv_buf_view(&bytes), &arena, &m, NULL), SAVOR_OK);
    assert_string_equal(m->format, "cbm");
    assert_true(m->formula.n_ctrs > 0 && m->formula.n_categories > 0 && m->formula.forest.is_symmetric);
    assert_true(m->n_category_columns >= m->formula.n_categories && m->n_labels >= 2);
    assert_true(m->floats[0].name.n > 0);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&bytes);
}

static void nodes_are_read(void **state)
{
    (void)state;
    sv_buf bytes = catboost_file("cb-reg-lossguide-v3");
    sv_arena arena;
    const sv_catboost *m = NULL;
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    assert_int_equal(sv_catboost_read_cbm(sv_buf_view(&bytes), &arena, &m, NULL), SAVOR_OK);
    assert_true(!m->formula.forest.is_symmetric && sv_str_is(m->loss, "RMSE"));
    assert_int_equal(m->label_kind, SV_CATBOOST_NO_LABELS);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&bytes);
}

static void strange_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
        savor_status st;
    } ROWS[] = {
        {"CBM1", "CBM2", "the file did not begin with CBM1", SAVOR_FORMAT},
        {"FlabuffersModel_v1", "FlabuffersModel_v2", "CatBoost model format \"FlabuffersModel_v2\" is unknown",
         SAVOR_UNSUPPORTED},
        {"static_provider_v1", "static_provider_v9",
         "CatBoost model part \"static_provider_v9\" is not supported natively", SAVOR_UNSUPPORTED},
        {"{\"classes_count\"", "[\"classes_count\"", NULL, SAVOR_FORMAT},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        sv_buf bytes = catboost_file("cb-cat-ctr-clf-v3");
        savor_error err = {0};
        assert_true(catboost_edit(&bytes, ROWS[i].from, ROWS[i].to));
        assert_int_equal(catboost_verdict(sv_catboost_read_cbm, sv_buf_view(&bytes), &err), ROWS[i].st);
        if (ROWS[i].message)
            assert_string_equal(err.message, ROWS[i].message);
        sv_buf_deinit(&bytes);
    }
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    sv_buf bytes = catboost_file("cb-cat-ctr-v1");
    for (size_t n = 0; n < bytes.n; n += n < 64 ? 1 : 97) {
        savor_error err = {0};
        assert_int_equal(catboost_verdict(sv_catboost_read_cbm, (sv_str){bytes.p, n}, &err), SAVOR_FORMAT);
        assert_true(err.message[0] != 0);
    }
    sv_buf_deinit(&bytes);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    sv_buf bytes = catboost_file("cb-cat-ctr-clf-v3");
    sv_arena arena;
    const sv_catboost *m = NULL;
    catboost_starve(sv_catboost_read_cbm, sv_buf_view(&bytes));
    sv_arena_init(&arena, 5000);
    assert_int_equal(sv_catboost_read_cbm(sv_buf_view(&bytes), &arena, &m, NULL), SAVOR_LIMIT);
    assert_null(m);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_read),     cmocka_unit_test(nodes_are_read),
        cmocka_unit_test(strange_files_are_named), cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
