/* error.h: how a fault is recorded, once, where it is found. */
#ifndef SV_BASE_ERROR_H
#define SV_BASE_ERROR_H

#include <savor/status.h>

#define SV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/**
 * Record a fault and return its status, so that a caller writes `return sv_fail(err, SAVOR_FORMAT, "...", ...)`.
 *
 * err       the caller's record, NULL allowed; `where` is emptied, sv_error_at fills it afterwards
 * status    not SAVOR_OK
 * fmt, ...  one line, past tense, with the offending value and what was expected; cut at 383 bytes between characters
 * returns   status
 * Units     none
 * Errors    none
 * Threads   safe while `err` is not shared
 * Source    none
 */
savor_status sv_fail(savor_error *err, savor_status status, const char *fmt, ...) SV_PRINTF(3, 4);

/**
 * Say where a recorded fault lies (file, JSON path, column and row).
 *
 * err       NULL allowed; an existing `where` is kept and prefixed: "outer: inner"
 * status    returned as it is; nothing happens for SAVOR_OK
 * fmt, ...  cut at 127 bytes
 * returns   status
 * Units     none
 * Errors    none
 * Threads   safe while `err` is not shared
 * Source    none
 */
savor_status sv_error_at(savor_error *err, savor_status status, const char *fmt, ...) SV_PRINTF(3, 4);

/** Shorthand for the most common fault: an allocation of `size` bytes failed. */
savor_status sv_fail_nomem(savor_error *err, size_t size);

#endif
