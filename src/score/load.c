#include "base/alloc.h"
#include "score/model.h"

#define MLMODEL_BYTES_MAX ((size_t)1 << 20)
#define RECORD_BYTES_MAX ((size_t)256 << 20)
#define REQUIREMENTS_BYTES_MAX ((size_t)1 << 20)

/* "runs:/..." and "https://..." have a scheme, "./a:/b" has none. */
static bool has_scheme(const char *uri)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    size_t n = strspn(uri, LETTERS);
    return n && uri[n] == ':' && uri[n + 1] == '/';
}

/* The path of a "file:" URI, without host, query and fragment, as MLflow takes it. */
static savor_status path_of_uri(sv_str uri, sv_arena *arena, const char **out, savor_error *err)
{
    sv_str path = {uri.p + 5, uri.n - 5};
    path.n = sv_str_find((sv_str){path.p, sv_str_find(path, '#')}, '?');
    if (sv_str_starts(path, SV_STR("//"))) {
        size_t host = 2 + sv_str_find((sv_str){path.p + 2, path.n - 2}, '/');
        path = (sv_str){path.p + host, path.n - host};
    }
    char *text = sv_arena_text(arena, path.p, path.n);
    if (!text)
        return sv_arena_fail(arena, path.n, err);
    size_t n = sv_str_unquote(path, text);
    text[n] = '\0';
    *out = text;
    return strlen(text) == n ? SAVOR_OK : sv_fail(err, SAVOR_USAGE, "the model path holds a NUL");
}

/* Other schemes than "file:" are told apart from a missing directory. */
static savor_status local_path(const char *uri, sv_arena *arena, const char **out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    *out = uri;
    if (sv_str_starts(sv_str_of(uri), SV_STR("file:")))
        st = path_of_uri(sv_str_of(uri), arena, out, err);
    else if (uri && has_scheme(uri))
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "model URI \"%s\": only local directories and file: URIs are supported", uri);
    if (st || (*out && **out))
        return st;
    return sv_fail(err, SAVOR_USAGE, "the model path is empty");
}

savor_status sv_model_open(const char *path, sv_dir *dir, sv_arena *arena, const sv_mlmodel **out, savor_error *err)
{
    sv_buf text = SV_BUF_INIT(MLMODEL_BYTES_MAX);
    const char *local;
    savor_status st;
    *out = NULL;
    *dir = SV_DIR_CLOSED;
    if ((st = local_path(path, arena, &local, err)) || (st = sv_dir_open(local, dir, err)))
        return st;
    st = sv_dir_read(dir, SV_STR("MLmodel"), &text, err);
    if (st == SAVOR_NOT_FOUND)
        st = sv_fail(err, st, "Could not find an \"MLmodel\" configuration file at \"%s\"", local);
    else if (!st)
        st = sv_error_at(err, sv_mlmodel_read(sv_buf_view(&text), arena, out, err), "MLmodel");
    sv_buf_deinit(&text);
    if (st)
        sv_dir_close(dir);
    return st;
}

/* ---- choosing a flavor ---- */

static void note(sv_buf *problems, sv_str name, const char *why)
{
    sv_buf_printf(problems, "%s%.*s: %s", problems->n ? "; " : "", SV_FMT(name), why);
}

/* Flavors of the file that no row stands for. */
static void note_unknown(const sv_mlmodel *record, sv_buf *problems)
{
    for (size_t i = 0; i < record->n_flavors; i++) {
        sv_str name = record->flavors[i].name;
        if (!sv_flavor_find(name))
            note(problems, name, "this flavor has no native engine here");
    }
}

/* What stands in the file for a flavor: its own entry, or a python_function that its loader would load. */
static const sv_node *find_conf(const sv_mlmodel *record, const sv_flavor *flavor)
{
    const sv_flavor_entry *entry = sv_mlmodel_find_flavor(record, flavor->name);
    if (entry)
        return entry->conf;
    sv_str loader = sv_node_text(sv_node_find(record->python_function, "loader_module"));
    return sv_flavor_find_loader(loader) == flavor ? record->python_function : NULL;
}

/* Code is not asked about a model whose file is damaged: it would read the same bytes with less care. */
static bool is_asked(const sv_flavor *flavor, savor_engine_choice engine, const savor_error *first)
{
    if (!flavor->list_code)
        return engine != SAVOR_ENGINE_PYTHON;
    return engine != SAVOR_ENGINE_NATIVE && !first->status;
}

savor_status sv_model_choose(const sv_dir *dir, const sv_mlmodel *record, savor_engine_choice engine,
                             const sv_flavor_limits *limits, sv_choice *out, savor_error *err)
{
    savor_error first = {.status = SAVOR_OK};
    sv_buf *problems = &out->problems;
    out->predictor = NULL;
    for (size_t i = 0; sv_flavors[i]; i++) {
        const sv_node *conf = find_conf(record, sv_flavors[i]);
        savor_error why = {.status = SAVOR_OK};
        if (!conf || !is_asked(sv_flavors[i], engine, &first))
            continue;
        out->flavor = sv_flavors[i];
        savor_status st = sv_flavors[i]->load(dir, record, conf, limits, &out->predictor, &why);
        if (!st) {
            if (sv_flavors[i]->list_code)
                note_unknown(record, problems);
            return SAVOR_OK;
        }
        if (st == SAVOR_NOMEM) { /* no reason for another flavor: the same model must load the same way */
            *err = why;
            return st;
        }
        note(problems, sv_str_of(sv_flavors[i]->name), why.message);
        (void)sv_error_at(&why, st, "flavor %s", sv_flavors[i]->name);
        if (st != SAVOR_UNSUPPORTED && !first.status)
            first = why;
    }
    if (first.status) { /* a damaged file says more than "unsupported" */
        *err = first;
        return first.status;
    }
    note_unknown(record, problems);
    if (problems->failed == SAVOR_NOMEM)
        return sv_buf_check(problems, err);
    if (record->n_flavors == 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the model has no flavors");
    return sv_fail(err, SAVOR_UNSUPPORTED, "No suitable flavor backend was found for the model. Flavors found: %s",
                   problems->p ? problems->p : "none");
}

/* ---- the model ---- */

void sv_signature_write(const sv_mlmodel *record, sv_buf *out)
{
    const sv_schema *const schemas[] = {record->signature.inputs, record->signature.outputs};
    static const char *const NAMES[] = {"inputs", "outputs"};
    for (size_t i = 0; i < 2; i++) {
        sv_buf_printf(out, "%s\"%s\": ", i ? ", " : "{", NAMES[i]);
        if (schemas[i])
            sv_schema_write(schemas[i], out);
        else
            sv_buf_put_text(out, "null");
    }
    sv_str params = sv_node_text(sv_node_find(sv_node_find(record->root, "signature"), "params"));
    sv_buf_put_text(out, ", \"params\": ");
    if (record->signature.has_params && params.n)
        sv_buf_put_str(out, params);
    else
        sv_buf_put_text(out, "null");
    sv_buf_put_char(out, '}');
}

/* The texts that the getters hand out, NUL-terminated. */
static savor_status keep_text(savor_model *m, sv_str text, const char **out, savor_error *err)
{
    *out = sv_arena_text(&m->arena, text.p, text.n);
    return *out ? SAVOR_OK : sv_arena_fail(&m->arena, text.n, err);
}

static savor_status keep_texts(savor_model *m, sv_str problems, savor_error *err)
{
    sv_buf code = SV_BUF_INIT(SV_PROBLEMS_MAX), text = SV_BUF_INIT(RECORD_BYTES_MAX);
    savor_status st;
    sv_flavor_list_code(m->flavor, m->record, &code);
    if (m->record->has_signature)
        sv_signature_write(m->record, &text);
    if ((st = keep_text(m, problems, &m->passed_over, err)) ||
        (st = keep_text(m, sv_buf_view(&code), &m->code, err)) ||
        (st = keep_text(m, m->record->mlflow_version, &m->mlflow_version, err)) || (st = sv_buf_check(&text, err)) ||
        !m->record->has_signature)
        goto done;
    st = keep_text(m, sv_buf_view(&text), &m->signature_json, err);
done:
    sv_buf_deinit(&code);
    sv_buf_deinit(&text);
    return st;
}

/* `options` may be NULL, or those of an older program, which end earlier. */
static savor_status read_profile(const sv_dir *dir, const sv_mlmodel *record, const savor_load_options *options,
                                 sv_profile *out, savor_error *err)
{
    savor_load_options given = {.size = 0};
    sv_buf text = SV_BUF_INIT(REQUIREMENTS_BYTES_MAX);
    savor_status st = sv_dir_read(dir, SV_STR("requirements.txt"), &text, NULL);
    if (st == SAVOR_NOMEM) { /* not to be taken for absent: another pandas answers otherwise */
        sv_buf_deinit(&text);
        return sv_fail_nomem(err, REQUIREMENTS_BYTES_MAX);
    }
    if (st)
        sv_buf_reset(&text); /* absent or unreadable: the era's own pandas */
    if (options)
        memcpy(&given, options, options->size && options->size < sizeof given ? options->size : sizeof given);
    *out = sv_profile_of(record, sv_buf_view(&text), given.profile);
    if (given.csv_floats != SAVOR_CSV_FLOATS_AUTO)
        out->exact_csv = given.csv_floats == SAVOR_CSV_FLOATS_EXACT;
    sv_buf_deinit(&text);
    return SAVOR_OK;
}

static savor_status new_model(savor_model **out, savor_error *err)
{
    *out = sv_alloc_array(1, sizeof **out);
    if (!*out)
        return sv_fail_nomem(err, sizeof **out);
    sv_arena_init(&(*out)->arena, RECORD_BYTES_MAX);
    return SAVOR_OK;
}

static savor_status choose(const sv_dir *dir, const savor_load_options *options, savor_model *m, sv_choice *choice,
                           savor_error *err)
{
    sv_load_limits limits;
    sv_load_limits_init(&limits, options, m->profile.era);
    savor_status st = sv_model_choose(dir, m->record, options->engine, &limits.flavor, choice, err);
    m->flavor = choice->flavor;
    m->predictor = choice->predictor;
    return st;
}

savor_status savor_model_load(const char *path, const savor_load_options *options, savor_model **out,
                              savor_error *err)
{
    savor_load_options o = sv_load_options_read(options);
    sv_choice choice = {.problems = SV_BUF_INIT(SV_PROBLEMS_MAX)};
    sv_dir dir = SV_DIR_CLOSED;
    savor_model *m = NULL;
    savor_error own;
    savor_status st;
    err = err ? err : &own; /* messages of passed-over flavors are needed here */
    *out = NULL;

    if ((st = new_model(&m, err)) || (st = sv_model_open(path, &dir, &m->arena, &m->record, err)) ||
        (st = read_profile(&dir, m->record, &o, &m->profile, err)) || (st = choose(&dir, &o, m, &choice, err)) ||
        (st = keep_texts(m, sv_buf_view(&choice.problems), err)) ||
        (st = sv_heading_new(m->record->signature.inputs, &m->arena, &m->heading, err)))
        goto done;
    *out = m;
    m = NULL;
done:
    savor_model_free(m);
    sv_dir_close(&dir);
    sv_buf_deinit(&choice.problems);
    return st;
}

void savor_model_free(savor_model *model)
{
    if (!model)
        return;
    sv_predictor_free(model->predictor);
    sv_arena_deinit(&model->arena);
    sv_free(model);
}

const char *savor_model_get_engine(const savor_model *model) { return model->predictor->cls->engine; }

const char *savor_model_get_passed_over(const savor_model *model) { return model->passed_over; }

const char *savor_model_get_code(const savor_model *model) { return model->code; }

const char *savor_model_get_code_sha256(const savor_model *model)
{
    const sv_predictor *p = model->predictor;
    return p->cls->get_code ? p->cls->get_code(p)->sha256 : "";
}

const char *savor_model_get_interpreter(const savor_model *model)
{
    const sv_predictor *p = model->predictor;
    return p->cls->get_code ? p->cls->get_code(p)->interpreter : "";
}

int savor_model_is_ready(const savor_model *model)
{
    bool is_ready = true;
    if (model->predictor->cls->count_workers)
        (void)model->predictor->cls->count_workers(model->predictor, &is_ready);
    return is_ready;
}

int savor_model_get_n_workers(const savor_model *model)
{
    return model->predictor->cls->count_workers ? model->predictor->cls->count_workers(model->predictor, NULL) : 0;
}

const char *savor_model_get_flavor(const savor_model *model) { return model->flavor->name; }

const char *savor_model_get_signature(const savor_model *model) { return model->signature_json; }

const char *savor_model_get_mlflow_version(const savor_model *model) { return model->mlflow_version; }

savor_profile savor_model_get_profile(const savor_model *model)
{
    static const savor_profile PROFILES[] = {
        [SV_ERA_1] = SAVOR_PROFILE_1, [SV_ERA_2] = SAVOR_PROFILE_2, [SV_ERA_3] = SAVOR_PROFILE_3};
    return PROFILES[model->profile.era];
}
