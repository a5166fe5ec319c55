/* catboost_file.h: a CatBoost file of tests/data/models, for the tests of its formats. */
#ifndef SV_TESTS_UNIT_FORMAT_CATBOOST_FILE_H
#define SV_TESTS_UNIT_FORMAT_CATBOOST_FILE_H

#include "base/alloc.h"
#include "base/dir.h"
#include "format/catboost.h"
#include "unit/test.h"

#define CATBOOST_MAX_BYTES ((size_t)64 << 20)

typedef savor_status (*catboost_read)(sv_str, sv_arena *, const sv_catboost **, savor_error *);

/* The caller ends it. */
static inline sv_buf catboost_file(const char *folder)
{
    sv_buf bytes = SV_BUF_INIT(CATBOOST_MAX_BYTES), path = SV_BUF_INIT(4096);
    sv_dir dir = SV_DIR_CLOSED;
    sv_buf_printf(&path, "models/%s/model/model.cb", folder);
    assert_int_equal(sv_dir_open(TEST_DATA, &dir, NULL), SAVOR_OK);
    assert_int_equal(sv_dir_read(&dir, sv_buf_view(&path), &bytes, NULL), SAVOR_OK);
    sv_dir_close(&dir);
    sv_buf_deinit(&path);
    return bytes;
}

/* Bytes replaced by as many others, once; false: they were not there. */
static inline bool catboost_edit(sv_buf *bytes, const char *from, const char *to)
{
    size_t n = strlen(from);
    for (size_t i = 0; i + n <= bytes->n; i++)
        if (memcmp(bytes->p + i, from, n) == 0) {
            memcpy(bytes->p + i, to, n);
            return true;
        }
    return false;
}

/* The verdict on bytes, with its message. */
static inline savor_status catboost_verdict(catboost_read reader, sv_str bytes, savor_error *err)
{
    sv_arena arena;
    const sv_catboost *m = NULL;
    sv_arena_init(&arena, CATBOOST_MAX_BYTES);
    savor_status st = reader(bytes, &arena, &m, err);
    assert_true((st == SAVOR_OK) == (m != NULL));
    sv_arena_deinit(&arena);
    return st;
}

/* Let the first, second, third ... allocation fail until reading succeeds. */
static inline void catboost_starve(catboost_read reader, sv_str bytes)
{
    savor_status st = SAVOR_NOMEM;
    for (long n = 0; st != SAVOR_OK; n++) {
        sv_arena arena;
        const sv_catboost *m = NULL;
        savor_error err = {0};
        sv_arena_init(&arena, CATBOOST_MAX_BYTES);
        sv_alloc_fail_after(n);
        st = reader(bytes, &arena, &m, &err);
        sv_alloc_fail_after(-1);
        assert_true(st == SAVOR_OK || (st == SAVOR_NOMEM && m == NULL));
        sv_arena_deinit(&arena);
        assert_true(n < 5000);
    }
}

#endif
