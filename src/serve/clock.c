#include "serve/clock_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void write_texts(sv_clock *clock, time_t second)
{
    static const char DAYS[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char MONTHS[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm t;
    char text[80]; /* longer than any year needs, so that the compiler sees no cut */
    if (!gmtime_r(&second, &t))
        return;
    snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", DAYS[t.tm_wday % 7], t.tm_mday,
             MONTHS[t.tm_mon % 12], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    memcpy(clock->date, text, SV_DATE_BYTES);
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
             t.tm_hour, t.tm_min, t.tm_sec);
    memcpy(clock->stamp, text, SV_STAMP_BYTES);
    clock->second = second;
}

void sv_clock_read(sv_clock *clock)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    clock->now_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    clock_gettime(CLOCK_REALTIME, &t);
    if (t.tv_sec != clock->second)
        write_texts(clock, t.tv_sec);
    int ms = (int)(t.tv_nsec / 1000000);
    clock->stamp[20] = (char)('0' + ms / 100);
    clock->stamp[21] = (char)('0' + ms / 10 % 10);
    clock->stamp[22] = (char)('0' + ms % 10);
}

int64_t sv_clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
