/* payload.h: what a model is called with and what it answers: a frame, an array, named arrays, or any other value. */
#ifndef SV_DATA_PAYLOAD_H
#define SV_DATA_PAYLOAD_H

#include "data/frame.h"
#include "data/tensor.h"

typedef enum sv_payload_kind {
    SV_PAYLOAD_FRAME,
    SV_PAYLOAD_TENSOR,
    SV_PAYLOAD_NAMED,     /* a dict of arrays */
    SV_PAYLOAD_VALUE,     /* a list, dict or scalar */
    SV_PAYLOAD_JSON,      /* answers only: text that a worker made of whatever predict returned */
    SV_PAYLOAD_EXCEPTION, /* answers only: the model's own code raised an exception */
} sv_payload_kind;

typedef enum sv_exception_kind {
    SV_EXCEPTION_RAISED,      /* any exception */
    SV_EXCEPTION_MLFLOW,      /* an MlflowException, which has a code */
    SV_EXCEPTION_UNENCODABLE, /* the answer cannot be written as JSON */
    SV_EXCEPTION_ENFORCED,    /* MLflow's own check of the data, made by the worker, refused them */
} sv_exception_kind;

/** What became of a prediction by code that raised. */
typedef struct sv_exception {
    sv_exception_kind kind;
    sv_str code;      /* MLflow's error_code; empty: none */
    sv_str message;   /* the exception's */
    sv_str traceback; /* empty unless asked for */
} sv_exception;

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
        sv_str json;
        sv_exception exception;
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
    bool is_none; /* Python's None, where no schema makes a dict of what was not sent */
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
