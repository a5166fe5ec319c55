/* runtime.c: finds the worker programs relative to the command, so that an installed tree may be moved. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* `file` below the folder that a variable names, else below one of the places beside the command. */
static const char *find_program(const char *variable, const char *const *places, size_t n, const char *file,
                                char *room, size_t size)
{
    const char *given = getenv(variable);
    char folder[CLI_PATH_BYTES], real[CLI_PATH_BYTES];
    room[0] = '\0';
    if (given && given[0] && realpath(given, real)) {
        snprintf(room, size, "%s/%s", real, file);
        return room;
    }
    if (!own_folder(folder, sizeof folder))
        return room;
    for (size_t i = 0; i < n; i++) {
        snprintf(room, size, "%s/%s/%s", folder, places[i], file);
        if (is_there(room))
            return room;
    }
    room[0] = '\0';
    return room;
}

const char *cli_worker_program(char *room, size_t size)
{
    static const char *const PLACES[] = {"../share/savor/python", "python"};
    return find_program("SAVOR_PYTHONPATH", PLACES, 2, "savor/worker/__main__.py", room, size);
}

const char *cli_r_program(char *room, size_t size)
{
    static const char *const PLACES[] = {CLI_LIBRARY_FOLDER "/savor/R", "R"};
    return find_program("SAVOR_RPATH", PLACES, 2, "savor/worker/main.R", room, size);
}
