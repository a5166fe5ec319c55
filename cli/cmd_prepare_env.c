/* cmd_prepare_env.c: savor models prepare-env. */
#include "commands.h"
#include "message.h"
#include "scoring.h"

#include <stdio.h>
#include <string.h>

typedef struct prepare_args {
    cli_model_args model;
} prepare_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(prepare_args, model, 1),   CLI_ENV_MANAGER(prepare_args, model),
    CLI_INSTALL_MLFLOW(prepare_args, model), CLI_ADMISSION(prepare_args, model),
    CLI_PROFILE(prepare_args, model),
};

static const cli_usage USAGE = {
    .words = "models prepare-env",
    .sentence = "Make the Python environment that a model needs, as `mlflow models prepare-env` does.",
    .more =
        "  Prints the path of its interpreter. A model that a native engine answers for needs none, and gets none\n"
        "  but with --engine python. What is made is kept below MLFLOW_ENV_ROOT (~/.mlflow/envs) and used by\n"
        "  serve, predict and compare.\n\n"
        "  Example:\n\n"
        "    savor models prepare-env -m ./model --env-manager uv\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
};

int cmd_prepare_env(int argc, char **argv)
{
    prepare_args a = {.model = {.uri = NULL}};
    cli_given given;
    char *python = NULL;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code == CLI_GO_ON)
        code = cli_check_eras(&USAGE, &given, a.model.profile);
    if (code != CLI_GO_ON)
        return code;
    if (cli_check_env_manager(a.model.environment.manager))
        return 1;
    if (cli_env_manager(&a.model.environment) == SAVOR_ENV_LOCAL && strcmp(a.model.profile, "1.x") == 0) {
        cli_note("the local environment needs no preparation");
        return 0; /* as MLflow 1.x has it */
    }
    if ((code = cli_model_prepare(&a.model, &python)))
        return code;
    if (python)
        puts(python);
    else
        cli_note("the model needs no Python environment, and none was made");
    savor_text_free(python);
    return 0;
}
