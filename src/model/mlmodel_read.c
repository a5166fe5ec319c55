/* mlmodel_read.c: the text of an MLmodel file -> the record. Source: docs/formats/mlmodel.md. */
#include "model/mlmodel.h"

enum { MAX_SIGNATURE_JSON = 64 << 20, MAX_TEXT_DEPTH = 64 };

typedef struct reader {
    sv_arena *arena;
    savor_error *err;
    sv_mlmodel *model;
} reader;

/* ---- versions ---- */

/* Digits at the start; false when there are none. Larger numbers than any version has are cut. */
static bool take_number(sv_str *text, int *out)
{
    size_t i = 0;
    int value = 0;
    for (; i < text->n && text->p[i] >= '0' && text->p[i] <= '9'; i++)
        value = value < 1000000 ? value * 10 + (text->p[i] - '0') : value;
    *text = (sv_str){text->p + i, text->n - i};
    *out = value;
    return i > 0;
}

bool sv_version_read(sv_str text, sv_version *out)
{
    int parts[3] = {0, 0, 0};
    text = sv_str_trim(text);
    for (size_t i = 0; i < 3; i++) {
        if (!take_number(&text, &parts[i]))
            break;
        if (i == 2 || text.n < 2 || text.p[0] != '.') {
            *out = (sv_version){parts[0], parts[1], parts[2]};
            return true;
        }
        text = (sv_str){text.p + 1, text.n - 1};
        *out = (sv_version){parts[0], parts[1], parts[2]};
        if (text.p[0] < '0' || text.p[0] > '9')
            return true;
    }
    return false;
}

static sv_era era_of(sv_version version)
{
    return version.major <= 1 ? SV_ERA_1 : version.major == 2 ? SV_ERA_2 : SV_ERA_3;
}

/* ---- a signature that stands as YAML instead of JSON text ---- */

static savor_status put_json(const sv_node *node, unsigned depth, sv_buf *out, savor_error *err);

static savor_status put_json_list(const sv_node *node, unsigned depth, sv_buf *out, savor_error *err)
{
    sv_buf_put_char(out, '[');
    for (size_t i = 0; i < node->n; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        savor_status st = put_json(node->items[i], depth, out, err);
        if (st)
            return st;
    }
    sv_buf_put_char(out, ']');
    return sv_buf_check(out, err);
}

static savor_status put_json_object(const sv_node *node, unsigned depth, sv_buf *out, savor_error *err)
{
    sv_buf_put_char(out, '{');
    for (size_t i = 0; i < node->n; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        sv_json_put_string(out, sv_node_text(node->pairs[i].key));
        sv_buf_put_text(out, ": ");
        savor_status st = put_json(node->pairs[i].value, depth, out, err);
        if (st)
            return st;
    }
    sv_buf_put_char(out, '}');
    return sv_buf_check(out, err);
}

/* Aliases are written out: the buffer's maximum bounds that. */
static savor_status put_json(const sv_node *node, unsigned depth, sv_buf *out, savor_error *err)
{
    if (depth > MAX_TEXT_DEPTH)
        return sv_fail(err, SAVOR_LIMIT, "signature was nested deeper than %d levels", (int)MAX_TEXT_DEPTH);
    switch (node->kind) {
    case SV_NODE_SEQUENCE:
        return put_json_list(node, depth + 1, out, err);
    case SV_NODE_MAPPING:
        return put_json_object(node, depth + 1, out, err);
    case SV_NODE_NULL:
        sv_buf_put_text(out, "null");
        break;
    case SV_NODE_BOOL:
        sv_buf_put_text(out, node->i ? "true" : "false");
        break;
    case SV_NODE_INT:
        if (node->is_big)
            sv_buf_put_str(out, node->text);
        else
            sv_json_put_int64(out, node->i);
        break;
    case SV_NODE_FLOAT:
        sv_json_put_double(out, node->f);
        break;
    default:
        sv_json_put_string(out, node->text);
        break;
    }
    return sv_buf_check(out, err);
}

static savor_status json_text(const reader *r, const sv_node *node, sv_str *out)
{
    if (sv_node_is_null(node))
        return SAVOR_OK;
    if (node->kind == SV_NODE_STRING) {
        *out = node->text;
        return SAVOR_OK;
    }
    sv_buf text = SV_BUF_INIT(MAX_SIGNATURE_JSON);
    savor_status st = put_json(node, 0, &text, r->err);
    char *copy = st ? NULL : sv_arena_text(r->arena, text.p, text.n);
    if (!st && !copy)
        st = sv_arena_fail(r->arena, text.n, r->err);
    *out = (sv_str){copy, copy ? text.n : 0};
    sv_buf_deinit(&text);
    return st;
}

static savor_status read_schema(const reader *r, const sv_node *signature, const char *key, const sv_schema **out)
{
    const sv_node *node = sv_node_find(signature, key);
    sv_str text = {"", 0};
    savor_status st = json_text(r, node, &text);
    if (!st)
        st = sv_schema_read(text, r->arena, out, r->err);
    return st ? sv_error_at(r->err, st, "signature.%s", key) : SAVOR_OK;
}

/* A signature that is no mapping, or whose parts are all empty, counts as none. */
static savor_status read_signature(const reader *r, const sv_node *node)
{
    sv_signature *s = &r->model->signature;
    sv_str params = {"", 0};
    savor_status st;
    if (!node || node->kind != SV_NODE_MAPPING)
        return SAVOR_OK;
    if ((st = read_schema(r, node, "inputs", &s->inputs)) || (st = read_schema(r, node, "outputs", &s->outputs)))
        return st;
    if ((st = json_text(r, sv_node_find(node, "params"), &params)) ||
        (st = sv_params_read(params, r->arena, s, r->err)))
        return sv_error_at(r->err, st, "signature.params");
    r->model->has_signature = s->inputs || s->outputs || s->has_params;
    return SAVOR_OK;
}

/* ---- the record ---- */

/* Text, or a number or date as it was written. */
static sv_str text_at(const sv_node *root, const char *key)
{
    const sv_node *node = sv_node_find(root, key);
    return node && node->kind == SV_NODE_TIMESTAMP ? node->text : sv_node_text(node);
}

static void read_texts(sv_mlmodel *m)
{
    static const struct {
        const char *key;
        size_t offset;
    } TEXTS[] = {
        {"mlflow_version", offsetof(sv_mlmodel, mlflow_version)},
        {"run_id", offsetof(sv_mlmodel, run_id)},
        {"model_id", offsetof(sv_mlmodel, model_id)},
        {"model_uuid", offsetof(sv_mlmodel, model_uuid)},
        {"artifact_path", offsetof(sv_mlmodel, artifact_path)},
        {"utc_time_created", offsetof(sv_mlmodel, utc_time_created)},
        {"databricks_runtime", offsetof(sv_mlmodel, databricks_runtime)},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        sv_str text = text_at(m->root, TEXTS[i].key);
        memcpy((char *)m + TEXTS[i].offset, &text, sizeof text);
    }
}

static void read_scalars(sv_mlmodel *m)
{
    const sv_node *size = sv_node_find(m->root, "model_size_bytes");
    const sv_node *hint = sv_node_find(m->root, "is_signature_from_type_hint");
    read_texts(m);
    m->model_size_bytes = size && size->kind == SV_NODE_INT && !size->is_big ? size->i : -1;
    m->is_signature_from_type_hint = hint && hint->kind == SV_NODE_BOOL && hint->i;
    m->version = (sv_version){1, 0, 0};
    sv_version version;
    if (sv_version_read(m->mlflow_version, &version))
        m->version = version;
    m->era = era_of(m->version);
}

static savor_status fail_where(const reader *r, const sv_node *node, savor_status st)
{
    return sv_error_at(r->err, st, "line %u, column %u", node->line, node->column);
}

static savor_status read_flavors(const reader *r, const sv_node *flavors)
{
    if (!flavors)
        return sv_error_at(r->err, sv_fail(r->err, SAVOR_FORMAT, "MLmodel had no \"flavors\""), "flavors");
    if (flavors->kind != SV_NODE_MAPPING)
        return fail_where(r, flavors, sv_fail(r->err, SAVOR_FORMAT, "\"flavors\" was no mapping"));
    sv_flavor_entry *entries = sv_arena_array(r->arena, flavors->n + 1, sizeof *entries);
    if (!entries)
        return sv_arena_fail(r->arena, flavors->n * sizeof *entries, r->err);
    for (size_t i = 0; i < flavors->n; i++)
        entries[i] = (sv_flavor_entry){sv_node_text(flavors->pairs[i].key), flavors->pairs[i].value};
    r->model->flavors = entries;
    r->model->n_flavors = flavors->n;
    const sv_node *pyfunc = sv_node_find(flavors, "python_function");
    r->model->python_function = pyfunc && pyfunc->kind == SV_NODE_MAPPING ? pyfunc : NULL;
    return SAVOR_OK;
}

static savor_status check_root(const reader *r, const sv_node *root)
{
    if (root->kind == SV_NODE_MAPPING)
        return SAVOR_OK;
    if (root->kind == SV_NODE_NULL)
        return sv_fail(r->err, SAVOR_FORMAT, "MLmodel was empty: expected a mapping with \"flavors\"");
    return fail_where(r, root,
                      sv_fail(r->err, SAVOR_FORMAT, "MLmodel was no mapping: expected one with \"flavors\""));
}

savor_status sv_mlmodel_read(sv_str text, sv_arena *arena, const sv_mlmodel **out, savor_error *err)
{
    sv_mlmodel *m = sv_arena_array(arena, 1, sizeof *m);
    reader r = {arena, err, m};
    savor_status st;
    *out = NULL;
    if (!m)
        return sv_arena_fail(arena, sizeof *m, err);
    if ((st = sv_yaml_parse(text, &SV_YAML_LIMITS, arena, &m->root, err)) || (st = check_root(&r, m->root)) ||
        (st = read_flavors(&r, sv_node_find(m->root, "flavors"))) ||
        (st = read_signature(&r, sv_node_find(m->root, "signature"))))
        return st;
    read_scalars(m);
    *out = m;
    return SAVOR_OK;
}

const sv_flavor_entry *sv_mlmodel_find_flavor(const sv_mlmodel *model, const char *name)
{
    for (size_t i = 0; i < model->n_flavors; i++) {
        if (sv_str_is(model->flavors[i].name, name))
            return &model->flavors[i];
    }
    return NULL;
}
