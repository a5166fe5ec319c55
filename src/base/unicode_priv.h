/* unicode_priv.h: the tables that tools/unicode_tables writes; each sorted by its first number. */
#ifndef SV_BASE_UNICODE_PRIV_H
#define SV_BASE_UNICODE_PRIV_H

#include <stddef.h>
#include <stdint.h>

/** Characters from first to last. */
typedef struct sv_char_range {
    uint32_t first, last;
} sv_char_range;

/** first, first + step ... last become themselves plus delta. */
typedef struct sv_char_step {
    uint32_t first, last, step;
    int32_t delta;
} sv_char_step;

/** One character that becomes n of sv_char_pool. */
typedef struct sv_char_span {
    uint32_t c;
    uint16_t at, n;
} sv_char_span;

extern const sv_char_range sv_char_words[], sv_char_digits[], sv_char_cased[], sv_char_ignorable[], sv_char_marks[];
extern const size_t sv_char_words_n, sv_char_digits_n, sv_char_cased_n, sv_char_ignorable_n, sv_char_marks_n;
extern const sv_char_step sv_char_lowers[], sv_char_folds[];
extern const size_t sv_char_lowers_n, sv_char_folds_n;
extern const sv_char_span sv_char_spans[];
extern const size_t sv_char_spans_n;
extern const uint32_t sv_char_pool[];

#endif
