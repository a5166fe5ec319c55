/* function_transformer.c: FunctionTransformer over nothing, or over a function of numpy that works cell by cell. */
#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

typedef struct cell_function {
    const char *name; /* numpy's */
    double (*f)(double);
} cell_function;

static double square(double x) { return x * x; }
static double negative(double x) { return -x; }
static double reciprocal(double x) { return 1.0 / x; }
static double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
static double deg2rad(double x) { return x * (3.14159265358979323846 / 180.0); }
static double rad2deg(double x) { return x * (180.0 / 3.14159265358979323846); }

static const cell_function functions[] = {
    {"abs", fabs},          {"absolute", fabs},   {"arccos", acos},     {"arcsin", asin},
    {"arctan", atan},       {"cbrt", cbrt},       {"ceil", ceil},       {"cos", cos},
    {"cosh", cosh},         {"deg2rad", deg2rad}, {"degrees", rad2deg}, {"exp", exp},
    {"exp2", exp2},         {"expm1", expm1},     {"fabs", fabs},       {"floor", floor},
    {"log", log},           {"log10", log10},     {"log1p", log1p},     {"log2", log2},
    {"negative", negative}, {"rad2deg", rad2deg}, {"radians", deg2rad}, {"reciprocal", reciprocal},
    {"rint", rint},         {"sign", sign},       {"sin", sin},         {"sinh", sinh},
    {"sqrt", sqrt},         {"square", square},   {"tan", tan},         {"tanh", tanh},
    {"trunc", trunc},
};

typedef struct function_transformer {
    sv_estimator base;
    const cell_function *forward, *backward; /* NULL: as it is */
    bool validates;
    bool makes_dicts; /* DataFrame.to_dict(orient="records") */
} function_transformer;

/* functools.partial(check_array, ...): what HistGradientBoosting wraps its numeric columns in. */
static bool is_check_array(const sv_record *r)
{
    size_t n;
    const sv_record *const *args;
    if (!sv_record_is(r, "functools", "partial"))
        return false;
    args = sv_record_items(r->u.object->args, &n);
    return n > 0 && args[0]->kind == SV_RECORD_GLOBAL && sv_str_is(args[0]->u.global.name, "check_array");
}

/* A ufunc is a global of numpy, under names that changed with its releases; the last part did not. */
static savor_status read_function(const sv_record *object, const char *attribute, const cell_function **out,
                                  savor_error *err)
{
    const sv_record *r = sv_record_find(object, attribute);
    sv_global name = r && r->kind == SV_RECORD_GLOBAL ? r->u.global : sv_record_class(r);
    *out = NULL;
    if (sv_record_is_none(r) || is_check_array(r))
        return SAVOR_OK;
    if (r->kind == SV_RECORD_CALL &&
        sv_str_starts(name.name, SV_STR("_ufunc"))) { /* _ufunc_reconstruct(module, name) */
        size_t n;
        const sv_record *const *args = sv_record_items(r->u.object->args, &n);
        if (n == 2)
            name = (sv_global){sv_record_text(args[0]), sv_record_text(args[1])};
    }
    sv_str package = {name.module.p, sv_str_find(name.module, '.')};
    for (size_t i = 0; sv_str_is(package, "numpy") && i < sizeof functions / sizeof *functions; i++)
        if (sv_str_is(name.name, functions[i].name)) {
            *out = &functions[i];
            return SAVOR_OK;
        }
    return sv_fail(err, SAVOR_UNSUPPORTED, "FunctionTransformer over %.*s.%.*s needs Python", SV_FMT(name.module),
                   SV_FMT(name.name));
}

/* pandas' own function, by the name it has had in all releases, with orient="records" and nothing else. */
static bool makes_dicts(const sv_record *object)
{
    const sv_record *f = sv_record_find(object, "func"), *kw_args = sv_record_find(object, "kw_args");
    return f && f->kind == SV_RECORD_GLOBAL && sv_str_is(f->u.global.module, "pandas.core.frame") &&
           sv_str_is(f->u.global.name, "DataFrame.to_dict") && kw_args && kw_args->kind == SV_RECORD_DICT &&
           kw_args->n == 1 && sv_record_is_text(sv_record_find(kw_args, "orient"), "records") &&
           sv_record_is_none(sv_record_find(object, "inverse_func")) && !sv_attr_bool_or(object, "validate", false);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *kw_args = sv_record_find(object, "kw_args"), *inverse = sv_record_find(object, "inv_kw_args");
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(function_transformer), &base, err);
    function_transformer *self = (function_transformer *)base;
    if (!st && makes_dicts(object)) {
        self->makes_dicts = true;
        *out = base;
        return SAVOR_OK;
    }
    if (st || (st = read_function(object, "func", &self->forward, err)) ||
        (st = read_function(object, "inverse_func", &self->backward, err)))
        return st;
    if ((!sv_record_is_none(kw_args) && kw_args->n) || (!sv_record_is_none(inverse) && inverse->n))
        return sv_fail(err, SAVOR_UNSUPPORTED, "FunctionTransformer with kw_args needs Python");
    self->validates = sv_attr_bool_or(object, "validate", false);
    *out = base;
    return SAVOR_OK;
}

/* ---- transforming ---- */

static bool is_number(savor_dtype dtype)
{
    char kind = sv_dtype_kind(dtype);
    return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
}

/* Cells of one dtype: float32 stays float32, all other numbers become doubles. */
static savor_status map_cells(const cell_function *f, sv_tensor *t, sv_arena *arena, savor_error *err)
{
    sv_batch in = {.kind = SV_BATCH_TENSOR, .tensor = *t};
    bool is_float32 = t->dtype == SAVOR_FLOAT32;
    sv_tensor doubles;
    double *cells;
    if (!is_number(t->dtype))
        return sv_fail(err, SAVOR_MODEL, "ufunc '%s' not supported for the input types", f->name);
    savor_status st = sv_batch_to_floats(&in, SAVOR_FLOAT64, arena, &doubles, err);
    if (st || (st = sv_batch_alloc(arena, t->n_items, 1, &cells, err)))
        return st;
    for (size_t i = 0; i < t->n_items; i++)
        cells[i] = f->f(((const double *)doubles.data)[i]);
    in.tensor = *t;
    in.tensor.dtype = SAVOR_FLOAT64;
    in.tensor.data = cells;
    return sv_batch_to_floats(&in, is_float32 ? SAVOR_FLOAT32 : SAVOR_FLOAT64, arena, t, err);
}

static savor_status map_frame(const cell_function *f, sv_frame *frame, sv_arena *arena, savor_error *err)
{
    sv_column *columns = sv_arena_array(arena, frame->n_columns, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, frame->n_columns * sizeof *columns, err);
    for (size_t i = 0; i < frame->n_columns; i++) {
        sv_tensor cells = sv_tensor_view(frame->columns[i].dtype, frame->n_rows, 0, frame->columns[i].data);
        savor_status st = map_cells(f, &cells, arena, err);
        if (st)
            return st;
        columns[i] = (sv_column){frame->columns[i].name, cells.dtype, cells.data};
    }
    frame->columns = columns;
    return SAVOR_OK;
}

/* The stored cells of a sparse matrix, where zero stays zero. */
static savor_status map_sparse(const cell_function *f, sv_sparse *sparse, sv_arena *arena, savor_error *err)
{
    sv_tensor cells = sv_tensor_view(SAVOR_FLOAT64, sparse->row_first[sparse->n_rows], 0, sparse->values);
    if (f->f(0.0) != 0.0)
        return sv_fail(err, SAVOR_MODEL, "%s of a sparse matrix is not sparse", f->name);
    savor_status st = map_cells(f, &cells, arena, err);
    sparse->values = cells.data;
    return st;
}

static savor_status map_batch(const function_transformer *self, const cell_function *f, const sv_batch *in,
                              sv_arena *arena, sv_batch *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    *out = *in;
    if (self->validates && (st = sv_check_batch(&self->base, in, SV_CHECK_KEEP_FLOAT32, arena, out, err)))
        return st;
    if (!f)
        return SAVOR_OK;
    if (out->kind == SV_BATCH_FRAME)
        return map_frame(f, &out->frame, arena, err);
    if (out->kind == SV_BATCH_SPARSE)
        return map_sparse(f, &out->sparse, arena, err);
    return map_cells(f, &out->tensor, arena, err);
}

/* One dict of a row: names and values. */
static savor_status make_dict(const sv_frame *frame, size_t row, sv_arena *arena, sv_value *out, savor_error *err)
{
    sv_value *items = sv_arena_array(arena, 2 * frame->n_columns, sizeof *items);
    if (!items)
        return sv_arena_fail(arena, 2 * frame->n_columns * sizeof *items, err);
    for (size_t c = 0; c < frame->n_columns; c++) {
        const sv_column *column = &frame->columns[c];
        items[2 * c] = (sv_value){.kind = SV_VALUE_STRING, .n = column->name.text.n, .u.p = column->name.text.p};
        items[2 * c + 1] = sv_item_get(column->dtype, column->data, row);
    }
    *out = (sv_value){.kind = SV_VALUE_DICT, .n = frame->n_columns, .u.items = items};
    return SAVOR_OK;
}

static savor_status make_dicts(const sv_batch *in, sv_arena *arena, sv_batch *out, savor_error *err)
{
    const sv_frame *frame = &in->frame;
    savor_status st = SAVOR_OK;
    if (in->kind != SV_BATCH_FRAME)
        return sv_fail(err, SAVOR_MODEL, "'numpy.ndarray' object has no attribute 'to_dict'");
    for (size_t c = 0; c < frame->n_columns; c++)
        if (sv_label_is_number(&frame->columns[c].name) ||
            sv_frame_find(frame, &frame->columns[c].name) != &frame->columns[c])
            return sv_fail(err, SAVOR_UNSUPPORTED, "to_dict of columns without names of their own needs Python");
    sv_value *dicts = sv_arena_array(arena, frame->n_rows, sizeof *dicts);
    if (!dicts)
        return sv_arena_fail(arena, frame->n_rows * sizeof *dicts, err);
    for (size_t r = 0; !st && r < frame->n_rows; r++)
        st = make_dict(frame, r, arena, &dicts[r], err);
    *out = (sv_batch){.kind = SV_BATCH_TENSOR, .tensor = sv_tensor_view(SAVOR_OBJECT, frame->n_rows, 0, dicts)};
    return st;
}

static savor_status transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                              savor_error *err)
{
    const function_transformer *self = (const function_transformer *)base;
    if (self->makes_dicts)
        return make_dicts(in, arena, out, err);
    return map_batch(self, self->forward, in, arena, out, err);
}

static savor_status inverse_transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const function_transformer *self = (const function_transformer *)base;
    return map_batch(self, self->backward, in, arena, out, err);
}

const sv_estimator_class sv_function_transformers[] = {
    {.name = "FunctionTransformer",
     .load = load,
     .methods = {[SV_TRANSFORM] = transform, [SV_INVERSE_TRANSFORM] = inverse_transform}},
    {.name = NULL},
};
