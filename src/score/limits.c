#include "score/model.h"

savor_load_options sv_load_options_read(const savor_load_options *given)
{
    savor_load_options options = {0};
    if (given)
        memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    return options;
}

static sv_pool_options pool_options(const savor_worker_options *w, sv_era era)
{
    static const char *const ERAS[] = {[SV_ERA_1] = "1", [SV_ERA_2] = "2", [SV_ERA_3] = "3"};
    return (sv_pool_options){
        .process = {.interpreter = w->python, .program = w->program, .era = ERAS[era], .sandbox = w->sandbox},
        .n_workers = w->n_workers,
        .n_waiting_max = w->n_waiting_max,
        .call_timeout_ms = w->request_timeout_ms,
        .start_timeout_ms = w->load_timeout_ms,
        .no_replay = w->no_replay != 0,
        .log = w->log,
        .log_context = w->log_context};
}

static void set_workers(sv_load_limits *out, const savor_worker_options *given, sv_era era)
{
    savor_worker_options w = {0};
    memcpy(&w, given, given->size < sizeof w ? given->size : sizeof w);
    out->pool = pool_options(&w, era);
    out->flavor.workers = &out->pool;
    out->flavor.code_refused_by = w.refused_by;
    out->flavor.code_admitted = w.admitted;
    out->flavor.rscript = w.rscript;
    out->flavor.r_program = w.r_program;
    if (w.env_manager == SAVOR_ENV_LOCAL)
        return;
    out->environment = (sv_environment_options){.manager = w.env_manager,
                                                .root = w.env_root,
                                                .log = w.log,
                                                .log_context = w.log_context,
                                                .is_stopped = w.is_stopped,
                                                .stop_context = w.stop_context};
    out->flavor.environment = &out->environment;
    out->flavor.pip_requirements = w.pip_requirements;
    out->flavor.install_mlflow = w.install_mlflow != 0;
}

void sv_load_limits_init(sv_load_limits *out, const savor_load_options *options, sv_era era)
{
    *out = (sv_load_limits){.flavor = SV_FLAVOR_LIMITS};
    if (options->max_model_bytes)
        out->flavor.model_bytes = options->max_model_bytes;
    if (options->workers)
        set_workers(out, options->workers, era);
}
