#include "corpus/vectors.h"

#include <math.h>
#include <stdio.h>

bool vectors_read(const char *path, sv_buf *out)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "cannot open %s\n", path);
        return false;
    }
    char block[65536];
    size_t n;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        sv_buf_put(out, block, n);
    fclose(f);
    return sv_buf_check(out, NULL) == SAVOR_OK;
}

/* {"$name": value}: the value, or NULL for anything else. */
static const sv_json *tagged(const sv_json *v, const char *name)
{
    return v->kind == SV_JSON_OBJECT && v->n == 1 ? sv_json_find(v, name) : NULL;
}

/* {"$time": ...} is ISO text with 'T', a node has str()'s blank. */
static bool is_same_time(sv_str text, sv_str iso)
{
    if (text.n != iso.n)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != iso.p[i] && !(i == 10 && iso.p[i] == 'T' && text.p[i] == ' '))
            return false;
    }
    return true;
}

static sv_str decode(sv_str base64, char *room)
{
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0, n_bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < base64.n && base64.p[i] != '='; i++) {
        const char *at = strchr(ALPHABET, base64.p[i]);
        if (!at)
            continue;
        bits = bits << 6 | (uint32_t)(at - ALPHABET);
        n_bits += 6;
        if (n_bits >= 8)
            room[n++] = (char)(bits >> (n_bits -= 8));
    }
    return (sv_str){room, n};
}

static double special(sv_str name)
{
    if (sv_str_is(name, "nan"))
        return NAN;
    return sv_str_is(name, "inf") ? INFINITY : -INFINITY;
}

static bool equal_items(const sv_node *node, const sv_json *list)
{
    if (node->kind != SV_NODE_SEQUENCE || node->n != list->n)
        return false;
    const sv_json *item = list + 1;
    for (size_t i = 0; i < node->n; i++, item = sv_json_next(item)) {
        if (!vectors_equal(node->items[i], item))
            return false;
    }
    return true;
}

static bool equal_pairs(const sv_node *node, const sv_json *pairs)
{
    if (node->kind != SV_NODE_MAPPING || node->n != pairs->n)
        return false;
    const sv_json *pair = pairs + 1;
    for (size_t i = 0; i < node->n; i++, pair = sv_json_next(pair)) {
        const sv_json *key = pair + 1;
        if (!vectors_equal(node->pairs[i].key, key) || !vectors_equal(node->pairs[i].value, sv_json_next(key)))
            return false;
    }
    return true;
}

static bool equal_set(const sv_node *node, const sv_json *list)
{
    if (node->kind != SV_NODE_SET || node->n != list->n)
        return false;
    const sv_json *item = list + 1;
    for (size_t i = 0; i < node->n; i++, item = sv_json_next(item)) {
        if (!vectors_equal(node->pairs[i].key, item) || node->pairs[i].value->kind != SV_NODE_NULL)
            return false;
    }
    return true;
}

static bool equal_double(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static bool equal_object(const sv_node *node, const sv_json *expected)
{
    const sv_json *v;
    char room[4096];
    if ((v = tagged(expected, "$dict")))
        return equal_pairs(node, v);
    if ((v = tagged(expected, "$tuple")))
        return equal_items(node, v);
    if ((v = tagged(expected, "$set")))
        return equal_set(node, v);
    if ((v = tagged(expected, "$float")))
        return node->kind == SV_NODE_FLOAT && equal_double(node->f, special(sv_json_text(v)));
    if ((v = tagged(expected, "$bytes")))
        return node->kind == SV_NODE_BINARY && sv_str_equal(node->text, decode(sv_json_text(v), room));
    if ((v = tagged(expected, "$date")) || (v = tagged(expected, "$time")) || (v = tagged(expected, "$datetime")))
        return node->kind == SV_NODE_TIMESTAMP && is_same_time(node->text, sv_json_text(v));
    return false;
}

bool vectors_equal(const sv_node *node, const sv_json *expected)
{
    switch (expected->kind) {
    case SV_JSON_NULL:
        return node->kind == SV_NODE_NULL;
    case SV_JSON_TRUE:
    case SV_JSON_FALSE:
        return node->kind == SV_NODE_BOOL && node->i == (expected->kind == SV_JSON_TRUE);
    case SV_JSON_INT:
        return node->kind == SV_NODE_INT && !node->is_big && node->i == expected->u.i;
    case SV_JSON_BIGINT:
        return node->kind == SV_NODE_INT && node->is_big && sv_str_equal(node->text, sv_json_text(expected));
    case SV_JSON_DOUBLE:
        return node->kind == SV_NODE_FLOAT && equal_double(node->f, expected->u.f);
    case SV_JSON_STRING:
        return node->kind == SV_NODE_STRING && sv_str_equal(node->text, sv_json_text(expected));
    case SV_JSON_ARRAY:
        return equal_items(node, expected);
    default:
        return equal_object(node, expected);
    }
}

static void fill_items(sv_node *node, const sv_json *list, sv_arena *arena)
{
    const sv_node **items = sv_arena_array(arena, list->n + 1, sizeof *items);
    const sv_json *item = list + 1;
    for (size_t i = 0; i < list->n; i++, item = sv_json_next(item))
        items[i] = vectors_node(item, arena);
    node->kind = SV_NODE_SEQUENCE;
    node->items = items;
    node->n = list->n;
}

static void fill_pairs(sv_node *node, const sv_json *list, bool is_set, sv_arena *arena)
{
    static const sv_node NULL_NODE = {.kind = SV_NODE_NULL};
    sv_pair *pairs = sv_arena_array(arena, list->n + 1, sizeof *pairs);
    const sv_json *pair = list + 1;
    for (size_t i = 0; i < list->n; i++, pair = sv_json_next(pair)) {
        const sv_json *key = is_set ? pair : pair + 1;
        pairs[i].key = vectors_node(key, arena);
        pairs[i].value = is_set ? &NULL_NODE : vectors_node(sv_json_next(key), arena);
    }
    node->kind = is_set ? SV_NODE_SET : SV_NODE_MAPPING;
    node->pairs = pairs;
    node->n = list->n;
}

/* {"p": X, "q": X} with one X. */
static void fill_same(sv_node *node, const sv_json *value, sv_arena *arena)
{
    static const sv_node P = {.kind = SV_NODE_STRING, .text = {"p", 1}},
                         Q = {.kind = SV_NODE_STRING, .text = {"q", 1}};
    sv_pair *pairs = sv_arena_array(arena, 2, sizeof *pairs);
    const sv_node *shared = vectors_node(value, arena);
    pairs[0] = (sv_pair){&P, shared};
    pairs[1] = (sv_pair){&Q, shared};
    node->kind = SV_NODE_MAPPING;
    node->pairs = pairs;
    node->n = 2;
}

static void fill_object(sv_node *node, const sv_json *value, sv_arena *arena)
{
    const sv_json *v;
    if ((v = tagged(value, "$dict"))) {
        fill_pairs(node, v, false, arena);
    } else if ((v = tagged(value, "$set"))) {
        fill_pairs(node, v, true, arena);
    } else if ((v = tagged(value, "$tuple"))) {
        fill_items(node, v, arena);
    } else if ((v = tagged(value, "$same"))) {
        fill_same(node, v, arena);
    } else if ((v = tagged(value, "$float"))) {
        node->kind = SV_NODE_FLOAT;
        node->f = special(sv_json_text(v));
    } else if ((v = tagged(value, "$bytes"))) {
        node->kind = SV_NODE_BINARY;
        node->text = decode(sv_json_text(v), sv_arena_alloc(arena, v->n + 1));
    } else if ((v = tagged(value, "$date")) || (v = tagged(value, "$datetime"))) {
        char *text = sv_arena_text(arena, v->u.p, v->n);
        if (v->n > 10)
            text[10] = ' ';
        node->kind = SV_NODE_TIMESTAMP;
        node->text = (sv_str){text, v->n};
    }
}

const sv_node *vectors_node(const sv_json *value, sv_arena *arena)
{
    sv_node *node = sv_arena_array(arena, 1, sizeof *node);
    static const sv_node_kind KINDS[] = {SV_NODE_NULL, SV_NODE_BOOL,  SV_NODE_BOOL,   SV_NODE_INT,
                                         SV_NODE_INT,  SV_NODE_FLOAT, SV_NODE_STRING, SV_NODE_SEQUENCE};
    if (value->kind == SV_JSON_OBJECT) {
        fill_object(node, value, arena);
        return node;
    }
    node->kind = KINDS[value->kind];
    node->is_big = value->kind == SV_JSON_BIGINT;
    if (value->kind == SV_JSON_ARRAY)
        fill_items(node, value, arena);
    else if (value->kind == SV_JSON_STRING || value->kind == SV_JSON_BIGINT)
        node->text = sv_json_text(value);
    else if (value->kind == SV_JSON_DOUBLE)
        node->f = value->u.f;
    else
        node->i = value->kind == SV_JSON_INT ? value->u.i : value->kind == SV_JSON_TRUE;
    return node;
}
