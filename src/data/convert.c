#include "data/convert.h"

#include "base/number.h"
#include "data/datetime.h"

#include <math.h>
#include <stdio.h>

/* ---- text to numbers, with Python's grammar ---- */

#define NUMBER_TEXT_MAX 512

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* Blanks around are dropped, underscores between digits too; false when underscores stand elsewhere. */
static bool squeeze(sv_str text, char *room, sv_str *out)
{
    text = sv_str_trim(text);
    while (text.n && (text.p[0] == '\v' || text.p[0] == '\f'))
        text = sv_str_trim((sv_str){text.p + 1, text.n - 1});
    while (text.n && (text.p[text.n - 1] == '\v' || text.p[text.n - 1] == '\f'))
        text = sv_str_trim((sv_str){text.p, text.n - 1});
    if (!text.n || !memchr(text.p, '_', text.n)) {
        *out = text;
        return true;
    }
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '_') {
            if (n == NUMBER_TEXT_MAX)
                return false;
            room[n++] = text.p[i];
        } else if (i == 0 || i + 1 == text.n || !is_digit(text.p[i - 1]) || !is_digit(text.p[i + 1])) {
            return false;
        }
    }
    *out = (sv_str){room, n};
    return true;
}

static bool is_word(sv_str text, const char *word)
{
    if (text.n != strlen(word))
        return false;
    for (size_t i = 0; i < text.n; i++)
        if ((text.p[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool text_to_double(sv_str text, double *out)
{
    char room[NUMBER_TEXT_MAX];
    if (!squeeze(text, room, &text) || !text.n)
        return false;
    bool negative = text.p[0] == '-';
    sv_str body = negative || text.p[0] == '+' ? (sv_str){text.p + 1, text.n - 1} : text;
    if (is_word(body, "inf") || is_word(body, "infinity"))
        *out = (double)INFINITY;
    else if (is_word(body, "nan"))
        *out = (double)NAN;
    else if (!body.n || body.p[0] == '-' || !sv_text_to_double(body, out))
        return false;
    if (negative)
        *out = -*out;
    return true;
}

static sv_refusal text_to_int64(sv_str text, int64_t *out)
{
    char room[NUMBER_TEXT_MAX];
    static const char NOT_INT[] = "invalid literal for int() with base 10";
    if (!squeeze(text, room, &text) || !text.n)
        return NOT_INT;
    size_t sign = text.p[0] == '-' || text.p[0] == '+';
    if (text.n == sign)
        return NOT_INT;
    for (size_t i = sign; i < text.n; i++)
        if (!is_digit(text.p[i]))
            return NOT_INT;
    return sv_str_to_int64(text, out) ? NULL : "Python int too large to convert to C long";
}

/* ---- one value ---- */

sv_refusal sv_value_to_double(const sv_value *v, double *out)
{
    if (v->kind == SV_VALUE_ARRAY && v->u.tensor->n_dims == 0) { /* float() of such an array is that of its element */
        sv_value element = sv_item_get(v->u.tensor->dtype, v->u.tensor->data, 0);
        return element.kind == SV_VALUE_ARRAY ? "only 0-dimensional arrays can be converted to Python scalars"
                                              : sv_value_to_double(&element, out);
    }
    switch (v->kind) {
    case SV_VALUE_NONE:
        *out = (double)NAN;
        return NULL;
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
        *out = (double)v->u.i;
        return NULL;
    case SV_VALUE_BIGINT:
        if (!sv_text_to_double((sv_str){v->u.p, v->n}, out) || isinf(*out))
            return "int too large to convert to float";
        return NULL;
    case SV_VALUE_FLOAT:
        *out = v->u.f;
        return NULL;
    case SV_VALUE_STRING:
    case SV_VALUE_BYTES:
        return text_to_double((sv_str){v->u.p, v->n}, out) ? NULL : "could not convert string to float";
    default:
        return "float() argument must be a string or a real number";
    }
}

sv_refusal sv_value_to_int64(const sv_value *v, int64_t *out)
{
    switch (v->kind) {
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
        *out = v->u.i;
        return NULL;
    case SV_VALUE_BIGINT:
        return "Python int too large to convert to C long";
    case SV_VALUE_FLOAT:
        if (isnan(v->u.f))
            return "cannot convert float NaN to integer";
        if (isinf(v->u.f))
            return "cannot convert float infinity to integer";
        if (!(fabs(v->u.f) < 0x1p63) && v->u.f != -0x1p63)
            return "Python int too large to convert to C long";
        *out = (int64_t)v->u.f;
        return NULL;
    case SV_VALUE_STRING:
    case SV_VALUE_BYTES:
        return text_to_int64((sv_str){v->u.p, v->n}, out);
    default:
        return "int() argument must be a string, a bytes-like object or a real number";
    }
}

bool sv_value_to_bool(const sv_value *v)
{
    switch (v->kind) {
    case SV_VALUE_NONE:
        return false;
    case SV_VALUE_BOOL:
    case SV_VALUE_INT:
        return v->u.i != 0;
    case SV_VALUE_FLOAT:
        return v->u.f != 0;
    case SV_VALUE_BIGINT:
    case SV_VALUE_DATETIME:
        return true;
    default:
        return v->n != 0;
    }
}

sv_value sv_item_get(savor_dtype dtype, const void *data, size_t i)
{
    sv_tensor view = {.dtype = dtype, .data = data};
    sv_value v = {.kind = SV_VALUE_INT};
    switch (dtype) {
    case SAVOR_OBJECT:
        return ((const sv_value *)data)[i];
    case SAVOR_STRING:
    case SAVOR_BYTES: {
        sv_str s = ((const sv_str *)data)[i];
        if (!s.p)
            return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = (double)NAN};
        return (sv_value){.kind = dtype == SAVOR_STRING ? SV_VALUE_STRING : SV_VALUE_BYTES, .n = s.n, .u.p = s.p};
    }
    case SAVOR_DATETIME_NS:
        return (sv_value){.kind = SV_VALUE_DATETIME, .u.i = ((const int64_t *)data)[i]};
    case SAVOR_INT64:
    case SAVOR_UINT64:
        v.u.i = ((const int64_t *)data)[i];
        return v; /* a uint64 above 2^63 has no value of its own: sv_items_cast sees to it */
    default:
        break;
    }
    double value = 0;
    (void)sv_tensor_to_double(&view, i, &value);
    if (sv_dtype_kind(dtype) == 'f')
        return (sv_value){.kind = SV_VALUE_FLOAT, .u.f = value};
    v.kind = dtype == SAVOR_BOOL ? SV_VALUE_BOOL : SV_VALUE_INT;
    v.u.i = (int64_t)value;
    return v;
}

int64_t sv_double_to_int64(double value) { return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN; }

int32_t sv_double_to_int32(double value)
{
    return value > -0x1p31 - 1 && value < 0x1p31 ? (int32_t)value : INT32_MIN;
}

uint16_t sv_double_to_half(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t sign = (uint16_t)(bits >> 48 & 0x8000);
    double size = fabs(value);
    if (isnan(value))
        return sign | 0x7E00;
    if (size >= 65520)
        return sign | 0x7C00;
    if (size < 0x1p-14)
        return sign | (uint16_t)nearbyint(size * 0x1p24); /* may round up into the smallest normal, which is right */
    int exponent;
    double fraction = frexp(size, &exponent); /* in [0.5, 1) */
    uint32_t mantissa = (uint32_t)nearbyint(fraction * 2048);
    return sign | (uint16_t)(((uint32_t)(exponent + 14) << 10) + (mantissa - 1024));
}

/* ---- many values ---- */

static void put_integer(savor_dtype to, void *out, size_t i, int64_t value)
{
    switch (sv_dtype_size(to)) {
    case 1:
        ((uint8_t *)out)[i] = (uint8_t)value;
        break;
    case 2:
        ((uint16_t *)out)[i] = (uint16_t)value;
        break;
    case 4:
        ((uint32_t *)out)[i] = (uint32_t)value;
        break;
    default:
        ((uint64_t *)out)[i] = (uint64_t)value;
        break;
    }
}

static void put_float(savor_dtype to, void *out, size_t i, double value)
{
    if (to == SAVOR_FLOAT64)
        ((double *)out)[i] = value;
    else if (to == SAVOR_FLOAT32)
        ((float *)out)[i] = (float)value;
    else
        ((uint16_t *)out)[i] = sv_double_to_half(value);
}

static const char OUT_OF_MEMORY[] = "out of memory";

/* numpy's arrays of text: NULs at the end are lost; bytes are ASCII. */
static sv_refusal cast_text(const sv_value *v, savor_dtype to, sv_str *out, sv_arena *arena)
{
    if (v->kind == SV_VALUE_LIST || v->kind == SV_VALUE_ARRAY)
        return "setting an array element with a sequence";
    *out = v->kind == SV_VALUE_BYTES ? (sv_str){v->n ? v->u.p : "", v->n} : sv_value_to_text(v, arena);
    if (!out->p)
        return OUT_OF_MEMORY;
    while (out->n && out->p[out->n - 1] == '\0')
        out->n--;
    for (size_t i = 0; (to == SAVOR_BYTES) != (v->kind == SV_VALUE_BYTES) && i < out->n; i++)
        if ((unsigned char)out->p[i] >= 0x80)
            return "'ascii' codec can't encode a character";
    return NULL;
}

/* numpy.datetime64(x, "ns") */
static sv_refusal cast_time(const sv_value *v, int64_t *out)
{
    *out = SV_NAT;
    if (v->kind == SV_VALUE_NONE)
        return NULL;
    if (v->kind == SV_VALUE_STRING)
        return sv_text_to_datetime64((sv_str){v->n ? v->u.p : "", v->n}, out) ? NULL : "it is no date";
    if (v->kind != SV_VALUE_INT && v->kind != SV_VALUE_BOOL && v->kind != SV_VALUE_DATETIME)
        return "could not convert object to NumPy datetime";
    *out = v->u.i;
    return NULL;
}

static sv_refusal cast_value(const sv_value *v, savor_dtype to, void *out, size_t i, sv_arena *arena)
{
    sv_refusal why = NULL;
    double f = 0;
    int64_t n = 0;
    switch (sv_dtype_kind(to)) {
    case 'b':
        ((uint8_t *)out)[i] = sv_value_to_bool(v);
        return NULL;
    case 'O':
        ((sv_value *)out)[i] = *v;
        return NULL;
    case 'U':
    case 'S':
        return cast_text(v, to, &((sv_str *)out)[i], arena);
    case 'M':
        return cast_time(v, &((int64_t *)out)[i]);
    case 'f':
        if (!(why = sv_value_to_double(v, &f)))
            put_float(to, out, i, f);
        return why;
    case 'i':
    case 'u':
        if (to == SAVOR_UINT64 && v->kind == SV_VALUE_BIGINT)
            return sv_str_to_uint64((sv_str){v->u.p, v->n}, &((uint64_t *)out)[i]) ? NULL : "it is too large";
        if (!(why = sv_value_to_int64(v, &n)))
            put_integer(to, out, i, n);
        return why;
    default:
        return "there is no such conversion";
    }
}

#define SHOWN_MAX 60 /* bytes of a value in a message */

static savor_status refuse(const sv_value *v, savor_dtype to, size_t i, const char *why, savor_error *err)
{
    char room[SHOWN_MAX + 1] = "";
    int n_shown = v->n < SHOWN_MAX ? (int)v->n : SHOWN_MAX; /* text has no NUL behind it */
    if (v->kind == SV_VALUE_STRING)
        snprintf(room, sizeof room, " \"%.*s\"", n_shown, v->n ? v->u.p : "");
    else if (v->kind == SV_VALUE_BIGINT)
        snprintf(room, sizeof room, " %.*s", n_shown, v->u.p);
    else if (v->kind == SV_VALUE_FLOAT)
        snprintf(room, sizeof room, " %.17g", v->u.f);
    else if (v->kind == SV_VALUE_INT)
        snprintf(room, sizeof room, " %lld", (long long)v->u.i);
    return sv_fail(err, SAVOR_BAD_REQUEST, "could not convert %s%s in row %zu to %s: %s", sv_value_type_name(v), room,
                   i, savor_dtype_name(to), why);
}

static savor_status cast_floats(const sv_tensor *from, size_t n, savor_dtype to, void *out, savor_error *err)
{
    for (size_t i = 0; i < n; i++) {
        double value = 0;
        (void)sv_tensor_to_double(from, i, &value);
        if (!isfinite(value))
            return sv_fail(err, SAVOR_BAD_REQUEST, "cannot convert non-finite values (NA or inf) to integer: row %zu",
                           i);
        if (to == SAVOR_INT32)
            ((int32_t *)out)[i] = sv_double_to_int32(value);
        else
            put_integer(to, out, i, sv_double_to_int64(value));
    }
    return SAVOR_OK;
}

/* Between plain numbers; nothing is refused but NaN and infinity on the way to an integer. */
static savor_status cast_numbers(const sv_tensor *from, size_t n, savor_dtype to, void *out, savor_error *err)
{
    char from_kind = sv_dtype_kind(from->dtype), to_kind = sv_dtype_kind(to);
    if (from_kind == 'f' && (to_kind == 'i' || to_kind == 'u'))
        return cast_floats(from, n, to, out, err);
    for (size_t i = 0; i < n; i++) {
        double value = 0;
        if (to_kind == 'f' || from_kind == 'f') {
            (void)sv_tensor_to_double(from, i, &value);
            if (to_kind == 'f')
                put_float(to, out, i, value);
            else
                ((uint8_t *)out)[i] = value != 0;
            continue;
        }
        sv_value v = sv_item_get(from->dtype, from->data, i);
        if (to_kind == 'b')
            ((uint8_t *)out)[i] = v.u.i != 0;
        else
            put_integer(to, out, i, v.u.i);
    }
    return SAVOR_OK;
}

static bool is_number_kind(char kind) { return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f'; }

/* An integer above int64 as a Python int. */
static bool big_value(uint64_t value, sv_arena *arena, sv_value *out)
{
    char room[24];
    int n = snprintf(room, sizeof room, "%llu", (unsigned long long)value);
    const char *digits = sv_arena_text(arena, room, (size_t)n);
    *out = (sv_value){.kind = SV_VALUE_BIGINT, .n = (size_t)n, .u.p = digits};
    return digits;
}

savor_status sv_items_cast(savor_dtype from, const void *data, size_t n, savor_dtype to, sv_arena *arena,
                           const void **out, savor_error *err)
{
    *out = NULL;
    if (from == to) {
        *out = data;
        return SAVOR_OK;
    }
    void *items = sv_column_alloc(arena, to, n);
    if (!items)
        return sv_arena_fail(arena, n * sv_dtype_size(to), err);
    if (is_number_kind(sv_dtype_kind(from)) && is_number_kind(sv_dtype_kind(to))) {
        sv_tensor view = {.dtype = from, .data = data};
        savor_status st = cast_numbers(&view, n, to, items, err);
        if (st)
            return st;
    } else {
        for (size_t i = 0; i < n; i++) {
            sv_value v = sv_item_get(from, data, i);
            if (from == SAVOR_UINT64 && v.u.i < 0 && !big_value(((const uint64_t *)data)[i], arena, &v))
                return sv_arena_fail(arena, 0, err);
            sv_refusal why = cast_value(&v, to, items, i, arena);
            if (why == OUT_OF_MEMORY)
                return sv_arena_fail(arena, 0, err);
            if (why)
                return refuse(&v, to, i, why, err);
        }
    }
    *out = items;
    return SAVOR_OK;
}
