#include "request/frame_cast.h"

#include "data/convert.h"
#include "data/datetime.h"
#include "data/labels.h"
#include "request/base64.h"

#include <math.h>

typedef struct caster {
    const sv_profile *profile;
    size_t n_rows;
    sv_arena *arena;
    savor_error *err;
} caster;

static savor_status decode_binary(caster *k, sv_column *column)
{
    sv_value *cells = sv_column_alloc(k->arena, SAVOR_OBJECT, k->n_rows);
    if (!cells)
        return sv_arena_fail(k->arena, k->n_rows * sizeof *cells, k->err);
    for (size_t r = 0; r < k->n_rows; r++) {
        sv_value v = sv_item_get(column->dtype, column->data, r);
        sv_str bytes;
        if (v.kind != SV_VALUE_STRING)
            return sv_fail(k->err, SAVOR_BAD_REQUEST, "expected base64 text, got %s in row %zu",
                           sv_value_type_name(&v), r);
        savor_status st = sv_base64_decode((sv_str){v.u.p, v.n}, k->arena, &bytes, k->err);
        if (st)
            return st;
        cells[r] = (sv_value){.kind = SV_VALUE_BYTES, .n = bytes.n, .u.p = bytes.p};
    }
    column->dtype = SAVOR_OBJECT;
    column->data = cells;
    return SAVOR_OK;
}

static savor_status cast_to(caster *k, sv_column *column, savor_dtype dtype)
{
    char kind = sv_dtype_kind(dtype);
    bool fits = k->profile->era != SV_ERA_1 && (kind == 'i' || kind == 'u'); /* numpy 1 wraps instead */
    savor_status st = (fits ? sv_items_to_integers : sv_items_cast)(column->dtype, column->data, k->n_rows, dtype,
                                                                    k->arena, &column->data, k->err);
    if (!st)
        column->dtype = dtype;
    return st;
}

static bool starts_with_list(const sv_column *column, size_t n_rows)
{
    return column->dtype == SAVOR_OBJECT && n_rows && ((const sv_value *)column->data)[0].kind == SV_VALUE_LIST;
}

/* bytes(x, "utf8") of each cell. */
static savor_status encode_text(caster *k, sv_column *column)
{
    sv_value *cells = sv_column_alloc(k->arena, SAVOR_OBJECT, k->n_rows);
    if (!cells)
        return sv_arena_fail(k->arena, k->n_rows * sizeof *cells, k->err);
    for (size_t r = 0; r < k->n_rows; r++) {
        cells[r] = sv_item_get(column->dtype, column->data, r);
        if (cells[r].kind != SV_VALUE_STRING)
            return sv_fail(k->err, SAVOR_BAD_REQUEST, "encoding without a string argument: %s in row %zu",
                           sv_value_type_name(&cells[r]), r);
        cells[r].kind = SV_VALUE_BYTES;
    }
    column->dtype = SAVOR_OBJECT;
    column->data = cells;
    return SAVOR_OK;
}

/* astype(str): an object column of texts. */
static savor_status show_values(caster *k, sv_column *column)
{
    sv_value *cells = sv_column_alloc(k->arena, SAVOR_OBJECT, k->n_rows);
    savor_status st = cast_to(k, column, SAVOR_OBJECT);
    if (!cells || st)
        return st ? st : sv_arena_fail(k->arena, k->n_rows * sizeof *cells, k->err);
    for (size_t r = 0; r < k->n_rows; r++) {
        sv_str text = sv_value_to_text(&((const sv_value *)column->data)[r], k->arena);
        if (!text.p)
            return sv_arena_fail(k->arena, 0, k->err);
        cells[r] = (sv_value){.kind = SV_VALUE_STRING, .n = text.n, .u.p = text.p};
    }
    column->data = cells;
    return SAVOR_OK;
}

/* The dtype of a tensor signature, before enforcement makes an array of the column. */
static savor_status cast_for_tensor(caster *k, sv_column *column, savor_dtype dtype)
{
    if (dtype == SAVOR_BYTES)
        return encode_text(k, column);
    if (k->n_rows == 0 && k->profile->era != SV_ERA_1) /* MLflow looks at the first cell */
        return sv_fail(k->err, SAVOR_BAD_REQUEST, "single positional indexer is out-of-bounds");
    if (k->profile->era != SV_ERA_1 && starts_with_list(column, k->n_rows))
        return SAVOR_OK; /* an array in each cell; read_json tries astype all the same, and of bools a list is one */
    if (column->dtype == SAVOR_STRING && (dtype == SAVOR_OBJECT || dtype == SAVOR_STRING))
        return SAVOR_OK;
    if (dtype == SAVOR_STRING)
        return show_values(k, column);
    if (dtype == SAVOR_DATETIME_NS)
        return sv_column_to_datetime(column, k->n_rows, SV_DATETIME_ASTYPE, k->arena, k->err);
    return cast_to(k, column, dtype);
}

/* The first of two times that arrays, objects and maps are enforced: here a fault is one of the request's form. */
static savor_status enforce_cells(caster *k, sv_column *column, const sv_spec *spec, bool required)
{
    sv_enforce_rules rules = {
        .era = k->profile->era, .pandas_major = k->profile->pandas_major, .nesting = k->profile->nesting};
    sv_column enforced = *column;
    required = required || rules.nesting == SV_NESTING_REQUIRED; /* asked for only since 2.19 */
    sv_value_rules how = {&spec->type, required, "", &rules};
    savor_status st = sv_nested_enforce(column, k->n_rows, &how, k->arena, &enforced, k->err);
    if (st == SAVOR_SCHEMA && k->err)
        k->err->status = SAVOR_BAD_REQUEST;
    *column = enforced;
    return st == SAVOR_SCHEMA ? SAVOR_BAD_REQUEST : st;
}

static savor_status cast_datetime(caster *k, sv_column *column)
{
    static const sv_datetime_rules RULES[] = {
        [SV_ERA_1] = SV_DATETIME_READ_JSON, [SV_ERA_2] = SV_DATETIME_ASTYPE, [SV_ERA_3] = SV_DATETIME_TO_DATETIME};
    if (k->profile->era == SV_ERA_1 && column->dtype != SAVOR_OBJECT)
        return SAVOR_OK;
    return sv_column_to_datetime(column, k->n_rows, RULES[k->profile->era], k->arena, k->err);
}

static savor_status cast_column(caster *k, sv_column *column, const sv_spec *spec, bool required)
{
    const sv_type *type = &spec->type;
    switch (type->kind) {
    case SV_TYPE_BINARY:
        return decode_binary(k, column);
    case SV_TYPE_STRING:
        return column->dtype == SAVOR_STRING ? SAVOR_OK : cast_to(k, column, SAVOR_OBJECT);
    case SV_TYPE_DATETIME:
        return cast_datetime(k, column);
    case SV_TYPE_TENSOR:
        return type->has_dtype ? cast_for_tensor(k, column, type->dtype) : SAVOR_OK;
    case SV_TYPE_ANY:
        return SAVOR_OK;
    case SV_TYPE_ARRAY:
    case SV_TYPE_OBJECT:
    case SV_TYPE_MAP:
    case SV_TYPE_SPARKML_VECTOR:
        return enforce_cells(k, column, spec, required);
    default:
        return cast_to(k, column, sv_type_dtype(type->kind));
    }
}

static savor_status cast_named(caster *k, sv_column *column, const sv_spec *spec, bool required)
{
    const sv_type *type = &spec->type;
    sv_column before = *column;
    savor_status st = cast_column(k, column, spec, required);
    if (st != SAVOR_BAD_REQUEST)
        return st;
    *column = before;
    if (k->profile->era == SV_ERA_1 && type->kind != SV_TYPE_BINARY)
        return SAVOR_OK; /* read_json leaves what it cannot force; enforcement will say so */
    char room[24], why[300];
    sv_str name = sv_label_show(&column->name, room);
    memcpy(why, k->err ? k->err->message : "", k->err ? sizeof why - 1 : 1);
    why[sizeof why - 1] = '\0';
    return sv_fail(
        k->err, st,
        "Data is not compatible with model signature. Failed to convert column %.*s to type '%s'. Error: '%s'",
        SV_FMT(name), type->kind == SV_TYPE_TENSOR ? savor_dtype_name(type->dtype) : sv_type_name(type->kind), why);
}

/* The spec of a column: by name, by position, or the only tensor for all. */
static savor_status find_spec(const sv_schema *schema, sv_labels *names, const sv_label *label, size_t c,
                              const sv_spec **out, savor_error *err)
{
    size_t at = schema->is_tensor && schema->n_specs == 1 ? 0 : c;
    savor_status st = schema->has_names ? sv_labels_find(names, label, &at, err) : SAVOR_OK;
    *out = !st && at < schema->n_specs ? &schema->specs[at] : NULL;
    return st;
}

/* MLflow asks whether the label is among the required names; specs without names are called 0, 1, 2 ... */
static bool is_required(const sv_schema *schema, const sv_spec *spec, const sv_label *label)
{
    return schema->has_names ? spec->required
                             : sv_label_is_number(label) && (uint64_t)label->number < schema->n_specs;
}

/* ---- specs that are called 0, 1, 2 ... ---- */

static savor_status new_columns(const sv_frame *frame, sv_arena *arena, sv_column **out, savor_error *err)
{
    *out = sv_arena_array(arena, frame->n_columns, sizeof **out);
    if (!*out)
        return sv_arena_fail(arena, frame->n_columns * sizeof **out, err);
    for (size_t c = 0; c < frame->n_columns; c++)
        (*out)[c] = frame->columns[c];
    return SAVOR_OK;
}

/* Doubles that are all integers become integers. */
static savor_status narrow_doubles(caster *k, sv_column *column)
{
    const double *from = column->data;
    for (size_t r = 0; r < k->n_rows; r++)
        if (from[r] != floor(from[r]) || !(fabs(from[r]) < 0x1p63))
            return SAVOR_OK;
    int64_t *to = sv_column_alloc(k->arena, SAVOR_INT64, k->n_rows);
    if (!to)
        return sv_arena_fail(k->arena, k->n_rows * sizeof *to, k->err);
    for (size_t r = 0; r < k->n_rows; r++)
        to[r] = (int64_t)from[r];
    *column = (sv_column){.name = column->name, .dtype = SAVOR_INT64, .data = to};
    return SAVOR_OK;
}

/* What read_json makes of a column whose type it was not told: doubles where all cells can be, then integers. */
static savor_status coerce_column(caster *k, sv_column *column)
{
    savor_status st = SAVOR_OK;
    sv_column before = *column;
    if (column->dtype == SAVOR_OBJECT || column->dtype == SAVOR_STRING)
        st = cast_to(k, column, SAVOR_FLOAT64);
    if (st == SAVOR_BAD_REQUEST) {
        *column = before;
        return SAVOR_OK;
    }
    return st || column->dtype != SAVOR_FLOAT64 || k->n_rows == 0 ? st : narrow_doubles(k, column);
}

savor_status sv_frame_cast_numbered(sv_frame *frame, const sv_schema *schema, const sv_profile *profile,
                                    sv_arena *arena, savor_error *err)
{
    caster k = {.profile = profile, .n_rows = frame->n_rows, .arena = arena, .err = err};
    sv_column *columns;
    savor_status st = new_columns(frame, arena, &columns, err);
    for (size_t c = 0; !st && c < frame->n_columns; c++) {
        const sv_label *name = &columns[c].name;
        bool is_told = sv_label_is_number(name) && (uint64_t)name->number < schema->n_specs;
        st = is_told ? cast_named(&k, &columns[c], &schema->specs[name->number], true)
                     : coerce_column(&k, &columns[c]);
    }
    frame->columns = columns;
    return st;
}

/* ---- all others ---- */

savor_status sv_frame_cast(sv_frame *frame, const sv_schema *schema, const sv_profile *profile, sv_arena *arena,
                           savor_error *err)
{
    caster k = {.profile = profile, .n_rows = frame->n_rows, .arena = arena, .err = err};
    sv_labels names;
    sv_column *columns;
    savor_status st = new_columns(frame, arena, &columns, err);
    sv_labels_init(&names, &schema->specs[0].name, sizeof *schema->specs, schema->n_specs, arena);
    for (size_t c = 0; !st && c < frame->n_columns; c++) {
        const sv_spec *spec;
        st = find_spec(schema, &names, &columns[c].name, c, &spec, err);
        if (!st && spec)
            st = cast_named(&k, &columns[c], spec, is_required(schema, spec, &columns[c].name));
    }
    frame->columns = columns;
    return st;
}
