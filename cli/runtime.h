/* runtime.h: where the Python part of savor lies. */
#ifndef CLI_RUNTIME_H
#define CLI_RUNTIME_H

#include <stddef.h>

#define CLI_PATH_BYTES 4096

/**
 * The path of the worker program: below SAVOR_PYTHONPATH, else beside the command as installed or as built.
 *
 * room      gets the path
 * returns   `room`, or "" when it is nowhere
 */
const char *cli_worker_program(char *room, size_t size);

#endif
