#include "base/alloc.h"
#include "score/model.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)

static void put_text(sv_buf *out, const char *name, sv_str value)
{
    sv_buf_printf(out, ", \"%s\": ", name);
    if (value.n)
        sv_json_put_string(out, value);
    else
        sv_buf_put_text(out, "null");
}

static void put_node(sv_buf *out, const sv_node *node, int depth);

/* Containers deeper than this are shown as null: what stands under a flavor is the author's own. */
#define SHOWN_DEPTH 8

static void put_members(sv_buf *out, const sv_node *node, int depth)
{
    bool is_list = node->kind == SV_NODE_SEQUENCE;
    sv_buf_put_char(out, is_list ? '[' : '{');
    for (size_t i = 0; i < node->n; i++) {
        if (i)
            sv_buf_put_text(out, ", ");
        if (!is_list) {
            sv_json_put_string(out, sv_node_text(node->pairs[i].key));
            sv_buf_put_text(out, ": ");
        }
        put_node(out, is_list ? node->items[i] : node->pairs[i].value, depth + 1);
    }
    sv_buf_put_char(out, is_list ? ']' : '}');
}

static void put_node(sv_buf *out, const sv_node *node, int depth)
{
    if (sv_node_is_null(node) || depth > SHOWN_DEPTH)
        sv_buf_put_text(out, "null");
    else if (node->kind == SV_NODE_BOOL)
        sv_buf_put_text(out, node->i ? "true" : "false");
    else if (node->kind == SV_NODE_INT && !node->is_big)
        sv_json_put_int64(out, node->i);
    else if (node->kind == SV_NODE_SEQUENCE || node->kind == SV_NODE_MAPPING)
        put_members(out, node, depth);
    else
        sv_json_put_string(out, sv_node_text(node)); /* as written: 3.10 stays 3.10 */
}

static void put_flavors(sv_buf *out, const sv_mlmodel *record)
{
    sv_buf_put_text(out, ", \"flavors\": {");
    for (size_t i = 0; i < record->n_flavors; i++) {
        if (i)
            sv_buf_put_text(out, ", ");
        sv_json_put_string(out, record->flavors[i].name);
        sv_buf_put_text(out, ": ");
        put_node(out, record->flavors[i].conf, 0);
    }
    sv_buf_put_char(out, '}');
}

/* Where and why, as one text: "flavor xgboost: model.ubj: an array was longer than the file". */
static void put_problem(sv_buf *out, savor_status st, const savor_error *why)
{
    sv_buf text = SV_BUF_INIT(sizeof *why);
    if (st)
        sv_buf_printf(&text, "%s%s%s", why->where, why->where[0] ? ": " : "", why->message);
    put_text(out, "problem", sv_buf_view(&text));
    sv_buf_deinit(&text);
}

/* What of the model would run as code; null for a native engine. */
static void put_code(sv_buf *out, const sv_choice *choice, const sv_mlmodel *record)
{
    sv_buf text = SV_BUF_INIT(SV_PROBLEMS_MAX);
    if (choice->predictor)
        sv_flavor_list_code(choice->flavor, record, &text);
    put_text(out, "code", sv_buf_view(&text));
    sv_buf_deinit(&text);
    const sv_predictor *p = choice->predictor;
    put_text(out, "code_sha256", sv_str_of(p && p->cls->get_code ? p->cls->get_code(p)->sha256 : NULL));
}

static void put_engine(sv_buf *out, const sv_choice *choice, const sv_mlmodel *record, savor_status st,
                       const savor_error *why)
{
    const sv_predictor *predictor = choice->predictor;
    put_text(out, "engine", sv_str_of(predictor ? predictor->cls->engine : NULL));
    put_text(out, "served_by_flavor", sv_str_of(predictor ? choice->flavor->name : NULL));
    sv_buf_put_text(out, ", \"engine_facts\": {");
    if (predictor && predictor->cls->describe)
        predictor->cls->describe(predictor, out);
    sv_buf_put_char(out, '}');
    put_code(out, choice, record);
    put_text(out, "passed_over", sv_buf_view(&choice->problems));
    put_problem(out, st, why);
}

static void put_files(sv_buf *out, const sv_dir *dir, const sv_mlmodel *record)
{
    static const char *const BESIDE[] = {"MLmodel",          "conda.yaml",         "python_env.yaml",
                                         "requirements.txt", "input_example.json", "serving_input_example.json"};
    bool first = true;
    sv_buf_put_text(out, ", \"files\": {");
    for (size_t i = 0; i <= sizeof BESIDE / sizeof BESIDE[0]; i++) {
        bool is_data = i == sizeof BESIDE / sizeof BESIDE[0];
        sv_str name = is_data ? sv_node_text(sv_node_find(record->python_function, "data")) : sv_str_of(BESIDE[i]);
        uint64_t bytes;
        if (!name.n || !sv_dir_has_file(dir, name, &bytes))
            continue;
        if (!first)
            sv_buf_put_text(out, ", ");
        first = false;
        sv_json_put_string(out, name);
        sv_buf_printf(out, ": %llu", (unsigned long long)bytes);
    }
    sv_buf_put_char(out, '}');
}

static void write_report(sv_buf *out, const sv_dir *dir, const sv_mlmodel *record, savor_profile forced)
{
    static const char *const ERAS[] = {[SV_ERA_1] = "1.x", [SV_ERA_2] = "2.x", [SV_ERA_3] = "3.x"};
    put_text(out, "mlflow_version", record->mlflow_version);
    put_text(out, "semantics", sv_str_of(ERAS[sv_profile_of(record, SV_STR(""), forced).era]));
    put_text(out, "run_id", record->run_id);
    put_text(out, "model_id", record->model_id);
    put_text(out, "model_uuid", record->model_uuid);
    put_text(out, "artifact_path", record->artifact_path);
    put_text(out, "utc_time_created", record->utc_time_created);
    put_flavors(out, record);
    sv_buf_put_text(out, ", \"signature\": ");
    if (record->has_signature)
        sv_signature_write(record, out);
    else
        sv_buf_put_text(out, "null");
    put_files(out, dir, record);
}

savor_status savor_model_inspect(const char *path, const savor_load_options *options, char **out, savor_error *err)
{
    sv_flavor_limits limits = SV_FLAVOR_LIMITS;
    savor_engine_choice engine = SAVOR_ENGINE_AUTO;
    sv_choice choice = {.problems = SV_BUF_INIT(SV_PROBLEMS_MAX)};
    sv_buf text = SV_BUF_INIT(TEXT_BYTES_MAX);
    sv_dir dir = SV_DIR_CLOSED;
    sv_arena arena;
    const sv_mlmodel *record;
    savor_error why = {.status = SAVOR_OK};
    savor_status st;
    *out = NULL;
    sv_arena_init(&arena, (size_t)256 << 20);
    limits.describes_only = true;
    if (options && options->max_model_bytes)
        limits.model_bytes = options->max_model_bytes;
    if (options && options->size > offsetof(savor_load_options, engine))
        engine = options->engine;
    if ((st = sv_model_open(path, &dir, &arena, &record, err)))
        goto done;
    savor_status chosen = sv_model_choose(&dir, record, engine, &limits, &choice, &why);
    if (chosen == SAVOR_NOMEM) {
        if (err)
            *err = why;
        st = chosen;
        goto done;
    }
    sv_buf_put_text(&text, "{\"path\": ");
    sv_json_put_string(&text, sv_str_of(path));
    put_engine(&text, &choice, record, chosen, &why);
    write_report(&text, &dir, record, options ? options->profile : SAVOR_PROFILE_AUTO);
    sv_buf_put_char(&text, '}');
    if ((st = sv_buf_check(&text, err)))
        goto done;
    *out = text.p; /* moved */
    text = SV_BUF_INIT(0);
done:
    sv_predictor_free(choice.predictor);
    sv_buf_deinit(&text);
    sv_buf_deinit(&choice.problems);
    sv_arena_deinit(&arena);
    sv_dir_close(&dir);
    return st;
}

void savor_text_free(char *text) { sv_free(text); }
