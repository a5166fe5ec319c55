/* json_value.h: parsed JSON -> Python values. */
#ifndef SV_MODEL_JSON_VALUE_H
#define SV_MODEL_JSON_VALUE_H

#include "base/arena.h"
#include "data/frame.h"
#include "text/json.h"

/**
 * The Python value of a node; lists and dicts are built in the arena (last of duplicate keys wins, place of the
 * first).
 *
 * Errors    NOMEM, LIMIT
 */
savor_status sv_json_to_value(const sv_json *v, sv_arena *arena, sv_value *out, savor_error *err) SAVOR_MUST_CHECK;

/** A JSON string or integer as a column label; other kinds as the text that JSON has for them. Errors: NOMEM, LIMIT.
 */
savor_status sv_json_to_label(const sv_json *v, sv_arena *arena, sv_label *out, savor_error *err) SAVOR_MUST_CHECK;

/** Python's type name of a node: "int", "float", "str", "bool", "NoneType", "list", "dict". */
const char *sv_json_type_name(const sv_json *v);

#endif
