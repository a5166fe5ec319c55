/* yaml_emit.c: a tree -> PyYAML's block layout. Source: PyYAML representer.py, serializer.py, emitter.py. */
#include "text/yaml_emit_priv.h"

#include "base/alloc.h"
#include "base/number.h"

#include <math.h>

/* Recursion here ends at this depth, the one that reading has. */
enum { MAX_DEPTH = 64, MIN_SLOTS = 64 };

/* A node that could stand in two places, and what is known of it. */
typedef struct place {
    const sv_node *node;
    const sv_pair *pairs; /* sorted */
    unsigned anchor;      /* 0: it stands in one place */
    bool is_written;
} place;

typedef struct writer {
    yaml_emitter emitter;
    sv_arena arena; /* sorted pairs */
    place *places;  /* a hash table by address */
    size_t n_places, n_slots;
    unsigned n_anchors;
    savor_error *err;
} writer;

/* PyYAML never aliases text, numbers and null. */
static bool is_shareable(const sv_node *node)
{
    return node->kind == SV_NODE_TIMESTAMP || node->kind >= SV_NODE_SEQUENCE;
}

static bool is_mapping(const sv_node *node) { return node->kind == SV_NODE_MAPPING || node->kind == SV_NODE_SET; }

static place *find_place(const writer *w, const sv_node *node)
{
    size_t mask = w->n_slots - 1;
    size_t at = (size_t)((uintptr_t)node / 16 * UINT64_C(0x9E3779B97F4A7C15) >> 20) & mask;
    while (w->places[at].node && w->places[at].node != node)
        at = (at + 1) & mask;
    return &w->places[at];
}

static savor_status grow_places(writer *w)
{
    place *old = w->places;
    size_t n_old = w->n_slots;
    w->n_slots = n_old ? n_old * 2 : MIN_SLOTS;
    w->places = sv_alloc_array(w->n_slots, sizeof *w->places);
    if (!w->places) {
        w->places = old;
        w->n_slots = n_old;
        return sv_fail_nomem(w->err, n_old * 2 * sizeof *old);
    }
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].node)
            *find_place(w, old[i].node) = old[i];
    }
    sv_free(old);
    return SAVOR_OK;
}

/* Whether Python's sorted() would compare all keys without a TypeError; otherwise PyYAML leaves them as they are. */
static bool is_sortable(const sv_node *node)
{
    for (size_t i = 1; i < node->n; i++) {
        if (sv_yaml_key_class_of(node->pairs[i].key) != sv_yaml_key_class_of(node->pairs[0].key))
            return false;
    }
    return true;
}

static void merge_runs(const sv_pair *from, sv_pair *to, size_t begin, size_t middle, size_t end)
{
    size_t left = begin, right = middle;
    for (size_t i = begin; i < end; i++) {
        bool takes_left =
            left < middle && (right >= end || sv_yaml_key_compare(from[left].key, from[right].key) <= 0);
        to[i] = from[takes_left ? left++ : right++];
    }
}

/* Stable, bottom-up. */
static savor_status sort_pairs(writer *w, const sv_node *node, const sv_pair **out)
{
    *out = node->pairs;
    if (node->n < 2 || !is_sortable(node))
        return SAVOR_OK;
    sv_pair *a = sv_arena_array(&w->arena, node->n, sizeof *a);
    sv_pair *b = sv_arena_array(&w->arena, node->n, sizeof *b);
    if (!a || !b)
        return sv_arena_fail(&w->arena, node->n * sizeof *a, w->err);
    memcpy(a, node->pairs, node->n * sizeof *a);
    for (size_t width = 1; width < node->n; width *= 2) {
        for (size_t i = 0; i < node->n; i += 2 * width) {
            size_t middle = i + width < node->n ? i + width : node->n;
            merge_runs(a, b, i, middle, middle + width < node->n ? middle + width : node->n);
        }
        sv_pair *t = a;
        a = b;
        b = t;
    }
    *out = a;
    return SAVOR_OK;
}

static savor_status check_key(const writer *w, const sv_node *key)
{
    if (sv_yaml_key_class_of(key) == YAML_KEY_NONE)
        return sv_fail(w->err, SAVOR_UNSUPPORTED, "a key was a list or mapping: expected a scalar");
    return SAVOR_OK;
}

/* Number the nodes that are met again, in that order. */
static savor_status anchor_node(writer *w, const sv_node *node, unsigned depth)
{
    savor_status st;
    if (!is_shareable(node))
        return SAVOR_OK;
    if (depth > MAX_DEPTH)
        return sv_fail(w->err, SAVOR_LIMIT, "YAML was nested deeper than %d levels", (int)MAX_DEPTH);
    if ((w->n_places + 1) * 2 > w->n_slots && (st = grow_places(w)))
        return st;
    place *p = find_place(w, node);
    if (p->node) {
        if (!p->anchor)
            p->anchor = ++w->n_anchors;
        return SAVOR_OK;
    }
    w->n_places++;
    p->node = node;
    if (is_mapping(node) && (st = sort_pairs(w, node, &p->pairs)))
        return st;
    const sv_pair *pairs = p->pairs; /* the table may move below */
    for (size_t i = 0; node->kind == SV_NODE_SEQUENCE && i < node->n; i++) {
        if ((st = anchor_node(w, node->items[i], depth + 1)))
            return st;
    }
    for (size_t i = 0; is_mapping(node) && i < node->n; i++) {
        if ((st = check_key(w, pairs[i].key)) || (st = anchor_node(w, pairs[i].key, depth + 1)) ||
            (st = anchor_node(w, pairs[i].value, depth + 1)))
            return st;
    }
    return SAVOR_OK;
}

/* As Python's repr, with ".0" put before an exponent. */
static void put_float(double value, sv_buf *out)
{
    char text[SV_DOUBLE_TEXT_MAX];
    if (isnan(value) || isinf(value)) {
        sv_buf_put_text(out, isnan(value) ? ".nan" : value > 0 ? ".inf" : "-.inf");
        return;
    }
    sv_str s = {text, sv_double_to_text(value, text)};
    size_t e = sv_str_find(s, 'e');
    bool needs_point = e < s.n && sv_str_find(s, '.') == s.n;
    sv_buf_put(out, s.p, e);
    if (needs_point)
        sv_buf_put_text(out, ".0");
    sv_buf_put(out, s.p + e, s.n - e);
}

/* Lines of 76 characters, each ended, as Python's base64.encodebytes. */
static void put_base64(sv_str bytes, sv_buf *out)
{
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint32_t bits = 0;
        size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < n ? (unsigned char)bytes.p[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            sv_buf_put_char(out, j <= n ? ALPHABET[bits >> (18 - 6 * j) & 63] : '=');
        if (i + 3 >= bytes.n || (i / 3 + 1) % 19 == 0)
            sv_buf_put_char(out, '\n');
    }
}

/* What PyYAML's representer makes of a scalar: tag and text. Text that is made here goes into `made`. */
static yaml_scalar represent(const sv_node *node, sv_buf *made)
{
    static const yaml_tag TAGS[] = {YAML_TAG_NULL, YAML_TAG_BOOL,      YAML_TAG_INT,   YAML_TAG_FLOAT,
                                    YAML_TAG_STR,  YAML_TAG_TIMESTAMP, YAML_TAG_BINARY};
    yaml_scalar s = {.tag = TAGS[node->kind], .is_literal = node->kind == SV_NODE_BINARY};
    if (node->kind == SV_NODE_NULL)
        s.text = SV_STR("null");
    else if (node->kind == SV_NODE_BOOL)
        s.text = sv_str_of(node->i ? "true" : "false");
    else if (node->kind == SV_NODE_STRING || node->kind == SV_NODE_TIMESTAMP || node->is_big)
        s.text = node->text;
    else if (node->kind == SV_NODE_INT)
        sv_buf_printf(made, "%lld", (long long)node->i);
    else if (node->kind == SV_NODE_FLOAT)
        put_float(node->f, made);
    else
        put_base64(node->text, made);
    if (!s.text.p)
        s.text = sv_buf_view(made);
    s.is_plain_implicit = sv_yaml_resolve(s.text) == s.tag;
    s.is_quoted_implicit = s.tag == YAML_TAG_STR;
    sv_yaml_scalar_analyze(&s);
    return s;
}

static savor_status emit_node(writer *w, const sv_node *node, yaml_context context);

static savor_status emit_scalar(writer *w, const sv_node *node, yaml_context context)
{
    sv_buf made = SV_BUF_INIT(w->emitter.out->max_bytes);
    yaml_scalar s = represent(node, &made);
    savor_status st = sv_buf_check(&made, w->err);
    if (!st)
        sv_yaml_scalar_put(&w->emitter, &s, context);
    sv_buf_deinit(&made);
    return st;
}

/* Whether "key:" fits in front of the value; a longer or empty key or one of several lines gets "? ". */
static bool is_simple_key(const writer *w, const sv_node *key)
{
    size_t n_anchor = 0;
    if (is_shareable(key)) {
        const place *p = find_place(w, key);
        n_anchor = p->anchor ? 5 : 0;
        for (unsigned i = 1000; p->anchor >= i && n_anchor < 12; i *= 10)
            n_anchor++;
        if (p->anchor && p->is_written)
            return true;
    }
    sv_buf made = SV_BUF_INIT(w->emitter.out->max_bytes);
    yaml_scalar s = represent(key, &made);
    size_t n = n_anchor + strlen(sv_yaml_tag_show(s.tag)) + s.n_points;
    bool is_simple = n < YAML_SIMPLE_KEY_MAX && s.text.n && !s.is_multiline;
    sv_buf_deinit(&made);
    return is_simple;
}

static savor_status emit_pair(writer *w, const sv_pair *pair)
{
    yaml_emitter *e = &w->emitter;
    savor_status st;
    sv_yaml_put_indent(e);
    if (is_simple_key(w, pair->key)) {
        if ((st = emit_node(w, pair->key, (yaml_context){.is_mapping = true, .is_simple_key = true})))
            return st;
        sv_yaml_put_indicator(e, ":", false, false, false);
    } else {
        sv_yaml_put_indicator(e, "?", true, false, true);
        if ((st = emit_node(w, pair->key, (yaml_context){.is_mapping = true})))
            return st;
        sv_yaml_put_indent(e);
        sv_yaml_put_indicator(e, ":", true, false, true);
    }
    return emit_node(w, pair->value, (yaml_context){.is_mapping = true});
}

static savor_status emit_mapping(writer *w, const sv_node *node, const sv_pair *pairs)
{
    for (size_t i = 0; i < node->n; i++) {
        savor_status st = emit_pair(w, &pairs[i]);
        if (st)
            return st;
    }
    return SAVOR_OK;
}

static savor_status emit_sequence(writer *w, const sv_node *node)
{
    for (size_t i = 0; i < node->n; i++) {
        sv_yaml_put_indent(&w->emitter);
        sv_yaml_put_indicator(&w->emitter, "-", true, false, true);
        savor_status st = emit_node(w, node->items[i], (yaml_context){0});
        if (st)
            return st;
    }
    return SAVOR_OK;
}

/* An empty container is written in flow style; a list in a mapping is not indented. */
static savor_status emit_container(writer *w, const sv_node *node, const sv_pair *pairs, yaml_context context)
{
    yaml_emitter *e = &w->emitter;
    int indent = e->indent;
    if (node->kind == SV_NODE_SET)
        sv_yaml_put_indicator(e, sv_yaml_tag_show(YAML_TAG_SET), true, false, false);
    if (node->n == 0) {
        sv_yaml_put_indicator(e, is_mapping(node) ? "{" : "[", true, true, false);
        sv_yaml_put_indicator(e, is_mapping(node) ? "}" : "]", false, false, false);
        return SAVOR_OK;
    }
    bool is_indentless = node->kind == SV_NODE_SEQUENCE && context.is_mapping && !e->is_indention;
    if (indent < 0)
        e->indent = 0;
    else if (!is_indentless)
        e->indent += YAML_INDENT;
    savor_status st = is_mapping(node) ? emit_mapping(w, node, pairs) : emit_sequence(w, node);
    e->indent = indent;
    return st;
}

static savor_status emit_node(writer *w, const sv_node *node, yaml_context context)
{
    if (!is_shareable(node))
        return emit_scalar(w, node, context);
    place *p = find_place(w, node);
    if (p->anchor) {
        char anchor[24] = {0};
        sv_buf text = SV_BUF_INIT(sizeof anchor);
        sv_buf_printf(&text, "%cid%03u", p->is_written ? '*' : '&', p->anchor);
        savor_status st = sv_buf_check(&text, w->err);
        if (!st)
            sv_yaml_put_indicator(&w->emitter, text.p, true, false, false);
        sv_buf_deinit(&text);
        if (st || p->is_written)
            return st;
    }
    p->is_written = true;
    if (node->kind == SV_NODE_TIMESTAMP)
        return emit_scalar(w, node, context);
    return emit_container(w, node, p->pairs, context);
}

static void emit_end(yaml_emitter *e)
{
    sv_yaml_put_indent(e);
    if (!e->is_open_ended)
        return;
    sv_yaml_put_indicator(e, "...", true, false, false);
    sv_yaml_put_indent(e);
}

savor_status sv_yaml_write(const sv_node *node, sv_buf *out, savor_error *err)
{
    writer w = {.emitter = {.out = out, .indent = -1, .is_whitespace = true, .is_indention = true}, .err = err};
    savor_status st;
    sv_arena_init(&w.arena, SIZE_MAX);
    if ((st = grow_places(&w)) || (st = anchor_node(&w, node, 1)) ||
        (st = emit_node(&w, node, (yaml_context){.is_root = true})))
        goto done;
    emit_end(&w.emitter);
    st = sv_buf_check(out, err);
done:
    sv_free(w.places);
    sv_arena_deinit(&w.arena);
    return st;
}
