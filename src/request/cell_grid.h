/* cell_grid.h: rows and columns of JSON cells, and the typed column that pandas would infer from one of them. */
#ifndef SV_REQUEST_CELL_GRID_H
#define SV_REQUEST_CELL_GRID_H

#include "data/frame.h"
#include "text/json.h"

/** One row: either flat (cell c is first[c]) or a list of pointers. A cell may be absent. */
typedef struct sv_grid_row {
    const sv_json *first;        /* flat rows: the first of n scalar nodes */
    const sv_json *const *cells; /* other rows: n pointers, NULL is absent */
    size_t n;
} sv_grid_row;

typedef struct sv_grid {
    size_t n_rows, n_columns;
    sv_grid_row *rows;
    bool nan_is_null;   /* pandas.read_json: the literal NaN reads as null */
    bool absent_is_nan; /* records: a missing key is NaN; short rows of lists are padded with None */
} sv_grid;

/** Column dtypes by pandas' rules (lib.maybe_convert_objects); `pandas_major` as in sv_json_frame_rules. */
savor_status sv_grid_infer(const sv_grid *grid, int pandas_major, sv_arena *arena, sv_column *columns,
                           savor_error *err) SAVOR_MUST_CHECK;

#endif
