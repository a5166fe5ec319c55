/*
 * lightgbm.c: the flavor `lightgbm`: a Booster's text file. What mlflow.lightgbm's wrapper does is
 * Booster.predict(data) and nothing else; feature names and their order are not looked at, nor are params.
 */
#include "flavor/flavor_priv.h"
#include "flavor/lightgbm_rows.h"
#include "format/lightgbm_text.h"
#include "text/json.h"

#define BOOSTER_CLASS "lightgbm.basic.Booster"

typedef struct lightgbm_predictor {
    sv_predictor base;
    const sv_lightgbm *model;
    bool is_before_4; /* the library that wrote it: frames become numbers in another way */
} lightgbm_predictor;

/* ---- predict ---- */

static savor_status check_width(const sv_lightgbm *model, size_t n_columns, savor_error *err)
{
    if (n_columns == model->forest.n_features)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_MODEL,
                   "The number of features in data (%zu) is not the same as it was in training data (%zu). You can "
                   "set ``predict_disable_shape_check=true`` to discard this error, but please be aware what you are "
                   "doing.",
                   n_columns, model->forest.n_features);
}

static savor_status read_frame(const lightgbm_predictor *self, const sv_frame *frame, sv_arena *arena, double **rows,
                               savor_error *err)
{
    const sv_lightgbm *model = self->model;
    if (frame->n_rows < 1)
        return sv_fail(err, SAVOR_MODEL, "Input data must be 2 dimensional and non empty.");
    if (model->has_pandas_categories &&
        model->n_pandas_categories > 0) /* no column here is of pandas' category type */
        return sv_fail(err, SAVOR_MODEL, "train and valid dataset categorical_feature do not match.");
    savor_status st = sv_lightgbm_rows_of_frame(frame, self->is_before_4, arena, rows, err);
    return st ? st : check_width(model, frame->n_columns, err);
}

static savor_status read_tensor(const lightgbm_predictor *self, const sv_tensor *tensor, sv_arena *arena,
                                double **rows, savor_error *err)
{
    if (tensor->n_dims != 2)
        return sv_fail(err, SAVOR_MODEL, "Input numpy.ndarray or list must be 2 dimensional");
    savor_status st = sv_lightgbm_rows_of_tensor(tensor, arena, rows, err);
    return st ? st : check_width(self->model, tensor->shape[1], err);
}

static savor_status read_rows(const lightgbm_predictor *self, const sv_payload *in, sv_arena *arena, double **rows,
                              size_t *n_rows, savor_error *err)
{
    switch (in->kind) {
    case SV_PAYLOAD_FRAME:
        *n_rows = in->frame.n_rows;
        return read_frame(self, &in->frame, arena, rows, err);
    case SV_PAYLOAD_TENSOR:
        *n_rows = in->tensor.shape[0];
        return read_tensor(self, &in->tensor, arena, rows, err);
    case SV_PAYLOAD_NAMED:
        return sv_fail(err, SAVOR_MODEL, "Cannot predict data for type dict");
    default:
        return sv_fail(err, SAVOR_MODEL, "Cannot predict data for type %s", sv_value_type_name(&in->value));
    }
}

static savor_status predict(const sv_predictor *base, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const lightgbm_predictor *self = (const lightgbm_predictor *)base;
    size_t n_groups = self->model->forest.n_groups, n_rows = 0;
    double *rows = NULL;
    savor_status st = read_rows(self, in, arena, &rows, &n_rows, err);
    (void)params;
    if (st)
        return st;
    double *answer = sv_arena_array(arena, n_rows, n_groups * sizeof *answer);
    if (!answer)
        return sv_arena_fail(arena, n_rows * n_groups * sizeof *answer, err);
    if ((st = sv_lightgbm_predict(self->model, rows, n_rows, answer, arena, err)))
        return st;
    /* The package reshapes only what has another number of values than rows. */
    size_t n_columns = n_groups > 1 && n_rows > 0 ? n_groups : 0;
    *out =
        (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = sv_tensor_view(SAVOR_FLOAT64, n_rows, n_columns, answer)};
    return SAVOR_OK;
}

static void describe(const sv_predictor *base, sv_buf *json)
{
    const sv_lightgbm *model = ((const lightgbm_predictor *)base)->model;
    const sv_forest *f = &model->forest;
    sv_buf_put_text(json, "\"format_version\": ");
    sv_json_put_string(json, model->version);
    sv_buf_put_text(json, ", \"objective\": ");
    if (model->objective.n > 0)
        sv_json_put_string(json, model->objective);
    else
        sv_buf_put_text(json, "null");
    sv_buf_printf(json, ", \"trees\": %zu, \"leaves\": %zu, \"features\": %zu, \"outputs\": %zu", f->n_trees,
                  f->n_leaves, f->n_features, f->n_groups);
    sv_buf_printf(json, ", \"averaged\": %s, \"linear_leaves\": %s", model->is_averaged ? "true" : "false",
                  model->has_linear_leaves ? "true" : "false");
}

static const sv_predictor_class predictor_class = {
    .engine = "native:trees",
    .predict = predict,
    .describe = describe,
    .is_row_wise = true,
};

/* ---- load ---- */

/* The flavor's own `data`; python_function's in entries that lack it. */
static sv_str find_file(const sv_mlmodel *model, const sv_node *conf)
{
    const sv_node *data = sv_node_find(conf, "data");
    if (sv_node_is_null(data))
        data = sv_node_find(model->python_function, "data");
    return sv_node_is_null(data) ? (sv_str){"", 0} : sv_node_text(data);
}

static savor_status check_class(const sv_node *conf, sv_str file, savor_error *err)
{
    const sv_node *node = sv_node_find(conf, "model_class");
    sv_str name = sv_node_is_null(node) ? SV_STR(BOOSTER_CLASS) : sv_node_text(node);
    if (sv_str_is(name, BOOSTER_CLASS))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED,
                   "%.*s is a scikit-learn API model (%.*s) saved as %s: not supported natively yet", SV_FMT(file),
                   SV_FMT(name), sv_str_ends(file, SV_STR(".skops")) ? "skops" : "pickle");
}

/* A Booster entry whose file is no text all the same. */
static savor_status check_text(sv_str text, sv_str file, savor_error *err)
{
    bool is_zip = text.n >= 4 && text.p[0] == 'P' && text.p[1] == 'K' && text.p[2] == 3 && text.p[3] == 4;
    if (!is_zip && (text.n == 0 || text.p[0] != '\x80'))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "%.*s is a %s, no LightGBM text: not supported natively yet", SV_FMT(file),
                   is_zip ? "zip or skops file" : "pickle");
}

static bool is_before_4(const sv_mlmodel *model, const sv_node *conf)
{
    sv_version version;
    const sv_node *node = sv_node_find(conf, "lgb_version");
    if (!sv_node_is_null(node) && sv_version_read(sv_node_text(node), &version))
        return version.major < 4;
    return model->era == SV_ERA_1;
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    sv_str file = find_file(model, conf);
    sv_buf text = SV_BUF_INIT(limits->file_bytes);
    sv_predictor *base = NULL;
    savor_status st = SAVOR_OK;
    *out = NULL;
    if (file.n == 0)
        return sv_fail(err, SAVOR_FORMAT, "flavor lightgbm had no key data");
    if ((st = check_class(conf, file, err)) || (st = sv_dir_read(dir, file, &text, err)) ||
        (st = check_text(sv_buf_view(&text), file, err)) ||
        (st = sv_predictor_new(sizeof(lightgbm_predictor), &predictor_class, limits->model_bytes, &base, err)))
        goto done;
    lightgbm_predictor *self = (lightgbm_predictor *)base;
    self->is_before_4 = is_before_4(model, conf);
    if ((st = sv_lightgbm_read(sv_buf_view(&text), &base->arena, &self->model, err))) {
        st = sv_error_at(err, st, "%.*s", SV_FMT(file));
        goto done;
    }
    *out = base;
    base = NULL;
done:
    sv_predictor_free(base);
    sv_buf_deinit(&text);
    return st;
}

const sv_flavor sv_flavor_lightgbm = {
    .name = "lightgbm",
    .loader_modules = (const char *const[]){"mlflow.lightgbm", NULL},
    .load = load,
};
