/*
 * lightgbm.c: the flavor `lightgbm`: a Booster's text file, or a pickle or skops file of a scikit-learn class. What
 * mlflow.lightgbm's wrapper does is predict(data) and nothing else; feature names and their order are not looked at,
 * nor are params.
 */
#include "flavor/estimator_file.h"
#include "flavor/flavor_priv.h"
#include "flavor/lightgbm_answer.h"
#include "text/json.h"

#define BOOSTER_CLASS "lightgbm.basic.Booster"

typedef struct lightgbm_predictor {
    sv_predictor base;
    sv_lightgbm_booster booster; /* or */
    sv_estimator_file file;      /* of LightGBM's scikit-learn classes */
} lightgbm_predictor;

/* ---- a Booster ---- */

static savor_status read_batch(const sv_payload *in, sv_batch *out, savor_error *err)
{
    if (in->kind == SV_PAYLOAD_FRAME || in->kind == SV_PAYLOAD_TENSOR)
        return sv_batch_of_payload(in, out, err);
    return sv_fail(err, SAVOR_MODEL, "Cannot predict data for type %s",
                   in->kind == SV_PAYLOAD_NAMED ? "dict" : sv_value_type_name(&in->value));
}

static savor_status predict(const sv_predictor *base, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err)
{
    const sv_lightgbm_booster *booster = &((const lightgbm_predictor *)base)->booster;
    sv_lightgbm_values values;
    sv_batch batch;
    savor_status st = read_batch(in, &batch, err);
    (void)params;
    if (st || (st = sv_lightgbm_booster_predict(booster, &batch, false, arena, &values, err)))
        return st;
    *out = (sv_payload){.kind = SV_PAYLOAD_TENSOR, .tensor = sv_lightgbm_values_view(booster, &values)};
    return SAVOR_OK;
}

static void describe(const sv_predictor *base, sv_buf *json)
{
    const sv_lightgbm *model = ((const lightgbm_predictor *)base)->booster.model;
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

/* ---- a scikit-learn class ---- */

static savor_status predict_estimator(const sv_predictor *base, const sv_payload *in, const sv_params *params,
                                      sv_arena *arena, sv_payload *out, savor_error *err)
{
    const lightgbm_predictor *self = (const lightgbm_predictor *)base;
    sv_batch batch, answer;
    savor_status st = sv_batch_of_payload(in, &batch, err);
    (void)params;
    if (st || (st = sv_estimator_call(self->file.estimator, SV_PREDICT, &batch, arena, &answer, err)))
        return st;
    return sv_batch_to_payload(&answer, arena, out, err);
}

static void describe_estimator(const sv_predictor *base, sv_buf *json)
{
    const lightgbm_predictor *self = (const lightgbm_predictor *)base;
    sv_buf_printf(json, "\"class\": \"%s\", \"format\": \"%s\", \"features\": %zu", self->file.estimator->cls->name,
                  self->file.format, self->file.estimator->n_features_in);
}

static const sv_predictor_class estimator_class = {
    .engine = "native:trees",
    .predict = predict_estimator,
    .describe = describe_estimator,
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

static bool is_booster(const sv_node *conf)
{
    const sv_node *node = sv_node_find(conf, "model_class");
    return sv_node_is_null(node) || sv_str_is(sv_node_text(node), BOOSTER_CLASS);
}

/* An entry of a Booster whose file is no text all the same. */
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

static savor_status load_booster(lightgbm_predictor *self, sv_source *source, sv_str file, savor_error *err)
{
    sv_str text = source->bytes;
    savor_status st = sv_source_need(source, text.p, text.n, err);
    if (!st)
        st = check_text(text, file, err);
    return st ? st : sv_lightgbm_read(text, &self->base.arena, &self->booster.model, err);
}

static savor_status load_estimator(lightgbm_predictor *self, sv_source *source, const sv_flavor_limits *limits,
                                   savor_error *err)
{
    savor_status st = sv_estimator_file_read(source, (sv_release){0}, limits, &self->base.arena, &self->file, err);
    if (!st && !sv_estimator_has(self->file.estimator, SV_PREDICT))
        return sv_fail(err, SAVOR_UNSUPPORTED, "%s has no method predict", self->file.estimator->cls->name);
    return st;
}

static savor_status load(const sv_dir *dir, const sv_mlmodel *model, const sv_node *conf,
                         const sv_flavor_limits *limits, sv_predictor **out, savor_error *err)
{
    const sv_predictor_class *cls = is_booster(conf) ? &predictor_class : &estimator_class;
    sv_str file = find_file(model, conf);
    sv_source source = SV_SOURCE_CLOSED;
    sv_predictor *base = NULL;
    savor_status st = SAVOR_OK;
    *out = NULL;
    if (file.n == 0)
        return sv_fail(err, SAVOR_FORMAT, "flavor lightgbm had no key data");
    if ((st = sv_source_open(dir, file, limits->file_bytes, &source, err)) ||
        (st = sv_predictor_new(sizeof(lightgbm_predictor), cls, limits->model_bytes, &base, err)))
        goto done;
    lightgbm_predictor *self = (lightgbm_predictor *)base;
    self->booster.is_before_4 = is_before_4(model, conf);
    st =
        cls == &predictor_class ? load_booster(self, &source, file, err) : load_estimator(self, &source, limits, err);
    if (st) {
        st = sv_error_at(err, st, "%.*s", SV_FMT(file));
        goto done;
    }
    *out = base;
    base = NULL;
done:
    sv_predictor_free(base);
    sv_source_close(&source);
    return st;
}

const sv_flavor sv_flavor_lightgbm = {
    .name = "lightgbm",
    .loader_modules = (const char *const[]){"mlflow.lightgbm", NULL},
    .load = load,
};
