/* frame.h: the owning twin of sv_frame that the public interface hands out. */
#ifndef SV_SCORE_FRAME_H
#define SV_SCORE_FRAME_H

#include "data/frame.h"

#include <savor/frame.h>

struct savor_frame {
    sv_arena arena; /* holds columns, names and cells */
    sv_frame view;
    sv_column *columns; /* the view's, while it is being filled */
};

/** A frame of empty columns. Errors: NOMEM, LIMIT. */
savor_status sv_owned_frame_new(size_t n_rows, size_t n_columns, savor_frame **out,
                                savor_error *err) SAVOR_MUST_CHECK;

/** Set a column's name (copied) and dtype and make room for its cells; the place, or NULL when memory is short. */
void *sv_owned_frame_column(savor_frame *frame, size_t c, const char *name, savor_dtype dtype);

#endif
