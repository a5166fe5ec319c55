/* environment_priv.h: what the two halves share: environment.c, the folder and its lock, and environment_build.c, the
 * programs that fill it. */
#ifndef SV_WORKER_ENVIRONMENT_PRIV_H
#define SV_WORKER_ENVIRONMENT_PRIV_H

#include "worker/environment.h"
#include "worker/interpreter.h"

#define SV_ENV_PATH_BYTES 4096

typedef struct sv_environment {
    const sv_environment_recipe *recipe;
    const sv_environment_options *options;
    char path[SV_ENV_PATH_BYTES];        /* its folder */
    char python[SV_ENV_PATH_BYTES + 16]; /* its interpreter */
    int lock_fd;                         /* held by us and by all that fills it */
    char scratch[SV_ENV_PATH_BYTES];     /* a private folder for the files that programs read */
    savor_error *err;
} sv_environment;

/** Fill the folder, which does not exist yet. Errors: as for sv_environment_prepare. */
savor_status sv_environment_build(sv_environment *e) SAVOR_MUST_CHECK;

/** A line for whoever listens. */
void sv_environment_tell(const sv_environment *e, const char *level, const char *fmt, ...) SV_PRINTF(3, 4);

#endif
