#include "base/alloc.h"
#include "flavor/flavor.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>

/* A loaded model of tests/data/models. What real MLflow answered is compared by unit/score/scorer. */
typedef struct fixture {
    sv_dir dir;
    sv_arena arena;
    sv_predictor *model;
    savor_error err;
} fixture;

static savor_status load(fixture *f, const char *folder)
{
    char path[512];
    const sv_node *conf = NULL;
    sv_mlmodel record = {.era = SV_ERA_3};
    *f = (fixture){.dir = SV_DIR_CLOSED};
    snprintf(path, sizeof path, "%s/models/%s/model", TEST_DATA, folder);
    sv_arena_init(&f->arena, (size_t)64 << 20);
    assert_int_equal(sv_dir_open(path, &f->dir, NULL), SAVOR_OK);
    assert_int_equal(sv_yaml_parse(SV_STR("{data: model.statsmodels, statsmodels_version: 0.15.0}"), &SV_YAML_LIMITS,
                                   &f->arena, &conf, NULL),
                     SAVOR_OK);
    const sv_flavor *flavor = sv_flavor_find(SV_STR("statsmodels"));
    assert_non_null(flavor);
    assert_ptr_equal(flavor, sv_flavor_find_loader(SV_STR("mlflow.statsmodels")));
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

static sv_payload array_of(const double *data, size_t n_rows, size_t n_columns)
{
    return (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, n_rows, n_columns, data)};
}

/* statsmodels: an array is answered with an array, a frame with a series; np.atleast_2d makes one row of a vector. */
static void answers_have_the_library_shape(void **state)
{
    (void)state;
    static const double rows[] = {1, 0.5, 0.25, -1, 2, 1, 0, 0, 0, 0};
    static const double one = 1;
    fixture f;
    sv_payload out, in = array_of(rows, 2, 5), vector = array_of(rows, 5, 0);
    sv_column columns[5];
    assert_int_equal(load(&f, "sm-poisson-v1"), SAVOR_OK);
    assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
    assert_int_equal(out.tensor.n_dims, 1);
    assert_int_equal(out.tensor.n_items, 2);
    double first = ((const double *)out.tensor.data)[0];
    assert_true(first > 0);
    assert_int_equal(predict(&f, &vector, &out), SAVOR_OK);
    assert_int_equal(out.tensor.n_items, 1);
    assert_true(fabs(((const double *)out.tensor.data)[0] - first) <= 1e-14 * first);
    for (size_t i = 0; i < 5; i++)
        columns[i] = (sv_column){sv_label_number((int64_t)i), SAVOR_FLOAT64, &rows[i]};
    in = (sv_payload){.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 1, .n_columns = 5, .columns = columns}};
    assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
    assert_int_equal(out.kind, SV_PAYLOAD_FRAME);
    assert_int_equal(out.frame.n_columns, 1);
    assert_int_equal(out.frame.columns[0].name.number, 0);
    in.frame.n_columns = 1; /* a model of counts takes fewer columns: np.dot(exog, params[:1]) */
    columns[0].data = &one;
    assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
    unload(&f);
    assert_int_equal(load(&f, "sm-mnlogit-v3"), SAVOR_OK);
    in = array_of(rows, 2, 5);
    assert_int_equal(predict(&f, &in, &out), SAVOR_OK);
    assert_int_equal(out.tensor.n_dims, 2);
    assert_int_equal(out.tensor.shape[1], 4);
    unload(&f);
}

static void what_numpy_refuses_is_refused(void **state)
{
    (void)state;
    static const double rows[6] = {1, 1, 1, 1, 1, 1};
    static const uint8_t yes = 1;
    static const sv_str text = {"x", 1};
    sv_column five[5], texts[5];
    for (size_t i = 0; i < 5; i++)
        five[i] = texts[i] = (sv_column){sv_label_number((int64_t)i), SAVOR_FLOAT64, &rows[i]};
    five[4] = (sv_column){sv_label_number(4), SAVOR_BOOL, &yes}; /* beside floats: an array of objects */
    texts[2] = (sv_column){sv_label_number(2), SAVOR_STRING, &text};
    const struct {
        sv_payload in;
        const char *message;
    } cases[] = {
        {array_of(rows, 1, 6), "not aligned"},
        {array_of(rows, 1, 4), "not aligned"}, /* only models of counts take fewer */
        {{.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 1, .n_columns = 5, .columns = five}}, "no callable exp"},
        {{.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 1, .n_columns = 5, .columns = texts}},
         "cannot be multiplied"},
        {{.kind = SV_PAYLOAD_NAMED}, "dict"},
    };
    fixture f;
    assert_int_equal(load(&f, "sm-glm-cauchy-v2"), SAVOR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_payload out;
        assert_int_equal(predict(&f, &cases[i].in, &out), SAVOR_MODEL);
        if (!strstr(f.err.message, cases[i].message))
            fail_msg("got \"%s\", expected \"%s\"", f.err.message, cases[i].message);
    }
    unload(&f);
}

static void facts_are_described(void **state)
{
    (void)state;
    fixture f;
    sv_buf json = SV_BUF_INIT(4096);
    assert_int_equal(load(&f, "sm-glm-cauchy-v2"), SAVOR_OK);
    assert_string_equal(f.model->cls->engine, "native:linear");
    f.model->cls->describe(f.model, &json);
    assert_true(sv_str_is(sv_buf_view(&json),
                          "\"class\": \"GLM\", \"link\": \"cauchy\", \"parameters\": 5, \"version\": \"0.15.0\""));
    sv_buf_deinit(&json);
    unload(&f);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    static const double row[] = {1, 2, 3, 4, 5};
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        fixture f;
        sv_payload in = array_of(row, 1, 5), out;
        const sv_node *conf = NULL;
        sv_mlmodel record = {.era = SV_ERA_3};
        f = (fixture){.dir = SV_DIR_CLOSED};
        sv_arena_init(&f.arena, (size_t)64 << 20);
        assert_int_equal(sv_dir_open(TEST_DATA "/models/sm-glm-cauchy-v2/model", &f.dir, NULL), SAVOR_OK);
        assert_int_equal(sv_yaml_parse(SV_STR("{}"), &SV_YAML_LIMITS, &f.arena, &conf, NULL), SAVOR_OK);
        sv_alloc_fail_after(n);
        st = sv_flavor_find(SV_STR("statsmodels"))->load(&f.dir, &record, conf, &SV_FLAVOR_LIMITS, &f.model, &f.err);
        if (!st)
            st = predict(&f, &in, &out);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        assert_true(n < 20000);
        unload(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_the_library_shape),
        cmocka_unit_test(what_numpy_refuses_is_refused),
        cmocka_unit_test(facts_are_described),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
