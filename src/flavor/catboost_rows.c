/*
 * catboost_rows.c: which column of the input is which feature. A frame whose columns bear the model's names may have
 * them in any order; else the places count, and names must not contradict. Where categories are is said by place
 * alone. Every column is converted, also those that no tree asks for, because CatBoost does so first.
 */
#include "flavor/catboost_rows.h"

#include "base/alloc.h"
#include "base/index.h"

/* The input as columns: from a frame, or from an array in C order. */
typedef struct input {
    size_t n_rows, n_columns;
    const sv_frame *frame; /* NULL: `tensor` */
    const sv_tensor *tensor;
    const sv_str *names; /* [n_columns]; all empty for arrays */
    bool *is_category;   /* [n_columns] */
} input;

typedef struct reader {
    const sv_catboost *model;
    input in;
    size_t *floats, *categories; /* input -> column */
    sv_arena *arena;
    savor_error *err;
} reader;

static const char no_features[] = "Input data must have at least one feature";

/* ---- names and places ---- */

static savor_status mark_categories(reader *r)
{
    const sv_catboost *m = r->model;
    r->in.is_category = sv_arena_array(r->arena, r->in.n_columns, sizeof *r->in.is_category);
    if (!r->in.is_category)
        return sv_arena_fail(r->arena, r->in.n_columns, r->err);
    for (size_t i = 0; i < m->n_category_columns; i++) {
        if (m->category_columns[i] >= r->in.n_columns)
            return sv_fail(r->err, SAVOR_MODEL, "Invalid cat_features[%zu] = %zu value: index must be < %zu.", i,
                           m->category_columns[i], r->in.n_columns);
        r->in.is_category[m->category_columns[i]] = true;
    }
    return SAVOR_OK;
}

/* Columns by name; names that occur twice are refused, unless they are empty. */
static savor_status index_names(const reader *r, sv_index *index, bool *is_unique)
{
    savor_status st = SAVOR_OK;
    *is_unique = true;
    sv_index_init(index, r->arena);
    for (size_t i = 0; i < r->in.n_columns && !st; i++) {
        size_t at = 0, n = index->n;
        st = sv_index_add(index, r->in.names[i], &at, r->err);
        if (st || at == n)
            continue;
        *is_unique = false;
        if (r->in.names[i].n > 0)
            st =
                sv_fail(r->err, SAVOR_MODEL, "All feature names should be different, but '%.*s' used more than once.",
                        SV_FMT(r->in.names[i]));
    }
    return st;
}

/* Whether every feature of the model has a name of its own and a column of that name. */
static savor_status find_by_name(reader *r, const sv_index *columns, bool *is_found)
{
    const sv_catboost *m = r->model;
    size_t n_floats = m->formula.n_floats, n = n_floats + m->formula.n_categories;
    sv_index own;
    savor_status st = SAVOR_OK;
    *is_found = true;
    sv_index_init(&own, r->arena);
    for (size_t i = 0; i < n && *is_found; i++) {
        sv_str name = i < n_floats ? m->floats[i].name : m->categories[i - n_floats].name;
        size_t at = 0, n_own = own.n, column = sv_index_find(columns, name);
        if ((st = sv_index_add(&own, name, &at, r->err)))
            return st;
        *is_found = column != SV_INDEX_NONE && at == n_own;
        if (i < n_floats)
            r->floats[i] = column;
        else
            r->categories[i - n_floats] = column;
    }
    return SAVOR_OK;
}

static savor_status check_kind(const reader *r, size_t column, bool is_category, sv_str name)
{
    if (r->in.is_category[column] == is_category)
        return SAVOR_OK;
    return sv_fail(r->err, SAVOR_MODEL, "Feature %.*s is %s in model but marked different in the dataset",
                   SV_FMT(name), is_category ? "Categorical" : "Float");
}

static savor_status check_kinds(const reader *r)
{
    const sv_catboost *m = r->model;
    savor_status st = SAVOR_OK;
    for (size_t i = 0; i < m->formula.n_floats && !st; i++)
        st = check_kind(r, r->floats[i], false, m->floats[i].name);
    for (size_t i = 0; i < m->formula.n_categories && !st; i++)
        st = check_kind(r, r->categories[i], true, m->categories[i].name);
    return st;
}

static savor_status check_place(const reader *r, const sv_catboost_input *feature)
{
    if (feature->column >= r->in.n_columns)
        return sv_fail(r->err, SAVOR_MODEL, "Feature %.*s is present in model but not in pool.",
                       SV_FMT(feature->name));
    sv_str name = r->in.names[feature->column];
    if (feature->name.n == 0 || name.n == 0 || sv_str_equal(feature->name, name))
        return SAVOR_OK;
    return sv_fail(r->err, SAVOR_MODEL, "At position %zu should be feature with name %.*s (found %.*s).",
                   feature->column, SV_FMT(feature->name), SV_FMT(name));
}

static savor_status find_by_place(reader *r)
{
    const sv_catboost *m = r->model;
    savor_status st = SAVOR_OK;
    for (size_t i = 0; i < m->formula.n_categories && !st; i++) {
        r->categories[i] = m->categories[i].column;
        st = check_place(r, &m->categories[i]);
    }
    for (size_t i = 0; i < m->formula.n_floats && !st; i++) {
        r->floats[i] = m->floats[i].column;
        st = check_place(r, &m->floats[i]);
    }
    return st;
}

static savor_status find_columns(reader *r)
{
    sv_index names;
    bool is_unique = false, is_found = false;
    savor_status st = SAVOR_OK;
    r->floats = sv_arena_array(r->arena, r->model->formula.n_floats, sizeof *r->floats);
    r->categories = sv_arena_array(r->arena, r->model->formula.n_categories, sizeof *r->categories);
    if (!r->floats || !r->categories)
        return sv_arena_fail(r->arena, r->model->formula.n_floats * sizeof *r->floats, r->err);
    if ((st = index_names(r, &names, &is_unique)) || (is_unique && (st = find_by_name(r, &names, &is_found))))
        return st;
    if (!is_found)
        st = find_by_place(r);
    return st ? st : check_kinds(r);
}

/* ---- values ---- */

static const void *get_cells(const reader *r, size_t column, savor_dtype *dtype, size_t *stride)
{
    const input *in = &r->in;
    *dtype = in->frame ? in->frame->columns[column].dtype : in->tensor->dtype;
    *stride = in->frame ? 1 : in->n_columns;
    if (in->frame)
        return in->frame->columns[column].data;
    return (const uint8_t *)in->tensor->data + column * sv_dtype_size(in->tensor->dtype);
}

static savor_status fail_cell(const reader *r, size_t column, const catboost_cell *at)
{
    return sv_fail(r->err, SAVOR_MODEL, "Bad value for %s[row %zu, feature_idx=%zu]: %s",
                   r->in.is_category[column] ? "cat_feature" : "num_feature", at->row, column, at->refusal);
}

/* A column of four bytes per row, floats or hashes. */
static savor_status read_column(const reader *r, size_t column, const void **out)
{
    catboost_cell at = {0};
    savor_dtype dtype;
    size_t stride, n = r->in.n_rows;
    const void *cells = get_cells(r, column, &dtype, &stride);
    void *values = sv_arena_array(r->arena, n, sizeof(float));
    if (!values)
        return sv_arena_fail(r->arena, n * sizeof(float), r->err);
    bool ok = r->in.is_category[column] ? sv_catboost_cells_to_hashes(dtype, cells, n, stride, values, &at)
                                        : sv_catboost_cells_to_floats(dtype, cells, n, stride, values, &at);
    *out = values;
    return ok ? SAVOR_OK : fail_cell(r, column, &at);
}

static savor_status read_columns(const reader *r, catboost_rows *out)
{
    const sv_catboost_formula *f = &r->model->formula;
    const void **columns = sv_arena_array(r->arena, r->in.n_columns, sizeof *columns);
    savor_status st = SAVOR_OK;
    out->floats = sv_arena_array(r->arena, f->n_floats, sizeof *out->floats);
    out->categories = sv_arena_array(r->arena, f->n_categories, sizeof *out->categories);
    if (!columns || !out->floats || !out->categories)
        return sv_arena_fail(r->arena, r->in.n_columns * sizeof *columns, r->err);
    for (size_t i = 0; i < r->in.n_columns && !st; i++)
        st = read_column(r, i, &columns[i]);
    for (size_t i = 0; i < f->n_floats && !st; i++)
        out->floats[i] = columns[r->floats[i]];
    for (size_t i = 0; i < f->n_categories && !st; i++)
        out->categories[i] = columns[r->categories[i]];
    return st;
}

static savor_status read_input(reader *r, catboost_rows *out)
{
    savor_status st = SAVOR_OK;
    if (r->in.n_columns == 0)
        return sv_fail(r->err, SAVOR_MODEL, no_features);
    out->n_rows = r->in.n_rows;
    if ((st = mark_categories(r)) || (st = find_columns(r)))
        return st;
    return read_columns(r, out);
}

/* ---- the three kinds of input ---- */

static savor_status read_frame(reader *r, const sv_frame *frame, catboost_rows *out)
{
    sv_str *names = sv_arena_array(r->arena, frame->n_columns, sizeof *names);
    char room[24];
    if (!names)
        return sv_arena_fail(r->arena, frame->n_columns * sizeof *names, r->err);
    for (size_t i = 0; i < frame->n_columns; i++) {
        const sv_label *label = &frame->columns[i].name;
        sv_str shown = sv_label_show(label, room);
        char *copy = sv_label_is_number(label) ? sv_arena_text(r->arena, shown.p, shown.n) : NULL;
        if (sv_label_is_number(label) && !copy)
            return sv_arena_fail(r->arena, shown.n, r->err);
        names[i] = copy ? (sv_str){copy, shown.n} : label->text;
    }
    r->in = (input){.n_rows = frame->n_rows, .n_columns = frame->n_columns, .frame = frame, .names = names};
    return read_input(r, out);
}

static savor_status read_tensor(reader *r, const sv_tensor *tensor, catboost_rows *out)
{
    size_t n_columns = tensor->n_dims == 2 ? tensor->shape[1] : tensor->n_items;
    sv_str *names = sv_arena_array(r->arena, n_columns, sizeof *names);
    if (!names)
        return sv_arena_fail(r->arena, n_columns * sizeof *names, r->err);
    if (tensor->n_dims != 1 && tensor->n_dims != 2)
        return sv_fail(r->err, SAVOR_MODEL, "Input data has invalid shape: %u dimensions. Must be 2 dimensional",
                       (unsigned)tensor->n_dims);
    out->is_single = tensor->n_dims == 1;
    for (size_t i = 0; i < n_columns; i++)
        names[i] = (sv_str){"", 0};
    r->in = (input){.n_rows = out->is_single ? 1 : tensor->shape[0], .n_columns = n_columns, .tensor = tensor};
    r->in.names = names;
    return read_input(r, out);
}

static bool is_row(const sv_value *v, size_t n) { return v->kind == SV_VALUE_LIST && v->n == n; }

/* A list of values is one object, a list of equally long lists is many. */
static savor_status read_list(reader *r, const sv_value *list, catboost_rows *out)
{
    size_t width = list->n && list->u.items[0].kind == SV_VALUE_LIST ? list->u.items[0].n : 0, n = 0;
    if (width == 0) {
        sv_tensor one = sv_tensor_view(SAVOR_OBJECT, list->n, 0, list->u.items);
        return read_tensor(r, &one, out);
    }
    sv_value *cells = sv_mul(list->n, width, &n) ? sv_arena_array(r->arena, n, sizeof *cells) : NULL;
    if (!cells)
        return sv_arena_fail(r->arena, n * sizeof *cells, r->err);
    for (size_t i = 0; i < list->n; i++) {
        if (!is_row(&list->u.items[i], width))
            return sv_fail(r->err, SAVOR_MODEL,
                           "setting an array element with a sequence. The requested array has an "
                           "inhomogeneous shape after 1 dimensions.");
        memcpy(cells + i * width, list->u.items[i].u.items, width * sizeof *cells);
    }
    sv_tensor many = sv_tensor_view(SAVOR_OBJECT, list->n, width, cells);
    return read_tensor(r, &many, out);
}

savor_status sv_catboost_rows_read(const sv_catboost *model, const sv_payload *in, sv_arena *arena,
                                   catboost_rows *out, savor_error *err)
{
    reader r = {.model = model, .arena = arena, .err = err};
    *out = (catboost_rows){0};
    if (in->kind == SV_PAYLOAD_FRAME)
        return read_frame(&r, &in->frame, out);
    if (in->kind == SV_PAYLOAD_TENSOR)
        return read_tensor(&r, &in->tensor, out);
    if (in->kind == SV_PAYLOAD_VALUE && in->value.kind == SV_VALUE_LIST)
        return read_list(&r, &in->value, out);
    return sv_fail(err, SAVOR_MODEL, "Invalid data type=<class '%s'> : must be list, numpy.ndarray, pandas.DataFrame",
                   in->kind == SV_PAYLOAD_NAMED ? "dict" : sv_value_type_name(&in->value));
}
