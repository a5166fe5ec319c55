#include "base/error.h"

#include <savor/version.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct status_row {
    const char *name;
    int http;
    int exit_code;
    const char *mlflow_code;
    const char *hint;
} status_row;

static const status_row STATUS_ROWS[] = {
#define X(name, n, http, exit_code, code, hint) [n] = {#name, http, exit_code, code, hint},
    SAVOR_STATUS_MAP(X)
#undef X
};

static const status_row UNKNOWN_ROW = {"UNKNOWN", 500, 1, "INTERNAL_ERROR", "report a bug of savor"};

static const status_row *find_row(savor_status status)
{
    size_t n = (size_t)status;
    return n < sizeof STATUS_ROWS / sizeof STATUS_ROWS[0] ? &STATUS_ROWS[n] : &UNKNOWN_ROW;
}

const char *savor_status_name(savor_status status) { return find_row(status)->name; }
const char *savor_status_hint(savor_status status) { return find_row(status)->hint; }
int savor_status_exit_code(savor_status status) { return find_row(status)->exit_code; }
int savor_status_http(savor_status status) { return find_row(status)->http; }
const char *savor_status_mlflow_code(savor_status status) { return find_row(status)->mlflow_code; }

#define TEXT_OF(x) #x
#define VERSION_TEXT(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

const char *savor_version(void)
{
    return VERSION_TEXT(SAVOR_VERSION_MAJOR, SAVOR_VERSION_MINOR, SAVOR_VERSION_PATCH);
}

/* A message cut in the middle of a character would make the JSON error body invalid UTF-8. */
static void cut_at_character(char *text, size_t size, int wanted)
{
    if (wanted < 0 || (size_t)wanted < size)
        return;
    size_t n = size - 1, lead = n;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    unsigned char c = lead > 0 ? (unsigned char)text[lead - 1] : 0;
    size_t whole = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 0;
    if (whole && n - (lead - 1) < whole)
        n = lead - 1;
    text[n] = '\0';
}

savor_status sv_fail(savor_error *err, savor_status status, const char *fmt, ...)
{
    if (!err)
        return status;
    va_list args;
    va_start(args, fmt);
    int wanted = vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    cut_at_character(err->message, sizeof err->message, wanted);
    err->status = status;
    err->where[0] = '\0';
    return status;
}

savor_status sv_error_at(savor_error *err, savor_status status, const char *fmt, ...)
{
    if (!err || status == SAVOR_OK)
        return status;
    char inner[sizeof err->where];
    memcpy(inner, err->where, sizeof inner);
    va_list args;
    va_start(args, fmt);
    int wanted = vsnprintf(err->where, sizeof err->where, fmt, args);
    va_end(args);
    cut_at_character(err->where, sizeof err->where, wanted);
    size_t used = strlen(err->where);
    if (inner[0] && used + 2 < sizeof err->where) {
        wanted = snprintf(err->where + used, sizeof err->where - used, ": %s", inner);
        cut_at_character(err->where + used, sizeof err->where - used, wanted);
    }
    return status;
}

savor_status sv_fail_nomem(savor_error *err, size_t size)
{
    return sv_fail(err, SAVOR_NOMEM, "could not allocate %zu bytes", size);
}
