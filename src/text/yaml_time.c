/* yaml_time.c: YAML 1.1 timestamps -> the text of Python's str(date) or str(datetime). */
#include "text/yaml_priv.h"

typedef struct timestamp {
    int year, month, day, hour, minute, second, micro;
    bool has_time, has_zone;
    int zone_minutes;
} timestamp;

typedef struct cursor {
    const char *p, *end;
} cursor;

static bool is_digit_at(const cursor *c) { return c->p < c->end && *c->p >= '0' && *c->p <= '9'; }

/* Between `least` and `most` digits; -1 when there are fewer. */
static int take_digits(cursor *c, int least, int most)
{
    int value = 0, n = 0;
    while (n < most && is_digit_at(c)) {
        value = value * 10 + (*c->p++ - '0');
        n++;
    }
    return n < least ? -1 : value;
}

static bool take_char(cursor *c, char want)
{
    if (c->p == c->end || *c->p != want)
        return false;
    c->p++;
    return true;
}

static size_t take_blanks(cursor *c)
{
    const char *from = c->p;
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
        c->p++;
    return (size_t)(c->p - from);
}

/* All digits of a fraction; the first six count. */
static int take_fraction(cursor *c)
{
    int value = 0;
    for (int n = 0; n < 6; n++)
        value = value * 10 + (is_digit_at(c) ? *c->p++ - '0' : 0);
    while (is_digit_at(c))
        c->p++;
    return value;
}

static bool take_zone(cursor *c, timestamp *t)
{
    take_blanks(c);
    t->has_zone = true;
    if (take_char(c, 'Z'))
        return true;
    bool is_negative = take_char(c, '-');
    if (!is_negative && !take_char(c, '+'))
        return false;
    int hours = take_digits(c, 1, 2), minutes = 0;
    if (hours < 0 || (take_char(c, ':') && (minutes = take_digits(c, 2, 2)) < 0))
        return false;
    t->zone_minutes = (hours * 60 + minutes) * (is_negative ? -1 : 1);
    return true;
}

static bool take_time(cursor *c, timestamp *t)
{
    t->has_time = true;
    if (!take_char(c, 'T') && !take_char(c, 't') && !take_blanks(c))
        return false;
    if ((t->hour = take_digits(c, 1, 2)) < 0 || !take_char(c, ':') || (t->minute = take_digits(c, 2, 2)) < 0 ||
        !take_char(c, ':') || (t->second = take_digits(c, 2, 2)) < 0)
        return false;
    if (take_char(c, '.'))
        t->micro = take_fraction(c);
    return c->p == c->end || take_zone(c, t);
}

/* The resolver wants two digits of month and day in a date without a time; the constructor takes one. */
static bool split(sv_str text, bool is_explicit, timestamp *t)
{
    cursor c = {text.p, text.p + text.n};
    *t = (timestamp){0};
    if ((t->year = take_digits(&c, 4, 4)) < 0 || !take_char(&c, '-') || (t->month = take_digits(&c, 1, 2)) < 0 ||
        !take_char(&c, '-') || (t->day = take_digits(&c, 1, 2)) < 0)
        return false;
    if (c.p == c.end)
        return is_explicit || text.n == 10;
    return take_time(&c, t) && c.p == c.end;
}

bool sv_yaml_timestamp_match(sv_str text, bool is_explicit)
{
    timestamp t;
    return text.n >= 8 && text.p[0] >= '0' && text.p[0] <= '9' && split(text, is_explicit, &t);
}

static int month_days(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && is_leap);
}

/* What Python's date and datetime refuse. */
static bool is_valid(const timestamp *t)
{
    const int day_minutes = 24 * 60;
    return t->year >= 1 && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
           t->day <= month_days(t->year, t->month) && t->hour < 24 && t->minute < 60 && t->second < 60 &&
           t->zone_minutes > -day_minutes && t->zone_minutes < day_minutes;
}

static void put_text(const timestamp *t, sv_buf *out)
{
    sv_buf_printf(out, "%04d-%02d-%02d", t->year, t->month, t->day);
    if (!t->has_time)
        return;
    sv_buf_printf(out, " %02d:%02d:%02d", t->hour, t->minute, t->second);
    if (t->micro)
        sv_buf_printf(out, ".%06d", t->micro);
    if (t->has_zone) {
        int minutes = t->zone_minutes < 0 ? -t->zone_minutes : t->zone_minutes;
        sv_buf_printf(out, "%c%02d:%02d", t->zone_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
}

/* Days since 1970-01-01 in the Gregorian calendar. Source: Howard Hinnant, days_from_civil. */
static int64_t days_of(const timestamp *t)
{
    int year = t->year - (t->month <= 2);
    int era = year / 400;
    int of_era = year - era * 400;
    int of_year = (153 * (t->month + (t->month > 2 ? -3 : 9)) + 2) / 5 + t->day - 1;
    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

savor_status sv_yaml_timestamp_read(sv_str text, sv_arena *arena, sv_node *node, savor_error *err)
{
    timestamp t;
    if (!split(text, true, &t))
        return sv_fail(err, SAVOR_FORMAT, "expected a timestamp, got \"%.*s\"", SV_FMT(text));
    if (!is_valid(&t))
        return sv_fail(err, SAVOR_FORMAT, "timestamp \"%.*s\" was out of range", SV_FMT(text));
    sv_buf out = SV_BUF_INIT(64);
    put_text(&t, &out);
    savor_status st = sv_buf_check(&out, err);
    char *copy = st ? NULL : sv_arena_text(arena, out.p, out.n);
    if (!st && !copy)
        st = sv_arena_fail(arena, out.n, err);
    node->kind = SV_NODE_TIMESTAMP;
    node->text = (sv_str){copy, out.n};
    /* Microseconds UTC: two spellings of one moment are one key. */
    int64_t seconds = days_of(&t) * 86400 + t.hour * 3600 + t.minute * 60 + t.second - t.zone_minutes * 60;
    node->i = seconds * 1000000 + t.micro;
    sv_buf_deinit(&out);
    return st;
}
