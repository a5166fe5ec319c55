#include "format/lightgbm_text.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/dir.h"
#include "unit/test.h"

#include <math.h>
#include <stdio.h>

#define MAX_BYTES ((size_t)64 << 20)

/* Two trees over three features: a categorical and a numeric split, then a leaf alone. */
static const char small[] = "tree\n"
                            "version=v4\n"
                            "num_class=1\n"
                            "num_tree_per_iteration=1\n"
                            "label_index=0\n"
                            "max_feature_idx=2\n"
                            "objective=regression\n"
                            "feature_names=a b=c \"d\"\n"
                            "monotone_constraints=0 0 0\n"
                            "feature_infos=[0:1] none 1:2\n"
                            "\n"
                            "Tree=0\n"
                            "num_leaves=3\n"
                            "num_cat=1\n"
                            "split_feature=2 0\n"
                            "split_gain=1 2\n"
                            "threshold=0 0.5\n"
                            "decision_type=1 8\n"
                            "left_child=1 -1\n"
                            "right_child=-2 -3\n"
                            "leaf_value=1.5 -2 1e2\n"
                            "cat_boundaries=0 2\n"
                            "cat_threshold=6 1\n"
                            "is_linear=0\n"
                            "shrinkage=1\n"
                            "\n"
                            "\n"
                            "Tree=1\n"
                            "num_leaves=1\n"
                            "num_cat=0\n"
                            "leaf_value=0.25\n"
                            "shrinkage=1\n"
                            "\n"
                            "\n"
                            "end of trees\n"
                            "\n"
                            "pandas_categorical:null\n";

/* `text` with each `from` replaced; the caller ends it. */
static sv_buf edit(sv_str text, const char *from, const char *to)
{
    sv_buf out = SV_BUF_INIT(MAX_BYTES);
    size_t n = strlen(from), n_found = 0;
    for (size_t i = 0; i < text.n;)
        if (n > 0 && text.n - i >= n && memcmp(text.p + i, from, n) == 0) {
            sv_buf_put_text(&out, to);
            i += n;
            n_found++;
        } else {
            sv_buf_put_char(&out, text.p[i++]);
        }
    assert_true(n == 0 || n_found > 0);
    return out;
}

static sv_buf file_of(const char *name, const char *suffix)
{
    char path[256];
    sv_dir dir = SV_DIR_CLOSED;
    sv_buf out = SV_BUF_INIT(MAX_BYTES);
    assert_int_equal(sv_dir_open(TEST_DATA "/lightgbm", &dir, NULL), SAVOR_OK);
    snprintf(path, sizeof path, "%s%s", name, suffix);
    assert_int_equal(sv_dir_read(&dir, sv_str_of(path), &out, NULL), SAVOR_OK);
    sv_dir_close(&dir);
    return out;
}

static savor_status predict_row(sv_str text, const double *row, double *out, savor_error *err)
{
    sv_arena arena;
    const sv_lightgbm *model = NULL;
    double copy[3] = {row[0], row[1], row[2]};
    sv_arena_init(&arena, MAX_BYTES);
    savor_status st = sv_lightgbm_read(text, &arena, &model, err);
    if (!st)
        st = sv_lightgbm_predict(model, copy, 1, out, &arena, err);
    sv_arena_deinit(&arena);
    return st;
}

static double answer(sv_str text, double a, double c)
{
    savor_error err = {0};
    double out = NAN, row[3] = {a, 0, c};
    savor_status st = predict_row(text, row, &out, &err);
    if (st)
        print_message("%s: %s\n", err.where, err.message);
    assert_int_equal(st, SAVOR_OK);
    return out;
}

static double answer_edited(const char *from, const char *to, double a, double c)
{
    sv_buf text = edit(sv_str_of(small), from, to);
    double out = answer(sv_buf_view(&text), a, c);
    sv_buf_deinit(&text);
    return out;
}

static void check_status(sv_str text, savor_status expected, const char *message)
{
    savor_error err = {0};
    double row[3] = {0, 0, 0}, out[8];
    savor_status st = predict_row(text, row, out, &err);
    if (st != expected || (message && !strstr(err.message, message)))
        print_message("got %d %s: %s; expected %d %s\n", (int)st, err.where, err.message, (int)expected,
                      message ? message : "");
    assert_int_equal(st, expected);
    if (message)
        assert_non_null(strstr(err.message, message));
}

/* ---- good files ---- */

static void header_is_read(void **state)
{
    (void)state;
    sv_arena arena;
    const sv_lightgbm *m = NULL;
    sv_arena_init(&arena, MAX_BYTES);
    assert_int_equal(sv_lightgbm_read(sv_str_of(small), &arena, &m, NULL), SAVOR_OK);
    assert_true(sv_str_is(m->version, "v4") && sv_str_is(m->objective, "regression"));
    assert_int_equal(m->forest.n_features, 3);
    assert_int_equal(m->forest.n_trees, 2);
    assert_int_equal(m->forest.n_leaves, 4);
    assert_int_equal(m->n_iterations, 2);
    assert_true(sv_str_is(m->feature_names[0], "a") && sv_str_is(m->feature_names[1], "b=c") &&
                sv_str_is(m->feature_names[2], "\"d\""));
    assert_false(m->has_pandas_categories || m->is_averaged || m->has_linear_leaves);
    sv_arena_deinit(&arena);
}

/* Members of the set are 1, 2 and 32; a member goes left. */
static void splits_are_walked(void **state)
{
    (void)state;
    sv_str text = sv_str_of(small);
    assert_true(answer(text, 0.5, 1) == 1.75);
    assert_true(answer(text, 0.51, 2) == 100.25);
    assert_true(answer(text, NAN, 32.9) == 100.25);
    assert_true(answer(text, 0, 3) == -1.75);
    assert_true(answer(text, 0, NAN) == -1.75);
    assert_true(answer(text, 0, -0.5) == -1.75);
    assert_true(answer(text, 0, 4294967297.0) == -1.75);
}

static void other_spellings_are_read(void **state)
{
    (void)state;
    assert_true(answer_edited("\n", "\r\n", 0.5, 1) == 1.75);
    assert_true(answer_edited("version=v4\n", "", 0.5, 1) == 1.75);
    assert_true(answer_edited("num_tree_per_iteration=1\n", "", 0.5, 1) == 1.75);
    assert_true(answer_edited("decision_type=1 8\n", "decision_type=1 10\n", NAN, 1) == 1.75);
    assert_true(answer_edited("end of trees\n\npandas_categorical:null\n", "", 0.5, 1) == 1.75);
    assert_true(answer_edited("max_feature_idx=2\n", "max_feature_idx=2\naverage_output\n", 0.5, 1) == 0.875);
    assert_true(answer_edited("objective=regression\n", "", 0.5, 1) == 1.75);
    assert_true(answer_edited("objective=regression", "objective=none", 0.5, 1) == 1.75);
    assert_true(answer_edited("objective=regression", "objective=rmse", 0.5, 1) == 1.75);
    assert_true(answer_edited("objective=regression", "objective=regression sqrt", 0.5, 3) == -1.75 * 1.75);
    assert_true(answer_edited("objective=regression", "objective=huber sqrt", 0.5, 3) == -1.75);
    assert_true(answer_edited("leaf_value=0.25", "leaf_value=inf", 0.5, 3) == INFINITY);
    assert_true(isnan(answer_edited("leaf_value=0.25", "leaf_value=-NaN", 0.5, 3)));
}

static void pandas_categories_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool has;
        size_t n;
    } cases[] = {
        {"null", false, 0},
        {"[]", true, 0},
        {"[[\"a\", \"b\"], [1, 2], [true]]", true, 3},
        {"[[\"\xc3\xa9\"]]\n[end]", true, 1}, /* the line before the last one counts, too */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_arena arena;
        const sv_lightgbm *m = NULL;
        sv_buf text = edit(sv_str_of(small), "null\n", cases[i].line);
        sv_arena_init(&arena, MAX_BYTES);
        assert_int_equal(sv_lightgbm_read(sv_buf_view(&text), &arena, &m, NULL), SAVOR_OK);
        assert_int_equal(m->has_pandas_categories, cases[i].has);
        assert_int_equal(m->n_pandas_categories, cases[i].n);
        sv_arena_deinit(&arena);
        sv_buf_deinit(&text);
    }
}

/* ---- LightGBM's own answers: tests/data/lightgbm/make.py ---- */

static void check_golden(const char *name)
{
    sv_buf text = file_of(name, ".lgb"), rows = file_of(name, ".rows"), want = file_of(name, ".want");
    sv_arena arena;
    const sv_lightgbm *m = NULL;
    savor_error err = {0};
    sv_arena_init(&arena, MAX_BYTES);
    assert_int_equal(sv_lightgbm_read(sv_buf_view(&text), &arena, &m, &err), SAVOR_OK);
    size_t n_rows = rows.n / sizeof(double) / m->forest.n_features, n = want.n / sizeof(double);
    double *x = sv_arena_array(&arena, rows.n, 1), *expected = sv_arena_array(&arena, want.n, 1);
    double *out = sv_arena_array(&arena, n, sizeof *out);
    assert_int_equal(n, n_rows * m->forest.n_groups);
    memcpy(x, rows.p, rows.n);
    memcpy(expected, want.p, want.n);
    assert_int_equal(sv_lightgbm_predict(m, x, n_rows, out, &arena, &err), SAVOR_OK);
    /* Only where the C library's exp enters, another C library may round another way. */
    bool is_exact = m->link.kind == SV_LIGHTGBM_IDENTITY || m->link.kind == SV_LIGHTGBM_SIGNED_SQUARE;
    for (size_t i = 0; i < n; i++) {
        double most = is_exact ? 0 : 1e-14 * fabs(expected[i]);
        if (!(fabs(out[i] - expected[i]) <= most) && !(isnan(out[i]) && isnan(expected[i])))
            fail_msg("%s: value %zu was %.17g, expected %.17g", name, i, out[i], expected[i]);
    }
    sv_arena_deinit(&arena);
    sv_buf_deinit(&text);
    sv_buf_deinit(&rows);
    sv_buf_deinit(&want);
}

static void library_answers_are_met(void **state)
{
    (void)state;
    static const char *const names[] = {
        "binary-v3",  "binary-v4",     "cross-entropy-lambda-v4",
        "forest-v4",  "l1-sqrt-v4",    "linear-v3",
        "linear-v4",  "no-missing-v4", "ova-v4",
        "poisson-v4", "rank-v4",       "sets-v3",
        "sets-v4",    "softmax-v3",    "softmax-v4",
        "zero-v4",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_golden(names[i]);
}

/* ---- damaged files ---- */

static void damage_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        savor_status status;
        const char *message;
    } cases[] = {
        {"tree\nversion", "forest\nversion", SAVOR_FORMAT, "first line"},
        {"version=v4", "version=v5", SAVOR_UNSUPPORTED, "\"v5\""},
        {"num_class=1\n", "", SAVOR_FORMAT, "num_class"},
        {"num_class=1\n", "num_class=0\n", SAVOR_FORMAT, "num_class"},
        {"num_class=1\n", "num_class=2\n", SAVOR_FORMAT, "num_tree_per_iteration"},
        {"num_class=1\nnum_tree_per_iteration=1", "num_class=3\nnum_tree_per_iteration=3", SAVOR_FORMAT, "num_class"},
        {"label_index=0\n", "", SAVOR_FORMAT, "label_index"},
        {"max_feature_idx=2", "max_feature_idx=1", SAVOR_FORMAT, "feature_names held 3"},
        {"max_feature_idx=2", "max_feature_idx=-1", SAVOR_FORMAT, "max_feature_idx"},
        {"max_feature_idx=2", "max_feature_idx=99999999999", SAVOR_FORMAT, "max_feature_idx"},
        {"feature_infos=[0:1] none 1:2", "feature_infos=none", SAVOR_FORMAT, "feature_infos"},
        {"constraints=0 0 0", "constraints=0 0", SAVOR_FORMAT, "monotone_constraints"},
        {"objective=regression", "objective=regressions", SAVOR_UNSUPPORTED, "\"regressions\""},
        {"objective=regression", "objective=", SAVOR_UNSUPPORTED, "objective"},
        {"objective=regression", "objective=binary", SAVOR_FORMAT, "sigmoid"},
        {"objective=regression", "objective=binary sigmoid:-1", SAVOR_FORMAT, "sigmoid"},
        {"objective=regression", "objective=multiclass num_class:3", SAVOR_FORMAT, "num_class"},
        {"objective=regression", "objective=multiclass", SAVOR_FORMAT, "num_class"},
        {"num_leaves=3\n", "", SAVOR_FORMAT, "num_leaves"},
        {"num_leaves=3", "num_leaves=0", SAVOR_FORMAT, "num_leaves"},
        {"num_leaves=3", "num_leaves=2000000000", SAVOR_FORMAT, "leaf_value"},
        {"num_leaves=3", "num_leaves=2", SAVOR_FORMAT, "more than 2"},
        {"num_cat=1\n", "", SAVOR_FORMAT, "num_cat"},
        {"num_cat=1", "num_cat=0", SAVOR_FORMAT, "category set"},
        {"num_cat=1", "num_cat=2000000000", SAVOR_FORMAT, "cat_boundaries"},
        {"split_feature=2 0", "split_feature=3 0", SAVOR_FORMAT, "feature 3"},
        {"split_feature=2 0", "split_feature=-1 0", SAVOR_FORMAT, "\"-1\""},
        {"split_feature=2 0", "split_feature=2", SAVOR_FORMAT, "only 1 numbers"},
        {"threshold=0 0.5", "threshold=1 0.5", SAVOR_FORMAT, "category set 1"},
        {"threshold=0 0.5", "threshold=nan 0.5", SAVOR_FORMAT, "category set"},
        {"threshold=0 0.5", "threshold=0 0.5x", SAVOR_FORMAT, "\"0.5x\""},
        {"threshold=0 0.5\n", "", SAVOR_FORMAT, "threshold"},
        {"decision_type=1 8", "decision_type=1 12", SAVOR_FORMAT, "decision_type"},
        {"decision_type=1 8", "decision_type=1 16", SAVOR_FORMAT, "decision_type"},
        {"left_child=1 -1", "left_child=0 -1", SAVOR_FORMAT, "reached twice"},
        {"left_child=1 -1", "left_child=2 -1", SAVOR_FORMAT, "child node 2"},
        {"right_child=-2 -3", "right_child=-2 -4", SAVOR_FORMAT, "child leaf 3"},
        {"right_child=-2 -3", "right_child=-2 -2", SAVOR_FORMAT, "reached twice"},
        {"leaf_value=1.5 -2 1e2", "leaf_value=1.5 -2", SAVOR_FORMAT, "leaf_value"},
        {"leaf_value=1.5 -2 1e2", "leaf_value=1.5 -2 0x1", SAVOR_FORMAT, "\"0x1\""},
        {"cat_boundaries=0 2", "cat_boundaries=2 0", SAVOR_FORMAT, "cat_boundaries"},
        {"cat_boundaries=0 2", "cat_boundaries=0 3", SAVOR_FORMAT, "cat_boundaries"},
        {"cat_boundaries=0 2", "cat_boundaries=0 1", SAVOR_FORMAT, "cat_threshold"},
        {"cat_threshold=6 1", "cat_threshold=6 4294967296", SAVOR_FORMAT, "\"4294967296\""},
        {"cat_threshold=6 1\n", "", SAVOR_FORMAT, "cat_boundaries"},
        {"is_linear=0", "is_linear=1\nnum_features=1 0 0\nleaf_features=9\nleaf_coeff=1", SAVOR_FORMAT, "feature 9"},
        {"is_linear=0", "is_linear=1\nnum_features=2 0 0\nleaf_features=1\nleaf_coeff=1", SAVOR_FORMAT, "expected 2"},
        {"is_linear=0", "is_linear=1\nnum_features=1 0 0\nleaf_features=1", SAVOR_FORMAT, "leaf_coeff"},
        {"shrinkage=1\n\n", "shrinkage\n\n", SAVOR_FORMAT, "key=value"},
        {"feature_infos=[0:1] none 1:2\n", "feature_infos=[0:1] none 1:2\ntree_sizes=20\n", SAVOR_FORMAT, NULL},
        {"feature_infos=[0:1] none 1:2\n", "feature_infos=[0:1] none 1:2\ntree_sizes=0 0\n", SAVOR_FORMAT,
         "lie where"},
        {"feature_infos=[0:1] none 1:2\n", "feature_infos=none none none\ntree_sizes=99999999\n", SAVOR_FORMAT,
         "tree_sizes"},
        {"feature_infos=[0:1] none 1:2\n", "feature_infos=none none none\ntree_sizes=x\n", SAVOR_FORMAT, "\"x\""},
        {"categorical:null", "categorical:[", SAVOR_FORMAT, NULL},
        {"categorical:null", "categorical:7", SAVOR_FORMAT, "no list"},
        {"categorical:null", "categorical:[\"\xff\"]", SAVOR_FORMAT, "UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sv_buf text = edit(sv_str_of(small), cases[i].from, cases[i].to);
        check_status(sv_buf_view(&text), cases[i].status, cases[i].message);
        sv_buf_deinit(&text);
    }
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    sv_buf text = file_of("sets-v4", ".lgb");
    sv_str whole = sv_buf_view(&text);
    const char *end = strstr(text.p, "\nend of trees");
    assert_non_null(end);
    for (size_t n = 0; n < (size_t)(end - text.p); n++) {
        sv_arena arena;
        const sv_lightgbm *m = NULL;
        sv_arena_init(&arena, MAX_BYTES);
        assert_int_not_equal(sv_lightgbm_read((sv_str){whole.p, n}, &arena, &m, NULL), SAVOR_OK);
        assert_null(m);
        sv_arena_deinit(&arena);
    }
    sv_buf_deinit(&text);
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    sv_buf text = file_of("linear-v4", ".lgb");
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        sv_arena arena;
        const sv_lightgbm *m = NULL;
        savor_error err = {0};
        sv_arena_init(&arena, MAX_BYTES);
        sv_alloc_fail_after(n);
        st = sv_lightgbm_read(sv_buf_view(&text), &arena, &m, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || (st == SAVOR_NOMEM && m == NULL));
        sv_arena_deinit(&arena);
        assert_true(n < 1000);
    }
    sv_buf_deinit(&text);
}

static void small_arena_is_a_limit(void **state)
{
    (void)state;
    sv_arena arena;
    const sv_lightgbm *m = NULL;
    sv_arena_init(&arena, 400);
    assert_int_equal(sv_lightgbm_read(sv_str_of(small), &arena, &m, NULL), SAVOR_LIMIT);
    sv_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_is_read),           cmocka_unit_test(splits_are_walked),
        cmocka_unit_test(other_spellings_are_read), cmocka_unit_test(pandas_categories_are_counted),
        cmocka_unit_test(library_answers_are_met),  cmocka_unit_test(damage_is_named),
        cmocka_unit_test(cut_files_are_refused),    cmocka_unit_test(lack_of_memory_is_told),
        cmocka_unit_test(small_arena_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
