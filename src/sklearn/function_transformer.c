/* function_transformer.c: FunctionTransformer over nothing, or over a function of numpy that works cell by cell. */
#include "base/alloc.h"
#include "data/convert.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/families.h"

#include <math.h>

/* What numpy has besides the loops over floats. */
typedef enum cell_traits {
    TAKES_OBJECTS = 1, /* numbers among objects: the others ask them for a method they have not */
    KEEPS_KIND = 2,    /* integers stay such, bools stay small integers; the others make floats of them */
    REFUSES_BOOLS = 4,
    GIVES_BOOLS = 8,
    REFUSES_NAN = 16, /* among objects: not ordered, or no integer */
} cell_traits;

typedef struct cell_function {
    const char *name; /* numpy's */
    double (*f)(double);
    unsigned traits; /* of cell_traits */
} cell_function;

static double square(double x) { return x * x; }
static double negative(double x) { return -x; }
static double is_nan(double x) { return isnan(x) ? 1.0 : 0.0; }
static double is_inf(double x) { return isinf(x) ? 1.0 : 0.0; }
static double is_finite(double x) { return isfinite(x) ? 1.0 : 0.0; }
static double has_sign(double x) { return signbit(x) ? 1.0 : 0.0; }
static double reciprocal(double x) { return 1.0 / x; }
static double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
static double deg2rad(double x) { return x * (3.14159265358979323846 / 180.0); }
static double rad2deg(double x) { return x * (180.0 / 3.14159265358979323846); }

static const cell_function functions[] = {
    {"abs", fabs, TAKES_OBJECTS | KEEPS_KIND},
    {"absolute", fabs, TAKES_OBJECTS | KEEPS_KIND},
    {"arccos", acos, 0},
    {"arcsin", asin, 0},
    {"arctan", atan, 0},
    {"cbrt", cbrt, 0},
    {"ceil", ceil, TAKES_OBJECTS | KEEPS_KIND | REFUSES_NAN},
    {"cos", cos, 0},
    {"cosh", cosh, 0},
    {"deg2rad", deg2rad, 0},
    {"degrees", rad2deg, 0},
    {"exp", exp, 0},
    {"exp2", exp2, 0},
    {"expm1", expm1, 0},
    {"fabs", fabs, 0},
    {"floor", floor, TAKES_OBJECTS | KEEPS_KIND | REFUSES_NAN},
    {"isfinite", is_finite, GIVES_BOOLS},
    {"isinf", is_inf, GIVES_BOOLS},
    {"isnan", is_nan, GIVES_BOOLS},
    {"log", log, 0},
    {"log10", log10, 0},
    {"log1p", log1p, 0},
    {"log2", log2, 0},
    {"negative", negative, TAKES_OBJECTS | KEEPS_KIND | REFUSES_BOOLS},
    {"rad2deg", rad2deg, 0},
    {"radians", deg2rad, 0},
    {"reciprocal", reciprocal, 0},
    {"rint", rint, 0},
    {"sign", sign, TAKES_OBJECTS | KEEPS_KIND | REFUSES_BOOLS | REFUSES_NAN},
    {"signbit", has_sign, GIVES_BOOLS},
    {"sin", sin, 0},
    {"sinh", sinh, 0},
    {"sqrt", sqrt, 0},
    {"square", square, TAKES_OBJECTS | KEEPS_KIND},
    {"tan", tan, 0},
    {"tanh", tanh, 0},
    {"trunc", trunc, TAKES_OBJECTS | KEEPS_KIND | REFUSES_NAN},
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

/* One number among objects; None and text are refused, as are NaN and infinities where an integer is made. */
static savor_status map_object(const cell_function *f, sv_value *v, savor_error *err)
{
    bool is_number = v->kind == SV_VALUE_FLOAT || v->kind == SV_VALUE_INT || v->kind == SV_VALUE_BOOL;
    double x = v->kind == SV_VALUE_FLOAT ? v->u.f : (double)v->u.i;
    if (!is_number || !(f->traits & TAKES_OBJECTS) || (f->traits & REFUSES_NAN && isnan(x)) ||
        (f->traits & REFUSES_NAN && f->f != sign && isinf(x)))
        return sv_fail(err, SAVOR_MODEL, "loop of ufunc '%s' does not support argument 0 of type %s", f->name,
                       sv_value_type_name(v));
    *v = (sv_value){.kind = SV_VALUE_FLOAT};
    v->u.f = f->f(x);
    return SAVOR_OK;
}

static savor_status map_objects(const cell_function *f, sv_tensor *t, sv_arena *arena, savor_error *err)
{
    sv_value *cells = sv_arena_array(arena, t->n_items, sizeof *cells);
    savor_status st = SAVOR_OK;
    if (!cells)
        return sv_arena_fail(arena, t->n_items * sizeof *cells, err);
    for (size_t i = 0; i < t->n_items && !st; i++) {
        cells[i] = sv_item_get(t->dtype, t->data, i);
        st = map_object(f, &cells[i], err);
    }
    t->data = cells;
    return st;
}

/* The dtype of the answer: bools where it is a question, float16 for bools and bytes. */
static savor_dtype answer_dtype(const cell_function *f, savor_dtype from)
{
    size_t size = sv_dtype_size(from);
    if (f->traits & GIVES_BOOLS)
        return SAVOR_BOOL;
    if (from == SAVOR_FLOAT32 || sv_dtype_kind(from) == 'f' || f->traits & KEEPS_KIND)
        return from == SAVOR_FLOAT32 ? SAVOR_FLOAT32 : SAVOR_FLOAT64;
    return size == 1 ? SAVOR_FLOAT16 : size == 2 ? SAVOR_FLOAT32 : SAVOR_FLOAT64;
}

/* Cells of one dtype: float32 stays float32, other numbers become doubles, rounded to halves where numpy does that.
 */
static savor_status map_cells(const cell_function *f, sv_tensor *t, sv_arena *arena, savor_error *err)
{
    sv_batch in = {.kind = SV_BATCH_TENSOR, .tensor = *t};
    savor_dtype dtype = answer_dtype(f, t->dtype);
    sv_tensor doubles;
    double *cells;
    if (t->dtype == SAVOR_OBJECT)
        return map_objects(f, t, arena, err);
    if (!is_number(t->dtype) || (t->dtype == SAVOR_BOOL && f->traits & REFUSES_BOOLS))
        return sv_fail(err, SAVOR_MODEL, "ufunc '%s' not supported for the input types", f->name);
    savor_status st = sv_batch_to_floats(&in, SAVOR_FLOAT64, arena, &doubles, err);
    if (st || (st = sv_batch_alloc(arena, t->n_items, 1, &cells, err)))
        return st;
    for (size_t i = 0; i < t->n_items; i++)
        cells[i] = f->f(((const double *)doubles.data)[i]);
    t->dtype = dtype == SAVOR_FLOAT16 ? SAVOR_FLOAT64 : dtype;
    if ((st = sv_items_cast(SAVOR_FLOAT64, cells, t->n_items, dtype, arena, &t->data, err)) || dtype != SAVOR_FLOAT16)
        return st;
    return sv_items_cast(SAVOR_FLOAT16, t->data, t->n_items, SAVOR_FLOAT64, arena, &t->data, err);
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
     .methods = {[SV_TRANSFORM] = transform, [SV_INVERSE_TRANSFORM] = inverse_transform},
     .layout = SV_LAYOUT_OF_INPUT},
    {.name = NULL},
};
