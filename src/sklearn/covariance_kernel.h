/* covariance_kernel.h: objects of sklearn.gaussian_process.kernels. */
#ifndef SV_SKLEARN_COVARIANCE_KERNEL_H
#define SV_SKLEARN_COVARIANCE_KERNEL_H

#include "engine/covariance.h"
#include "sklearn/estimator.h"

/**
 * Read the tree of kernel objects in attribute `name`.
 *
 * n_features   columns of X; a length scale per feature must have as many
 * Errors       UNSUPPORTED (a class or a parameter that is not computed), FORMAT, LIMIT (a tree of more than 64
 * levels or 4096 kernels), NOMEM
 */
savor_status sv_covariance_load(sv_loader *loader, const sv_record *object, const char *name, size_t n_features,
                                const sv_covariance **out, savor_error *err) SAVOR_MUST_CHECK;

#endif
