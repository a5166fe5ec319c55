/* cmd_example.c: savor models example. */
#include "bytes.h"
#include "commands.h"
#include "message.h"
#include "scoring.h"

#include <savor/example.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct example_args {
    cli_model_args model;
    const char *output, *host;
    int curl, port;
} example_args;

static const cli_option OPTIONS[] = {
    CLI_MODEL_URI(example_args, model, 1),
    {.name = "output-path",
     .letter = 'o',
     .kind = CLI_TEXT,
     .metavar = "FILE",
     .offset = offsetof(example_args, output),
     .help = "Where the request goes; - or absent: standard output. A file is replaced whole or left as it was."},
    {.name = "curl",
     .kind = CLI_FLAG,
     .offset = offsetof(example_args, curl),
     .help = "A line for the shell that sends the request to a server."},
    {.name = "host",
     .letter = 'h',
     .kind = CLI_TEXT,
     .metavar = "HOST",
     .fallback = "127.0.0.1",
     .offset = offsetof(example_args, host),
     .help = "With --curl: where the server is."},
    {.name = "port",
     .letter = 'p',
     .kind = CLI_INT,
     .min = 1,
     .max = 65535,
     .metavar = "PORT",
     .fallback = "5000",
     .offset = offsetof(example_args, port),
     .help = "With --curl: its port."},
    CLI_PROFILE(example_args, model),
};

static const cli_usage USAGE = {
    .words = "models example",
    .sentence = "Print the input example that a model was saved with, as a request that is ready to be sent.",
    .more = "  The body is application/json: serving_input_example.json where the model has one, else made of\n"
            "  input_example.json. Nothing in the model is executed.\n\n"
            "  Example:\n\n    savor models example ./model | savor models predict -m ./model\n",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .positional = "MODEL",
    .stands_for = 0,
};

static char *put(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

/* JSON without the line ends and the indentation between its tokens, inside single quotes of the shell. */
static char *put_body(char *out, const char *body)
{
    int in_string = 0;
    for (const char *p = body; *p; p++) {
        if (!in_string && *p == '\n') {
            while (p[1] == ' ')
                p++;
            continue;
        }
        if (*p == '\'') {
            out = put(out, "'\\''");
            continue;
        }
        if (in_string && *p == '\\')
            *out++ = *p++;
        else if (*p == '"')
            in_string = !in_string;
        *out++ = *p;
    }
    return out;
}

/* The whole line; each byte of the body takes at most four. */
static char *make_curl(const example_args *a, const char *body, size_t n)
{
    size_t room = 4 * n + strlen(a->host) + 200;
    char *line = malloc(room), *end = line;
    if (!line)
        return NULL;
    int is_v6 = strchr(a->host, ':') != NULL;
    end += snprintf(line, room, "curl http://%s%s%s:%d/invocations -H 'Content-Type: application/json' -d '",
                    is_v6 ? "[" : "", a->host, is_v6 ? "]" : "", a->port);
    end = put_body(end, body);
    end = put(end, "'\n");
    *end = '\0';
    return line;
}

static int write_request(const example_args *a, const savor_example *example)
{
    size_t n;
    const char *body = savor_example_get_request(example, &n);
    if (!a->curl)
        return cli_write_path(a->output, body, n);
    char *line = make_curl(a, body, n);
    int code = line ? cli_write_path(a->output, line, strlen(line)) : cli_fail("not enough memory");
    free(line);
    return code;
}

int cmd_example(int argc, char **argv)
{
    example_args a = {.curl = 0};
    cli_given given;
    savor_load_options options = {.size = sizeof options};
    savor_error err = {SAVOR_OK, "", ""};
    savor_example *example = NULL;
    int code = cli_parse(&USAGE, argc, argv, &a, &given);
    if (code != CLI_GO_ON)
        return code;
    if (savor_profile_read(a.model.profile, &options.profile, &err) ||
        savor_example_load(a.model.uri, &options, &example, &err))
        return cli_error(&err);
    code = write_request(&a, example);
    savor_example_free(example);
    return code;
}
