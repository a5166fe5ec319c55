/* xgboost_priv.h: what the readers of XGBoost's three formats share. */
#ifndef SV_FORMAT_XGBOOST_PRIV_H
#define SV_FORMAT_XGBOOST_PRIV_H

#include "format/xgboost.h"
#include "text/json.h"

/** Outputs per row and trees per round that a damaged count may ask for at most. */
#define XGB_GROUPS_MAX 65536
#define XGB_SET_WORDS_MAX ((size_t)1 << 26)

/** One reading: what is being filled, where memory comes from, where the fault goes. */
typedef struct xgb_reader {
    sv_xgboost *model;
    sv_arena *arena;
    savor_error *err;
    int version_major;       /* whose answers are wanted */
    const float *base_score; /* as written: [n_base_score] */
    size_t n_base_score;
    size_t n_parallel;             /* trees per group and round */
    const size_t *iteration_first; /* NULL: every round has the same number of trees */
    size_t n_iterations;
} xgb_reader;

/** xgboost_json.c: fill the model from a document's root. */
savor_status sv_xgb_read_document(xgb_reader *r, const sv_json *root);

/** xgboost_tree.c: fill model->forest from gradient_booster.model. */
savor_status sv_xgb_read_trees(xgb_reader *r, const sv_json *gbtree);

/** xgboost_binary.c: fill the model from the deprecated binary format. */
savor_status sv_xgb_read_binary(xgb_reader *r, sv_str bytes);

/** xgboost_objective.c: set objective and link. Errors: UNSUPPORTED (a name that XGBoost has not). */
savor_status sv_xgb_set_objective(xgb_reader *r, sv_str name);

/** xgboost_objective.c: base_margin from base_score. */
savor_status sv_xgb_set_base(xgb_reader *r);

/** A copy in the arena; p is NULL when memory is short. */
sv_str sv_xgb_copy_text(sv_arena *arena, sv_str text);

/** xgboost_booster.c: set booster. Errors: UNSUPPORTED. */
savor_status sv_xgb_set_booster(xgb_reader *r, sv_str name);

/** xgboost_booster.c: n_features, n_groups from what the file says. Errors: FORMAT, LIMIT. */
savor_status sv_xgb_set_sizes(xgb_reader *r, int64_t n_features, int64_t n_classes, int64_t n_targets);

/** JSON access that refuses other kinds, naming the key. */
savor_status sv_xgb_get_object(const sv_json *object, const char *key, const sv_json **out, savor_error *err);
savor_status sv_xgb_get_array(const sv_json *object, const char *key, const sv_json **out, savor_error *err);

/** A number that XGBoost writes as text ("12") or as a number; `fallback` when the key is absent. */
savor_status sv_xgb_get_int(const sv_json *object, const char *key, int64_t fallback, int64_t *out, savor_error *err);

/** The i-th element of an array whose elements are all scalars. */
static inline const sv_json *sv_xgb_item(const sv_json *array, size_t i) { return array + 1 + i; }

/** Whether an array holds exactly `n` scalars. */
static inline bool sv_xgb_is_flat(const sv_json *array, size_t n)
{
    return array && array->kind == SV_JSON_ARRAY && array->n == n && array->u.size == n + 1;
}

/** An element as float or integer; false for any other kind. */
bool sv_xgb_to_float(const sv_json *v, float *out);
bool sv_xgb_to_int(const sv_json *v, int64_t *out);

#endif
