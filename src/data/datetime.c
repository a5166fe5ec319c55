#include "data/datetime.h"

#include "data/convert.h"

#include <stdio.h>

#define NS_PER_S UINT64_C(1000000000)

/* ---- the calendar ---- */

/* Days since 1970 of a proleptic Gregorian date (Howard Hinnant's algorithm). Unsigned: it wraps, as numpy does. */
static uint64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (uint64_t)era * 146097 + (uint64_t)(day_of_era - 719468);
}

static bool is_leap(int64_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int64_t days_in_month(int64_t y, int64_t m)
{
    static const int64_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && is_leap(y) ? 29 : DAYS[m - 1];
}

/* ---- scanning ---- */

/* What a text says, and which of its parts are there. */
typedef struct stamp {
    int64_t year, month, day;
    uint64_t ns_of_day;
    int64_t zone_minutes;
    unsigned shape;
} stamp;

enum {
    HAS_YEAR = 1,
    HAS_MONTH = 2,
    HAS_DAY = 4,
    HAS_HOUR = 8,
    HAS_MINUTE = 16,
    HAS_SECOND = 32,
    HAS_FRACTION = 64,
    HAS_ZONE = 128,
    HAS_BLANK = 256, /* a blank, not a T, before the time */
    IS_COMPACT = 512,
    IS_SLASHED = 1024,
    IS_NAMED = 2048,
};

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* Between `min` and `max` digits at the front. */
static bool take_digits(sv_str *text, size_t min, size_t max, int64_t *out)
{
    uint64_t value = 0;
    size_t n = 0;
    while (n < text->n && n < max && is_digit(text->p[n]))
        value = value * 10 + (uint64_t)(text->p[n++] - '0');
    *text = (sv_str){text->p + n, text->n - n};
    *out = (int64_t)value;
    return n >= min;
}

static bool take_char(sv_str *text, char c)
{
    if (!text->n || text->p[0] != c)
        return false;
    *text = (sv_str){text->p + 1, text->n - 1};
    return true;
}

static bool take_fraction(sv_str *text, uint64_t *ns)
{
    uint64_t unit = NS_PER_S / 10;
    size_t n = 0;
    for (; n < text->n && is_digit(text->p[n]); n++, unit /= 10)
        *ns += (uint64_t)(text->p[n] - '0') * unit;
    *text = (sv_str){text->p + n, text->n - n};
    return n > 0;
}

/* HH[:MM[:SS[.fraction]]] */
static bool take_time(sv_str *text, stamp *out)
{
    int64_t hour, minute = 0, second = 0;
    uint64_t fraction = 0;
    if (!take_digits(text, 2, 2, &hour))
        return false;
    out->shape |= HAS_HOUR;
    if (take_char(text, ':')) {
        out->shape |= HAS_MINUTE;
        if (!take_digits(text, 2, 2, &minute))
            return false;
        if (take_char(text, ':')) {
            out->shape |= HAS_SECOND;
            if (!take_digits(text, 2, 2, &second))
                return false;
            if (take_char(text, '.')) {
                out->shape |= HAS_FRACTION;
                if (!take_fraction(text, &fraction))
                    return false;
            }
        }
    }
    out->ns_of_day = ((uint64_t)hour * 3600 + (uint64_t)minute * 60 + (uint64_t)second) * NS_PER_S + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

/* Z or +HH[:]MM or +HH, or nothing. */
static bool take_zone(sv_str *text, stamp *out)
{
    int64_t hours, minutes = 0;
    if (!text->n)
        return true;
    out->shape |= HAS_ZONE;
    if (take_char(text, 'Z'))
        return true;
    bool is_west = take_char(text, '-');
    if ((!is_west && !take_char(text, '+')) || !take_digits(text, 2, 2, &hours))
        return false;
    (void)take_char(text, ':');
    if (text->n && !take_digits(text, 2, 2, &minutes))
        return false;
    out->zone_minutes = (hours * 60 + minutes) * (is_west ? -1 : 1);
    return hours < 24 && minutes < 60;
}

/* -MM[-DD[Ttime]][zone] behind the year of an ISO text; the whole text must be used. */
static bool take_iso_rest(sv_str *text, stamp *out)
{
    out->month = out->day = 1;
    out->shape |= HAS_YEAR;
    if (!text->n)
        return true;
    if (!take_char(text, '-') || !take_digits(text, 2, 2, &out->month))
        return false;
    out->shape |= HAS_MONTH;
    if (!text->n)
        return true;
    if (!take_char(text, '-') || !take_digits(text, 2, 2, &out->day))
        return false;
    out->shape |= HAS_DAY;
    if (!text->n)
        return true;
    if (take_char(text, ' '))
        out->shape |= HAS_BLANK;
    else if (!take_char(text, 'T'))
        return false;
    return take_time(text, out) && take_zone(text, out) && !text->n;
}

static bool is_on_calendar(const stamp *s)
{
    return s->month >= 1 && s->month <= 12 && s->day >= 1 && s->day <= days_in_month(s->year, s->month);
}

static uint64_t seconds_of(const stamp *s)
{
    return days_from_civil(s->year, s->month, s->day) * 86400 - (uint64_t)(s->zone_minutes * 60);
}

/* ---- numpy ---- */

static bool is_not_a_time(sv_str text)
{
    return text.n == 0 ||
           (text.n == 3 && (text.p[0] | 32) == 'n' && (text.p[1] | 32) == 'a' && (text.p[2] | 32) == 't');
}

bool sv_text_to_datetime64(sv_str text, int64_t *out)
{
    stamp s = {.year = 0};
    while (text.n && (text.p[0] == ' ' || (text.p[0] >= '\t' && text.p[0] <= '\r')))
        text = (sv_str){text.p + 1, text.n - 1};
    *out = SV_NAT;
    if (is_not_a_time(text))
        return true;
    bool is_negative = take_char(&text, '-');
    if (!is_negative)
        (void)take_char(&text, '+');
    if (!take_digits(&text, 1, 18, &s.year)) /* numpy lets longer years wrap; here they are refused */
        return false;
    s.year = is_negative ? -s.year : s.year;
    if (!take_iso_rest(&text, &s) || !is_on_calendar(&s))
        return false;
    *out = (int64_t)(seconds_of(&s) * NS_PER_S + s.ns_of_day);
    return true;
}

/* ---- pandas ---- */

static bool read_iso(sv_str text, stamp *out)
{
    return take_digits(&text, 4, 4, &out->year) && take_iso_rest(&text, out);
}

static bool read_compact(sv_str text, stamp *out)
{
    out->shape = IS_COMPACT;
    return take_digits(&text, 4, 4, &out->year) && take_digits(&text, 2, 2, &out->month) &&
           take_digits(&text, 2, 2, &out->day) && !text.n;
}

/* A time behind one blank, or nothing. */
static bool take_tail(sv_str *text, stamp *out)
{
    return !text->n || (take_char(text, ' ') && take_time(text, out) && !text->n);
}

static bool read_slashed(sv_str text, stamp *out)
{
    out->shape = IS_SLASHED;
    return take_digits(&text, 1, 2, &out->month) && take_char(&text, '/') && take_digits(&text, 1, 2, &out->day) &&
           take_char(&text, '/') && take_digits(&text, 4, 4, &out->year) && take_tail(&text, out);
}

/* "Jan 5 2020", "Jan 5, 2020" */
static bool read_named(sv_str text, stamp *out)
{
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    out->shape = IS_NAMED;
    for (size_t m = 0; m < 12 && text.n > 3; m++)
        if (memcmp(text.p, MONTHS + 3 * m, 3) == 0)
            out->month = (int64_t)m + 1;
    if (!out->month)
        return false;
    text = (sv_str){text.p + 3, text.n - 3};
    if (!take_char(&text, ' ') || !take_digits(&text, 1, 2, &out->day))
        return false;
    (void)take_char(&text, ',');
    return take_char(&text, ' ') && take_digits(&text, 4, 4, &out->year) && take_tail(&text, out);
}

typedef bool (*read_fn)(sv_str text, stamp *out);

bool sv_text_to_datetime(sv_str text, sv_datetime *out)
{
    static const read_fn READERS[] = {read_iso, read_compact, read_slashed, read_named};
    *out = (sv_datetime){.ns = SV_NAT};
    text = sv_str_trim(text);
    if (is_not_a_time(text) || sv_str_is(text, "nan") || sv_str_is(text, "NaN") || sv_str_is(text, "NAN"))
        return true;
    for (size_t i = 0; i < sizeof READERS / sizeof READERS[0]; i++) {
        stamp s = {.year = 0};
        int64_t ns;
        if (!READERS[i](text, &s) || !is_on_calendar(&s))
            continue;
        if (__builtin_mul_overflow((int64_t)seconds_of(&s), (int64_t)NS_PER_S, &ns) ||
            __builtin_add_overflow(ns, (int64_t)s.ns_of_day, &ns))
            return false;
        *out = (sv_datetime){.ns = ns, .has_zone = s.shape & HAS_ZONE, .shape = s.shape};
        return true;
    }
    return false;
}

/* ---- columns ---- */

typedef struct converter {
    sv_datetime_rules rules;
    savor_dtype dtype; /* of the column: bools are numbers only in a column of them */
    unsigned shape;    /* of the first text that is a time */
    bool has_number;   /* before any text: then there is no format */
    savor_error *err;
} converter;

static savor_status refuse(const sv_value *v, size_t r, savor_error *err)
{
    int n = v->kind == SV_VALUE_STRING ? (int)(v->n < 60 ? v->n : 60) : 0;
    return sv_fail(err, SAVOR_BAD_REQUEST, "%s \"%.*s\" in row %zu is no date", sv_value_type_name(v), n,
                   n ? v->u.p : "", r);
}

static savor_status convert_text(converter *k, const sv_value *v, size_t r, int64_t *out)
{
    sv_datetime time;
    if (!sv_text_to_datetime((sv_str){v->u.p, v->n}, &time))
        return refuse(v, r, k->err);
    if (time.has_zone && k->rules != SV_DATETIME_READ_JSON)
        return sv_fail(k->err, k->rules == SV_DATETIME_ASTYPE ? SAVOR_BAD_REQUEST : SAVOR_SCHEMA,
                       "the date in row %zu names a time zone, expected one without", r);
    bool has_format = k->rules == SV_DATETIME_TO_DATETIME && !k->has_number;
    if (has_format && time.shape && k->shape && time.shape != k->shape)
        return sv_fail(k->err, SAVOR_BAD_REQUEST, "time data in row %zu doesn't match the format of the rows before",
                       r);
    k->shape = k->shape ? k->shape : time.shape;
    *out = time.ns;
    return SAVOR_OK;
}

/* A number among Python values fits nanoseconds; after a text, whose format holds for all, it is no date. */
static bool is_number_allowed(converter *k, const sv_value *v)
{
    bool fits = v->kind != SV_VALUE_FLOAT || (v->u.f >= -0x1p63 && v->u.f < 0x1p63);
    k->has_number = k->has_number || !k->shape;
    return fits && (k->rules != SV_DATETIME_TO_DATETIME || k->has_number);
}

static savor_status convert_value(converter *k, const sv_value *v, size_t r, int64_t *out)
{
    *out = SV_NAT;
    if (sv_value_is_missing(v))
        return SAVOR_OK;
    if (v->kind == SV_VALUE_STRING)
        return convert_text(k, v, r, out);
    bool is_number = v->kind == SV_VALUE_INT || v->kind == SV_VALUE_FLOAT || v->kind == SV_VALUE_DATETIME ||
                     (k->dtype == SAVOR_BOOL && k->rules == SV_DATETIME_ASTYPE);
    if (!is_number || k->rules == SV_DATETIME_READ_JSON)
        return refuse(v, r, k->err);
    *out = v->kind == SV_VALUE_FLOAT ? sv_double_to_int64(v->u.f) : v->u.i;
    return k->dtype == SAVOR_OBJECT && !is_number_allowed(k, v) ? refuse(v, r, k->err) : SAVOR_OK;
}

savor_status sv_column_to_datetime(sv_column *column, size_t n_rows, sv_datetime_rules rules, sv_arena *arena,
                                   savor_error *err)
{
    converter k = {.rules = rules, .dtype = column->dtype, .err = err};
    bool is_unsigned = column->dtype == SAVOR_UINT64;
    if (column->dtype == SAVOR_DATETIME_NS)
        return SAVOR_OK;
    if (is_unsigned && rules != SV_DATETIME_ASTYPE)
        return sv_fail(err, SAVOR_BAD_REQUEST, "a number of nanoseconds is beyond int64");
    int64_t *data = sv_column_alloc(arena, SAVOR_DATETIME_NS, n_rows);
    if (!data)
        return sv_arena_fail(arena, n_rows * sizeof *data, err);
    for (size_t r = 0; r < n_rows; r++) {
        sv_value v = is_unsigned ? (sv_value){.kind = SV_VALUE_INT, .u.i = ((const int64_t *)column->data)[r]}
                                 : sv_item_get(column->dtype, column->data, r);
        savor_status st = convert_value(&k, &v, r, &data[r]);
        if (st)
            return st;
    }
    column->dtype = SAVOR_DATETIME_NS;
    column->data = data;
    return SAVOR_OK;
}

/* ---- writing ---- */

size_t sv_datetime_to_text(int64_t ns, char *room)
{
    if (ns == SV_NAT)
        return (size_t)snprintf(room, 40, "NaT");
    int64_t seconds = ns / (int64_t)NS_PER_S, fraction = ns % (int64_t)NS_PER_S;
    seconds -= fraction < 0;
    fraction += fraction < 0 ? (int64_t)NS_PER_S : 0;
    int64_t days = seconds / 86400, left = seconds % 86400;
    days -= left < 0;
    left += left < 0 ? 86400 : 0;
    int64_t z = days + 719468, era = z / 146097, doe = z % 146097; /* z > 0 within int64 nanoseconds */
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp + (mp < 10 ? 3 : -9);
    int64_t year = yoe + era * 400 + (month <= 2);
    int n = snprintf(room, 40, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, (int)month, (int)day, (int)(left / 3600),
                     (int)(left / 60 % 60), (int)(left % 60));
    if (fraction % 1000)
        n += snprintf(room + n, 40 - (size_t)n, ".%09d", (int)fraction);
    else if (fraction)
        n += snprintf(room + n, 40 - (size_t)n, ".%06d", (int)(fraction / 1000));
    return (size_t)n;
}
