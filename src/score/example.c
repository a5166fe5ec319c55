/* example.c: input examples made of data, or read from a model's directory. */
#include "score/example.h"

#include "base/alloc.h"
#include "score/model.h"

savor_status sv_example_new(savor_example **out, savor_error *err)
{
    savor_example *e = sv_alloc_array(1, sizeof *e);
    *out = e;
    if (!e)
        return sv_fail_nomem(err, sizeof *e);
    e->input = e->serving = e->request = e->info = SV_BUF_INIT(SV_EXAMPLE_BYTES_MAX);
    return SAVOR_OK;
}

void savor_example_free(savor_example *example)
{
    if (!example)
        return;
    sv_buf_deinit(&example->input);
    sv_buf_deinit(&example->serving);
    sv_buf_deinit(&example->request);
    sv_buf_deinit(&example->info);
    sv_free(example);
}

static const char *get_text(const sv_buf *text, size_t *n_bytes)
{
    if (n_bytes)
        *n_bytes = text->n;
    return sv_buf_view(text).p;
}

const char *savor_example_get_request(const savor_example *example, size_t *n_bytes)
{
    return get_text(example->has_serving ? &example->serving : &example->request, n_bytes);
}

const char *savor_example_get_input(const savor_example *example, size_t *n_bytes)
{
    return get_text(&example->input, n_bytes);
}

const char *savor_example_get_serving(const savor_example *example, size_t *n_bytes)
{
    const char *text = get_text(&example->serving, n_bytes);
    return example->has_serving ? text : NULL;
}

const char *savor_example_get_info(const savor_example *example) { return get_text(&example->info, NULL); }

/* ---- from data ---- */

static savor_status write_example(const savor_data *data, const savor_data *params, const sv_profile *profile,
                                  sv_arena *arena, savor_example *out, savor_error *err)
{
    sv_infer_rules rules = sv_infer_rules_of(profile);
    sv_payload payload;
    sv_value values;
    sv_example_data from = {.payload = &payload, .params = params ? &values : NULL};
    savor_status st;
    if ((st = sv_data_read(data, profile, arena, &payload, err)) ||
        (params && (st = sv_error_at(err, sv_data_read_params(params, profile, arena, &values, err), "params"))) ||
        (st = sv_example_write(&from, &rules, arena, out, err)) || out->has_serving)
        return st;
    sv_example_info info = {.type = sv_str_of(out->type), .format = SV_STR("tf-serving")};
    return sv_example_make_request(sv_buf_view(&out->input), &info, profile->era, arena, &out->request, err);
}

savor_status savor_example_new(const savor_data *data, const savor_data *params, const savor_infer_options *options,
                               savor_example **out, savor_error *err)
{
    sv_profile profile = sv_profile_of_era(options ? options->profile : SAVOR_PROFILE_AUTO);
    size_t bytes;
    sv_arena arena;
    savor_example *e = NULL;
    *out = NULL;
    if (!sv_add(sv_data_max_bytes(data), sv_data_max_bytes(params), &bytes))
        bytes = SIZE_MAX / 2;
    sv_arena_init(&arena, bytes);
    savor_status st = sv_example_new(&e, err);
    if (st || (st = write_example(data, params, &profile, &arena, e, err)))
        goto done;
    *out = e;
    e = NULL;
done:
    savor_example_free(e);
    sv_arena_deinit(&arena);
    return st;
}

/* ---- from a model ---- */

/* Keys of MLmodel are sorted. Values are texts, or true in some hand. */
static void put_info(const sv_node *info, sv_buf *out)
{
    sv_buf_put_char(out, '{');
    for (size_t i = 0; i < info->n; i++) {
        sv_buf_put_text(out, i ? ", " : "");
        sv_json_put_string(out, sv_node_text(info->pairs[i].key));
        sv_buf_put_text(out, ": ");
        sv_json_put_string(out, sv_node_text(info->pairs[i].value));
    }
    sv_buf_put_char(out, '}');
}

/* The serving example, where the file is there; it once had another name. */
static savor_status read_serving(const sv_dir *dir, const sv_node *info, savor_example *out, savor_error *err)
{
    sv_str path = sv_node_text(sv_node_find(info, "serving_input_path"));
    if (!path.n || !sv_dir_has_file(dir, path, NULL))
        return SAVOR_OK;
    out->has_serving = true;
    return sv_error_at(err, sv_dir_read(dir, path, &out->serving, err), "%.*s", SV_FMT(path));
}

static savor_status read_files(const sv_dir *dir, const sv_node *info, sv_era era, sv_arena *arena,
                               savor_example *out, savor_error *err)
{
    sv_str path = sv_node_text(sv_node_find(info, "artifact_path"));
    sv_node_kind flag = sv_node_is_null(sv_node_find(info, "params")) ? SV_NODE_NULL : SV_NODE_STRING;
    sv_example_info how = {.type = sv_node_text(sv_node_find(info, "type")),
                           .format = sv_node_text(sv_node_find(info, "format")),
                           .has_params = flag != SV_NODE_NULL};
    put_info(info, &out->info);
    if (!path.n)
        return sv_fail(err, SAVOR_FORMAT, "saved_input_example_info names no file");
    savor_status st = sv_error_at(err, sv_dir_read(dir, path, &out->input, err), "%.*s", SV_FMT(path));
    if (st || (st = read_serving(dir, info, out, err)) || out->has_serving)
        return st;
    return sv_error_at(err, sv_example_make_request(sv_buf_view(&out->input), &how, era, arena, &out->request, err),
                       "%.*s", SV_FMT(path));
}

static savor_status load_example(const sv_dir *dir, const sv_mlmodel *record, savor_profile forced, sv_arena *arena,
                                 savor_example *out, savor_error *err)
{
    const sv_node *info = sv_node_find(record->root, "saved_input_example_info");
    if (sv_node_is_null(info))
        return sv_fail(err, SAVOR_NOT_FOUND, "the model was saved without an input example");
    if (info->kind != SV_NODE_MAPPING)
        return sv_fail(err, SAVOR_FORMAT, "saved_input_example_info is no mapping");
    sv_profile profile = sv_profile_of(record, SV_STR(""), forced);
    savor_status st = read_files(dir, info, profile.era, arena, out, err);
    return st ? st : sv_buf_check(&out->info, err);
}

savor_status savor_example_load(const char *path, const savor_load_options *options, savor_example **out,
                                savor_error *err)
{
    savor_profile forced = options ? options->profile : SAVOR_PROFILE_AUTO;
    sv_dir dir = SV_DIR_CLOSED;
    const sv_mlmodel *record;
    savor_example *e = NULL;
    sv_arena arena;
    savor_status st;
    *out = NULL;
    sv_arena_init(&arena, (size_t)64 << 30);
    if ((st = sv_model_open(path, &dir, &arena, &record, err)) || (st = sv_example_new(&e, err)) ||
        (st = load_example(&dir, record, forced, &arena, e, err)))
        goto done;
    *out = e;
    e = NULL;
done:
    savor_example_free(e);
    sv_arena_deinit(&arena);
    sv_dir_close(&dir);
    return st;
}
