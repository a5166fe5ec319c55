/* infer_check.c: runs recorded cases of inference, input examples and answers.
 *
 *     infer_check [-v] FILE...
 *
 * A case has `model_input`, `model_output` and `params` with the signature that each MLflow infers; or `data` and
 * `params` with the example files that it writes; or a result `data` (or doubles as `hex`) with the text that it
 * sends. Prints passed, failed and skipped by file and MLflow; exit 1 when any failed. Skipped is what savor has no
 * form for, and says so.
 */
#include "corpus/pydata.h"
#include "corpus/trials.h"
#include "data/convert.h"
#include "model/infer.h"
#include "score/example.h"
#include "score/response.h"

#include <stdio.h>
#include <stdlib.h>

/* What savor has no form for, though the data could be read. */
static const known_case KNOWN_CASES[] = {
    {"signature/infer-tensors/018-datetime64[s]", "arrays of times have one unit here"},
    {"example/array-dt-s", "arrays of times have one unit here"},
    {"json-response/values/155-series-object-time-none", "pandas makes datetimes of a Series of objects"},
};

static const char *const RELEASES[] = {"1.x", "2.x", "2.22", "3.x"};
static const sv_infer_rules RULES[] = {
    {SV_ERA_1, 1, false},
    {SV_ERA_2, 2, false},
    {SV_ERA_2, 2, true},
    {SV_ERA_3, 3, true},
};

static const sv_infer_rules *rules_of(const trial *t) { return &RULES[t->release]; }

/* The text that was wanted, or null for none. */
static bool check_text(trial *t, const char *what, const sv_json *want, const sv_buf *got, bool has_any)
{
    sv_str text = sv_buf_view(got);
    bool wants_any = want && want->kind == SV_JSON_STRING;
    bool same = wants_any == has_any && (!has_any || sv_str_equal(sv_json_text(want), text));
    if (!same)
        snprintf(t->why, sizeof t->why, "%s: %.*s", what, has_any ? (int)(text.n < 200 ? text.n : 200) : 4,
                 has_any ? text.p : "none");
    return same;
}

static outcome check_error(trial *t, savor_status st, const char *what)
{
    bool wants_error = sv_json_find(t->want, "error");
    snprintf(t->why, sizeof t->why, "%s: %.200s", what, st ? t->err.message : "accepted");
    return wants_error == (st != SAVOR_OK) && st != SAVOR_NOMEM ? PASSED : FAILED;
}

/* ---- signatures ---- */

static bool same_signature(trial *t, const sv_json *ok, const sv_signature *signature)
{
    sv_schema_form form = sv_infer_form(rules_of(t));
    sv_buf inputs = SV_BUF_INIT(1 << 20), outputs = SV_BUF_INIT(1 << 20), params = SV_BUF_INIT(1 << 20);
    bool same = (!signature->inputs || !sv_schema_write_as(signature->inputs, form, &inputs, NULL)) &&
                (!signature->outputs || !sv_schema_write_as(signature->outputs, form, &outputs, NULL)) &&
                (!signature->has_params || !sv_params_write_as(signature, form, &params, NULL)) &&
                check_text(t, "inputs", sv_json_find(ok, "inputs"), &inputs, signature->inputs) &&
                check_text(t, "outputs", sv_json_find(ok, "outputs"), &outputs, signature->outputs) &&
                check_text(t, "params", sv_json_find(ok, "params"), &params, signature->has_params);
    sv_buf_deinit(&inputs);
    sv_buf_deinit(&outputs);
    sv_buf_deinit(&params);
    return same;
}

static outcome check_signature(trial *t)
{
    const sv_json *input = sv_json_find(t->vector, "model_input"), *output = sv_json_find(t->vector, "model_output");
    const sv_json *given = sv_json_find(t->vector, "params");
    pydata in, out;
    sv_value params;
    sv_signature signature;
    sv_inference from = {.params = given ? &params : NULL};
    const char *why = input ? pydata_read(input, t->arena, &in) : NULL;
    if (!why && output)
        why = pydata_read(output, t->arena, &out);
    if (!why && given)
        why = pydata_read_value(given, t->arena, &params);
    if (why)
        return trial_skip(t, why);
    if (input)
        from.inputs = (sv_infer_data){&in.payload, in.is_unnamed_series};
    if (output)
        from.outputs = (sv_infer_data){&out.payload, out.is_unnamed_series};
    savor_status st = sv_signature_infer(&from, rules_of(t), t->arena, &signature, &t->err);
    const sv_json *ok = sv_json_find(t->want, "ok");
    if (st || !ok)
        return check_error(t, st, "signature");
    return same_signature(t, ok, &signature) ? PASSED : FAILED;
}

/* ---- examples ---- */

/* The request that is made of the input is the serving example, but for its layout. */
static bool same_request(trial *t, const savor_example *example, const pydata *data, bool has_params)
{
    char sparse[24];
    const sv_json *serving;
    sv_buf want = SV_BUF_INIT(1 << 20), got = SV_BUF_INIT(1 << 20);
    sv_example_info info = {.type = sv_str_of(example->type), .has_params = has_params};
    snprintf(sparse, sizeof sparse, "sparse_matrix_%s", data->sparse);
    if (data->sparse[0])
        info.type = sv_str_of(sparse);
    savor_status st =
        sv_example_make_request(sv_buf_view(&example->input), &info, rules_of(t)->era, t->arena, &got, &t->err);
    if (!st &&
        !(st = sv_json_parse(sv_buf_view(&example->serving), &SV_JSON_LIMITS, t->arena, &serving, NULL, &t->err)))
        sv_json_put_value(&want, serving);
    bool same = !st && sv_str_equal(sv_buf_view(&want), sv_buf_view(&got));
    if (!same)
        snprintf(t->why, sizeof t->why, "request: %.200s", st ? t->err.message : got.p);
    sv_buf_deinit(&want);
    sv_buf_deinit(&got);
    return same;
}

static bool same_example(trial *t, const savor_example *example)
{
    sv_buf info = SV_BUF_INIT(1 << 20);
    sv_json_put_value(&info, sv_json_find(t->want, "saved_input_example_info"));
    bool same = check_text(t, "input", sv_json_find(t->want, "input_example.json"), &example->input, true) &&
                check_text(t, "serving", sv_json_find(t->want, "serving_input_example.json"), &example->serving,
                           example->has_serving);
    if (same && !(same = sv_str_equal(sv_buf_view(&info), sv_buf_view(&example->info))))
        snprintf(t->why, sizeof t->why, "info: %.200s", example->info.p);
    sv_buf_deinit(&info);
    return same;
}

/* The model of these cases answers [1.5]; where no signature was inferred, none is compared. */
static bool same_example_signature(trial *t, const pydata *data, const sv_value *params)
{
    static const sv_value HALF = {.kind = SV_VALUE_FLOAT, .u.f = 1.5};
    const sv_json *ok = sv_json_find(t->want, "signature");
    sv_payload output = {.kind = SV_PAYLOAD_VALUE};
    sv_inference from = {.inputs = {&data->payload, false}, .outputs = {&output, false}, .params = params};
    sv_signature signature;
    output.value = (sv_value){.kind = SV_VALUE_LIST, .n = 1, .u.items = &HALF};
    if (!ok || ok->kind == SV_JSON_NULL)
        return true;
    if (sv_signature_infer(&from, rules_of(t), t->arena, &signature, &t->err)) {
        snprintf(t->why, sizeof t->why, "signature: %.200s", t->err.message);
        return false;
    }
    return same_signature(t, ok, &signature);
}

static outcome check_written(trial *t, const pydata *data, const sv_value *params, savor_example *example)
{
    sv_example_data from = {&data->payload, params, data->sparse[0] ? data->sparse : NULL, data->is_series};
    savor_status st = sv_example_write(&from, rules_of(t), t->arena, example, &t->err);
    if (st || sv_json_find(t->want, "error"))
        return check_error(t, st, "example");
    if (!same_example(t, example) || !same_example_signature(t, data, params))
        return FAILED;
    return !example->has_serving || same_request(t, example, data, params) ? PASSED : FAILED;
}

static outcome check_example(trial *t)
{
    const sv_json *given = sv_json_find(t->vector, "params"), *input = sv_json_find(t->want, "input_example.json");
    pydata data;
    sv_value params;
    savor_example *example;
    const char *why = pydata_read(sv_json_find(t->vector, "data"), t->arena, &data);
    if (!why && given)
        why = pydata_read_value(given, t->arena, &params);
    if (input && input->kind == SV_JSON_NULL)
        why = "None is no example";
    if (why || sv_example_new(&example, &t->err))
        return trial_skip(t, why ? why : "memory");
    outcome result = check_written(t, &data, given ? &params : NULL, example);
    savor_example_free(example);
    return result;
}

/* ---- answers ---- */

static outcome check_answer(trial *t)
{
    pydata answer;
    sv_buf out = SV_BUF_INIT(1 << 20);
    const char *why = pydata_read(sv_json_find(t->vector, "data"), t->arena, &answer);
    if (why)
        return trial_skip(t, why);
    sv_response_write(&answer.payload, rules_of(t)->era != SV_ERA_1, SAVOR_NAN_TOKEN, &out);
    savor_status st = sv_buf_check(&out, &t->err);
    const sv_json *want = sv_json_find(t->want, "text");
    outcome result = st || !want                                 ? check_error(t, st, "answer")
                     : check_text(t, "answer", want, &out, true) ? PASSED
                                                                 : FAILED;
    sv_buf_deinit(&out);
    return result;
}

/* Doubles in hexadecimal; `texts` are how they are written. */
static outcome check_floats(trial *t)
{
    static const char *const SHELL[] = {"[", "]"};
    const sv_json *hex = sv_json_find(t->vector, "hex"), *item = hex + 1, *texts = sv_json_find(t->want, "texts");
    const sv_json *want = texts + 1;
    savor_dtype dtype;
    const void *data;
    sv_value *values = sv_arena_array(t->arena, hex->n, sizeof *values);
    for (uint32_t i = 0; i < hex->n; i++, item = sv_json_next(item)) {
        char text[64];
        snprintf(text, sizeof text, "%.*s", SV_FMT(sv_json_text(item)));
        values[i] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = strtod(text, NULL)};
    }
    if (!sv_dtype_of(sv_json_text(sv_json_find(t->vector, "dtype")), &dtype) ||
        sv_items_cast(SAVOR_OBJECT, values, hex->n, dtype, t->arena, &data, &t->err))
        return FAILED;
    for (uint32_t i = 0; i < hex->n; i++, want = sv_json_next(want)) {
        sv_payload answer = {.kind = SV_PAYLOAD_TENSOR};
        sv_buf out = SV_BUF_INIT(100);
        answer.tensor = sv_tensor_view(dtype, 1, 0, (const char *)data + i * sv_dtype_size(dtype));
        sv_response_write(&answer, false, SAVOR_NAN_TOKEN, &out);
        sv_str text = sv_buf_view(&out), shown = {text.p + strlen(SHELL[0]), text.n - 2};
        bool same = sv_str_equal(sv_json_text(want), shown);
        snprintf(t->why, sizeof t->why, "number %u is written %.*s", i, SV_FMT(shown));
        sv_buf_deinit(&out);
        if (!same)
            return FAILED;
    }
    return PASSED;
}

static outcome run_trial(trial *t)
{
    if (sv_json_find(t->vector, "hex"))
        return check_floats(t);
    if (sv_str_starts(sv_json_text(sv_json_find(t->vector, "id")), SV_STR("example/")))
        return check_example(t);
    if (sv_json_find(t->vector, "data"))
        return check_answer(t);
    return check_signature(t);
}

int main(int argc, char **argv)
{
    trial_plan plan = {run_trial, RELEASES, sizeof RELEASES / sizeof *RELEASES, KNOWN_CASES,
                       sizeof KNOWN_CASES / sizeof *KNOWN_CASES};
    return trials_main(argc, argv, &plan);
}
