/* yaml_parse.c: text -> events -> composed nodes -> values; and looking at the result. */
#include "text/yaml_priv.h"

savor_status sv_yaml_parse(sv_str text, const sv_yaml_limits *limits, sv_arena *arena, const sv_node **out,
                           savor_error *err)
{
    yaml_raw *raw = NULL;
    const sv_node *node = NULL;
    *out = NULL;

    savor_status st = sv_yaml_compose(text, limits, arena, &raw, err);
    if (st)
        return st;
    if (!raw) {
        node = sv_arena_array(arena, 1, sizeof *node);
        if (!node)
            return sv_arena_fail(arena, sizeof *node, err);
    } else if ((st = sv_yaml_construct(raw, arena, &node, err))) {
        return st;
    }
    *out = node;
    return SAVOR_OK;
}

const sv_node *sv_node_find(const sv_node *node, const char *key)
{
    if (!node || node->kind != SV_NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->n; i++) {
        const sv_node *k = node->pairs[i].key;
        if (k->kind == SV_NODE_STRING && sv_str_is(k->text, key))
            return node->pairs[i].value;
    }
    return NULL;
}

sv_str sv_node_text(const sv_node *node)
{
    if (!node || node->kind == SV_NODE_NULL || node->kind >= SV_NODE_SEQUENCE)
        return (sv_str){"", 0};
    return node->kind == SV_NODE_STRING ? node->text : node->source;
}
