/* skops_nodes.c: plain values and Python's containers. */
#include "data/dtype.h"
#include "format/skops_priv.h"

#define JSON_LIMITS ((sv_json_limits){.depth = 64, .n_digits = 4300})

static bool is_class(sv_global cls, const char *module, const char *name)
{
    return sv_str_is(cls.name, name) && sv_str_is(cls.module, module);
}

/* JSON text inside a text, as JsonNode and the keys of dicts have it. */
static savor_status read_json(skops_reader *r, sv_str text, sv_record *out)
{
    const sv_json *value;
    savor_status st = sv_json_parse(text, &JSON_LIMITS, r->small, &value, NULL, r->err);
    if (!st)
        st = sv_record_set_json(&r->maker, value, out, r->err);
    sv_arena_reset(r->small);
    return st;
}

savor_status sv_skops_json(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content;
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_STRING, &content);
    return st ? st : read_json(r, sv_json_text(content), out);
}

/* ---- lists, tuples, sets ---- */

static savor_status read_items(skops_reader *r, const sv_json *node, sv_record_kind kind, sv_record *out)
{
    const sv_json *content;
    const sv_record **items;
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_ARRAY, &content);
    if (st || (st = sv_record_set_items(&r->maker, kind, content->n, out, &items, r->err)))
        return st;
    const sv_json *item = content + 1;
    for (size_t i = 0; !st && i < content->n; i++, item = sv_json_next(item))
        st = sv_skops_read_node(r, item, &items[i]);
    return st;
}

static savor_status new_items(skops_reader *r, const sv_json *node, sv_record_kind kind, const sv_record **out)
{
    sv_record *items;
    savor_status st = sv_record_new(&r->maker, &items, r->err);
    *out = items;
    return st ? st : read_items(r, node, kind, items);
}

savor_status sv_skops_list(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || is_class(cls, "builtins", "list"))
        return st ? st : read_items(r, node, SV_RECORD_LIST, out);
    st = new_items(r, node, SV_RECORD_LIST, &object.items);
    return st ? st : sv_skops_set_object(r, SV_RECORD_OBJECT, cls, object, out);
}

/* A subclass of tuple is as a rule a namedtuple: its class is called with the items. */
savor_status sv_skops_tuple(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || is_class(cls, "builtins", "tuple"))
        return st ? st : read_items(r, node, SV_RECORD_TUPLE, out);
    st = new_items(r, node, SV_RECORD_TUPLE, &object.args);
    return st ? st : sv_skops_set_object(r, SV_RECORD_OBJECT, cls, object, out);
}

savor_status sv_skops_set(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    const sv_record *items = NULL;
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || is_class(cls, "builtins", "set"))
        return st ? st : read_items(r, node, SV_RECORD_SET, out);
    if ((st = new_items(r, node, SV_RECORD_LIST, &items)) ||
        (st = sv_skops_new_items(r, SV_RECORD_TUPLE, &items, 1, &object.args)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_CALL, cls, object, out);
}

/* ---- dicts ---- */

/* numpy's letter of what a key was before JSON made a text of it; 0 for types that are not known. */
static char key_kind(const sv_record *type)
{
    savor_dtype dtype;
    if (!type || type->kind != SV_RECORD_GLOBAL)
        return 0;
    sv_global cls = type->u.global;
    bool is_known = sv_str_is(cls.module, "builtins") || sv_str_is(cls.module, "numpy");
    return is_known && sv_dtype_of(cls.name, &dtype) ? sv_dtype_kind(dtype) : 0;
}

static savor_status fail_key(skops_reader *r, const sv_record *type, sv_str text)
{
    sv_global none = {{"", 0}, {"", 0}}, cls = type && type->kind == SV_RECORD_GLOBAL ? type->u.global : none;
    return sv_fail(r->err, SAVOR_UNSUPPORTED, "skops dict with the key \"%.*s\" of type %.*s.%.*s", SV_FMT(text),
                   SV_FMT(cls.module), SV_FMT(cls.name));
}

static savor_status read_number_key(skops_reader *r, const sv_record *type, sv_str text, char kind, sv_record *key)
{
    savor_status st = read_json(r, text, key);
    if (st)
        return st;
    if (kind == 'f' && key->kind == SV_RECORD_INT) {
        key->kind = SV_RECORD_FLOAT;
        key->u.f = (double)key->u.i;
    }
    bool fits =
        kind == 'f' ? key->kind == SV_RECORD_FLOAT : key->kind == SV_RECORD_INT || key->kind == SV_RECORD_BIGINT;
    return fits ? SAVOR_OK : fail_key(r, type, text);
}

static savor_status read_key(skops_reader *r, const sv_record *type, sv_str text, sv_record *key)
{
    char kind = key_kind(type);
    switch (kind) {
    case 'U':
        return sv_record_set_text(&r->maker, SV_RECORD_TEXT, text, key, r->err);
    case 'b': /* bool("false") is True: skops.load makes one key of both */
        key->kind = SV_RECORD_BOOL;
        key->u.i = text.n > 0;
        return SAVOR_OK;
    case 'i':
    case 'u':
    case 'f':
        return read_number_key(r, type, text, kind, key);
    default:
        return fail_key(r, type, text);
    }
}

/* The pairs of a content, whose keys had these types. */
static savor_status read_pairs(skops_reader *r, const sv_json *content, const sv_record *types, sv_record *out)
{
    const sv_record **items;
    savor_status st = sv_record_set_items(&r->maker, SV_RECORD_DICT, content->n, out, &items, r->err);
    size_t n = 0, bool_at = SIZE_MAX;
    const sv_json *name = content + 1;
    for (size_t i = 0; !st && i < content->n; i++) {
        sv_record *key = NULL;
        if ((st = sv_record_new(&r->maker, &key, r->err)) ||
            (st = read_key(r, types->u.items[i], sv_json_text(name), key)))
            return st;
        size_t at = key->kind == SV_RECORD_BOOL && bool_at != SIZE_MAX ? bool_at : n++;
        if (key->kind == SV_RECORD_BOOL)
            bool_at = at;
        items[2 * at] = key;
        st = sv_skops_read_node(r, name + 1, &items[2 * at + 1]);
        name = sv_json_next(name + 1);
    }
    for (size_t i = 2 * n; !st && i < 2 * (size_t)content->n; i++)
        items[i] = items[i % 2]; /* a copy of this record that a cycle made has the old length */
    out->n = n;
    return st;
}

static savor_status read_dict(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content;
    const sv_record *types = NULL;
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    if (st || (st = sv_skops_read_child(r, node, "key_types", &types)))
        return st;
    if (types->kind != SV_RECORD_LIST || types->n != content->n)
        return sv_fail(r->err, SAVOR_FORMAT, "a skops dict of %u keys had %zu key types", content->n,
                       types->kind == SV_RECORD_LIST ? types->n : 0);
    return read_pairs(r, content, types, out);
}

/* These are a DICT when they were pickled, too; other subclasses keep their class. Before 0.11 a defaultdict was no
 * node of its own. */
static bool is_plain_dict(sv_global cls)
{
    return is_class(cls, "builtins", "dict") || is_class(cls, "collections", "OrderedDict") ||
           is_class(cls, "collections", "defaultdict");
}

savor_status sv_skops_dict(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_record *pairs;
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || is_plain_dict(cls))
        return st ? st : read_dict(r, node, out);
    if ((st = sv_record_new(&r->maker, &pairs, r->err)) || (st = read_dict(r, node, pairs)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_OBJECT, cls, (sv_object){.pairs = pairs}, out);
}

/* A defaultdict, or a dict of scikit-learn before 1.2 that told of old names: what it holds is what counts. */
savor_status sv_skops_wrapped_dict(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content;
    const sv_record *main = NULL;
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    if (st || (st = sv_skops_read_child(r, content, "main", &main)))
        return st;
    if (main->kind != SV_RECORD_DICT)
        return sv_fail(r->err, SAVOR_FORMAT, "a skops dict with a default held no dict");
    *out = *main;
    return SAVOR_OK;
}
