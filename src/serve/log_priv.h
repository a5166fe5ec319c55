/*
 * log_priv.h: lines go to the caller's function on a thread of their own, so that a log that blocks (a full disk, a
 * stopped pipe) blocks no request. When the store is full, lines are dropped and counted.
 */
#ifndef SV_SERVE_LOG_PRIV_H
#define SV_SERVE_LOG_PRIV_H

#include "base/error.h"

#include <savor/server.h>
#include <stdbool.h>

typedef struct sv_log sv_log;

/**
 * Start a log.
 *
 * write     called from the log's thread only
 * out       owned by the caller: sv_log_close. NULL on failure
 * Units     none
 * Errors    NOMEM, IO (no thread)
 * Threads   safe
 * Source    none
 */
savor_status sv_log_open(savor_log_fn write, void *context, bool is_json, sv_log **out, savor_error *err);

/** Add a line (without a line end). Never waits for the writer; NULL `log`: nothing happens. */
void sv_log_put(sv_log *log, const char *line, size_t n_bytes);

/** Write what is left, for a second at most, and end the log. A writer that still blocks keeps the remains alive. */
void sv_log_close(sv_log *log);

#endif
