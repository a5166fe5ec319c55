#include "request/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_of(char c)
{
    const char *hit = c ? strchr(ALPHABET, c) : NULL;
    return hit ? (int)(hit - ALPHABET) : -1;
}

savor_status sv_base64_decode(sv_str text, sv_arena *arena, sv_str *out, savor_error *err)
{
    char *bytes = sv_arena_alloc(arena, text.n + 1);
    size_t n = 0, n_pads = 0;
    uint32_t bits = 0;
    int n_digits = 0;
    if (!bytes)
        return sv_arena_fail(arena, text.n + 1, err);
    for (size_t i = 0; i < text.n; i++) {
        int digit = digit_of(text.p[i]);
        if (text.p[i] == '=') { /* the end, once the quantum is full; anything after it is ignored */
            n_pads++;
            if (n_digits >= 2 && n_digits + (int)n_pads >= 4) {
                n_digits = 0;
                break;
            }
            continue;
        }
        if (digit < 0)
            continue;
        n_pads = 0;
        bits = bits << 6 | (uint32_t)digit;
        if (++n_digits > 1)
            bytes[n++] = (char)(bits >> (8 - 2 * n_digits)); /* 4, 2 or 0 bits belong to the next byte */
        if (n_digits == 4)
            n_digits = 0;
    }
    if (n_digits)
        return sv_fail(err, SAVOR_BAD_REQUEST, "Incorrect padding");
    *out = (sv_str){bytes, n};
    return SAVOR_OK;
}

void sv_base64_put(sv_buf *out, sv_str bytes)
{
    for (size_t i = 0; i < bytes.n; i += 3) {
        unsigned char in[3] = {0, 0, 0};
        size_t left = bytes.n - i < 3 ? bytes.n - i : 3;
        memcpy(in, bytes.p + i, left);
        uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        char quantum[4] = {ALPHABET[bits >> 18], ALPHABET[bits >> 12 & 63], left > 1 ? ALPHABET[bits >> 6 & 63] : '=',
                           left > 2 ? ALPHABET[bits & 63] : '='};
        sv_buf_put(out, quantum, 4);
        if ((i + 3) % 57 == 0 || i + 3 >= bytes.n)
            sv_buf_put_char(out, '\n');
    }
}
