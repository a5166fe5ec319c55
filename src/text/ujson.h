/*
 * ujson.h: numbers as pandas.read_json read them with precise_float=False: integer part and at most 15 decimals are
 * gathered apart and put together in double arithmetic, so that many texts come out a few steps off. MLflow 1.x read
 * its split and records bodies so.
 */
#ifndef SV_TEXT_UJSON_H
#define SV_TEXT_UJSON_H

#include "base/str.h"

/** The double for a JSON number with a fraction or an exponent; the grammar has been checked. Source: pandas 1.5
 * ujson. */
double sv_ujson_double(sv_str text);

/** Whether an integer of more than 18 digits is taken; below -2^63, and where uint64 wraps downwards, it is not. */
bool sv_ujson_takes(sv_str text);

#endif
