/*
 * attributes.h: reading the attributes of an estimator. What is missing or of another shape is a FORMAT error that
 * names class and attribute. Everything is copied to the loader's arena.
 */
#ifndef SV_SKLEARN_ATTRIBUTES_H
#define SV_SKLEARN_ATTRIBUTES_H

#include "sklearn/estimator.h"

/** The attribute, or an error. None counts as absent. */
savor_status sv_attr_get(const sv_record *object, const char *name, const sv_record **out,
                         savor_error *err) SAVOR_MUST_CHECK;

/** Numbers of any shape as doubles. */
savor_status sv_attr_doubles(sv_loader *loader, const sv_record *object, const char *name, sv_tensor *out,
                             savor_error *err) SAVOR_MUST_CHECK;

/** A vector of exactly n doubles (a scalar counts as one). */
savor_status sv_attr_vector(sv_loader *loader, const sv_record *object, const char *name, size_t n,
                            const double **out, savor_error *err) SAVOR_MUST_CHECK;

/** A matrix of doubles, [n_rows x n_columns]; 0 for either: any. `out` has two dimensions. */
savor_status sv_attr_matrix(sv_loader *loader, const sv_record *object, const char *name, size_t n_rows,
                            size_t n_columns, sv_tensor *out, savor_error *err) SAVOR_MUST_CHECK;

/** One number. */
savor_status sv_attr_double(const sv_record *object, const char *name, double *out,
                            savor_error *err) SAVOR_MUST_CHECK;

/** One integer. */
savor_status sv_attr_int(const sv_record *object, const char *name, int64_t *out, savor_error *err) SAVOR_MUST_CHECK;

/** Like the two above, `otherwise` where the attribute is absent or None or something else. */
double sv_attr_double_or(const sv_record *object, const char *name, double otherwise);
int64_t sv_attr_int_or(const sv_record *object, const char *name, int64_t otherwise);
bool sv_attr_bool_or(const sv_record *object, const char *name, bool otherwise);

/** The text; {NULL, 0} where the attribute is absent or no text. Borrowed from the record. */
sv_str sv_attr_text(const sv_record *object, const char *name);

/** Another estimator, loaded. */
savor_status sv_attr_estimator(sv_loader *loader, const sv_record *object, const char *name, const sv_estimator **out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** A list or array of estimators, loaded; *n >= 1. */
savor_status sv_attr_estimators(sv_loader *loader, const sv_record *object, const char *name, size_t *n,
                                const sv_estimator *const **out, savor_error *err) SAVOR_MUST_CHECK;

/** Labels or categories: a one-dimensional array or list of any scalars, copied. Numbers keep their dtype, text is
 * STRING (p == NULL never), anything mixed is OBJECT. */
savor_status sv_record_to_labels(const sv_record *record, sv_arena *arena, sv_tensor *out,
                                 savor_error *err) SAVOR_MUST_CHECK;

/**
 * classes_ of several outputs: [n_outputs] lists of labels, all of one dtype. Of one output it is `only`.
 *
 * Errors    FORMAT (another number of outputs, or of dtypes), UNSUPPORTED, NOMEM, LIMIT
 */
savor_status sv_attr_classes(sv_loader *loader, const sv_record *object, const sv_tensor *only, size_t n_outputs,
                             const sv_tensor **out, savor_error *err) SAVOR_MUST_CHECK;

/** One scalar record as a value; texts are copied. UNSUPPORTED for what is no scalar. */
savor_status sv_record_to_value(const sv_record *record, sv_arena *arena, sv_value *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** The FORMAT error of an attribute that does not fit: "LinearRegression.coef_: <why>". */
savor_status sv_attr_fail(const sv_record *object, const char *name, const char *why, savor_error *err);

#endif
