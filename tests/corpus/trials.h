/* trials.h: a file of recorded cases, each tried once for every MLflow that recorded it. */
#ifndef TESTS_CORPUS_TRIALS_H
#define TESTS_CORPUS_TRIALS_H

#include "corpus/vectors.h"

/** FAILED becomes KNOWN where the table of known differences has the case. */
typedef enum outcome { PASSED, FAILED, SKIPPED, KNOWN, N_OUTCOMES } outcome;

/** One case under one MLflow. */
typedef struct trial {
    const sv_json *vector, *want; /* the case; what that MLflow made of it */
    size_t release;               /* in the caller's table */
    sv_arena *arena;
    savor_error err;
    char why[300]; /* what is told of a case that did not pass */
} trial;

/** A difference that is meant; docs/differences-from-mlflow.md has its row. */
typedef struct known_case {
    const char *id, *reason;
} known_case;

typedef struct trial_plan {
    outcome (*run)(trial *t);
    const char *const *releases; /* as the files name them */
    size_t n_releases;           /* at most TRIAL_RELEASES */
    const known_case *known;
    size_t n_known;
} trial_plan;

#define TRIAL_RELEASES 8

/** Set why; returns SKIPPED. */
outcome trial_skip(trial *t, const char *why);

/**
 * The main function of a program that is called with [-v] FILE... : print passed, failed, known and skipped by file
 * and MLflow, every failure, each reason to skip with its count, and with -v each case that did not pass. Returns the
 * exit code: 1 when any failed or a file had none.
 */
int trials_main(int argc, char **argv, const trial_plan *plan);

#endif
