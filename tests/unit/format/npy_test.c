/* npy_test.c: files that numpy and scipy wrote; headers with one thing wrong. */
#include "format/npy.h"

#include "base/alloc.h"
#include "unit/format/seed.h"

#define ARENA_BYTES ((size_t)64 << 20)

static sv_arena arena;
static savor_error err;

static int set_up(void **state)
{
    (void)state;
    sv_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sv_arena_deinit(&arena);
    return 0;
}

static sv_array read_array(const char *name)
{
    sv_array a;
    char path[64];
    snprintf(path, sizeof path, "npy/%s.npy", name);
    if (sv_npy_read(seed_read(path, &arena), false, &arena, &a, &err))
        fail_msg("%s: %s", name, err.message);
    return a;
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const doubles[] = {"f8", "v2"};
    for (size_t i = 0; i < 2; i++) {
        sv_array a = read_array(doubles[i]);
        assert_int_equal(a.tensor.dtype, SAVOR_FLOAT64);
        assert_int_equal(a.tensor.n_dims, 2);
        assert_true(a.tensor.shape[0] == 2 && a.tensor.shape[1] == 3 && a.tensor.n_items == 6);
        for (size_t k = 0; k < 6; k++)
            assert_true(((const double *)a.tensor.data)[k] == (double)k);
    }
    sv_array a = read_array("fortran");
    for (size_t k = 0; k < 6; k++)
        assert_int_equal(((const int64_t *)a.tensor.data)[k], k);
    a = read_array("big");
    assert_int_equal(a.tensor.dtype, SAVOR_INT32);
    assert_int_equal(((const int32_t *)a.tensor.data)[1], 258);
    a = read_array("scalar");
    assert_true(a.tensor.n_dims == 0 && *(const float *)a.tensor.data == 0.5f);
    a = read_array("empty");
    assert_true(a.tensor.n_items == 0 && a.tensor.shape[1] == 3);
    a = read_array("bools");
    assert_memory_equal(a.tensor.data, "\1\0", 2);
}

static void test_texts(void **state)
{
    (void)state;
    sv_array a = read_array("texts");
    const sv_str *texts = a.tensor.data;
    assert_int_equal(a.tensor.n_items, 3);
    assert_true(sv_str_is(texts[0], "a") && sv_str_is(texts[1], "\u65e5\u672c") && texts[2].n == 0);
    a = read_array("bytes");
    texts = a.tensor.data;
    assert_int_equal(a.tensor.dtype, SAVOR_BYTES);
    assert_true(sv_str_is(texts[0], "ab") && texts[1].n == 2 && memcmp(texts[1].p, "\0c", 2) == 0);
    a = read_array("dates");
    assert_int_equal(((const int64_t *)a.tensor.data)[0], 1577923200000000000);
    assert_int_equal(((const int64_t *)a.tensor.data)[1], SV_NAT);
}

static void test_fields(void **state)
{
    (void)state;
    sv_array a = read_array("fields");
    const sv_array_field *left = sv_array_find_field(&a, "left"), *value = sv_array_find_field(&a, "value"),
                         *set = sv_array_find_field(&a, "set");
    assert_true(left && value && set && a.n_fields == 4);
    assert_int_equal(a.tensor.n_items, 2);
    const uint8_t *second = (const uint8_t *)a.tensor.data + a.item_bytes;
    int64_t number;
    float f;
    memcpy(&number, second + left->offset_bytes, 8);
    memcpy(&f, second + value->offset_bytes, 4); /* big-endian in the file */
    assert_true(number == 7 && f == 2.0f);
    assert_true(set->n_items == 2 && memcmp(second + set->offset_bytes, "\3\0\0\0\4\0\0\0", 8) == 0);
    a = read_array("v3");
    assert_non_null(sv_array_find_field(&a, "gr\u00f6\u00dfe"));
}

static void test_refused(void **state)
{
    (void)state;
    sv_array a;
    assert_int_equal(sv_npy_read(seed_read("npy/complex.npy", &arena), false, &arena, &a, &err), SAVOR_UNSUPPORTED);
    assert_int_equal(sv_npy_read(seed_read("npy/objects.npy", &arena), false, &arena, &a, &err), SAVOR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "pickled"));
}

/* A version 1 file with this header and 16 bytes behind it. */
static savor_status read_header(const char *header)
{
    char file[256] = "\223NUMPY\1";
    sv_array a;
    size_t n = strlen(header);
    file[8] = (char)n;
    memcpy(file + 10, header, n);
    memset(file + 10 + n, 0, 16);
    return sv_npy_read((sv_str){file, n + 26}, false, &arena, &a, &err);
}

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        savor_status st;
    } cases[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", SAVOR_OK},
        {"{\"shape\":(1,2),\"fortran_order\":True,\"descr\":\"<f8\"}", SAVOR_OK},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }", SAVOR_OK},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", SAVOR_OK},
        {"{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (2,), }", SAVOR_OK},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2), }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': 2, }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", SAVOR_FORMAT},
        {"{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,), }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }", SAVOR_FORMAT},
        {"{'descr': '<k8', 'fortran_order': False, 'shape': (2,), }", SAVOR_FORMAT},
        {"{'descr': os.system('x'), 'fortran_order': False, 'shape': (2,), }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, }", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}", SAVOR_FORMAT},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", SAVOR_FORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x", SAVOR_FORMAT},
        {"{'descr': '<f8' 'fortran_order': False, 'shape': (2,)}", SAVOR_FORMAT},
        {"{'descr': [('a', '<f8'), 'fortran_order': False, 'shape': (2,)}", SAVOR_FORMAT},
        {"", SAVOR_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        savor_status st = read_header(cases[i].header);
        if (st != cases[i].st)
            fail_msg("%s gave %d: %s", cases[i].header, (int)st, err.message);
    }
}

static void test_versions(void **state)
{
    (void)state;
    sv_array a;
    assert_int_equal(sv_npy_read(SV_STR("\223NUMPY\4\0\0\0\0\0\0"), false, &arena, &a, &err), SAVOR_UNSUPPORTED);
    assert_int_equal(sv_npy_read(SV_STR("\223NUMPZ\1\0\0\0\0\0\0"), false, &arena, &a, &err), SAVOR_FORMAT);
    assert_int_equal(sv_npy_read(SV_STR("\223NUMPY\2\0\0\0\0\1\0"), false, &arena, &a, &err), SAVOR_FORMAT);
    assert_int_equal(sv_npy_read(SV_STR("\223NUMPY\1\0\377\377"), false, &arena, &a, &err), SAVOR_FORMAT);
}

static sv_record *read_sparse(const char *name)
{
    sv_arena scratch;
    sv_record *r;
    sv_record_maker maker = {&arena, 1000};
    sv_arena_init(&scratch, ARENA_BYTES);
    savor_status st = sv_npz_read_sparse(seed_read(name, &arena), &scratch, &maker, &r, &err);
    sv_arena_deinit(&scratch); /* nothing of the record may lie there */
    if (st)
        fail_msg("%s: %s", name, err.message);
    return r;
}

static void check_row(const sv_record *r, const char *key, const double *expected, size_t n)
{
    sv_tensor t;
    assert_int_equal(sv_record_doubles(sv_record_find(r, key), &arena, &t, &err), SAVOR_OK);
    assert_int_equal(t.n_items, n);
    assert_memory_equal(t.data, expected, n * sizeof *expected);
}

/* [[0, 1.5, 0], [2.5, 0, 3]] */
static void test_sparse(void **state)
{
    (void)state;
    size_t n;
    int64_t length = 0;
    const sv_record *r = read_sparse("npy/csr.npz");
    assert_true(sv_record_is(r, "scipy", "csr_matrix"));
    check_row(r, "data", (double[]){1.5, 2.5, 3}, 3);
    check_row(r, "indices", (double[]){1, 0, 2}, 3);
    check_row(r, "indptr", (double[]){0, 1, 3}, 3);
    const sv_record *const *shape = sv_record_items(sv_record_find(r, "_shape"), &n);
    assert_true(n == 2 && sv_record_to_int(shape[1], &length) && length == 3);
    r = read_sparse("npy/coo_array.npz");
    assert_true(sv_record_is(r, "scipy", "coo_array"));
    check_row(r, "data", (double[]){1.5, 2.5, 3}, 3);
}

static void test_memory(void **state)
{
    (void)state;
    sv_str sparse = seed_read("npy/csr.npz", &arena), fields = seed_read("npy/fields.npy", &arena);
    long n = 0;
    for (savor_status st = SAVOR_NOMEM; st; n++) {
        sv_arena mine, scratch;
        sv_record *r;
        sv_array a;
        sv_arena_init(&mine, ARENA_BYTES);
        sv_arena_init(&scratch, ARENA_BYTES);
        sv_record_maker maker = {&mine, 1000};
        sv_alloc_fail_after(n);
        if (!(st = sv_npz_read_sparse(sparse, &scratch, &maker, &r, &err)))
            st = sv_npy_read(fields, false, &mine, &a, &err);
        sv_alloc_fail_after(-1);
        sv_arena_deinit(&mine);
        sv_arena_deinit(&scratch);
        assert_true(st == SAVOR_OK || st == SAVOR_NOMEM);
    }
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_texts),   cmocka_unit_test(test_fields),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_headers), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_sparse),  cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
