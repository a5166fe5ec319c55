/* infer_priv.h: what the files of inference share: types of single values. */
#ifndef SV_MODEL_INFER_PRIV_H
#define SV_MODEL_INFER_PRIV_H

#include "base/index.h"
#include "model/infer.h"

/** Types inside one another: read back, they take two levels of JSON each, and SCHEMA_JSON_DEPTH is 200. */
enum { INFER_DEPTH_MAX = 90 };

typedef struct inferrer {
    const sv_infer_rules *rules;
    sv_arena *arena;
    savor_error *err;
} inferrer;

/**
 * The type of one Python value.
 *
 * depth     how deep it stands; 0 outside
 * out       borrowed from the arena; NULL on success: nothing can be said (an array without elements)
 * Errors    SCHEMA, LIMIT, NOMEM
 * Source    MLflow mlflow.types.utils._infer_datatype
 */
savor_status sv_value_infer(const inferrer *in, const sv_value *v, uint32_t depth, const sv_type **out);

/** The type that all values of a column have, "any" included; SCHEMA when nothing can be said. */
savor_status sv_values_infer(const inferrer *in, const sv_value *values, size_t n, const sv_type **out);

/** The type of a scalar of exactly this Python or numpy type; false when MLflow has none. */
bool sv_scalar_infer(const sv_value *v, sv_type_kind *out);

/** None or a float NaN; from 2.22 on pandas' NA and NaT as well. */
bool sv_value_is_none_or_nan(const inferrer *in, const sv_value *v);

/** The specs of a list of DICTs: a column for each key, in order of appearance. Errors: SCHEMA, LIMIT, NOMEM. */
savor_status sv_records_infer(const inferrer *in, const sv_value *records, sv_spec **specs, size_t *n_specs);

/** A key of a DICT as a column's label: text or an integer; SCHEMA for others. */
savor_status sv_key_to_label(const inferrer *in, const sv_value *key, sv_label *out);

/** Labels and the order in which they came: 0 and "0" are different. */
typedef struct name_index {
    sv_index texts, numbers;
    size_t n;
} name_index;

/** No names yet; the arena gets them. */
void sv_names_init(name_index *names, sv_arena *arena);

/** The place of a label, which is `names->n` (before the call) for a new one; `name` is borrowed. */
savor_status sv_names_place(const inferrer *in, name_index *names, const sv_label *name, size_t *place);

#endif
