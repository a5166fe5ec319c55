/* json_frame_test.c: frames that pandas makes of JSON: shapes, labels, dtypes, and what it refuses. */
#include "request/json_frame.h"

#include "unit/test.h"

#include <math.h>
#include <stdio.h>

static const sv_json_frame_rules PANDAS_3 = {.pandas_major = 3},
                                 READ_JSON = {.pandas_major = 1, .is_read_json = true};

/* "name:dtype name:dtype N rows", or the refusal. */
static const char *show(const char *body, const sv_json_frame_rules *rules, sv_arena *arena, sv_frame *out)
{
    static char text[300];
    const sv_json *v;
    savor_error err = {.status = SAVOR_OK};
    sv_arena_init(arena, 1 << 20);
    assert_int_equal(sv_json_parse(sv_str_of(body), &SV_JSON_LIMITS, arena, &v, NULL, &err), SAVOR_OK);
    savor_status st = v->kind == SV_JSON_ARRAY ? sv_frame_from_records(v, rules, arena, out, &err)
                                               : sv_frame_from_split(v, rules, arena, out, &err);
    if (st) {
        assert_int_equal(st, SAVOR_BAD_REQUEST);
        snprintf(text, sizeof text, "refused");
        return text;
    }
    size_t n = 0;
    for (size_t c = 0; c < out->n_columns; c++) {
        char room[24];
        sv_str name = sv_label_show(&out->columns[c].name, room);
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s%s:%s ", SV_FMT(name),
                              sv_label_is_number(&out->columns[c].name) ? "#" : "",
                              savor_dtype_name(out->columns[c].dtype));
    }
    snprintf(text + n, sizeof text - n, "%zu rows", out->n_rows);
    return text;
}

typedef struct row {
    const char *body, *shown;
} row;

static void check(const row *rows, size_t n, const sv_json_frame_rules *rules)
{
    for (size_t i = 0; i < n; i++) {
        sv_arena arena;
        sv_frame frame;
        assert_string_equal(show(rows[i].body, rules, &arena, &frame), rows[i].shown);
        sv_arena_deinit(&arena);
    }
}

static void test_split(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"{\"columns\": [\"a\", \"b\"], \"data\": [[1, \"x\"], [2, null]]}", "a:int64 b:str 2 rows"},
        {"{\"data\": [[1, 2.5]]}", "0#:int64 1#:float64 1 rows"},
        {"{\"columns\": [\"a\"], \"data\": []}", "a:object 0 rows"},
        {"{\"columns\": null, \"data\": [[true]]}", "0#:bool 1 rows"},
        {"{\"columns\": [1, \"1\"], \"data\": [[1, 2]]}", "1#:int64 1:int64 1 rows"},
        {"{\"data\": [[1], [2, 3]]}", "0#:int64 1#:float64 2 rows"},
        {"{\"data\": [1, 2]}", "0#:int64 2 rows"},
        {"{\"data\": {\"a\": [1, 2], \"b\": 3}}", "a:int64 b:int64 2 rows"},
        {"{\"data\": [[18446744073709551615, [1]]]}", "0#:uint64 1#:object 1 rows"},
        {"{\"columns\": [\"a\"], \"data\": [[1, 2]]}", "refused"},
        {"{\"columns\": \"a\", \"data\": [[1]]}", "refused"},
        {"{\"data\": 5}", "refused"},
        {"{\"data\": [[1], 2]}", "refused"},
        {"{\"data\": [[1]], \"index\": [0, 1]}", "0#:int64 2 rows"}, /* pandas repeats a single row */
        {"{\"data\": [[1], [2]], \"index\": [0]}", "refused"},
        {"{\"data\": {\"a\": [1]}, \"index\": [0, 1]}", "a:int64 2 rows"},
        {"{\"data\": [[1]], \"index\": []}", "0#:object 0 rows"},
        {"{\"columns\": [\"a\"], \"data\": [], \"index\": [5, 6]}", "a:object 2 rows"}, /* of no type */
        {"{\"data\": [[1], [2]], \"index\": [[0, 1], [0]]}", "refused"},
        {"{\"data\": [5], \"index\": [0, 1]}", "refused"},
        {"{\"data\": {\"a\": [1, 2], \"b\": [3]}}", "refused"},
        {"{\"data\": {\"a\": 1}}", "refused"},
    };
    check(ROWS, sizeof ROWS / sizeof ROWS[0], &PANDAS_3);
}

static void test_records(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"[{\"a\": 1, \"b\": 2}, {\"b\": 3, \"c\": \"x\"}]", "a:float64 b:int64 c:str 2 rows"},
        {"[{\"a\": 1, \"a\": 2.5}]", "a:float64 1 rows"},
        {"[{\"\": 1}]", ":int64 1 rows"},
        {"[]", "0 rows"},
        {"[{}]", "1 rows"},
        {"[[1, 2], [3, 4]]", "0#:int64 1#:int64 2 rows"},
        {"[{\"a\": 1}, 2]", "refused"},
    };
    check(ROWS, sizeof ROWS / sizeof ROWS[0], &PANDAS_3);
}

/* pandas 1.5 read_json: labels that are numbers, dates by name, NaN as null. */
static void test_read_json(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"{\"columns\": [\"0\", \"1\"], \"data\": [[1, \"x\"]]}", "0#:int64 1#:object 1 rows"},
        {"{\"columns\": [\"0\", \"a\"], \"data\": [[1, 2]]}", "0:int64 a:int64 1 rows"},
        {"[{\"date\": 1512345678, \"modified_at\": 1512345678, \"a\": 1512345678}]",
         "date:datetime64[ns] modified_at:datetime64[ns] a:int64 1 rows"},
        {"[{\"date\": 5}]", "date:int64 1 rows"},
        {"[{\"a\": null}, {\"a\": NaN}]", "a:float64 2 rows"},
    };
    check(ROWS, sizeof ROWS / sizeof ROWS[0], &READ_JSON);
}

static void test_cells(void **state)
{
    (void)state;
    sv_arena arena;
    sv_frame frame;
    (void)show("[{\"a\": -0.0, \"b\": \"\"}, {\"a\": 9007199254740993}]", &PANDAS_3, &arena, &frame);
    const double *a = frame.columns[0].data;
    const sv_str *b = frame.columns[1].data;
    assert_true(signbit(a[0]) && a[1] == 9007199254740992.0);
    assert_true(b[0].p && b[0].n == 0); /* empty is not missing */
    assert_null(b[1].p);
    sv_arena_deinit(&arena);
}

/* The levels' types of the rows' labels, and how they came. */
static const char *show_labels(const sv_row_labels *labels)
{
    static const char *const NAMING[] = {"list", "levels", "columns", "read_json"};
    static char text[100];
    if (!labels)
        return "none";
    size_t n = (size_t)snprintf(text, sizeof text, "%s", NAMING[labels->naming]);
    for (size_t i = 0; i < labels->n_levels; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " %s", savor_dtype_name(labels->levels[i].dtype));
    return text;
}

static void test_labels(void **state)
{
    (void)state;
    static const struct {
        const char *index, *shown;
    } ROWS[] = {
        {"null", "none"},
        {"[0, 1]", "list int64"},
        {"[1.5, 2.5]", "list float64"},
        {"[\"a\", \"\"]", "list str"},
        {"[1, 2.5]", "list object"},
        {"[null, \"a\"]", "list object"},
        {"[true, false]", "list object"},
        {"[[1], 2]", "list object"},
        {"[18446744073709551616, 1]", "list object"},
        {"[[\"a\", \"b\"], [1, 2]]", "levels str int64"},
        {"[[1, 2]]", "levels int64"},
    };
    static const sv_json_frame_rules KEPT = {.pandas_major = 3, .keeps_labels = true},
                                     READ = {.pandas_major = 1, .is_read_json = true, .keeps_labels = true};
    sv_arena arena;
    sv_frame frame;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char body[200];
        snprintf(body, sizeof body, "{\"data\": [[1], [2]], \"index\": %s}", ROWS[i].index);
        assert_string_equal(show(body, &KEPT, &arena, &frame), "0#:int64 2 rows");
        assert_string_equal(show_labels(frame.labels), ROWS[i].shown);
        assert_int_equal(frame.naming, SV_NAMING_COUNT);
        sv_arena_deinit(&arena);
        (void)show(body, &PANDAS_3, &arena, &frame);
        assert_null(frame.labels); /* nobody wants them */
        sv_arena_deinit(&arena);
    }
    (void)show("{\"columns\": [0], \"data\": [[1]], \"index\": [\"2020-01-01\"]}", &READ, &arena, &frame);
    assert_string_equal(show_labels(frame.labels), "read_json str");
    assert_true(frame.is_read_json && frame.naming == SV_NAMING_LIST);
    assert_int_equal(((const sv_str *)frame.labels->levels[0].data)[0].n, 10);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_split), cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_read_json), cmocka_unit_test(test_cells),
                                       cmocka_unit_test(test_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
