/* other_mlflow.h: the answer of real MLflow, asked in a Python environment of the user's choice. */
#ifndef CLI_OTHER_MLFLOW_H
#define CLI_OTHER_MLFLOW_H

#include "bytes.h"

typedef struct cli_mlflow_answer {
    int http_status;
    char version[32]; /* of MLflow */
    cli_bytes all;    /* owns the text below */
    const char *body;
    size_t body_bytes;
} cli_mlflow_answer;

/**
 * Post a body to MLflow's own scoring server application, in a process of its own and without a socket.
 *
 * python        a path, or a name that is looked up in PATH; started with an argument vector, without a shell
 * model         path or URI, as MLflow takes it
 * content_type  of the request
 * out           filled on success: cli_mlflow_free
 * returns       0; 1 after the error was told (what Python wrote to its standard error is passed through)
 */
int cli_mlflow_ask(const char *python, const char *model, const char *content_type, const cli_bytes *body,
                   cli_mlflow_answer *out);

/** End an answer; doing it twice is harmless. */
void cli_mlflow_free(cli_mlflow_answer *answer);

#endif
