/* linear.h: float32 linear models that add feature by feature (gblinear). */
#ifndef SV_ENGINE_LINEAR_H
#define SV_ENGINE_LINEAR_H

#include "base/error.h"

#include <stddef.h>

/** weights [(n_features + 1) x n_groups], the bias in the last row. */
typedef struct sv_linear {
    size_t n_features, n_groups;
    const float *weights;
} sv_linear;

/**
 * Margins of rows. Each sum starts as bias + start and takes the features in order; a NaN is skipped.
 *
 * rows      [n_rows x n_features]
 * sums      [n_rows x n_groups]; holds the start values, gets the margins
 * Units     the model's margin
 * Threads   safe
 * Source    XGBoost gblinear Pred(), checked against 1.7, 2.1 and 3.2
 */
void sv_linear_predict(const sv_linear *linear, const float *rows, size_t n_rows, float *sums);

#endif
