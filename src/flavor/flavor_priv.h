/* flavor_priv.h: the rows of sv_flavors[], one per file of this room. */
#ifndef SV_FLAVOR_FLAVOR_PRIV_H
#define SV_FLAVOR_FLAVOR_PRIV_H

#include "flavor/flavor.h"

extern const sv_flavor sv_flavor_catboost;    /* catboost.c */
extern const sv_flavor sv_flavor_lightgbm;    /* lightgbm.c */
extern const sv_flavor sv_flavor_sklearn;     /* sklearn.c */
extern const sv_flavor sv_flavor_statsmodels; /* statsmodels.c */
extern const sv_flavor sv_flavor_xgboost;     /* xgboost.c */

#endif
