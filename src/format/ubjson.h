/*
 * ubjson.h: UBJSON as XGBoost writes it -> the same flat nodes that sv_json_parse makes, so that one reader of the
 * schema serves both.
 *
 * Objects have no count and keys without a marker; arrays are open, counted, or typed and counted ("[$d#L n" and
 * n big-endian elements). float32 becomes a DOUBLE node that holds exactly the float.
 */
#ifndef SV_FORMAT_UBJSON_H
#define SV_FORMAT_UBJSON_H

#include "text/json.h"

/** A parsed document: nodes on the heap, texts inside the source. */
typedef struct sv_ubjson {
    sv_json *nodes;
    size_t n_nodes, capacity;
} sv_ubjson;

/**
 * Parse one value; bytes behind it are not looked at (files end with it, pickles go on).
 *
 * bytes     borrowed: must outlive the nodes
 * out       ended by sv_ubjson_deinit, also after a failure
 * Units     none
 * Errors    FORMAT (the message names the byte), LIMIT (nested deeper than 64), NOMEM
 * Threads   safe
 * Source    ubjson.org draft 12; docs/formats/xgboost.md
 */
savor_status sv_ubjson_parse(sv_str bytes, sv_ubjson *out, savor_error *err) SAVOR_MUST_CHECK;

/** End the nodes; a cleared struct is allowed. */
void sv_ubjson_deinit(sv_ubjson *ubjson);

#endif
