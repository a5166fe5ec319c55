/* json_run_priv.h: what rows and lists of names mostly consist of, in one loop. */
#ifndef SV_TEXT_JSON_RUN_PRIV_H
#define SV_TEXT_JSON_RUN_PRIV_H

#include "text/json.h"

/**
 * Parse ",value" or ", value" inside an array again and again, as long as the values are texts without escapes and
 * numbers without an exponent, of up to seven digits before the point and 19 in all. Whatever comes then, right or
 * wrong, is left to the parser that knows everything.
 *
 * p         behind a value; ends behind another one
 * end       of the whole text
 * nodes     room for a node for each two bytes between
 * returns   how many nodes were made
 */
uint32_t sv_json_parse_run(const char **p, const char *end, sv_json *nodes);

#endif
