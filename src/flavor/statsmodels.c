/*
 * statsmodels.c: the flavor `statsmodels`: results.predict(exog) of a pickle that is read as data. Columns count by
 * their place, never by name; a frame is answered with a series (one column called 0), an array with an array.
 */
#include "flavor/statsmodels_record.h"

#include "base/alloc.h"
#include "flavor/flavor_priv.h"
#include "format/pickle.h"
#include "sklearn/batch.h"

#include <math.h>

typedef struct statsmodels_predictor {
    sv_predictor base;
    const sv_statsmodels *model;
    sv_str version; /* as the MLmodel file has it */
} statsmodels_predictor;

/* ---- exog ---- */

/* np.asarray of mixed columns is an array of Python objects: numbers can be added up, nothing else can. */
static savor_status check_objects(const sv_value *values, size_t n, savor_error *err)
{
    for (size_t i = 0; i < n; i++) {
        sv_value_kind kind = values[i].kind;
        if (kind != SV_VALUE_FLOAT && kind != SV_VALUE_INT && kind != SV_VALUE_BOOL)
            return sv_fail(err, SAVOR_MODEL, "unsupported operand type(s) for *: '%s' and 'float'",
                           sv_value_type_name(&values[i]));
    }
    return SAVOR_OK;
}

static savor_status check_cells(savor_dtype dtype, const void *data, size_t n, savor_error *err)
{
    char kind = sv_dtype_kind(dtype);
    if (dtype == SAVOR_OBJECT)
        return check_objects(data, n, err);
    if (kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f' || n == 0)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_MODEL, "data of type %s cannot be multiplied with the parameters",
                   savor_dtype_name(dtype));
}

/* numpy has no exp of Python objects, and scipy's functions do not even take an array of none. Products and powers
 * are Python's own. */
static savor_status check_dtype(const sv_statsmodels *model, savor_dtype common, size_t n_rows, savor_error *err)
{
    sv_glm_link_kind kind = model->link.kind;
    bool is_of_scipy = kind == SV_GLM_PROBIT || kind == SV_GLM_CAUCHY;
    if (common != SAVOR_OBJECT || kind == SV_GLM_IDENTITY || kind == SV_GLM_POWER || (n_rows == 0 && !is_of_scipy))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_MODEL,
                   "loop of ufunc does not support argument 0 of type float which has no callable exp method");
}

/* Of Python's floats: numpy has NaN and infinity there. */
static savor_status check_powers(const sv_glm_link *link, const double *sums, size_t n, savor_error *err)
{
    double power = 1 / link->parameter;
    for (size_t i = 0; i < n; i++) {
        if (sums[i] == 0 && power < 0)
            return sv_fail(err, SAVOR_MODEL, "0.0 cannot be raised to a negative power");
        if (sums[i] < 0 && power != floor(power))
            return sv_fail(err, SAVOR_MODEL, "Object of type complex is not JSON serializable");
    }
    return SAVOR_OK;
}

static savor_dtype common_dtype(const sv_batch *in)
{
    return in->kind == SV_BATCH_TENSOR ? in->tensor.dtype : sv_frame_common_dtype(&in->frame);
}

static savor_status check_batch(const sv_statsmodels *model, const sv_batch *in, savor_error *err)
{
    savor_status st = SAVOR_OK;
    if (in->kind == SV_BATCH_TENSOR) {
        if (in->tensor.n_dims > 2)
            return sv_fail(err, SAVOR_MODEL, "exog had %u dimensions, expected 2", (unsigned)in->tensor.n_dims);
        st = check_cells(in->tensor.dtype, in->tensor.data, in->tensor.n_items, err);
        return st ? st : check_dtype(model, common_dtype(in), in->tensor.n_items, err);
    }
    for (size_t i = 0; i < in->frame.n_columns && !st; i++)
        st = check_cells(in->frame.columns[i].dtype, in->frame.columns[i].data, in->frame.n_rows, err);
    return st ? st : check_dtype(model, common_dtype(in), in->frame.n_rows, err);
}

/* Rows of doubles; np.atleast_2d makes one row of a vector, unless the model has a single column. */
static savor_status read_exog(const sv_statsmodels *model, const sv_batch *in, sv_arena *arena, sv_tensor *out,
                              savor_error *err)
{
    savor_status st = check_batch(model, in, err);
    if (st || (st = sv_batch_to_floats(in, SAVOR_FLOAT64, arena, out, err)))
        return st;
    if (out->n_dims < 2) {
        bool is_column = model->layer.n_in == 1 && out->n_dims == 1;
        *out = sv_tensor_view(SAVOR_FLOAT64, is_column ? out->n_items : 1, is_column ? 1 : out->n_items, out->data);
    }
    size_t n = out->shape[1], n_in = model->layer.n_in;
    if (n == n_in || (model->takes_fewer && n < n_in))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_MODEL, "shapes (%zu,%zu) and (%zu,) not aligned: %zu (dim 1) != %zu (dim 0)",
                   out->shape[0], n, n_in, n, n_in);
}

/* ---- answers ---- */

/* pd.Series or pd.DataFrame over the frame's index: columns 0, 1, 2 ... */
static savor_status answer_frame(const double *values, size_t n_rows, size_t n_columns, sv_arena *arena,
                                 sv_payload *out, savor_error *err)
{
    sv_column *columns = sv_arena_array(arena, n_columns, sizeof *columns);
    double *cells = NULL;
    savor_status st = sv_batch_alloc(arena, n_rows, n_columns, &cells, err);
    if (st || !columns)
        return st ? st : sv_arena_fail(arena, n_columns * sizeof *columns, err);
    for (size_t k = 0; k < n_columns; k++) {
        columns[k] = (sv_column){sv_label_number((int64_t)k), SAVOR_FLOAT64, cells + k * n_rows};
        for (size_t r = 0; r < n_rows; r++)
            cells[k * n_rows + r] = values[r * n_columns + k];
    }
    *out = (sv_payload){.kind = SV_PAYLOAD_FRAME,
                        .frame = {.n_rows = n_rows, .n_columns = n_columns, .columns = columns}};
    return SAVOR_OK;
}

/* Means of all rows: [n_rows x *n_columns]. */
static savor_status compute(const sv_statsmodels *model, const sv_batch *in, const sv_tensor *exog, sv_arena *arena,
                            double **out, size_t *n_columns, savor_error *err)
{
    sv_dense layer = model->layer;
    size_t n_rows = exog->shape[0];
    double *sums;
    layer.n_in = exog->shape[1];
    savor_status st = sv_batch_alloc(arena, n_rows, layer.n_out, &sums, err);
    if (st)
        return st;
    (sv_is_fortran(in) ? sv_dense_predict_columns : sv_dense_predict)(&layer, exog->data, n_rows, sums);
    if (model->link.kind == SV_GLM_POWER && common_dtype(in) == SAVOR_OBJECT &&
        (st = check_powers(&model->link, sums, n_rows, err)))
        return st;
    *out = sums;
    *n_columns = layer.n_out;
    if (model->link.kind != SV_GLM_SOFTMAX) {
        sv_glm_link_invert(&model->link, sums, n_rows);
        return SAVOR_OK;
    }
    *n_columns = layer.n_out + 1;
    if ((st = sv_batch_alloc(arena, n_rows, *n_columns, out, err)))
        return st;
    sv_glm_softmax(sums, n_rows, *n_columns, *out);
    return SAVOR_OK;
}

static savor_status predict(const sv_predictor *base, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const sv_statsmodels *model = ((const statsmodels_predictor *)base)->model;
    size_t n_columns = 0;
    double *values = NULL;
    sv_batch batch;
    sv_tensor exog;
    savor_status st = sv_batch_of_payload(in, &batch, err);
    (void)params; /* MLflow's wrapper takes them and passes none on */
    if (st || (st = read_exog(model, &batch, arena, &exog, err)) ||
        (st = compute(model, &batch, &exog, arena, &values, &n_columns, err)))
        return st;
    if (batch.kind == SV_BATCH_FRAME)
        return answer_frame(values, exog.shape[0], n_columns, arena, out, err);
    bool is_wide = model->link.kind == SV_GLM_SOFTMAX;
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR,
                        .tensor = sv_tensor_view(SAVOR_FLOAT64, exog.shape[0], is_wide ? n_columns : 0, values)};
    return SAVOR_OK;
}

static void describe(const sv_predictor *base, sv_buf *json)
{
    const statsmodels_predictor *self = (const statsmodels_predictor *)base;
    const sv_statsmodels *m = self->model;
    sv_buf_printf(json, "\"class\": \"%s\", \"link\": \"%s\", \"parameters\": %zu, \"version\": \"%.*s\"",
                  m->class_name, sv_glm_link_name(m->link.kind), m->layer.n_in * m->layer.n_out,
                  SV_FMT(self->version));
}

static const sv_predictor_class predictor_class = {
    .engine = "native:linear", .predict = predict, .describe = describe};

/* ---- load ---- */

static savor_status read_file(sv_str bytes, const sv_flavor_limits *limits, sv_arena *arena,
                              const sv_statsmodels **out, savor_error *err)
{
    sv_record_limits record_limits = SV_RECORD_LIMITS;
    const sv_record *root;
    sv_arena records; /* training data and all: it ends here */
    sv_arena_init(&records, limits->model_bytes);
    savor_status st = sv_pickle_read(bytes, &record_limits, &records, &root, err);
    if (!st)
        st = sv_statsmodels_read(root, arena, out, err);
    sv_arena_deinit(&records);
    return st;
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    sv_buf bytes = SV_BUF_INIT(limits->file_bytes);
    sv_predictor *base = NULL;
    sv_str file = sv_node_text(sv_node_find(conf, "data"));
    sv_str version = sv_node_text(sv_node_find(conf, "statsmodels_version"));
    savor_status st = SAVOR_OK;
    (void)model;
    *out = NULL;
    if (file.n == 0)
        file = SV_STR("model.statsmodels");
    if ((st = sv_dir_read(dir, file, &bytes, err)) ||
        (st = sv_predictor_new(sizeof(statsmodels_predictor), &predictor_class, limits->model_bytes, &base, err)))
        goto done;
    statsmodels_predictor *self = (statsmodels_predictor *)base;
    if ((st = sv_predictor_keep_text(base, version, &self->version, err)) ||
        (st = read_file(sv_buf_view(&bytes), limits, &base->arena, &self->model, err)))
        goto done;
    *out = base;
    base = NULL;
done:
    sv_predictor_free(base);
    sv_buf_deinit(&bytes);
    return st ? sv_error_at(err, st, "%.*s", SV_FMT(file)) : SAVOR_OK;
}

const sv_flavor sv_flavor_statsmodels = {
    .name = "statsmodels",
    .loader_modules = (const char *const[]){"mlflow.statsmodels", NULL},
    .load = load,
};
