/* enforce_test.c: what enforcement takes and refuses, and the words it refuses with. Words as MLflow 3.17 has them.
 */
#include "model/enforce.h"

#include "base/alloc.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>

static const double DOUBLES[] = {1.5, 2.5}, HOLED[] = {1, NAN}, FRACTION[] = {1.5, NAN};
static const int64_t INTS[] = {5, 7}, FLAGS[] = {0, 1};
static const int32_t SHORT_INTS[] = {5, 7};

static sv_column column_of(const char *name, savor_dtype dtype, const void *data)
{
    return (sv_column){sv_label_text(sv_str_of(name)), dtype, data};
}

/* One frame of two rows against a schema; the result stays in the arena. */
static savor_status enforce(const char *schema_text, const sv_column *columns, size_t n,
                            const sv_enforce_rules *rules, sv_arena *arena, sv_frame *out, savor_error *err)
{
    const sv_schema *schema;
    sv_payload in = {.kind = SV_PAYLOAD_FRAME, .frame = {.n_rows = 2, .n_columns = n, .columns = columns}},
               enforced = {.kind = SV_PAYLOAD_FRAME};
    *err = (savor_error){.status = SAVOR_OK};
    savor_status st = sv_schema_read(sv_str_of(schema_text), arena, &schema, err);
    if (!st)
        st = sv_enforce(&in, schema, rules, arena, &enforced, err);
    *out = enforced.frame;
    return st;
}

#define AB "[{\"type\": \"double\", \"name\": \"a\"}, {\"type\": \"double\", \"name\": \"b\"}]"

static void test_names(void **state)
{
    (void)state;
    sv_arena arena;
    sv_frame out;
    savor_error err;
    sv_enforce_rules rules = {.era = SV_ERA_3, .pandas_major = 3}, hidden = rules;
    sv_column columns[] = {column_of("b", SAVOR_FLOAT64, DOUBLES), column_of("zz", SAVOR_FLOAT64, DOUBLES),
                           column_of("a", SAVOR_FLOAT64, HOLED)};
    hidden.hide_details = true;
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce(AB, columns, 3, &rules, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.n_columns, 2); /* in schema order, without the extra one */
    assert_ptr_equal(out.columns[0].data, HOLED);
    assert_ptr_equal(out.columns[1].data, DOUBLES);
    assert_int_equal(enforce(AB, columns, 2, &rules, &arena, &out, &err), SAVOR_SCHEMA);
    assert_string_equal(err.message, "Model is missing inputs ['a']. Note that there were extra inputs: ['zz'].");
    assert_int_equal(enforce(AB, columns, 1, &rules, &arena, &out, &err), SAVOR_SCHEMA);
    assert_string_equal(err.message, "Model is missing inputs ['a'].");
    assert_int_equal(enforce(AB, columns, 2, &hidden, &arena, &out, &err), SAVOR_SCHEMA);
    assert_string_equal(err.message,
                        "Input schema validation failed. Mismatched or missing input(s). Note that there "
                        "were extra inputs provided.");
    columns[1].name = columns[0].name;
    assert_int_equal(enforce(AB, columns, 3, &rules, &arena, &out, &err), SAVOR_SCHEMA); /* b twice */
    sv_arena_deinit(&arena);
}

typedef struct row {
    const char *type;
    savor_dtype dtype;
    const void *data;
    sv_era era;
    savor_status status;
    savor_dtype result;
    const char *message;
} row;

#define HINT                                                                                                    \
    " Hint: the type mismatch is likely caused by missing values. Integer columns in python can not represent " \
    "missing values and are therefore encoded as floats."

static void test_types(void **state)
{
    (void)state;
    static const row ROWS[] = {
        {"double", SAVOR_INT32, SHORT_INTS, SV_ERA_3, SAVOR_OK, SAVOR_FLOAT64, ""},
        {"double", SAVOR_INT64, INTS, SV_ERA_3, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert int64 to float64."},
        {"double", SAVOR_INT64, FLAGS, SV_ERA_2, SAVOR_OK, SAVOR_FLOAT64, ""},
        {"double", SAVOR_INT64, FLAGS, SV_ERA_1, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert int64 to float64."},
        {"long", SAVOR_INT32, SHORT_INTS, SV_ERA_3, SAVOR_OK, SAVOR_INT64, ""},
        {"integer", SAVOR_INT64, INTS, SV_ERA_3, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert int64 to int32."},
        {"float", SAVOR_FLOAT64, DOUBLES, SV_ERA_3, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert float64 to float32."},
        {"long", SAVOR_FLOAT64, HOLED, SV_ERA_3, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert float64 to int64." HINT},
        {"long", SAVOR_FLOAT64, FRACTION, SV_ERA_3, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert float64 to int64."},
        {"string", SAVOR_INT64, INTS, SV_ERA_3, SAVOR_SCHEMA, 0,
         "Incompatible input types for column x. Can not safely convert int64 to <U0."},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        sv_arena arena;
        sv_frame out;
        savor_error err;
        char schema[80];
        sv_enforce_rules rules = {.era = ROWS[i].era, .pandas_major = (int)ROWS[i].era + 1};
        sv_column column = column_of("x", ROWS[i].dtype, ROWS[i].data);
        (void)snprintf(schema, sizeof schema, "[{\"type\": \"%s\", \"name\": \"x\"}]", ROWS[i].type);
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(enforce(schema, &column, 1, &rules, &arena, &out, &err), ROWS[i].status);
        assert_string_equal(err.message, ROWS[i].message);
        if (!ROWS[i].status)
            assert_int_equal(out.columns[0].dtype, ROWS[i].result);
        sv_arena_deinit(&arena);
    }
}

/* Without names only the count is looked at. */
static void test_unnamed(void **state)
{
    (void)state;
    sv_arena arena;
    sv_frame out;
    savor_error err;
    sv_enforce_rules rules = {.era = SV_ERA_3, .pandas_major = 3};
    sv_column columns[] = {column_of("q", SAVOR_FLOAT64, DOUBLES), column_of("r", SAVOR_FLOAT64, DOUBLES)};
    sv_arena_init(&arena, 1 << 20);
    assert_int_equal(enforce("[{\"type\": \"double\"}]", columns, 2, &rules, &arena, &out, &err), SAVOR_OK);
    assert_int_equal(out.n_columns, 1);
    assert_int_equal(
        enforce("[{\"type\": \"double\"}, {\"type\": \"double\"}]", columns, 1, &rules, &arena, &out, &err),
        SAVOR_SCHEMA);
    sv_arena_deinit(&arena);
}

/* Which rows keep their labels: MLflow 2 makes nested columns without, 1.x puts nothing beside an empty index. */
static void test_labels(void **state)
{
    (void)state;
    static const struct {
        const char *schema;
        sv_era era;
        size_t n_rows;
        bool is_kept;
    } ROWS[] = {
        {AB, SV_ERA_1, 2, true},
        {AB, SV_ERA_1, 0, false},
        {AB, SV_ERA_2, 0, true},
        {AB, SV_ERA_3, 2, true},
        {"[{\"type\": \"double\"}]", SV_ERA_2, 2, true},
        {"[{\"type\": \"any\", \"name\": \"a\"}]", SV_ERA_2, 2, false},
        {"[{\"type\": \"any\", \"name\": \"a\"}]", SV_ERA_3, 2, true},
        {"[{\"type\": \"any\", \"name\": \"a\"}, {\"type\": \"double\", \"name\": \"b\"}]", SV_ERA_2, 2, true},
        {"[{\"type\": \"any\"}]", SV_ERA_2, 2, false},
    };
    static const int64_t NUMBERS[] = {7, 5};
    const sv_column level = {.dtype = SAVOR_INT64, .data = NUMBERS};
    const sv_row_labels labels = {SV_ROWS_LIST, 1, &level};
    sv_column columns[] = {column_of("a", SAVOR_FLOAT64, DOUBLES), column_of("b", SAVOR_FLOAT64, DOUBLES)};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const sv_schema *schema;
        sv_arena arena;
        savor_error err;
        sv_enforce_rules rules = {.era = ROWS[i].era, .pandas_major = (int)ROWS[i].era};
        sv_payload out, in = {.kind = SV_PAYLOAD_FRAME, .frame = {ROWS[i].n_rows, 2, columns, &labels, 0, false}};
        sv_arena_init(&arena, 1 << 20);
        assert_int_equal(sv_schema_read(sv_str_of(ROWS[i].schema), &arena, &schema, &err), SAVOR_OK);
        assert_int_equal(sv_enforce(&in, schema, &rules, &arena, &out, &err), SAVOR_OK);
        assert_ptr_equal(out.frame.labels, ROWS[i].is_kept ? &labels : NULL);
        assert_int_equal(out.frame.naming, SV_NAMING_DICT);
        sv_arena_deinit(&arena);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    sv_enforce_rules rules = {.era = SV_ERA_3, .pandas_major = 3};
    sv_column columns[] = {column_of("b", SAVOR_INT32, SHORT_INTS), column_of("a", SAVOR_INT32, SHORT_INTS)};
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st; n++) {
        sv_arena arena;
        sv_frame out;
        savor_error err;
        assert_true(n < 100);
        sv_arena_init(&arena, 1 << 20);
        sv_alloc_fail_after(n);
        st = enforce(AB, columns, 2, &rules, &arena, &out, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
        sv_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_types),
                                       cmocka_unit_test(test_unnamed), cmocka_unit_test(test_no_memory),
                                       cmocka_unit_test(test_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
