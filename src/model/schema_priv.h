/* schema_priv.h: what the files that read and write signatures share. */
#ifndef SV_MODEL_SCHEMA_PRIV_H
#define SV_MODEL_SCHEMA_PRIV_H

#include "model/schema.h"

/** Whether a column of this type holds one plain value per row. */
static inline bool sv_type_is_scalar(sv_type_kind kind) { return kind <= SV_TYPE_DATETIME; }

/** The type of a name in JSON, "long" or "array"; false when there is none. */
bool sv_type_find(sv_str name, sv_type_kind *out);

/** Deeper JSON is refused; reading and writing types recurse at most so far. */
enum { SCHEMA_JSON_DEPTH = 200 };

#endif
