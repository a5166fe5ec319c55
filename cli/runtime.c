/* runtime.c: finds the worker program relative to the command, so that an installed tree may be moved. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "savor/worker/__main__.py"

static int is_there(const char *path) { return access(path, R_OK) == 0; }

/* The folder of the command itself. */
static int own_folder(char *room, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", room, size - 1);
    if (n <= 0 || (size_t)n >= size - 1)
        return 0;
    room[n] = '\0';
    char *slash = strrchr(room, '/');
    if (!slash)
        return 0;
    *slash = '\0';
    return 1;
}

const char *cli_worker_program(char *room, size_t size)
{
    static const char *const PLACES[] = {"../share/savor/python", "python"};
    const char *given = getenv("SAVOR_PYTHONPATH");
    char folder[CLI_PATH_BYTES], real[CLI_PATH_BYTES];
    room[0] = '\0';
    if (given && given[0] && realpath(given, real)) {
        snprintf(room, size, "%s/" PROGRAM, real);
        return room;
    }
    if (!own_folder(folder, sizeof folder))
        return room;
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        snprintf(room, size, "%s/%s/" PROGRAM, folder, PLACES[i]);
        if (is_there(room))
            return room;
    }
    room[0] = '\0';
    return room;
}
