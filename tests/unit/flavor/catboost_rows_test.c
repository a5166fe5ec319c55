#include "flavor/catboost_rows.h"
#include "unit/test.h"

/* Numbers a (place 0) and b (place 2), category c (place 1); verdicts as CatBoost's Pool and its check of names. */
static const sv_catboost_input FLOATS[] = {{0, {"a", 1}}, {2, {"b", 1}}};
static const sv_catboost_input CATEGORIES[] = {{1, {"c", 1}}};
static const size_t PLACES[] = {1};
static const double DATA[][2] = {{1, 2}, {3, 4}, {5, 6}};
static const int64_t INTS[] = {7, 8};

static sv_catboost make(void)
{
    sv_catboost m = {.floats = FLOATS, .categories = CATEGORIES, .n_category_columns = 1, .category_columns = PLACES};
    m.formula.n_floats = 2;
    m.formula.n_categories = 1;
    return m;
}

/* Columns named by the letters of `names`; the one at `category` holds integers, the others DATA in order. */
static savor_status read(const sv_catboost *m, const char *names, size_t category, sv_arena *arena,
                         catboost_rows *out, savor_error *err)
{
    sv_column columns[8];
    size_t n = strlen(names), k = 0;
    for (size_t i = 0; i < n; i++) {
        columns[i] = (sv_column){.name = sv_label_text((sv_str){names + i, 1}), .dtype = SAVOR_FLOAT64};
        columns[i].data = i == category ? NULL : DATA[k++ % 3];
        if (i == category)
            columns[i] = (sv_column){.name = columns[i].name, .dtype = SAVOR_INT64, .data = INTS};
    }
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 2, .n_columns = n, .columns = columns}};
    return sv_catboost_rows_read(m, &in, arena, out, err);
}

static void names_may_stand_in_any_order(void **state)
{
    (void)state;
    sv_catboost m = make();
    catboost_rows rows;
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    assert_int_equal(read(&m, "acb", 1, &arena, &rows, NULL), SAVOR_OK);
    assert_true(rows.n_rows == 2 && rows.floats[0][1] == 2 && rows.floats[1][0] == 3 && rows.categories[0][0] != 0);
    assert_int_equal(read(&m, "bca", 1, &arena, &rows, NULL), SAVOR_OK);
    assert_true(rows.floats[0][0] == 3 && rows.floats[1][0] == 1);
    assert_int_equal(read(&m, "acbz", 1, &arena, &rows, NULL), SAVOR_OK);
    sv_arena_deinit(&arena);
}

static void misfits_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        size_t category;
        const char *message;
    } ROWS[] = {
        {"ac", 1, "Feature b is present in model but not in pool."},
        {"acx", 1, "At position 2 should be feature with name b (found x)."},
        {"a", 9, "Invalid cat_features[0] = 1 value: index must be < 1."},
        {"acba", 1, "All feature names should be different, but 'a' used more than once."},
        {"", 9, "Input data must have at least one feature"},
        {"abc", 1, "Feature b is Float in model but marked different in the dataset"},
    };
    sv_catboost m = make();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        catboost_rows rows;
        sv_arena arena;
        savor_error err = {0};
        sv_arena_init(&arena, SIZE_MAX);
        assert_int_equal(read(&m, ROWS[i].names, ROWS[i].category, &arena, &rows, &err), SAVOR_MODEL);
        assert_string_equal(err.message, ROWS[i].message);
        sv_arena_deinit(&arena);
    }
}

static void real_numbers_are_no_categories(void **state)
{
    (void)state;
    sv_catboost m = make();
    catboost_rows rows;
    sv_arena arena;
    savor_error err = {0};
    sv_arena_init(&arena, SIZE_MAX);
    assert_int_equal(read(&m, "acb", 9, &arena, &rows, &err), SAVOR_MODEL);
    assert_non_null(strstr(err.message, "cat_features must be integer or string"));
    sv_arena_deinit(&arena);
}

static void arrays_go_by_place(void **state)
{
    (void)state;
    const int64_t cells[] = {1, 7, 2, 3, 8, 4};
    const sv_value list[] = {
        {.kind = SV_VALUE_INT, .u.i = 1}, {.kind = SV_VALUE_INT, .u.i = 7}, {.kind = SV_VALUE_NONE}};
    sv_catboost m = make();
    catboost_rows rows;
    sv_arena arena;
    sv_arena_init(&arena, SIZE_MAX);
    sv_payload in = {.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_INT64, 2, 3, cells)};
    assert_int_equal(sv_catboost_rows_read(&m, &in, &arena, &rows, NULL), SAVOR_OK);
    assert_true(!rows.is_single && rows.floats[0][1] == 3 && rows.floats[1][1] == 4);
    in.tensor = sv_tensor_view(SAVOR_INT64, 3, 0, cells);
    assert_int_equal(sv_catboost_rows_read(&m, &in, &arena, &rows, NULL), SAVOR_OK);
    assert_true(rows.is_single && rows.n_rows == 1 && rows.floats[1][0] == 2);
    in = (sv_payload){.kind = SV_PAYLOAD_VALUE, .value = {.kind = SV_VALUE_LIST, .n = 3, .u.items = list}};
    assert_int_equal(sv_catboost_rows_read(&m, &in, &arena, &rows, NULL), SAVOR_OK);
    assert_true(rows.is_single && rows.floats[1][0] != rows.floats[1][0]);
    in = (sv_payload){.kind = SV_PAYLOAD_NAMED};
    assert_int_equal(sv_catboost_rows_read(&m, &in, &arena, &rows, NULL), SAVOR_MODEL);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_stand_in_any_order),
        cmocka_unit_test(misfits_are_refused),
        cmocka_unit_test(real_numbers_are_no_categories),
        cmocka_unit_test(arrays_go_by_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
