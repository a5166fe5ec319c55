/* example_write.c: data -> input_example.json, serving_input_example.json, saved_input_example_info. Source: MLflow
 * mlflow/models/utils.py _Example. */
#include "data/convert.h"
#include "request/json_frame.h"
#include "score/example.h"
#include "score/jsonable.h"

/* What is known of an example while it is written. */
typedef struct writer {
    const sv_example_data *data;
    const sv_infer_rules *rules;
    sv_arena *arena;
    savor_error *err;
    sv_buf *input;      /* the data as JSON */
    const char *type;   /* dataframe, ndarray, json_object, sparse_matrix_... */
    const char *orient; /* of a dataframe */
    const char *form;   /* the key of the serving body; NULL: the data are it, "": there is none */
    bool is_tf_serving; /* 1.x arrays */
} writer;

static savor_status refuse(const writer *w, const char *what)
{
    return sv_fail(w->err, SAVOR_SCHEMA, "MLflow takes no %s for an input example", what);
}

/* ---- scalars ---- */

/* numpy.isscalar(); a Timestamp or datetime.datetime is none, a numpy.datetime64 is one. */
static bool is_scalar(const sv_value *v)
{
    switch (v->kind) {
    case SV_VALUE_LIST:
    case SV_VALUE_DICT:
    case SV_VALUE_NONE:
    case SV_VALUE_OTHER:
        return false;
    case SV_VALUE_DATETIME:
        return v->variant == SV_VARIANT_NUMPY;
    default:
        return true;
    }
}

static bool is_scalar_or_none(const sv_value *v)
{
    return is_scalar(v) || (v->kind == SV_VALUE_NONE && v->variant == SV_VARIANT_PLAIN);
}

/* Items of a list, or values of a dict: `step` values apart. */
static bool are_scalars(const sv_value *items, size_t n, size_t step)
{
    for (size_t i = 0; i < n; i++)
        if (!is_scalar_or_none(&items[i * step]))
            return false;
    return true;
}

static bool is_array(const sv_value *v) { return v->kind == SV_VALUE_LIST && v->variant == SV_VARIANT_NUMPY; }

/* Recursion is bounded: values come from JSON, whose depth is limited. */
static bool holds_array(const sv_value *v)
{
    size_t step = v->kind == SV_VALUE_DICT ? 2 : 1;
    if (is_array(v))
        return true;
    for (size_t i = 0; (v->kind == SV_VALUE_LIST || v->kind == SV_VALUE_DICT) && i < v->n; i++)
        if (holds_array(&v->u.items[i * step + step - 1]))
            return true;
    return false;
}

static size_t count_arrays(const sv_value *dict)
{
    size_t n = 0;
    for (size_t i = 0; i < dict->n; i++)
        n += is_array(&dict->u.items[2 * i + 1]);
    return n;
}

/* ---- frames ---- */

static void put_label(sv_buf *out, const sv_label *label)
{
    if (sv_label_is_number(label))
        sv_json_put_int64(out, label->number);
    else
        sv_json_put_string(out, label->text);
}

static bool has_default_columns(const sv_frame *frame)
{
    for (size_t c = 0; c < frame->n_columns; c++)
        if (!sv_label_is_number(&frame->columns[c].name) || frame->columns[c].name.number != (int64_t)c)
            return false;
    return true;
}

/* What is missing in a column of objects becomes None; other columns cannot hold it. */
static void put_frame_cell(sv_buf *out, const sv_column *column, size_t row)
{
    if (column->dtype == SAVOR_OBJECT && sv_value_is_missing(&((const sv_value *)column->data)[row]))
        sv_buf_put_text(out, "null");
    else
        sv_jsonable_put_cell(out, column->dtype, column->data, row, SAVOR_NAN_TOKEN);
}

static void put_rows(sv_buf *out, const sv_frame *frame)
{
    for (size_t r = 0; r < frame->n_rows; r++) {
        sv_buf_put_text(out, r ? ", [" : "[");
        for (size_t c = 0; c < frame->n_columns; c++) {
            sv_buf_put_text(out, c ? ", " : "");
            put_frame_cell(out, &frame->columns[c], r);
        }
        sv_buf_put_char(out, ']');
    }
}

static savor_status write_frame(writer *w, const sv_frame *frame)
{
    bool is_default = has_default_columns(frame);
    w->type = "dataframe";
    w->orient = is_default && w->rules->era != SV_ERA_1 ? "values" : "split";
    w->form = "dataframe_split";
    sv_buf_put_char(w->input, '{');
    for (size_t c = 0; !is_default && c < frame->n_columns; c++) {
        sv_buf_put_text(w->input, c ? ", " : "\"columns\": [");
        put_label(w->input, &frame->columns[c].name);
    }
    sv_buf_put_text(w->input, is_default ? "\"data\": [" : "], \"data\": [");
    put_rows(w->input, frame);
    sv_buf_put_text(w->input, "]}");
    return SAVOR_OK;
}

/* ---- arrays ---- */

/* Not-a-number is null in arrays of numbers. */
static void put_array(writer *w, const sv_tensor *t)
{
    savor_dtype dtype = t->dtype;
    const void *data = t->data;
    bool is_float = sv_dtype_kind(dtype) == 'f';
    sv_tensor objects = *t;
    if (!is_float) {
        sv_jsonable_put_tensor(w->input, t, SAVOR_NAN_TOKEN);
        return;
    }
    sv_value *values = sv_arena_array(w->arena, t->n_items, sizeof *values);
    if (!values) {
        w->input->failed = SAVOR_NOMEM;
        return;
    }
    for (size_t i = 0; i < t->n_items; i++) {
        values[i] = sv_item_get(dtype, data, i);
        if (values[i].u.f != values[i].u.f)
            values[i] = (sv_value){.kind = SV_VALUE_NONE};
    }
    objects.dtype = SAVOR_OBJECT;
    objects.data = values;
    sv_jsonable_put_tensor(w->input, &objects, SAVOR_NAN_TOKEN);
}

static void put_named(writer *w, const sv_payload *payload)
{
    sv_buf_put_char(w->input, '{');
    for (size_t i = 0; i < payload->named.n; i++) {
        sv_buf_put_text(w->input, i ? ", " : "");
        sv_json_put_string(w->input, payload->named.items[i].name);
        sv_buf_put_text(w->input, ": ");
        put_array(w, &payload->named.items[i].tensor);
    }
    sv_buf_put_char(w->input, '}');
}

/* 1.x keeps arrays as the body of a request. */
static savor_status write_arrays(writer *w)
{
    const sv_payload *payload = w->data->payload;
    bool is_era_1 = w->rules->era == SV_ERA_1;
    w->type = "ndarray";
    w->is_tf_serving = is_era_1;
    w->form = "inputs";
    sv_buf_put_text(w->input, is_era_1 ? "{\"inputs\": " : "");
    if (payload->kind == SV_PAYLOAD_TENSOR)
        put_array(w, &payload->tensor);
    else if (payload->kind == SV_PAYLOAD_NAMED)
        put_named(w, payload);
    else
        sv_jsonable_put_value(w->input, &payload->value, SAVOR_NAN_TOKEN);
    sv_buf_put_text(w->input, is_era_1 ? "}" : "");
    return SAVOR_OK;
}

/* ---- sparse matrices ---- */

static bool is_stored(const sv_tensor *t, size_t i)
{
    double value = 0;
    return !sv_tensor_to_double(t, i, &value) || value != 0;
}

/* Rows of a csr matrix, columns of a csc matrix. */
typedef struct sparse {
    const sv_tensor *t;
    size_t n_outer, n_inner;
    size_t outer_step, inner_step;
} sparse;

static void put_sparse_data(writer *w, const sparse *s, bool as_indices)
{
    bool is_first = true;
    for (size_t i = 0; i < s->n_outer; i++) {
        for (size_t k = 0; k < s->n_inner; k++) {
            size_t at = i * s->outer_step + k * s->inner_step;
            if (!is_stored(s->t, at))
                continue;
            sv_buf_put_text(w->input, is_first ? "" : ", ");
            is_first = false;
            if (as_indices)
                sv_json_put_uint64(w->input, k);
            else
                sv_jsonable_put_cell(w->input, s->t->dtype, s->t->data, at, SAVOR_NAN_NULL);
        }
    }
}

static void put_sparse_pointers(writer *w, const sparse *s)
{
    size_t n = 0;
    sv_buf_put_char(w->input, '0');
    for (size_t i = 0; i < s->n_outer; i++) {
        for (size_t k = 0; k < s->n_inner; k++)
            n += is_stored(s->t, i * s->outer_step + k * s->inner_step);
        sv_buf_put_text(w->input, ", ");
        sv_json_put_uint64(w->input, n);
    }
}

static savor_status write_sparse(writer *w)
{
    const sv_tensor *t = &w->data->payload->tensor;
    bool is_csc = strcmp(w->data->sparse, "csc") == 0;
    sparse s = {t, t->shape[0], t->shape[1], t->shape[1], 1};
    if (is_csc)
        s = (sparse){t, t->shape[1], t->shape[0], 1, t->shape[1]};
    w->type = is_csc ? "sparse_matrix_csc" : "sparse_matrix_csr";
    w->form = w->rules->has_any ? "inputs" : "";
    sv_buf_put_text(w->input, "{\"data\": [");
    put_sparse_data(w, &s, false);
    sv_buf_put_text(w->input, "], \"indices\": [");
    put_sparse_data(w, &s, true);
    sv_buf_put_text(w->input, "], \"indptr\": [");
    put_sparse_pointers(w, &s);
    sv_buf_printf(w->input, "], \"shape\": [%zu, %zu]}", t->shape[0], t->shape[1]);
    return SAVOR_OK;
}

/* ---- values ---- */

/* 1.x makes a frame of one row of scalars, and one of many rows of anything else in a list. */
static savor_status write_list_1(writer *w, const sv_value *list)
{
    static const sv_json_frame_rules PANDAS_1 = {.pandas_major = 1};
    sv_buf text = SV_BUF_INIT(SV_EXAMPLE_BYTES_MAX);
    const sv_json *records;
    sv_frame frame;
    bool is_row = are_scalars(list->u.items, list->n, 1);
    sv_buf_put_text(&text, is_row && list->n ? "[" : "");
    sv_jsonable_put_value(&text, list, SAVOR_NAN_TOKEN);
    sv_buf_put_text(&text, is_row && list->n ? "]" : "");
    savor_status st = sv_buf_check(&text, w->err);
    char *copy = st ? NULL : sv_arena_text(w->arena, text.p, text.n);
    if (!st && !copy)
        st = sv_arena_fail(w->arena, text.n, w->err);
    if (!st && !(st = sv_json_parse((sv_str){copy, text.n}, &SV_JSON_LIMITS, w->arena, &records, NULL, w->err)) &&
        !(st = sv_frame_from_records(records, &PANDAS_1, w->arena, &frame, w->err)))
        st = write_frame(w, &frame);
    sv_buf_deinit(&text);
    return st;
}

static savor_status write_dict_1(writer *w, const sv_value *dict)
{
    sv_buf *out = w->input;
    if (count_arrays(dict) == dict->n)
        return write_arrays(w);
    if (!are_scalars(dict->u.items + 1, dict->n, 2))
        return refuse(w, "dict of anything but scalars or arrays");
    w->type = "dataframe";
    w->orient = "split";
    for (size_t part = 0; part < 2; part++) {
        sv_buf_put_text(out, part ? "], \"data\": [[" : "{\"columns\": [");
        for (size_t i = 0; i < dict->n; i++) {
            sv_buf_put_text(out, i ? ", " : "");
            sv_jsonable_put_value(out, &dict->u.items[2 * i + part], SAVOR_NAN_TOKEN);
        }
    }
    sv_buf_put_text(out, "]]}");
    return SAVOR_OK;
}

static savor_status write_value_1(writer *w, const sv_value *v)
{
    if (v->kind == SV_VALUE_DICT)
        return write_dict_1(w, v);
    if (v->kind == SV_VALUE_LIST && v->variant != SV_VARIANT_TUPLE)
        return write_list_1(w, v);
    return refuse(w, sv_value_type_name(v));
}

/* The scoring server takes such dicts for what a language model is sent. */
static bool is_llm(const sv_value *dict)
{
    static const char *const KEYS[] = {"messages", "prompt", "input"};
    for (size_t i = 0; i < dict->n; i++) {
        const sv_value *key = &dict->u.items[2 * i];
        for (size_t k = 0; key->kind == SV_VALUE_STRING && k < sizeof KEYS / sizeof KEYS[0]; k++)
            if (sv_str_is((sv_str){key->n ? key->u.p : "", key->n}, KEYS[k]))
                return true;
    }
    return false;
}

static savor_status check_value(const writer *w, const sv_value *v)
{
    bool is_datetime = v->kind == SV_VALUE_DATETIME && v->variant != SV_VARIANT_DATE;
    if (v->kind == SV_VALUE_LIST && v->variant == SV_VARIANT_TUPLE)
        return refuse(w, "tuple");
    if (v->kind == SV_VALUE_LIST && holds_array(v))
        return sv_fail(
            w->err, SAVOR_SCHEMA,
            "Multidimensional arrays (aka tensors) are not supported. Numpy arrays in list are not supported "
            "as input examples.");
    if (v->kind == SV_VALUE_LIST || is_scalar(v) || (is_datetime && w->rules->has_any))
        return SAVOR_OK;
    return refuse(w, sv_value_type_name(v));
}

static savor_status write_value(writer *w, const sv_value *v)
{
    savor_status st = SAVOR_OK;
    size_t n_arrays = v->kind == SV_VALUE_DICT ? count_arrays(v) : 0;
    if (w->rules->era == SV_ERA_1)
        return write_value_1(w, v);
    if (n_arrays && n_arrays < v->n)
        return sv_fail(w->err, SAVOR_SCHEMA,
                       "Mixed types in dictionary are not supported as input examples. Found numpy arrays and other "
                       "types.");
    if (n_arrays)
        return write_arrays(w);
    w->type = "json_object";
    w->form = v->kind == SV_VALUE_DICT && is_llm(v) ? NULL : "inputs";
    if (v->kind != SV_VALUE_DICT)
        st = check_value(w, v);
    sv_jsonable_put_value(w->input, v, SAVOR_NAN_TOKEN);
    return st;
}

static savor_status write_data(writer *w)
{
    const sv_payload *payload = w->data->payload;
    if (w->data->is_series)
        return refuse(w, "pandas.Series");
    if (w->data->sparse)
        return write_sparse(w);
    if (payload->kind == SV_PAYLOAD_FRAME)
        return write_frame(w, &payload->frame);
    return payload->kind == SV_PAYLOAD_VALUE ? write_value(w, &payload->value) : write_arrays(w);
}

/* ---- the three texts ---- */

static savor_status check_params(const writer *w)
{
    sv_signature signature = {.n_params = 0};
    return sv_params_infer(w->data->params, w->rules, w->arena, &signature, w->err);
}

/* {"inputs": DATA, "params": {...}} */
static void write_input(const writer *w, sv_buf *out)
{
    sv_buf_put_text(out, w->data->params ? "{\"inputs\": " : "");
    sv_buf_put_str(out, sv_buf_view(w->input));
    if (!w->data->params)
        return;
    sv_buf_put_text(out, ", \"params\": ");
    sv_jsonable_put_value(out, w->data->params, SAVOR_NAN_TOKEN);
    sv_buf_put_char(out, '}');
}

static const sv_value *find_value(const sv_value *dict, const sv_value *key)
{
    for (size_t i = 0; dict && i < dict->n; i++) {
        const sv_value *own = &dict->u.items[2 * i];
        if (own->kind == key->kind && own->n == key->n && (!key->n || memcmp(own->u.p, key->u.p, key->n) == 0))
            return own + 1;
    }
    return NULL;
}

static void put_pair(sv_buf *out, bool is_first, const sv_value *key, const sv_value *v)
{
    sv_buf_put_text(out, is_first ? "" : ", ");
    sv_json_put_string(out, (sv_str){key->n ? key->u.p : "", key->n});
    sv_buf_put_text(out, ": ");
    sv_jsonable_put_value(out, v, SAVOR_NAN_TOKEN);
}

/* {**data, **params}: a param stands in the place of what the data have under its name. */
static void put_merged(const writer *w, sv_buf *out)
{
    const sv_value *data = &w->data->payload->value, *params = w->data->params;
    bool is_first = true;
    sv_buf_put_char(out, '{');
    for (size_t i = 0; i < data->n; i++, is_first = false) {
        const sv_value *key = &data->u.items[2 * i], *param = find_value(params, key);
        put_pair(out, is_first, key, param ? param : key + 1);
    }
    for (size_t i = 0; params && i < params->n; i++) {
        const sv_value *key = &params->u.items[2 * i];
        if (!find_value(data, key))
            put_pair(out, is_first, key, key + 1);
        is_first = false;
    }
    sv_buf_put_char(out, '}');
}

static void put_serving(const writer *w, sv_buf *out)
{
    if (!w->form) {
        put_merged(w, out);
        return;
    }
    sv_buf_printf(out, "{\"%s\": ", w->form);
    if (w->data->sparse)
        sv_jsonable_put_tensor(out, &w->data->payload->tensor, SAVOR_NAN_TOKEN);
    else
        sv_buf_put_str(out, sv_buf_view(w->input));
    if (w->data->params) {
        sv_buf_put_text(out, ", \"params\": ");
        sv_jsonable_put_value(out, w->data->params, SAVOR_NAN_TOKEN);
    }
    sv_buf_put_char(out, '}');
}

static savor_status write_serving(const writer *w, savor_example *out)
{
    sv_buf flat = SV_BUF_INIT(SV_EXAMPLE_BYTES_MAX);
    out->has_serving = w->rules->era != SV_ERA_1 && (!w->form || w->form[0]);
    if (!out->has_serving)
        return SAVOR_OK;
    put_serving(w, &flat);
    savor_status st = sv_buf_check(&flat, w->err);
    if (!st)
        sv_jsonable_put_indented(&out->serving, sv_buf_view(&flat));
    sv_buf_deinit(&flat);
    return st ? st : sv_buf_check(&out->serving, w->err);
}

static void write_info(const writer *w, const savor_example *example, sv_buf *out)
{
    sv_buf_put_text(out, "{\"artifact_path\": \"input_example.json\"");
    if (w->is_tf_serving)
        sv_buf_put_text(out, ", \"format\": \"tf-serving\"");
    if (w->orient)
        sv_buf_printf(out, ", \"pandas_orient\": \"%s\"", w->orient);
    if (w->data->params && w->data->params->n)
        sv_buf_put_text(out, ", \"params\": \"true\"");
    if (example->has_serving)
        sv_buf_put_text(out, ", \"serving_input_path\": \"serving_input_example.json\"");
    sv_buf_printf(out, ", \"type\": \"%s\"}", w->type);
}

savor_status sv_example_write(const sv_example_data *data, const sv_infer_rules *rules, sv_arena *arena,
                              savor_example *out, savor_error *err)
{
    sv_buf input = SV_BUF_INIT(SV_EXAMPLE_BYTES_MAX);
    writer w = {.data = data, .rules = rules, .arena = arena, .err = err, .input = &input};
    savor_status st = data->params ? check_params(&w) : SAVOR_OK;
    if (st || (st = write_data(&w)) || (st = sv_buf_check(&input, err)))
        goto done;
    write_input(&w, &out->input);
    if ((st = write_serving(&w, out)))
        goto done;
    write_info(&w, out, &out->info);
    out->type = w.type;
    if (!(st = sv_buf_check(&out->input, err)))
        st = sv_buf_check(&out->info, err);
done:
    sv_buf_deinit(&input);
    return st;
}
