#include "serve/chunked_priv.h"

#define MAX_EXTENSION_BYTES 256
#define MAX_TRAILER_BYTES 4096
#define MAX_DIGITS 16

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_NAME, TRAILER_VALUE, TRAILER_LF, END_LF };

static sv_http_verdict refuse(sv_chunked *d, int status, const char *why)
{
    d->refused_status = status;
    d->refused_why = why;
    return SV_HTTP_REFUSED;
}

static sv_http_verdict go(sv_chunked *d, int state)
{
    d->state = (uint8_t)state;
    return SV_HTTP_MORE;
}

static sv_http_verdict step_size(sv_chunked *d, char c)
{
    int digit = sv_hex_digit(c);
    if (digit >= 0) {
        if (++d->n_digits > MAX_DIGITS)
            return refuse(d, 400, "a chunk size had more than 16 digits");
        d->left = d->left << 4 | (uint64_t)digit;
        return SV_HTTP_MORE;
    }
    if (d->n_digits == 0 || (c != '\r' && c != ';'))
        return refuse(d, 400, "a chunk size was not hexadecimal");
    if (d->left > d->max_bytes - d->n_bytes)
        return refuse(d, 413, "the body was longer than allowed");
    d->n_bytes += d->left;
    return go(d, c == '\r' ? SIZE_LF : EXTENSION);
}

static sv_http_verdict step_extension(sv_chunked *d, char c)
{
    if (c == '\r')
        return go(d, SIZE_LF);
    if (!sv_http_is_text_byte(c))
        return refuse(d, 400, "a chunk extension held a control byte");
    if (++d->n_extension_bytes > MAX_EXTENSION_BYTES)
        return refuse(d, 400, "the chunk extensions were longer than 256 bytes");
    return SV_HTTP_MORE;
}

static sv_http_verdict step_trailer(sv_chunked *d, char c)
{
    bool is_name = d->state != TRAILER_VALUE;
    if (++d->n_trailer_bytes > MAX_TRAILER_BYTES)
        return refuse(d, 431, "the trailer was longer than 4096 bytes");
    if (c == '\r' && d->state != TRAILER_NAME)
        return go(d, d->state == TRAILER ? END_LF : TRAILER_LF);
    if (c == ':' && d->state == TRAILER_NAME)
        return go(d, TRAILER_VALUE);
    if (is_name ? !sv_http_is_token_byte(c) : !sv_http_is_text_byte(c))
        return refuse(d, 400, "the trailer held something that is no field");
    return go(d, is_name ? TRAILER_NAME : TRAILER_VALUE);
}

/* The one byte that must come here, and the state behind it. */
static sv_http_verdict step_exact(sv_chunked *d, char c, char wanted, int next)
{
    return c == wanted ? go(d, next) : refuse(d, 400, "a chunk did not end in CR LF");
}

static sv_http_verdict step(sv_chunked *d, char c)
{
    switch (d->state) {
    case SIZE:
        return step_size(d, c);
    case EXTENSION:
        return step_extension(d, c);
    case SIZE_LF:
        return step_exact(d, c, '\n', d->left ? DATA : TRAILER);
    case DATA_CR:
        return step_exact(d, c, '\r', DATA_LF);
    case DATA_LF:
        d->n_digits = 0;
        return step_exact(d, c, '\n', SIZE);
    case TRAILER_LF:
        return step_exact(d, c, '\n', TRAILER);
    case END_LF:
        return c == '\n' ? SV_HTTP_DONE : refuse(d, 400, "the trailer did not end in CR LF");
    default:
        return step_trailer(d, c);
    }
}

static size_t copy_data(sv_chunked *d, const char *in, size_t n_in, char *out)
{
    size_t n = d->left < n_in ? (size_t)d->left : n_in;
    if (out != in)
        memmove(out, in, n);
    d->left -= n;
    if (d->left == 0)
        d->state = DATA_CR;
    return n;
}

sv_http_verdict sv_chunked_decode(sv_chunked *decoder, const char *in, size_t n_in, char *out, size_t *n_used,
                                  size_t *n_out)
{
    sv_http_verdict verdict = SV_HTTP_MORE;
    size_t i = 0, written = 0;
    while (i < n_in && verdict == SV_HTTP_MORE) {
        if (decoder->state == DATA) {
            size_t n = copy_data(decoder, in + i, n_in - i, out + written);
            i += n;
            written += n;
        } else {
            verdict = step(decoder, in[i++]);
        }
    }
    *n_used = i;
    *n_out = written;
    return verdict;
}
