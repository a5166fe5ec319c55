#include "base/alloc.h"
#include "score/model.h"

#define ARENA_BYTES_MAX ((size_t)256 << 20)

savor_status savor_model_prepare(const char *path, const savor_load_options *options, char **out, savor_error *err)
{
    savor_load_options o = sv_load_options_read(options);
    sv_choice choice = {.problems = SV_BUF_INIT(SV_PROBLEMS_MAX)};
    sv_dir dir = SV_DIR_CLOSED;
    const sv_mlmodel *record;
    sv_load_limits limits;
    sv_arena arena;
    char *python = NULL;
    savor_error own;
    savor_status st;
    err = err ? err : &own; /* messages of passed-over flavors are needed here */
    *out = NULL;
    sv_arena_init(&arena, ARENA_BYTES_MAX);
    sv_load_limits_init(&limits, &o, SV_ERA_3);
    limits.flavor.prepared = &python;
    if (!limits.flavor.environment) {
        st = sv_fail(err, SAVOR_USAGE, "Prepare env should not be called with local env manager!");
        goto done;
    }
    if ((st = sv_model_open(path, &dir, &arena, &record, err)) ||
        (st = sv_model_choose(&dir, record, o.engine, &limits.flavor, &choice, err)))
        goto done;
    *out = python; /* moved; NULL: a native engine took the model */
    python = NULL;
done:
    sv_free(python);
    sv_predictor_free(choice.predictor);
    sv_buf_deinit(&choice.problems);
    sv_arena_deinit(&arena);
    sv_dir_close(&dir);
    return st;
}
