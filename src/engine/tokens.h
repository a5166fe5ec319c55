/*
 * tokens.h: a document to its tokens and n-grams, as scikit-learn's text vectorizers analyze it.
 */
#ifndef SV_ENGINE_TOKENS_H
#define SV_ENGINE_TOKENS_H

#include "base/index.h"
#include "engine/pattern.h"

typedef enum sv_token_unit {
    SV_TOKENS_WORDS,
    SV_TOKENS_CHARS,
    SV_TOKENS_CHARS_IN_WORDS, /* char_wb: n-grams that do not cross a blank */
} sv_token_unit;

typedef enum sv_accents {
    SV_ACCENTS_KEEP,
    SV_ACCENTS_STRIP,
    SV_ACCENTS_TO_ASCII,
} sv_accents;

typedef struct sv_analyzer {
    sv_token_unit unit;
    bool lowercase;
    sv_accents accents;
    const sv_pattern *pattern; /* of words; NULL: two word characters or more, (?u)\b\w\w+\b */
    bool has_stop_words;
    sv_index stop_words; /* words that are left out */
    size_t min_n, max_n; /* 1 <= min_n <= max_n */
} sv_analyzer;

/**
 * Give each n-gram of a document to `each`, in the order of scikit-learn.
 *
 * document  well-formed UTF-8
 * arena     gets scratch
 * Errors    NOMEM, LIMIT, what `each` returns
 * Threads   safe
 * Source    sklearn.feature_extraction.text._VectorizerMixin
 */
savor_status sv_analyzer_split(const sv_analyzer *analyzer, sv_str document, sv_arena *arena, sv_token_fn each,
                               void *sink, savor_error *err) SAVOR_MUST_CHECK;

/** The stop words of stop_words="english"; NULL-terminated. */
extern const char *const sv_english_stop_words[];

/** MurmurHash3_x86_32 with seed 0, as a signed number. Source: Austin Appleby's algorithm (public domain). */
int32_t sv_murmur3(sv_str text);

#endif
