/* runtime.h: where the Python and R parts of savor lie. */
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

/** Likewise the program of R workers: below SAVOR_RPATH, else beside the command. */
const char *cli_r_program(char *room, size_t size);

#endif
