/* yaml_construct.c: composed nodes -> values. Source: PyYAML constructor.py, SafeConstructor. */
#include "base/alloc.h"
#include "text/yaml_priv.h"

/* Recursion here goes no deeper than the nesting that sv_yaml_compose has let through. */

typedef struct constructor {
    sv_arena *arena;
    savor_error *err;
} constructor;

typedef struct raw_list {
    yaml_raw **items;
    size_t n, max;
} raw_list;

static savor_status construct(constructor *c, yaml_raw *raw, const sv_node **out);

static savor_status fail_at(const constructor *c, const yaml_raw *raw, savor_status st)
{
    return sv_error_at(c->err, st, "line %u, column %u", raw->line, raw->column);
}

static const char *kind_name(const yaml_raw *raw)
{
    static const char *const NAMES[] = {"scalar", "sequence", "mapping"};
    return NAMES[raw->kind];
}

static savor_status fail_kind(const constructor *c, const yaml_raw *raw, const char *expected)
{
    return fail_at(c, raw, sv_fail(c->err, SAVOR_FORMAT, "expected a %s, found a %s", expected, kind_name(raw)));
}

static savor_status list_put(constructor *c, raw_list *list, yaml_raw *const *items, size_t n)
{
    size_t need;
    if (!sv_add(list->n, n, &need))
        return sv_fail_nomem(c->err, n);
    if (need > list->max) {
        size_t max = need > list->max * 2 ? need : list->max * 2;
        yaml_raw **grown = sv_realloc_array(list->items, max, sizeof *grown);
        if (!grown)
            return sv_fail_nomem(c->err, max * sizeof *grown);
        list->items = grown;
        list->max = max;
    }
    if (n)
        memcpy(list->items + list->n, items, n * sizeof *items);
    list->n = need;
    return SAVOR_OK;
}

static savor_status flatten(constructor *c, yaml_raw *map);

/* Put the pairs that a "<<" names into `merged`; of several mappings the first wins, so it comes last. */
static savor_status merge_value(constructor *c, yaml_raw *value, raw_list *merged)
{
    savor_status st;
    if (value->kind == YAML_RAW_MAPPING) {
        if ((st = flatten(c, value)))
            return st;
        return list_put(c, merged, value->children, value->n);
    }
    if (value->kind != YAML_RAW_SEQUENCE)
        return fail_kind(c, value, "mapping or list of mappings for merging");
    for (size_t i = 0; i < value->n; i++) {
        if (value->children[i]->kind != YAML_RAW_MAPPING)
            return fail_kind(c, value->children[i], "mapping for merging");
        if ((st = flatten(c, value->children[i])))
            return st;
    }
    for (size_t i = value->n; i-- > 0;) {
        if ((st = list_put(c, merged, value->children[i]->children, value->children[i]->n)))
            return st;
    }
    return SAVOR_OK;
}

static bool has_merge(const yaml_raw *map)
{
    for (size_t i = 0; i < map->n; i += 2) {
        if (map->children[i]->tag == YAML_TAG_MERGE)
            return true;
    }
    return false;
}

/* Replace each "<<" by the pairs it names, before all others; "=" as a key is text. */
static savor_status flatten(constructor *c, yaml_raw *map)
{
    raw_list merged = {0}, own = {0};
    savor_status st = SAVOR_OK;
    bool is_merging = has_merge(map);
    for (size_t i = 0; i < map->n; i += 2) {
        yaml_raw *key = map->children[i];
        if (key->tag == YAML_TAG_VALUE)
            key->tag = YAML_TAG_STR;
        if (!is_merging)
            continue;
        if ((st = key->tag == YAML_TAG_MERGE ? merge_value(c, map->children[i + 1], &merged)
                                             : list_put(c, &own, map->children + i, 2)))
            goto done;
    }
    if (!is_merging || (st = list_put(c, &merged, own.items, own.n)))
        goto done;
    yaml_raw **children = sv_arena_array(c->arena, merged.n ? merged.n : 1, sizeof *children);
    if (!children) {
        st = sv_arena_fail(c->arena, merged.n * sizeof *children, c->err);
        goto done;
    }
    if (merged.n)
        memcpy(children, merged.items, merged.n * sizeof *children);
    map->children = children;
    map->n = merged.n;
done:
    sv_free(merged.items);
    sv_free(own.items);
    return st;
}

/* Where a key stands in the table of the keys so far: an index + 1 into `pairs`, or 0 in a free slot. */
static uint32_t *find_slot(uint32_t *table, size_t mask, const sv_pair *pairs, const sv_node *key)
{
    yaml_key_class class = sv_yaml_key_class_of(key);
    size_t at = (size_t)sv_yaml_key_hash(key) & mask;
    for (; table[at]; at = (at + 1) & mask) {
        const sv_node *other = pairs[table[at] - 1].key;
        if (sv_yaml_key_class_of(other) == class && sv_yaml_key_compare(other, key) == 0)
            break;
    }
    return &table[at];
}

static savor_status fill_pairs(constructor *c, const yaml_raw *raw, sv_pair *pairs, uint32_t *table, size_t mask,
                               sv_node *node)
{
    savor_status st;
    for (size_t i = 0; i < raw->n; i += 2) {
        const sv_node *key, *value;
        if ((st = construct(c, raw->children[i], &key)))
            return st;
        if (sv_yaml_key_class_of(key) == YAML_KEY_NONE)
            return fail_at(c, raw->children[i],
                           sv_fail(c->err, SAVOR_FORMAT, "a %s was used as a key", kind_name(raw->children[i])));
        if ((st = construct(c, raw->children[i + 1], &value)))
            return st;
        uint32_t *slot = find_slot(table, mask, pairs, key);
        if (!*slot) {
            pairs[node->n].key = key;
            *slot = (uint32_t)++node->n;
        }
        pairs[*slot - 1].value = value;
    }
    return SAVOR_OK;
}

static savor_status construct_mapping(constructor *c, yaml_raw *raw, sv_node *node)
{
    savor_status st;
    if (raw->kind != YAML_RAW_MAPPING)
        return fail_kind(c, raw, "mapping");
    if ((st = flatten(c, raw)))
        return st;
    size_t n_slots = 8;
    while (n_slots < raw->n)
        n_slots *= 2;
    uint32_t *table = sv_alloc_array(n_slots, sizeof *table);
    sv_pair *pairs = sv_arena_array(c->arena, raw->n / 2 + 1, sizeof *pairs);
    if (!table || !pairs) {
        st = table ? sv_arena_fail(c->arena, raw->n * sizeof *pairs, c->err) : sv_fail_nomem(c->err, n_slots);
    } else {
        node->pairs = pairs;
        st = fill_pairs(c, raw, pairs, table, n_slots - 1, node);
    }
    sv_free(table);
    return st;
}

static const sv_node *null_node(constructor *c, const yaml_raw *raw)
{
    sv_node *node = sv_arena_array(c->arena, 1, sizeof *node);
    if (node) {
        node->line = raw->line;
        node->column = raw->column;
    }
    return node;
}

/* A set keeps the keys; whatever stood as values is dropped. */
static savor_status construct_set(constructor *c, yaml_raw *raw, sv_node *node)
{
    savor_status st = construct_mapping(c, raw, node);
    const sv_node *null = st ? NULL : null_node(c, raw);
    if (!st && !null)
        st = sv_arena_fail(c->arena, sizeof *node, c->err);
    if (st)
        return st;
    sv_pair *pairs = sv_arena_array(c->arena, node->n + 1, sizeof *pairs);
    if (!pairs)
        return sv_arena_fail(c->arena, node->n * sizeof *pairs, c->err);
    for (size_t i = 0; i < node->n; i++)
        pairs[i] = (sv_pair){node->pairs[i].key, null};
    node->pairs = pairs;
    return SAVOR_OK;
}

static savor_status construct_items(constructor *c, yaml_raw *const *children, size_t n, sv_node *node)
{
    const sv_node **items = sv_arena_array(c->arena, n ? n : 1, sizeof *items);
    if (!items)
        return sv_arena_fail(c->arena, n * sizeof *items, c->err);
    for (size_t i = 0; i < n; i++) {
        savor_status st = construct(c, children[i], &items[i]);
        if (st)
            return st;
    }
    node->items = items;
    node->n = n;
    return SAVOR_OK;
}

static savor_status construct_sequence(constructor *c, yaml_raw *raw, sv_node *node)
{
    if (raw->kind != YAML_RAW_SEQUENCE)
        return fail_kind(c, raw, "sequence");
    return construct_items(c, raw->children, raw->n, node);
}

static savor_status construct_tuple(constructor *c, const yaml_raw *raw, const sv_node **out)
{
    if (raw->kind != YAML_RAW_MAPPING)
        return fail_kind(c, raw, "mapping of length 1");
    if (raw->n != 2)
        return fail_at(c, raw, sv_fail(c->err, SAVOR_FORMAT, "expected a single pair, found %zu", raw->n / 2));
    sv_node *node = sv_arena_array(c->arena, 1, sizeof *node);
    if (!node)
        return sv_arena_fail(c->arena, sizeof *node, c->err);
    node->kind = SV_NODE_SEQUENCE;
    node->line = raw->line;
    node->column = raw->column;
    *out = node;
    return construct_items(c, raw->children, 2, node);
}

/* !!omap and !!pairs: a list of (key, value). */
static savor_status construct_pairs(constructor *c, yaml_raw *raw, sv_node *node)
{
    if (raw->kind != YAML_RAW_SEQUENCE)
        return fail_kind(c, raw, "sequence");
    const sv_node **items = sv_arena_array(c->arena, raw->n ? raw->n : 1, sizeof *items);
    if (!items)
        return sv_arena_fail(c->arena, raw->n * sizeof *items, c->err);
    for (size_t i = 0; i < raw->n; i++) {
        savor_status st = construct_tuple(c, raw->children[i], &items[i]);
        if (st)
            return st;
    }
    node->items = items;
    node->n = raw->n;
    return SAVOR_OK;
}

/* A mapping with the key "=" stands for that value where a scalar is due. */
static const yaml_raw *scalar_of(const yaml_raw *raw)
{
    while (raw->kind == YAML_RAW_MAPPING) {
        const yaml_raw *value = NULL;
        for (size_t i = 0; i < raw->n && !value; i += 2) {
            if (raw->children[i]->tag == YAML_TAG_VALUE)
                value = raw->children[i + 1];
        }
        if (!value)
            return NULL;
        raw = value;
    }
    return raw->kind == YAML_RAW_SCALAR ? raw : NULL;
}

static savor_status construct_scalar(constructor *c, yaml_raw *raw, sv_node *node)
{
    const yaml_raw *scalar = scalar_of(raw);
    if (!scalar)
        return fail_kind(c, raw, "scalar");
    node->source = scalar->text;
    savor_status st = sv_yaml_scalar_read((yaml_tag)raw->tag, scalar->text, c->arena, node, c->err);
    return st ? fail_at(c, raw, st) : SAVOR_OK;
}

static savor_status fail_tag(const constructor *c, const yaml_raw *raw)
{
    sv_str text = raw->tag == YAML_TAG_OTHER ? raw->tag_text : raw->text;
    if (raw->tag == YAML_TAG_OTHER)
        return fail_at(c, raw,
                       sv_fail(c->err, SAVOR_FORMAT, "tag \"%.*s\" was unknown to the safe loader", SV_FMT(text)));
    return fail_at(c, raw,
                   sv_fail(c->err, SAVOR_FORMAT, "\"%.*s\" was no value: expected it in quotes", SV_FMT(text)));
}

static savor_status construct_by_tag(constructor *c, yaml_raw *raw, sv_node *node)
{
    static const struct {
        sv_node_kind kind;
        savor_status (*make)(constructor *, yaml_raw *, sv_node *);
    } CONTAINERS[YAML_TAG_OTHER + 1] = {
        [YAML_TAG_SEQ] = {SV_NODE_SEQUENCE, construct_sequence},
        [YAML_TAG_MAP] = {SV_NODE_MAPPING, construct_mapping},
        [YAML_TAG_SET] = {SV_NODE_SET, construct_set},
        [YAML_TAG_OMAP] = {SV_NODE_SEQUENCE, construct_pairs},
        [YAML_TAG_PAIRS] = {SV_NODE_SEQUENCE, construct_pairs},
    };
    if (raw->tag <= YAML_TAG_BINARY)
        return construct_scalar(c, raw, node);
    if (!CONTAINERS[raw->tag].make)
        return fail_tag(c, raw);
    node->kind = CONTAINERS[raw->tag].kind;
    return CONTAINERS[raw->tag].make(c, raw, node);
}

static savor_status construct(constructor *c, yaml_raw *raw, const sv_node **out)
{
    if (!raw->made) {
        sv_node *node = sv_arena_array(c->arena, 1, sizeof *node);
        if (!node)
            return sv_arena_fail(c->arena, sizeof *node, c->err);
        node->line = raw->line;
        node->column = raw->column;
        savor_status st = construct_by_tag(c, raw, node);
        if (st)
            return st;
        raw->made = node;
    }
    *out = raw->made;
    return SAVOR_OK;
}

savor_status sv_yaml_construct(yaml_raw *raw, sv_arena *arena, const sv_node **out, savor_error *err)
{
    constructor c = {arena, err};
    return construct(&c, raw, out);
}
