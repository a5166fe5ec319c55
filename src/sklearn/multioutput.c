/* multioutput.c: one estimator per target: independent ones, and chains in which each sees the answers before it. */
#include "base/alloc.h"
#include "sklearn/attributes.h"
#include "sklearn/check.h"
#include "sklearn/ensemble.h"
#include "sklearn/families.h"
#include "sklearn/stack.h"

typedef struct multioutput {
    sv_estimator base;
    size_t n;
    const sv_estimator *const *members; /* [n] */
    const size_t *order;                /* chains: [n] the target of each member */
    sv_method chain_method;             /* chains: what the next members see */
} multioutput;

/* ---- loading ---- */

static savor_status load_members(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                                 multioutput **out, savor_error *err)
{
    sv_estimator *base;
    savor_status st = sv_estimator_new(loader, cls, object, sizeof(multioutput), &base, err);
    *out = (multioutput *)base;
    return st ? st : sv_attr_estimators(loader, object, "estimators_", &(*out)->n, &(*out)->members, err);
}

static savor_status load_plain(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    multioutput *self;
    savor_status st = load_members(loader, cls, object, &self, err);
    if (st)
        return st;
    for (size_t i = 0; i < self->n; i++)
        if (!sv_estimator_has(self->members[i], SV_PREDICT))
            return sv_fail(err, SAVOR_UNSUPPORTED, "%s does not predict here", self->members[i]->cls->name);
    *out = &self->base;
    return SAVOR_OK;
}

static savor_status load_chain(sv_loader *loader, const sv_estimator_class *cls, const sv_record *object,
                               const sv_estimator **out, savor_error *err)
{
    multioutput *self;
    sv_tensor order;
    sv_str method = sv_attr_text(object, "chain_method_");
    savor_status st = load_members(loader, cls, object, &self, err);
    if (st || (st = sv_attr_doubles(loader, object, "order_", &order, err)))
        return st;
    size_t *targets = sv_arena_array(loader->arena, self->n, sizeof *targets);
    bool *seen = sv_arena_array(loader->arena, self->n, sizeof *seen);
    if (!targets || !seen)
        return sv_arena_fail(loader->arena, self->n * sizeof *targets, err);
    for (size_t i = 0; i < self->n; i++) {
        double at = order.n_items == self->n ? ((const double *)order.data)[i] : -1.0;
        if (!(at >= 0 && at < (double)self->n) || seen[(size_t)at])
            return sv_attr_fail(object, "order_", "not an order of the targets", err);
        targets[i] = (size_t)at;
        seen[(size_t)at] = true;
    }
    self->order = targets;
    self->chain_method = SV_PREDICT;
    if (method.n && !sv_method_of(method, &self->chain_method))
        return sv_attr_fail(object, "chain_method_", "not the name of a method", err);
    *out = &self->base;
    return SAVOR_OK;
}

/* Chains take the logarithm themselves, since 1.3. */
static bool has(const sv_estimator *base, sv_method method)
{
    const multioutput *self = (const multioutput *)base;
    if (method == SV_PREDICT_LOG_PROBA && self->order) {
        if (sv_release_is_before(base->release, 1, 3))
            return false;
        method = SV_PREDICT_PROBA;
    }
    for (size_t i = 0; i < self->n; i++)
        if (!sv_estimator_has(self->members[i], method))
            return false;
    return true;
}

/* ---- independent ---- */

/* Column `m` of labels of any dtype. */
static void put_column(const sv_tensor *from, size_t size, size_t n_rows, size_t m, size_t n, char *out)
{
    for (size_t r = 0; r < n_rows; r++)
        memcpy(out + (r * n + m) * size, (const char *)from->data + r * size, size);
}

static savor_status predict(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                            savor_error *err)
{
    const multioutput *self = (const multioutput *)base;
    size_t n_rows = sv_batch_rows(in), size = 0, bytes = SIZE_MAX;
    char *cells = NULL;
    *out = (sv_batch){.kind = SV_BATCH_TENSOR};
    for (size_t m = 0; m < self->n; m++) {
        sv_batch answer;
        savor_status st = sv_estimator_call(self->members[m], SV_PREDICT, in, arena, &answer, err);
        if (st)
            return st;
        if (answer.kind != SV_BATCH_TENSOR || answer.tensor.n_items != n_rows ||
            (m && answer.tensor.dtype != out->tensor.dtype))
            return sv_fail(err, SAVOR_UNSUPPORTED, "targets of different types are not joined");
        if (m == 0) {
            size = sv_dtype_size(answer.tensor.dtype);
            cells = sv_mul(n_rows * self->n, size, &bytes) ? sv_arena_alloc(arena, bytes) : NULL;
            if (!cells)
                return sv_arena_fail(arena, bytes, err);
            out->tensor = sv_tensor_view(answer.tensor.dtype, n_rows, self->n, cells);
        }
        put_column(&answer.tensor, size, n_rows, m, self->n, cells);
    }
    return SAVOR_OK;
}

static savor_status predict_proba(const sv_estimator *base, const sv_batch *in, sv_arena *arena, sv_batch *out,
                                  savor_error *err)
{
    const multioutput *self = (const multioutput *)base;
    sv_tensor *list = sv_arena_array(arena, self->n, sizeof *list);
    savor_status st = SAVOR_OK;
    if (!list)
        return sv_arena_fail(arena, self->n * sizeof *list, err);
    for (size_t m = 0; !st && m < self->n; m++)
        st = sv_ask_doubles(self->members[m], SV_PREDICT_PROBA, in, arena, &list[m], err);
    *out = (sv_batch){.kind = SV_BATCH_LIST};
    out->list.n = self->n;
    out->list.items = list;
    return st;
}

/* ---- chains ---- */

/* What a member says of its target: one column of probabilities, or all it says. Since 1.5 that of its last class,
 * and more than two classes have none; before it was the second. */
static savor_status ask_column(const sv_estimator *base, const sv_estimator *member, sv_method method,
                               const sv_batch *x, sv_arena *arena, double *out, savor_error *err)
{
    sv_tensor answer;
    size_t n_rows = sv_batch_rows(x);
    savor_status st = sv_ask_doubles(member, method, x, arena, &answer, err);
    if (st)
        return st;
    bool has_pairs = method == SV_PREDICT_PROBA || method == SV_PREDICT_LOG_PROBA;
    size_t least = has_pairs ? 2 : 1, width = n_rows ? answer.n_items / n_rows : least;
    size_t most = !has_pairs ? 1 : sv_release_is_before(base->release, 1, 5) ? SIZE_MAX : 2;
    if (width < least || width > most || answer.n_items != n_rows * width)
        return sv_fail(err, SAVOR_MODEL, "%s answered %zu values for %zu rows", member->cls->name, answer.n_items,
                       n_rows);
    bool is_first = has_pairs && most == 2 && member->classes.n_items == 1;
    for (size_t r = 0; r < n_rows; r++)
        out[r] = ((const double *)answer.data)[r * width + (is_first ? 0 : least - 1)];
    return SAVOR_OK;
}

static savor_status run_chain(const sv_estimator *base, sv_method method, const sv_batch *in, sv_arena *arena,
                              sv_batch *out, savor_error *err)
{
    const multioutput *self = (const multioutput *)base;
    sv_batch *parts = sv_arena_array(arena, self->n + 1, sizeof *parts), x;
    double *answers, *column;
    savor_status st;
    if (!parts)
        return sv_arena_fail(arena, (self->n + 1) * sizeof *parts, err);
    if ((st = sv_plain_rows(base, in, SV_CHECK_NUMERIC, arena, &parts[0], err)))
        return st;
    size_t n_rows = sv_batch_rows(&parts[0]);
    if ((st = sv_batch_alloc(arena, n_rows, self->n, &answers, err)) ||
        (st = sv_batch_alloc(arena, n_rows, 1, &column, err)))
        return st;
    for (size_t m = 0; m < self->n; m++) {
        double *seen;
        bool is_sparse = parts[0].kind == SV_BATCH_SPARSE;
        if ((st = sv_batches_stack(parts, m + 1, n_rows, is_sparse, arena, &x, err)) ||
            (st = sv_batch_alloc(arena, n_rows, 1, &seen, err)) ||
            (st = ask_column(base, self->members[m], self->chain_method, &x, arena, seen, err)) ||
            (st = ask_column(base, self->members[m], method, &x, arena, column, err)))
            return st;
        parts[m + 1] = sv_batch_of_doubles(seen, n_rows, 1);
        for (size_t r = 0; r < n_rows; r++)
            answers[r * self->n + self->order[m]] = column[r];
    }
    *out = sv_batch_of_doubles(answers, n_rows, self->n);
    return SAVOR_OK;
}

#define CHAIN(name, method)                                                                                \
    static savor_status name(const sv_estimator *self, const sv_batch *in, sv_arena *arena, sv_batch *out, \
                             savor_error *err)                                                             \
    {                                                                                                      \
        return run_chain(self, method, in, arena, out, err);                                               \
    }

CHAIN(chain_predict, SV_PREDICT)
CHAIN(chain_proba, SV_PREDICT_PROBA)
CHAIN(chain_decision, SV_DECISION_FUNCTION)

const sv_estimator_class sv_multioutputs[] = {
    {.name = "ClassifierChain",
     .load = load_chain,
     .has = has,
     .methods = {[SV_PREDICT] = chain_predict,
                 [SV_PREDICT_PROBA] = chain_proba,
                 [SV_PREDICT_LOG_PROBA] = sv_log_of_proba,
                 [SV_DECISION_FUNCTION] = chain_decision}},
    {.name = "MultiOutputClassifier",
     .load = load_plain,
     .has = has,
     .methods = {[SV_PREDICT] = predict, [SV_PREDICT_PROBA] = predict_proba}},
    {.name = "MultiOutputRegressor", .load = load_plain, .methods = {[SV_PREDICT] = predict}},
    {.name = "RegressorChain", .load = load_chain, .has = has, .methods = {[SV_PREDICT] = chain_predict}},
    {.name = NULL},
};
