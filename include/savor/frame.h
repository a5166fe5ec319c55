/* frame.h: a table of typed columns to predict on, made from arrays or from Arrow's C data interface. */
#ifndef SAVOR_FRAME_H
#define SAVOR_FRAME_H

#include <savor/dtype.h>
#include <savor/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An owned table: columns of one length, each with a name and a dtype. */
typedef struct savor_frame savor_frame;

struct ArrowSchema; /* https://arrow.apache.org/docs/format/CDataInterface.html; declared in savor/arrow.h */
struct ArrowArray;

/**
 * Make a frame from a row-major matrix.
 *
 * names     [n_columns] NUL-terminated, copied; NULL: the columns are 0, 1, 2 ...
 * dtype     FLOAT32, FLOAT64, INT32, INT64 or BOOL
 * rows      [n_rows x n_columns] row-major, copied
 * out       owned by the caller: savor_frame_free. NULL on failure
 * Units     none
 * Errors    USAGE, NOMEM, LIMIT (64 GiB)
 * Threads   safe
 * Source    none
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_frame_from_rows(const char *const *names, size_t n_columns,
                                                              savor_dtype dtype, const void *rows, size_t n_rows,
                                                              savor_frame **out, savor_error *err);

/**
 * Make a frame from an Arrow record batch (a struct array): bool, integers, floats, utf8, large_utf8.
 *
 * schema    borrowed for the call
 * array     borrowed for the call; the caller releases it; values are copied
 * out       owned by the caller: savor_frame_free. NULL on failure
 * Units     none
 * Errors    USAGE (released, or buffers that do not fit), UNSUPPORTED (names the column and its format), NOMEM, LIMIT
 * Threads   safe
 * Source    Arrow C data interface
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_frame_from_arrow(const struct ArrowSchema *schema,
                                                               const struct ArrowArray *array, savor_frame **out,
                                                               savor_error *err);

/**
 * How many rows.
 *
 * frame     not NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API size_t savor_frame_get_n_rows(const savor_frame *frame);

/**
 * How many columns.
 *
 * frame     not NULL
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API size_t savor_frame_get_n_columns(const savor_frame *frame);

/**
 * End a frame.
 *
 * frame     NULL is allowed
 * Units     none
 * Errors    none
 * Threads   not safe: the last user calls it
 * Source    none
 */
SAVOR_API void savor_frame_free(savor_frame *frame);

/** The numbers or texts that a model answered: an array of one or more dimensions. */
typedef struct savor_prediction savor_prediction;

/**
 * Check a frame against the model's signature and predict.
 *
 * frame     borrowed for the call
 * out       owned by the caller: savor_prediction_free. NULL on failure
 * Units     the model's
 * Errors    SCHEMA (where = column), MODEL, UNSUPPORTED (an answer that is no array), NOMEM, LIMIT
 * Threads   safe
 * Source    MLflow PyFuncModel.predict
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_model_predict(const savor_model *model, const savor_frame *frame,
                                                            savor_prediction **out, savor_error *err);

/**
 * The element type of a prediction.
 *
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    the library that trained the model
 */
SAVOR_API savor_dtype savor_prediction_get_dtype(const savor_prediction *prediction);

/**
 * The shape of a prediction.
 *
 * n_dims    gets the number of dimensions, at least 1
 * returns   [n_dims], borrowed from the prediction
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const size_t *savor_prediction_get_shape(const savor_prediction *prediction, size_t *n_dims);

/**
 * The elements of a numeric or bool prediction, row-major, in its dtype.
 *
 * returns   borrowed from the prediction; NULL for texts
 * Units     the model's
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const void *savor_prediction_get_data(const savor_prediction *prediction);

/**
 * One element of a text prediction.
 *
 * i         row-major position, below the product of the shape
 * returns   borrowed from the prediction, NUL-terminated; NULL for numeric predictions
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    none
 */
SAVOR_API const char *savor_prediction_get_text(const savor_prediction *prediction, size_t i);

/**
 * End a prediction.
 *
 * prediction NULL is allowed
 * Units     none
 * Errors    none
 * Threads   not safe: the last user calls it
 * Source    none
 */
SAVOR_API void savor_prediction_free(savor_prediction *prediction);

#ifdef __cplusplus
}
#endif

#endif
