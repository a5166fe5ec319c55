/* spline.h: B-spline basis functions by de Boor's recursion, in the order of operations of scipy's BSpline. */
#ifndef SV_ENGINE_SPLINE_H
#define SV_ENGINE_SPLINE_H

#include <stdbool.h>
#include <stddef.h>

#define SV_SPLINE_DEGREE_MAX 30

/** Curves over one axis that share their knots. */
typedef struct sv_spline {
    size_t n_knots, degree, n_curves; /* n_knots >= 2 * (degree + 1), degree <= SV_SPLINE_DEGREE_MAX */
    const double *knots;              /* [n_knots] growing */
    const double *weights;            /* [(n_knots - degree - 1) x n_curves] of the basis functions */
} sv_spline;

/**
 * All curves, or their first derivatives, at x.
 *
 * extends   beyond the first and last knot that count the outermost pieces go on; else NaN
 * out       [n_curves]
 */
void sv_spline_evaluate(const sv_spline *spline, double x, bool is_derivative, bool extends, double *out);

#endif
