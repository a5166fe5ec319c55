#include "base/alloc.h"
#include "flavor/flavor.h"
#include "unit/test.h"

#include <math.h>

#define MAX_BYTES ((size_t)64 << 20)

/* What one test needs: the folder, an arena, a loaded model. */
typedef struct fixture {
    sv_dir dir;
    sv_arena arena;
    sv_predictor *model;
    savor_error err;
} fixture;

static savor_status load(fixture *f, const char *conf_text)
{
    const sv_node *conf = NULL;
    sv_mlmodel record = {.era = SV_ERA_3};
    *f = (fixture){.dir = SV_DIR_CLOSED};
    sv_arena_init(&f->arena, MAX_BYTES);
    assert_int_equal(sv_dir_open(TEST_DATA "/lightgbm", &f->dir, NULL), SAVOR_OK);
    assert_int_equal(sv_yaml_parse(sv_str_of(conf_text), &SV_YAML_LIMITS, &f->arena, &conf, NULL), SAVOR_OK);
    const sv_flavor *flavor = sv_flavor_find(SV_STR("lightgbm"));
    assert_non_null(flavor);
    assert_ptr_equal(flavor, sv_flavor_find_loader(SV_STR("mlflow.lightgbm")));
    return flavor->load(&f->dir, &record, conf, &SV_FLAVOR_LIMITS, &f->model, &f->err);
}

static void unload(fixture *f)
{
    sv_predictor_free(f->model);
    sv_arena_deinit(&f->arena);
    sv_dir_close(&f->dir);
}

static savor_status predict(fixture *f, const sv_payload *in, sv_payload *out)
{
    return f->model->cls->predict(f->model, in, NULL, &f->arena, out, &f->err);
}

static sv_payload frame_of(const sv_column *columns, size_t n_columns, size_t n_rows)
{
    return (sv_payload){.kind = SV_PAYLOAD_FRAME,
                        .frame = {.n_rows = n_rows, .n_columns = n_columns, .columns = columns}};
}

/* One row of two columns. */
static double answer_pair(fixture *f, savor_dtype a, const void *a_data, savor_dtype b, const void *b_data)
{
    const sv_column columns[] = {{sv_label_text(SV_STR("a")), a, a_data}, {sv_label_text(SV_STR("b")), b, b_data}};
    sv_payload in = frame_of(columns, 2, 1), out;
    assert_int_equal(predict(f, &in, &out), SAVOR_OK);
    assert_int_equal(out.kind, SV_PAYLOAD_TENSOR);
    assert_int_equal(out.tensor.n_dims, 1);
    return ((const double *)out.tensor.data)[0];
}

/* The model splits at 16777216.5: float32 makes 16777216 of 16777217. Answers from LightGBM 3.3.5, 4.5.0, 4.7.0. */
static void frames_round_as_the_version_does(void **state)
{
    (void)state;
    static const int64_t i8 = 16777217;
    static const uint64_t u8 = 16777217;
    static const int32_t i4 = 16777217;
    static const int16_t i2 = 1;
    static const double f8 = 16777217;
    static const float f4 = 1;
    static const uint8_t yes = 1;
    static const struct {
        savor_dtype a;
        const void *a_data;
        savor_dtype b;
        const void *b_data;
        double before_4, since_4;
    } cases[] = {
        {SAVOR_INT64, &i8, SAVOR_INT64, &i8, -1, 1},    {SAVOR_INT64, &i8, SAVOR_BOOL, &yes, -1, 1},
        {SAVOR_INT64, &i8, SAVOR_FLOAT64, &f8, 1, 1},   {SAVOR_FLOAT64, &f8, SAVOR_BOOL, &yes, -1, 1},
        {SAVOR_FLOAT64, &f8, SAVOR_FLOAT64, &f8, 1, 1}, {SAVOR_INT64, &i8, SAVOR_FLOAT32, &f4, 1, 1},
        {SAVOR_INT32, &i4, SAVOR_INT32, &i4, -1, 1},    {SAVOR_UINT64, &u8, SAVOR_INT64, &i8, 1, 1},
        {SAVOR_INT32, &i4, SAVOR_FLOAT32, &f4, 1, 1},   {SAVOR_INT32, &i4, SAVOR_INT16, &i2, -1, 1},
        {SAVOR_FLOAT64, &f8, SAVOR_INT16, &i2, 1, 1},
    };
    for (int since_4 = 0; since_4 < 2; since_4++) {
        fixture f;
        assert_int_equal(load(&f, since_4 ? "{data: wide-ints.lgb, lgb_version: 4.7.0}"
                                          : "{data: wide-ints.lgb, lgb_version: 3.3.5}"),
                         SAVOR_OK);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            assert_true(answer_pair(&f, cases[i].a, cases[i].a_data, cases[i].b, cases[i].b_data) ==
                        (since_4 ? cases[i].since_4 : cases[i].before_4));
        unload(&f);
    }
}

static void arrays_round_in_every_version(void **state)
{
    (void)state;
    static const int64_t i8[] = {16777217, 1, 16777219, 1};
    static const double f8[] = {16777217, 1};
    static const sv_str text[] = {{"16777217", 8}, {" nan", 4}};
    const struct {
        sv_tensor tensor;
        double first;
    } cases[] = {
        {sv_tensor_view(SAVOR_INT64, 2, 2, i8), -1},
        {sv_tensor_view(SAVOR_FLOAT64, 1, 2, f8), 1},
        {sv_tensor_view(SAVOR_STRING, 1, 2, text), -1},
        {sv_tensor_view(SAVOR_DATETIME_NS, 1, 2, i8), -1},
    };
    fixture f;
    assert_int_equal(load(&f, "{data: wide-ints.lgb, lgb_version: 4.7.0}"), SAVOR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_payload in = {.kind = SV_PAYLOAD_TENSOR, .tensor = cases[i].tensor}, out;
        assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
        assert_int_equal(out.tensor.n_items, cases[i].tensor.shape[0]);
        assert_true(((const double *)out.tensor.data)[0] == cases[i].first);
    }
    unload(&f);
}

static void what_the_library_refuses_is_refused(void **state)
{
    (void)state;
    static const double f8[] = {1, 2};
    static const sv_str text[] = {{"x", 1}, {"1", 1}};
    const sv_column good = {sv_label_text(SV_STR("a")), SAVOR_FLOAT64, f8};
    const sv_column bad = {sv_label_number(7), SAVOR_STRING, text};
    const sv_column day = {sv_label_text(SV_STR("d")), SAVOR_DATETIME_NS, f8};
    const sv_column one[] = {good}, three[] = {good, good, good}, texts[] = {good, bad}, days[] = {day, good};
    const struct {
        sv_payload in;
        const char *message;
    } cases[] = {
        {frame_of(one, 1, 1), "number of features in data (1) is not the same as it was in training data (2)"},
        {frame_of(three, 3, 1), "number of features in data (3)"},
        {frame_of(texts, 2, 1), "Fields with bad pandas dtypes: 7: str"},
        {frame_of(days, 2, 1), "bad pandas dtypes: d: datetime64[ns]"},
        {frame_of(one, 1, 0), "2 dimensional and non empty"},
        {frame_of(NULL, 0, 1), "number of features in data (0)"},
        {{.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 2, 0, f8)}, "must be 2 dimensional"},
        {{.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 2, 1, f8)}, "number of features"},
        {{.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_STRING, 1, 2, text)}, "could not convert"},
        {{.kind = SV_PAYLOAD_NAMED}, "type dict"},
        {{.kind = SV_PAYLOAD_VALUE, .value = {.kind = SV_VALUE_NONE}}, "type NoneType"},
    };
    fixture f;
    assert_int_equal(load(&f, "{data: wide-ints.lgb, lgb_version: 4.7.0}"), SAVOR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_payload out;
        assert_int_equal(predict(&f, &cases[i].in, &out), SAVOR_MODEL);
        if (!strstr(f.err.message, cases[i].message))
            fail_msg("got \"%s\", expected \"%s\"", f.err.message, cases[i].message);
    }
    unload(&f);
}

static void answers_have_the_library_shape(void **state)
{
    (void)state;
    static const double rows[8] = {1, 2, 3, 4, NAN, 6, 7, 8};
    fixture f;
    assert_int_equal(load(&f, "{data: softmax-v4.lgb, lgb_version: 4.7.0}"), SAVOR_OK);
    sv_payload in = {.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 2, 4, rows)}, out;
    assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
    assert_int_equal(out.tensor.n_dims, 2);
    assert_int_equal(out.tensor.shape[0], 2);
    assert_int_equal(out.tensor.shape[1], 3);
    in.tensor.shape[0] = in.tensor.n_items = 0; /* np.empty((0, 4)) */
    assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
    assert_int_equal(out.tensor.n_dims, 1);
    assert_int_equal(out.tensor.n_items, 0);
    unload(&f);
}

static void other_files_are_unsupported(void **state)
{
    (void)state;
    static const struct {
        const char *conf;
        savor_status status;
        const char *message;
    } cases[] = {
        {"{data: pickle.lgb, model_class: lightgbm.sklearn.LGBMClassifier}", SAVOR_UNSUPPORTED, "holds no estimator"},
        {"{data: pickle.lgb}", SAVOR_UNSUPPORTED, "pickle.lgb is a pickle"},
        {"{data: zip.lgb}", SAVOR_UNSUPPORTED, "zip.lgb is a zip"},
        {"{data: absent.lgb}", SAVOR_NOT_FOUND, NULL},
        {"{data: ../lightgbm/wide-ints.lgb}", SAVOR_FORMAT, NULL},
        {"{lgb_version: 4.7.0}", SAVOR_FORMAT, "key data"},
        {"{data: make.py}", SAVOR_FORMAT, "first line"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f;
        assert_int_equal(load(&f, cases[i].conf), cases[i].status);
        assert_null(f.model);
        if (cases[i].message && !strstr(f.err.message, cases[i].message))
            fail_msg("got \"%s\", expected \"%s\"", f.err.message, cases[i].message);
        unload(&f);
    }
}

static void facts_are_described(void **state)
{
    (void)state;
    fixture f;
    sv_buf json = SV_BUF_INIT(4096);
    assert_int_equal(load(&f, "{data: wide-ints.lgb}"), SAVOR_OK);
    assert_string_equal(f.model->cls->engine, "native:trees");
    f.model->cls->describe(f.model, &json);
    assert_true(sv_str_is(sv_buf_view(&json),
                          "\"format_version\": \"v3\", \"objective\": \"regression\", \"trees\": 1, \"leaves\": 2, "
                          "\"features\": 2, \"outputs\": 1, \"averaged\": false, \"linear_leaves\": false"));
    sv_buf_deinit(&json);
    unload(&f);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    static const double row[] = {1, 2};
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        fixture f;
        sv_payload in = {.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, 1, 2, row)}, out;
        const sv_node *conf = NULL;
        sv_mlmodel record = {.era = SV_ERA_3};
        f = (fixture){.dir = SV_DIR_CLOSED};
        sv_arena_init(&f.arena, MAX_BYTES);
        assert_int_equal(sv_dir_open(TEST_DATA "/lightgbm", &f.dir, NULL), SAVOR_OK);
        assert_int_equal(sv_yaml_parse(SV_STR("data: wide-ints.lgb"), &SV_YAML_LIMITS, &f.arena, &conf, NULL),
                         SAVOR_OK);
        sv_alloc_fail_after(n);
        st = sv_flavor_find(SV_STR("lightgbm"))->load(&f.dir, &record, conf, &SV_FLAVOR_LIMITS, &f.model, &f.err);
        if (!st)
            st = predict(&f, &in, &out);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        assert_true(n < 1000);
        unload(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_round_as_the_version_does),
        cmocka_unit_test(arrays_round_in_every_version),
        cmocka_unit_test(what_the_library_refuses_is_refused),
        cmocka_unit_test(answers_have_the_library_shape),
        cmocka_unit_test(other_files_are_unsupported),
        cmocka_unit_test(facts_are_described),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
