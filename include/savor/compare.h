/* compare.h: two answers to one request: are they the same, and if not, by how much and where? */
#ifndef SAVOR_COMPARE_H
#define SAVOR_COMPARE_H

#include <savor/status.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How two answers are compared. */
typedef struct savor_compare_options {
    size_t size;      /* sizeof(savor_compare_options) */
    double tolerance; /* two finite floats agree when |a - b| <= tolerance * max(|a|, |b|); 0: bit for bit */
    int same_shell;   /* nonzero: {"predictions": X} and a bare X are different answers */
} savor_compare_options;

/** One place where two answers differ, in words: "predictions[3][1]", and both values as JSON (long ones cut). */
typedef struct savor_difference {
    char path[160];
    char a[64], b[64];
} savor_difference;

/** What savor_compare found. Distances are over pairs of finite floats; 0 when there is none. */
typedef struct savor_comparison {
    uint64_t n_values;        /* leaves that were compared: numbers, texts, booleans, nulls */
    uint64_t n_floats;        /* pairs in which both are floats */
    uint64_t n_different;     /* floats that are not bit-equal (any two NaN are), and all that the next two count */
    uint64_t n_unlike;        /* other leaves: another kind (1 and 1.0, null and NaN), text, integer or boolean */
    uint64_t n_misshapen;     /* arrays of another length, objects with other keys or another order of keys */
    uint64_t n_beyond;        /* of the different ones: those that the tolerance does not cover */
    uint64_t max_ulp_double;  /* steps from one double to the other; -0.0 and 0.0 are one step apart */
    uint64_t max_ulp_float;   /* likewise in float32, over pairs that float32 holds exactly */
    uint64_t n_float32_pairs; /* how many such pairs there were */
    double max_absolute;
    double max_relative;    /* |a - b| / max(|a|, |b|) */
    savor_difference first; /* of those beyond the tolerance, or else of any; empty path: none */
    savor_difference worst; /* the pair of floats that is most steps apart; empty path: none */
} savor_comparison;

/**
 * Compare two answers value by value.
 *
 * An answer is a JSON text as MLflow sends it: {"predictions": X}, or a bare X (1.x). Of an object that holds
 * "predictions" among other keys only that value counts, so recorded answers with notes beside them can be given.
 * Kinds count: 1 and 1.0 are different, as are null and NaN; so does the order of keys.
 *
 * a         a_bytes of JSON text, such as our own answer; borrowed for the call
 * a_bytes   length of `a`
 * b         b_bytes of JSON text, such as MLflow's; borrowed for the call
 * b_bytes   length of `b`
 * options   NULL: bit for bit, the shell does not count
 * out       filled for OK and DIFFERENT, else all zero
 * Units     ulp: steps between neighbouring numbers of the type
 * Errors    DIFFERENT (something is beyond the tolerance; the message names the first), BAD_REQUEST (`a` or `b` is
 *           not JSON), LIMIT (nested too deep), NOMEM
 * Threads   safe
 * Source    none
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_compare(const void *a, size_t a_bytes, const void *b, size_t b_bytes,
                                                      const savor_compare_options *options, savor_comparison *out,
                                                      savor_error *err);

/**
 * Read a tolerance, such as "0" or "1e-6".
 *
 * text      a decimal number, not negative, finite
 * out       unchanged on failure
 * Units     relative
 * Errors    USAGE
 * Threads   safe
 * Source    `savor models compare --tol`
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_tolerance_read(const char *text, double *out, savor_error *err);

#ifdef __cplusplus
}
#endif

#endif
