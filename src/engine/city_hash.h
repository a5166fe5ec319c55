/* city_hash.h: CityHash64 in its first version, which names CatBoost's categories. */
#ifndef SV_ENGINE_CITY_HASH_H
#define SV_ENGINE_CITY_HASH_H

#include "base/str.h"

/**
 * The hash of any bytes. Not keyed: never an index for names that somebody else chooses.
 *
 * Source    CityHash 1.0 (Google, 2011) as CatBoost keeps it: util/digest/city.cpp
 */
uint64_t sv_city_hash64(sv_str bytes);

#endif
