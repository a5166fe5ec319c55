/* request_test.c: whole requests: which body is which form, without memory, and warm ones that allocate nothing. */
#include "request/request.h"

#include "base/alloc.h"
#include "model/enforce.h"
#include "unit/test.h"

#include <savor/score.h>

#include <stdio.h>

static const sv_profile ERA_1 = {.era = SV_ERA_1, .is_forced = true, .pandas_major = 1},
                        AUTO_1 = {.era = SV_ERA_1, .pandas_major = 1},
                        ERA_3 = {.era = SV_ERA_3, .is_forced = true, .is_fastapi = true, .pandas_major = 3},
                        AUTO_3 = {.era = SV_ERA_3, .is_fastapi = true, .pandas_major = 3};

typedef struct row {
    const sv_profile *profile;
    const char *body;
    savor_status status;
    sv_payload_kind kind;
    bool is_wrapped;
} row;

static void test_forms(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {&ERA_3, "{\"dataframe_split\": {\"data\": [[1]]}}", SAVOR_OK, SV_PAYLOAD_FRAME, true},
        {&ERA_3, "{\"dataframe_records\": [{\"a\": 1}]}", SAVOR_OK, SV_PAYLOAD_FRAME, true},
        {&ERA_3, "{\"inputs\": [1]}", SAVOR_OK, SV_PAYLOAD_TENSOR, true},
        {&ERA_3, "{\"inputs\": {\"a\": [1]}, \"extra\": 5}", SAVOR_OK, SV_PAYLOAD_NAMED, true},
        {&ERA_3, "{\"instances\": [{\"a\": 1}]}", SAVOR_OK, SV_PAYLOAD_NAMED, true},
        {&ERA_3, "{\"prompt\": \"x\"}", SAVOR_OK, SV_PAYLOAD_VALUE, false},
        {&ERA_3, "{\"inputs\": [1], \"instances\": [1]}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"instances\": {\"a\": [1], \"b\": [1, 2]}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"instances\": {\"a\": 1}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_1, "{\"instances\": {\"a\": [1]}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_1, "{\"instances\": \"x\"}", SAVOR_OK, SV_PAYLOAD_TENSOR, false}, /* text has a length, numbers none */
        {&ERA_1, "{\"instances\": 1}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_1, "{\"instances\": [{\"a\": 1}]}", SAVOR_OK, SV_PAYLOAD_NAMED, false},
        {&ERA_1, "{\"inputs\": [1], \"inputs\": [2]}", SAVOR_OK, SV_PAYLOAD_TENSOR, false},
        {&ERA_3, "{\"x\": 1}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "[{\"a\": 1}]", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "5", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"inputs\": [1]", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "\xff", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"dataframe_split\": {\"columns\": [\"a\"]}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"dataframe_split\": {\"data\": [[1]], \"dtype\": 1}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"dataframe_records\": {\"a\": 1}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_3, "{\"data\": [[1]]}", SAVOR_BAD_REQUEST, 0, false},
        {&AUTO_3, "{\"data\": [[1]]}", SAVOR_OK, SV_PAYLOAD_FRAME, false},
        {&AUTO_3, "[{\"a\": 1}]", SAVOR_OK, SV_PAYLOAD_FRAME, false},
        {&ERA_1, "{\"data\": [[1]]}", SAVOR_OK, SV_PAYLOAD_FRAME, false},
        {&ERA_1, "{}", SAVOR_OK, SV_PAYLOAD_FRAME, false},
        {&ERA_1, "{\"inputs\": [1], \"params\": {}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_1, "{\"dataframe_split\": {\"data\": [[1]]}}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_1, "\xff", SAVOR_UNREADABLE, 0, false},
        {&ERA_1, "{\"instances\": [{}]}", SAVOR_UNREADABLE, 0, false},
        {&ERA_1, "{\"instances\": {}}", SAVOR_UNREADABLE, 0, false},
        {&AUTO_1, "{\"instances\": [{}]}", SAVOR_BAD_REQUEST, 0, false},
        {&ERA_1, "{\"data\": [[123456789012345678901]]}", SAVOR_BAD_REQUEST, 0, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        savor_error err = {.status = SAVOR_OK};
        sv_signature signature = {.n_params = 0};
        sv_request_rules rules = {.profile = ROWS[i].profile, .signature = &signature};
        sv_request out;
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(
            sv_request_read(SV_STR("application/json"), sv_str_of(ROWS[i].body), &rules, &arena, &out, &err),
            ROWS[i].status);
        if (!ROWS[i].status) {
            assert_int_equal(out.payload.kind, ROWS[i].kind);
            assert_int_equal(out.is_wrapped, ROWS[i].is_wrapped);
        } else {
            assert_int_not_equal(err.message[0], 0);
        }
        sv_arena_deinit(&arena);
    }
}

/* What is no body of its form is an error without a savor_error to tell of it, too. */
static void test_no_error(void **state)
{
    (void)state;
    static const char *const BODIES[] = {"",
                                         "[",
                                         "5",
                                         "{\"a\"",
                                         "\xff",
                                         "{\"dataframe_split\": {\"data\": [[1], [1, 2]]}}",
                                         "{\"instances\": [{}, 1]}",
                                         "{\"inputs\": {\"a\": [1, [2]]}}"};
    static const sv_profile *const PROFILES[] = {&ERA_1, &ERA_3, &AUTO_3};
    sv_type type = {.kind = SV_TYPE_DOUBLE};
    sv_spec spec = {.type = type, .has_name = true, .required = true, .name = sv_label_text(SV_STR("a"))};
    sv_schema schema = {.specs = &spec, .n_specs = 1, .has_names = true};
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0] * 6; i++) {
        sv_arena arena;
        sv_request out;
        sv_signature signature = {.inputs = i % 2 ? &schema : NULL};
        sv_request_rules rules = {.profile = PROFILES[i / 2 % 3], .signature = &signature};
        sv_str body = sv_str_of(BODIES[i / 6]);
        savor_error err = {.status = SAVOR_OK};
        sv_arena_init(&arena, 1 << 20);
        savor_status told = sv_request_read(SV_STR("application/json"), body, &rules, &arena, &out, &err);
        assert_int_equal(sv_request_read(SV_STR("application/json"), body, &rules, &arena, &out, NULL), told);
        sv_arena_deinit(&arena);
    }
}

/* MLflow 1.30 with pandas 1.5. */
static void test_numpy_split(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool good;
    } ROWS[] = {
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0], \"data\": [[1, 2]]}", true},
        {"{\"columns\": [\"a\", \"b\"], \"index\": null, \"data\": [[1, 2]]}", true},
        {"{\"columns\": null, \"index\": [0], \"data\": [[1, 2]], \"zz\": 1}", true},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [[0], [1]], \"data\": [[1, 2]]}", true},
        {"{\"columns\": [\"a\"], \"index\": [0], \"data\": [1.5]}", true},
        {"{\"columns\": [\"a\"], \"index\": [], \"data\": []}", true},
        {"{\"columns\": [\"a\", \"b\"], \"data\": [[1, 2]]}", false},
        {"{\"index\": [0], \"data\": [[1, 2]]}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0]}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0, 1], \"data\": [[1, 2]]}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0, 1], \"data\": [[1, 2], [1]]}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0], \"data\": [{\"a\": 1, \"b\": 2}]}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0], \"data\": {\"a\": [1], \"b\": [2]}}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [], \"data\": []}", false},
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0], \"data\": 5}", false},
        {"{\"columns\": [\"a\"], \"index\": [0], \"data\": [[[1, 2]]]}", false}, /* three dimensions */
        {"{\"columns\": [\"a\", \"b\"], \"index\": [0], \"data\": [[[1, 2], [3]]]}", true},
        {"[1]", false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_request out;
        sv_signature signature = {.n_params = 0};
        sv_request_rules rules = {.profile = &ERA_1, .signature = &signature};
        sv_arena_init(&arena, 1 << 20);
        savor_status st = sv_request_read(SV_STR("application/json-numpy-split"), sv_str_of(ROWS[i].body), &rules,
                                          &arena, &out, NULL);
        assert_int_equal(st, ROWS[i].good ? SAVOR_OK : SAVOR_BAD_REQUEST);
        sv_arena_deinit(&arena);
    }
}

/* A schema without names: 1.x calls its columns 0, 1, 2 ... and reads others as pandas.read_json does. */
static void test_numbered(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        savor_dtype dtypes[2];
    } ROWS[] = {
        {"{\"columns\": [0, 1], \"data\": [[1, 2]]}", {SAVOR_FLOAT64, SAVOR_FLOAT64}},
        {"{\"columns\": [\"1\", \"0\"], \"data\": [[1, 2]]}", {SAVOR_FLOAT64, SAVOR_FLOAT64}},
        {"{\"columns\": [\"0\", \"x\"], \"data\": [[1, 2]]}", {SAVOR_INT64, SAVOR_INT64}},
        {"{\"columns\": [\"a\", \"b\"], \"data\": [[1.5, 2.0]]}", {SAVOR_FLOAT64, SAVOR_INT64}},
        {"{\"columns\": [\"a\", \"b\"], \"data\": [[\"1.5\", \"2\"]]}", {SAVOR_FLOAT64, SAVOR_INT64}},
        {"{\"columns\": [\"a\", \"b\"], \"data\": [[\"x\", true]]}", {SAVOR_OBJECT, SAVOR_BOOL}},
        {"[{\"a\": 1, \"b\": null}]", {SAVOR_INT64, SAVOR_FLOAT64}},
    };
    sv_type type = {.kind = SV_TYPE_DOUBLE};
    sv_spec specs[] = {{.type = type, .required = true, .name = sv_label_number(0)},
                       {.type = type, .required = true, .name = sv_label_number(1)}};
    sv_schema schema = {.specs = specs, .n_specs = 2};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_request out;
        sv_signature signature = {.inputs = &schema};
        sv_request_rules rules = {.profile = &ERA_1, .signature = &signature};
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(
            sv_request_read(SV_STR("application/json"), sv_str_of(ROWS[i].body), &rules, &arena, &out, NULL),
            SAVOR_OK);
        for (size_t c = 0; c < 2; c++)
            assert_int_equal(out.payload.frame.columns[c].dtype, ROWS[i].dtypes[c]);
        sv_arena_deinit(&arena);
    }
}

/* What MLflow 2.22 makes of single values: numpy's own text in an object column, and no row of undeclared ones alone.
 */
static void test_scalars(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *body;
        savor_status status;
        uint8_t variant;
        const char *label; /* of the first row */
    } ROWS[] = {
        {"string", "{\"inputs\": [{\"a\": \"x\"}]}", SAVOR_OK, SV_VARIANT_NUMPY, NULL},
        {"string", "{\"inputs\": {\"a\": \"x\"}}", SAVOR_OK, SV_VARIANT_NUMPY, NULL},
        {"string", "{\"inputs\": {\"a\": [\"x\"]}}", SAVOR_OK, SV_VARIANT_PLAIN, NULL},
        {"string", "{\"instances\": [{\"a\": \"x\"}]}", SAVOR_OK, SV_VARIANT_PLAIN, NULL},
        {"string", "{\"dataframe_records\": [{\"a\": \"x\"}]}", SAVOR_OK, SV_VARIANT_PLAIN, NULL},
        {"string", "{\"inputs\": {\"a\": \"x\", \"zz\": 1}}", SAVOR_SCHEMA, 0, NULL},
        {"string", "{\"inputs\": {\"a\": [\"x\"], \"zz\": 1}}", SAVOR_OK, SV_VARIANT_PLAIN, NULL},
        {"any", "{\"inputs\": {\"a\": {\"k\": \"x\"}}}", SAVOR_OK, SV_VARIANT_PLAIN, "k"},
    };
    static const sv_profile PROFILE = {.era = SV_ERA_2, .is_fastapi = true, .pandas_major = 2};
    static const sv_enforce_rules HOW = {.era = SV_ERA_3, .pandas_major = 2};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char schema[80];
        sv_arena arena;
        sv_request in;
        sv_payload out;
        savor_error err;
        sv_signature signature = {.n_params = 0};
        sv_request_rules rules = {.profile = &PROFILE, .signature = &signature};
        snprintf(schema, sizeof schema, "[{\"type\": \"%s\", \"name\": \"a\"}]", ROWS[i].schema);
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(sv_schema_read(sv_str_of(schema), &arena, &signature.inputs, &err), SAVOR_OK);
        assert_int_equal(
            sv_request_read(SV_STR("application/json"), sv_str_of(ROWS[i].body), &rules, &arena, &in, &err),
            SAVOR_OK);
        assert_int_equal(sv_enforce(&in.payload, signature.inputs, &HOW, &arena, &out, &err), ROWS[i].status);
        if (ROWS[i].status == SAVOR_OK) {
            const sv_value *cell = out.frame.columns[0].data;
            assert_int_equal(out.frame.columns[0].dtype, SAVOR_OBJECT);
            assert_true(cell->kind == SV_VALUE_STRING && cell->variant == ROWS[i].variant);
            assert_true(!out.frame.labels == !ROWS[i].label);
        }
        if (ROWS[i].label)
            assert_true(sv_str_is(((const sv_str *)out.frame.labels->levels[0].data)[0], ROWS[i].label));
        sv_arena_deinit(&arena);
    }
}

/* ---- a loaded model ---- */

typedef struct served {
    savor_model *model;
    savor_scorer *scorer;
    char body[1 << 16];
    savor_request request;
} served;

static int load(void **state)
{
    static served s;
    static const char FOLDER[] = TEST_DATA "/models/xgb-squarederror-v3";
    savor_error err;
    FILE *f = fopen(TEST_DATA "/models/xgb-squarederror-v3/requests/01.json", "rb");
    assert_non_null(f);
    size_t n = fread(s.body, 1, sizeof s.body, f);
    fclose(f);
    char folder[sizeof FOLDER + 8];
    snprintf(folder, sizeof folder, "%s/model", FOLDER);
    assert_int_equal(savor_model_load(folder, NULL, &s.model, &err), SAVOR_OK);
    assert_int_equal(savor_scorer_new(s.model, NULL, &s.scorer, &err), SAVOR_OK);
    s.request = (savor_request){"application/json", 16, s.body, n, NULL, 0};
    *state = &s;
    return 0;
}

static int unload(void **state)
{
    served *s = *state;
    savor_scorer_free(s->scorer);
    savor_model_free(s->model);
    return 0;
}

static void test_warm(void **state)
{
    served *s = *state;
    savor_response out;
    static const char ANSWER[] =
        "{\"predictions\": [-0.7129347324371338, -2.1354739665985107, 1.6471325159072876, 1.3370637893676758]}";
    for (int i = 0; i < 3; i++)
        assert_int_equal(savor_scorer_score(s->scorer, &s->request, &out), SAVOR_OK);
    size_t before = sv_alloc_count();
    assert_int_equal(savor_scorer_score(s->scorer, &s->request, &out), SAVOR_OK);
#ifndef SAVOR_ARENA_MALLOC /* else each piece of an arena is an allocation */
    assert_int_equal(sv_alloc_count() - before, 0);
#endif
    (void)before;
    assert_string_equal(out.body, ANSWER);
}

/* Every allocation of a request fails once; each time there is an answer that says so, and the scorer lives on. */
static void test_no_memory(void **state)
{
    served *s = *state;
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        savor_scorer *scorer;
        savor_response out;
        assert_true(n < 10000);
        assert_int_equal(savor_scorer_new(s->model, NULL, &scorer, NULL), SAVOR_OK);
        sv_alloc_fail_after(n);
        st = savor_scorer_score(scorer, &s->request, &out);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        assert_int_equal(out.http_status, st ? 503 : 200);
        assert_true(out.body_bytes > 0);
        if (st)
            assert_int_equal(savor_scorer_score(scorer, &s->request, &out), SAVOR_OK);
        savor_scorer_free(scorer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_no_error),
        cmocka_unit_test(test_numpy_split),
        cmocka_unit_test(test_numbered),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test_setup_teardown(test_warm, load, unload),
        cmocka_unit_test_setup_teardown(test_no_memory, load, unload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
