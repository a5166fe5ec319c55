#include "data/convert.h"

#include "base/buf.h"
#include "base/number.h"

#include <stdio.h>

/* str() and repr() of Python values. */

static sv_str copy_text(sv_arena *arena, const char *text, size_t n)
{
    char *copy = sv_arena_text(arena, text, n);
    return (sv_str){copy, copy ? n : 0};
}

/* Quotes as repr() chooses them; control characters as escapes. Unicode's unprintable characters stay as they are. */
static void put_quoted(sv_buf *out, sv_str text, bool is_bytes)
{
    bool has_single = sv_str_find(text, '\'') < text.n, has_double = sv_str_find(text, '"') < text.n;
    char quote = has_single && !has_double ? '"' : '\'';
    sv_buf_put_char(out, quote);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\n' || c == '\r' || c == '\t')
            sv_buf_put_text(out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        else if (c < 0x20 || c == 0x7F || (is_bytes && c > 0x7F))
            sv_buf_printf(out, "\\x%02x", c);
        else {
            if (c == '\\' || c == (unsigned char)quote)
                sv_buf_put_char(out, '\\');
            sv_buf_put_char(out, (char)c);
        }
    }
    sv_buf_put_char(out, quote);
}

static void put_repr(sv_buf *out, const sv_value *v);

/* Recursion is bounded: values come from JSON, whose depth is limited. */
static void put_items(sv_buf *out, const sv_value *v)
{
    bool is_list = v->kind == SV_VALUE_LIST;
    sv_buf_put_char(out, is_list ? '[' : '{');
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            sv_buf_put_text(out, ", ");
        if (!is_list) {
            put_repr(out, &v->u.items[2 * i]);
            sv_buf_put_text(out, ": ");
        }
        put_repr(out, &v->u.items[is_list ? i : 2 * i + 1]);
    }
    sv_buf_put_char(out, is_list ? ']' : '}');
}

static void put_repr(sv_buf *out, const sv_value *v)
{
    char room[SV_DOUBLE_TEXT_MAX];
    switch (v->kind) {
    case SV_VALUE_NONE:
        sv_buf_put_text(out, "None");
        break;
    case SV_VALUE_BOOL:
        sv_buf_put_text(out, v->u.i ? "True" : "False");
        break;
    case SV_VALUE_INT:
    case SV_VALUE_DATETIME:
        sv_buf_printf(out, "%lld", (long long)v->u.i);
        break;
    case SV_VALUE_BIGINT:
        sv_buf_put(out, v->u.p, v->n);
        break;
    case SV_VALUE_FLOAT:
        sv_buf_put(out, room, sv_double_to_text(v->u.f, room));
        break;
    case SV_VALUE_STRING:
    case SV_VALUE_BYTES:
        sv_buf_put_text(out, v->kind == SV_VALUE_BYTES ? "b" : "");
        put_quoted(out, (sv_str){v->n ? v->u.p : "", v->n}, v->kind == SV_VALUE_BYTES);
        break;
    case SV_VALUE_LIST:
    case SV_VALUE_DICT:
        put_items(out, v);
        break;
    case SV_VALUE_OTHER:
        sv_buf_printf(out, "<%.*s object>", (int)(v->n < 100 ? v->n : 100), v->u.p);
        break;
    }
}

sv_str sv_value_to_text(const sv_value *v, sv_arena *arena)
{
    if (v->kind == SV_VALUE_STRING || v->kind == SV_VALUE_BIGINT)
        return (sv_str){v->n ? v->u.p : "", v->n};
    sv_buf text = SV_BUF_INIT(arena->max_bytes);
    put_repr(&text, v);
    sv_str copy = text.failed ? (sv_str){NULL, 0} : copy_text(arena, text.p, text.n);
    sv_buf_deinit(&text);
    return copy;
}
