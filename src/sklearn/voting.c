/* voting.c: VotingClassifier and VotingRegressor; StackingClassifier and StackingRegressor. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"
#include "sklearn/stack.h"

typedef struct committee {
    sv_estimator base;
    size_t n;
    const sv_estimator *const *members; /* [n] */
    const double *weights;              /* voting: [n], or NULL: alike */
    double weight_sum;
    bool is_soft;
    const sv_method *methods;  /* stacking: [n] what each is asked for */
    const sv_estimator *final; /* stacking */
    bool passes_through;       /* stacking: X stands beside the answers */
} committee;

/* ---- loading ---- */

static savor_status load_members(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 committee **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(committee), &base, err);
    *out = (committee *)base;
    return st ? st : sv_attr_estimators(loader, object, "estimators_", &(*out)->n, &(*out)->members, err);
}

/* Weights of the members that were not dropped. */
static savor_status read_weights(sv_loader *loader, const sv_record *object, committee *self, savor_error *err)
{
    size_t n_weights, n_named, at = 0;
    const sv_record *record = sv_record_find(object, "weights");
    const sv_record *const *named = sv_record_items(sv_record_find(object, "estimators"), &n_named);
    sv_tensor weights;
    double *kept;
    savor_status st;
    if (sv_record_is_none(record))
        return SAVOR_OK;
    if ((st = sv_record_doubles(record, loader->arena, &weights, err)) ||
        (st = sv_batch_alloc(loader->arena, self->n, 1, &kept, err)))
        return st;
    n_weights = weights.n_items;
    for (size_t i = 0; i < n_weights && at < self->n; i++) {
        size_t n_parts = 0;
        const sv_record *const *pair = i < n_named ? sv_record_items(named[i], &n_parts) : NULL;
        if (n_parts == 2 && sv_record_is_text(pair[1], "drop"))
            continue;
        kept[at++] = ((const double *)weights.data)[i];
        self->weight_sum += kept[at - 1];
    }
    if (at != self->n)
        return sv_attr_fail(object, "weights", "not one for each estimator", err);
    self->weights = kept;
    return SAVOR_OK;
}

static savor_status load_voting(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                const sv_estimator **out, savor_error *err)
{
    committee *self;
    savor_status st = load_members(loader, cls, object, &self, err);
    if (st || (st = read_weights(loader, object, self, err)))
        return st;
    self->is_soft = sv_record_is_text(sv_record_find(object, "voting"), "soft");
    if (sv_str_ends(sv_str_of(cls->name), SV_STR("Classifier")) && self->base.classes.n_items == 0)
        return sv_attr_fail(object, "classes_", "not a list of classes", err);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status read_methods(sv_loader *loader, const sv_record *object, committee *self, savor_error *err)
{
    size_t n;
    const sv_record *const *names = sv_record_items(sv_record_find(object, "stack_method_"), &n);
    sv_method *methods = sv_arena_array(loader->arena, self->n, sizeof *methods);
    if (!methods)
        return sv_arena_fail(loader->arena, self->n * sizeof *methods, err);
    if (n != self->n)
        return sv_attr_fail(object, "stack_method_", "not one for each estimator", err);
    for (size_t i = 0; i < n; i++) {
        if (!sv_method_of(sv_record_text(names[i]), &methods[i]))
            return sv_attr_fail(object, "stack_method_", "not the name of a method", err);
        if (!sv_estimator_has(self->members[i], methods[i]))
            return sv_fail(err, SAVOR_UNSUPPORTED, "%s has no %s here", self->members[i]->cls->name,
                           sv_method_name(methods[i]));
    }
    self->methods = methods;
    return SAVOR_OK;
}

static savor_status load_stacking(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                  const sv_estimator **out, savor_error *err)
{
    committee *self;
    const sv_record *encoder = sv_record_find(object, "_label_encoder");
    savor_status st = load_members(loader, cls, object, &self, err);
    if (st || (st = read_methods(loader, object, self, err)) ||
        (st = sv_attr_estimator(loader, object, "final_estimator_", &self->final, err)))
        return st;
    if (encoder && encoder->kind == SV_RECORD_LIST)
        return sv_fail(err, SAVOR_UNSUPPORTED, "StackingClassifier of several outputs is not known");
    if (!sv_record_is_none(encoder) &&
        (st = sv_record_to_labels(sv_record_find(encoder, "classes_"), loader->arena, &self->base.classes, err)))
        return st;
    self->passes_through = sv_attr_bool_or(object, "passthrough", false);
    *out = &self->base;
    return SAVOR_OK;
}

/* ---- voting ---- */

/* np.average over the members: weighted sums in their order, or the mean. `width` values a row. */
static savor_status average(const committee *self, sv_method method, const sv_batch *in, size_t width,
                            sv_arena *arena, double **out, savor_error *err)
{
    size_t n_rows = sv_batch_rows(in);
    savor_status st = sv_batch_alloc(arena, n_rows, width, out, err);
    if (st)
        return st;
    if (n_rows == 0 && !self->weights) /* the sum of the weights is told by dividing sizes */
        return sv_fail(err, SAVOR_MODEL, "division by zero");
    memset(*out, 0, n_rows * width * sizeof **out);
    for (size_t m = 0; m < self->n; m++) {
        const double *answer;
        if ((st = sv_ask_matrix(self->members[m], method, in, width, arena, &answer, err)))
            return st;
        for (size_t i = 0; i < n_rows * width; i++)
            (*out)[i] += self->weights ? answer[i] * self->weights[m] : answer[i];
    }
    for (size_t i = 0; i < n_rows * width; i++)
        (*out)[i] /= self->weights ? self->weight_sum : (double)self->n;
    return SAVOR_OK;
}

static savor_status vote_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                               savor_error *err)
{
    double *proba;
    savor_status st =
        average((const committee *)base, SV_PREDICT_PROBA, in, base->classes.n_items, arena, &proba, err);
    if (!st)
        *out = sv_batch_of_doubles(proba, sv_batch_rows(in), base->classes.n_items);
    return st;
}

/* Members were taught the numbers of the classes; each gives its weight to one. */
static savor_status vote_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    const committee *self = (const committee *)base;
    size_t n_rows = sv_batch_rows(in), n_classes = base->classes.n_items;
    double *votes;
    savor_status st;
    if (self->is_soft) {
        st = average(self, SV_PREDICT_PROBA, in, n_classes, arena, &votes, err);
        return st ? st : sv_take_argmax(&base->classes, votes, n_rows, arena, out, err);
    }
    if ((st = sv_batch_alloc(arena, n_rows, n_classes, &votes, err)))
        return st;
    memset(votes, 0, n_rows * n_classes * sizeof *votes);
    for (size_t m = 0; m < self->n; m++) {
        const double *answer;
        if ((st = sv_ask_matrix(self->members[m], SV_PREDICT, in, 1, arena, &answer, err)))
            return st;
        for (size_t r = 0; r < n_rows; r++) {
            if (!(answer[r] >= 0 && answer[r] < (double)n_classes))
                return sv_fail(err, SAVOR_MODEL, "a member of the vote answered no number of a class");
            votes[r * n_classes + (size_t)answer[r]] += self->weights ? self->weights[m] : 1.0;
        }
    }
    return sv_take_argmax(&base->classes, votes, n_rows, arena, out, err);
}

static savor_status vote_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    double *values;
    savor_status st = average((const committee *)base, SV_PREDICT, in, 1, arena, &values, err);
    if (!st)
        *out = sv_batch_of_doubles(values, sv_batch_rows(in), 0);
    return st;
}

static bool has_voting(const sv_estimator *base, sv_method method)
{
    return method != SV_PREDICT_PROBA || ((const committee *)base)->is_soft;
}

/* ---- stacking ---- */

/* One member's columns; of two probabilities the first is left out. */
static savor_status member_columns(const committee *self, size_t m, const sv_batch *in, sv_arena *arena,
                                   sv_batch *out, savor_error *err)
{
    static const size_t SECOND[] = {1};
    sv_batch answer = {.kind = SV_BATCH_TENSOR};
    savor_status st = sv_ask_doubles(self->members[m], self->methods[m], in, arena, &answer.tensor, err);
    if (st)
        return st;
    if (answer.tensor.n_dims == 1) {
        answer.tensor.n_dims = 2;
        answer.tensor.shape[1] = 1;
    }
    *out = answer;
    bool is_pair = self->methods[m] == SV_PREDICT_PROBA && answer.tensor.shape[1] == 2;
    return is_pair ? sv_batch_take_columns(&answer, SECOND, 1, false, arena, out, err) : SAVOR_OK;
}

static savor_status stack(const committee *self, const sv_batch *in, sv_arena *arena, sv_batch *out, savor_error *err)
{
    sv_batch *parts = sv_arena_array(arena, self->n + 1, sizeof *parts);
    savor_status st = SAVOR_OK;
    if (!parts)
        return sv_arena_fail(arena, (self->n + 1) * sizeof *parts, err);
    for (size_t m = 0; m < self->n; m++)
        if ((st = member_columns(self, m, in, arena, &parts[m], err)))
            return st;
    parts[self->n] = *in;
    bool is_sparse = self->passes_through && in->kind == SV_BATCH_SPARSE;
    return sv_batches_stack(parts, self->n + self->passes_through, sv_batch_rows(in), is_sparse, arena, out, err);
}

static savor_status stack_call(const sv_estimator *base, sv_method method, const sv_batch *in, sv_arena *arena,
                               sv_batch *out, savor_error *err)
{
    const committee *self = (const committee *)base;
    sv_batch x;
    savor_status st = stack(self, in, arena, &x, err);
    return st ? st : sv_estimator_call(self->final, method, &x, arena, out, err);
}

/* The final classifier answers numbers of classes. */
static savor_status stack_labels(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    sv_batch answer;
    sv_tensor numbers;
    savor_status st = stack_call(base, SV_PREDICT, in, arena, &answer, err);
    if (st || (st = sv_batch_to_floats(&answer, SAVOR_FLOAT64, arena, &numbers, err)))
        return st;
    size_t *indices = sv_arena_array(arena, numbers.n_items, sizeof *indices);
    if (!indices)
        return sv_arena_fail(arena, numbers.n_items * sizeof *indices, err);
    for (size_t i = 0; i < numbers.n_items; i++) {
        double number = ((const double *)numbers.data)[i];
        if (!(number >= 0 && number < (double)base->classes.n_items))
            return sv_fail(err, SAVOR_MODEL, "the final estimator answered no number of a class");
        indices[i] = (size_t)number;
    }
    return sv_take_labels(&base->classes, indices, numbers.n_items, arena, out, err);
}

static savor_status stack_values(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                 savor_error *err)
{
    return stack_call(base, SV_PREDICT, in, arena, out, err);
}

static savor_status stack_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                savor_error *err)
{
    return stack_call(base, SV_PREDICT_PROBA, in, arena, out, err);
}

static savor_status stack_decision(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                   savor_error *err)
{
    return stack_call(base, SV_DECISION_FUNCTION, in, arena, out, err);
}

static savor_status stack_transform(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                    savor_error *err)
{
    return stack((const committee *)base, in, arena, out, err);
}

static bool has_stacking(const sv_estimator *base, sv_method method)
{
    return method == SV_TRANSFORM || sv_estimator_has(((const committee *)base)->final, method);
}

const sv_estimator_class sv_committees[] = {
    {.name = "StackingClassifier",
     .load = load_stacking,
     .has = has_stacking,
     .methods = {[SV_PREDICT] = stack_labels,
                 [SV_PREDICT_PROBA] = stack_proba,
                 [SV_DECISION_FUNCTION] = stack_decision,
                 [SV_TRANSFORM] = stack_transform}},
    {.name = "StackingRegressor",
     .load = load_stacking,
     .has = has_stacking,
     .methods = {[SV_PREDICT] = stack_values, [SV_TRANSFORM] = stack_transform}},
    {.name = "VotingClassifier",
     .load = load_voting,
     .has = has_voting,
     .methods = {[SV_PREDICT] = vote_labels, [SV_PREDICT_PROBA] = vote_proba}},
    {.name = "VotingRegressor", .load = load_voting, .methods = {[SV_PREDICT] = vote_values}},
    {.name = NULL},
};
