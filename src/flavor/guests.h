/*
 * guests.h: estimators of other packages that lie in the files of scikit-learn models: a row per class name, as
 * src/sklearn has them. They are here because their answers are made by the flavors of the same libraries.
 */
#ifndef SV_FLAVOR_GUESTS_H
#define SV_FLAVOR_GUESTS_H

#include "sklearn/estimator.h"

/** All families below; NULL-terminated: sv_loader.guests. */
extern const sv_estimator_class *const sv_guest_families[];

extern const sv_estimator_class sv_catboost_estimators[]; /* catboost_estimator.c */
extern const sv_estimator_class sv_lightgbm_estimators[]; /* lightgbm_estimator.c */
extern const sv_estimator_class sv_xgboost_estimators[];  /* xgboost_estimator.c */

#endif
