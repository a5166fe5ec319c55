/* missing.h: cells that count as missing, among numbers, and the columns whose gaps an imputer flags. */
#ifndef SV_SKLEARN_MISSING_H
#define SV_SKLEARN_MISSING_H

#include "sklearn/estimator.h"

/** Whether x is the marker: a NaN where that is NaN, else the same number. */
bool sv_is_missing(double marker, double x);

/** missing_values as a number. Errors: UNSUPPORTED (text, None, pandas.NA). */
savor_status sv_missing_read(const sv_record *object, double *out, savor_error *err) SAVOR_MUST_CHECK;

/** features_ of a MissingIndicator: `flagged` [n_flags], each below n_columns. Errors: FORMAT, NOMEM, LIMIT. */
savor_status sv_flagged_read(sv_loader *loader, const sv_record *indicator, size_t n_columns, size_t *n_flags,
                             const size_t **flagged, savor_error *err) SAVOR_MUST_CHECK;

#endif
