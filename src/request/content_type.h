/* content_type.h: a Content-Type header -> which form the body has, or the text of the 415 answer. */
#ifndef SV_REQUEST_CONTENT_TYPE_H
#define SV_REQUEST_CONTENT_TYPE_H

#include "request/profile.h"

typedef enum sv_form {
    SV_FORM_CSV,
    SV_FORM_JSON,        /* what it is shows when it is parsed */
    SV_FORM_SPLIT,       /* 1.x: format=pandas-split */
    SV_FORM_RECORDS,     /* 1.x: format=pandas-records */
    SV_FORM_SPLIT_NUMPY, /* 1.x: application/json-numpy-split */
    SV_FORM_ARROW,       /* an Arrow IPC stream; like Parquet unknown to MLflow, so not in a forced profile */
    SV_FORM_PARQUET,
} sv_form;

/**
 * Read the header as the profile's MLflow does: types and keys by case, the last of a repeated parameter wins.
 *
 * header    the raw value; p == NULL: the request has none
 * Errors    MEDIA_TYPE (message: the whole answer), UNREADABLE (no header in a forced profile)
 * Source    MLflow scoring_server.invocations of 1.30, 2.22, 3.17
 */
savor_status sv_content_type_read(sv_str header, const sv_profile *profile, sv_form *out,
                                  savor_error *err) SAVOR_MUST_CHECK;

#endif
