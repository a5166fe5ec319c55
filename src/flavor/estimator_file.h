/* estimator_file.h: a pickle or skops file -> the estimator in it, of scikit-learn or of a guest. */
#ifndef SV_FLAVOR_ESTIMATOR_FILE_H
#define SV_FLAVOR_ESTIMATOR_FILE_H

#include "flavor/flavor.h"
#include "sklearn/estimator.h"

/**
 * Read a file. What it is is told by its bytes, never by its name.
 *
 * bytes     the whole file; borrowed for the call
 * release   of scikit-learn, for estimators that do not say their own
 * limits    of the records, which live during the call only
 * arena     gets the estimator
 * format    "pickle" or "skops"; static
 * out       borrowed from the arena; NULL on failure
 * Errors    UNSUPPORTED (names the class that is not known), FORMAT, LIMIT, NOMEM
 * Threads   safe
 */
savor_status sv_estimator_file_read(sv_str bytes, sv_release release, const sv_flavor_limits *limits, sv_arena *arena,
                                    const char **format, const sv_estimator **out, savor_error *err) SAVOR_MUST_CHECK;

#endif
