/* arrow_fuzz.c: any bytes as an Arrow stream, in the semantics of pandas 2 and 3. */
#include "table/arrow_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch every byte of every value, so that a bad pointer or length shows. */
static size_t touch(const sv_frame *frame)
{
    size_t sum = 0;
    for (size_t i = 0; i < frame->n_columns; i++) {
        const sv_column *c = &frame->columns[i];
        for (size_t row = 0; row < frame->n_rows; row++) {
            const sv_value *v = (const sv_value *)c->data + row;
            sv_str text = {NULL, 0};
            double number;
            if (c->dtype == SAVOR_STRING)
                text = ((const sv_str *)c->data)[row];
            else if (c->dtype == SAVOR_OBJECT && (v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BYTES))
                text = (sv_str){v->u.p, v->n};
            else if (c->dtype != SAVOR_OBJECT && sv_column_to_double(c, row, &number))
                sum += number > 0;
            for (size_t k = 0; k < text.n; k++)
                sum += (unsigned char)text.p[k];
        }
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    volatile size_t sum = 0;
    for (int major = 2; major <= 3; major++) {
        sv_arena arena;
        sv_frame frame;
        sv_arena_init(&arena, (size_t)64 << 20);
        if (sv_arrow_read_frame((sv_str){(const char *)data, size}, major, &arena, &frame, NULL) == SAVOR_OK)
            sum += touch(&frame);
        sv_arena_deinit(&arena);
    }
    return 0;
}
