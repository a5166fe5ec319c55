#include "score/frame.h"

#include "base/alloc.h"

#define FRAME_BYTES_MAX ((size_t)64 << 30)

savor_status sv_owned_frame_new(size_t n_rows, size_t n_columns, savor_frame **out, savor_error *err)
{
    savor_frame *f = sv_alloc_array(1, sizeof *f);
    *out = NULL;
    if (!f)
        return sv_fail_nomem(err, sizeof *f);
    sv_arena_init(&f->arena, FRAME_BYTES_MAX);
    f->columns = sv_arena_array(&f->arena, n_columns, sizeof *f->columns);
    if (!f->columns) {
        size_t bytes;
        if (!sv_mul(n_columns, sizeof *f->columns, &bytes))
            bytes = SIZE_MAX;
        savor_status st = sv_arena_fail(&f->arena, bytes, err);
        savor_frame_free(f);
        return st;
    }
    f->view = (sv_frame){.n_rows = n_rows, .n_columns = n_columns, .columns = f->columns};
    *out = f;
    return SAVOR_OK;
}

void *sv_owned_frame_column(savor_frame *frame, size_t c, const char *name, savor_dtype dtype)
{
    sv_column *column = &frame->columns[c];
    void *data = sv_column_alloc(&frame->arena, dtype, frame->view.n_rows);
    char *copy = name ? sv_arena_text(&frame->arena, name, strlen(name)) : NULL;
    if (!data || (name && !copy))
        return NULL;
    column->name = name ? sv_label_text((sv_str){copy, strlen(name)}) : sv_label_number((int64_t)c);
    column->dtype = dtype;
    column->data = data;
    return data;
}

savor_status savor_frame_from_rows(const char *const *names, size_t n_columns, savor_dtype dtype, const void *rows,
                                   size_t n_rows, savor_frame **out, savor_error *err)
{
    savor_frame *f;
    size_t n_items, bytes;
    *out = NULL;
    if (dtype != SAVOR_FLOAT32 && dtype != SAVOR_FLOAT64 && dtype != SAVOR_INT32 && dtype != SAVOR_INT64 &&
        dtype != SAVOR_BOOL)
        return sv_fail(err, SAVOR_USAGE,
                       "rows of dtype %s are not taken, expected float32, float64, int32, int64 or bool",
                       savor_dtype_name(dtype));
    if (!sv_mul(n_rows, n_columns, &n_items) || !sv_mul(n_items, sv_dtype_size(dtype), &bytes))
        return sv_fail(err, SAVOR_USAGE, "%zu rows of %zu columns are too many", n_rows, n_columns);
    savor_status st = sv_owned_frame_new(n_rows, n_columns, &f, err);
    if (st)
        return st;
    size_t size = sv_dtype_size(dtype);
    for (size_t c = 0; c < n_columns; c++) {
        char *data = sv_owned_frame_column(f, c, names ? names[c] : NULL, dtype);
        if (!data) {
            st = sv_arena_fail(&f->arena, n_rows * size, err);
            savor_frame_free(f);
            return st;
        }
        for (size_t r = 0; r < n_rows; r++)
            memcpy(data + r * size, (const char *)rows + (r * n_columns + c) * size, size);
    }
    *out = f;
    return SAVOR_OK;
}

size_t savor_frame_get_n_rows(const savor_frame *frame) { return frame->view.n_rows; }

size_t savor_frame_get_n_columns(const savor_frame *frame) { return frame->view.n_columns; }

void savor_frame_free(savor_frame *frame)
{
    if (!frame)
        return;
    sv_arena_deinit(&frame->arena);
    sv_free(frame);
}
