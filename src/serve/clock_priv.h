/* clock_priv.h: the time as the server needs it, asked for once per turn of a loop. */
#ifndef SV_SERVE_CLOCK_PRIV_H
#define SV_SERVE_CLOCK_PRIV_H

#include <stdint.h>

#define SV_DATE_BYTES 29  /* Sun, 06 Nov 1994 08:49:37 GMT */
#define SV_STAMP_BYTES 24 /* 1994-11-06T08:49:37.123Z */

/** All zero to begin with. */
typedef struct sv_clock {
    int64_t now_ms; /* monotonic: all deadlines use this one, so that a stepped clock moves none of them */
    int64_t second; /* since 1970, of the texts below */
    char date[SV_DATE_BYTES + 1];
    char stamp[SV_STAMP_BYTES + 1]; /* UTC */
} sv_clock;

/** Read both clocks; the texts are made anew only when the second changed. */
void sv_clock_read(sv_clock *clock);

/** Monotonic microseconds, for durations. */
int64_t sv_clock_us(void);

#endif
