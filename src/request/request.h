/* request.h: a request's bytes -> what the model is called with, before enforcement. */
#ifndef SV_REQUEST_REQUEST_H
#define SV_REQUEST_REQUEST_H

#include "data/payload.h"
#include "request/content_type.h"
#include "text/json.h"

/** What was sent. */
typedef struct sv_request {
    sv_payload payload;
    const sv_json *params; /* NULL: none sent */
    bool is_wrapped;       /* the answer belongs under "predictions" */
    bool is_enforced;      /* the payload obeys the schema already */
    int64_t deadline_us;   /* of the monotonic clock, set by whoever gives the answer; 0: none */
} sv_request;

/** What a reader needs to know about the model. */
typedef struct sv_request_rules {
    const sv_profile *profile;
    const sv_signature *signature; /* inputs NULL: nothing is cast */
    bool is_from_type_hint;
    const struct sv_heading *heading; /* of signature->inputs, or NULL: nothing but slower */
    bool keeps_labels;                /* rows keep what the body calls them: code may look */
} sv_request_rules;

/**
 * Read a request body of any form, cast it by the schema as MLflow's scoring server does.
 *
 * content_type   the header's value; p == NULL: none
 * body           borrowed: must outlive `out`
 * arena          the request's
 * out            borrowed from the arena
 * Units          none
 * Errors         MEDIA_TYPE, BAD_REQUEST, SCHEMA, UNREADABLE, UNSUPPORTED, LIMIT, NOMEM
 * Threads        safe
 * Source         MLflow scoring_server of 1.30, 2.16, 2.22, 3.17
 */
savor_status sv_request_read(sv_str content_type, sv_str body, const sv_request_rules *rules, sv_arena *arena,
                             sv_request *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
