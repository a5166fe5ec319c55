/*
 * sklearn.c: the flavor `sklearn`: a pickle or skops file of an estimator, read as data. What answers is the method
 * that the model was saved with (`predict_fn`), on the data as they are.
 */
#include "base/alloc.h"
#include "flavor/estimator_file.h"
#include "flavor/flavor_priv.h"

typedef struct sklearn_predictor {
    sv_predictor base;
    sv_estimator_file file;
    sv_method method;
    sv_str version; /* of scikit-learn, as the MLmodel file has it */
} sklearn_predictor;

static savor_status predict(const sv_predictor *base, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const sklearn_predictor *self = (const sklearn_predictor *)base;
    sv_batch batch, answer;
    savor_status st = sv_batch_of_payload(in, &batch, err);
    (void)params; /* MLflow's wrapper takes them and passes none on */
    if (st || (st = sv_estimator_call(self->file.estimator, self->method, &batch, arena, &answer, err)))
        return st;
    return sv_batch_to_payload(&answer, arena, out, err);
}

static void describe(const sv_predictor *base, sv_buf *json)
{
    const sklearn_predictor *self = (const sklearn_predictor *)base;
    sv_buf_printf(json, "\"class\": \"%s\", \"format\": \"%s\", \"method\": \"%s\", \"version\": \"%.*s\"",
                  self->file.estimator->cls->name, self->file.format, sv_method_name(self->method),
                  SV_FMT(self->version));
    if (self->file.estimator->n_features_in)
        sv_buf_printf(json, ", \"features\": %zu", self->file.estimator->n_features_in);
    sv_buf_put_text(json, ", ");
    sv_estimator_file_describe(&self->file, json);
}

static const sv_predictor_class sklearn_class = {
    .engine = "native:sklearn", .predict = predict, .describe = describe};

/* ---- loading ---- */

/* python_function.predict_fn, of MLflow 1.29 and later. */
static savor_status read_method(const sv_mlmodel *model, sv_method *out, savor_error *err)
{
    sv_str name = sv_node_text(sv_node_find(model->python_function, "predict_fn"));
    *out = SV_PREDICT;
    if (name.n == 0 || sv_method_of(name, out))
        return SAVOR_OK;
    return sv_fail(err, SAVOR_UNSUPPORTED, "predict_fn %.*s is not known", SV_FMT(name));
}

static savor_status load_estimator(sklearn_predictor *self, sv_source *source, const sv_flavor_limits *limits,
                                   savor_error *err)
{
    sv_version version = {0};
    sv_release release = {0};
    if (sv_version_read(self->version, &version))
        release = (sv_release){version.major, version.minor};
    savor_status st = sv_estimator_file_read(source, release, limits, &self->base.arena, &self->file, err);
    if (!st && !sv_estimator_has(self->file.estimator, self->method))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s has no method %s", self->file.estimator->cls->name,
                       sv_method_name(self->method));
    if (!st && self->method == SV_TRANSFORM && self->file.estimator->makes_frames)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s answers with a data frame, whose names are not made here",
                       self->file.estimator->cls->name);
    return st;
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    sv_source source = SV_SOURCE_CLOSED;
    sv_predictor *base = NULL;
    sv_str file = sv_node_text(sv_node_find(conf, "pickled_model"));
    sv_str version = sv_node_text(sv_node_find(conf, "sklearn_version"));
    savor_status st = SAVOR_OK;
    *out = NULL;
    if (file.n == 0) /* a python_function entry alone, or MLflow before it wrote the key */
        file = sv_node_text(sv_node_find(conf, "model_path"));
    if (file.n == 0)
        file = SV_STR("model.pkl");
    if ((st = sv_source_open(dir, file, limits->file_bytes, &source, err)) ||
        (st = sv_predictor_new(sizeof(sklearn_predictor), &sklearn_class, limits->model_bytes, &base, err)))
        goto done;
    sklearn_predictor *self = (sklearn_predictor *)base;
    if ((st = sv_predictor_keep_text(base, version, &self->version, err)) ||
        (st = read_method(model, &self->method, err)) || (st = load_estimator(self, &source, limits, err)))
        goto done;
    *out = base;
    base = NULL;
done:
    sv_predictor_free(base);
    sv_source_close(&source);
    return st ? sv_error_at(err, st, "%.*s", SV_FMT(file)) : SAVOR_OK;
}

const sv_flavor sv_flavor_sklearn = {
    .name = "sklearn",
    .loader_modules = (const char *const[]){"mlflow.sklearn", NULL},
    .load = load,
};
