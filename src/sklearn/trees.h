/* trees.h: sklearn.tree._tree.Tree objects -> one forest. */
#ifndef SV_SKLEARN_TREES_H
#define SV_SKLEARN_TREES_H

#include "engine/forest.h"
#include "sklearn/estimator.h"

/** Trees of one shape. A leaf holds n_outputs x n_values doubles: n_values is 1 for regressors, else the most classes
 * that an output has. */
typedef struct sv_trees {
    sv_forest forest;
    size_t n_outputs, n_values;
    const size_t *n_classes; /* [n_outputs] of the first tree; 1 for regressors */
} sv_trees;

/** How leaves are kept, and to what they add. */
typedef struct sv_trees_options {
    bool as_fractions; /* each output's values are divided by their sum, as predict_proba of counts does */
    double scale;      /* boosting's learning rate: every leaf times it; 0: as written */
    bool as_nodes;     /* a leaf holds its number among the nodes of its tree, as Tree.apply gives it */
    size_t n_groups;   /* boosting: tree i adds its single value to output i % n_groups; 0: leaves are the outputs */
} sv_trees_options;

/**
 * Read Tree objects of any release: counts up to 1.2, the side for missing values since 1.3.
 *
 * trees     [n] the records of `tree_`
 * out       a checked forest over float32 rows that were widened to double
 * Errors    FORMAT (a tree does not hold together), UNSUPPORTED (categorical splits), NOMEM, LIMIT
 * Source    sklearn/tree/_tree.pyx, 1.2 to 1.9
 */
savor_status sv_trees_load(sv_loader *loader, const sv_record *const *trees, size_t n,
                           const sv_trees_options *options, sv_trees *out, savor_error *err) SAVOR_MUST_CHECK;

/** The `tree_` of each estimator in a list or array; n >= 1. */
savor_status sv_trees_collect(sv_loader *loader, const sv_record *const *estimators, size_t n,
                              const sv_record *const **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Checked rows for trees: float32, widened to double.
 *
 * flags       what else the check takes, of sv_check_flags
 * out         [n_rows x n_features] FLOAT64
 */
savor_status sv_trees_rows(const sv_estimator *self, const sv_batch *in, unsigned flags, sv_arena *arena,
                           sv_tensor *out, savor_error *err) SAVOR_MUST_CHECK;

/** Add all trees' leaves to `sums`: [n_rows x forest.n_groups]. Errors: MODEL (number of features), NOMEM, LIMIT. */
savor_status sv_trees_add(const sv_trees *trees, const sv_tensor *rows, double *sums, sv_arena *arena,
                          savor_error *err) SAVOR_MUST_CHECK;

/** The same from 0.0 on, in the arena. */
savor_status sv_trees_sum(const sv_trees *trees, const sv_tensor *rows, sv_arena *arena, double **out,
                          savor_error *err) SAVOR_MUST_CHECK;

#endif
