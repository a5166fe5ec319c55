#include "score/datetime.h"

#include "data/convert.h"

#define NS_PER_S INT64_C(1000000000)

/* Days since 1970 of a proleptic Gregorian date (Howard Hinnant's algorithm). */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool is_leap(int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int64_t days_in_month(int64_t y, int64_t m)
{
    static const int64_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && is_leap(y) ? 29 : DAYS[m - 1];
}

/* Exactly `width` digits at *p. */
static bool take_number(sv_str *text, size_t width, int64_t *out)
{
    uint64_t value;
    if (text->n < width || !sv_str_to_uint64((sv_str){text->p, width}, &value))
        return false;
    *out = (int64_t)value;
    *text = (sv_str){text->p + width, text->n - width};
    return true;
}

static bool take_char(sv_str *text, char c)
{
    if (!text->n || text->p[0] != c)
        return false;
    *text = (sv_str){text->p + 1, text->n - 1};
    return true;
}

static bool take_fraction(sv_str *text, int64_t *ns)
{
    int64_t unit = NS_PER_S / 10;
    size_t n = 0;
    for (; n < text->n && text->p[n] >= '0' && text->p[n] <= '9'; n++, unit /= 10)
        *ns += (text->p[n] - '0') * unit;
    *text = (sv_str){text->p + n, text->n - n};
    return n > 0;
}

static bool take_time(sv_str *text, int64_t *ns)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!take_number(text, 2, &hour) || !take_char(text, ':') || !take_number(text, 2, &minute))
        return false;
    if (take_char(text, ':') &&
        (!take_number(text, 2, &second) || (take_char(text, '.') && !take_fraction(text, &fraction))))
        return false;
    *ns = ((hour * 60 + minute) * 60 + second) * NS_PER_S + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

bool sv_text_to_datetime(sv_str text, int64_t *out)
{
    int64_t y, m, d, time_ns = 0, ns;
    text = sv_str_trim(text);
    if (!take_number(&text, 4, &y) || !take_char(&text, '-') || !take_number(&text, 2, &m) ||
        !take_char(&text, '-') || !take_number(&text, 2, &d) || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
        return false;
    if (text.n && !take_char(&text, 'T') && !take_char(&text, ' '))
        return false;
    else if (text.n && !take_time(&text, &time_ns))
        return false;
    return text.n == 0 && !__builtin_mul_overflow(days_from_civil(y, m, d) * 86400, NS_PER_S, &ns) &&
           !__builtin_add_overflow(ns, time_ns, out);
}

static bool value_to_ns(const sv_value *v, int64_t *out)
{
    if (sv_value_is_missing(v) || (v->kind == SV_VALUE_STRING && v->n == 0)) {
        *out = SV_NAT;
        return true;
    }
    switch (v->kind) {
    case SV_VALUE_INT:
    case SV_VALUE_DATETIME:
        *out = v->u.i;
        return true;
    case SV_VALUE_FLOAT:
        *out = sv_double_to_int64(v->u.f);
        return true;
    case SV_VALUE_STRING:
        return sv_text_to_datetime((sv_str){v->u.p, v->n}, out);
    default:
        return false;
    }
}

savor_status sv_column_to_datetime(sv_column *column, size_t n_rows, sv_arena *arena, savor_error *err)
{
    int64_t *data = sv_column_alloc(arena, SAVOR_DATETIME_NS, n_rows);
    if (!data)
        return sv_arena_fail(arena, n_rows * sizeof *data, err);
    for (size_t r = 0; r < n_rows; r++) {
        sv_value v = sv_item_get(column->dtype, column->data, r);
        if (!value_to_ns(&v, &data[r]))
            return sv_fail(err, SAVOR_BAD_REQUEST, "%s in row %zu is no date", sv_value_type_name(&v), r);
    }
    column->dtype = SAVOR_DATETIME_NS;
    column->data = data;
    return SAVOR_OK;
}
