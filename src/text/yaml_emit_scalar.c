/* yaml_emit_scalar.c: how a scalar is written: which style, and where lines are folded. Source: PyYAML emitter.py. */
#include "text/yaml_emit_priv.h"

void sv_yaml_put_indicator(yaml_emitter *e, const char *text, bool needs_blank, bool is_whitespace, bool is_indention)
{
    if (!e->is_whitespace && needs_blank) {
        sv_buf_put_char(e->out, ' ');
        e->column++;
    }
    e->is_whitespace = is_whitespace;
    e->is_indention = e->is_indention && is_indention;
    e->column += strlen(text);
    e->is_open_ended = false;
    sv_buf_put_text(e->out, text);
}

static void put_line_break(yaml_emitter *e)
{
    e->is_whitespace = true;
    e->is_indention = true;
    e->column = 0;
    sv_buf_put_char(e->out, '\n');
}

void sv_yaml_put_indent(yaml_emitter *e)
{
    size_t indent = e->indent < 0 ? 0 : (size_t)e->indent;
    if (!e->is_indention || e->column > indent || (e->column == indent && !e->is_whitespace))
        put_line_break(e);
    if (e->column < indent)
        e->is_whitespace = true;
    for (; e->column < indent; e->column++)
        sv_buf_put_char(e->out, ' ');
}

static void put_run(yaml_emitter *e, sv_str text, size_t from, size_t to)
{
    if (from >= to)
        return;
    e->column += to - from;
    sv_buf_put(e->out, text.p + from, to - from);
}

const char *sv_yaml_tag_show(yaml_tag tag)
{
    static const char *const NAMES[] = {
#define X(name, text) "!!" text,
        YAML_TAG_MAP(X)
#undef X
            "",
    };
    return NAMES[tag];
}

static bool is_break(uint32_t c) { return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029; }

static bool is_blank_or_break(uint32_t c) { return c == '\0' || c == ' ' || c == '\t' || c == '\r' || is_break(c); }

static bool is_in(uint32_t c, const char *set) { return c > 0 && c < 0x80 && strchr(set, (int)c); }

/* Indicators that a plain scalar may not hold outside flow style. */
static bool is_indicator(uint32_t c, bool is_first, bool is_before_blank, bool is_after_blank)
{
    if (is_first && is_in(c, "#,[]{}&*!|>'\"%@`"))
        return true;
    if (c == '#')
        return is_after_blank;
    return is_before_blank && (c == ':' || (is_first && (c == '?' || c == '-')));
}

typedef struct analysis {
    bool has_indicator, has_break, has_special, has_edge_blank, has_trailing_space;
    bool has_break_space, has_space_break;
} analysis;

static void note_blanks(analysis *a, uint32_t c, bool is_edge, bool is_last, uint32_t previous)
{
    if (c == ' ') {
        a->has_edge_blank |= is_edge;
        a->has_trailing_space |= is_last;
        a->has_break_space |= is_break(previous);
    } else if (is_break(c)) {
        a->has_break = true;
        a->has_edge_blank |= is_edge;
        a->has_space_break |= previous == ' ';
    }
}

void sv_yaml_scalar_analyze(yaml_scalar *s)
{
    sv_str text = s->text;
    analysis a = {0};
    uint32_t previous = 'x', c = 0;
    a.has_indicator = sv_str_starts(text, SV_STR("---")) || sv_str_starts(text, SV_STR("..."));
    s->n_points = 0;
    for (size_t i = 0; i < text.n; s->n_points++) {
        bool is_first = i == 0;
        i += sv_utf8_get(text.p + i, &c);
        uint32_t following = 0;
        if (i < text.n)
            sv_utf8_get(text.p + i, &following);
        bool is_last = i >= text.n;
        a.has_indicator |= is_indicator(c, is_first, is_last || is_blank_or_break(following),
                                        is_first || is_blank_or_break(previous));
        a.has_special |= c != '\n' && (c < 0x20 || c > 0x7E);
        note_blanks(&a, c, is_first || is_last, is_last, previous);
        previous = c;
    }
    s->is_multiline = a.has_break;
    s->allows_single = !a.has_break_space && !a.has_space_break && !a.has_special;
    s->allows_plain = s->allows_single && !a.has_edge_blank && !a.has_break && !a.has_indicator;
    s->allows_literal = text.n && !a.has_trailing_space && !a.has_space_break && !a.has_special;
}

/* Single spaces become line ends once the line is full. `may_fold` is false in a simple key. */
static void put_plain(yaml_emitter *e, sv_str text, bool may_fold)
{
    if (text.n == 0)
        return;
    if (!e->is_whitespace)
        put_run(e, SV_STR(" "), 0, 1);
    e->is_whitespace = e->is_indention = false;
    size_t start = 0;
    bool in_spaces = false;
    for (size_t end = 0; end <= text.n; end++) {
        bool is_space = end < text.n && text.p[end] == ' ';
        if (in_spaces && !is_space) {
            if (start + 1 == end && e->column > YAML_WIDTH && may_fold) {
                sv_yaml_put_indent(e);
                e->is_whitespace = e->is_indention = false;
            } else {
                put_run(e, text, start, end);
            }
            start = end;
        } else if (!in_spaces && (is_space || end == text.n)) {
            put_run(e, text, start, end);
            start = end;
        }
        if (end < text.n)
            in_spaces = is_space;
    }
}

/* The first of a run of line ends is doubled: a single one would be read as a space. */
static void put_breaks(yaml_emitter *e, size_t n)
{
    put_line_break(e);
    while (n--)
        put_line_break(e);
    sv_yaml_put_indent(e);
}

/* ASCII and '\n' only: anything else asks for double quotes. */
static void put_single_quoted(yaml_emitter *e, sv_str text, bool may_fold)
{
    sv_yaml_put_indicator(e, "'", true, false, false);
    size_t start = 0;
    bool in_spaces = false, in_breaks = false;
    for (size_t end = 0; end <= text.n; end++) {
        char c = end < text.n ? text.p[end] : '\0';
        bool is_end = end == text.n;
        if (in_spaces && (is_end || c != ' ')) {
            if (start + 1 == end && e->column > YAML_WIDTH && may_fold && start != 0 && !is_end)
                sv_yaml_put_indent(e);
            else
                put_run(e, text, start, end);
            start = end;
        } else if (in_breaks && (is_end || c != '\n')) {
            put_breaks(e, end - start);
            start = end;
        } else if (!in_spaces && !in_breaks && (is_end || c == ' ' || c == '\n' || c == '\'')) {
            put_run(e, text, start, end);
            start = end;
        }
        if (!is_end && c == '\'') {
            put_run(e, SV_STR("''"), 0, 2);
            start = end + 1;
        }
        if (!is_end) {
            in_spaces = c == ' ';
            in_breaks = c == '\n';
        }
    }
    sv_yaml_put_indicator(e, "'", false, false, false);
}

/* The letter of a short escape, or 0. */
static char short_escape(uint32_t c)
{
    static const struct {
        uint32_t point;
        char letter;
    } ESCAPES[] = {{0, '0'},     {7, 'a'},    {8, 'b'},    {9, 't'},      {10, 'n'},
                   {11, 'v'},    {12, 'f'},   {13, 'r'},   {0x1B, 'e'},   {'"', '"'},
                   {'\\', '\\'}, {0x85, 'N'}, {0xA0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
    for (size_t i = 0; i < sizeof ESCAPES / sizeof ESCAPES[0]; i++) {
        if (ESCAPES[i].point == c)
            return ESCAPES[i].letter;
    }
    return 0;
}

static void put_escape(yaml_emitter *e, uint32_t c)
{
    static const char HEX[] = "0123456789ABCDEF";
    char text[10] = {'\\', short_escape(c)};
    size_t n = 2;
    if (!text[1]) {
        int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
        text[1] = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
        while (digits--)
            text[n++] = HEX[c >> (4 * digits) & 15];
    }
    put_run(e, (sv_str){text, n}, 0, n);
}

/* Break the line with a backslash; a blank that would start the next line gets one too. */
static void put_fold(yaml_emitter *e, bool is_before_space)
{
    put_run(e, SV_STR("\\"), 0, 1);
    sv_yaml_put_indent(e);
    e->is_whitespace = e->is_indention = false;
    if (is_before_space)
        put_run(e, SV_STR("\\"), 0, 1);
}

static void put_double_quoted(yaml_emitter *e, sv_str text, bool may_fold)
{
    sv_yaml_put_indicator(e, "\"", true, false, false);
    size_t start = 0; /* of the run that is not written yet */
    for (size_t end = 0; end < text.n;) {
        uint32_t c;
        size_t next = end + sv_utf8_get(text.p + end, &c);
        bool is_escaped = c < 0x20 || c > 0x7E || c == '"' || c == '\\';
        if (is_escaped) {
            put_run(e, text, start, end);
            put_escape(e, c);
            start = next;
        }
        /* After an escape the run has length -1 here, as in PyYAML. */
        size_t column = is_escaped ? e->column - 1 : e->column + (end - start);
        if (end > 0 && next < text.n && (c == ' ' || is_escaped || start == end) && column > YAML_WIDTH && may_fold) {
            if (!is_escaped) {
                put_run(e, text, start, end);
                start = end;
            }
            put_fold(e, text.p[start] == ' ');
        }
        end = next;
    }
    put_run(e, text, start, text.n);
    sv_yaml_put_indicator(e, "\"", false, false, false);
}

/* Lines of base64, each ended: no blanks at the start, exactly one line end behind the last. */
static void put_literal(yaml_emitter *e, sv_str text)
{
    sv_yaml_put_indicator(e, "|", true, false, false);
    put_line_break(e);
    for (size_t from = 0; from < text.n;) {
        sv_str rest = {text.p + from, text.n - from};
        size_t n = sv_str_find(rest, '\n');
        sv_yaml_put_indent(e);
        sv_buf_put(e->out, rest.p, n);
        put_line_break(e);
        from += n + 1;
    }
}

void sv_yaml_scalar_put(yaml_emitter *e, const yaml_scalar *s, yaml_context context)
{
    bool is_plain =
        !s->is_literal && s->is_plain_implicit && s->allows_plain && !(context.is_simple_key && !s->text.n);
    bool may_fold = !context.is_simple_key;
    if (!(is_plain ? s->is_plain_implicit : s->is_quoted_implicit))
        sv_yaml_put_indicator(e, sv_yaml_tag_show(s->tag), true, false, false);
    e->indent = e->indent < 0 ? YAML_INDENT : e->indent + YAML_INDENT;
    if (is_plain) {
        put_plain(e, s->text, may_fold);
        e->is_open_ended |= context.is_root;
    } else if (s->is_literal && s->allows_literal && !context.is_simple_key) {
        put_literal(e, s->text);
    } else if (!s->is_literal && s->allows_single && !(context.is_simple_key && s->is_multiline)) {
        put_single_quoted(e, s->text, may_fold);
    } else {
        put_double_quoted(e, s->text, may_fold);
    }
    e->indent -= YAML_INDENT;
}
