/*
 * unicode.h: characters as Python sees them: what str.lower, str.isalnum, str.split, re's \w \d \s and
 * unicodedata.normalize make of them. Unicode 14.0, which is Python 3.11's.
 */
#ifndef SV_BASE_UNICODE_H
#define SV_BASE_UNICODE_H

#include "base/arena.h"
#include "base/str.h"

/** re's \w: str.isalnum() or an underscore. */
bool sv_char_is_word(uint32_t c);

/** re's \d: str.isdecimal(). */
bool sv_char_is_digit(uint32_t c);

/** re's \s and what str.split() splits at. */
bool sv_char_is_space(uint32_t c);

/**
 * str.lower(), with its final sigma.
 *
 * text      well-formed UTF-8; encoded surrogates stay as they are
 * returns   from the arena; {NULL, 0} when memory is short
 */
sv_str sv_text_to_lower(sv_str text, sv_arena *arena);

/**
 * Compatibility decomposition (NFKD) without its combining marks.
 *
 * ascii_only   everything else is dropped that is not ASCII
 * returns      from the arena, or `text` itself where it is all ASCII; {NULL, 0} when memory is short
 * Source       sklearn.feature_extraction.text.strip_accents_unicode, strip_accents_ascii
 */
sv_str sv_text_strip_accents(sv_str text, bool ascii_only, sv_arena *arena);

#endif
