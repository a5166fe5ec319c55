/* example.h: input examples: the files that MLflow keeps beside a model, and the request that they make. */
#ifndef SAVOR_EXAMPLE_H
#define SAVOR_EXAMPLE_H

#include <savor/infer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An input example: the texts of its files, and what MLmodel says about them. */
typedef struct savor_example savor_example;

/**
 * Make an example of data, as MLflow does when a model is saved with one.
 *
 * data      read as by savor_signature_infer
 * params    a JSON object; NULL: the example has none (an empty object is one; 1.x has none)
 * options   NULL: defaults; `yaml` has no effect
 * out       owned by the caller: savor_example_free. NULL on failure
 * Units     none
 * Errors    SCHEMA (MLflow takes no such data for an example, or such params), BAD_REQUEST, MEDIA_TYPE, USAGE,
 *           UNREADABLE (a value has no form in JSON), LIMIT, NOMEM
 * Threads   safe
 * Source    MLflow mlflow.models.utils._Example of 1.30, 2.16, 3.17
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_example_new(const savor_data *data, const savor_data *params,
                                                          const savor_infer_options *options, savor_example **out,
                                                          savor_error *err);

/**
 * Read the example of a model, of whatever era it is. The model itself need not be one that savor can serve.
 *
 * path      as for savor_model_load
 * options   NULL: defaults; the profile says in which form the request is made when no file holds it
 * out       owned by the caller: savor_example_free. NULL on failure
 * Units     none
 * Errors    NOT_FOUND (no model, no example, or its file is missing), FORMAT (damaged), UNSUPPORTED (an example of a
 *           type that is not known), LIMIT, IO, NOMEM
 * Threads   safe
 * Source    MLflow mlflow.models.utils._read_example, _load_serving_input_example
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_example_load(const char *path, const savor_load_options *options,
                                                           savor_example **out, savor_error *err);

/**
 * The body of a request that sends the example; its content type is application/json.
 *
 * n_bytes   gets the length; NULL is allowed
 * returns   borrowed from the example, NUL-terminated: the serving example where there is one, else made of the input
 * Units     bytes
 * Errors    none
 * Threads   safe
 * Source    docs/formats/mlmodel.md
 */
SAVOR_API const char *savor_example_get_request(const savor_example *example, size_t *n_bytes);

/**
 * The text of input_example.json.
 *
 * n_bytes   gets the length; NULL is allowed
 * returns   borrowed from the example, NUL-terminated
 * Units     bytes
 * Errors    none
 * Threads   safe
 * Source    MLflow input_example.json
 */
SAVOR_API const char *savor_example_get_input(const savor_example *example, size_t *n_bytes);

/**
 * The text of serving_input_example.json.
 *
 * n_bytes   gets the length, 0 when there is none; NULL is allowed
 * returns   borrowed from the example, NUL-terminated; NULL when there is none (1.x)
 * Units     bytes
 * Errors    none
 * Threads   safe
 * Source    MLflow serving_input_example.json
 */
SAVOR_API const char *savor_example_get_serving(const savor_example *example, size_t *n_bytes);

/**
 * What MLmodel has under saved_input_example_info, as one JSON object with sorted keys.
 *
 * example   borrowed
 * returns   borrowed from the example, NUL-terminated
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    MLmodel saved_input_example_info
 */
SAVOR_API const char *savor_example_get_info(const savor_example *example);

/**
 * End an example.
 *
 * example   NULL is allowed
 * Units     none
 * Errors    none
 * Threads   not safe: the last user calls it
 * Source    none
 */
SAVOR_API void savor_example_free(savor_example *example);

#ifdef __cplusplus
}
#endif

#endif
