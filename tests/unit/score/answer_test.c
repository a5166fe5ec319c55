/* answer_test.c: answers that come by blocks, and those that come too late. */
#include "base/clock.h"
#include "score/model.h"
#include "unit/test.h"

#include <savor/score.h>

#include <stdio.h>
#include <string.h>

#define N_ROWS 50000 /* several blocks and a rest */
#define N_COLUMNS 6
#define MODELS TEST_DATA "/models/"

static savor_model *load_model(const char *name, savor_csv_floats csv_floats)
{
    savor_load_options options = {.size = sizeof options, .csv_floats = csv_floats};
    char path[300];
    savor_model *model;
    snprintf(path, sizeof path, MODELS "%s/model", name);
    assert_int_equal(savor_model_load(path, &options, &model, NULL), SAVOR_OK);
    return model;
}

/* The columns of the recorded models, filled with what has no pattern. */
static sv_frame make_frame(sv_arena *arena)
{
    static const char *const NAMES[N_COLUMNS] = {"age", "income", "balance", "tenure", "ratio", "score"};
    sv_column *columns = sv_arena_array(arena, N_COLUMNS, sizeof *columns);
    uint32_t random = 1;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        double *values = sv_column_alloc(arena, SAVOR_FLOAT64, N_ROWS);
        for (size_t i = 0; i < N_ROWS; i++) {
            random = random * 1664525u + 1013904223u;
            values[i] = (double)(random >> 8) / (1 << 20) - 4.0;
        }
        columns[c] = (sv_column){sv_label_text(sv_str_of(NAMES[c])), SAVOR_FLOAT64, values};
    }
    return (sv_frame){.n_rows = N_ROWS, .n_columns = N_COLUMNS, .columns = columns};
}

static void test_blocks(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"xgb-squarederror-v3", "lgb-reg-sqrt-v3"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        savor_model *model = load_model(NAMES[i], SAVOR_CSV_FLOATS_AUTO);
        sv_payload whole, parts;
        savor_error err = {.status = SAVOR_OK};
        sv_arena arena;
        sv_arena_init(&arena, (size_t)1 << 28);
        sv_request request = {.payload = {.kind = SV_PAYLOAD_FRAME, .frame = make_frame(&arena)}};
        assert_int_equal(sv_model_answer(model, &request, false, &arena, &whole, &err), SAVOR_OK);
        request.deadline_us = INT64_MAX;
        assert_int_equal(sv_model_answer(model, &request, false, &arena, &parts, &err), SAVOR_OK);
        assert_int_equal(parts.kind, SV_PAYLOAD_TENSOR);
        assert_int_equal(parts.tensor.dtype, whole.tensor.dtype);
        assert_int_equal(parts.tensor.n_dims, whole.tensor.n_dims);
        assert_int_equal(parts.tensor.shape[0], N_ROWS);
        assert_int_equal(parts.tensor.n_items, whole.tensor.n_items);
        assert_memory_equal(parts.tensor.data, whole.tensor.data,
                            whole.tensor.n_items * sv_dtype_size(whole.tensor.dtype));
        sv_arena_deinit(&arena);
        savor_model_free(model);
    }
}

static void test_late(void **state)
{
    (void)state;
    savor_model *model = load_model("xgb-squarederror-v3", SAVOR_CSV_FLOATS_AUTO);
    sv_payload out;
    savor_error err;
    sv_arena arena;
    sv_arena_init(&arena, (size_t)1 << 28);
    sv_request request = {.payload = {.kind = SV_PAYLOAD_FRAME, .frame = make_frame(&arena)}};
    request.deadline_us = sv_clock_monotonic_us() - 1;
    assert_int_equal(sv_model_answer(model, &request, false, &arena, &out, &err), SAVOR_TIMEOUT);
    assert_string_equal(err.message, "Request processing time exceeded limit");
    sv_arena_deinit(&arena);
    savor_model_free(model);
}

/* A body that no machine reads in a millisecond. */
static void test_timeout(void **state)
{
    (void)state;
    savor_model *model = load_model("xgb-squarederror-v3", SAVOR_CSV_FLOATS_AUTO);
    savor_score_options options = {.size = sizeof options, .timeout_ms = 1};
    savor_scorer *scorer;
    savor_response out;
    sv_buf body = SV_BUF_INIT(1 << 26);
    sv_buf_put_text(&body, "age,income,balance,tenure,ratio,score\n");
    for (int i = 0; i < 200000; i++)
        sv_buf_put_text(&body, "1.25,2.5,3.125,4.75,5.5,6.25\n");
    assert_int_equal(savor_scorer_new(model, &options, &scorer, NULL), SAVOR_OK);
    savor_request request = {"text/csv", 8, body.p, body.n, NULL, 0};
    assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_TIMEOUT);
    assert_int_equal(out.http_status, 504);
    assert_string_equal(out.content_type, "application/json");
    assert_string_equal(out.body, "Request processing time exceeded limit");
    savor_scorer_free(scorer);
    sv_buf_deinit(&body);
    savor_model_free(model);
}

static savor_response ask(savor_scorer *scorer, const char *accept)
{
    static const char BODY[] = "age,income,balance,tenure,ratio,score\n1.25,2.5,3.125,4.75,5.5,6.25\n";
    savor_request request = {"text/csv", 8, BODY, sizeof BODY - 1, accept, accept ? strlen(accept) : 0};
    savor_response out;
    assert_int_equal(savor_scorer_score(scorer, &request, &out), SAVOR_OK);
    assert_int_equal(out.http_status, 200);
    return out;
}

/* The type says what the bytes are, in each form; a forced profile has but one. */
static void test_accept(void **state)
{
    (void)state;
    static const char ARROW[] = "application/vnd.apache.arrow.stream";
    for (int forced = 0; forced < 2; forced++) {
        savor_load_options options = {.size = sizeof options,
                                      .profile = forced ? SAVOR_PROFILE_3 : SAVOR_PROFILE_AUTO};
        savor_model *model;
        savor_scorer *scorer;
        assert_int_equal(savor_model_load(MODELS "xgb-squarederror-v3/model", &options, &model, NULL), SAVOR_OK);
        assert_int_equal(savor_scorer_new(model, NULL, &scorer, NULL), SAVOR_OK);
        savor_response out = ask(scorer, NULL);
        assert_string_equal(out.content_type, "application/json");
        out = ask(scorer, "text/csv");
        assert_string_equal(out.content_type, forced ? "application/json" : "text/csv");
        assert_memory_equal(out.body, forced ? "{\"" : "0\n", 2);
        out = ask(scorer, ARROW);
        assert_string_equal(out.content_type, forced ? "application/json" : ARROW);
        assert_memory_equal(out.body, forced ? "{\"pr" : "\xff\xff\xff\xff", 4);
        savor_scorer_free(scorer);
        savor_model_free(model);
    }
}

static void test_csv_floats(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        savor_csv_floats csv_floats;
        bool is_exact;
    } ROWS[] = {
        {"xgb-squarederror-v3", SAVOR_CSV_FLOATS_AUTO, true},
        {"xgb-squarederror-v3", SAVOR_CSV_FLOATS_PANDAS2, false},
        {"xgb-softprob-v1", SAVOR_CSV_FLOATS_AUTO, false},
        {"xgb-softprob-v1", SAVOR_CSV_FLOATS_EXACT, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        savor_model *model = load_model(ROWS[i].name, ROWS[i].csv_floats);
        assert_int_equal(model->profile.exact_csv, ROWS[i].is_exact);
        savor_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks), cmocka_unit_test(test_late),       cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_accept), cmocka_unit_test(test_csv_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
