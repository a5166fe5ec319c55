/*
 * record_damage.h: graphs of records with one thing wrong: an attribute lost, replaced by another one of the file or
 * by an extreme value, an array of another shape, an element that is no number. What bytes seldom reach, because a
 * checksum or the grammar of the file is in the way.
 */
#ifndef TESTS_CORPUS_RECORD_DAMAGE_H
#define TESTS_CORPUS_RECORD_DAMAGE_H

#include "format/record.h"

/**
 * Change one thing somewhere below `root`, in place.
 *
 * root      a graph that nobody else looks at
 * arena     gets what is put in
 * state     of the random numbers; moves on
 */
void record_damage(sv_record *root, sv_arena *arena, uint64_t *state);

#endif
