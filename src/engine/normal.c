#include "engine/normal.h"

#include <math.h>

#define EXP_MINUS_2 0.13533528323661269189
#define SQRT_2_PI 2.50662827463100050242

/* Rational approximations: around the middle, for -2 log p up to 64, and beyond. */
static const double P0[] = {-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1,
                            1.39312609387279679503e1, -1.23916583867381258016e0};
static const double Q0[] = {1.0,
                            1.95448858338141759834e0,
                            4.67627912898881538453e0,
                            8.63602421390890590575e1,
                            -2.25462687854119370527e2,
                            2.00260212380060660359e2,
                            -8.20372256168333339912e1,
                            1.59056225126211695515e1,
                            -1.18331621121330003142e0};
static const double P1[] = {4.05544892305962419923e0,   3.15251094599893866154e1,   5.71628192246421288162e1,
                            4.40805073893200834700e1,   1.46849561928858024014e1,   2.18663306850790267539e0,
                            -1.40256079171354495875e-1, -3.50424626827848203418e-2, -8.57456785154685413611e-4};
static const double Q1[] = {1.0,
                            1.57799883256466749731e1,
                            4.53907635128879210584e1,
                            4.13172038254672030440e1,
                            1.50425385692907503408e1,
                            2.50464946208309415979e0,
                            -1.42182922854787788574e-1,
                            -3.80806407691578277194e-2,
                            -9.33259480895457427372e-4};
static const double P2[] = {3.23774891776946035970e0,  6.91522889068984211695e0,  3.93881025292474443415e0,
                            1.33303460815807542389e0,  2.01485389549179081538e-1, 1.23716634817820021358e-2,
                            3.01581553508235416007e-4, 2.65806974686737550832e-6, 6.23974539184983293730e-9};
static const double Q2[] = {1.0,
                            6.02427039364742014255e0,
                            3.67983563856160859403e0,
                            1.37702099489081330271e0,
                            2.16236993594496635890e-1,
                            1.34204006088543189037e-2,
                            3.28014464682127739104e-4,
                            2.89247864745380683936e-6,
                            6.79019408009981274425e-9};

static double polynomial(double x, const double *coefficients, int degree)
{
    double sum = coefficients[0];
    for (int i = 1; i <= degree; i++)
        sum = sum * x + coefficients[i];
    return sum;
}

double sv_normal_quantile(double p)
{
    if (!(p > 0.0 && p < 1.0))
        return p == 0.0 ? -INFINITY : p == 1.0 ? INFINITY : NAN;
    double y = p;
    int is_low = 1;
    if (y > 1.0 - EXP_MINUS_2) {
        y = 1.0 - y;
        is_low = 0;
    }
    if (y > EXP_MINUS_2) {
        y -= 0.5;
        double square = y * y;
        return (y + y * (square * polynomial(square, P0, 4) / polynomial(square, Q0, 8))) * SQRT_2_PI;
    }
    double x = sqrt(-2.0 * log(y)), z = 1.0 / x;
    double far =
        x < 8.0 ? z * polynomial(z, P1, 8) / polynomial(z, Q1, 8) : z * polynomial(z, P2, 8) / polynomial(z, Q2, 8);
    x = x - log(x) / x - far;
    return is_low ? -x : x;
}

double sv_normal_cumulative(double x) { return 0.5 * erfc(-x / sqrt(2.0)); }
