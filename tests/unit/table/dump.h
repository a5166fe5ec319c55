/* dump.h: a frame as the text that tests/corpus/table_vectors.py makes of pandas' frames, and the files it lies in.
 */
#ifndef SV_TESTS_UNIT_TABLE_DUMP_H
#define SV_TESTS_UNIT_TABLE_DUMP_H

#include "base/buf.h"
#include "base/number.h"
#include "data/convert.h"

#include <inttypes.h>
#include <stdio.h>

#define TABLES TEST_DATA "/tables/"

static inline void dump_bytes(sv_buf *out, const char *prefix, sv_str s, bool as_hex)
{
    sv_buf_put_text(out, prefix);
    for (size_t i = 0; as_hex && i < s.n; i++)
        sv_buf_printf(out, "%02x", (unsigned)(unsigned char)s.p[i]);
    if (!as_hex)
        sv_buf_put_str(out, s);
}

static inline void dump_double(sv_buf *out, double value)
{
    char room[SV_DOUBLE_TEXT_MAX];
    sv_buf_put(out, room, sv_double_to_text(value, room));
}

static inline void dump_value(sv_buf *out, const sv_value *v)
{
    if (v->kind == SV_VALUE_NONE)
        sv_buf_put_text(out, "None");
    else if (v->kind == SV_VALUE_BOOL)
        sv_buf_put_text(out, v->u.i ? "True" : "False");
    else if (v->kind == SV_VALUE_INT)
        sv_buf_printf(out, "%" PRId64, v->u.i);
    else if (v->kind == SV_VALUE_BIGINT)
        sv_buf_put(out, v->u.p, v->n);
    else if (v->kind == SV_VALUE_FLOAT)
        dump_double(out, v->u.f);
    else if (v->kind == SV_VALUE_DATETIME && v->u.i == SV_NAT)
        sv_buf_put_text(out, "NaT");
    else if (v->kind == SV_VALUE_DATETIME)
        sv_buf_printf(out, "t:%" PRId64, v->u.i);
    else if (v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BYTES)
        dump_bytes(out, v->kind == SV_VALUE_STRING ? "s:" : "b:", (sv_str){v->u.p, v->n}, v->kind == SV_VALUE_BYTES);
    else
        sv_buf_put_text(out, "?");
}

/* What is missing in a `str` column of pandas 3 is NaN. */
static inline void dump_cell(sv_buf *out, const sv_column *c, size_t row)
{
    if (c->dtype == SAVOR_STRING && !((const sv_str *)c->data)[row].p) {
        sv_buf_put_text(out, "nan");
    } else if (c->dtype == SAVOR_UINT64) {
        sv_buf_printf(out, "%" PRIu64, ((const uint64_t *)c->data)[row]);
    } else {
        sv_value v = sv_item_get(c->dtype, c->data, row);
        dump_value(out, &v);
    }
}

static inline void dump_frame(sv_buf *out, const sv_frame *frame)
{
    char room[24];
    for (size_t i = 0; i < frame->n_columns; i++) {
        const sv_column *c = &frame->columns[i];
        sv_buf_put_str(out, sv_label_show(&c->name, room));
        sv_buf_printf(out, " %s\n", savor_dtype_name(c->dtype));
        for (size_t row = 0; row < frame->n_rows; row++) {
            sv_buf_put_char(out, ' ');
            dump_cell(out, c, row);
            sv_buf_put_char(out, '\n');
        }
    }
}

/* The whole of tests/data/tables/NAME.KIND. */
static inline sv_buf read_table_file(const char *name, const char *kind)
{
    char path[300];
    sv_buf out = SV_BUF_INIT(1 << 20);
    snprintf(path, sizeof path, TABLES "%s.%s", name, kind);
    FILE *f = fopen(path, "rb");
    char *room = sv_buf_reserve(&out, 1 << 16);
    assert_true(f && room);
    out.n = fread(room, 1, 1 << 16, f);
    fclose(f);
    return out;
}

#endif
