#include "table/csv_write.h"

#include "base/number.h"
#include "data/convert.h"
#include "data/datetime.h"

static bool needs_quotes(sv_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n' || text.p[i] == '\r')
            return true;
    return false;
}

/* A line of one empty cell would be no line: it is quoted. */
static void put_text(sv_buf *out, sv_str text, bool is_alone)
{
    if (!needs_quotes(text) && !(is_alone && text.n == 0)) {
        sv_buf_put_str(out, text);
        return;
    }
    sv_buf_put_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            sv_buf_put_char(out, '"');
        sv_buf_put_char(out, text.p[i]);
    }
    sv_buf_put_char(out, '"');
}

/* ISO 8601 with a blank, as str() of a Timestamp. */
static sv_str show_time(int64_t ns, char *room)
{
    size_t n = sv_datetime_to_text(ns, room);
    if (n > 10)
        room[10] = ' ';
    return (sv_str){room, n};
}

static sv_str show_value(const sv_value *v, char *room, sv_arena *arena, sv_buf *out)
{
    if (sv_value_is_missing(v))
        return SV_STR("");
    if (v->kind == SV_VALUE_DATETIME)
        return show_time(v->u.i, room);
    sv_str text = sv_value_to_text(v, arena);
    if (!text.p) {
        out->failed = SAVOR_NOMEM;
        return SV_STR("");
    }
    return text;
}

/* The text of a cell, in `room` (SV_DOUBLE_TEXT_MAX or 40 bytes, whichever is more), the cell itself or the arena. */
static sv_str show_cell(const sv_column *c, size_t row, char *room, sv_arena *arena, sv_buf *out)
{
    sv_value v;
    if (c->dtype == SAVOR_STRING)
        return ((const sv_str *)c->data)[row].p ? ((const sv_str *)c->data)[row] : SV_STR("");
    if (c->dtype == SAVOR_FLOAT32) {
        float number = ((const float *)c->data)[row];
        return (sv_str){room, number == number ? sv_float_to_text(number, room) : 0};
    }
    if (c->dtype == SAVOR_FLOAT64) {
        double number = ((const double *)c->data)[row];
        return (sv_str){room, number == number ? sv_double_to_text(number, room) : 0};
    }
    v = sv_item_get(c->dtype, c->data, row);
    return show_value(&v, room, arena, out);
}

void sv_csv_write_frame(const sv_frame *frame, sv_arena *arena, sv_buf *out)
{
    char room[SV_DOUBLE_TEXT_MAX + 40];
    bool is_alone = frame->n_columns == 1;
    for (size_t c = 0; c < frame->n_columns; c++) {
        if (c)
            sv_buf_put_char(out, ',');
        put_text(out, sv_label_show(&frame->columns[c].name, room), is_alone);
    }
    sv_buf_put_char(out, '\n');
    for (size_t row = 0; row < frame->n_rows && !out->failed; row++) {
        for (size_t c = 0; c < frame->n_columns; c++) {
            if (c)
                sv_buf_put_char(out, ',');
            put_text(out, show_cell(&frame->columns[c], row, room, arena, out), is_alone);
        }
        sv_buf_put_char(out, '\n');
    }
}
