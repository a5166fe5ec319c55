/*
 * damage.h: model files with one thing wrong. From a file and a seed come variants: a byte changed, a number replaced
 * by an extreme one, an element lost or doubled, the end cut off. Whoever reads them must refuse or predict.
 */
#ifndef TESTS_CORPUS_DAMAGE_H
#define TESTS_CORPUS_DAMAGE_H

#include "base/str.h"

/** What a reader made of one variant. */
typedef enum damage_verdict {
    DAMAGE_REFUSED,
    DAMAGE_PREDICTED,
} damage_verdict;

/** Read `bytes` (a heap copy of exactly that size) and predict a few rows if that worked. Must return. */
typedef damage_verdict (*damage_reader)(sv_str bytes);

/** What became of the variants of one file. */
typedef struct damage_count {
    size_t refused, predicted;
    double slowest_ms;
} damage_count;

/**
 * Read `n_variants` variants of `file`; the same seed makes the same variants.
 *
 * returns   false when memory is short
 */
bool damage_run(sv_str file, damage_reader reader, size_t n_variants, uint64_t seed, damage_count *out);

#endif
