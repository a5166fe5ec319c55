#include "engine/linear.h"

#include <math.h>

void sv_linear_predict(const sv_linear *linear, const float *rows, size_t n_rows, float *sums)
{
    size_t n_features = linear->n_features, n_groups = linear->n_groups;
    const float *bias = linear->weights + n_features * n_groups;
    for (size_t r = 0; r < n_rows; r++) {
        const float *row = rows + r * n_features;
        for (size_t g = 0; g < n_groups; g++) {
            float sum = bias[g] + sums[r * n_groups + g];
            for (size_t i = 0; i < n_features; i++)
                if (!isnan(row[i]))
                    sum += row[i] * linear->weights[i * n_groups + g];
            sums[r * n_groups + g] = sum;
        }
    }
}
