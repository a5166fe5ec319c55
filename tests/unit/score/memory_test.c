/*
 * memory_test.c: every allocation of the public calls fails once. Each time the call says NOMEM (a scorer answers
 * 503), hands out nothing and leaks nothing; with all memory there, it succeeds.
 */
#include "base/alloc.h"
#include "unit/test.h"

#include <savor/arrow.h>
#include <savor/savor.h>

#include <stdio.h>
#include <string.h>

#define N_ALLOCATIONS_MAX 100000

typedef savor_status (*attempt)(void *context, savor_error *err);

static void fail_each(const char *what, attempt call, void *context)
{
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        savor_error err = {.status = SAVOR_OK};
        assert_true(n < N_ALLOCATIONS_MAX);
        sv_alloc_fail_after(n);
        st = call(context, &err);
        sv_alloc_fail_after(-1);
        if (st != SAVOR_OK && st != SAVOR_NOMEM)
            fail_msg("%s: allocation %ld: %s: %s", what, n, savor_status_name(st), err.message);
        assert_int_equal(err.status, st);
        assert_true(!st || err.message[0]);
    }
}

/* ---- load and inspect ---- */

/* Which rules a model is served by is read from its files, too. */
typedef struct folder {
    char path[512];
    savor_profile profile;
} folder;

static savor_status load_once(void *context, savor_error *err)
{
    const folder *f = context;
    savor_model *model = (savor_model *)context;
    savor_status st = savor_model_load(f->path, NULL, &model, err);
    if (st)
        assert_null(model);
    else
        assert_int_equal(savor_model_get_profile(model), f->profile);
    savor_model_free(model);
    return st;
}

static savor_status inspect_once(void *context, savor_error *err)
{
    const folder *f = context;
    char *text = f->path[0] ? (char *)context : NULL;
    savor_status st = savor_model_inspect(f->path, NULL, &text, err);
    if (st)
        assert_null(text);
    else if (!strstr(text, "\"problem\": null"))
        fail_msg("%s", text);
    savor_text_free(text);
    return st;
}

static void test_models(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        savor_profile profile;
    } ROWS[] = {
        {"xgb-format-json-v3", SAVOR_PROFILE_3}, {"xgb-format-ubj-v2", SAVOR_PROFILE_2},
        {"xgb-dart-v1", SAVOR_PROFILE_1},        {"xgb-cat-partition-v2", SAVOR_PROFILE_2},
        {"xgb-vector-leaf-v3", SAVOR_PROFILE_3}, {"xgb-gblinear-v1", SAVOR_PROFILE_1},
        {"lgb-cat-pandas-v3", SAVOR_PROFILE_3},  {"lgb-multiclass-v2", SAVOR_PROFILE_2},
        {"lgb-linear-tree-v3", SAVOR_PROFILE_3}, {"cb-cat-ctr-clf-v3", SAVOR_PROFILE_3},
        {"cb-json-v3", SAVOR_PROFILE_3},         {"cb-clf-multi-v1", SAVOR_PROFILE_1},
        {"pipe-ct-names-v1", SAVOR_PROFILE_1},   {"sk-gnb-v3", SAVOR_PROFILE_3},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        folder f = {.profile = ROWS[i].profile};
        snprintf(f.path, sizeof f.path, "%s/models/%s/model", TEST_DATA, ROWS[i].name);
        fail_each(ROWS[i].name, load_once, &f);
        fail_each(ROWS[i].name, inspect_once, &f);
    }
}

/* ---- frames and predictions ---- */

static const char *const NAMES[] = {"age", "income", "balance", "tenure", "ratio", "score"};
static const double CELLS[2][6] = {{42.5, 34.25, 7, 1, -0.5, 42}, {34.5, 26.75, 3, 0.125, 1.25, 43}};

static savor_status rows_once(void *context, savor_error *err)
{
    savor_frame *frame = context;
    savor_status st = savor_frame_from_rows(NAMES, 6, SAVOR_FLOAT64, CELLS, 2, &frame, err);
    assert_int_equal(frame == NULL, st != SAVOR_OK);
    savor_frame_free(frame);
    return st;
}

static void keep_schema(struct ArrowSchema *schema) { (void)schema; }
static void keep_array(struct ArrowArray *array) { (void)array; }

/* One column of texts and one of integers with a null. */
static savor_status arrow_once(void *context, savor_error *err)
{
    static const int32_t ends[] = {0, 3, 5};
    static const int64_t numbers[] = {5, 6};
    static const uint8_t valid[] = {1};
    const void *text_buffers[] = {NULL, ends, "abcde"}, *number_buffers[] = {valid, numbers}, *no_buffers[] = {NULL};
    struct ArrowSchema columns[] = {{.format = "u", .name = "t", .release = keep_schema},
                                    {.format = "l", .name = "n", .release = keep_schema}};
    struct ArrowArray arrays[] = {
        {.length = 2, .n_buffers = 3, .buffers = text_buffers, .release = keep_array},
        {.length = 2, .null_count = 1, .n_buffers = 2, .buffers = number_buffers, .release = keep_array}};
    struct ArrowSchema *column_list[] = {&columns[0], &columns[1]};
    struct ArrowArray *array_list[] = {&arrays[0], &arrays[1]};
    struct ArrowSchema schema = {.format = "+s", .n_children = 2, .children = column_list, .release = keep_schema};
    struct ArrowArray batch = {.length = 2,
                               .n_buffers = 1,
                               .buffers = no_buffers,
                               .n_children = 2,
                               .children = array_list,
                               .release = keep_array};
    savor_frame *frame = context;
    savor_status st = savor_frame_from_arrow(&schema, &batch, &frame, err);
    assert_int_equal(frame == NULL, st != SAVOR_OK);
    savor_frame_free(frame);
    return st;
}

typedef struct ready {
    savor_model *model;
    savor_frame *frame;
} ready;

static savor_status predict_once(void *context, savor_error *err)
{
    ready *r = context;
    savor_prediction *prediction = context;
    savor_status st = savor_model_predict(r->model, r->frame, &prediction, err);
    assert_int_equal(prediction == NULL, st != SAVOR_OK);
    savor_prediction_free(prediction);
    return st;
}

static void load(const char *name, savor_model **out)
{
    char path[512];
    snprintf(path, sizeof path, "%s/models/%s/model", TEST_DATA, name);
    assert_int_equal(savor_model_load(path, NULL, out, NULL), SAVOR_OK);
}

static void test_frames(void **state)
{
    (void)state;
    static const char *const MODELS[] = {"xgb-squarederror-v3", "lgb-reg-sqrt-v3"};
    char dangling;
    fail_each("rows", rows_once, &dangling);
    fail_each("arrow", arrow_once, &dangling);
    for (size_t i = 0; i < sizeof MODELS / sizeof MODELS[0]; i++) {
        ready r;
        load(MODELS[i], &r.model);
        assert_int_equal(savor_frame_from_rows(NAMES, 6, SAVOR_FLOAT64, CELLS, 2, &r.frame, NULL), SAVOR_OK);
        fail_each(MODELS[i], predict_once, &r);
        savor_frame_free(r.frame);
        savor_model_free(r.model);
    }
}

/* ---- requests ---- */

typedef struct sent {
    const savor_model *model;
    savor_request request;
    int http; /* with all memory there */
} sent;

static savor_status score_once(void *context, savor_error *err)
{
    const sent *s = context;
    savor_scorer *scorer = (savor_scorer *)context;
    savor_response out = {.http_status = 0};
    savor_status st = savor_scorer_new(s->model, NULL, &scorer, err);
    if (st) {
        assert_null(scorer);
        return st;
    }
    st = savor_scorer_score(scorer, &s->request, &out);
    if (st == SAVOR_NOMEM || out.http_status == 503) {
        assert_int_equal(out.http_status, 503);
        assert_int_equal(out.status, SAVOR_NOMEM);
        assert_int_equal(st, SAVOR_NOMEM);
        assert_true(out.message[0] != '\0');
    } else {
        assert_int_equal(out.status, st);
        if (out.http_status != s->http)
            fail_msg("%.60s: %d: %s", (const char *)s->request.body, out.http_status, out.body);
    }
    assert_true(out.body_bytes > 0 && strlen(out.body) == out.body_bytes);
    savor_scorer_free(scorer);
    *err = (savor_error){.status = st == SAVOR_NOMEM ? st : SAVOR_OK, .message = "answered"};
    return err->status;
}

static void test_requests(void **state)
{
    (void)state;
    static const char JSON[] = "application/json", CSV[] = "text/csv";
    static const struct {
        const char *model, *type, *body;
        int http;
    } ROWS[] = {
        {"xgb-squarederror-v3", JSON,
         "{\"dataframe_records\": [{\"age\": 1, \"income\": 2.5, \"balance\": null, \"tenure\": 4, \"ratio\": 5, "
         "\"score\": 6}]}",
         200},
        {"lgb-reg-sqrt-v3", JSON,
         "{\"inputs\": {\"age\": [1.5], \"income\": [2.5], \"balance\": [3.5], \"tenure\": [4.5], \"ratio\": [5.5], "
         "\"score\": [6.5]}}",
         200},
        {"xgb-squarederror-v3", CSV, "age,income,balance,tenure,ratio,score\n1.5,2,3,,5,6\n2,\"3\",4.25,5,6,7\n",
         200},
        {"lgb-reg-sqrt-v3", CSV, "age,income,balance,tenure,ratio,score\n1.5,2,3,,5,6\n2,x,4.25,5,6,7\n", 400},
        {"xgb-squarederror-v3", JSON, "{\"dataframe_split\": {\"columns\": [\"a\\u0062\"], \"data\": [[1]]}}", 400},
        {"xgb-squarederror-v3", JSON, "{\"dataframe_split\": {\"columns\": [\"age\"], \"data\": [[\"x\"]]", 400},
        {"xgb-squarederror-v3", JSON, "\xff\xfe{", 400},
        {"xgb-squarederror-v3", "application/xml", "<a/>", 415},
        {"xgb-squarederror-v3", CSV, "age\n\"1\n", 400},
        {"xgb-clf-multi-v2", JSON, "{\"instances\": [{\"age\": 1, \"b\": \"x\"}, {\"age\": 2}]}", 400},
        {"xgb-names-checked-v1", JSON, "[{\"0\": 1.5, \"date\": 1600000000, \"2\": null, \"3\": \"x\"}]", 400},
        {"xgb-names-checked-v1", JSON, "{\"columns\": [\"0\", \"1\"], \"data\": [[1.5, 1600000000]]}", 200},
        {"pipe-ct-names-v1", JSON,
         "{\"columns\": [\"age\", \"income\", \"city\", \"plan\", \"visits\", \"member\"], \"data\": [[49.1, "
         "34133.3, "
         "\"Oslo\", \"b\", 0, false], [58.3, 10110.5, \"Lyon\", \"c d\", 11, true]]}",
         200},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_model *model;
        load(ROWS[i].model, &model);
        sent s = {.model = model, .http = ROWS[i].http};
        s.request = (savor_request){ROWS[i].type, strlen(ROWS[i].type), ROWS[i].body, strlen(ROWS[i].body), NULL, 0};
        fail_each(ROWS[i].body, score_once, &s);
        s.request.accept = CSV;
        s.request.accept_bytes = strlen(CSV);
        fail_each(ROWS[i].body, score_once, &s);
        savor_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
