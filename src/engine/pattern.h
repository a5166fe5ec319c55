/*
 * pattern.h: regular expressions of Python's re, as far as token patterns need them, matched as re does: leftmost,
 * the first alternative that fits, by backtracking.
 *
 * Known: literals, ., classes, \w \d \s \b \A \Z and their like, groups (one that captures), |, * + ? {m,n} greedy
 * and lazy, ^ $, look-ahead, look-behind of a fixed width, the flags u, s and m. Everything else is refused by name.
 */
#ifndef SV_ENGINE_PATTERN_H
#define SV_ENGINE_PATTERN_H

#include "base/arena.h"
#include "base/str.h"

typedef struct sv_pattern sv_pattern;

/** Gets one piece of a document; `token` is borrowed for the call. */
typedef savor_status (*sv_token_fn)(void *sink, sv_str token, savor_error *err);

/**
 * Compile a pattern.
 *
 * text      well-formed UTF-8
 * arena     gets the result
 * Errors    UNSUPPORTED (a feature, by name), FORMAT (no pattern), LIMIT, NOMEM
 * Threads   the result is constant
 * Source    re.compile
 */
savor_status sv_pattern_parse(sv_str text, sv_arena *arena, const sv_pattern **out,
                              savor_error *err) SAVOR_MUST_CHECK;

/**
 * re.findall: each match, or what its group took ("" where that took no part).
 *
 * text      well-formed UTF-8
 * arena     gets scratch
 * Errors    LIMIT (too many steps back), NOMEM, what `each` returns
 */
savor_status sv_pattern_find_all(const sv_pattern *pattern, sv_str text, sv_arena *arena, sv_token_fn each,
                                 void *sink, savor_error *err) SAVOR_MUST_CHECK;

#endif
