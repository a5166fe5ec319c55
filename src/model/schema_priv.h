/* schema_priv.h: what the files that read and write signatures share. */
#ifndef SV_MODEL_SCHEMA_PRIV_H
#define SV_MODEL_SCHEMA_PRIV_H

#include "model/schema.h"

/** The type of a name in JSON; false when there is none. */
static inline bool schema_type_is_scalar(sv_type_kind kind) { return kind <= SV_TYPE_DATETIME; }

bool schema_type_find(sv_str name, sv_type_kind *out);

/** Deeper JSON is refused; reading and writing types recurse at most so far. */
enum { SCHEMA_JSON_DEPTH = 200 };

#endif
