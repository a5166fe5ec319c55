#include "sklearn/attributes.h"

#include "base/alloc.h"

static const char *const METHOD_NAMES[] = {
    [SV_PREDICT] = "predict",
    [SV_PREDICT_PROBA] = "predict_proba",
    [SV_PREDICT_LOG_PROBA] = "predict_log_proba",
    [SV_PREDICT_JOINT_LOG_PROBA] = "predict_joint_log_proba",
    [SV_DECISION_FUNCTION] = "decision_function",
    [SV_SCORE_SAMPLES] = "score_samples",
    [SV_TRANSFORM] = "transform",
    [SV_INVERSE_TRANSFORM] = "inverse_transform",
};

const char *sv_method_name(sv_method method) { return METHOD_NAMES[method]; }

bool sv_method_of(sv_str name, sv_method *out)
{
    for (size_t m = 0; m < SV_METHOD_COUNT; m++)
        if (sv_str_is(name, METHOD_NAMES[m])) {
            *out = (sv_method)m;
            return true;
        }
    return false;
}

/* ---- what all estimators have ---- */

/* "1.5.2", "1.10.dev0"; false for anything else. */
static bool read_release(sv_str text, sv_release *out)
{
    size_t dot = sv_str_find(text, '.');
    sv_str rest = dot < text.n ? (sv_str){text.p + dot + 1, text.n - dot - 1} : (sv_str){NULL, 0};
    int64_t major, minor;
    rest.n = sv_str_find(rest, '.');
    for (size_t i = 0; i < rest.n; i++) /* "23rc1" */
        if (rest.p[i] < '0' || rest.p[i] > '9')
            rest.n = i;
    if (!sv_str_to_int64((sv_str){text.p, dot}, &major) || !sv_str_to_int64(rest, &minor))
        return false;
    *out = (sv_release){(int)major, (int)minor};
    return true;
}

static savor_status read_names(sv_loader *loader, const sv_record *object, sv_estimator *self, savor_error *err)
{
    const sv_record *names = sv_record_find(object, "feature_names_in_");
    sv_tensor labels;
    if (sv_record_is_none(names))
        return SAVOR_OK;
    savor_status st = sv_record_to_labels(names, loader->arena, &labels, err);
    if (st == SAVOR_NOMEM || st == SAVOR_LIMIT)
        return st;
    if (st)
        return sv_attr_fail(object, "feature_names_in_", "not a list of names", err);
    if (labels.dtype != SAVOR_STRING)
        return SAVOR_OK;
    if (self->n_features_in == 0)
        self->n_features_in = labels.n_items;
    if (labels.n_items != self->n_features_in)
        return sv_attr_fail(object, "feature_names_in_", "not as many names as features", err);
    self->feature_names = labels.data;
    self->n_feature_names = labels.n_items;
    return SAVOR_OK;
}

savor_status sv_estimator_new(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object, size_t size,
                              sv_estimator **out, savor_error *err)
{
    int64_t n_features = sv_attr_int_or(object, "n_features_in_", 0);
    sv_estimator *self = sv_arena_array(loader->arena, 1, size);
    *out = NULL;
    if (!self)
        return sv_arena_fail(loader->arena, size, err);
    if (n_features < 0 || n_features > INT32_MAX)
        return sv_attr_fail(object, "n_features_in_", "not a number of features", err);
    self->cls = cls;
    self->release = loader->release;
    self->n_features_in = (size_t)n_features;
    sv_str output = sv_record_text(sv_record_find(sv_record_find(object, "_sklearn_output_config"), "transform"));
    self->makes_frames = sv_str_is(output, "pandas") || sv_str_is(output, "polars");
    savor_status st = read_names(loader, object, self, err);
    const sv_record *classes = sv_record_find(object, "classes_");
    const sv_array *array = sv_record_array(classes);
    if (!st && array && array->tensor.n_dims == 1)
        st = sv_record_to_labels(classes, loader->arena, &self->classes, err);
    if (!st)
        *out = self;
    return st;
}

savor_status sv_estimator_set_features(sv_estimator *self, const sv_record *object, size_t n, savor_error *err)
{
    if (n == 0 || n > INT32_MAX || (self->n_features_in && self->n_features_in != n))
        return sv_attr_fail(object, "n_features_in_", "not the number of features of the other attributes", err);
    self->n_features_in = n;
    return SAVOR_OK;
}

/* ---- the table ---- */

/* A module is "package" or "package.more". */
static bool is_package(sv_str module, const char *package)
{
    sv_str first = {module.p, sv_str_find(module, '.')};
    return sv_str_is(first, package ? package : "sklearn");
}

static const sv_estimator_class *find_class(const sv_estimator_class *const *families, const sv_global *name)
{
    for (const sv_estimator_class *const *family = families; family && *family; family++)
        for (const sv_estimator_class *cls = *family; cls->name; cls++)
            if (sv_str_is(name->name, cls->name) && is_package(name->module, cls->package))
                return cls;
    return NULL;
}

static void note_name(sv_class_names *names, const char *name)
{
    for (size_t i = 0; names && i < names->n; i++)
        if (names->items[i] == name)
            return;
    if (names && names->n < sizeof names->items / sizeof *names->items)
        names->items[names->n++] = name;
}

/* Entries of the state: a dict, or a tuple of dicts. */
static size_t count_attributes(const sv_record *state)
{
    size_t n = state && (state->kind == SV_RECORD_DICT || state->kind == SV_RECORD_TUPLE) ? state->n : 0;
    for (size_t i = 0; state && state->kind == SV_RECORD_TUPLE && i < state->n; i++)
        n += state->u.items[i]->kind == SV_RECORD_DICT ? state->u.items[i]->n : 0;
    return n;
}

/* Names come from the file: what would end the line is left out, and so is most of a long one. */
static savor_status fail_unknown(const sv_loader *loader, const sv_global *name, savor_error *err)
{
    char step[64] = "";
    size_t n = 0;
    for (size_t i = 0; i < loader->step.n && n + 1 < sizeof step; i++)
        if ((unsigned char)loader->step.p[i] >= ' ')
            step[n++] = loader->step.p[i];
    step[n] = '\0';
    if (n == 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "%.*s.%.*s is not supported natively", SV_FMT(name->module),
                       SV_FMT(name->name));
    return sv_fail(err, SAVOR_UNSUPPORTED, "%.*s.%.*s is not supported natively (in step \"%s\")",
                   SV_FMT(name->module), SV_FMT(name->name), step);
}

savor_status sv_estimator_load(sv_loader *loader, const sv_record *object, const sv_estimator **out, savor_error *err)
{
    sv_global name = sv_record_class(object);
    sv_release outer = loader->release;
    *out = NULL;
    if (!object || object->kind != SV_RECORD_OBJECT)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the file holds no estimator where one was expected%s%.*s",
                       name.name.n ? ": " : "", SV_FMT(name.name));
    const sv_estimator_class *cls = find_class(loader->families, &name);
    if (!cls)
        cls = find_class(loader->guests, &name);
    if (!cls)
        return fail_unknown(loader, &name, err);
    if (loader->depth == SV_ESTIMATOR_DEPTH_MAX)
        return sv_fail(err, SAVOR_LIMIT, "estimators were nested more than %d deep", SV_ESTIMATOR_DEPTH_MAX);
    note_name(loader->names, cls->name);
    loader->n_attributes += 1 + count_attributes(object->u.object->state);
    if (loader->n_attributes > SV_ATTRIBUTES_MAX)
        return sv_fail(err, SAVOR_LIMIT, "estimators had more than %zu attributes", SV_ATTRIBUTES_MAX);
    loader->depth++;
    (void)read_release(sv_attr_text(object, "_sklearn_version"), &loader->release);
    savor_status st = cls->load(loader, cls, object, out, err);
    loader->depth--;
    loader->release = outer;
    return st;
}

savor_status sv_estimator_load_step(sv_loader *loader, sv_str step, const sv_record *object, const sv_estimator **out,
                                    savor_error *err)
{
    sv_str outer = loader->step;
    loader->step = step;
    savor_status st = sv_estimator_load(loader, object, out, err);
    loader->step = outer;
    return st;
}

/* ---- calling ---- */

bool sv_estimator_has(const sv_estimator *self, sv_method method)
{
    return self->cls->methods[method] && (!self->cls->has || self->cls->has(self, method));
}

savor_status sv_estimator_call(const sv_estimator *self, sv_method method, const sv_batch *in, sv_arena *arena,
                               sv_batch *out, savor_error *err)
{
    if (!sv_estimator_has(self, method))
        return sv_fail(err, SAVOR_MODEL, "'%s' object has no attribute '%s'", self->cls->name, METHOD_NAMES[method]);
    savor_status st = self->cls->methods[method](self, in, arena, out, err);
    if (!st && method == SV_TRANSFORM && self->cls->layout != SV_LAYOUT_OWN && out->kind == SV_BATCH_TENSOR)
        out->by_columns = self->cls->layout == SV_LAYOUT_COLUMNS || sv_is_fortran(in);
    if (st || method != SV_TRANSFORM || !self->makes_frames)
        return st;
    out->is_renamed = true;
    return out->kind == SV_BATCH_SPARSE
               ? sv_fail(err, SAVOR_MODEL,
                         "The transformer outputs a scipy sparse matrix, which no data frame holds: %s",
                         self->cls->name)
               : SAVOR_OK;
}
