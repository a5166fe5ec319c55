/* access_log_priv.h: what happened, as one line of key=value or JSON. Nothing of a payload is ever in it. */
#ifndef SV_SERVE_ACCESS_LOG_PRIV_H
#define SV_SERVE_ACCESS_LOG_PRIV_H

#include "base/str.h"

#include <stdint.h>

#define SV_LINE_BYTES 1024

/** A line under construction. Too long a line loses its last fields, and says so. */
typedef struct sv_line {
    char text[SV_LINE_BYTES];
    size_t n;
    bool is_json, is_cut;
} sv_line;

/** One answered request. */
typedef struct sv_access {
    const char *stamp; /* SV_STAMP_BYTES */
    const char *client;
    sv_str method, path;
    int http_status;
    uint64_t n_in, n_out; /* bytes of the request and of the answer, heads included */
    int64_t duration_us;  /* from the first byte of the request in our memory to the answer in it */
    const char *error;    /* one line without request data, or NULL */
} sv_access;

/** Begin a line with its time and its level ("info", "warning", "error") and event. */
void sv_line_begin(sv_line *line, bool is_json, const char *stamp, const char *level, const char *event);

/** Add a text; every byte that is not plain ASCII is escaped, so that a line stays a line. */
void sv_line_put(sv_line *line, const char *key, sv_str value);

/** Add a number. */
void sv_line_put_number(sv_line *line, const char *key, int64_t value);

/** End the line; its text. */
sv_str sv_line_end(sv_line *line);

/** The line of one request. */
sv_str sv_access_write(sv_line *line, bool is_json, const sv_access *access);

#endif
