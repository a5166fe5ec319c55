/*
 * differ.c: reads texts and says what they are, in words that differ.py makes of Python's reading, too.
 *
 *     differ json | yaml | csv1 | csv2 | csv3 | repr
 *
 * Standard input: a length of 4 bytes (little-endian) and as many bytes, again and again. Standard output likewise.
 * An answer is "E" for an error, "L" for a limit, else the value: n null, t and f, i and digits, d and the bits of a
 * double in hex (all NaNs alike), s, b, T and their bytes, [ ] { } S around what is inside; a frame is each column's
 * name, dtype and cells. `repr` takes doubles and gives a line of text for each.
 */
#include "base/number.h"
#include "data/convert.h"
#include "request/csv_frame.h"
#include "text/json.h"
#include "text/yaml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define OUT_BYTES ((size_t)1 << 31)

static void put_bytes(sv_buf *out, char tag, sv_str s)
{
    sv_buf_printf(out, "%c%zu:", tag, s.n);
    sv_buf_put_str(out, s);
}

static void put_double(sv_buf *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value)
        sv_buf_put_text(out, "dnan ");
    else
        sv_buf_printf(out, "d%016" PRIx64 " ", bits);
}

static savor_status read_json(sv_str text, sv_arena *arena, sv_buf *out)
{
    const sv_json *v;
    if (!sv_utf8_check_surrogates(text.p, text.n))
        return SAVOR_FORMAT;
    savor_status st = sv_json_parse(text, &SV_JSON_LIMITS, arena, &v, NULL, NULL);
    if (!st)
        sv_json_put_value(out, v);
    return st;
}

/* Recursion is bounded by SV_YAML_LIMITS. */
static void put_node(sv_buf *out, const sv_node *node)
{
    static const char OPEN[] = {[SV_NODE_SEQUENCE] = '[', [SV_NODE_MAPPING] = '{', [SV_NODE_SET] = 'S'};
    static const char TAGS[] = {[SV_NODE_STRING] = 's', [SV_NODE_TIMESTAMP] = 'T', [SV_NODE_BINARY] = 'b'};
    if (node->kind >= SV_NODE_SEQUENCE) {
        sv_buf_put_char(out, OPEN[node->kind]);
        for (size_t i = 0; i < node->n; i++) {
            put_node(out, node->kind == SV_NODE_SEQUENCE ? node->items[i] : node->pairs[i].key);
            if (node->kind == SV_NODE_MAPPING)
                put_node(out, node->pairs[i].value);
        }
        sv_buf_put_char(out, ']');
    } else if (node->kind >= SV_NODE_STRING) {
        put_bytes(out, TAGS[node->kind], node->text);
    } else if (node->kind == SV_NODE_FLOAT) {
        put_double(out, node->f);
    } else if (node->kind == SV_NODE_INT && node->is_big) {
        sv_buf_printf(out, "i%.*s ", SV_FMT(node->text));
    } else if (node->kind == SV_NODE_INT) {
        sv_buf_printf(out, "i%" PRId64 " ", node->i);
    } else {
        sv_buf_put_char(out, node->kind == SV_NODE_NULL ? 'n' : node->i ? 't' : 'f');
    }
}

static savor_status read_yaml(sv_str text, sv_arena *arena, sv_buf *out)
{
    const sv_node *node;
    savor_status st = sv_yaml_parse(text, &SV_YAML_LIMITS, arena, &node, NULL);
    if (!st)
        put_node(out, node);
    return st;
}

static void put_value(sv_buf *out, const sv_value *v)
{
    if (v->kind == SV_VALUE_INT)
        sv_buf_printf(out, "i%" PRId64 " ", v->u.i);
    else if (v->kind == SV_VALUE_BIGINT)
        sv_buf_printf(out, "i%.*s ", (int)v->n, v->u.p);
    else if (v->kind == SV_VALUE_FLOAT)
        put_double(out, v->u.f);
    else if (v->kind == SV_VALUE_STRING)
        put_bytes(out, 's', (sv_str){v->u.p, v->n});
    else
        sv_buf_put_char(out, v->kind == SV_VALUE_BOOL ? (v->u.i ? 't' : 'f') : 'n');
}

static void put_cell(sv_buf *out, const sv_column *c, size_t row)
{
    if (c->dtype == SAVOR_STRING && !((const sv_str *)c->data)[row].p) {
        sv_buf_put_text(out, "dnan ");
    } else if (c->dtype == SAVOR_UINT64) {
        sv_buf_printf(out, "i%" PRIu64 " ", ((const uint64_t *)c->data)[row]);
    } else {
        sv_value v = sv_item_get(c->dtype, c->data, row);
        put_value(out, &v);
    }
}

static savor_status read_csv(sv_str text, int pandas_major, sv_arena *arena, sv_buf *out)
{
    sv_csv_options options = {.pandas_major = pandas_major, .csv_floats = pandas_major >= 3 ? 2 : 1};
    sv_frame frame;
    savor_status st = sv_csv_read_frame(text, &options, arena, &frame, NULL);
    for (size_t i = 0; !st && i < frame.n_columns; i++) {
        const sv_column *c = &frame.columns[i];
        char room[24];
        put_bytes(out, 's', sv_label_show(&c->name, room));
        sv_buf_printf(out, "%s:", savor_dtype_name(c->dtype));
        for (size_t row = 0; row < frame.n_rows; row++)
            put_cell(out, c, row);
        sv_buf_put_char(out, '\n');
    }
    return st;
}

static savor_status write_doubles(sv_str doubles, sv_buf *out)
{
    for (size_t i = 0; i + 8 <= doubles.n; i += 8) {
        char room[SV_DOUBLE_TEXT_MAX];
        double value;
        memcpy(&value, doubles.p + i, sizeof value);
        sv_buf_put(out, room, sv_double_to_text(value, room));
        sv_buf_put_char(out, '\n');
    }
    return SAVOR_OK;
}

static savor_status read_text(const char *mode, sv_str text, sv_arena *arena, sv_buf *out)
{
    if (strcmp(mode, "json") == 0)
        return read_json(text, arena, out);
    if (strcmp(mode, "yaml") == 0)
        return read_yaml(text, arena, out);
    if (strcmp(mode, "repr") == 0)
        return write_doubles(text, out);
    return read_csv(text, mode[3] - '0', arena, out);
}

static bool read_exactly(void *to, size_t n) { return fread(to, 1, n, stdin) == n; }

int main(int argc, char **argv)
{
    uint32_t n;
    while (argc == 2 && read_exactly(&n, sizeof n)) {
        char *text = malloc(n ? n : 1); /* of exactly this size, so that ASan sees overruns */
        sv_buf out = SV_BUF_INIT(OUT_BYTES);
        sv_arena arena;
        if (!text || !read_exactly(text, n))
            return 1;
        sv_arena_init(&arena, (size_t)1 << 32);
        savor_status st = read_text(argv[1], (sv_str){text, n}, &arena, &out);
        if (st) {
            sv_buf_reset(&out);
            sv_buf_put_char(&out, st == SAVOR_LIMIT ? 'L' : 'E');
        }
        n = (uint32_t)out.n;
        fwrite(&n, sizeof n, 1, stdout);
        fwrite(sv_buf_view(&out).p, 1, out.n, stdout);
        sv_arena_deinit(&arena);
        sv_buf_deinit(&out);
        free(text);
    }
    return 0;
}
