/* log_line.h: one line of the server's log that the command itself adds, in the server's own form. */
#ifndef CLI_LOG_LINE_H
#define CLI_LOG_LINE_H

#include <stddef.h>
#include <stdint.h>

/** Fields in order; `key=value`, or one JSON object. What does not fit is left out. */
typedef struct cli_line {
    char text[2048];
    size_t n;
    int is_json;
} cli_line;

/** Start a line with its time, level "info" and event. */
void cli_line_begin(cli_line *line, int is_json, const char *event);

/** Add a field; `value` may hold anything, controls are escaped. */
void cli_line_put(cli_line *line, const char *key, const char *value);
void cli_line_put_number(cli_line *line, const char *key, uint64_t value);

/** Write the line to standard error in one piece. */
void cli_line_end(cli_line *line);

#endif
