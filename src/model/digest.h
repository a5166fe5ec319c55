/* digest.h: one number for all files of a model, so that a model can be named without trusting where it came from. */
#ifndef SV_MODEL_DIGEST_H
#define SV_MODEL_DIGEST_H

#include "base/dir.h"
#include "base/sha.h"

/**
 * The SHA-256 of a model directory: that of the text that `sha256sum` prints for its files, one line for each in the
 * order of the bytes of their paths, "<64 digits>  <path>\n". The file registered_model_meta, which MLflow writes
 * into downloaded copies, is left out.
 *
 * out       64 digits and a NUL; "" on failure
 * Errors    FORMAT (a link or a device, a path with control characters), LIMIT (100,000 files), IO, NOMEM
 * Threads   safe
 * Source    none
 */
savor_status sv_model_digest(const sv_dir *dir, char out[SV_SHA256_HEX + 1], savor_error *err) SAVOR_MUST_CHECK;

#endif
