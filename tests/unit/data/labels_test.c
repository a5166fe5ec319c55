/* labels_test.c: labels are found in order, out of order, twice, as numbers, and without memory. */
#include "data/labels.h"

#include "base/alloc.h"
#include "unit/test.h"

static sv_label text_label(const char *text) { return sv_label_text(sv_str_of(text)); }

static size_t find(sv_labels *labels, sv_label name)
{
    size_t at = 12345;
    assert_int_equal(sv_labels_find(labels, &name, &at, NULL), SAVOR_OK);
    return at;
}

static void test_find(void **state)
{
    (void)state;
    sv_arena arena;
    sv_labels labels;
    sv_label names[] = {text_label("a"), text_label("b"), sv_label_number(0), text_label("b"), text_label("")};
    sv_arena_init(&arena, 1 << 16);
    sv_labels_init(&labels, names, sizeof *names, 5, &arena);
    assert_int_equal(find(&labels, text_label("a")), 0);
    assert_int_equal(find(&labels, text_label("b")), 1);
    assert_int_equal(find(&labels, text_label("a")), 0); /* back: the index is made */
    assert_int_equal(find(&labels, sv_label_number(0)), 2);
    assert_int_equal(find(&labels, text_label("")), 4);
    assert_int_equal(find(&labels, text_label("b")), 1); /* the first of two */
    assert_true(find(&labels, text_label("0")) == SV_LABEL_NONE);
    assert_true(find(&labels, sv_label_number(1)) == SV_LABEL_NONE);
    assert_true(find(&labels, text_label("zz")) == SV_LABEL_NONE);
    sv_labels_init(&labels, NULL, sizeof *names, 0, &arena);
    assert_true(find(&labels, text_label("a")) == SV_LABEL_NONE);
    sv_arena_deinit(&arena);
}

/* null is neither "None" nor a number. */
static void test_others(void **state)
{
    (void)state;
    sv_arena arena;
    sv_labels labels;
    sv_label none = sv_label_other(SV_STR("None"));
    sv_label names[] = {text_label("a"), none, text_label("None")};
    sv_arena_init(&arena, 1 << 16);
    sv_labels_init(&labels, names, sizeof *names, 3, &arena);
    assert_int_equal(find(&labels, text_label("None")), 2);
    assert_int_equal(find(&labels, none), 1);
    assert_true(find(&labels, sv_label_other(SV_STR("a"))) == SV_LABEL_NONE);
    assert_false(sv_label_is_text(&none) || sv_label_is_number(&none));
    sv_arena_deinit(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    sv_arena arena;
    sv_labels labels;
    sv_label names[] = {text_label("a"), text_label("b")}, b = text_label("b");
    size_t at;
    sv_arena_init(&arena, 1 << 16);
    sv_labels_init(&labels, names, sizeof *names, 2, &arena);
    sv_alloc_fail_after(0);
    assert_int_equal(sv_labels_find(&labels, &b, &at, NULL), SAVOR_NOMEM);
    sv_alloc_fail_after(-1);
    assert_int_equal(sv_labels_find(&labels, &b, &at, NULL), SAVOR_OK);
    assert_int_equal(at, 1);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_others),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
