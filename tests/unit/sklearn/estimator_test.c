/* estimator_test.c: which class a record is of, whose release, how deep, how many; names and numbers of features. */
#include "sklearn/attributes.h"
#include "sklearn/families.h"
#include "unit/sklearn/records.h"

static sv_arena arena, model; /* of the records and of what is loaded */

static int setup(void **state)
{
    (void)state;
    sv_arena_init(&arena, SIZE_MAX);
    sv_arena_init(&model, (size_t)16 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    sv_arena_deinit(&model);
    return 0;
}

static savor_status load(const sv_record *r, const sv_estimator **out, savor_error *err)
{
    sv_loader loader = {.arena = &model, .families = sv_sklearn_families, .release = {1, 2}};
    return sv_estimator_load(&loader, r, out, err);
}

/* A Binarizer needs no attributes but these. */
static const sv_record *binarizer(const sv_record *n_features, const sv_record *names, const char *version)
{
    return record_object(&arena, "sklearn.preprocessing._data", "Binarizer",
                         RECORD_DICT(&arena, record_text(&arena, "n_features_in_"), n_features,
                                     record_text(&arena, "feature_names_in_"), names,
                                     record_text(&arena, "_sklearn_version"), record_text(&arena, version)));
}

static const sv_record *pipeline(const sv_record *step)
{
    const sv_record *pair = RECORD_LIST(&arena, record_text(&arena, "a"), step);
    return record_object(&arena, "sklearn.pipeline", "Pipeline",
                         RECORD_DICT(&arena, record_text(&arena, "steps"), RECORD_LIST(&arena, pair, pair)));
}

static void test_classes(void **state)
{
    (void)state;
    static const struct {
        const char *module, *name, *message;
    } ROWS[] = {
        {"sklearn.some", "Nothing", "sklearn.some.Nothing is not supported natively"},
        {"mine", "Binarizer", "mine.Binarizer is not supported natively"},
        {"sklearns.x", "Binarizer", "sklearns.x.Binarizer is not supported natively"},
    };
    const sv_estimator *e;
    savor_error err;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const sv_record *r = record_object(&arena, ROWS[i].module, ROWS[i].name, NULL);
        assert_int_equal(load(r, &e, &err), SAVOR_UNSUPPORTED);
        assert_null(e);
        assert_string_equal(err.message, ROWS[i].message);
    }
    assert_int_equal(load(pipeline(record_object(&arena, "mine", "Scaler", NULL)), &e, &err), SAVOR_UNSUPPORTED);
    assert_string_equal(err.message, "mine.Scaler is not supported natively (in step \"a\")");
    assert_int_equal(load(record_text(&arena, "x"), &e, NULL), SAVOR_UNSUPPORTED);
    assert_int_equal(load(NULL, &e, NULL), SAVOR_UNSUPPORTED);
    assert_int_equal(load(record_object(&arena, "sklearn.preprocessing", "Binarizer", NULL), &e, NULL), SAVOR_OK);
}

static void test_release(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        int major, minor;
    } ROWS[] = {{"1.5.2", 1, 5}, {"0.24", 0, 24}, {"2.10rc1", 2, 10}, {"", 1, 2}, {"new", 1, 2}, {"1.", 1, 2}};
    const sv_estimator *e;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const sv_record *none = record_none(&arena);
        assert_int_equal(load(binarizer(none, none, ROWS[i].version), &e, NULL), SAVOR_OK);
        assert_true(e->release.major == ROWS[i].major && e->release.minor == ROWS[i].minor);
    }
    assert_true(sv_release_is_before(e->release, 1, 3) && !sv_release_is_before(e->release, 1, 2));
}

static void test_features(void **state)
{
    (void)state;
    const sv_record *names = RECORD_LIST(&arena, record_text(&arena, "a"), record_text(&arena, "b"));
    const sv_estimator *e;
    savor_error err;
    assert_int_equal(load(binarizer(record_none(&arena), names, "1.5"), &e, NULL), SAVOR_OK);
    assert_true(e->n_features_in == 2 && sv_str_is(e->feature_names[1], "b"));
    assert_int_equal(load(binarizer(record_int(&arena, 3), names, "1.5"), &e, &err), SAVOR_FORMAT);
    assert_string_equal(err.message, "Binarizer.feature_names_in_: not as many names as features");
    assert_int_equal(load(binarizer(record_int(&arena, -1), record_none(&arena), "1.5"), &e, &err), SAVOR_FORMAT);
    assert_int_equal(load(binarizer(record_int(&arena, (int64_t)1 << 40), names, "1.5"), &e, &err), SAVOR_FORMAT);
}

static void test_set_features(void **state)
{
    (void)state;
    const sv_record *r = record_object(&arena, "sklearn", "Thing", NULL);
    sv_estimator known = {.n_features_in = 3}, open = {.n_features_in = 0};
    assert_int_equal(sv_estimator_set_features(&known, r, 3, NULL), SAVOR_OK);
    assert_int_equal(sv_estimator_set_features(&known, r, 4, NULL), SAVOR_FORMAT);
    assert_int_equal(known.n_features_in, 3);
    assert_int_equal(sv_estimator_set_features(&open, r, 0, NULL), SAVOR_FORMAT);
    assert_int_equal(sv_estimator_set_features(&open, r, SIZE_MAX, NULL), SAVOR_FORMAT);
    assert_int_equal(sv_estimator_set_features(&open, r, 7, NULL), SAVOR_OK);
    assert_int_equal(open.n_features_in, 7);
}

/* Pipelines in pipelines: 63 around one estimator are taken, 64 are not. Shared steps multiply, and are counted. */
static void test_limits(void **state)
{
    (void)state;
    const sv_estimator *e;
    savor_error err;
    const sv_record *none = record_none(&arena), *r = binarizer(none, none, "1.5");
    for (size_t i = 0; i < 8; i++)
        r = pipeline(r);
    assert_int_equal(load(r, &e, NULL), SAVOR_OK); /* 256 Binarizers */
    for (size_t i = 0; i < 55; i++)
        r = pipeline(r);
    assert_int_equal(load(r, &e, &err), SAVOR_LIMIT);
    assert_null(e);
    sv_loader loader = {.arena = &model, .families = sv_sklearn_families, .n_attributes = SV_ATTRIBUTES_MAX};
    assert_int_equal(sv_estimator_load(&loader, binarizer(none, none, "1.5"), &e, &err), SAVOR_LIMIT);
    loader = (sv_loader){.arena = &model, .families = sv_sklearn_families, .depth = SV_ESTIMATOR_DEPTH_MAX};
    assert_int_equal(sv_estimator_load(&loader, binarizer(none, none, "1.5"), &e, &err), SAVOR_LIMIT);
    assert_non_null(strstr(err.message, "64 deep"));
}

static void test_methods(void **state)
{
    (void)state;
    const sv_record *none = record_none(&arena);
    const sv_estimator *e;
    sv_method method;
    sv_batch out, in = sv_batch_of_doubles((const double[]){1.0, -1.0}, 1, 2);
    savor_error err;
    assert_true(sv_method_of(SV_STR("predict_log_proba"), &method) && method == SV_PREDICT_LOG_PROBA);
    assert_false(sv_method_of(SV_STR("fit"), &method));
    assert_string_equal(sv_method_name(SV_SCORE_SAMPLES), "score_samples");
    assert_int_equal(load(binarizer(none, none, "1.5"), &e, NULL), SAVOR_OK);
    assert_true(sv_estimator_has(e, SV_TRANSFORM) && !sv_estimator_has(e, SV_PREDICT));
    assert_int_equal(sv_estimator_call(e, SV_PREDICT, &in, &arena, &out, &err), SAVOR_MODEL);
    assert_string_equal(err.message, "'Binarizer' object has no attribute 'predict'");
    assert_int_equal(sv_estimator_call(e, SV_TRANSFORM, &in, &arena, &out, NULL), SAVOR_OK);
    assert_true(((const double *)out.tensor.data)[0] == 1.0 && ((const double *)out.tensor.data)[1] == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_classes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_release, setup, teardown),
        cmocka_unit_test_setup_teardown(test_features, setup, teardown),
        cmocka_unit_test_setup_teardown(test_set_features, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_methods, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
