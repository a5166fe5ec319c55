/* importances.h: coef_ and feature_importances_ of a fitted estimator, by which SelectFromModel chooses. */
#ifndef SV_SKLEARN_IMPORTANCES_H
#define SV_SKLEARN_IMPORTANCES_H

#include "sklearn/estimator.h"

/**
 * What an estimator says of each feature: the norm of its coefficients, or how much its trees' splits gained.
 *
 * estimator   the record of a fitted estimator
 * norm_order  of the norm over several rows of coef_
 * out         [*n] in the loader's arena
 * Errors      UNSUPPORTED (an estimator that has neither here), FORMAT, NOMEM, LIMIT
 * Source      sklearn.feature_selection._base._get_feature_importances; Tree.compute_feature_importances
 */
savor_status sv_importances_read(sv_loader *loader, const sv_record *estimator, double norm_order, double **out,
                                 size_t *n, savor_error *err) SAVOR_MUST_CHECK;

#endif
