/* clock.h: how much time has passed, whoever sets the clock meanwhile. */
#ifndef SV_BASE_CLOCK_H
#define SV_BASE_CLOCK_H

#include <stdint.h>

/** Microseconds of the monotonic clock; never 0. */
int64_t sv_clock_monotonic_us(void);

#endif
