/* python_environment.h: from what a model says of its Python to an interpreter that has it. */
#ifndef SV_FLAVOR_PYTHON_ENVIRONMENT_H
#define SV_FLAVOR_PYTHON_ENVIRONMENT_H

#include "flavor/flavor.h"

/** Whether the model says anything that the manager of `limits` can follow. */
bool sv_python_environment_is_described(const sv_dir *dir, const sv_mlmodel *model, const sv_flavor_limits *limits);

/**
 * Make the environment of a model, unless it is there.
 *
 * folder    the model's absolute path
 * limits    `environment` is not NULL
 * out       the interpreter's absolute path; owned by the caller: sv_free. NULL on failure
 * Errors    FORMAT, NOT_FOUND, UNSUPPORTED, LIMIT, IO, NOMEM
 * Threads   safe
 * Source    MLflow 3.17 mlflow.utils.virtualenv, mlflow.utils.conda
 */
savor_status sv_python_environment_make(const sv_dir *dir, const sv_mlmodel *model, const char *folder,
                                        const sv_flavor_limits *limits, char **out,
                                        savor_error *err) SAVOR_MUST_CHECK;

#endif
