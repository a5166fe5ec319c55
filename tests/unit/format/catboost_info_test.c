#include "unit/format/catboost_file.h"

/* A model of `n_outputs` whose tree is one leaf, with metadata; the arena holds it. */
static const sv_catboost *read(sv_arena *arena, int n_outputs, const char *info, savor_error *err)
{
    static const char *const VALUES[] = {"", "0", "0,0", "0,0,0"};
    sv_buf text = SV_BUF_INIT(CATBOOST_MAX_BYTES);
    const sv_catboost *m = NULL;
    sv_buf_printf(&text, "{\"features_info\":{},\"oblivious_trees\":[{\"leaf_values\":[%s]}],\"model_info\":{%s}}",
                  VALUES[n_outputs], info);
    savor_status st = sv_catboost_read_json(sv_buf_view(&text), arena, &m, err);
    assert_true((st == SAVOR_OK) == (m != NULL));
    sv_buf_deinit(&text);
    return m;
}

/* Metadata as CatBoost 1.2.2 and 1.2.10 write them for these labels. */
static void labels_have_kinds(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    const sv_catboost *m = read(&arena, 1,
                                "\"class_params\":{\"classes_count\":0,\"class_names\":[false,true],"
                                "\"class_to_label\":[0,1],\"class_label_type\":\"Boolean\"}",
                                NULL);
    assert_int_equal(m->label_kind, SV_CATBOOST_BOOL_LABELS);
    assert_true(m->n_labels == 2 && !m->labels[0].truth && m->labels[1].truth);
    m = read(&arena, 1,
             "\"class_params\":{\"class_names\":[0,1.5],\"class_to_label\":[0,1],\"class_label_type\":\"Float\"}",
             NULL);
    assert_int_equal(m->label_kind, SV_CATBOOST_FLOAT_LABELS);
    assert_true(m->labels[0].real == 0 && m->labels[1].real == 1.5);
    m = read(&arena, 1, "\"class_params\":{\"class_names\":[\"no\",\"yes\"],\"class_label_type\":\"String\"}", NULL);
    assert_true(sv_str_is(m->labels[1].text, "yes"));
    m = read(&arena, 1, "\"class_params\":{\"class_names\":[],\"class_to_label\":[0,1]}", NULL);
    assert_true(m->label_kind == SV_CATBOOST_INT_LABELS && m->labels[1].number == 1);
    m = read(&arena, 3, "\"params\":{\"loss_function\":{\"type\":\"MultiClass\"}}", NULL);
    assert_true(m->n_labels == 3 && m->labels[2].number == 2);
    m = read(&arena, 1, "\"params\":{\"loss_function\":{\"type\":\"RMSE\"}}", NULL);
    assert_int_equal(m->label_kind, SV_CATBOOST_NO_LABELS);
    sv_arena_deinit(&arena);
}

static void missing_classes_widen_the_outputs(void **state)
{
    (void)state;
    sv_arena arena;
    savor_error err = {0};
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    const sv_catboost *m = read(&arena, 3,
                                "\"class_params\":{\"classes_count\":5,\"class_names\":[],\"class_to_label\":[1,2,3],"
                                "\"class_label_type\":\"Integer\"}",
                                NULL);
    assert_true(m->n_visible == 5 && m->visible[0] == 1 && m->visible[2] == 3 && m->n_labels == 5);
    m = read(&arena, 3, "\"class_params\":{\"class_names\":[3,2,1,0],\"class_to_label\":[1,2,3]}", NULL);
    assert_true(m->n_visible == 4 && m->labels[0].number == 3);
    assert_null(read(&arena, 3, "\"class_params\":{\"class_names\":[3,2],\"class_to_label\":[0,1,2]}", &err));
    assert_int_equal(err.status, SAVOR_FORMAT);
    assert_null(read(&arena, 3, "\"class_params\":{\"class_names\":[3,2,1],\"class_to_label\":[0,1]}", &err));
    assert_null(read(&arena, 1, "\"class_params\":{\"class_names\":[3,\"2\"]}", &err));
    sv_arena_deinit(&arena);
}

static void losses_and_thresholds_are_read(void **state)
{
    (void)state;
    sv_arena arena;
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    const sv_catboost *m = read(&arena, 1,
                                "\"loss_function\":\"{\\\"type\\\":\\\"RMSE\\\"}\",\"params\":{\"flat_params\":{"
                                "\"loss_function\":\"Tweedie:variance_power=1.5\"}}",
                                NULL);
    assert_true(sv_str_is(m->loss, "RMSE") && sv_str_is(m->asked_loss, "Tweedie:variance_power=1.5"));
    assert_true(m->threshold == 0);
    m = read(&arena, 1,
             "\"binclass_probability_threshold\":\"0.75\",\"params\":{\"loss_function\":{\"type\":\"Poisson\"},"
             "\"flat_params\":{\"objective\":\"Poisson\",\"loss_function\":\"RMSE\"}}",
             NULL);
    assert_true(sv_str_is(m->loss, "Poisson") && sv_str_is(m->asked_loss, "Poisson"));
    assert_true(m->threshold > 1.0986122886681 && m->threshold < 1.0986122886682); /* log(3) */
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_have_kinds),
        cmocka_unit_test(missing_classes_widen_the_outputs),
        cmocka_unit_test(losses_and_thresholds_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
