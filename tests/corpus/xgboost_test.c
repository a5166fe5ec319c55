/*
 * xgboost_test.c: whole model directories through the flavor, without HTTP: the first request of each case, its
 * numbers as float64 columns, against the answers that real MLflow gave, bit for bit.
 */
#include "unit/test.h"

#include "corpus/vectors.h"
#include "flavor/flavor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct loaded {
    sv_arena arena;
    sv_dir dir;
    sv_predictor *predictor;
} loaded;

static sv_str read_file(sv_arena *arena, const char *folder, const char *name)
{
    char path[512];
    sv_buf text = SV_BUF_INIT(1 << 24);
    snprintf(path, sizeof path, TEST_DATA "/models/%s/%s", folder, name);
    if (!vectors_read(path, &text))
        fail_msg("%s", path);
    sv_str copy = {sv_arena_text(arena, text.p, text.n), text.n};
    sv_buf_deinit(&text);
    return copy;
}

static const sv_json *read_json(sv_arena *arena, const char *folder, const char *name)
{
    const sv_json *root = NULL;
    sv_str text = read_file(arena, folder, name);
    assert_int_equal(sv_json_parse(text, &SV_JSON_LIMITS, arena, &root, NULL, NULL), SAVOR_OK);
    return root;
}

static void load(loaded *l, const char *folder)
{
    char path[512];
    const sv_node *root = NULL;
    savor_error err = {0};
    sv_flavor_limits limits = SV_FLAVOR_LIMITS;
    sv_arena_init(&l->arena, SIZE_MAX);
    snprintf(path, sizeof path, TEST_DATA "/models/%s/model", folder);
    assert_int_equal(sv_dir_open(path, &l->dir, NULL), SAVOR_OK);
    sv_str text = read_file(&l->arena, folder, "model/MLmodel");
    assert_int_equal(sv_yaml_parse(text, &SV_YAML_LIMITS, &l->arena, &root, NULL), SAVOR_OK);
    const sv_node *conf = sv_node_find(sv_node_find(root, "flavors"), "xgboost");
    sv_mlmodel model = {.root = root};
    if (sv_flavor_find(SV_STR("xgboost"))->load(&l->dir, &model, conf, &limits, &l->predictor, &err))
        fail_msg("%s: %s: %s", folder, err.where, err.message);
}

static void unload(loaded *l)
{
    sv_predictor_free(l->predictor);
    sv_dir_close(&l->dir);
    sv_arena_deinit(&l->arena);
}

static double number(const sv_json *v)
{
    if (v->kind == SV_JSON_INT)
        return v->is_minus0 ? -0.0 : (double)v->u.i;
    if (v->kind == SV_JSON_TRUE || v->kind == SV_JSON_FALSE)
        return v->kind == SV_JSON_TRUE;
    return v->kind == SV_JSON_DOUBLE ? v->u.f : (double)NAN;
}

/* {"columns": [...], "data": [[...], ...]}, bare or below "dataframe_split". */
static sv_frame read_frame(sv_arena *arena, const sv_json *body)
{
    const sv_json *split = sv_json_find(body, "dataframe_split");
    const sv_json *names = sv_json_find(split ? split : body, "columns"), *data;
    data = sv_json_find(split ? split : body, "data");
    sv_column *columns = sv_arena_array(arena, names->n, sizeof *columns);
    const sv_json *name = names + 1, *row = data + 1;
    for (size_t i = 0; i < names->n; i++, name = sv_json_next(name)) {
        columns[i] = (sv_column){.name = sv_label_text(sv_json_text(name)), .dtype = SAVOR_FLOAT64};
        columns[i].data = sv_column_alloc(arena, SAVOR_FLOAT64, data->n);
    }
    for (size_t r = 0; r < data->n; r++, row = sv_json_next(row))
        for (size_t i = 0; i < names->n; i++) {
            double v = number(row + 1 + i);
            memcpy((uint8_t *)(uintptr_t)columns[i].data + r * sizeof v, &v, sizeof v);
        }
    return (sv_frame){.n_rows = data->n, .n_columns = names->n, .columns = columns};
}

/* Leaves of a nested array, in order: numbers, or floats as C99 hex. */
static size_t flatten(const sv_json *v, double *out)
{
    size_t n = 0;
    for (const sv_json *at = v, *end = sv_json_next(v); at < end; at++) {
        if (at->kind == SV_JSON_ARRAY)
            continue;
        char text[64] = "";
        if (at->kind == SV_JSON_STRING && at->n < sizeof text)
            memcpy(text, at->u.p, at->n);
        out[n++] = at->kind == SV_JSON_STRING ? strtod(text, NULL) : number(at);
    }
    return n;
}

static void compare(const char *folder, const sv_tensor *got, const sv_json *answer, double *expected)
{
    const sv_json *hex = sv_json_find(answer, "hex"), *shape = sv_json_find(answer, "shape");
    size_t n = flatten(hex ? hex : sv_json_find(answer, "predictions"), expected);
    if (!sv_json_is_text(sv_json_find(answer, "dtype"), savor_dtype_name(got->dtype)))
        fail_msg("%s: dtype was %s", folder, savor_dtype_name(got->dtype));
    assert_int_equal(got->n_dims, shape->n);
    for (size_t i = 0; i < shape->n; i++)
        assert_int_equal(got->shape[i], shape[1 + i].u.i);
    assert_int_equal(got->n_items, n);
    for (size_t i = 0; i < n; i++) {
        double v;
        assert_true(sv_tensor_to_double(got, i, &v));
        if (memcmp(&v, &expected[i], sizeof v) != 0)
            fail_msg("%s: value %zu was %a, expected %a", folder, i, v, expected[i]);
    }
}

static void check_case(const char *folder, const char *request, const char *expected)
{
    loaded l;
    sv_payload in = {.kind = SV_PAYLOAD_FRAME}, out = {0};
    savor_error err = {0};
    load(&l, folder);
    in.frame = read_frame(&l.arena, read_json(&l.arena, folder, request));
    const sv_json *answer = read_json(&l.arena, folder, expected);
    savor_status st = l.predictor->cls->predict(l.predictor, &in, NULL, &l.arena, &out, &err);
    if (sv_json_find(answer, "error_code")) {
        assert_int_equal(st, SAVOR_MODEL);
    } else {
        if (st)
            fail_msg("%s: %s", folder, err.message);
        compare(folder, &out.tensor, answer, sv_arena_array(&l.arena, answer->u.size, sizeof(double)));
    }
    unload(&l);
}

static void test_cases(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "xgb-cat-pandas-v3",  "xgb-cat-partition-v2", "xgb-clf-multi-v2",   "xgb-dart-reg-v3", "xgb-dart-v1",
        "xgb-early-stop-v2",  "xgb-format-json-v3",   "xgb-format-ubj-v2",  "xgb-gblinear-v1", "xgb-gblinear-v2",
        "xgb-multilabel-v3",  "xgb-names-checked-v1", "xgb-single-leaf-v1", "xgb-softprob-v1", "xgb-squarederror-v3",
        "xgb-vector-leaf-v2", "xgb-vector-leaf-v3",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(cases[i], "requests/01.json", "expected/01.json");
    check_case("xgb-missing-marker-v1", "requests/06.json", "expected/06.json");
}

/* XGBoost 1.x: a Booster from the binary format has no names, and keeps those of the first rows it sees. */
static void test_learned_names(void **state)
{
    (void)state;
    static const char folder[] = "xgb-names-checked-v1";
    static const savor_status expected[] = {SAVOR_OK, SAVOR_MODEL, SAVOR_MODEL, SAVOR_MODEL, SAVOR_OK};
    static const char *const requests[] = {"requests/01.json", "requests/02.json", "requests/03.json",
                                           "requests/04.json", "requests/01.json"};
    loaded l;
    load(&l, folder);
    for (size_t i = 0; i < 5; i++) {
        sv_payload in = {.kind = SV_PAYLOAD_FRAME}, out = {0};
        in.frame = read_frame(&l.arena, read_json(&l.arena, folder, requests[i]));
        assert_int_equal(l.predictor->cls->predict(l.predictor, &in, NULL, &l.arena, &out, NULL), expected[i]);
    }
    unload(&l);
}

static void test_describe(void **state)
{
    (void)state;
    loaded l;
    sv_buf text = SV_BUF_INIT(4096);
    load(&l, "xgb-softprob-v1");
    sv_buf_put_char(&text, '{');
    l.predictor->cls->describe(l.predictor, &text);
    sv_buf_put_char(&text, '}');
    const sv_json *root = NULL;
    assert_int_equal(sv_json_parse(sv_buf_view(&text), &SV_JSON_LIMITS, &l.arena, &root, NULL, NULL), SAVOR_OK);
    assert_true(sv_json_is_text(sv_json_find(root, "objective"), "multi:softprob"));
    assert_true(sv_json_is_text(sv_json_find(root, "format"), "deprecated binary"));
    sv_buf_deinit(&text);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_learned_names),
        cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
