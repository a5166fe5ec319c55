#include "request/request.h"

#include "model/json_value.h"
#include "request/body_text.h"
#include "request/csv_frame.h"
#include "request/frame_cast.h"
#include "request/heading.h"
#include "request/json_frame.h"
#include "request/split_doubles.h"
#include "request/tensor_request.h"
#include "table/arrow_read.h"
#include "table/parquet.h"

typedef struct reader {
    const sv_request_rules *rules;
    const sv_profile *profile;
    const sv_schema *schema;
    sv_arena *arena;
    savor_error *err;
    sv_str text; /* the body as UTF-8 */
    sv_request *out;
} reader;

static savor_status parse_json(reader *rd, const sv_json_limits *limits, const sv_json **out)
{
    sv_json_fault fault = {NULL, 0};
    savor_status st = sv_json_parse(rd->text, limits, rd->arena, out, &fault, rd->err);
    char why[200] = "";
    if (rd->err)
        memcpy(why, rd->err->message, sizeof why);
    why[sizeof why - 1] = '\0';
    if (st == SAVOR_FORMAT || (st == SAVOR_LIMIT && fault.message && limits->is_ujson)) /* pandas' own limits */
        return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                       "Invalid input. Ensure that input is a valid JSON formatted string. Error: '%s'", why);
    if (st == SAVOR_LIMIT && fault.message) /* Python's RecursionError and its limit on digits end in a bare 500 */
        return sv_fail(rd->err, SAVOR_UNREADABLE, "%s", why);
    return st;
}

/* ---- the frame forms ---- */

static savor_status finish_frame(reader *rd, sv_frame frame, bool is_read_json)
{
    rd->out->payload.kind = SV_PAYLOAD_FRAME;
    savor_status st = SAVOR_OK;
    if (rd->schema && is_read_json && !rd->schema->is_tensor && !rd->schema->has_names)
        st = sv_frame_cast_numbered(&frame, rd->schema, rd->profile, rd->arena, rd->err);
    else if (rd->schema)
        st = sv_frame_cast(&frame, rd->schema, rd->profile, rd->arena, rd->err);
    rd->out->payload.frame = frame;
    return st;
}

static savor_status read_split(reader *rd, const sv_json *split, const sv_json_frame_rules *rules)
{
    const sv_json *key = split + 1;
    sv_frame frame;
    if (split->kind != SV_JSON_OBJECT)
        return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                       "Invalid input. Dataframe split format must be a dictionary. Got %s.",
                       split->kind == SV_JSON_ARRAY ? "list" : sv_json_type_name(split));
    bool has_data = rules->is_read_json;
    for (uint32_t i = 0; i < split->n; i++, key = sv_json_next(key + 1)) {
        has_data = has_data || sv_json_is_text(key, "data");
        if (!sv_json_is_text(key, "data") && !sv_json_is_text(key, "columns") && !sv_json_is_text(key, "index"))
            return sv_fail(
                rd->err, SAVOR_BAD_REQUEST,
                "Invalid input. Dataframe split format must have 'data' field and optionally 'columns' and "
                "'index' fields. Got '%.*s'.",
                SV_FMT(sv_json_text(key)));
    }
    if (!has_data)
        return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                       "Invalid input. Dataframe split format must have 'data' field and optionally 'columns' and "
                       "'index' fields.");
    savor_status st = sv_frame_from_split(split, rules, rd->arena, &frame, rd->err);
    return st ? st : finish_frame(rd, frame, rules->is_read_json);
}

static savor_status read_records(reader *rd, const sv_json *records, const sv_json_frame_rules *rules)
{
    sv_frame frame;
    if (records->kind != SV_JSON_ARRAY)
        return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                       "Invalid input. Dataframe records format must be a list of records. Got %s.",
                       records->kind == SV_JSON_OBJECT ? "dictionary" : sv_json_type_name(records));
    savor_status st = sv_frame_from_records(records, rules, rd->arena, &frame, rd->err);
    return st ? st : finish_frame(rd, frame, rules->is_read_json);
}

/* All cells are lists of one length: a third dimension. */
static bool is_deep(const sv_json *data)
{
    const sv_json *row = data + 1;
    for (uint32_t i = 0; i < data->n; i++, row = sv_json_next(row)) {
        const sv_json *cell = row + 1;
        for (uint32_t k = 0; k < row->n; k++, cell = sv_json_next(cell))
            if (cell->kind != SV_JSON_ARRAY || cell->n != data[2].n)
                return false;
    }
    return data[1].n > 0;
}

/* numpy.array(data, dtype=object) of rows that are lists of one length, or of values that are none. */
static bool is_grid(const sv_json *data)
{
    const sv_json *row = data + 1;
    bool is_flat = data->n == 0 || row->kind != SV_JSON_ARRAY;
    for (uint32_t i = 0; i < data->n; i++, row = sv_json_next(row))
        if (is_flat ? row->kind == SV_JSON_OBJECT : row->kind != SV_JSON_ARRAY || row->n != data[1].n)
            return false;
    return is_flat || !is_deep(data);
}

static savor_status fail_numpy_split(reader *rd)
{
    return sv_fail(
        rd->err, SAVOR_BAD_REQUEST,
        "Failed to parse input as a Numpy. Ensure that the input is a valid JSON-formatted Pandas DataFrame "
        "with the split orient produced using the `pandas.DataFrame.to_json(..., orient='split')` method.");
}

/* application/json-numpy-split: all three members must be there, others are not looked at, and nothing is cast. */
static savor_status read_numpy_split(reader *rd, const sv_json *v)
{
    sv_frame frame;
    sv_json_frame_rules rules = {.pandas_major = rd->profile->pandas_major, .keeps_labels = rd->rules->keeps_labels};
    rd->out->is_wrapped = false;
    rd->schema = NULL;
    if (v->kind != SV_JSON_OBJECT)
        return fail_numpy_split(rd);
    const sv_json *data = sv_json_find(v, "data"), *columns = sv_json_find(v, "columns"),
                  *index = sv_json_find(v, "index");
    if (!data || !columns || !index || data->kind != SV_JSON_ARRAY || !is_grid(data))
        return fail_numpy_split(rd);
    bool has_labels = index->kind == SV_JSON_ARRAY && (index->n == 0 || index[1].kind != SV_JSON_ARRAY);
    bool is_one_column = data->n == 0 && columns->kind == SV_JSON_ARRAY; /* an array without elements is flat */
    if ((has_labels && index->n != data->n) || (is_one_column && columns->n != 1))
        return fail_numpy_split(rd);
    savor_status st = sv_frame_from_split(v, &rules, rd->arena, &frame, rd->err);
    return st ? st : finish_frame(rd, frame, false);
}

/* A bare body of MLflow 1.x. An era-1 model reads the numbers as pandas.read_json does. */
static savor_status read_bare_frame(reader *rd, const sv_json *v, bool is_records)
{
    bool is_era_1 = rd->profile->era == SV_ERA_1;
    sv_json_frame_rules rules = {rd->profile->pandas_major, is_era_1, rd->schema != NULL, rd->rules->keeps_labels};
    savor_status st = is_era_1 ? parse_json(rd, &SV_UJSON_LIMITS, &v) : SAVOR_OK;
    rd->out->is_wrapped = false;
    if (st)
        return st;
    return is_records ? read_records(rd, v, &rules) : read_split(rd, v, &rules);
}

/* ---- the keyed form of 2.x and 3.x ---- */

static const char *const FORM_KEYS[] = {"dataframe_split", "dataframe_records", "instances", "inputs"};

#define N_FORM_KEYS (sizeof FORM_KEYS / sizeof FORM_KEYS[0])

static bool has_any_key(const sv_json *v, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sv_json_find(v, keys[i]))
            return true;
    return false;
}

static savor_status fail_keys(reader *rd, const sv_json *v)
{
    sv_buf found = SV_BUF_INIT(120);
    for (size_t i = 0; i < N_FORM_KEYS; i++)
        if (sv_json_find(v, FORM_KEYS[i]))
            sv_buf_printf(&found, found.n ? ", '%s'" : "'%s'", FORM_KEYS[i]);
    savor_status st = sv_fail(
        rd->err, SAVOR_BAD_REQUEST,
        "The input must be a JSON dictionary with exactly one of the input fields {'dataframe_records', "
        "'dataframe_split', 'inputs', 'instances'}. Received dictionary with input fields: [%s]. IMPORTANT: The "
        "MLflow Model scoring protocol has changed in MLflow version 2.0.",
        found.p ? found.p : "");
    sv_buf_deinit(&found);
    return st;
}

/* Bodies of language models pass as they are; enforcement makes a frame of the object where a schema asks for one. */
static savor_status read_llm(reader *rd, const sv_json *v)
{
    static const sv_json NO_PARAMS = {.kind = SV_JSON_OBJECT}; /* a dict, not None: MLflow takes them from the body */
    rd->out->is_wrapped = false;
    rd->out->params = &NO_PARAMS;
    rd->out->payload.kind = SV_PAYLOAD_VALUE;
    return sv_json_to_value(v, rd->arena, &rd->out->payload.value, rd->err);
}

static savor_status read_keyed_split(reader *rd, const sv_json *split, const sv_json_frame_rules *rules)
{
    if (rd->schema && split->kind == SV_JSON_OBJECT &&
        sv_split_read_doubles(split, rd->schema, rd->rules->heading, rd->arena, &rd->out->payload.frame)) {
        rd->out->payload.kind = SV_PAYLOAD_FRAME;
        rd->out->is_enforced = true;
        return SAVOR_OK;
    }
    return read_split(rd, split, rules);
}

/* The value goes to the model as it is: the type hint of its own predict is what checks it. */
static savor_status read_hinted(reader *rd, const sv_json *v)
{
    const sv_json *inputs = sv_json_find(v, "inputs");
    rd->out->params = sv_json_find(v, "params");
    rd->out->payload.kind = SV_PAYLOAD_VALUE;
    if (!inputs)
        return sv_fail(rd->err, SAVOR_SCHEMA,
                       "Request payload must be a dictionary with 'inputs' key when the model contains a valid type "
                       "hint.");
    return sv_json_to_value(inputs, rd->arena, &rd->out->payload.value, rd->err);
}

static savor_status read_keyed(reader *rd, const sv_json *v)
{
    static const char *const LLM_KEYS[] = {"messages", "prompt", "input"};
    sv_json_frame_rules rules = {rd->profile->pandas_major, false, rd->schema != NULL, rd->rules->keeps_labels};
    const sv_json *value = NULL;
    size_t form = N_FORM_KEYS;
    if (has_any_key(v, LLM_KEYS, sizeof LLM_KEYS / sizeof LLM_KEYS[0]))
        return read_llm(rd, v);
    if (rd->rules->is_from_type_hint)
        return read_hinted(rd, v);
    for (size_t i = 0; i < N_FORM_KEYS; i++) {
        const sv_json *found = sv_json_find(v, FORM_KEYS[i]);
        if (found && value)
            return fail_keys(rd, v);
        value = found ? found : value;
        form = found ? i : form;
    }
    if (!value)
        return fail_keys(rd, v);
    rd->out->params = sv_json_find(v, "params");
    if (form == 0)
        return read_keyed_split(rd, value, &rules);
    if (form == 1)
        return read_records(rd, value, &rules);
    sv_tensor_request_rules how = {rd->profile, rd->schema};
    return (form == 2 ? sv_instances_read : sv_inputs_read)(value, &how, rd->arena, &rd->out->payload, rd->err);
}

static savor_status fail_top_level(reader *rd, const sv_json *v)
{
    if (v->kind == SV_JSON_ARRAY)
        return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                       "Invalid input. The input must be a JSON dictionary with exactly one of the input fields "
                       "{'dataframe_records', 'dataframe_split', 'inputs', 'instances'}. Received a list.");
    return sv_fail(rd->err, SAVOR_BAD_REQUEST,
                   "Invalid input. The input must be a JSON dictionary with exactly one of the input fields "
                   "{'dataframe_records', 'dataframe_split', 'inputs', 'instances'}. Received unexpected input type "
                   "'<class '%s'>.",
                   sv_json_type_name(v));
}

/* ---- choosing the form ---- */

/* inputs and instances of 1.x stand alone: any other key is an error. */
static savor_status read_tensors_1(reader *rd, const sv_json *v)
{
    sv_tensor_request_rules how = {rd->profile, rd->schema};
    const sv_json *instances = sv_json_find(v, "instances"), *inputs = sv_json_find(v, "inputs");
    rd->out->is_wrapped = false;
    const char *name = instances ? "instances" : "inputs";
    const sv_json *key = v + 1;
    bool stands_alone = true;
    for (uint32_t i = 0; i < v->n; i++, key = sv_json_next(key + 1))
        stands_alone = stands_alone && sv_json_is_text(key, name);
    if (!stands_alone)
        return sv_fail(
            rd->err, SAVOR_BAD_REQUEST,
            "Failed to parse data as TF serving input. One of \"instances\" and \"inputs\" must be specified "
            "(not both or any other keys).");
    return (instances ? sv_instances_read : sv_inputs_read)(instances ? instances : inputs, &how, rd->arena,
                                                            &rd->out->payload, rd->err);
}

static savor_status read_json_body(reader *rd)
{
    static const char *const TENSOR_KEYS[] = {"instances", "inputs"}, *const BARE_KEYS[] = {"data", "columns"};
    bool is_era_1 = rd->profile->era == SV_ERA_1, is_forced = rd->profile->is_forced;
    const sv_json *v;
    sv_json_limits limits = SV_JSON_LIMITS;
    limits.heading = rd->rules->heading ? &rd->rules->heading->json : NULL;
    savor_status st = parse_json(rd, &limits, &v);
    if (st)
        return st;
    if (v->kind == SV_JSON_ARRAY && (is_era_1 || !is_forced))
        return read_bare_frame(rd, v, true);
    if (v->kind != SV_JSON_OBJECT)
        return fail_top_level(rd, v);
    bool is_keyed = has_any_key(v, FORM_KEYS, N_FORM_KEYS);
    if (is_era_1 && has_any_key(v, TENSOR_KEYS, 2))
        return read_tensors_1(rd, v);
    if (is_era_1 && (is_forced || !is_keyed))
        return read_bare_frame(rd, v, false);
    if (!is_era_1 && !is_forced && !is_keyed && has_any_key(v, BARE_KEYS, 2))
        return read_bare_frame(rd, v, false);
    return read_keyed(rd, v);
}

static savor_status read_csv(reader *rd)
{
    sv_csv_options options = {rd->profile->pandas_major, rd->profile->exact_csv ? 2 : 1, rd->schema,
                              rd->rules->keeps_labels};
    rd->out->payload.kind = SV_PAYLOAD_FRAME;
    rd->out->is_wrapped = rd->profile->era != SV_ERA_1;
    return sv_csv_read_frame(rd->text, &options, rd->arena, &rd->out->payload.frame, rd->err);
}

/* A table with types of its own: enforcement alone decides whether they fit. */
static savor_status read_table(reader *rd, sv_form form)
{
    rd->out->payload.kind = SV_PAYLOAD_FRAME;
    rd->out->is_wrapped = rd->profile->era != SV_ERA_1;
    return (form == SV_FORM_ARROW ? sv_arrow_read_frame : sv_parquet_read_frame)(
        rd->text, rd->profile->pandas_major, rd->arena, &rd->out->payload.frame, rd->err);
}

savor_status sv_request_read(sv_str content_type, sv_str body, const sv_request_rules *rules, sv_arena *arena,
                             sv_request *out, savor_error *err)
{
    reader rd = {rules, rules->profile, rules->signature->inputs, arena, err, body, out};
    sv_form form;
    const sv_json *v;
    *out = (sv_request){.is_wrapped = true};
    savor_status st = sv_content_type_read(content_type, rules->profile, &form, err);
    if (!st && (form == SV_FORM_ARROW || form == SV_FORM_PARQUET))
        return read_table(&rd, form);
    if (!st)
        st = form == SV_FORM_CSV ? sv_body_check_csv(body, rules->profile, err)
                                 : sv_body_decode_json(body, rules->profile, arena, &rd.text, err);
    if (st)
        return st;
    switch (form) {
    case SV_FORM_CSV:
        return read_csv(&rd);
    case SV_FORM_JSON:
        return read_json_body(&rd);
    case SV_FORM_SPLIT:
    case SV_FORM_RECORDS: /* parsed once more there in era 1 */
        return (st = parse_json(&rd, &SV_JSON_LIMITS, &v)) ? st : read_bare_frame(&rd, v, form == SV_FORM_RECORDS);
    case SV_FORM_SPLIT_NUMPY:
    case SV_FORM_ARROW:
    case SV_FORM_PARQUET:
        break;
    }
    return (st = parse_json(&rd, &SV_JSON_LIMITS, &v)) ? st : read_numpy_split(&rd, v);
}
