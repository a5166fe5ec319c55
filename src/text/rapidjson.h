/*
 * rapidjson.h: numbers as RapidJSON reads them without its option for full precision: digits are gathered in 64 bits
 * and then multiplied or divided by a power of ten once, so that some texts come out a step off. CatBoost reads its
 * models in JSON so.
 */
#ifndef SV_TEXT_RAPIDJSON_H
#define SV_TEXT_RAPIDJSON_H

#include "base/str.h"

/** The double for a JSON number with a fraction or an exponent; the grammar has been checked. Source: RapidJSON
 * GenericReader::ParseNumber, internal::StrtodNormalPrecision. */
double sv_rapidjson_double(sv_str text);

#endif
