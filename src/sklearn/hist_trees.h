/* hist_trees.h: TreePredictor objects of HistGradientBoosting -> one forest. */
#ifndef SV_SKLEARN_HIST_TREES_H
#define SV_SKLEARN_HIST_TREES_H

#include "engine/forest.h"
#include "sklearn/estimator.h"

/** The categories of a column that were there at fit: bit c of the 256 is category c. */
typedef struct sv_known_categories {
    uint32_t bits[8];
    bool is_categorical;
} sv_known_categories;

/** The columns and outputs of the trees. */
typedef struct sv_hist_shape {
    size_t n_features, n_groups;
    const sv_known_categories *known; /* [n_features] a category that is not known goes where missing values go */
} sv_hist_shape;

/**
 * Read the trees of all rounds.
 *
 * predictors   [n] records of TreePredictor, round by round; tree i adds to output i % n_groups
 * out          a checked forest over double rows, in which sv_hist_rows_prepare has put categories
 * Errors       FORMAT, UNSUPPORTED (a layout before 0.24), NOMEM, LIMIT
 * Source       sklearn/ensemble/_hist_gradient_boosting/_predictor.pyx, 1.2 to 1.9
 */
savor_status sv_hist_trees_load(sv_loader *loader, const sv_record *const *predictors, size_t n,
                                const sv_hist_shape *shape, sv_forest *out, savor_error *err) SAVOR_MUST_CHECK;

/** A category as the trees look it up: negative is missing, the rest is cut to a byte. */
double sv_hist_category(double value);

#endif
