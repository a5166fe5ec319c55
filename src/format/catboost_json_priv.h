/*
 * catboost_json_priv.h: what catboost_json.c (features, metadata), catboost_json_ctr.c and catboost_json_tree.c
 * share. A number may be written as an integer or with a fraction; an empty list as null.
 */
#ifndef SV_FORMAT_CATBOOST_JSON_PRIV_H
#define SV_FORMAT_CATBOOST_JSON_PRIV_H

#include "format/catboost_priv.h"

typedef struct catboost_document {
    catboost_parts parts;
    sv_arena nodes;
} catboost_document;

static inline savor_status json_wrong(const catboost_document *d, const char *what)
{
    return sv_fail(d->parts.err, SAVOR_FORMAT, "%s was missing or of the wrong kind", what);
}

static inline const sv_json *json_member(const sv_json *object, const char *key)
{
    return object && object->kind == SV_JSON_OBJECT ? sv_json_find(object, key) : NULL;
}

static inline bool json_to_double(const sv_json *v, double *out)
{
    if (!v || (v->kind != SV_JSON_INT && v->kind != SV_JSON_DOUBLE))
        return false;
    *out = v->kind == SV_JSON_DOUBLE ? v->u.f : v->is_minus0 ? -0.0 : (double)v->u.i;
    return true;
}

static inline bool json_to_float(const sv_json *v, float *out)
{
    double value;
    if (!json_to_double(v, &value))
        return false;
    *out = v->kind == SV_JSON_INT && !v->is_minus0 ? (float)v->u.i : (float)value;
    return true;
}

static inline bool json_to_int32(const sv_json *v, int32_t *out)
{
    if (!v || v->kind != SV_JSON_INT || v->u.i < INT32_MIN || v->u.i > INT32_MAX)
        return false;
    *out = (int32_t)v->u.i;
    return true;
}

/* A list, or null and absence for an empty one; false for anything else. */
static inline bool json_to_list(const sv_json *v, size_t *n, const sv_json **first)
{
    bool is_empty = !v || v->kind == SV_JSON_NULL;
    if (!is_empty && v->kind != SV_JSON_ARRAY)
        return false;
    *n = is_empty ? 0 : v->n;
    *first = is_empty ? NULL : v + 1;
    return true;
}

/** A list of borders. Errors: FORMAT, NOMEM, LIMIT. */
savor_status sv_catboost_json_borders(catboost_document *d, const sv_json *v, catboost_borders *out);

/** The numbers of an array. Errors: FORMAT. */
savor_status sv_catboost_json_values(catboost_document *d, const sv_json *list, double *out);

/** features_info.ctrs, and ctr_data (catboost_json_ctr.c). Errors: FORMAT, NOMEM, LIMIT. */
savor_status sv_catboost_json_ctrs(catboost_document *d, const sv_json *list);
savor_status sv_catboost_json_tables(catboost_document *d, const sv_json *data);

/** oblivious_trees, and trees (catboost_json_tree.c). Errors: FORMAT, NOMEM, LIMIT. */
savor_status sv_catboost_json_symmetric(catboost_document *d, const sv_json *trees);
savor_status sv_catboost_json_nodes(catboost_document *d, const sv_json *trees);

#endif
