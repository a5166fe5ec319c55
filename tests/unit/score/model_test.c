/* model_test.c: from a directory to predictions, and the same with memory that runs out at each step. */
#include "unit/test.h"

#include "base/alloc.h"

#include <savor/arrow.h>
#include <savor/savor.h>

#include <string.h>

#define XGBOOST TEST_DATA "/models/xgb-squarederror-v3/model"
#define LIGHTGBM TEST_DATA "/models/lgb-reg-sqrt-v3/model"
enum { N_COLUMNS = 6, N_ROWS = 2, MAX_STEPS = 20000 };

/* The second and fourth row of requests/01.json; expected/01.json has the answers of MLflow 3.17.2. */
static const char *const NAMES[N_COLUMNS] = {"age", "income", "balance", "tenure", "ratio", "score"};
static const double ROWS[N_ROWS][N_COLUMNS] = {
    {42.3, 34.489678162596654, 7.0, 0, -0.4707976033576216, 41.9},
    {34.5, 26.820850563217096, 3.0, 0.1719998028613463, 1.272279067264086, 43.1},
};
static const float ANSWERS[N_ROWS] = {-2.1354739665985107F, 1.3370637893676758F};

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) { array->release = NULL; }

/* A record batch of the rows, with one row more in front that an offset passes over. */
typedef struct batch {
    double cells[N_COLUMNS][N_ROWS + 1];
    const void *buffers[N_COLUMNS][2];
    const void *no_buffers[1];
    struct ArrowSchema schema, schemas[N_COLUMNS], *schema_list[N_COLUMNS];
    struct ArrowArray array, arrays[N_COLUMNS], *array_list[N_COLUMNS];
} batch;

static const uint8_t TENURE_VALID = 0x5; /* the row in the middle is null */

static void make_batch(batch *b)
{
    memset(b, 0, sizeof *b);
    for (size_t c = 0; c < N_COLUMNS; c++) {
        for (size_t r = 0; r < N_ROWS; r++)
            b->cells[c][r + 1] = ROWS[r][c];
        b->buffers[c][0] = strcmp(NAMES[c], "tenure") == 0 ? &TENURE_VALID : NULL;
        b->buffers[c][1] = b->cells[c];
        b->schemas[c] = (struct ArrowSchema){.format = "g", .name = NAMES[c], .release = release_schema};
        b->arrays[c] = (struct ArrowArray){.length = N_ROWS + 1,
                                           .null_count = -1,
                                           .n_buffers = 2,
                                           .buffers = b->buffers[c],
                                           .release = release_array};
        b->schema_list[c] = &b->schemas[c];
        b->array_list[c] = &b->arrays[c];
    }
    b->schema = (struct ArrowSchema){
        .format = "+s", .n_children = N_COLUMNS, .children = b->schema_list, .release = release_schema};
    b->array = (struct ArrowArray){.length = N_ROWS,
                                   .offset = 1,
                                   .n_buffers = 1,
                                   .buffers = b->no_buffers,
                                   .n_children = N_COLUMNS,
                                   .children = b->array_list,
                                   .release = release_array};
}

static savor_model *load(const char *path)
{
    savor_model *model = NULL;
    savor_error err = {SAVOR_OK, "", ""};
    assert_int_equal(savor_model_load(path, NULL, &model, &err), SAVOR_OK);
    return model;
}

static void check_answers(const savor_prediction *answer)
{
    size_t n_dims = 0;
    assert_int_equal(savor_prediction_get_dtype(answer), SAVOR_FLOAT32);
    assert_int_equal(savor_prediction_get_shape(answer, &n_dims)[0], N_ROWS);
    assert_int_equal(n_dims, 1);
    assert_memory_equal(savor_prediction_get_data(answer), ANSWERS, sizeof ANSWERS);
}

static void arrow_columns_give_the_recorded_answers(void **state)
{
    (void)state;
    savor_model *model = load(XGBOOST);
    savor_frame *frame = NULL;
    savor_prediction *answer = NULL;
    savor_error err = {SAVOR_OK, "", ""};
    batch b;
    make_batch(&b);
    assert_int_equal(savor_frame_from_arrow(&b.schema, &b.array, &frame, &err), SAVOR_OK);
    assert_int_equal(savor_frame_get_n_rows(frame), N_ROWS);
    assert_int_equal(savor_frame_get_n_columns(frame), N_COLUMNS);
    assert_int_equal(savor_model_predict(model, frame, &answer, &err), SAVOR_OK);
    check_answers(answer);
    savor_prediction_free(answer);
    savor_frame_free(frame);
    savor_model_free(model);
}

static void arrow_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    savor_error err = {SAVOR_OK, "", ""};
    savor_frame *frame = (savor_frame *)&err;
    batch b;
    make_batch(&b);
    b.arrays[2].length = N_ROWS; /* one less than offset and length of the batch */
    assert_int_equal(savor_frame_from_arrow(&b.schema, &b.array, &frame, &err), SAVOR_USAGE);
    assert_non_null(strstr(err.message, "\"balance\""));
    assert_null(frame);
    make_batch(&b);
    b.schemas[1].format = "tdD";
    assert_int_equal(savor_frame_from_arrow(&b.schema, &b.array, &frame, &err), SAVOR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "\"income\""));
    make_batch(&b);
    b.array.release = NULL;
    assert_int_equal(savor_frame_from_arrow(&b.schema, &b.array, &frame, &err), SAVOR_USAGE);
}

/* "./a:/b" is a path, "runs:/b" is not. */
static void uris_are_told_from_paths(void **state)
{
    (void)state;
    savor_model *model = (savor_model *)&state;
    savor_error err = {SAVOR_OK, "", ""};
    assert_int_equal(savor_model_load("./a:/b", NULL, &model, &err), SAVOR_NOT_FOUND);
    assert_null(model);
    assert_int_equal(savor_model_load("runs:/b", NULL, &model, &err), SAVOR_UNSUPPORTED);
    assert_int_equal(savor_model_load("", NULL, &model, &err), SAVOR_USAGE);
    assert_int_equal(savor_model_load("file://" XGBOOST, NULL, &model, &err), SAVOR_OK);
    savor_model_free(model);
}

static void a_forced_profile_is_described(void **state)
{
    (void)state;
    savor_load_options options = {.size = sizeof options, .profile = SAVOR_PROFILE_1};
    char *text = NULL;
    assert_int_equal(savor_model_inspect(XGBOOST, &options, &text, NULL), SAVOR_OK);
    assert_non_null(strstr(text, "\"semantics\": \"1.x\""));
    savor_text_free(text);
    assert_int_equal(savor_model_inspect(XGBOOST, NULL, &text, NULL), SAVOR_OK);
    assert_non_null(strstr(text, "\"semantics\": \"3.x\""));
    savor_text_free(text);
}

static void a_request_beyond_its_memory_is_a_limit(void **state)
{
    (void)state;
    static const char BODY[] = "{\"dataframe_split\": {\"columns\": [\"age\"], \"data\": [[1.0]]}}";
    savor_model *model = load(XGBOOST);
    savor_score_options options = {.size = sizeof options, .max_request_bytes = 64};
    savor_scorer *scorer = NULL;
    savor_request request = {"application/json", 16, BODY, sizeof BODY - 1};
    savor_response out;
    assert_int_equal(savor_scorer_new(model, &options, &scorer, NULL), SAVOR_OK);
    assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_LIMIT);
    assert_int_equal(out.http_status, 413);
    savor_scorer_free(scorer);
    savor_model_free(model);
}

/* Call with 0, 1, 2 ... allocations until it succeeds: each failure is NOMEM and leaves nothing. */
static void exhaust(savor_status (*call)(const void *context, void **out), const void *context, void **out)
{
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        assert_true(n < MAX_STEPS);
        *out = (void *)&n;
        sv_alloc_fail_after(n);
        st = call(context, out);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        assert_true(st == SAVOR_OK || *out == NULL);
    }
}

static savor_status call_load(const void *path, void **out)
{
    savor_model *model = *out;
    savor_error err;
    savor_status st = savor_model_load(path, NULL, &model, &err);
    *out = model;
    return st;
}

static savor_status call_inspect(const void *path, void **out)
{
    char *text = *out;
    savor_error err;
    savor_status st = savor_model_inspect(path, NULL, &text, &err);
    *out = text;
    return st;
}

static savor_status call_from_rows(const void *rows, void **out)
{
    savor_frame *frame = *out;
    savor_status st = savor_frame_from_rows(NAMES, N_COLUMNS, SAVOR_FLOAT64, rows, N_ROWS, &frame, NULL);
    *out = frame;
    return st;
}

static savor_status call_from_arrow(const void *context, void **out)
{
    const batch *b = context;
    savor_frame *frame = *out;
    savor_status st = savor_frame_from_arrow(&b->schema, &b->array, &frame, NULL);
    *out = frame;
    return st;
}

typedef struct question {
    const savor_model *model;
    const savor_frame *frame;
} question;

static savor_status call_predict(const void *context, void **out)
{
    const question *q = context;
    savor_prediction *answer = *out;
    savor_status st = savor_model_predict(q->model, q->frame, &answer, NULL);
    *out = answer;
    return st;
}

static void memory_that_runs_out_leaves_nothing(void **state)
{
    (void)state;
    static const char *const PATHS[] = {XGBOOST, LIGHTGBM};
    void *model = NULL, *text = NULL, *frame = NULL, *answer = NULL;
    batch b;
    make_batch(&b);
    for (size_t i = 0; i < 2; i++) {
        exhaust(call_load, PATHS[i], &model);
        savor_model_free(model);
        exhaust(call_inspect, PATHS[i], &text);
        savor_text_free(text);
    }
    exhaust(call_from_rows, ROWS, &frame);
    savor_frame_free(frame);
    exhaust(call_from_arrow, &b, &frame);
    savor_model *loaded = load(XGBOOST);
    question q = {loaded, frame};
    exhaust(call_predict, &q, &answer);
    check_answers(answer);
    savor_prediction_free(answer);
    savor_frame_free(frame);
    savor_model_free(loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrow_columns_give_the_recorded_answers),
        cmocka_unit_test(arrow_that_does_not_fit_is_refused),
        cmocka_unit_test(uris_are_told_from_paths),
        cmocka_unit_test(a_forced_profile_is_described),
        cmocka_unit_test(a_request_beyond_its_memory_is_a_limit),
        cmocka_unit_test(memory_that_runs_out_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
