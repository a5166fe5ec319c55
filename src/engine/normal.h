/* normal.h: the normal distribution: its quantiles and its cumulative function, as scipy computes them. */
#ifndef SV_ENGINE_NORMAL_H
#define SV_ENGINE_NORMAL_H

/** The x whose cumulative probability is p; -inf for 0, inf for 1, NaN outside. Source: Cephes ndtri. */
double sv_normal_quantile(double p);

/** The cumulative probability of x. */
double sv_normal_cumulative(double x);

#endif
