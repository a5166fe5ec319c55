/* bytes.h: a file, standard input or a pipe, whole in memory; and a file written whole or not at all. */
#ifndef CLI_BYTES_H
#define CLI_BYTES_H

#include <stddef.h>

typedef struct cli_bytes {
    char *p; /* n bytes, with a NUL behind them */
    size_t n, capacity;
} cli_bytes;

/**
 * Read everything from a descriptor.
 *
 * max       more than this many bytes is an error
 * name      for messages
 * out       cli_bytes_free ends it; empty on failure
 * returns   0; 1 after the error was told on stderr
 */
int cli_read_fd(int fd, size_t max, const char *name, cli_bytes *out);

/** Likewise for a path; NULL and "-" are standard input. */
int cli_read_path(const char *path, size_t max, cli_bytes *out);

/** End what was read; doing it twice is harmless. */
void cli_bytes_free(cli_bytes *bytes);

/** Write all bytes to a descriptor. Returns 0, or 1 after the error was told. */
int cli_write_fd(int fd, const void *p, size_t n, const char *name);

/**
 * Write a file by way of a temporary one beside it, so that a failure leaves what was there before.
 *
 * path      NULL and "-" are standard output. What is no regular file (a device, a pipe) is written straight
 * returns   0; 1 after the error was told
 */
int cli_write_path(const char *path, const void *p, size_t n);

#endif
