#include "format/skops_priv.h"

/* The names gathered so far; a key is "module\nname". */
typedef struct names {
    sv_arena *arena, *scratch;
    sv_index index;
    sv_global *list;
    size_t n_max;
    savor_error *err;
} names;

static savor_status grow(names *n)
{
    size_t n_max = n->n_max ? 2 * n->n_max : 64;
    sv_global *list = sv_arena_array(n->arena, n_max, sizeof *list);
    if (!list)
        return sv_arena_fail(n->arena, n_max * sizeof *list, n->err);
    for (size_t i = 0; i < n->index.n; i++)
        list[i] = n->list[i];
    n->list = list;
    n->n_max = n_max;
    return SAVOR_OK;
}

/* The key is built in the result's arena, where module and name stay when the name is new. */
static savor_status add_name(names *n, sv_str module, sv_str name)
{
    size_t size = module.n + 1 + name.n, position;
    char *key = sv_arena_alloc(n->arena, size);
    if (!key)
        return sv_arena_fail(n->arena, size, n->err);
    memcpy(key, module.p, module.n);
    key[module.n] = '\n';
    memcpy(key + module.n + 1, name.p, name.n);
    if (sv_index_find(&n->index, (sv_str){key, size}) != SV_INDEX_NONE) {
        sv_arena_trim(n->arena, key, size, 0);
        return SAVOR_OK;
    }
    savor_status st = n->index.n == n->n_max ? grow(n) : SAVOR_OK;
    if (st || (st = sv_index_add(&n->index, (sv_str){key, size}, &position, n->err)))
        return st;
    n->list[position] = (sv_global){{key, module.n}, {key + module.n + 1, name.n}};
    return SAVOR_OK;
}

static sv_str find_text(const sv_json *object, const char *key)
{
    const sv_json *value = sv_json_find(object, key);
    return value && value->kind == SV_JSON_STRING ? sv_json_text(value) : (sv_str){NULL, 0};
}

/* Protocol 0 has the name of a function inside; a bound method is named with its class. */
static savor_status add_content(names *n, const sv_json *content, sv_str module, sv_str name)
{
    sv_str path = find_text(content, "module_path"), function = find_text(content, "function"),
           method = find_text(content, "func");
    if (path.p && function.p)
        return add_name(n, path, function);
    if (!method.p)
        return SAVOR_OK;
    sv_str full = {NULL, name.n + 1 + method.n};
    char *text = sv_arena_alloc(n->scratch, full.n);
    if (!text)
        return sv_arena_fail(n->scratch, full.n, n->err);
    memcpy(text, name.p, name.n);
    text[name.n] = '.';
    memcpy(text + name.n + 1, method.p, method.n);
    full.p = text;
    return add_name(n, module, full);
}

/* A node is an object with a loader; inside the content of a dict these would be keys of nodes, not of texts. */
static savor_status add_node(names *n, const sv_json *v)
{
    sv_str loader = find_text(v, "__loader__"), module = find_text(v, "__module__"), name = find_text(v, "__class__");
    if (!loader.p || !module.p || !name.p || sv_str_is(loader, "JsonNode"))
        return SAVOR_OK;
    savor_status st = add_name(n, module, name);
    bool is_named = sv_str_is(loader, "FunctionNode") || sv_str_is(loader, "MethodNode");
    const sv_json *content = is_named ? sv_json_find(v, "content") : NULL;
    if (!st && content && content->kind == SV_JSON_OBJECT)
        st = add_content(n, content, module, name);
    return st;
}

static savor_status list_types(names *n, sv_str bytes)
{
    skops_schema schema;
    savor_status st = sv_skops_read_schema(bytes, NULL, n->scratch, &schema, n->err);
    if (st)
        return st;
    sv_index_init(&n->index, n->scratch);
    const sv_json *end = sv_json_next(schema.root);
    for (const sv_json *v = schema.root; !st && v < end; v++)
        if (v->kind == SV_JSON_OBJECT)
            st = add_node(n, v);
    return st;
}

savor_status sv_skops_list_types(sv_str bytes, sv_arena *arena, const sv_global **out, size_t *n_types,
                                 savor_error *err)
{
    sv_arena scratch;
    sv_arena_init(&scratch, arena->max_bytes);
    (void)sv_record_bound(&scratch, bytes.n, 0);
    names n = {.arena = arena, .scratch = &scratch, .err = err};
    *out = NULL;
    *n_types = 0;
    savor_status st = list_types(&n, bytes);
    if (!st) {
        *out = n.list;
        *n_types = n.index.n;
    }
    sv_arena_deinit(&scratch);
    return st;
}
