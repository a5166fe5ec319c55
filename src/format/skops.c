#include "format/skops_priv.h"

#define SCHEMA "schema.json"
#define PROTOCOL_MAX 2
#define DEPTH_MAX 1024 /* of nodes: skops itself needs three frames of Python for each */
#define JSON_LIMITS ((sv_json_limits){.depth = 4 * DEPTH_MAX, .n_digits = 4300})
#define FIRST_SEEN 256

/* ---- the schema ---- */

static savor_status check_protocol(skops_schema *schema, savor_error *err)
{
    const sv_json *protocol = sv_json_find(schema->root, "protocol");
    if (!protocol || protocol->kind != SV_JSON_INT || protocol->u.i < 0)
        return sv_fail(err, SAVOR_FORMAT, SCHEMA " had no protocol");
    if (protocol->u.i > PROTOCOL_MAX) {
        const sv_json *version = sv_json_find(schema->root, "_skops_version");
        sv_str text = version && version->kind == SV_JSON_STRING ? sv_json_text(version) : SV_STR("unknown");
        return sv_fail(err, SAVOR_UNSUPPORTED, "skops protocol %lld (skops %.*s), expected 0 to %d",
                       (long long)protocol->u.i, SV_FMT(text), PROTOCOL_MAX);
    }
    schema->protocol = protocol->u.i;
    return SAVOR_OK;
}

savor_status sv_skops_read_schema(sv_str bytes, sv_source *source, sv_arena *arena, skops_schema *out,
                                  savor_error *err)
{
    skops_schema schema = {0};
    sv_str text = {0};
    *out = schema;
    savor_status st = sv_zip_read(bytes, source, &SV_ZIP_LIMITS, arena, &schema.zip, err);
    if (st)
        return st;
    const sv_zip_member *member = sv_zip_find(&schema.zip, SV_STR(SCHEMA));
    if (!member)
        return sv_fail(err, SAVOR_FORMAT, "a skops file had no " SCHEMA);
    if ((st = sv_zip_read_member(&schema.zip, member, arena, &text, err)))
        return st;
    if (!sv_utf8_check_surrogates(text.p, text.n))
        return sv_fail(err, SAVOR_FORMAT, SCHEMA " was no UTF-8");
    if ((st = sv_json_parse(text, &JSON_LIMITS, arena, &schema.root, NULL, err)))
        return sv_error_at(err, st, SCHEMA);
    if (schema.root->kind != SV_JSON_OBJECT)
        return sv_fail(err, SAVOR_FORMAT, SCHEMA " was no JSON object");
    if ((st = check_protocol(&schema, err)))
        return st;
    *out = schema;
    return SAVOR_OK;
}

/* ---- parts of a node ---- */

savor_status sv_skops_find(skops_reader *r, const sv_json *parent, const char *key, sv_json_kind kind,
                           const sv_json **out)
{
    static const char *const KINDS[] = {"null",     "false",  "true",     "an integer", "an integer",
                                        "a number", "a text", "an array", "an object"};
    *out = sv_json_find(parent, key);
    if (*out && (*out)->kind == kind)
        return SAVOR_OK;
    return sv_fail(r->err, SAVOR_FORMAT, "a node of " SCHEMA " had no \"%s\" that is %s", key, KINDS[kind]);
}

savor_status sv_skops_class(skops_reader *r, const sv_json *node, sv_global *out)
{
    const sv_json *module, *name;
    savor_status st = sv_skops_find(r, node, "__module__", SV_JSON_STRING, &module);
    if (st || (st = sv_skops_find(r, node, "__class__", SV_JSON_STRING, &name)))
        return st;
    *out = (sv_global){sv_json_text(module), sv_json_text(name)};
    return SAVOR_OK;
}

savor_status sv_skops_read_child(skops_reader *r, const sv_json *parent, const char *key, const sv_record **out)
{
    const sv_json *child;
    savor_status st = sv_skops_find(r, parent, key, SV_JSON_OBJECT, &child);
    return st ? st : sv_skops_read_node(r, child, out);
}

savor_status sv_skops_set_object(skops_reader *r, sv_record_kind kind, sv_global cls, sv_object object,
                                 sv_record *out)
{
    sv_record *callee;
    savor_status st = sv_record_new_global(&r->maker, cls, &callee, r->err);
    if (st)
        return st;
    object.callee = callee;
    return sv_record_set_object(&r->maker, kind, &object, out, r->err);
}

savor_status sv_skops_new_items(skops_reader *r, sv_record_kind kind, const sv_record *const *from, size_t n,
                                const sv_record **out)
{
    sv_record *items;
    const sv_record **places;
    savor_status st = sv_record_new(&r->maker, &items, r->err);
    if (st || (st = sv_record_set_items(&r->maker, kind, n, items, &places, r->err)))
        return st;
    for (size_t i = 0; i < n; i++)
        places[i] = from[i];
    *out = items;
    return SAVOR_OK;
}

/* ---- nodes ---- */

static const skops_loader_row LOADERS[] = {
    {"JsonNode", sv_skops_json},
    {"NdArrayNode", sv_skops_ndarray},
    {"TypeNode", sv_skops_type},
    {"DictNode", sv_skops_dict},
    {"ListNode", sv_skops_list},
    {"ObjectNode", sv_skops_object},
    {"TupleNode", sv_skops_tuple},
    {"TreeNode", sv_skops_tree},
    {"RandomStateNode", sv_skops_random_state},
    {"BytesNode", sv_skops_bytes},
    {"BytearrayNode", sv_skops_bytes},
    {"ConstructorFromReduceNode", sv_skops_constructor},
    {"DTypeNode", sv_skops_dtype},
    {"DefaultDictNode", sv_skops_wrapped_dict},
    {"FunctionNode", sv_skops_function},
    {"LossNode", sv_skops_reduced},
    {"MaskedArrayNode", sv_skops_masked_array},
    {"MethodNode", sv_skops_method},
    {"OperatorFuncNode", sv_skops_operator},
    {"PartialNode", sv_skops_partial},
    {"QuantileForestNode", sv_skops_quantile_forest},
    {"RandomGeneratorNode", sv_skops_random_generator},
    {"SetNode", sv_skops_set},
    {"SGDNode", sv_skops_reduced}, /* LossNode's name before skops 0.11 */
    {"SliceNode", sv_skops_slice},
    {"SparseMatrixNode", sv_skops_sparse},
    {"_DictWithDeprecatedKeysNode", sv_skops_wrapped_dict},
};

skops_loader *sv_skops_find_loader(sv_str name)
{
    for (size_t i = 0; i < sizeof LOADERS / sizeof *LOADERS; i++)
        if (sv_str_is(name, LOADERS[i].name))
            return LOADERS[i].read;
    return NULL;
}

/* The eight bytes of an __id__ as a key, borrowed from the node; {NULL, 0} for a node without one. */
static sv_str find_id(const sv_json *node)
{
    const sv_json *id = sv_json_find(node, "__id__");
    if (!id || id->kind != SV_JSON_INT || id->u.i == 0)
        return (sv_str){NULL, 0};
    return (sv_str){(const char *)&id->u.i, sizeof id->u.i};
}

static savor_status remember(skops_reader *r, sv_str id, const sv_record *record)
{
    if (r->ids.n == r->n_seen_max) {
        size_t n = r->n_seen_max ? 2 * r->n_seen_max : FIRST_SEEN;
        const sv_record **seen = sv_arena_array(r->scratch, n, sizeof *seen);
        if (!seen)
            return sv_arena_fail(r->scratch, n * sizeof *seen, r->err);
        for (size_t i = 0; i < r->ids.n; i++)
            seen[i] = r->seen[i];
        r->seen = seen;
        r->n_seen_max = n;
    }
    size_t position = 0;
    savor_status st = sv_index_add(&r->ids, id, &position, r->err);
    if (!st)
        r->seen[position] = record;
    return st;
}

static savor_status fail_loader(skops_reader *r, const sv_json *node, sv_str name)
{
    sv_global cls;
    if (sv_str_is(name, "CachedNode"))
        return sv_fail(r->err, SAVOR_FORMAT, "a CachedNode had an __id__ that was not seen before");
    savor_status st = sv_skops_class(r, node, &cls);
    if (st)
        return st;
    return sv_fail(r->err, SAVOR_UNSUPPORTED, "skops loader \"%.*s\" of %.*s.%.*s (protocol %lld)", SV_FMT(name),
                   SV_FMT(cls.module), SV_FMT(cls.name), (long long)r->schema.protocol);
}

static savor_status read_new_node(skops_reader *r, const sv_json *node, sv_str id, const sv_record **out)
{
    const sv_json *name;
    sv_record *record = NULL;
    savor_status st = sv_skops_find(r, node, "__loader__", SV_JSON_STRING, &name);
    if (st)
        return st;
    skops_loader *read = sv_skops_find_loader(sv_json_text(name));
    if (!read)
        return fail_loader(r, node, sv_json_text(name));
    if ((st = sv_record_new(&r->maker, &record, r->err)) || (id.n && (st = remember(r, id, record))))
        return st;
    *out = record;
    return read(r, node, record);
}

savor_status sv_skops_read_node(skops_reader *r, const sv_json *node, const sv_record **out)
{
    *out = NULL;
    if (node->kind != SV_JSON_OBJECT)
        return sv_fail(r->err, SAVOR_FORMAT, SCHEMA " had a plain value where a node was expected");
    sv_str id = find_id(node);
    size_t position = id.n ? sv_index_find(&r->ids, id) : SV_INDEX_NONE;
    if (position != SV_INDEX_NONE) {
        *out = r->seen[position];
        return SAVOR_OK;
    }
    if (r->depth_left == 0)
        return sv_fail(r->err, SAVOR_LIMIT, SCHEMA " had too many nodes inside one another");
    r->depth_left--;
    savor_status st = read_new_node(r, node, id, out);
    r->depth_left++;
    return st;
}

/* What the directory says; unpacking holds it to that. */
static size_t count_unpacked(const sv_zip *zip)
{
    size_t n = 0;
    for (size_t i = 0; i < zip->n_members; i++)
        n += (size_t)zip->members[i].n_unpacked; /* all of them: within SV_ZIP_LIMITS */
    return n;
}

static savor_status read_root(skops_reader *r, sv_str bytes, sv_source *source, const sv_record **out)
{
    size_t max_bytes = sv_record_bound(r->scratch, bytes.n, 0);
    savor_status st = sv_skops_read_schema(bytes, source, r->scratch, &r->schema, r->err);
    if (st)
        return st;
    size_t n = r->schema.zip.n_members, n_unpacked = count_unpacked(&r->schema.zip);
    r->scratch->max_bytes = max_bytes;
    (void)sv_record_bound(r->scratch, bytes.n, n_unpacked);
    (void)sv_record_bound(r->small, bytes.n, n_unpacked);
    (void)sv_record_bound(r->maker.arena, bytes.n, n_unpacked);
    r->members = sv_arena_array(r->scratch, n, sizeof *r->members);
    if (!r->members)
        return sv_arena_fail(r->scratch, n * sizeof *r->members, r->err);
    sv_index_init(&r->ids, r->scratch);
    return sv_skops_read_node(r, r->schema.root, out);
}

savor_status sv_skops_read(sv_str bytes, const sv_record_limits *limits, sv_arena *arena, const sv_record **out,
                           savor_error *err)
{
    sv_arena scratch, small;
    const sv_record *root = NULL;
    sv_record_limits most = limits ? *limits : SV_RECORD_LIMITS;
    size_t max_bytes = arena->max_bytes;
    sv_arena_init(&scratch, max_bytes);
    sv_arena_init(&small, max_bytes);
    skops_reader r = {.maker = {arena, most.n_records}, .scratch = &scratch, .small = &small, .err = err};
    r.is_borrowing = most.is_borrowing;
    r.depth_left = most.depth < DEPTH_MAX ? most.depth : DEPTH_MAX;
    *out = NULL;
    savor_status st = read_root(&r, bytes, most.source, &root);
    arena->max_bytes = max_bytes;
    if (!st)
        *out = root;
    sv_arena_deinit(&small);
    sv_arena_deinit(&scratch);
    return st;
}
