/* example_request.c: input_example.json -> a request body, for models that were saved without one. Source: MLflow
 * _read_example; docs/formats/mlmodel.md. */
#include "base/alloc.h"
#include "score/example.h"
#include "text/json.h"

typedef struct maker {
    sv_era era;
    sv_arena *arena;
    sv_buf *out;
    savor_error *err;
} maker;

static savor_status parse(sv_str text, sv_arena *arena, const sv_json **out, savor_error *err)
{
    sv_json_fault fault = {0};
    if (!sv_utf8_check_surrogates(text.p, text.n))
        return sv_fail(err, SAVOR_FORMAT, "the input example is not UTF-8");
    savor_status st = sv_json_parse(text, &SV_JSON_LIMITS, arena, out, &fault, err);
    if (st == SAVOR_FORMAT)
        return sv_fail(err, st, "the input example is not JSON: %s at byte %zu", fault.message ? fault.message : "",
                       fault.offset);
    return st;
}

/* {"inputs": X} for X, with the params beside it. */
static void put_keyed(const maker *m, const char *key, const sv_json *data, const sv_json *params)
{
    sv_buf_printf(m->out, "{\"%s\": ", key);
    sv_json_put_value(m->out, data);
    if (params) {
        sv_buf_put_text(m->out, ", \"params\": ");
        sv_json_put_value(m->out, params);
    }
    sv_buf_put_char(m->out, '}');
}

static savor_status put_frame(const maker *m, const sv_json *data, const sv_json *params)
{
    if (data->kind != SV_JSON_OBJECT || !sv_json_find(data, "data"))
        return sv_fail(m->err, SAVOR_FORMAT, "the input example is no frame in split form");
    if (m->era == SV_ERA_1)
        sv_json_put_value(m->out, data);
    else
        put_keyed(m, "dataframe_split", data, params);
    return SAVOR_OK;
}

/* Written as {"inputs": X} up to MLflow 2.15, as X after that. */
static savor_status put_array(const maker *m, const sv_json *data, const sv_json *params, bool is_tf_serving)
{
    const sv_json *inner = data->kind == SV_JSON_OBJECT ? sv_json_find(data, "inputs") : NULL;
    bool is_wrapped = inner && (is_tf_serving || data->n == 1);
    put_keyed(m, "inputs", is_wrapped ? inner : data, params);
    return SAVOR_OK;
}

/* A dict that a language model is sent stands for itself, its params among its keys. */
static savor_status put_object(const maker *m, const sv_json *data, const sv_json *params)
{
    static const char *const LLM_KEYS[] = {"messages", "prompt", "input"};
    bool is_llm = false;
    for (size_t i = 0; data->kind == SV_JSON_OBJECT && i < sizeof LLM_KEYS / sizeof LLM_KEYS[0]; i++)
        is_llm = is_llm || sv_json_find(data, LLM_KEYS[i]);
    if (!is_llm) {
        put_keyed(m, "inputs", data, params);
        return SAVOR_OK;
    }
    const sv_json *const dicts[] = {data, params && params->kind == SV_JSON_OBJECT ? params : NULL};
    size_t n = 0;
    for (size_t d = 0; d < 2; d++) {
        const sv_json *key = dicts[d] ? dicts[d] + 1 : NULL;
        for (uint32_t i = 0; dicts[d] && i < dicts[d]->n; i++, key = sv_json_next(key + 1)) {
            sv_buf_put_text(m->out, n++ ? ", " : "{");
            sv_json_put_value(m->out, key);
            sv_buf_put_text(m->out, ": ");
            sv_json_put_value(m->out, key + 1);
        }
    }
    sv_buf_put_char(m->out, '}');
    return SAVOR_OK;
}

/* ---- sparse matrices ---- */

/* The arrays of a matrix, each with as many items as the others ask for. */
typedef struct matrix {
    const sv_json *data, *indices, *indptr;
    size_t n_rows, n_columns;
    bool is_csc;
} matrix;

static const sv_json *find_list(const sv_json *v, const char *key)
{
    const sv_json *list = v->kind == SV_JSON_OBJECT ? sv_json_find(v, key) : NULL;
    return list && list->kind == SV_JSON_ARRAY && (size_t)list->n + 1 == list->u.size ? list : NULL;
}

static bool are_within(const sv_json *list, int64_t max)
{
    for (uint32_t i = 1; i <= list->n; i++)
        if (list[i].kind != SV_JSON_INT || list[i].u.i < 0 || list[i].u.i > max)
            return false;
    return true;
}

/* A few numbers can declare any number of zeros: a request of more is none that was meant to be sent by hand. */
#define DENSE_CELLS_MAX ((size_t)1 << 24)

/* Everything that filling believes: after this it only copies. */
static bool read_matrix(const sv_json *v, bool is_csc, matrix *out)
{
    const sv_json *shape = find_list(v, "shape");
    *out = (matrix){find_list(v, "data"), find_list(v, "indices"), find_list(v, "indptr"), 0, 0, is_csc};
    if (!shape || shape->n != 2 || !are_within(shape, (int64_t)1 << 31) || !out->data || !out->indices ||
        !out->indptr)
        return false;
    out->n_rows = (size_t)shape[1].u.i;
    out->n_columns = (size_t)shape[2].u.i;
    size_t n_outer = is_csc ? out->n_columns : out->n_rows, n_inner = is_csc ? out->n_rows : out->n_columns;
    if (out->indices->n != out->data->n || out->indptr->n != n_outer + 1 ||
        !are_within(out->indices, (int64_t)n_inner - 1) || !are_within(out->indptr, out->data->n))
        return false;
    for (uint32_t i = 2; i <= out->indptr->n; i++)
        if (out->indptr[i].u.i < out->indptr[i - 1].u.i)
            return false;
    return true;
}

static void fill_cells(const matrix *mx, const sv_json **cells)
{
    size_t n_outer = mx->is_csc ? mx->n_columns : mx->n_rows;
    for (size_t i = 0; i < n_outer; i++) {
        for (int64_t k = mx->indptr[1 + i].u.i; k < mx->indptr[2 + i].u.i; k++) {
            size_t inner = (size_t)mx->indices[1 + k].u.i;
            cells[mx->is_csc ? inner * mx->n_columns + i : i * mx->n_columns + inner] = &mx->data[1 + k];
        }
    }
}

static void put_dense(const maker *m, const matrix *mx, const sv_json *const *cells)
{
    bool is_integer = mx->data->n && mx->data[1].kind == SV_JSON_INT;
    sv_buf_put_text(m->out, "{\"inputs\": [");
    for (size_t r = 0; r < mx->n_rows; r++) {
        sv_buf_put_text(m->out, r ? ", [" : "[");
        for (size_t c = 0; c < mx->n_columns; c++) {
            const sv_json *cell = cells[r * mx->n_columns + c];
            sv_buf_put_text(m->out, c ? ", " : "");
            if (cell)
                sv_json_put_value(m->out, cell);
            else
                sv_buf_put_text(m->out, is_integer ? "0" : "0.0");
        }
        sv_buf_put_char(m->out, ']');
    }
    sv_buf_put_text(m->out, "]}");
}

static savor_status put_sparse(const maker *m, const sv_json *data, bool is_csc)
{
    matrix mx;
    size_t n_cells, bytes;
    if (!read_matrix(data, is_csc, &mx))
        return sv_fail(m->err, SAVOR_FORMAT, "the input example is no sparse matrix");
    if (!sv_mul(mx.n_rows, mx.n_columns, &n_cells) || !sv_mul(n_cells, sizeof(void *), &bytes) ||
        n_cells > DENSE_CELLS_MAX)
        return sv_fail(m->err, SAVOR_LIMIT, "the matrix has %zu x %zu cells: too many for a request", mx.n_rows,
                       mx.n_columns);
    const sv_json **cells = sv_arena_array(m->arena, n_cells, sizeof *cells);
    if (!cells)
        return sv_arena_fail(m->arena, bytes, m->err);
    fill_cells(&mx, cells);
    put_dense(m, &mx, cells);
    return SAVOR_OK;
}

/* ---- all of it ---- */

static savor_status put_request(const maker *m, const sv_json *data, const sv_json *params,
                                const sv_example_info *info)
{
    if (sv_str_is(info->type, "dataframe"))
        return put_frame(m, data, params);
    if (sv_str_is(info->type, "ndarray"))
        return put_array(m, data, params, sv_str_is(info->format, "tf-serving"));
    if (sv_str_is(info->type, "json_object"))
        return put_object(m, data, params);
    if (sv_str_is(info->type, "sparse_matrix_csr") || sv_str_is(info->type, "sparse_matrix_csc"))
        return put_sparse(m, data, sv_str_ends(info->type, SV_STR("csc")));
    return sv_fail(m->err, SAVOR_UNSUPPORTED, "an input example of type \"%.*s\" can not be loaded",
                   SV_FMT(info->type));
}

savor_status sv_example_make_request(sv_str input, const sv_example_info *info, sv_era era, sv_arena *arena,
                                     sv_buf *out, savor_error *err)
{
    maker m = {era, arena, out, err};
    const sv_json *data = NULL, *params = NULL;
    savor_status st = parse(input, arena, &data, err);
    if (!st && info->has_params && data->kind == SV_JSON_OBJECT && sv_json_find(data, "inputs")) {
        params = sv_json_find(data, "params");
        data = sv_json_find(data, "inputs");
    }
    if (!st)
        st = put_request(&m, data, params, info);
    return st ? st : sv_buf_check(out, err);
}
