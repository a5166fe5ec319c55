/* infer.h: data -> the signature that MLflow's infer_signature makes of them. */
#ifndef SAVOR_INFER_H
#define SAVOR_INFER_H

#include <savor/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Data: a table, or bytes of a content type. Everything is borrowed for the call. */
typedef struct savor_data {
    const savor_frame *frame; /* NULL: the bytes count */
    const char *content_type; /* such as "application/json" or "text/csv"; NUL-terminated */
    const void *body;
    size_t body_bytes;
} savor_data;

/** How to infer; zero every member but `size` for the defaults. */
typedef struct savor_infer_options {
    size_t size;           /* sizeof(savor_infer_options) */
    savor_profile profile; /* whose inference: 1.30, 2.16 or 3.17; AUTO: the newest */
    int yaml;              /* nonzero: the text that stands in an MLmodel file instead of JSON */
} savor_infer_options;

/**
 * Infer a signature.
 *
 * JSON bytes that are a request body (dataframe_split, dataframe_records, inputs, instances, or a bare split) are the
 * frame or the arrays that they describe, "predictions" stands for its value, and all other JSON is the Python value
 * that it describes: a list of objects gives a column for each key. In 1.x, which infers from no such values, a list
 * of objects is a frame, and any other list an array. Bytes of other types are read as the scoring server reads them.
 *
 * The text: {"inputs": TEXT, "outputs": TEXT or null, "params": TEXT or null} with the JSON texts that MLflow keeps
 * in MLmodel, as ModelSignature.to_dict() has them; 1.x has no params.
 *
 * inputs    NULL: none are declared (not in 1.x)
 * outputs   NULL: none are declared
 * params    a JSON object of defaults; NULL: none are declared
 * options   NULL: defaults
 * out       owned by the caller: savor_text_free. NUL-terminated UTF-8. NULL on failure
 * Units     none
 * Errors    SCHEMA (nothing can be inferred from these data: 1.x and 2.16 alone, later ones say "any"; or a param
 *           that has no type), BAD_REQUEST (the bytes are not what their type says), MEDIA_TYPE, USAGE, UNREADABLE,
 *           LIMIT, NOMEM
 * Threads   safe
 * Source    MLflow mlflow.models.infer_signature of 1.30, 2.16, 3.17
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_signature_infer(const savor_data *inputs, const savor_data *outputs,
                                                              const savor_data *params,
                                                              const savor_infer_options *options, char **out,
                                                              savor_error *err);

#ifdef __cplusplus
}
#endif

#endif
