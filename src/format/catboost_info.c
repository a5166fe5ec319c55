/*
 * catboost_info.c: the metadata that decide what a prediction looks like: the loss, what the classes are called, and
 * where the second class begins. Every JSON text is parsed into an arena that ends here; what stays is copied.
 */
#include "base/number.h"
#include "format/catboost_priv.h"

#include <math.h>

typedef struct info {
    catboost_parts *parts;
    sv_arena nodes;
    sv_catboost *out;
    savor_error *err;
} info;

savor_status sv_catboost_parse_json(sv_str text, sv_arena *arena, const sv_json **out, savor_error *err)
{
    sv_json_limits limits = SV_JSON_LIMITS;
    sv_json_fault where = {0};
    *out = NULL;
    limits.is_rapidjson = true;
    if (!sv_utf8_check_surrogates(text.p, text.n))
        return sv_fail(err, SAVOR_FORMAT, "JSON was not UTF-8");
    savor_status st = sv_json_parse(text, &limits, arena, out, &where, err);
    if (st == SAVOR_FORMAT && where.message)
        return sv_fail(err, SAVOR_FORMAT, "JSON byte %zu: %s", where.offset, where.message);
    return st;
}

static const catboost_entry *find_entry(const info *in, const char *key)
{
    for (size_t i = 0; i < in->parts->n_entries; i++)
        if (sv_str_is(in->parts->entries[i].key, key))
            return &in->parts->entries[i];
    return NULL;
}

/* The value of a key as a JSON object; NULL: there is none. */
static savor_status find_object(info *in, const char *key, const sv_json **out)
{
    const catboost_entry *entry = find_entry(in, key);
    savor_status st = SAVOR_OK;
    *out = entry ? entry->value : NULL;
    if (entry && !entry->value && entry->text.n > 0)
        st = sv_catboost_parse_json(entry->text, &in->nodes, out, in->err);
    if (!st && *out && (*out)->kind != SV_JSON_OBJECT)
        st = sv_fail(in->err, SAVOR_FORMAT, "expected an object");
    return sv_error_at(in->err, st, "metadata %s", key);
}

/* A member of an object that may be NULL. */
static const sv_json *member(const sv_json *object, const char *key)
{
    return object && object->kind == SV_JSON_OBJECT ? sv_json_find(object, key) : NULL;
}

static savor_status copy_text(const info *in, const sv_json *v, sv_str *out)
{
    if (!v || v->kind != SV_JSON_STRING)
        return SAVOR_OK;
    *out = sv_catboost_copy(in->parts, sv_json_text(v));
    return out->p ? SAVOR_OK : in->parts->failed;
}

/* ---- loss ---- */

/* `loss_function` beside the parameters is what sums of models have; the parameters' own wins. */
static savor_status read_loss(info *in, const sv_json *params)
{
    const sv_json *summed = NULL;
    const sv_json *asked = member(params, "flat_params"), *objective = member(asked, "objective");
    savor_status st = find_object(in, "loss_function", &summed);
    if (st || (st = copy_text(in, member(summed, "type"), &in->out->loss)))
        return st;
    if ((st = copy_text(in, member(member(params, "loss_function"), "type"), &in->out->loss)))
        return st;
    return copy_text(in, objective ? objective : member(asked, "loss_function"), &in->out->asked_loss);
}

static bool is_classification(sv_str loss)
{
    static const char *const LOSSES[] = {"Logloss",      "CrossEntropy",      "MultiClass", "MultiClassOneVsAll",
                                         "MultiLogloss", "MultiCrossEntropy", "Focal"};
    for (size_t i = 0; i < sizeof LOSSES / sizeof *LOSSES; i++)
        if (sv_str_is(loss, LOSSES[i]))
            return true;
    return false;
}

/* ---- labels ---- */

static bool is_number(const sv_json *v) { return v->kind == SV_JSON_INT || v->kind == SV_JSON_DOUBLE; }
static double to_double(const sv_json *v) { return v->kind == SV_JSON_INT ? (double)v->u.i : v->u.f; }

/* The kind that the file names; the first label's own before CatBoost named it. */
static sv_catboost_label_kind kind_of(const sv_json *type, const sv_json *first)
{
    if (type && sv_json_is_text(type, "Integer"))
        return SV_CATBOOST_INT_LABELS;
    if (type && sv_json_is_text(type, "Float"))
        return SV_CATBOOST_FLOAT_LABELS;
    if (type && sv_json_is_text(type, "Boolean"))
        return SV_CATBOOST_BOOL_LABELS;
    if (type && sv_json_is_text(type, "String"))
        return SV_CATBOOST_TEXT_LABELS;
    switch (first->kind) {
    case SV_JSON_INT:
        return SV_CATBOOST_INT_LABELS;
    case SV_JSON_DOUBLE:
        return SV_CATBOOST_FLOAT_LABELS;
    case SV_JSON_TRUE:
    case SV_JSON_FALSE:
        return SV_CATBOOST_BOOL_LABELS;
    default:
        return SV_CATBOOST_TEXT_LABELS;
    }
}

static savor_status read_label(const info *in, const sv_json *v, sv_catboost_label *out)
{
    sv_catboost_label_kind kind = in->out->label_kind;
    bool is_truth = v->kind == SV_JSON_TRUE || v->kind == SV_JSON_FALSE;
    if (kind == SV_CATBOOST_INT_LABELS && v->kind == SV_JSON_INT)
        out->number = v->u.i;
    else if (kind == SV_CATBOOST_FLOAT_LABELS && is_number(v))
        out->real = to_double(v);
    else if (kind == SV_CATBOOST_BOOL_LABELS && is_truth)
        out->truth = v->kind == SV_JSON_TRUE;
    else if (kind == SV_CATBOOST_TEXT_LABELS && v->kind == SV_JSON_STRING)
        return copy_text(in, v, &out->text);
    else
        return sv_fail(in->err, SAVOR_FORMAT, "class names were of different kinds");
    return SAVOR_OK;
}

static savor_status alloc_labels(info *in, size_t n, sv_catboost_label **out)
{
    *out = sv_catboost_alloc(in->parts, n, sizeof **out);
    in->out->labels = *out;
    in->out->n_labels = n;
    return *out ? SAVOR_OK : in->parts->failed;
}

static savor_status set_names(info *in, const sv_json *names, const sv_json *type)
{
    sv_catboost_label *labels = NULL;
    const sv_json *name = names + 1;
    savor_status st = alloc_labels(in, names->n, &labels);
    in->out->label_kind = kind_of(type, name);
    for (size_t i = 0; i < names->n && !st; i++, name = sv_json_next(name))
        st = read_label(in, name, &labels[i]);
    return st;
}

static savor_status set_sequence(info *in, size_t n)
{
    sv_catboost_label *labels = NULL;
    savor_status st = alloc_labels(in, n, &labels);
    in->out->label_kind = SV_CATBOOST_INT_LABELS;
    for (size_t i = 0; i < n && !st; i++)
        labels[i].number = (int64_t)i;
    return st;
}

/* Labels that were numbers: they are kept as floats and told as integers. */
static savor_status set_numbers(info *in, const sv_json *numbers)
{
    sv_catboost_label *labels = NULL;
    const sv_json *v = numbers + 1;
    savor_status st = alloc_labels(in, numbers->n, &labels);
    in->out->label_kind = SV_CATBOOST_INT_LABELS;
    for (size_t i = 0; i < numbers->n && !st; i++, v = sv_json_next(v)) {
        if (!is_number(v) || !(fabs(to_double(v)) <= INT32_MAX))
            return sv_fail(in->err, SAVOR_FORMAT, "class %zu was no number", i);
        labels[i].number = (int64_t)(float)to_double(v);
    }
    return st;
}

static bool has_items(const sv_json *v) { return v && v->kind == SV_JSON_ARRAY && v->n > 0; }

/* More classes than outputs is what one asks for who knows that the training data lack some. */
#define CLASSES_MAX 1000000

static size_t count_classes(const sv_json *options)
{
    const sv_json *count = member(options, "classes_count");
    return count && count->kind == SV_JSON_INT && count->u.i > 0 && count->u.i <= CLASSES_MAX ? (size_t)count->u.i
                                                                                              : 0;
}

static savor_status read_labels(info *in, const sv_json *options, const sv_json *params)
{
    const sv_json *names = member(options, "class_names"), *numbers = member(options, "class_to_label");
    size_t n_outputs = (size_t)in->parts->n_outputs;
    if (has_items(names))
        return set_names(in, names, member(options, "class_label_type"));
    if (count_classes(options) > 0)
        return set_sequence(in, count_classes(options));
    if (has_items(numbers))
        return set_numbers(in, numbers);
    names = member(member(params, "data_processing_options"), "class_names");
    if (has_items(names))
        return set_names(in, names, NULL);
    return is_classification(in->out->loss) ? set_sequence(in, n_outputs == 1 ? 2 : n_outputs) : SAVOR_OK;
}

/* ---- outputs that a caller sees ---- */

static savor_status map_classes(info *in, const sv_json *numbers, size_t *visible)
{
    size_t n_outputs = (size_t)in->parts->n_outputs;
    if (!numbers || numbers->kind != SV_JSON_ARRAY || numbers->n != n_outputs)
        return sv_fail(in->err, SAVOR_FORMAT, "class_to_label had not one entry per output");
    const sv_json *v = numbers + 1;
    for (size_t i = 0; i < n_outputs; i++, v = sv_json_next(v)) {
        if (!is_number(v) || !(to_double(v) >= 0) || !(to_double(v) < (double)in->out->n_visible))
            return sv_fail(in->err, SAVOR_FORMAT, "class_to_label, entry %zu, was no class", i);
        visible[i] = (size_t)to_double(v);
    }
    return SAVOR_OK;
}

static savor_status read_visible(info *in, const sv_json *options)
{
    size_t n_outputs = (size_t)in->parts->n_outputs;
    const sv_json *names = member(options, "class_names"), *numbers = member(options, "class_to_label");
    size_t n_named = has_items(names) ? names->n : 0, n_counted = count_classes(options);
    size_t *visible = sv_catboost_alloc(in->parts, n_outputs, sizeof *visible);
    if (!visible)
        return in->parts->failed;
    for (size_t i = 0; i < n_outputs; i++)
        visible[i] = i;
    in->out->visible = visible;
    in->out->n_visible = n_outputs;
    n_named = n_named > n_counted ? n_named : n_counted;
    if (n_outputs == 1 || !options || n_named == 0)
        return SAVOR_OK;
    in->out->n_visible = n_named;
    return map_classes(in, numbers, visible);
}

static void read_threshold(info *in)
{
    const catboost_entry *entry = find_entry(in, "binclass_probability_threshold");
    double probability = 0.5;
    if (entry && !entry->value && !sv_text_to_double(entry->text, &probability))
        probability = 0.5;
    in->out->threshold = -log(1 / probability - 1);
}

savor_status sv_catboost_read_info(catboost_parts *parts, sv_catboost *out)
{
    info in = {.parts = parts, .out = out, .err = parts->err};
    const sv_json *params = NULL, *options = NULL;
    savor_status st = SAVOR_OK;
    sv_arena_init(&in.nodes, parts->arena->max_bytes);
    if ((st = find_object(&in, "params", &params)) || (st = find_object(&in, "class_params", &options)))
        goto done;
    if (!options && (st = find_object(&in, "multiclass_params", &options)))
        goto done;
    if ((st = read_loss(&in, params)) || (st = read_labels(&in, options, params)) ||
        (st = read_visible(&in, options)))
        goto done;
    read_threshold(&in);
done:
    sv_arena_deinit(&in.nodes);
    return st;
}
