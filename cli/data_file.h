/* data_file.h: a file of data; its ending says what it holds. */
#ifndef CLI_DATA_FILE_H
#define CLI_DATA_FILE_H

#include "bytes.h"

#include <savor/infer.h>

/**
 * Read a file of data.
 *
 * path      its ending is a row of the table; "-": standard input, taken for JSON
 * bytes     cli_bytes_free ends it; empty on failure
 * data      borrows `bytes`
 * returns   0; or the exit code after the error was told
 */
int cli_read_data(const char *path, cli_bytes *bytes, savor_data *data);

#endif
