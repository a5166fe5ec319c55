#include "flavor/guests.h"

const sv_estimator_class *const sv_guest_families[] = {
    sv_catboost_estimators,
    sv_lightgbm_estimators,
    sv_xgboost_estimators,
    NULL,
};
