/* payload.h: what a model is called with and what it answers: a frame, an array, named arrays, or any other value. */
#ifndef SV_DATA_PAYLOAD_H
#define SV_DATA_PAYLOAD_H

#include "data/frame.h"
#include "data/tensor.h"

typedef enum sv_payload_kind {
    SV_PAYLOAD_FRAME,
    SV_PAYLOAD_TENSOR,
    SV_PAYLOAD_NAMED, /* a dict of arrays */
    SV_PAYLOAD_VALUE, /* a list, dict or scalar */
} sv_payload_kind;

typedef struct sv_named_tensor {
    sv_str name;
    sv_tensor tensor;
} sv_named_tensor;

typedef struct sv_payload {
    sv_payload_kind kind;
    union {
        sv_frame frame;
        sv_tensor tensor;
        struct {
            size_t n;
            const sv_named_tensor *items;
        } named;
        sv_value value;
    };
} sv_payload;

/** One argument of a prediction, after enforcement: a scalar or a list of scalars. */
typedef struct sv_param {
    sv_str name;
    sv_value value;
} sv_param;

typedef struct sv_params {
    size_t n;
    const sv_param *items;
} sv_params;

/** The value of a param, or NULL. */
static inline const sv_value *sv_params_find(const sv_params *params, const char *name)
{
    for (size_t i = 0; params && i < params->n; i++)
        if (sv_str_is(params->items[i].name, name))
            return &params->items[i].value;
    return NULL;
}

#endif
