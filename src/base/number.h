/*
 * number.h: double <-> text, without locale. Shortest digits that read back to the same double, laid out as Python's
 * repr does it. number.cc is the one C++ file: the C++ library has std::to_chars and std::from_chars, C has not.
 */
#ifndef SV_BASE_NUMBER_H
#define SV_BASE_NUMBER_H

#include "base/str.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Room that any double's text needs, without a NUL. */
#define SV_DOUBLE_TEXT_MAX 32

/**
 * Python's repr of a finite double: "1.0", "0.1", "1e+16", "-0.0"; "nan", "inf", "-inf" else.
 *
 * out       SV_DOUBLE_TEXT_MAX bytes; no NUL is written
 * returns   how many bytes were written
 * Source    CPython float.__repr__
 */
size_t sv_double_to_text(double value, char *out);

/** Likewise the shortest digits that read back to the same float, as numpy's str() of a float32 has them. */
size_t sv_float_to_text(float value, char *out);

/**
 * Read a decimal number: optional '-', digits, optional fraction, optional exponent, and nothing else. Correctly
 * rounded; too large gives infinity, too small zero, as Python's float() has it. No '+', blanks, hex, nan or inf.
 *
 * returns   false when the text is not of that form
 */
bool sv_text_to_double(sv_str text, double *out);

/** Likewise for text whose grammar the caller has already checked; at least one digit. */
double sv_decimal_to_double(sv_str text);

/** Likewise to a float, rounded once. */
bool sv_text_to_float(sv_str text, float *out);

#ifdef __cplusplus
}
#endif

#endif
