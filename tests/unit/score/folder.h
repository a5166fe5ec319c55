/* folder.h: a model directory that a test makes for itself and takes away again. */
#ifndef SV_TESTS_SCORE_FOLDER_H
#define SV_TESTS_SCORE_FOLDER_H

#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_FILES_MAX 4

typedef struct folder {
    char path[64];
    const char *names[FOLDER_FILES_MAX];
    size_t n;
} folder;

static inline void folder_make(folder *f)
{
    *f = (folder){.path = "/tmp/savor-model-XXXXXX"};
    assert_non_null(mkdtemp(f->path));
}

static inline void folder_put(folder *f, const char *name, const void *bytes, size_t n)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    assert_true(f->n < FOLDER_FILES_MAX);
    f->names[f->n++] = name;
}

static inline void folder_put_text(folder *f, const char *name, const char *text)
{
    folder_put(f, name, text, strlen(text));
}

static inline void folder_remove(folder *f)
{
    char path[160];
    for (size_t i = 0; i < f->n; i++) {
        snprintf(path, sizeof path, "%s/%s", f->path, f->names[i]);
        remove(path);
    }
    assert_int_equal(rmdir(f->path), 0);
}

/* A file of tests/data/models; the caller frees it. */
static inline char *folder_read_model(const char *name, size_t *n)
{
    char path[512];
    snprintf(path, sizeof path, "%s/models/%s", TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    char *bytes = malloc((size_t)1 << 20);
    assert_true(file && bytes);
    *n = fread(bytes, 1, (size_t)1 << 20, file);
    fclose(file);
    return bytes;
}

#endif
