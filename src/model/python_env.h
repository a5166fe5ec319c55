/* python_env.h: which Python and which packages a model asks for, from the files that MLflow writes beside it. */
#ifndef SV_MODEL_PYTHON_ENV_H
#define SV_MODEL_PYTHON_ENV_H

#include "model/mlmodel.h"
#include "model/requirements.h"

#define SV_ENV_NAME_BYTES 64

typedef struct sv_python_env {
    sv_str python;                      /* "3.10.12"; empty: it does not say */
    const sv_str *build, *dependencies; /* lines of requirements; build: to be installed first */
    size_t n_build, n_dependencies;
    sv_str unmatched; /* packages of conda.yaml that pip cannot install, "a=1, b"; empty: none */
} sv_python_env;

/**
 * Read the text of a python_env.yaml.
 *
 * text      borrowed for the call
 * arena     gets what `out` points to
 * out       empty on failure
 * Errors    FORMAT (keys and types that MLflow refuses, a version that is none), LIMIT, NOMEM
 * Threads   safe
 * Source    MLflow 3.17 mlflow.utils.environment._PythonEnv
 */
savor_status sv_python_env_parse(sv_str text, sv_arena *arena, sv_python_env *out, savor_error *err) SAVOR_MUST_CHECK;

/** Likewise the text of a conda.yaml, as far as pip can follow it. Source: _PythonEnv.from_conda_yaml */
savor_status sv_conda_env_parse(sv_str text, sv_arena *arena, sv_python_env *out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Read what the model has: python_env.yaml; else the Python of conda.yaml, with the packages of requirements.txt
 * where there is one, else with those of conda.yaml.
 *
 * Errors    NOT_FOUND (none of the files is there), and those above
 */
savor_status sv_python_env_read(const sv_dir *dir, const sv_mlmodel *model, sv_arena *arena, sv_python_env *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** Whether the model has one of these files. */
bool sv_python_env_is_there(const sv_dir *dir, const sv_mlmodel *model);

/** The path of the model's conda.yaml in its directory; empty when there is none. */
sv_str sv_conda_env_find(const sv_dir *dir, const sv_mlmodel *model);

/**
 * The name of the folder that MLflow would give the environment: "mlflow-" and the SHA-1 of what defines it.
 *
 * requirements   of env->dependencies
 * salt           what else makes a difference, such as the MLflow to install; empty: nothing
 * Errors         NOMEM, LIMIT
 * Source         MLflow 3.17 mlflow.utils.virtualenv._get_virtualenv_name
 */
savor_status sv_python_env_name(const sv_python_env *env, const sv_requirements *requirements, sv_str salt,
                                sv_arena *arena, char out[SV_ENV_NAME_BYTES], savor_error *err) SAVOR_MUST_CHECK;

/** Likewise for conda: the SHA-1 of the text of conda.yaml. Source: mlflow.utils.conda._get_conda_env_name */
void sv_conda_env_name(sv_str text, sv_str salt, char out[SV_ENV_NAME_BYTES]);

/** Whether a text is "3", "3.10", "3.10.12" or "3.13.0rc1". */
bool sv_python_version_is_valid(sv_str text);

#endif
