/* admission.h: whether the code of a model may run: one answer for every flavor whose models are code. */
#ifndef SV_FLAVOR_ADMISSION_H
#define SV_FLAVOR_ADMISSION_H

#include "base/sha.h"
#include "flavor/flavor.h"

/**
 * Compute the model's SHA-256 and decide.
 *
 * what      what would run, for the message
 * digest    64 digits and a NUL; "" when the model has none (it holds links), which only matters where one is asked
 * for Errors    UNSUPPORTED (refused; the message names what forbids it, what would have run, and the SHA-256), NOMEM
 * Threads   safe
 * Source    docs/workers.md
 */
savor_status sv_code_admit(const sv_dir *dir, sv_str what, const sv_flavor_limits *limits,
                           char digest[SV_SHA256_HEX + 1], savor_error *err) SAVOR_MUST_CHECK;

#endif
