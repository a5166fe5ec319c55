/* skops_object.c: objects, what constructs them, and names of types and functions. */
#include "format/skops_priv.h"

static bool is_frozenset(sv_global cls)
{
    return sv_str_is(cls.name, "frozenset") && sv_str_is(cls.module, "builtins");
}

savor_status sv_skops_object(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    const sv_json *content = sv_json_find(node, "content");
    savor_status st = sv_skops_class(r, node, &cls);
    if (!st && content && content->kind != SV_JSON_NULL)
        st = sv_skops_read_node(r, content, &object.state);
    if (st)
        return st;
    if (object.state && object.state->kind == SV_RECORD_NONE && object.state != out)
        object.state = NULL;
    if (!object.state && is_frozenset(cls)) { /* all that skops before 0.13 kept of one */
        const sv_record **none;
        return sv_record_set_items(&r->maker, SV_RECORD_SET, 0, out, &none, r->err);
    }
    return sv_skops_set_object(r, SV_RECORD_OBJECT, cls, object, out);
}

/* Arguments of a call: a tuple; anything else that can be unpacked is not written by skops. */
static savor_status read_args(skops_reader *r, const sv_json *parent, const char *key, const sv_record **out)
{
    savor_status st = sv_skops_read_child(r, parent, key, out);
    if (st || (*out)->kind == SV_RECORD_TUPLE)
        return st;
    bool is_none = (*out)->kind == SV_RECORD_NONE;
    *out = NULL;
    return is_none ? SAVOR_OK : sv_fail(r->err, SAVOR_FORMAT, "the arguments of a skops node were no tuple");
}

/* frozenset([...]) is a set; the rest keeps its class and arguments. */
savor_status sv_skops_constructor(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || (st = read_args(r, node, "content", &object.args)))
        return st;
    const sv_record *first = object.args && object.args->n == 1 ? object.args->u.items[0] : NULL;
    if (first && first->kind == SV_RECORD_LIST && is_frozenset(cls)) {
        *out = *first;
        out->kind = SV_RECORD_SET;
        return SAVOR_OK;
    }
    return sv_skops_set_object(r, SV_RECORD_CALL, cls, object, out);
}

static savor_status read_reduced(skops_reader *r, const sv_json *node, sv_global cls, sv_record *out)
{
    const sv_json *reduce;
    sv_object object = {0};
    savor_status st = sv_skops_find(r, node, "__reduce__", SV_JSON_OBJECT, &reduce);
    if (st || (st = sv_skops_read_child(r, node, "content", &object.state)) ||
        (st = read_args(r, reduce, "args", &object.args)))
        return st;
    sv_record_kind kind = object.state->kind;
    bool is_container = kind == SV_RECORD_DICT || kind == SV_RECORD_TUPLE || kind == SV_RECORD_LIST;
    if (object.state != out && (kind == SV_RECORD_NONE || (is_container && object.state->n == 0)))
        object.state = NULL; /* "if not attrs: nothing more to do" */
    return sv_skops_set_object(r, SV_RECORD_CALL, cls, object, out);
}

savor_status sv_skops_reduced(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    savor_status st = sv_skops_class(r, node, &cls);
    return st ? st : read_reduced(r, node, cls, out);
}

/* These two do not look at the class that the file names. */
savor_status sv_skops_tree(skops_reader *r, const sv_json *node, sv_record *out)
{
    return read_reduced(r, node, (sv_global){SV_STR("sklearn.tree._tree"), SV_STR("Tree")}, out);
}

savor_status sv_skops_quantile_forest(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls = {SV_STR("quantile_forest._quantile_forest_fast"), SV_STR("QuantileForest")};
    return read_reduced(r, node, cls, out);
}

/* As functools.partial.__reduce__ has it: args (func,), state (func, args, keywords, namespace). */
savor_status sv_skops_partial(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content;
    const sv_record *parts[4] = {NULL};
    sv_object object = {0};
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    if (st || (st = sv_skops_read_child(r, content, "func", &parts[0])) ||
        (st = sv_skops_read_child(r, content, "args", &parts[1])) ||
        (st = sv_skops_read_child(r, content, "kwds", &parts[2])) ||
        (st = sv_skops_read_child(r, content, "namespace", &parts[3])) ||
        (st = sv_skops_new_items(r, SV_RECORD_TUPLE, parts, 1, &object.args)) ||
        (st = sv_skops_new_items(r, SV_RECORD_TUPLE, parts, 4, &object.state)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_CALL, (sv_global){SV_STR("functools"), SV_STR("partial")}, object, out);
}

/* A bound method is getattr(object, name). */
savor_status sv_skops_method(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content, *func;
    const sv_record *parts[2] = {NULL};
    sv_record *callee, *name;
    sv_object object = {0};
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    if (st || (st = sv_skops_find(r, content, "func", SV_JSON_STRING, &func)) ||
        (st = sv_skops_read_child(r, content, "obj", &parts[0])) ||
        (st = sv_record_new_text(&r->maker, sv_json_text(func), &name, r->err)) ||
        (st = sv_record_new_global(&r->maker, (sv_global){SV_STR("builtins"), SV_STR("getattr")}, &callee, r->err)))
        return st;
    parts[1] = name;
    object.callee = callee;
    if ((st = sv_skops_new_items(r, SV_RECORD_TUPLE, parts, 2, &object.args)))
        return st;
    return sv_record_set_object(&r->maker, SV_RECORD_CALL, &object, out, r->err);
}

savor_status sv_skops_operator(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    sv_object object = {0};
    savor_status st = sv_skops_class(r, node, &cls);
    if (st || (st = read_args(r, node, "attrs", &object.args)))
        return st;
    cls.module = SV_STR("operator");
    return sv_skops_set_object(r, SV_RECORD_CALL, cls, object, out);
}

savor_status sv_skops_slice(skops_reader *r, const sv_json *node, sv_record *out)
{
    static const char *const NAMES[] = {"start", "stop", "step"};
    const sv_json *content;
    const sv_record *parts[3] = {NULL};
    sv_object object = {0};
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    for (size_t i = 0; !st && i < 3; i++) {
        const sv_json *value = sv_json_find(content, NAMES[i]);
        sv_record *part;
        if (!value)
            return sv_fail(r->err, SAVOR_FORMAT, "a SliceNode had no \"%s\"", NAMES[i]);
        if (!(st = sv_record_new(&r->maker, &part, r->err)))
            st = sv_record_set_json(&r->maker, value, part, r->err);
        parts[i] = part;
    }
    if (st || (st = sv_skops_new_items(r, SV_RECORD_TUPLE, parts, 3, &object.args)))
        return st;
    return sv_skops_set_object(r, SV_RECORD_CALL, (sv_global){SV_STR("builtins"), SV_STR("slice")}, object, out);
}

savor_status sv_skops_type(skops_reader *r, const sv_json *node, sv_record *out)
{
    sv_global cls;
    savor_status st = sv_skops_class(r, node, &cls);
    return st ? st : sv_record_set_global(&r->maker, cls, out, r->err);
}

/* Protocol 0 told the function in its content; the node's own class was "function". */
savor_status sv_skops_function(skops_reader *r, const sv_json *node, sv_record *out)
{
    const sv_json *content, *module, *name;
    if (r->schema.protocol > 0)
        return sv_skops_type(r, node, out);
    savor_status st = sv_skops_find(r, node, "content", SV_JSON_OBJECT, &content);
    if (st || (st = sv_skops_find(r, content, "module_path", SV_JSON_STRING, &module)) ||
        (st = sv_skops_find(r, content, "function", SV_JSON_STRING, &name)))
        return st;
    sv_global global = {sv_json_text(module), sv_json_text(name)};
    return sv_record_set_global(&r->maker, global, out, r->err);
}
