/*
 * csv_number.h: the text of one CSV cell -> an integer or a double, as pandas reads it.
 *
 * There are two readers of doubles. `exact` rounds correctly (pandas 3.1 and later). `legacy` is bit for bit what
 * pandas read before: the first 17 digits (leading zeros are digits) gathered in a double, then one multiplication or
 * division by a power of ten; its exponent wraps at 32 bits. Both take blanks around the number and a '+'.
 */
#ifndef SV_TEXT_CSV_NUMBER_H
#define SV_TEXT_CSV_NUMBER_H

#include "base/str.h"

/** A double, or inf, infinity in any case with a sign; false: not a number. NaN has no text here: see pandas' NA
 * list. */
bool sv_csv_double_exact(sv_str cell, double *out);

/** Likewise as pandas before 3.1 has it; false also when the number is too large for a double. */
bool sv_csv_double_legacy(sv_str cell, double *out);

typedef enum sv_csv_int {
    SV_CSV_INT_OK,
    SV_CSV_INT_NONE,    /* no integer */
    SV_CSV_INT_TOO_BIG, /* an integer that does not fit */
} sv_csv_int;

/**
 * An int64: blanks, sign, decimal digits, blanks.
 *
 * cell      any text
 * legacy    as before pandas 3.1: digits that do not fit are TOO_BIG whatever follows them
 * out       set for OK only
 * returns   see sv_csv_int
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    pandas/_libs/src/parser/tokenizer.c str_to_int64 (behaviour)
 */
sv_csv_int sv_csv_int64(sv_str cell, bool legacy, int64_t *out);

/**
 * Likewise a uint64; text that starts with '-' is not read further: OK, with *is_negative set and *out 0.
 *
 * cell, legacy, out, returns, Units, Errors, Threads, Source   as above (str_to_uint64)
 */
sv_csv_int sv_csv_uint64(sv_str cell, bool legacy, uint64_t *out, bool *is_negative);

/**
 * The digits of an integer of any size, as Python's int() takes them: blanks, sign, digits with single underscores
 * between them, at most 4300 digits.
 *
 * cell      any text
 * out       at least cell.n bytes: '-' where needed and the digits without leading zeros; no NUL
 * n         how many bytes were written
 * returns   false when the text is no such integer
 * Units     none
 * Errors    none
 * Threads   safe
 * Source    CPython PyLong_FromString; pandas 3.1 _try_pylong
 */
bool sv_csv_bigint(sv_str cell, char *out, size_t *n);

#endif
