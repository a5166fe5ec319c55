/* buf.h: bytes that grow, up to a maximum that is set when the buffer is made. */
#ifndef SV_BASE_BUF_H
#define SV_BASE_BUF_H

#include "base/error.h"
#include "base/str.h"

typedef struct sv_buf {
    char *p; /* NULL until the first byte; always NUL-terminated after that */
    size_t n;
    size_t capacity;
    size_t max_bytes;
    savor_status failed; /* the first failure sticks, so that a run of puts needs one check at its end */
} sv_buf;

/** No buffer without a maximum. */
#define SV_BUF_INIT(max) ((sv_buf){.max_bytes = (max)})

/** End the buffer; it may be used again with the same maximum. */
void sv_buf_deinit(sv_buf *buf);

/** Empty the buffer, keep its memory. */
void sv_buf_reset(sv_buf *buf);

/** Make room for `n` more bytes; the place to write them, or NULL. The caller adds to `buf->n` what it wrote. */
char *sv_buf_reserve(sv_buf *buf, size_t n);

/** Append bytes. Failures stick and are told by sv_buf_check. */
void sv_buf_put(sv_buf *buf, const void *bytes, size_t n);
void sv_buf_put_str(sv_buf *buf, sv_str s);
void sv_buf_put_text(sv_buf *buf, const char *text);
void sv_buf_put_char(sv_buf *buf, char c);

/** Append as printf does. */
void sv_buf_printf(sv_buf *buf, const char *fmt, ...) SV_PRINTF(2, 3);

/** OK, or NOMEM or LIMIT when any put failed since the last reset; or UNREADABLE, which a writer of JSON may set. */
savor_status sv_buf_check(const sv_buf *buf, savor_error *err) SAVOR_MUST_CHECK;

/** The contents, borrowed until the next change. */
static inline sv_str sv_buf_view(const sv_buf *buf) { return (sv_str){buf->p ? buf->p : "", buf->n}; }

#endif
