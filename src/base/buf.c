#include "base/buf.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>

#define FIRST_BYTES 256

void sv_buf_deinit(sv_buf *buf)
{
    sv_free(buf->p);
    *buf = SV_BUF_INIT(buf->max_bytes);
}

void sv_buf_reset(sv_buf *buf)
{
    buf->n = 0;
    buf->failed = SAVOR_OK;
    if (buf->p)
        buf->p[0] = '\0';
}

static bool grow(sv_buf *buf, size_t needed)
{
    size_t capacity = buf->capacity ? buf->capacity * 2 : FIRST_BYTES;
    if (capacity < needed)
        capacity = needed;
    char *p = sv_realloc_array(buf->p, capacity, 1);
    if (!p) {
        buf->failed = SAVOR_NOMEM;
        return false;
    }
    buf->p = p;
    buf->capacity = capacity;
    return true;
}

char *sv_buf_reserve(sv_buf *buf, size_t n)
{
    if (buf->failed)
        return NULL;
    if (buf->n > buf->max_bytes || n > buf->max_bytes - buf->n) {
        buf->failed = SAVOR_LIMIT;
        return NULL;
    }
    size_t needed = buf->n + n + 1; /* one for the NUL; max_bytes is far below SIZE_MAX */
    if (needed > buf->capacity && !grow(buf, needed))
        return NULL;
    return buf->p + buf->n;
}

void sv_buf_put(sv_buf *buf, const void *bytes, size_t n)
{
    char *place = sv_buf_reserve(buf, n);
    if (!place)
        return;
    if (n)
        memcpy(place, bytes, n);
    buf->n += n;
    buf->p[buf->n] = '\0';
}

void sv_buf_put_str(sv_buf *buf, sv_str s) { sv_buf_put(buf, s.p, s.n); }
void sv_buf_put_text(sv_buf *buf, const char *text) { sv_buf_put(buf, text, strlen(text)); }
void sv_buf_put_char(sv_buf *buf, char c) { sv_buf_put(buf, &c, 1); }

void sv_buf_printf(sv_buf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *place = n < 0 ? NULL : sv_buf_reserve(buf, (size_t)n);
    if (place) {
        vsnprintf(place, (size_t)n + 1, fmt, again);
        buf->n += (size_t)n;
    }
    va_end(again);
}

savor_status sv_buf_check(const sv_buf *buf, savor_error *err)
{
    if (buf->failed == SAVOR_LIMIT)
        return sv_fail(err, SAVOR_LIMIT, "the text would be longer than %zu bytes", buf->max_bytes);
    if (buf->failed == SAVOR_UNREADABLE)
        return sv_fail(err, SAVOR_UNREADABLE, "a value has no form in JSON");
    if (buf->failed)
        return sv_fail_nomem(err, buf->capacity * 2);
    return SAVOR_OK;
}
