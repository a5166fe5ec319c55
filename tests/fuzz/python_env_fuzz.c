/* python_env_fuzz.c: a python_env.yaml or conda.yaml is refused, or has a version that is one and a name. */
#include "model/python_env.h"

#include <stdlib.h>

static void check(const sv_python_env *env, sv_arena *arena)
{
    sv_requirements build, all;
    char name[SV_ENV_NAME_BYTES];
    if (env->python.n && !sv_python_version_is_valid(env->python))
        abort();
    if (sv_requirements_read(env->build, env->n_build, NULL, arena, &build, NULL) ||
        sv_requirements_read(env->dependencies, env->n_dependencies, NULL, arena, &all, NULL))
        return;
    if (!sv_python_env_name(env, &all, SV_STR(""), arena, name, NULL) && strlen(name) != 47)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sv_str text = {(const char *)data, size};
    sv_python_env env;
    sv_arena arena;
    sv_arena_init(&arena, (size_t)64 << 20);
    if (!sv_python_env_parse(text, &arena, &env, NULL))
        check(&env, &arena);
    if (!sv_conda_env_parse(text, &arena, &env, NULL))
        check(&env, &arena);
    sv_arena_deinit(&arena);
    return 0;
}
