/* csv_fuzz.c: any bytes as a CSV body, in the semantics of each pandas, without and with declared types. */
#include "request/csv_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch every value, so that a bad pointer or length shows. */
static size_t touch(const sv_frame *frame)
{
    size_t sum = 0;
    for (size_t i = 0; i < frame->n_columns; i++) {
        const sv_column *c = &frame->columns[i];
        for (size_t row = 0; row < frame->n_rows; row++) {
            double number;
            if (c->dtype == SAVOR_STRING)
                sum += ((const sv_str *)c->data)[row].n;
            else if (c->dtype == SAVOR_OBJECT)
                sum += ((const sv_value *)c->data)[row].n;
            else if (sv_column_to_double(c, row, &number))
                sum += number > 0;
        }
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const sv_spec SPECS[] = {
        {.name = {.text = {"a", 1}}, .has_name = true, .type = {.kind = SV_TYPE_INTEGER}},
        {.name = {.text = {"b", 1}}, .has_name = true, .type = {.kind = SV_TYPE_BOOLEAN}},
        {.name = {.text = {"a.1", 3}}, .has_name = true, .type = {.kind = SV_TYPE_FLOAT}},
        {.type = {.kind = SV_TYPE_LONG}},
        {.type = {.kind = SV_TYPE_STRING}},
    };
    static const sv_schema SCHEMA = {.n_specs = 5, .specs = SPECS};
    volatile size_t sum = 0;
    for (int i = 0; i < 6; i++) {
        sv_arena arena;
        sv_frame frame;
        savor_error err;
        sv_csv_options options = {.pandas_major = 1 + i / 2, .schema = i % 2 ? &SCHEMA : NULL};
        sv_arena_init(&arena, (size_t)64 << 20);
        if (sv_csv_read_frame((sv_str){(const char *)data, size}, &options, &arena, &frame, &err) == SAVOR_OK)
            sum += touch(&frame);
        sv_arena_deinit(&arena);
    }
    return 0;
}
