#include "model/python_env.h"

#include "base/sha.h"
#include "data/convert.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)

static const char *const BUILD_PACKAGES[] = {"pip", "setuptools", "wheel"};

/* ---- values ---- */

static size_t count_digits(sv_str s, size_t at)
{
    size_t n = at;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n - at;
}

bool sv_python_version_is_valid(sv_str text)
{
    static const char *const STAGES[] = {"a", "b", "rc"};
    size_t at = 0;
    for (int part = 0; part < 3; part++) {
        size_t n = count_digits(text, at);
        if (n == 0 || n > 3)
            return false;
        at += n;
        if (at == text.n)
            return true;
        if (text.p[at] != '.')
            break;
        at++;
    }
    for (size_t i = 0; i < sizeof STAGES / sizeof STAGES[0]; i++) {
        size_t n = strlen(STAGES[i]), digits;
        if (!sv_str_starts((sv_str){text.p + at, text.n - at}, sv_str_of(STAGES[i])))
            continue;
        digits = count_digits(text, at + n);
        return digits >= 1 && digits <= 3 && at + n + digits == text.n;
    }
    return false;
}

static savor_status check_version(const sv_python_env *env, savor_error *err)
{
    if (!env->python.n || sv_python_version_is_valid(env->python))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_FORMAT, "python: expected a version such as 3.10.12, got \"%.*s\"",
                   SV_FMT(env->python));
}

/* `node` may be absent; then there are none. */
static savor_status read_list(const sv_node *node, const char *key, sv_arena *arena, const sv_str **out, size_t *n,
                              savor_error *err)
{
    *out = NULL;
    *n = 0;
    if (sv_node_is_null(node))
        return SAVOR_OK;
    if (node->kind != SV_NODE_SEQUENCE)
        return sv_fail(err, SAVOR_FORMAT, "%s: expected a list", key);
    sv_str *lines = sv_arena_array(arena, node->n + 1, sizeof *lines);
    if (!lines)
        return sv_arena_fail(arena, node->n * sizeof *lines, err);
    for (size_t i = 0; i < node->n; i++) {
        if (node->items[i]->kind != SV_NODE_STRING)
            return sv_fail(err, SAVOR_FORMAT, "%s: expected text, got \"%.*s\" in place %zu", key,
                           SV_FMT(sv_node_text(node->items[i])), i);
        lines[i] = node->items[i]->text;
    }
    *out = lines;
    *n = node->n;
    return SAVOR_OK;
}

static savor_status parse_yaml(sv_str text, sv_arena *arena, const sv_node **out, savor_error *err)
{
    savor_status st = sv_yaml_parse(text, &SV_YAML_LIMITS, arena, out, err);
    if (!st && (*out)->kind != SV_NODE_MAPPING)
        st = sv_fail(err, SAVOR_FORMAT, "the file was no mapping");
    return st;
}

/* ---- python_env.yaml ---- */

static savor_status read_python_env(const sv_node *root, sv_arena *arena, sv_python_env *env, savor_error *err)
{
    static const char *const KEYS[] = {"python", "build_dependencies", "dependencies"};
    const sv_node *python = sv_node_find(root, KEYS[0]);
    savor_status st;
    for (size_t i = 0; i < root->n; i++) {
        sv_str key = sv_node_text(root->pairs[i].key);
        if (!sv_str_is(key, KEYS[0]) && !sv_str_is(key, KEYS[1]) && !sv_str_is(key, KEYS[2]))
            return sv_fail(err, SAVOR_FORMAT, "the key \"%.*s\" was not expected", SV_FMT(key));
    }
    if (!sv_node_is_null(python) && python->kind != SV_NODE_STRING)
        return sv_fail(err, SAVOR_FORMAT, "`python` must be a string but got \"%.*s\" without quotes",
                       SV_FMT(sv_node_text(python)));
    env->python = sv_node_text(python);
    if ((st = read_list(sv_node_find(root, KEYS[1]), KEYS[1], arena, &env->build, &env->n_build, err)))
        return st;
    return read_list(sv_node_find(root, KEYS[2]), KEYS[2], arena, &env->dependencies, &env->n_dependencies, err);
}

savor_status sv_python_env_parse(sv_str text, sv_arena *arena, sv_python_env *out, savor_error *err)
{
    const sv_node *root;
    sv_python_env env = {.n_build = 0};
    savor_status st;
    *out = env;
    if ((st = parse_yaml(text, arena, &root, err)) || (st = read_python_env(root, arena, &env, err)) ||
        (st = check_version(&env, err)))
        return st;
    *out = env;
    return st;
}

/* ---- conda.yaml ---- */

typedef struct conda_package {
    sv_str name, relation, version; /* relation and version may be empty */
} conda_package;

/* "python=3.10.12", "pip<=22.3.1", "wheel": what MLflow's pattern takes; nothing else. */
static bool read_package(sv_str text, conda_package *out)
{
    static const char *const RELATIONS[] = {"<=", ">=", "==", "!=", "<", ">", "="};
    size_t at = 0, n = 0;
    while (n < text.n && text.p[n] >= 'a' && text.p[n] <= 'z')
        n++;
    out->name = (sv_str){text.p, n};
    bool is_known = sv_str_is(out->name, "python");
    for (size_t i = 0; i < sizeof BUILD_PACKAGES / sizeof BUILD_PACKAGES[0]; i++)
        is_known |= sv_str_is(out->name, BUILD_PACKAGES[i]);
    sv_str rest = {text.p + n, text.n - n};
    out->relation = (sv_str){rest.p, 0};
    for (size_t i = 0; i < sizeof RELATIONS / sizeof RELATIONS[0] && !out->relation.n; i++)
        if (sv_str_starts(rest, sv_str_of(RELATIONS[i])))
            out->relation.n = strlen(RELATIONS[i]);
    out->version = (sv_str){rest.p + out->relation.n, rest.n - out->relation.n};
    while (at < out->version.n &&
           ((out->version.p[at] >= '0' && out->version.p[at] <= '9') || out->version.p[at] == '.'))
        at++;
    return is_known && at == out->version.n;
}

static savor_status take_python(const conda_package *p, sv_str text, sv_python_env *env, savor_error *err)
{
    if (!p->relation.n)
        return sv_fail(err, SAVOR_FORMAT,
                       "Invalid dependency for python: %.*s. It must be pinned (e.g. python=3.8.13).", SV_FMT(text));
    if (sv_str_is(p->relation, "<") || sv_str_is(p->relation, ">") || sv_str_is(p->relation, "!="))
        return sv_fail(err, SAVOR_FORMAT,
                       "Invalid version comparator for python: '%.*s'. Must be one of ['<=', '>=', '=', '=='].",
                       SV_FMT(p->relation));
    env->python = p->version;
    return SAVOR_OK;
}

/* "=" is conda's; pip's is "==". */
static savor_status take_build(const conda_package *p, sv_arena *arena, sv_str *out, savor_error *err)
{
    size_t n = p->name.n + p->relation.n + p->version.n + 1;
    char *text = sv_arena_alloc(arena, n + 1);
    if (!text)
        return sv_arena_fail(arena, n + 1, err);
    int length = snprintf(text, n + 1, "%.*s%.*s%s%.*s", SV_FMT(p->name), SV_FMT(p->relation),
                          sv_str_is(p->relation, "=") ? "=" : "", SV_FMT(p->version));
    *out = (sv_str){text, (size_t)length};
    return SAVOR_OK;
}

static void put_unmatched(sv_buf *out, sv_str text)
{
    sv_buf_put_text(out, out->n ? ", " : "");
    sv_buf_put_str(out, text);
}

static savor_status take_dependency(const sv_node *node, sv_arena *arena, sv_python_env *env, sv_str *build,
                                    sv_buf *unmatched, savor_error *err)
{
    conda_package package;
    const sv_node *pip = sv_node_find(node, "pip");
    if (node->kind == SV_NODE_MAPPING && pip)
        return read_list(pip, "pip", arena, &env->dependencies, &env->n_dependencies, err);
    if (node->kind != SV_NODE_STRING)
        return sv_fail(err, SAVOR_FORMAT,
                       "Invalid conda dependency: %.*s. Must be str or dict in the form of {\"pip\": [...]}",
                       SV_FMT(sv_node_text(node)));
    if (!read_package(node->text, &package)) {
        put_unmatched(unmatched, node->text);
        return SAVOR_OK;
    }
    if (sv_str_is(package.name, "python") && !env->python.n)
        return take_python(&package, node->text, env, err);
    return take_build(&package, arena, &build[env->n_build++], err);
}

static savor_status read_conda_env(const sv_node *root, sv_arena *arena, sv_python_env *env, savor_error *err)
{
    const sv_node *list = sv_node_find(root, "dependencies");
    sv_buf unmatched = SV_BUF_INIT(2 * FILE_BYTES_MAX);
    savor_status st = SAVOR_OK;
    if (sv_node_is_null(list))
        return st;
    if (list->kind != SV_NODE_SEQUENCE)
        return sv_fail(err, SAVOR_FORMAT, "dependencies: expected a list");
    sv_str *build = sv_arena_array(arena, list->n + 1, sizeof *build);
    if (!build)
        return sv_arena_fail(arena, list->n * sizeof *build, err);
    env->build = build;
    for (size_t i = 0; i < list->n && !st; i++)
        st = take_dependency(list->items[i], arena, env, build, &unmatched, err);
    if (!st && !(st = sv_buf_check(&unmatched, err))) {
        env->unmatched = (sv_str){sv_arena_text(arena, sv_buf_view(&unmatched).p, unmatched.n), unmatched.n};
        st = env->unmatched.p ? SAVOR_OK : sv_arena_fail(arena, unmatched.n, err);
    }
    sv_buf_deinit(&unmatched);
    return st;
}

savor_status sv_conda_env_parse(sv_str text, sv_arena *arena, sv_python_env *out, savor_error *err)
{
    const sv_node *root;
    sv_python_env env = {.n_build = 0};
    savor_status st;
    *out = env;
    if ((st = parse_yaml(text, arena, &root, err)) || (st = read_conda_env(root, arena, &env, err)) ||
        (st = check_version(&env, err)))
        return st;
    *out = env;
    return st;
}

/* ---- the model's files ---- */

/* `env` of the python_function entry: a file name, or one for each manager (MLflow 2.x on). */
static sv_str find_file(const sv_mlmodel *model, const char *manager, const char *fallback)
{
    const sv_node *env = sv_node_find(model->python_function, "env");
    bool is_map = env && env->kind == SV_NODE_MAPPING;
    sv_str name = sv_node_text(is_map ? sv_node_find(env, manager) : env);
    if (!is_map && strcmp(manager, "virtualenv") == 0)
        name.n = 0; /* the one name is conda's */
    return name.n ? name : sv_str_of(fallback);
}

sv_str sv_conda_env_find(const sv_dir *dir, const sv_mlmodel *model)
{
    sv_str name = find_file(model, "conda", "conda.yaml");
    return sv_dir_has_file(dir, name, NULL) ? name : SV_STR("");
}

bool sv_python_env_is_there(const sv_dir *dir, const sv_mlmodel *model)
{
    return sv_conda_env_find(dir, model).n || sv_dir_has_file(dir, SV_STR("requirements.txt"), NULL) ||
           sv_dir_has_file(dir, find_file(model, "virtualenv", "python_env.yaml"), NULL);
}

typedef savor_status (*parse_fn)(sv_str text, sv_arena *arena, sv_python_env *out, savor_error *err);

static savor_status read_with(parse_fn parse, const sv_dir *dir, sv_str name, sv_arena *arena, sv_python_env *out,
                              savor_error *err)
{
    sv_buf text = SV_BUF_INIT(FILE_BYTES_MAX);
    savor_status st = sv_dir_read(dir, name, &text, err);
    if (!st)
        st = sv_error_at(err, parse(sv_buf_view(&text), arena, out, err), "%.*s", SV_FMT(name));
    sv_buf_deinit(&text);
    return st;
}

savor_status sv_python_env_read(const sv_dir *dir, const sv_mlmodel *model, sv_arena *arena, sv_python_env *out,
                                savor_error *err)
{
    static const sv_str REQUIREMENTS = {"-r requirements.txt", 19};
    sv_str own = find_file(model, "virtualenv", "python_env.yaml"), conda = sv_conda_env_find(dir, model);
    bool has_requirements = sv_dir_has_file(dir, SV_STR("requirements.txt"), NULL);
    savor_status st = SAVOR_OK;
    *out = (sv_python_env){.n_build = 0};
    if (sv_dir_has_file(dir, own, NULL))
        return read_with(sv_python_env_parse, dir, own, arena, out, err);
    if (!conda.n && !has_requirements)
        return sv_fail(err, SAVOR_NOT_FOUND, "the model has no python_env.yaml, conda.yaml or requirements.txt");
    if (conda.n)
        st = read_with(sv_conda_env_parse, dir, conda, arena, out, err);
    if (!st && has_requirements) {
        out->dependencies = &REQUIREMENTS;
        out->n_dependencies = 1;
    }
    return st;
}

/* ---- names ---- */

static sv_value text_value(sv_str s) { return (sv_value){.kind = SV_VALUE_STRING, .n = s.n, .u.p = s.p}; }

static savor_status list_value(const sv_str *lines, size_t n, sv_arena *arena, sv_value *out, savor_error *err)
{
    sv_value *items = sv_arena_array(arena, n + 1, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, n * sizeof *items, err);
    for (size_t i = 0; i < n; i++)
        items[i] = text_value(lines[i]);
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = n, .u.items = items};
    return SAVOR_OK;
}

static int compare_requirements(const void *a, const void *b)
{
    const sv_requirement *x = a, *y = b;
    int order = sv_str_compare(x->text, y->text);
    return order ? order : (int)x->is_constraint - (int)y->is_constraint;
}

/* "_Requirement(req_str='numpy==2.0', is_constraint=False)": how Python prints the tuple. */
static savor_status put_requirements(const sv_requirements *r, sv_arena *arena, sv_sha *sha, savor_error *err)
{
    static const char *const ENDS[] = {", is_constraint=False)", ", is_constraint=True)"};
    sv_requirement *sorted = sv_arena_array(arena, r->n + 1, sizeof *sorted);
    if (!sorted)
        return sv_arena_fail(arena, r->n * sizeof *sorted, err);
    if (r->n) {
        memcpy(sorted, r->items, r->n * sizeof *sorted);
        qsort(sorted, r->n, sizeof *sorted, compare_requirements);
    }
    for (size_t i = 0; i < r->n; i++) {
        sv_value one = text_value(sorted[i].text);
        const sv_value list = {.kind = SV_VALUE_LIST, .n = 1, .u.items = &one};
        sv_str text = sv_value_to_text(&list, arena); /* "['...']": of a text alone it would be the text */
        if (!text.p)
            return sv_arena_fail(arena, sorted[i].text.n, err);
        sv_sha_put(sha, "_Requirement(req_str=", 21);
        sv_sha_put(sha, text.p + 1, text.n - 2);
        sv_sha_put(sha, ENDS[sorted[i].is_constraint], strlen(ENDS[sorted[i].is_constraint]));
    }
    return SAVOR_OK;
}

static void end_name(sv_sha *sha, sv_str salt, char out[SV_ENV_NAME_BYTES])
{
    char digits[SV_SHA256_HEX + 1];
    sv_sha_put(sha, salt.p, salt.n);
    sv_sha_end(sha, digits);
    (void)snprintf(out, SV_ENV_NAME_BYTES, "mlflow-%.40s", digits);
}

savor_status sv_python_env_name(const sv_python_env *env, const sv_requirements *requirements, sv_str salt,
                                sv_arena *arena, char out[SV_ENV_NAME_BYTES], savor_error *err)
{
    sv_value pairs[6] = {text_value(SV_STR("python")),
                         text_value(env->python),
                         text_value(SV_STR("build_dependencies")),
                         {.kind = SV_VALUE_NONE},
                         text_value(SV_STR("dependencies")),
                         {.kind = SV_VALUE_NONE}};
    const sv_value all = {.kind = SV_VALUE_DICT, .n = 3, .u.items = pairs};
    savor_status st;
    sv_sha sha;
    out[0] = '\0';
    if ((st = list_value(env->build, env->n_build, arena, &pairs[3], err)) ||
        (st = list_value(env->dependencies, env->n_dependencies, arena, &pairs[5], err)))
        return st;
    sv_str text = sv_value_to_text(&all, arena);
    if (!text.p)
        return sv_arena_fail(arena, FILE_BYTES_MAX, err);
    sv_sha1_init(&sha);
    sv_sha_put(&sha, text.p, text.n);
    if ((st = put_requirements(requirements, arena, &sha, err)))
        return st;
    end_name(&sha, salt, out);
    return SAVOR_OK;
}

void sv_conda_env_name(sv_str text, sv_str salt, char out[SV_ENV_NAME_BYTES])
{
    sv_sha sha;
    sv_sha1_init(&sha);
    sv_sha_put(&sha, text.p, text.n);
    end_name(&sha, salt, out);
}
