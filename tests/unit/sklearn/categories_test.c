/* categories_test.c: which category a value is; unknown and rare ones. The answers are OneHotEncoder's of 1.5.2. */
#include "sklearn/categories.h"
#include "unit/sklearn/records.h"

#include "unit/arena.h" /* last: it names what the others call their argument */

#include <math.h>

static sv_loader loader = {.arena = &arena};

static sv_value text(const char *s) { return (sv_value){.kind = SV_VALUE_STRING, .n = strlen(s), .u.p = s}; }
static sv_value number(double f) { return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = f}; }
static sv_value integer(int64_t i) { return (sv_value){.kind = SV_VALUE_INT, .u.i = i}; }

static size_t find(const sv_categories *c, sv_value v) { return sv_categories_find(c, &v); }

static void test_numbers(void **state)
{
    (void)state;
    static const double values[] = {-1.5, 0.0, 2.0, NAN};
    sv_categories c;
    assert_int_equal(sv_categories_load(&loader, record_array(&arena, SAVOR_FLOAT64, 4, 0, values), &c, NULL),
                     SAVOR_OK);
    assert_true(c.n == 4 && find(&c, number(-1.5)) == 0 && find(&c, number(-0.0)) == 1 && find(&c, integer(2)) == 2);
    assert_true(find(&c, (sv_value){.kind = SV_VALUE_BOOL, .u.i = 0}) == 1 && find(&c, number(NAN)) == 3);
    assert_int_equal(find(&c, number(0.5)), SV_CATEGORY_UNKNOWN);
    assert_int_equal(find(&c, text("2")), SV_CATEGORY_UNKNOWN);
    assert_int_equal(find(&c, (sv_value){.kind = SV_VALUE_NONE}), SV_CATEGORY_UNKNOWN);
}

static void test_objects(void **state)
{
    (void)state;
    const sv_record *r = RECORD_LIST(&arena, record_text(&arena, "a"), record_none(&arena), record_float(&arena, NAN),
                                     record_int(&arena, 5));
    sv_categories c;
    assert_int_equal(sv_categories_load(&loader, r, &c, NULL), SAVOR_OK);
    assert_true(find(&c, text("a")) == 0 && find(&c, (sv_value){.kind = SV_VALUE_NONE}) == 1);
    assert_true(find(&c, number(NAN)) == 2 && find(&c, number(5.0)) == 3);
    assert_int_equal(find(&c, text("")), SV_CATEGORY_UNKNOWN);
    assert_int_equal(sv_categories_load(&loader, RECORD_LIST(&arena, r), &c, NULL), SAVOR_UNSUPPORTED);
    assert_true(sv_categories_load(&loader, NULL, &c, NULL) == SAVOR_OK && c.n == 0);
}

static const sv_record *letters(void)
{
    return RECORD_LIST(&arena, record_text(&arena, "a"), record_text(&arena, "b"), record_text(&arena, "c"),
                       record_text(&arena, "d"));
}

/* One column of a, b, c, d, of which b and c are rare. */
static const sv_record *encoder(const char *unknown, const sv_record *mapping, const sv_record *rare)
{
    return record_object(&arena, "sklearn", "OneHotEncoder",
                         RECORD_DICT(&arena, record_text(&arena, "categories_"), RECORD_LIST(&arena, letters()),
                                     record_text(&arena, "handle_unknown"), record_text(&arena, unknown),
                                     record_text(&arena, "_infrequent_enabled"), record_bool(&arena, mapping != NULL),
                                     record_text(&arena, "_default_to_infrequent_mappings"),
                                     RECORD_LIST(&arena, mapping ? mapping : record_none(&arena)),
                                     record_text(&arena, "_infrequent_indices"),
                                     RECORD_LIST(&arena, rare ? rare : record_none(&arena))));
}

static savor_status encode(const sv_encoder *e, const sv_value *cells, size_t n, size_t **codes, savor_error *err)
{
    const sv_column column = {.dtype = SAVOR_OBJECT, .data = cells};
    const sv_batch in = {.kind = SV_BATCH_FRAME, .frame = {.n_rows = n, .n_columns = 1, .columns = &column}};
    return sv_encoder_encode(e, &in, NULL, &arena, codes, err);
}

static const sv_estimator_class one_hot = {.name = "OneHotEncoder"};

static void test_unknown(void **state)
{
    (void)state;
    const sv_value cells[] = {text("d"), text("q")}, infinite[] = {number(INFINITY)};
    sv_encoder refuses = {.base.cls = &one_hot}, ignores = {.base.cls = &one_hot};
    savor_error err;
    size_t *codes;
    assert_int_equal(sv_encoder_load(&loader, encoder("error", NULL, NULL), &refuses, NULL), SAVOR_OK);
    assert_int_equal(sv_encoder_load(&loader, encoder("ignore", NULL, NULL), &ignores, NULL), SAVOR_OK);
    assert_int_equal(encode(&refuses, cells, 2, &codes, &err), SAVOR_MODEL);
    assert_non_null(strstr(err.message, "Found unknown categories ['q'] in column 0 during transform"));
    assert_int_equal(encode(&ignores, cells, 2, &codes, NULL), SAVOR_OK);
    assert_true(codes[0] == 3 && codes[1] == SV_CATEGORY_UNKNOWN);
    assert_int_equal(encode(&ignores, infinite, 1, &codes, NULL), SAVOR_OK); /* refused in columns of floats alone */
    assert_true(codes[0] == SV_CATEGORY_UNKNOWN);
    assert_int_equal(encode(&ignores, cells, 0, &codes, NULL), SAVOR_MODEL);
}

/* _default_to_infrequent_mappings [0, 2, 2, 1], _infrequent_indices [1, 2]: b, c and unknown ones share the last. */
static void test_rare(void **state)
{
    (void)state;
    static const int64_t groups[] = {0, 2, 2, 1}, rare[] = {1, 2}, outside[] = {0, 4, 2, 1};
    const sv_record *mapping = record_array(&arena, SAVOR_INT64, 4, 0, groups);
    const sv_record *indices = record_array(&arena, SAVOR_INT64, 2, 0, rare);
    const sv_value cells[] = {text("a"), text("b"), text("zz"), text("d")};
    static const size_t want[] = {0, 2, 2, 1};
    sv_encoder e = {.base.cls = &one_hot};
    size_t *codes;
    assert_int_equal(sv_encoder_load(&loader, encoder("infrequent_if_exist", mapping, indices), &e, NULL), SAVOR_OK);
    assert_int_equal(encode(&e, cells, 4, &codes, NULL), SAVOR_OK);
    assert_memory_equal(codes, want, sizeof want);
    mapping = record_array(&arena, SAVOR_INT64, 4, 0, outside);
    assert_int_equal(sv_encoder_load(&loader, encoder("ignore", mapping, indices), &e, NULL), SAVOR_FORMAT);
    mapping = record_array(&arena, SAVOR_INT64, 3, 0, groups);
    assert_int_equal(sv_encoder_load(&loader, encoder("ignore", mapping, indices), &e, NULL), SAVOR_FORMAT);
}

static void test_refused(void **state)
{
    (void)state;
    const sv_record *empty = record_items(&arena, SV_RECORD_LIST, 0, NULL);
    const sv_record *states[] = {
        RECORD_DICT(&arena, record_text(&arena, "categories_"), empty),
        RECORD_DICT(&arena, record_text(&arena, "categories_"), RECORD_LIST(&arena, empty)),
        RECORD_DICT(&arena, record_text(&arena, "categories_"), RECORD_LIST(&arena, letters(), letters())),
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        sv_encoder e = {.base = {.cls = &one_hot, .n_features_in = 1}};
        const sv_record *r = record_object(&arena, "sklearn", "OneHotEncoder", states[i]);
        assert_int_equal(sv_encoder_load(&loader, r, &e, NULL), SAVOR_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rare, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
