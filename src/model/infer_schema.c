/* infer_schema.c: frames, arrays, dicts and lists -> schemas. Source: MLflow mlflow/types/utils.py _infer_schema. */
#include "data/convert.h"
#include "data/infer.h"
#include "model/infer_priv.h"

static savor_status new_specs(const inferrer *in, size_t n, sv_spec **out)
{
    *out = sv_arena_array(in->arena, n, sizeof **out);
    return *out ? SAVOR_OK : sv_arena_fail(in->arena, n * sizeof **out, in->err);
}

/* Schema([...]): only 1.x has schemas of nothing, and nobody has optional inputs without a name. */
static savor_status finish(const inferrer *in, const sv_spec *specs, size_t n, const sv_schema **out)
{
    sv_schema *schema = sv_arena_array(in->arena, 1, sizeof *schema);
    if (!schema)
        return sv_arena_fail(in->arena, sizeof *schema, in->err);
    if (n == 0 && in->rules->era != SV_ERA_1)
        return sv_fail(in->err, SAVOR_SCHEMA, "Creating Schema with empty inputs is not allowed.");
    if (n && !specs[0].has_name && !specs[0].required)
        return sv_fail(in->err, SAVOR_SCHEMA, "Creating Schema with unnamed optional inputs is not supported.");
    *schema = (sv_schema){.n_specs = n, .specs = specs};
    schema->is_tensor = n && specs[0].type.kind == SV_TYPE_TENSOR;
    schema->has_names = n && specs[0].has_name;
    *out = schema;
    return SAVOR_OK;
}

static savor_status finish_one(const inferrer *in, const sv_type *type, const sv_schema **out)
{
    sv_spec *spec;
    savor_status st = new_specs(in, 1, &spec);
    if (st)
        return st;
    *spec = (sv_spec){.required = true, .type = *type};
    return finish(in, spec, 1, out);
}

/* ---- columns of frames ---- */

/* The types of numpy's dtypes; uint64 has none. Source: _infer_numpy_dtype */
static bool infer_dtype(savor_dtype dtype, sv_type_kind *out)
{
    size_t size = sv_dtype_size(dtype);
    switch (sv_dtype_kind(dtype)) {
    case 'b':
        *out = SV_TYPE_BOOLEAN;
        return true;
    case 'i':
        *out = size <= 4 ? SV_TYPE_INTEGER : SV_TYPE_LONG;
        return true;
    case 'u':
        *out = size < 4 ? SV_TYPE_INTEGER : SV_TYPE_LONG;
        return size < 8;
    case 'f':
        *out = size <= 4 ? SV_TYPE_FLOAT : SV_TYPE_DOUBLE;
        return true;
    case 'U':
        *out = SV_TYPE_STRING;
        return true;
    case 'S':
        *out = SV_TYPE_BINARY;
        return true;
    case 'M':
        *out = SV_TYPE_DATETIME;
        return true;
    default:
        return false;
    }
}

/* infer_objects keeps the width of numpy scalars when there are no others: the largest of them. */
static savor_dtype narrow_dtype(savor_dtype dtype, const sv_column *column, size_t n_rows)
{
    static const savor_dtype INTEGERS[] = {[1] = SAVOR_INT8, [2] = SAVOR_INT16, [4] = SAVOR_INT32, [8] = SAVOR_INT64};
    static const savor_dtype FLOATS[] = {[2] = SAVOR_FLOAT16, [4] = SAVOR_FLOAT32, [8] = SAVOR_FLOAT64};
    const sv_value *values = column->data;
    size_t size = 0;
    if (column->dtype != SAVOR_OBJECT || (dtype != SAVOR_INT64 && dtype != SAVOR_FLOAT64))
        return dtype;
    for (size_t r = 0; r < n_rows; r++) {
        savor_dtype own = (savor_dtype)values[r].dtype;
        if (values[r].variant != SV_VARIANT_NUMPY || sv_dtype_size(own) > 8)
            return dtype;
        size = sv_dtype_size(own) > size ? sv_dtype_size(own) : size;
    }
    if (size != 2 && size != 4 && (size != 1 || dtype != SAVOR_INT64))
        return dtype;
    return dtype == SAVOR_INT64 ? INTEGERS[size] : FLOATS[size];
}

/* Objects that pandas keeps as objects. 1.x: bytes, or else they count as text. */
static savor_status infer_objects_1(const sv_value *values, size_t n, sv_type *out)
{
    size_t n_bytes = 0, n_other = 0;
    for (size_t i = 0; i < n; i++) {
        n_bytes += values[i].kind == SV_VALUE_BYTES;
        n_other += values[i].kind != SV_VALUE_BYTES && values[i].kind != SV_VALUE_NONE;
    }
    out->kind = n_bytes && !n_other ? SV_TYPE_BINARY : SV_TYPE_STRING;
    return SAVOR_OK;
}

static savor_status infer_objects(const inferrer *in, const sv_value *values, size_t n, sv_type *out)
{
    const sv_type *type;
    if (in->rules->era == SV_ERA_1)
        return infer_objects_1(values, n, out);
    out->kind = SV_TYPE_STRING;
    if (n == 0) /* objects of no kind are taken for text */
        return SAVOR_OK;
    savor_status st = sv_values_infer(in, values, n, &type);
    if (!st)
        *out = *type;
    return st;
}

/* pandas' str: text, or NaN where it is missing. Nothing but NaN is "any". */
static void infer_text(const inferrer *in, const sv_str *texts, size_t n, sv_type *out)
{
    size_t i = 0;
    while (i < n && !texts[i].p)
        i++;
    out->kind = n && i == n && in->rules->has_any ? SV_TYPE_ANY : SV_TYPE_STRING;
}

static savor_status infer_column(const inferrer *in, const sv_column *column, size_t n_rows, sv_type *out)
{
    sv_column inferred;
    savor_status st = sv_column_infer(column, n_rows, in->rules->pandas_major, in->arena, &inferred, in->err);
    *out = (sv_type){.kind = SV_TYPE_STRING};
    if (st)
        return st;
    if (inferred.dtype == SAVOR_STRING)
        infer_text(in, inferred.data, n_rows, out);
    else if (inferred.dtype == SAVOR_OBJECT)
        return infer_objects(in, inferred.data, n_rows, out);
    else if (!infer_dtype(narrow_dtype(inferred.dtype, column, n_rows), &out->kind))
        return sv_fail(in->err, SAVOR_SCHEMA, "Unsupported numpy data type '%s'", savor_dtype_name(inferred.dtype));
    return SAVOR_OK;
}

/* Source: _infer_required; 1.x knows nothing of it */
static bool has_all_values(const inferrer *in, const sv_column *column, size_t n_rows)
{
    char kind = sv_dtype_kind(column->dtype);
    if (in->rules->era == SV_ERA_1 || kind == 'b' || kind == 'i' || kind == 'u')
        return true;
    for (size_t r = 0; r < n_rows; r++) {
        sv_value v = sv_item_get(column->dtype, column->data, r);
        if (sv_value_is_none_or_nan(in, &v))
            return false;
    }
    return true;
}

static savor_status infer_frame(const inferrer *in, const sv_frame *frame, bool has_names, const sv_schema **out)
{
    sv_spec *specs;
    name_index names;
    savor_status st = new_specs(in, frame->n_columns, &specs);
    sv_names_init(&names, in->arena);
    for (size_t c = 0; !st && c < frame->n_columns; c++) {
        const sv_column *column = &frame->columns[c];
        size_t place;
        if ((st = sv_names_place(in, &names, &column->name, &place)))
            break;
        if (place != c)
            return sv_fail(in->err, SAVOR_SCHEMA, "two columns of the data have one name");
        specs[c] = (sv_spec){.name = column->name, .has_name = has_names};
        specs[c].required = has_all_values(in, column, frame->n_rows);
        st = infer_column(in, column, frame->n_rows, &specs[c].type);
    }
    return st ? st : finish(in, specs, frame->n_columns, out);
}

/* ---- tensors ---- */

static savor_status tensor_type(const inferrer *in, savor_dtype dtype, const size_t *shape, uint32_t n_dims,
                                sv_type *out)
{
    int64_t *sizes = sv_arena_array(in->arena, n_dims, sizeof *sizes);
    if (!sizes)
        return sv_arena_fail(in->arena, n_dims * sizeof *sizes, in->err);
    if (n_dims == 0)
        return sv_fail(
            in->err, SAVOR_SCHEMA,
            "The specified variable_dimension 0 is out of bounds with respect to the number of dimensions 0 "
            "in the input dataset");
    for (uint32_t i = 0; i < n_dims; i++)
        sizes[i] = i ? (int64_t)shape[i] : -1;
    *out = (sv_type){.kind = SV_TYPE_TENSOR, .dtype = dtype, .has_dtype = true, .shape = sizes, .n_dims = n_dims};
    out->dtype_text = sv_str_of(savor_dtype_name(dtype));
    return SAVOR_OK;
}

static savor_status infer_tensor(const inferrer *in, const sv_tensor *tensor, const sv_schema **out)
{
    sv_type type;
    savor_status st = tensor_type(in, tensor->dtype, tensor->shape, tensor->n_dims, &type);
    return st ? st : finish_one(in, &type, out);
}

static savor_status infer_named(const inferrer *in, const sv_payload *data, const sv_schema **out)
{
    sv_spec *specs;
    savor_status st = new_specs(in, data->named.n, &specs);
    for (size_t i = 0; !st && i < data->named.n; i++) {
        const sv_named_tensor *item = &data->named.items[i];
        specs[i] = (sv_spec){.name = sv_label_text(item->name), .has_name = true, .required = true};
        st = tensor_type(in, item->tensor.dtype, item->tensor.shape, item->tensor.n_dims, &specs[i].type);
    }
    return st ? st : finish(in, specs, data->named.n, out);
}

/* ---- dicts and lists ---- */

static bool is_array(const sv_value *v) { return v->kind == SV_VALUE_LIST && v->variant == SV_VARIANT_NUMPY; }

/* An array that is a value among others: LISTs of LISTs. */
static savor_status infer_array_value(const inferrer *in, const sv_value *v, sv_type *out)
{
    size_t shape[SV_TENSOR_DIMS_MAX];
    uint32_t n_dims = 0;
    savor_dtype dtype = (savor_dtype)v->dtype;
    for (; is_array(v) && n_dims < SV_TENSOR_DIMS_MAX; v = v->u.items) {
        shape[n_dims++] = v->n;
        if (!v->n)
            break;
    }
    return tensor_type(in, dtype, shape, n_dims, out);
}

static savor_status infer_arrays(const inferrer *in, const sv_value *dict, sv_spec *specs)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < dict->n; i++) {
        specs[i] = (sv_spec){.has_name = true, .required = true};
        if (!(st = sv_key_to_label(in, &dict->u.items[2 * i], &specs[i].name)))
            st = infer_array_value(in, &dict->u.items[2 * i + 1], &specs[i].type);
    }
    return st;
}

/* A list is required unless one of its items is missing. */
static bool is_value_required(const inferrer *in, const sv_value *v)
{
    bool is_list = v->kind == SV_VALUE_LIST && v->variant == SV_VARIANT_PLAIN;
    for (size_t i = 0; is_list && i < v->n; i++)
        if (sv_value_is_none_or_nan(in, &v->u.items[i]))
            return false;
    return !sv_value_is_none_or_nan(in, v);
}

static savor_status infer_member(const inferrer *in, const sv_value *key, sv_spec *out)
{
    const sv_type *type;
    if (key->kind != SV_VALUE_STRING)
        return sv_fail(in->err, SAVOR_SCHEMA, "The dictionary keys are not all strings.");
    savor_status st = sv_value_infer(in, key + 1, 0, &type);
    if (st)
        return st;
    if (!type)
        return sv_fail(in->err, SAVOR_SCHEMA, "at least one value must not be empty");
    *out = (sv_spec){.name = {.text = {key->n ? key->u.p : "", key->n}}, .has_name = true, .type = *type};
    out->required = is_value_required(in, key + 1);
    return SAVOR_OK;
}

static bool has_only_arrays(const sv_value *dict)
{
    for (size_t i = 0; i < dict->n; i++)
        if (!is_array(&dict->u.items[2 * i + 1]))
            return false;
    return true;
}

static savor_status infer_members(const inferrer *in, const sv_value *dict, sv_spec *specs)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < dict->n; i++)
        st = infer_member(in, &dict->u.items[2 * i], &specs[i]);
    return st;
}

static savor_status infer_dict(const inferrer *in, const sv_value *dict, const sv_schema **out)
{
    sv_spec *specs;
    savor_status st = new_specs(in, dict->n, &specs);
    if (!st)
        st = (has_only_arrays(dict) ? infer_arrays : infer_members)(in, dict, specs);
    return st ? st : finish(in, specs, dict->n, out);
}

/* ---- all of it ---- */

static bool is_records(const sv_value *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->u.items[i].kind != SV_VALUE_DICT)
            return false;
    return true;
}

static savor_status infer_one_column(const inferrer *in, const sv_value *v, const sv_schema **out)
{
    const sv_type *type;
    savor_status st = sv_values_infer(in, v->u.items, v->n, &type);
    return st ? st : finish_one(in, type, out);
}

static savor_status infer_list(const inferrer *in, const sv_value *v, const sv_schema **out)
{
    static const sv_type STRING = {.kind = SV_TYPE_STRING};
    sv_spec *specs;
    size_t n;
    if (v->n == 0)
        return finish_one(in, &STRING, out);
    if (!is_records(v))
        return infer_one_column(in, v, out);
    savor_status st = sv_records_infer(in, v, &specs, &n);
    return st ? st : finish(in, specs, n, out);
}

static savor_status infer_array(const inferrer *in, const sv_value *v, const sv_schema **out)
{
    sv_type type;
    savor_status st = infer_array_value(in, v, &type);
    return st ? st : finish_one(in, &type, out);
}

static savor_status infer_value(const inferrer *in, const sv_value *v, const sv_schema **out)
{
    const sv_type *type;
    if (is_array(v))
        return infer_array(in, v, out);
    if (v->kind == SV_VALUE_DICT && (in->rules->era != SV_ERA_1 || has_only_arrays(v)))
        return infer_dict(in, v, out);
    if (in->rules->era == SV_ERA_1)
        return sv_fail(
            in->err, SAVOR_SCHEMA,
            "Expected one of (pandas.DataFrame, numpy array, dictionary of (name -> numpy.ndarray)) but got "
            "'%s'",
            sv_value_type_name(v));
    if (v->kind == SV_VALUE_LIST && v->variant == SV_VARIANT_PLAIN)
        return infer_list(in, v, out);
    savor_status st = sv_value_infer(in, v, 0, &type);
    return st ? st : finish_one(in, type, out);
}

static savor_status infer_payload(const inferrer *in, const sv_infer_data *data, const sv_schema **out)
{
    const sv_payload *payload = data->payload;
    switch (payload->kind) {
    case SV_PAYLOAD_FRAME:
        return infer_frame(in, &payload->frame, !data->is_unnamed_series, out);
    case SV_PAYLOAD_TENSOR:
        return infer_tensor(in, &payload->tensor, out);
    case SV_PAYLOAD_NAMED:
        return infer_named(in, payload, out);
    default:
        break;
    }
    return infer_value(in, &payload->value, out);
}

savor_status sv_schema_infer(const sv_infer_data *data, const sv_infer_rules *rules, sv_arena *arena,
                             const sv_schema **out, savor_error *err)
{
    static const sv_type ANY = {.kind = SV_TYPE_ANY};
    inferrer in = {rules, arena, err};
    *out = NULL;
    savor_status st = infer_payload(&in, data, out);
    return st == SAVOR_SCHEMA && rules->has_any ? finish_one(&in, &ANY, out) : st;
}

static bool is_nothing(const sv_infer_data *data)
{
    const sv_payload *payload = data->payload;
    return !payload || (payload->kind == SV_PAYLOAD_VALUE && payload->value.kind == SV_VALUE_NONE &&
                        payload->value.variant == SV_VARIANT_PLAIN);
}

savor_status sv_signature_infer(const sv_inference *from, const sv_infer_rules *rules, sv_arena *arena,
                                sv_signature *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    *out = (sv_signature){.inputs = NULL};
    bool has_params = from->params && (from->params->kind != SV_VALUE_DICT || from->params->n);
    if (is_nothing(&from->inputs) && (rules->era == SV_ERA_1 || (is_nothing(&from->outputs) && !has_params)))
        return sv_fail(err, SAVOR_SCHEMA, "At least one of inputs, outputs or params must be provided");
    if (!is_nothing(&from->inputs))
        st = sv_schema_infer(&from->inputs, rules, arena, &out->inputs, err);
    if (!st && !is_nothing(&from->outputs))
        st = sv_schema_infer(&from->outputs, rules, arena, &out->outputs, err);
    if (!st && has_params)
        st = sv_params_infer(from->params, rules, arena, out, err);
    return st;
}
