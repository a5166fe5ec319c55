#include "format/lightgbm_text.h"

#include <math.h>

/* LightGBM's kZeroThreshold: smaller values never reach the row that the trees see. */
#define ZERO_THRESHOLD ((double)1e-35f)

static void drop_tiny(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(values[i]) <= ZERO_THRESHOLD)
            values[i] = 0.0;
}

savor_status sv_lightgbm_predict(const sv_lightgbm *model, double *rows, size_t n_rows, double *out,
                                 sv_arena *scratch, savor_error *err)
{
    const sv_forest *forest = &model->forest;
    size_t n_groups = forest->n_groups, n = n_rows * n_groups;
    for (size_t i = 0; i < n; i++)
        out[i] = 0.0;
    drop_tiny(rows, n_rows * forest->n_features);
    savor_status st = sv_forest_predict(forest, 0, model->n_iterations * n_groups, rows, n_rows, out, scratch, err);
    if (st)
        return st;
    for (size_t i = 0; i < n && model->is_averaged; i++)
        out[i] /= (double)model->n_iterations;
    sv_lightgbm_link_apply(&model->link, out, n_rows, n_groups);
    return SAVOR_OK;
}
