/* pipeline.c: Pipeline: each step transforms what the one before it gave; the last one answers. */
#include "sklearn/attributes.h"
#include "sklearn/families.h"

typedef struct pipeline {
    sv_estimator base;
    size_t n_steps;
    const sv_estimator *const *steps; /* "passthrough" and None are left out */
} pipeline;

static const sv_estimator *last(const pipeline *self)
{
    return self->n_steps ? self->steps[self->n_steps - 1] : NULL;
}

static savor_status load_step(sv_loader *loader, const sv_record *object, const sv_record *pair,
                              const sv_estimator **out, savor_error *err)
{
    size_t n;
    const sv_record *const *items = sv_record_items(pair, &n);
    *out = NULL;
    if (n != 2)
        return sv_attr_fail(object, "steps", "not a list of pairs", err);
    if (sv_record_is_none(items[1]) || sv_record_is_text(items[1], "passthrough"))
        return SAVOR_OK;
    return sv_estimator_load_step(loader, sv_record_text(items[0]), items[1], out, err);
}

static savor_status load(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                         const sv_estimator **out, savor_error *err)
{
    sv_estimator *base;
    const sv_record *steps;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(pipeline), &base, err);
    size_t n;
    if (st || (st = sv_attr_get(object, "steps", &steps, err)))
        return st;
    pipeline *self = (pipeline *)base;
    const sv_record *const *items = sv_record_items(steps, &n);
    const sv_estimator **loaded = sv_arena_array(loader->arena, n, sizeof *loaded);
    if (!loaded)
        return sv_arena_fail(loader->arena, n * sizeof *loaded, err);
    if (n == 0)
        return sv_attr_fail(object, "steps", "not a list of steps", err);
    for (size_t i = 0; i < n; i++) {
        const sv_estimator *step;
        if ((st = load_step(loader, object, items[i], &step, err)))
            return st;
        if (step)
            loaded[self->n_steps++] = step;
        if (step && i + 1 < n && !sv_estimator_has(step, SV_TRANSFORM))
            return sv_fail(err, SAVOR_UNSUPPORTED, "%s does not transform here", step->cls->name);
    }
    self->steps = loaded;
    if (last(self)) {
        base->classes = last(self)->classes;
        base->makes_frames = last(self)->makes_frames;
    }
    *out = base;
    return SAVOR_OK;
}

static bool has(const sv_estimator *base, sv_method method)
{
    const pipeline *self = (const pipeline *)base;
    return last(self) ? sv_estimator_has(last(self), method) : method == SV_TRANSFORM;
}

static savor_status call(const pipeline *self, sv_method method, const sv_batch *in, sv_arena *arena, sv_batch *out,
                         savor_error *err)
{
    sv_batch x = *in;
    for (size_t i = 0; i + 1 < self->n_steps; i++) {
        sv_batch next;
        savor_status st = sv_estimator_call(self->steps[i], SV_TRANSFORM, &x, arena, &next, err);
        if (st)
            return st;
        x = next;
    }
    if (self->n_steps)
        return sv_estimator_call(last(self), method, &x, arena, out, err);
    *out = x;
    return SAVOR_OK;
}

#define METHOD(name, method)                                                                               \
    static savor_status name(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out, \
                             savor_error *err)                                                             \
    {                                                                                                      \
        return call((const pipeline *)self, method, in, arena, out, err);                                  \
    }

METHOD(predict, SV_PREDICT)
METHOD(predict_proba, SV_PREDICT_PROBA)
METHOD(predict_log_proba, SV_PREDICT_LOG_PROBA)
METHOD(predict_joint_log_proba, SV_PREDICT_JOINT_LOG_PROBA)
METHOD(decision_function, SV_DECISION_FUNCTION)
METHOD(score_samples, SV_SCORE_SAMPLES)
METHOD(transform, SV_TRANSFORM)

static savor_status inverse_transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                      savor_error *err)
{
    const pipeline *self = (const pipeline *)base;
    sv_batch x = *in;
    for (size_t i = self->n_steps; i-- > 0;) {
        sv_batch next;
        savor_status st = sv_estimator_call(self->steps[i], SV_INVERSE_TRANSFORM, &x, arena, &next, err);
        if (st)
            return st;
        x = next;
    }
    *out = x;
    return SAVOR_OK;
}

const sv_estimator_class sv_pipelines[] = {
    {.name = "Pipeline",
     .load = load,
     .has = has,
     .methods = {[SV_PREDICT] = predict,
                 [SV_PREDICT_PROBA] = predict_proba,
                 [SV_PREDICT_LOG_PROBA] = predict_log_proba,
                 [SV_PREDICT_JOINT_LOG_PROBA] = predict_joint_log_proba,
                 [SV_DECISION_FUNCTION] = decision_function,
                 [SV_SCORE_SAMPLES] = score_samples,
                 [SV_TRANSFORM] = transform,
                 [SV_INVERSE_TRANSFORM] = inverse_transform}},
    {.name = NULL},
};
