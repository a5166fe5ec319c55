#include "sklearn/families.h"

const sv_estimator_class *const sv_sklearn_families[] = {
    sv_column_transformers,
    sv_discretizers,
    sv_dummies,
    sv_function_transformers,
    sv_gradient_boosting,
    sv_hist_gradient_boosting,
    sv_imputers,
    sv_linear_classifiers,
    sv_linear_regressors,
    sv_one_hot_encoders,
    sv_ordinal_encoders,
    sv_pipelines,
    sv_polynomials,
    sv_projections,
    sv_scalers,
    sv_selectors,
    sv_tree_ensembles,
    NULL,
};
