/* test_server.c: the server in front of a scorer that echoes, started with the words of the real command.
 *
 *     test_server models serve -m MODEL -p PORT [-w N] [--set NAME=VALUE]... [--json-log]
 *
 * MODEL is ignored; SAVOR_PROFILE forces a profile as it does for the real one; --set changes a limit.
 */
#include <savor/server.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

savor_model *fake_model(savor_profile profile);

static savor_server *running;

static void stop(int signal_number)
{
    (void)signal_number;
    savor_server_stop(running);
}

static void write_line(void *context, const char *line, size_t n_bytes)
{
    (void)context;
    fprintf(stderr, "%.*s\n", (int)n_bytes, line);
}

static void set_option(savor_server_options *o, const char *text)
{
    const struct {
        const char *name;
        size_t *size;
        int *number;
    } names[] = {
        {"max_body_bytes=", &o->max_body_bytes, NULL},
        {"max_head_bytes=", &o->max_head_bytes, NULL},
        {"max_inflight_bytes=", &o->max_inflight_bytes, NULL},
        {"max_connections=", NULL, &o->max_connections},
        {"head_timeout_ms=", NULL, &o->head_timeout_ms},
        {"body_idle_timeout_ms=", NULL, &o->body_idle_timeout_ms},
        {"keepalive_timeout_ms=", NULL, &o->keepalive_timeout_ms},
        {"drain_timeout_ms=", NULL, &o->drain_timeout_ms},
        {"no_access_log=", NULL, &o->no_access_log},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i].name);
        if (strncmp(text, names[i].name, n) != 0)
            continue;
        if (names[i].size)
            *names[i].size = strtoull(text + n, NULL, 10);
        else
            *names[i].number = (int)strtol(text + n, NULL, 10);
        return;
    }
    fprintf(stderr, "unknown setting %s\n", text);
    exit(2);
}

static void read_arguments(savor_server_options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int has_value = i + 1 < argc;
        if (strcmp(argv[i], "-p") == 0 && has_value)
            o->port = (int)strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "-w") == 0 && has_value)
            o->n_workers = (int)strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "-h") == 0 && has_value)
            o->host = argv[++i];
        else if (strcmp(argv[i], "--allowed-hosts") == 0 && has_value)
            o->allowed_hosts = argv[++i];
        else if (strcmp(argv[i], "--set") == 0 && has_value)
            set_option(o, argv[++i]);
        else if (strcmp(argv[i], "--json-log") == 0)
            o->json_log = 1;
    }
}

int main(int argc, char **argv)
{
    savor_server_options options = {.size = sizeof options, .log = write_line};
    savor_error err;
    const char *profile = getenv("SAVOR_PROFILE");
    int number = profile && profile[0] >= '1' && profile[0] <= '3' ? profile[0] - '0' : 0;
    options.score.forced_profile = number != 0;
    read_arguments(&options, argc, argv);
    if (savor_server_new(fake_model(number ? (savor_profile)number : SAVOR_PROFILE_3), &options, &running, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    savor_status status = savor_server_run(running, &err);
    if (status)
        fprintf(stderr, "%s\n", err.message);
    savor_server_free(running);
    return savor_status_exit_code(status);
}
