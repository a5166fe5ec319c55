#include "score/accept.h"

#include "table/arrow_write.h"
#include "table/csv_write.h"

typedef struct type_row {
    const char *type;
    sv_answer_form form;
    bool is_exact;
} type_row;

static const type_row TYPES[] = {
    {"application/json", SV_ANSWER_JSON, true},
    {"text/csv", SV_ANSWER_CSV, true},
    {"application/vnd.apache.arrow.stream", SV_ANSWER_ARROW, true},
    {"text/*", SV_ANSWER_CSV, false},
    {"application/*", SV_ANSWER_JSON, false},
    {"*/*", SV_ANSWER_JSON, false},
};

const char *sv_answer_type(sv_answer_form form) { return TYPES[form].type; }

/* Cut the text at the first `c`; `*rest` is what is behind it. */
static sv_str take_part(sv_str *rest, char c)
{
    size_t n = sv_str_find(*rest, c), used = n < rest->n ? n + 1 : n;
    sv_str part = {rest->p, n};
    *rest = (sv_str){rest->p + used, rest->n - used};
    return sv_str_trim(part);
}

static bool is_word(sv_str text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; text.n == n && i < n; i++)
        if ((text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] | 0x20 : text.p[i]) != word[i])
            return false;
    return text.n == n;
}

/* "0", "1", "0.5", "0.875" in thousandths; anything else counts as 1. */
static int read_weight(sv_str text)
{
    int weight = 0, unit = 1000;
    for (size_t i = 0; i < text.n && i < 5; i++) {
        if (i == 1 && text.p[i] == '.')
            continue;
        if (text.p[i] < '0' || text.p[i] > '9')
            return 1000;
        weight += (text.p[i] - '0') * unit;
        unit /= 10;
    }
    return text.n == 0 || weight > 1000 ? 1000 : weight;
}

static int take_weight(sv_str parameters)
{
    while (parameters.n) {
        sv_str value = take_part(&parameters, ';'), name = take_part(&value, '=');
        if (is_word(name, "q"))
            return read_weight(sv_str_trim(value));
    }
    return 1000;
}

sv_answer_form sv_accept_read(sv_str header)
{
    sv_answer_form best = SV_ANSWER_JSON;
    int best_weight = 0;
    bool is_exact = false;
    while (header.p && header.n) {
        sv_str parameters = take_part(&header, ','), type = take_part(&parameters, ';');
        int weight = take_weight(parameters);
        for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
            const type_row *row = &TYPES[i];
            bool is_better = weight > best_weight || (weight && weight == best_weight && row->is_exact && !is_exact);
            if (!is_word(type, row->type) || !is_better)
                continue;
            best = row->form;
            best_weight = weight;
            is_exact = row->is_exact;
        }
    }
    return best;
}

/* One column of a row-major matrix. */
static bool take_column(const sv_tensor *t, size_t n_columns, size_t c, sv_arena *arena, sv_column *out)
{
    size_t size = sv_dtype_size(t->dtype), n_rows = t->shape[0];
    *out = (sv_column){sv_label_number((int64_t)c), t->dtype, t->data};
    if (n_columns == 1)
        return true;
    char *data = sv_column_alloc(arena, t->dtype, n_rows);
    for (size_t row = 0; data && row < n_rows; row++)
        memcpy(data + row * size, (const char *)t->data + (row * n_columns + c) * size, size);
    out->data = data;
    return data != NULL;
}

static bool is_table(const sv_payload *answer)
{
    return answer->kind == SV_PAYLOAD_FRAME ||
           (answer->kind == SV_PAYLOAD_TENSOR && answer->tensor.n_dims >= 1 && answer->tensor.n_dims <= 2);
}

/* False when memory is short. */
static bool make_frame(const sv_payload *answer, sv_arena *arena, sv_frame *out)
{
    const sv_tensor *t = &answer->tensor;
    if (answer->kind == SV_PAYLOAD_FRAME) {
        *out = answer->frame;
        return true;
    }
    size_t n_columns = t->n_dims == 2 ? t->shape[1] : 1;
    sv_column *columns = sv_arena_array(arena, n_columns, sizeof *columns);
    for (size_t c = 0; columns && c < n_columns; c++)
        if (!take_column(t, n_columns, c, arena, &columns[c]))
            return false;
    *out = (sv_frame){.n_rows = t->shape[0], .n_columns = n_columns, .columns = columns};
    return columns != NULL;
}

bool sv_table_answer_write(const sv_payload *answer, sv_answer_form form, sv_arena *arena, sv_buf *out)
{
    sv_frame frame;
    if (!is_table(answer))
        return false;
    if (!make_frame(answer, arena, &frame)) {
        out->failed = sv_arena_fail(arena, answer->tensor.n_items * sizeof(double), NULL);
        return true;
    }
    if (form == SV_ANSWER_ARROW)
        return sv_arrow_write_frame(&frame, arena, out);
    sv_csv_write_frame(&frame, arena, out);
    return true;
}
