#include "engine/spline.h"

#include <math.h>
#include <string.h>

#define NOWHERE ((size_t)-1)

/* The last knot of the piece that x lies in, between the knots that count. */
static size_t find_piece(const sv_spline *s, double x, bool extends)
{
    size_t n = s->n_knots - s->degree - 1, at = s->degree + 1;
    if (x != x || (!extends && (x < s->knots[s->degree] || x > s->knots[n])))
        return NOWHERE;
    while (at != n && x >= s->knots[at])
        at++;
    return at - 1;
}

/* One round of the recursion for the values. */
static void raise_values(const sv_spline *s, double x, size_t piece, size_t round, const double *before, double *h)
{
    h[0] = 0.0;
    for (size_t n = 1; n <= round; n++) {
        double xb = s->knots[piece + n], xa = s->knots[piece + n - round];
        if (xb == xa) {
            h[n] = 0.0;
            continue;
        }
        double w = before[n - 1] / (xb - xa);
        h[n - 1] += w * (xb - x);
        h[n] = w * (x - xa);
    }
}

/* The last round, when derivatives are asked for. */
static void raise_slopes(const sv_spline *s, size_t piece, size_t round, const double *before, double *h)
{
    h[0] = 0.0;
    for (size_t n = 1; n <= round; n++) {
        double xb = s->knots[piece + n], xa = s->knots[piece + n - round];
        if (xb == xa) {
            h[1] = 0.0; /* scipy writes the number of the derivative here */
            continue;
        }
        double w = (double)round * before[n - 1] / (xb - xa);
        h[n - 1] -= w;
        h[n] = w;
    }
}

void sv_spline_evaluate(const sv_spline *spline, double x, bool is_derivative, bool extends, double *out)
{
    double h[SV_SPLINE_DEGREE_MAX + 2] = {1.0}, before[SV_SPLINE_DEGREE_MAX + 2];
    size_t piece = find_piece(spline, x, extends), k = spline->degree;
    for (size_t c = 0; c < spline->n_curves; c++)
        out[c] = piece == NOWHERE ? (double)NAN : 0.0;
    if (piece == NOWHERE || (is_derivative && k == 0))
        return;
    for (size_t round = 1; round <= k; round++) {
        memcpy(before, h, round * sizeof *h);
        if (is_derivative && round == k)
            raise_slopes(spline, piece, round, before, h);
        else
            raise_values(spline, x, piece, round, before, h);
    }
    for (size_t c = 0; c < spline->n_curves; c++)
        for (size_t a = 0; a <= k; a++)
            out[c] += spline->weights[(piece + a - k) * spline->n_curves + c] * h[a];
}
