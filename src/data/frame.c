#include "data/frame.h"

#include "base/alloc.h"
#include "data/tensor.h"

#include <stdio.h>

bool sv_label_equal(const sv_label *a, const sv_label *b)
{
    if (sv_label_is_number(a) || sv_label_is_number(b))
        return sv_label_is_number(a) && sv_label_is_number(b) && a->number == b->number;
    return a->number == b->number && sv_str_equal(a->text, b->text);
}

sv_str sv_label_show(const sv_label *label, char *room)
{
    if (!sv_label_is_number(label))
        return label->text;
    int n = snprintf(room, 24, "%lld", (long long)label->number);
    return (sv_str){room, (size_t)n};
}

const sv_column *sv_frame_find(const sv_frame *frame, const sv_label *name)
{
    for (size_t i = 0; i < frame->n_columns; i++)
        if (sv_label_equal(&frame->columns[i].name, name))
            return &frame->columns[i];
    return NULL;
}

bool sv_column_to_double(const sv_column *column, size_t row, double *out)
{
    sv_tensor view = {.dtype = column->dtype, .data = column->data};
    return sv_tensor_to_double(&view, row, out);
}

void *sv_column_alloc(sv_arena *arena, savor_dtype dtype, size_t n_rows)
{
    size_t bytes;
    return sv_mul(n_rows, sv_dtype_size(dtype), &bytes) ? sv_arena_alloc(arena, bytes) : NULL;
}
