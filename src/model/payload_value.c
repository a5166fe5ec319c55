/* payload_value.c: the frame that pandas.DataFrame makes of a dict, list or scalar. */
#include "base/alloc.h"
#include "base/index.h"
#include "data/convert.h"
#include "data/nested.h"
#include "model/enforce_priv.h"

typedef struct framer {
    const sv_enforce_rules *rules;
    sv_arena *arena;
    savor_error *err;
    size_t n_rows, n_columns;
    sv_column *columns;
    const sv_row_labels *labels;
    sv_value *cells; /* [n_columns][n_rows] */
} framer;

static savor_status fail_cast(framer *f, const char *why)
{
    return sv_fail(f->err, SAVOR_SCHEMA,
                   "This model contains a column-based signature, which suggests a DataFrame input. There was an "
                   "error casting the input data to a DataFrame: %s",
                   why);
}

/* Cells are NaN until they are set. */
static savor_status new_frame(framer *f, size_t n_rows, size_t n_columns)
{
    size_t n_cells, bytes;
    if (!sv_mul(n_rows, n_columns, &n_cells) || !sv_mul(n_cells, sizeof *f->cells, &bytes))
        return sv_fail_nomem(f->err, SIZE_MAX);
    f->n_rows = n_rows;
    f->n_columns = n_columns;
    f->columns = sv_arena_array(f->arena, n_columns, sizeof *f->columns);
    f->cells = sv_arena_alloc(f->arena, bytes);
    if (!f->columns || !f->cells)
        return sv_arena_fail(f->arena, bytes, f->err);
    for (size_t i = 0; i < n_cells; i++)
        f->cells[i] = (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)__builtin_nanf("")};
    return SAVOR_OK;
}

static savor_status finish(framer *f, sv_frame *out)
{
    savor_status st = SAVOR_OK;
    for (size_t c = 0; !st && c < f->n_columns; c++)
        st = sv_values_to_column(f->cells + c * f->n_rows, f->n_rows, f->rules->pandas_major, f->arena,
                                 &f->columns[c], f->err);
    *out = (sv_frame){.n_rows = f->n_rows, .n_columns = f->n_columns, .columns = f->columns};
    return st;
}

/* Keys are text, but those of a caller's own dict. */
static sv_str key_of(const sv_value *key)
{
    return key->kind == SV_VALUE_STRING && key->n ? (sv_str){key->u.p, key->n} : SV_STR("");
}

/* ---- one row ---- */

static savor_status from_row(framer *f, const sv_value *dict, sv_frame *out)
{
    savor_status st = new_frame(f, 1, dict->n);
    for (size_t c = 0; !st && c < dict->n; c++) {
        f->columns[c].name = sv_label_text(key_of(&dict->u.items[2 * c]));
        f->cells[c] = dict->u.items[2 * c + 1];
    }
    return st ? st : finish(f, out);
}

/* ---- a dict of columns ---- */

static bool is_list(const sv_value *v)
{
    return v->kind == SV_VALUE_LIST || (v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims > 0);
}

static size_t length_of(const sv_value *v) { return v->kind == SV_VALUE_LIST ? v->n : v->u.tensor->shape[0]; }

static bool is_text_list(const sv_value *v)
{
    for (size_t i = 0; v->kind == SV_VALUE_LIST && i < v->n; i++)
        if (v->u.items[i].kind != SV_VALUE_STRING)
            return false;
    return v->kind == SV_VALUE_LIST;
}

/* A dict stands for one row when it holds scalars and lists of text only, or the schema has arrays or objects. */
static bool is_one_row(const sv_value *dict, const sv_schema *schema)
{
    bool all_plain = true, all_words = dict->n > 0;
    for (size_t i = 0; i < schema->n_specs; i++) {
        sv_type_kind kind = schema->specs[i].type.kind;
        if (kind == SV_TYPE_ARRAY || kind == SV_TYPE_OBJECT || kind == SV_TYPE_SPARKML_VECTOR)
            return true;
    }
    for (size_t i = 0; i < dict->n; i++) {
        const sv_value *v = &dict->u.items[2 * i + 1];
        bool is_plain = v->kind < SV_VALUE_LIST && (v->kind != SV_VALUE_DATETIME || v->variant == SV_VARIANT_NUMPY);
        all_plain = all_plain && (is_plain || is_text_list(v));
        all_words =
            all_words && v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims == 0 && v->u.tensor->dtype == SAVOR_STRING;
    }
    return all_plain || all_words;
}

/* Rows that keys of dicts make are called like them. */
static savor_status label_rows(framer *f, const sv_index *keys, const sv_value *dict)
{
    sv_str *texts = sv_column_alloc(f->arena, SAVOR_STRING, keys->n);
    struct {
        sv_row_labels labels;
        sv_column level;
    } *made = sv_arena_alloc(f->arena, sizeof *made);
    if (!texts || !made)
        return sv_arena_fail(f->arena, keys->n * sizeof *texts, f->err);
    for (size_t c = 0; c < dict->n; c++) {
        const sv_value *v = &dict->u.items[2 * c + 1];
        for (size_t i = 0; v->kind == SV_VALUE_DICT && i < v->n; i++)
            texts[sv_index_find(keys, key_of(&v->u.items[2 * i]))] = key_of(&v->u.items[2 * i]);
    }
    made->level = (sv_column){.dtype = SAVOR_STRING, .data = texts};
    made->labels = (sv_row_labels){SV_ROWS_LIST, 1, &made->level};
    f->labels = &made->labels;
    return SAVOR_OK;
}

/* How long the columns are: as their lists, which agree, or as the keys of their dicts together. */
static savor_status count_rows(framer *f, const sv_value *dict, sv_index *keys, size_t *n_rows)
{
    size_t n_lists = 0, n_dicts = 0, at;
    savor_status st;
    *n_rows = 0;
    for (size_t c = 0; c < dict->n; c++) {
        const sv_value *v = &dict->u.items[2 * c + 1];
        if (is_list(v)) {
            if (n_lists++ && length_of(v) != *n_rows)
                return fail_cast(f, "All arrays must be of the same length");
            *n_rows = length_of(v);
        }
        n_dicts += v->kind == SV_VALUE_DICT;
        for (size_t i = 0; v->kind == SV_VALUE_DICT && i < v->n; i++)
            if ((st = sv_index_add(keys, key_of(&v->u.items[2 * i]), &at, f->err)))
                return st;
    }
    if (n_lists && n_dicts)
        return fail_cast(f, "Mixing dicts with non-Series may lead to ambiguous ordering.");
    if (!n_lists && !n_dicts && dict->n)
        return fail_cast(f, "If using all scalar values, you must pass an index");
    *n_rows = n_dicts ? keys->n : *n_rows;
    return n_dicts ? label_rows(f, keys, dict) : SAVOR_OK;
}

/* Arrays of one dimension and scalars of 0 keep their dtype. */
static savor_status from_tensor(framer *f, const sv_tensor *t, sv_column *out)
{
    bool as_objects = t->dtype == SAVOR_BYTES || (t->dtype == SAVOR_STRING && f->rules->pandas_major < 3);
    out->dtype = as_objects ? SAVOR_OBJECT : t->dtype;
    return sv_items_cast(t->dtype, t->data, t->n_items, out->dtype, f->arena, &out->data, f->err);
}

/* No rows: a scalar still gives its dtype, a dict without keys is a Series of float64. */
static savor_status fill_empty(framer *f, const sv_value *v, sv_column *out)
{
    savor_status st = sv_values_to_column(v, 1, f->rules->pandas_major, f->arena, out, f->err);
    out->dtype = v->kind == SV_VALUE_DICT ? SAVOR_FLOAT64 : out->dtype;
    return st;
}

static savor_status fill_column(framer *f, const sv_value *v, const sv_index *keys, size_t c)
{
    sv_value *cells = f->cells + c * f->n_rows, list = *v;
    savor_status st = SAVOR_OK;
    if (v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims == 1)
        return from_tensor(f, v->u.tensor, &f->columns[c]);
    if (v->kind == SV_VALUE_ARRAY) /* a column of lists, or a scalar for all rows */
        st = sv_tensor_to_value(v->u.tensor, f->arena, &list, f->err);
    if (st)
        return st;
    if (v->kind == SV_VALUE_DICT) {
        for (size_t i = 0; i < v->n; i++)
            cells[sv_index_find(keys, key_of(&v->u.items[2 * i]))] = v->u.items[2 * i + 1];
    } else {
        for (size_t r = 0; r < f->n_rows; r++)
            cells[r] = is_list(v) ? list.u.items[r] : list;
    }
    if (f->n_rows == 0 && !is_list(v))
        return fill_empty(f, &list, &f->columns[c]);
    return sv_values_to_column(cells, f->n_rows, f->rules->pandas_major, f->arena, &f->columns[c], f->err);
}

static savor_status from_columns(framer *f, const sv_value *dict, sv_frame *out)
{
    sv_index keys;
    size_t n_rows;
    savor_status st;
    sv_index_init(&keys, f->arena);
    if ((st = count_rows(f, dict, &keys, &n_rows)) || (st = new_frame(f, n_rows, dict->n)))
        return st;
    for (size_t c = 0; !st && c < dict->n; c++) {
        f->columns[c].name = sv_label_text(key_of(&dict->u.items[2 * c]));
        st = fill_column(f, &dict->u.items[2 * c + 1], &keys, c);
    }
    *out = (sv_frame){.n_rows = f->n_rows, .n_columns = f->n_columns, .columns = f->columns, .labels = f->labels};
    return st;
}

/* ---- lists ---- */

/* dict([]) and dict("") are empty dicts to pandas 3. */
static bool is_empty_row(const framer *f, const sv_value *row)
{
    return f->rules->pandas_major >= 3 && row->n == 0 && (row->kind == SV_VALUE_LIST || row->kind == SV_VALUE_STRING);
}

/* Rows that are dicts: columns in the order in which keys appear first. */
static savor_status from_dicts(framer *f, const sv_value *list, sv_frame *out)
{
    sv_index names;
    size_t at;
    savor_status st = SAVOR_OK;
    sv_index_init(&names, f->arena);
    for (size_t r = 0; r < list->n; r++) {
        const sv_value *row = &list->u.items[r];
        if (row->kind != SV_VALUE_DICT && !is_empty_row(f, row))
            return fail_cast(f, "a row was no dict like the rows before it");
        for (size_t i = 0; i < row->n; i++)
            if ((st = sv_index_add(&names, key_of(&row->u.items[2 * i]), &at, f->err)))
                return st;
    }
    if ((st = new_frame(f, list->n, names.n)))
        return st;
    for (size_t r = 0; r < list->n; r++) {
        const sv_value *row = &list->u.items[r];
        for (size_t i = 0; i < row->n; i++) {
            at = sv_index_find(&names, key_of(&row->u.items[2 * i]));
            f->columns[at].name = sv_label_text(key_of(&row->u.items[2 * i]));
            f->cells[at * list->n + r] = row->u.items[2 * i + 1];
        }
    }
    return finish(f, out);
}

/* list(row): the keys of a dict, the characters of a text. */
static savor_status items_of_row(framer *f, const sv_value *row, sv_value *out)
{
    size_t n = 0;
    *out = *row;
    if (row->kind == SV_VALUE_LIST)
        return SAVOR_OK;
    if (row->kind != SV_VALUE_DICT && row->kind != SV_VALUE_STRING)
        return fail_cast(f, "a row was no list like the rows before it");
    sv_value *items = sv_arena_array(f->arena, row->n, sizeof *items);
    if (!items)
        return sv_arena_fail(f->arena, row->n * sizeof *items, f->err);
    for (size_t i = 0; i < row->n; i++) {
        if (row->kind == SV_VALUE_DICT)
            items[n++] = row->u.items[2 * i];
        else if (i && ((unsigned char)row->u.p[i] & 0xC0) == 0x80)
            items[n - 1].n++; /* more of one character */
        else
            items[n++] = (sv_value){.kind = SV_VALUE_STRING, .n = 1, .u.p = row->u.p + i};
    }
    *out = (sv_value){.kind = SV_VALUE_LIST, .n = n, .u.items = items};
    return SAVOR_OK;
}

/* Rows that are lists: short ones end in None. */
static savor_status from_lists(framer *f, const sv_value *list, sv_frame *out)
{
    size_t width = 0;
    savor_status st;
    sv_value *rows = sv_arena_array(f->arena, list->n, sizeof *rows);
    if (!rows)
        return sv_arena_fail(f->arena, list->n * sizeof *rows, f->err);
    for (size_t r = 0; r < list->n; r++) {
        if ((st = items_of_row(f, &list->u.items[r], &rows[r])))
            return st;
        width = rows[r].n > width ? rows[r].n : width;
    }
    st = new_frame(f, list->n, width);
    for (size_t c = 0; !st && c < width; c++) {
        f->columns[c].name = sv_label_number((int64_t)c);
        for (size_t r = 0; r < list->n; r++)
            f->cells[c * list->n + r] = c < rows[r].n ? rows[r].u.items[c] : (sv_value){.kind = SV_VALUE_NONE};
    }
    return st ? st : finish(f, out);
}

static savor_status from_scalars(framer *f, const sv_value *items, size_t n, sv_frame *out)
{
    savor_status st = new_frame(f, n, 1);
    if (st)
        return st;
    f->columns[0].name = sv_label_number(0);
    if (n)
        memcpy(f->cells, items, n * sizeof *items);
    return finish(f, out);
}

static savor_status from_list(framer *f, const sv_value *list, sv_frame *out)
{
    if (list->n == 0) {
        *out = (sv_frame){.n_rows = 0, .n_columns = 0, .columns = NULL};
        return SAVOR_OK;
    }
    if (list->u.items[0].kind == SV_VALUE_DICT)
        return from_dicts(f, list, out);
    return list->u.items[0].kind == SV_VALUE_LIST ? from_lists(f, list, out)
                                                  : from_scalars(f, list->u.items, list->n, out);
}

savor_status sv_value_to_frame(const sv_value *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               sv_arena *arena, sv_frame *out, savor_error *err)
{
    framer f = {.rules = rules, .arena = arena, .err = err};
    if (in->kind == SV_VALUE_LIST)
        return from_list(&f, in, out);
    if (in->kind == SV_VALUE_DICT)
        return rules->era != SV_ERA_1 && is_one_row(in, schema) ? from_row(&f, in, out) : from_columns(&f, in, out);
    bool is_scalar = in->kind != SV_VALUE_NONE && in->kind < SV_VALUE_LIST;
    if (is_scalar && (in->kind != SV_VALUE_DATETIME || in->variant == SV_VARIANT_NUMPY) && rules->era != SV_ERA_1)
        return from_scalars(&f, in, 1, out);
    return sv_fail(err, SAVOR_SCHEMA, "Expected input to be DataFrame. Found: %s", sv_value_type_name(in));
}
