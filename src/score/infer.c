#include "base/alloc.h"
#include "score/data_read.h"
#include "text/yaml.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)

/* The texts of a signature; without one `has` is false. */
typedef struct signature_texts {
    sv_buf text[3];
    bool has[3];
    size_t n; /* 1.x has two */
} signature_texts;

static const char *const NAMES[] = {"inputs", "outputs", "params"};

static savor_status write_texts(const sv_signature *signature, const sv_infer_rules *rules, signature_texts *out,
                                savor_error *err)
{
    savor_status st = SAVOR_OK;
    out->n = rules->era == SV_ERA_1 ? 2 : 3;
    out->has[0] = signature->inputs;
    out->has[1] = signature->outputs;
    out->has[2] = signature->has_params;
    if (signature->inputs)
        sv_schema_write_as(signature->inputs, rules, &out->text[0]);
    if (signature->outputs)
        sv_schema_write_as(signature->outputs, rules, &out->text[1]);
    if (signature->has_params)
        sv_params_write_as(signature, rules, &out->text[2]);
    for (size_t i = 0; !st && i < out->n; i++)
        st = sv_buf_check(&out->text[i], err);
    return st;
}

static void put_json(const signature_texts *texts, sv_buf *out)
{
    for (size_t i = 0; i < texts->n; i++) {
        sv_buf_printf(out, "%s\"%s\": ", i ? ", " : "{", NAMES[i]);
        if (texts->has[i])
            sv_json_put_string(out, sv_buf_view(&texts->text[i]));
        else
            sv_buf_put_text(out, "null");
    }
    sv_buf_put_char(out, '}');
}

/* The block "signature:" of an MLmodel file. */
static savor_status put_yaml(const signature_texts *texts, sv_buf *out, savor_error *err)
{
    sv_node keys[3], values[3];
    sv_pair pairs[3], outer;
    sv_node mapping = {.kind = SV_NODE_MAPPING, .n = texts->n, .pairs = pairs};
    sv_node root = {.kind = SV_NODE_MAPPING, .n = 1, .pairs = &outer};
    sv_node name = {.kind = SV_NODE_STRING, .text = SV_STR("signature")};
    outer = (sv_pair){&name, &mapping};
    for (size_t i = 0; i < texts->n; i++) {
        keys[i] = (sv_node){.kind = SV_NODE_STRING, .text = sv_str_of(NAMES[i])};
        values[i] = (sv_node){.kind = texts->has[i] ? SV_NODE_STRING : SV_NODE_NULL};
        values[i].text = sv_buf_view(&texts->text[i]);
        pairs[i] = (sv_pair){&keys[i], &values[i]};
    }
    return sv_yaml_write(&root, out, err);
}

typedef struct sources {
    sv_payload inputs, outputs;
    sv_value params;
} sources;

static savor_status infer(const savor_data *const data[3], const sv_profile *profile, sv_arena *arena,
                          signature_texts *texts, savor_error *err)
{
    sv_infer_rules rules = sv_infer_rules_of(profile);
    sv_inference from = {.params = NULL};
    sources in;
    sv_signature signature;
    savor_status st = SAVOR_OK;
    if (data[0] && !(st = sv_error_at(err, sv_data_read(data[0], profile, arena, &in.inputs, err), "inputs")))
        from.inputs.payload = &in.inputs;
    if (!st && data[1] &&
        !(st = sv_error_at(err, sv_data_read(data[1], profile, arena, &in.outputs, err), "outputs")))
        from.outputs.payload = &in.outputs;
    if (!st && data[2] &&
        !(st = sv_error_at(err, sv_data_read_params(data[2], profile, arena, &in.params, err), "params")))
        from.params = &in.params;
    if (st || (st = sv_signature_infer(&from, &rules, arena, &signature, err)))
        return st;
    return write_texts(&signature, &rules, texts, err);
}

savor_status savor_signature_infer(const savor_data *inputs, const savor_data *outputs, const savor_data *params,
                                   const savor_infer_options *options, char **out, savor_error *err)
{
    const savor_data *const data[3] = {inputs, outputs, params};
    sv_profile profile = sv_profile_of_era(options ? options->profile : SAVOR_PROFILE_AUTO);
    signature_texts texts = {
        .text = {SV_BUF_INIT(TEXT_BYTES_MAX), SV_BUF_INIT(TEXT_BYTES_MAX), SV_BUF_INIT(TEXT_BYTES_MAX)}};
    sv_buf text = SV_BUF_INIT(6 * TEXT_BYTES_MAX);
    size_t bytes = (size_t)64 << 20;
    savor_status st;
    sv_arena arena;
    *out = NULL;
    for (size_t i = 0; i < 3; i++)
        if (!sv_add(bytes, sv_data_max_bytes(data[i]), &bytes))
            bytes = SIZE_MAX / 2;
    sv_arena_init(&arena, bytes);
    if ((st = infer(data, &profile, &arena, &texts, err)))
        goto done;
    if (options && options->yaml)
        st = put_yaml(&texts, &text, err);
    else
        put_json(&texts, &text);
    if (st || (st = sv_buf_check(&text, err)))
        goto done;
    *out = text.p; /* moved */
    text = SV_BUF_INIT(0);
done:
    for (size_t i = 0; i < 3; i++)
        sv_buf_deinit(&texts.text[i]);
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
    return st;
}
