/* message.h: lines on stderr, in colour on a terminal that wants it. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <savor/status.h>

/** Tell a fault of the library: "savor: error: WHERE: MESSAGE". Returns the exit code of its status. */
int cli_error(const savor_error *err);

/** Tell a fault of our own in one line. Returns 1. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Tell something worth knowing that stops nothing: "savor: warning: ...". */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Tell progress or a fact: "savor: ...". */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
