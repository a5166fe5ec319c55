/*
 * categories.h: values -> their position among an encoder's categories; and the codes of whole batches, which the
 * encoders share.
 */
#ifndef SV_SKLEARN_CATEGORIES_H
#define SV_SKLEARN_CATEGORIES_H

#include "base/index.h"
#include "sklearn/estimator.h"

#define SV_CATEGORY_UNKNOWN SIZE_MAX

/** The categories of one column. Numbers equal numbers by value, whatever their dtype; None and NaN are two values.
 */
typedef struct sv_categories {
    size_t n;
    sv_index texts;
    size_t n_numbers;
    struct sv_category_number *numbers; /* [n_numbers] sorted */
    size_t none_at, nan_at;             /* SV_CATEGORY_UNKNOWN: not among them */
    bool are_objects;                   /* the array of categories has the dtype object, or text */
} sv_categories;

/** Read the array or list of one column's categories. Errors: UNSUPPORTED, FORMAT, NOMEM, LIMIT. */
savor_status sv_categories_load(sv_loader *loader, const sv_record *record, sv_categories *out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** The position of a value, or SV_CATEGORY_UNKNOWN. */
size_t sv_categories_find(const sv_categories *categories, const sv_value *value);

/** What the encoders' base class holds: categories_ and which of them are rare. */
typedef struct sv_encoder {
    sv_estimator base;
    size_t n_columns;
    sv_categories *columns;         /* [n_columns] */
    const size_t *const *mappings;  /* [n_columns] category -> group, NULL: as it is; NULL when none is grouped */
    const size_t *infrequent_first; /* [n_columns] the first rare category, SV_CATEGORY_UNKNOWN: none; or NULL */
    bool refuses_unknown;           /* handle_unknown="error" */
    bool groups_unknown;            /* handle_unknown="infrequent_if_exist": unknown values are rare ones */
} sv_encoder;

/** Read categories_, handle_unknown and the groups of rare categories. */
savor_status sv_encoder_load(sv_loader *loader, const sv_record *object, sv_encoder *out,
                             savor_error *err) SAVOR_MUST_CHECK;

/**
 * The category of each cell.
 *
 * keeps     [n_columns] a category of each column that is never grouped with the rare ones, SV_CATEGORY_UNKNOWN:
 * none; NULL: none anywhere codes     [n_rows x n_columns] after grouping; SV_CATEGORY_UNKNOWN: not known; in the
 * arena Errors    MODEL (a value that is not known, where it is refused; names or number of columns), NOMEM, LIMIT
 * Source    sklearn.preprocessing._encoders._BaseEncoder._transform
 */
savor_status sv_encoder_encode(const sv_encoder *encoder, const sv_batch *in, const size_t *keeps, sv_arena *arena,
                               size_t **codes, savor_error *err) SAVOR_MUST_CHECK;

#endif
