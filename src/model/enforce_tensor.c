#include "base/alloc.h"
#include "data/convert.h"
#include "model/enforce_priv.h"

#include <stdio.h>

/* "(2, 3)", "(-1,)", "()": a shape as Python prints it; cut when it does not fit. */
static void show_shape(const int64_t *shape, size_t n_dims, char *out, size_t size)
{
    sv_buf text = SV_BUF_INIT(size - 1);
    sv_buf_put_char(&text, '(');
    for (size_t i = 0; i < n_dims; i++)
        sv_buf_printf(&text, i ? ", %lld" : "%lld", (long long)shape[i]);
    sv_buf_put_text(&text, n_dims == 1 ? ",)" : ")");
    snprintf(out, size, "%s", text.p ? text.p : "");
    sv_buf_deinit(&text);
}

static savor_status fail_shape(const sv_tensor *t, const sv_type *type, savor_error *err)
{
    char found[96], expected[96];
    int64_t shape[SV_TENSOR_DIMS_MAX];
    for (uint32_t i = 0; i < t->n_dims; i++)
        shape[i] = (int64_t)t->shape[i];
    show_shape(shape, t->n_dims, found, sizeof found);
    show_shape(type->shape, type->n_dims, expected, sizeof expected);
    return sv_fail(err, SAVOR_SCHEMA, "Shape of input %s does not match expected shape %s.", found, expected);
}

static bool is_ragged_escape(const sv_tensor *t, const sv_type *type)
{
    if (type->n_dims == 1 && type->shape[0] == -1 && type->has_dtype && type->dtype == SAVOR_OBJECT)
        return true;
    for (size_t i = 1; i < type->n_dims; i++)
        if (type->shape[i] == -1 && t->n_dims == 1 && t->dtype == SAVOR_OBJECT)
            return true;
    return false;
}

savor_status sv_tensor_check(const sv_tensor *t, const sv_type *type, const sv_enforce_rules *rules, savor_error *err)
{
    if (rules->era != SV_ERA_1 && is_ragged_escape(t, type))
        return SAVOR_OK;
    bool fits = t->n_dims == type->n_dims;
    for (size_t i = 0; fits && i < type->n_dims; i++)
        fits = type->shape[i] == -1 || (uint64_t)type->shape[i] == t->shape[i];
    if (!fits)
        return fail_shape(t, type, err);
    if (!type->has_dtype || t->dtype != type->dtype)
        return sv_fail(err, SAVOR_SCHEMA, "dtype of input %s does not match expected dtype %.*s",
                       savor_dtype_name(t->dtype), SV_FMT(type->dtype_text));
    return SAVOR_OK;
}

/* ---- frames for a tensor schema ---- */

static bool is_number(savor_dtype dtype) { return strchr("iuf", sv_dtype_kind(dtype)) != NULL; }

/* All columns as one matrix, in the dtype that DataFrame.to_numpy finds for them. */
static savor_dtype common_dtype(const sv_frame *frame)
{
    savor_dtype d = frame->n_columns ? frame->columns[0].dtype : SAVOR_FLOAT64;
    for (size_t c = 1; c < frame->n_columns; c++) {
        savor_dtype other = frame->columns[c].dtype;
        if (d != other)
            d = is_number(d) && is_number(other) ? sv_dtype_promote(d, other) : SAVOR_OBJECT;
    }
    return d == SAVOR_STRING ? SAVOR_OBJECT : d;
}

static savor_status frame_to_matrix(const sv_frame *frame, savor_dtype dtype, sv_arena *arena, sv_tensor *out,
                                    savor_error *err)
{
    size_t size = sv_dtype_size(dtype), n_items, bytes;
    if (!sv_mul(frame->n_rows, frame->n_columns, &n_items) || !sv_mul(n_items, size, &bytes))
        return sv_fail_nomem(err, SIZE_MAX);
    char *data = sv_arena_alloc(arena, bytes);
    if (!data)
        return sv_arena_fail(arena, bytes, err);
    for (size_t c = 0; c < frame->n_columns; c++) {
        const void *column;
        savor_status st =
            sv_items_cast(frame->columns[c].dtype, frame->columns[c].data, frame->n_rows, dtype, arena, &column, err);
        if (st)
            return st;
        for (size_t r = 0; r < frame->n_rows; r++)
            memcpy(data + (r * frame->n_columns + c) * size, (const char *)column + r * size, size);
    }
    *out = sv_tensor_view(dtype, frame->n_rows, frame->n_columns, data);
    out->n_dims = 2;
    out->n_items = n_items;
    return SAVOR_OK;
}

static savor_status frame_to_unnamed(const sv_frame *frame, const sv_type *type, const sv_enforce_rules *rules,
                                     sv_arena *arena, sv_tensor *out, savor_error *err)
{
    if (rules->era != SV_ERA_1 && frame->n_rows == 0)
        return sv_fail(err, SAVOR_SCHEMA, "Input DataFrame is empty.");
    if (rules->era != SV_ERA_1 && frame->n_columns == 1)
        return sv_column_to_tensor(&frame->columns[0], frame->n_rows, type, rules, arena, out, err);
    bool fits = type->n_dims == 2 && type->shape[0] == -1 && type->shape[1] == (int64_t)frame->n_columns;
    if (rules->era != SV_ERA_1 && !fits)
        return sv_fail(
            err, SAVOR_SCHEMA,
            "This model contains a model signature with an unnamed input. Since the input data is a pandas "
            "DataFrame containing multiple columns, the input shape must be of the structure "
            "(-1, number_of_dataframe_columns). Instead, the input DataFrame passed had %zu columns",
            frame->n_columns);
    savor_status st = frame_to_matrix(frame, common_dtype(frame), arena, out, err);
    return st ? st : sv_tensor_check(out, type, rules, err);
}

/* ---- named tensors ---- */

static const sv_tensor *find_named(const sv_payload *in, sv_str name)
{
    for (size_t i = 0; i < in->named.n; i++)
        if (sv_str_equal(in->named.items[i].name, name))
            return &in->named.items[i].tensor;
    return NULL;
}

static savor_status enforce_one_named(const sv_payload *in, const sv_schema *schema, const sv_spec *spec,
                                      const sv_enforce_rules *rules, sv_arena *arena, sv_tensor *out,
                                      savor_error *err)
{
    char room[24];
    sv_str name = sv_label_show(&spec->name, room);
    const sv_tensor *t = NULL;
    if (in->kind == SV_PAYLOAD_FRAME) {
        const sv_column *column = sv_frame_find(&in->frame, &spec->name);
        if (column)
            return sv_column_to_tensor(column, in->frame.n_rows, &spec->type, rules, arena, out, err);
    } else if (in->kind == SV_PAYLOAD_TENSOR && schema->n_specs == 1) {
        t = &in->tensor;
    } else if (in->kind == SV_PAYLOAD_NAMED) {
        t = find_named(in, name);
    }
    if (!t)
        return sv_fail(err, SAVOR_SCHEMA, "Model is missing inputs ['%.*s'].", SV_FMT(name));
    *out = *t;
    return sv_tensor_check(t, &spec->type, rules, err);
}

static savor_status enforce_named(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                                  sv_arena *arena, sv_payload *out, savor_error *err)
{
    sv_named_tensor *items = sv_arena_array(arena, schema->n_specs, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, schema->n_specs * sizeof *items, err);
    for (size_t i = 0; i < schema->n_specs; i++) {
        items[i].name = schema->specs[i].name.text;
        savor_status st = enforce_one_named(in, schema, &schema->specs[i], rules, arena, &items[i].tensor, err);
        if (st)
            return st;
    }
    out->kind = SV_PAYLOAD_NAMED;
    out->named.n = schema->n_specs;
    out->named.items = items;
    return SAVOR_OK;
}

savor_status sv_tensor_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               sv_arena *arena, sv_payload *out, savor_error *err)
{
    if (schema->has_names)
        return enforce_named(in, schema, rules, arena, out, err);
    out->kind = SV_PAYLOAD_TENSOR;
    if (in->kind == SV_PAYLOAD_FRAME)
        return frame_to_unnamed(&in->frame, &schema->specs[0].type, rules, arena, &out->tensor, err);
    if (in->kind != SV_PAYLOAD_TENSOR)
        return sv_fail(
            err, SAVOR_SCHEMA,
            "This model contains a tensor-based model signature with no input names, which suggests a numpy "
            "array input or a pandas dataframe input with proper column values, but an object was found.");
    out->tensor = in->tensor;
    return sv_tensor_check(&in->tensor, &schema->specs[0].type, rules, err);
}
