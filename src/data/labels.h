/* labels.h: finding a column or spec by its label, in order first and by an index only when the order differs. */
#ifndef SV_DATA_LABELS_H
#define SV_DATA_LABELS_H

#include "base/index.h"
#include "data/frame.h"

/** Labels that lie in an array of structs; the index over them is made at the first miss. */
typedef struct sv_labels {
    const sv_label *first;
    size_t stride; /* bytes from one label to the next */
    size_t n;
    size_t next; /* behind the last hit: where the next one mostly is */
    sv_index index;
    bool is_indexed;
} sv_labels;

#define SV_LABEL_NONE SIZE_MAX

/** `first` may be NULL when n is 0. The arena holds the index. */
void sv_labels_init(sv_labels *labels, const sv_label *first, size_t stride, size_t n, sv_arena *arena);

/** The position of the first label equal to `name`, or SV_LABEL_NONE. Errors: NOMEM, LIMIT. */
savor_status sv_labels_find(sv_labels *labels, const sv_label *name, size_t *position,
                            savor_error *err) SAVOR_MUST_CHECK;

#endif
