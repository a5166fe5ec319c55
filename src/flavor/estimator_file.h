/* estimator_file.h: a pickle or skops file -> the estimator in it, of scikit-learn or of a guest. */
#ifndef SV_FLAVOR_ESTIMATOR_FILE_H
#define SV_FLAVOR_ESTIMATOR_FILE_H

#include "base/source.h"
#include "flavor/flavor.h"
#include "sklearn/estimator.h"

/** What a file says. */
typedef struct sv_estimator_file {
    const sv_estimator *estimator;
    const char *format;   /* "pickle" or "skops" */
    sv_class_names names; /* of all estimators in it */
} sv_estimator_file;

/**
 * Read a file. What it is is told by its bytes, never by its name.
 *
 * source    the file; large arrays are read from it when they are asked for
 * release   of scikit-learn, for estimators that do not say their own
 * limits    of the records, which live during the call only
 * arena     gets the estimator
 * out       points into the arena; its estimator is NULL on failure
 * Errors    UNSUPPORTED (names the class that is not known), FORMAT, LIMIT, NOMEM, IO
 * Threads   safe while nobody else has the source
 */
savor_status sv_estimator_file_read(sv_source *source, sv_release release, const sv_flavor_limits *limits,
                                    sv_arena *arena, sv_estimator_file *out, savor_error *err) SAVOR_MUST_CHECK;

/** Append `"estimators": [...]` for people who inspect a model. */
void sv_estimator_file_describe(const sv_estimator_file *file, sv_buf *json);

#endif
