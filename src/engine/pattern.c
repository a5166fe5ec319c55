/* pattern.c: the text of a pattern to its program, by recursive descent. */
#include "base/alloc.h"
#include "engine/pattern_priv.h"

#define CODE_MAX 4096
#define ITEMS_MAX 1024
#define DEPTH_MAX 200
#define REPEAT_MAX 1000
#define WIDTH_MAX 1000000 /* no end */

typedef struct parser {
    sv_str text;
    size_t at;
    unsigned depth;
    bool dot_is_all, has_lines;
    sv_pattern *out;
    savor_error *err;
} parser;

/* How many characters a piece takes. */
typedef struct width {
    uint32_t min, max;
} width;

static savor_status parse_choice(parser *p, width *w);

static savor_status refuse(parser *p, const char *what)
{
    return sv_fail(p->err, SAVOR_UNSUPPORTED, "the token pattern %.*s has %s, which is not known here",
                   SV_FMT(p->text), what);
}

static savor_status broken(parser *p, const char *what)
{
    return sv_fail(p->err, SAVOR_FORMAT, "the token pattern %.*s has %s at byte %zu", SV_FMT(p->text), what, p->at);
}

static bool is_at(const parser *p, const char *what)
{
    sv_str rest = {p->text.p + p->at, p->text.n - p->at};
    return sv_str_starts(rest, sv_str_of(what));
}

static bool skip(parser *p, const char *what)
{
    if (!is_at(p, what))
        return false;
    p->at += strlen(what);
    return true;
}

static uint32_t take(parser *p)
{
    uint32_t c;
    p->at += sv_utf8_get(p->text.p + p->at, &c);
    return c;
}

/* ---- writing code ---- */

static savor_status put(parser *p, pattern_code code)
{
    if (p->out->n_code == CODE_MAX)
        return sv_fail(p->err, SAVOR_LIMIT, "the token pattern %.*s was too long", SV_FMT(p->text));
    p->out->code[p->out->n_code++] = code;
    return SAVOR_OK;
}

/* Before what was written since `at`; nothing outside jumps into that. */
static savor_status put_before(parser *p, size_t at, pattern_code code)
{
    savor_status st = put(p, code);
    if (st)
        return st;
    memmove(p->out->code + at + 1, p->out->code + at, (p->out->n_code - 1 - at) * sizeof code);
    p->out->code[at] = code;
    return SAVOR_OK;
}

static savor_status put_block(parser *p, const pattern_code *block, size_t n)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < n; i++)
        st = put(p, block[i]);
    return st;
}

static savor_status put_item(parser *p, set_item item)
{
    if (p->out->n_items == ITEMS_MAX)
        return sv_fail(p->err, SAVOR_LIMIT, "the token pattern %.*s had too many classes", SV_FMT(p->text));
    p->out->items[p->out->n_items++] = item;
    return SAVOR_OK;
}

static savor_status put_set(parser *p, size_t first, bool is_not)
{
    return put(p,
               (pattern_code){
                   .op = OP_SET, .is_not = is_not, .a = (uint32_t)first, .n = (uint32_t)(p->out->n_items - first)});
}

/* ---- characters ---- */

static const char CLASSES[] = "wWdDsS";
static const set_kind CLASS_KINDS[] = {SET_WORD, SET_WORD, SET_DIGIT, SET_DIGIT, SET_SPACE, SET_SPACE};

/* \w and its like as an item of a class. */
static bool class_of(char c, set_item *out)
{
    const char *found = c ? strchr(CLASSES, c) : NULL;
    if (found)
        *out = (set_item){.kind = CLASS_KINDS[found - CLASSES], .is_not = (found - CLASSES) % 2 == 1};
    return found != NULL;
}

static savor_status take_hex(parser *p, size_t n_digits, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n_digits; i++) {
        int digit = p->at < p->text.n ? sv_hex_digit(p->text.p[p->at]) : -1;
        if (digit < 0)
            return broken(p, "an escape without its digits");
        *out = *out * 16 + (uint32_t)digit;
        p->at++;
    }
    return *out > 0x10ffff ? broken(p, "no character") : SAVOR_OK;
}

/* The character that an escape stands for; the backslash is behind us. */
static savor_status take_escape(parser *p, uint32_t *out)
{
    static const char NAMES[] = "tnrfva", VALUES[] = "\t\n\r\f\v\a";
    if (p->at == p->text.n)
        return broken(p, "a backslash at its end");
    *out = take(p);
    const char *found = *out && *out < 0x80 ? strchr(NAMES, (char)*out) : NULL;
    if (found) {
        *out = (unsigned char)VALUES[found - NAMES];
        return SAVOR_OK;
    }
    if (*out == 'x' || *out == 'u' || *out == 'U')
        return take_hex(p, *out == 'x' ? 2 : *out == 'u' ? 4 : 8, out);
    if (*out >= '0' && *out <= '9')
        return refuse(p, "a number behind a backslash");
    if ((*out >= 'a' && *out <= 'z') || (*out >= 'A' && *out <= 'Z'))
        return refuse(p, "an escape");
    return SAVOR_OK;
}

/* One end of a range, or a class such as \w (`*is_class`). */
static savor_status take_member(parser *p, set_item *item, bool *is_class)
{
    savor_status st = SAVOR_OK;
    *is_class = false;
    if (p->at == p->text.n)
        return broken(p, "a class without its end");
    *item = (set_item){.kind = SET_RANGE};
    if (!skip(p, "\\")) {
        item->first = take(p);
    } else if (p->at < p->text.n && class_of(p->text.p[p->at], item)) {
        p->at++;
        *is_class = true;
    } else if (skip(p, "b")) {
        item->first = '\b';
    } else {
        st = take_escape(p, &item->first);
    }
    item->last = item->first;
    return st;
}

/* [...]; the bracket is behind us. */
static savor_status parse_set(parser *p)
{
    bool is_not = skip(p, "^"), is_class;
    size_t first = p->out->n_items;
    savor_status st;
    do {
        set_item item, end;
        if ((st = take_member(p, &item, &is_class)))
            return st;
        if (!is_class && is_at(p, "-") && p->at + 1 < p->text.n && p->text.p[p->at + 1] != ']') {
            p->at++;
            if ((st = take_member(p, &end, &is_class)))
                return st;
            if (is_class || end.first < item.first)
                return broken(p, "a bad range");
            item.last = end.first;
        }
        if ((st = put_item(p, item)))
            return st;
    } while (!skip(p, "]"));
    return put_set(p, first, is_not);
}

/* ---- groups ---- */

static savor_status parse_look(parser *p, bool is_not, bool is_behind)
{
    size_t at = p->out->n_code;
    width w;
    savor_status st = put(p, (pattern_code){.op = OP_LOOK, .is_not = is_not});
    if (st || (st = parse_choice(p, &w)) || (st = put(p, (pattern_code){.op = OP_MATCH})))
        return st;
    if (is_behind && (w.min != w.max || w.max >= WIDTH_MAX))
        return broken(p, "a look-behind of no fixed width");
    p->out->code[at].n = is_behind ? w.min : 0;
    p->out->code[at].x = (int32_t)(p->out->n_code - at);
    return SAVOR_OK;
}

static savor_status parse_capture(parser *p, width *w)
{
    savor_status st;
    if (p->out->n_groups++)
        return refuse(p, "more than one group");
    if ((st = put(p, (pattern_code){.op = OP_SAVE})) || (st = parse_choice(p, w)))
        return st;
    return put(p, (pattern_code){.op = OP_SAVE, .a = 1});
}

/* (...); the bracket is behind us. */
static savor_status parse_group(parser *p, width *w)
{
    static const struct {
        const char *text;
        bool is_not, is_behind;
    } LOOKS[] = {{"?=", false, false}, {"?!", true, false}, {"?<=", false, true}, {"?<!", true, true}};
    savor_status st = SAVOR_OK;
    size_t look = 0;
    *w = (width){0, 0};
    while (look < 4 && !skip(p, LOOKS[look].text))
        look++;
    if (look < 4) {
        st = parse_look(p, LOOKS[look].is_not, LOOKS[look].is_behind);
    } else if (skip(p, "?:")) {
        st = parse_choice(p, w);
    } else if (skip(p, "?P<")) {
        while (p->at < p->text.n && p->text.p[p->at] != '>')
            p->at++;
        p->at += p->at < p->text.n;
        st = parse_capture(p, w);
    } else if (is_at(p, "?")) {
        return refuse(p, "a group of its own kind");
    } else {
        st = parse_capture(p, w);
    }
    if (!st && !skip(p, ")"))
        return broken(p, "a bracket that stays open");
    return st;
}

/* ---- one piece ---- */

static savor_status parse_escape(parser *p, width *w)
{
    static const struct {
        const char *text;
        pattern_code code;
    } PLACES[] = {{"b", {.op = OP_BOUNDARY}},
                  {"B", {.op = OP_BOUNDARY, .is_not = true}},
                  {"A", {.op = OP_START}},
                  {"Z", {.op = OP_END}}};
    set_item item;
    uint32_t c;
    savor_status st;
    *w = (width){0, 0};
    for (size_t i = 0; i < 4; i++)
        if (skip(p, PLACES[i].text))
            return put(p, PLACES[i].code);
    *w = (width){1, 1};
    if (p->at < p->text.n && class_of(p->text.p[p->at], &item)) {
        p->at++;
        st = put_item(p, item);
        return st ? st : put_set(p, p->out->n_items - 1, false);
    }
    st = take_escape(p, &c);
    return st ? st : put(p, (pattern_code){.op = OP_CHAR, .a = c});
}

static savor_status parse_atom(parser *p, width *w)
{
    *w = (width){0, 0};
    if (skip(p, "("))
        return parse_group(p, w);
    if (skip(p, "\\"))
        return parse_escape(p, w);
    if (skip(p, "^"))
        return put(p, (pattern_code){.op = OP_START, .a = p->has_lines});
    if (skip(p, "$"))
        return put(p, (pattern_code){.op = OP_END, .a = p->has_lines ? 2 : 1});
    *w = (width){1, 1};
    if (skip(p, "["))
        return parse_set(p);
    if (skip(p, "."))
        return put(p, (pattern_code){.op = OP_ANY, .is_not = p->dot_is_all});
    if (is_at(p, "*") || is_at(p, "+") || is_at(p, "?"))
        return broken(p, "nothing to repeat");
    return put(p, (pattern_code){.op = OP_CHAR, .a = take(p)});
}

/* ---- repetition ---- */

static bool take_count(parser *p, uint32_t *out)
{
    size_t first = p->at;
    uint32_t n = 0;
    while (p->at < p->text.n && p->text.p[p->at] >= '0' && p->text.p[p->at] <= '9' && n <= REPEAT_MAX)
        n = n * 10 + (uint32_t)(p->text.p[p->at++] - '0');
    if (p->at > first)
        *out = n;
    return p->at > first;
}

/* {m}, {m,}, {,n} or {m,n}; anything else is a plain bracket. */
static bool take_braces(parser *p, uint32_t *min, uint32_t *max)
{
    size_t first = p->at;
    *min = 0;
    *max = WIDTH_MAX;
    if (skip(p, "{")) {
        bool has_min = take_count(p, min), has_comma = skip(p, ",");
        if (has_comma)
            (void)take_count(p, max);
        else
            *max = *min;
        if ((has_min || has_comma) && skip(p, "}"))
            return true;
    }
    p->at = first;
    return false;
}

static bool take_repeat(parser *p, uint32_t *min, uint32_t *max)
{
    *min = 0;
    *max = WIDTH_MAX;
    if (skip(p, "*"))
        return true;
    if (skip(p, "+")) {
        *min = 1;
        return true;
    }
    if (skip(p, "?")) {
        *max = 1;
        return true;
    }
    return take_braces(p, min, max);
}

static pattern_code split(size_t on, size_t past, bool is_lazy)
{
    int32_t x = (int32_t)on, y = (int32_t)past;
    return (pattern_code){.op = OP_SPLIT, .x = is_lazy ? y : x, .y = is_lazy ? x : y};
}

/* The block from `at` as often as it is asked for: copies of it, each further one after a choice. */
static savor_status repeat(parser *p, size_t at, uint32_t min, uint32_t max, bool is_lazy)
{
    pattern_code block[CODE_MAX / 16];
    size_t n = p->out->n_code - at;
    savor_status st = SAVOR_OK;
    if (n > sizeof block / sizeof *block)
        return refuse(p, "so much to repeat");
    memcpy(block, p->out->code + at, n * sizeof *block);
    p->out->n_code = at;
    for (uint32_t i = 0; !st && i < min; i++)
        st = put_block(p, block, n);
    if (st)
        return st;
    if (max == WIDTH_MAX) {
        if ((st = put(p, split(1, n + 2, is_lazy))) || (st = put_block(p, block, n)))
            return st;
        return put(p, (pattern_code){.op = OP_JUMP, .x = -(int32_t)(n + 1)});
    }
    for (uint32_t left = max - min; !st && left > 0; left--)
        if (!(st = put(p, split(1, left * (n + 1), is_lazy))))
            st = put_block(p, block, n);
    return st;
}

static uint32_t times(uint32_t w, uint32_t n)
{
    uint64_t product = (uint64_t)w * n;
    return product > WIDTH_MAX ? WIDTH_MAX : (uint32_t)product;
}

static savor_status parse_piece(parser *p, width *w)
{
    size_t at = p->out->n_code;
    uint32_t min, max;
    savor_status st = parse_atom(p, w);
    if (st || !take_repeat(p, &min, &max))
        return st;
    bool is_lazy = skip(p, "?");
    if (is_at(p, "+") || is_at(p, "*"))
        return refuse(p, "a possessive repetition");
    if (min > max || min > REPEAT_MAX || (max > REPEAT_MAX && max < WIDTH_MAX))
        return broken(p, "a repetition out of range");
    if (w->min == 0 && max > 1) /* re stops such loops by rules of its own */
        return refuse(p, "a repetition of what may be empty");
    *w = (width){times(w->min, min), times(w->max, max)};
    return repeat(p, at, min, max, is_lazy);
}

static savor_status parse_sequence(parser *p, width *w)
{
    savor_status st = SAVOR_OK;
    *w = (width){0, 0};
    while (!st && p->at < p->text.n && !is_at(p, "|") && !is_at(p, ")")) {
        width piece;
        st = parse_piece(p, &piece);
        w->min += st ? 0 : piece.min;
        w->max += st ? 0 : piece.max;
        if (w->max > WIDTH_MAX)
            w->max = WIDTH_MAX;
        if (w->min > WIDTH_MAX)
            w->min = WIDTH_MAX;
    }
    return st;
}

/* a|b|c: each alternative is a choice between itself and all behind it. */
static savor_status parse_choice(parser *p, width *w)
{
    size_t at = p->out->n_code;
    width rest;
    savor_status st;
    if (++p->depth > DEPTH_MAX)
        return refuse(p, "so many brackets or alternatives");
    if ((st = parse_sequence(p, w)))
        return st;
    if (skip(p, "|")) {
        size_t n = p->out->n_code - at;
        if ((st = put_before(p, at, split(1, n + 2, false))))
            return st;
        size_t jump = p->out->n_code;
        if ((st = put(p, (pattern_code){.op = OP_JUMP})) || (st = parse_choice(p, &rest)))
            return st;
        p->out->code[jump].x = (int32_t)(p->out->n_code - jump);
        w->min = rest.min < w->min ? rest.min : w->min;
        w->max = rest.max > w->max ? rest.max : w->max;
    }
    p->depth--;
    return SAVOR_OK;
}

/* (?u) and its like, at the start alone. */
static savor_status parse_flags(parser *p)
{
    size_t first = p->at;
    if (!skip(p, "(?"))
        return SAVOR_OK;
    while (p->at < p->text.n && strchr("usmaiLx", p->text.p[p->at])) {
        char flag = p->text.p[p->at++];
        p->dot_is_all = p->dot_is_all || flag == 's';
        p->has_lines = p->has_lines || flag == 'm';
        if (!strchr("usm", flag))
            return refuse(p, "a flag other than u, s and m");
    }
    if (p->at == first + 2 || !skip(p, ")")) /* (?: and others are groups */
        p->at = first;
    return SAVOR_OK;
}

savor_status sv_pattern_parse(sv_str text, sv_arena *arena, const sv_pattern **out, savor_error *err)
{
    sv_pattern *made = sv_arena_array(arena, 1, sizeof *made);
    width w;
    savor_status st;
    *out = NULL;
    if (!made)
        return sv_arena_fail(arena, sizeof *made, err);
    made->items = sv_arena_array(arena, ITEMS_MAX, sizeof *made->items);
    made->code = made->items ? sv_arena_array(arena, CODE_MAX, sizeof *made->code) : NULL;
    if (!made->code)
        return sv_arena_fail(arena, CODE_MAX * sizeof *made->code, err);
    parser p = {.text = text, .out = made, .err = err};
    if ((st = parse_flags(&p)) || (st = parse_choice(&p, &w)))
        return st;
    if (p.at < text.n)
        return broken(&p, "a bracket too many");
    if ((st = put(&p, (pattern_code){.op = OP_MATCH})))
        return st;
    sv_arena_trim(arena, made->code, CODE_MAX * sizeof *made->code, made->n_code * sizeof *made->code);
    *out = made;
    return SAVOR_OK;
}
