/*
 * frame.h: a table of typed columns, as a pandas DataFrame holds them. Columns are borrowed or lie in an arena; a
 * frame is a view that costs nothing to copy. The public, owning twin is savor_frame (include/savor/frame.h).
 */
#ifndef SV_DATA_FRAME_H
#define SV_DATA_FRAME_H

#include "base/arena.h"
#include "data/dtype.h"
#include "data/value.h"

/** A column label: text, an integer (0 and "0" are different labels), or another value that JSON can hold (null,
 * true, 1.5), of which the text that str() makes is kept. */
typedef struct sv_label {
    sv_str text;    /* text.p is NULL for an integer label */
    int64_t number; /* beside text: 0, or 1 for another value */
} sv_label;

static inline sv_label sv_label_text(sv_str text) { return (sv_label){.text = text}; }
static inline sv_label sv_label_number(int64_t number) { return (sv_label){.number = number}; }
static inline sv_label sv_label_other(sv_str shown) { return (sv_label){.text = shown, .number = 1}; }
static inline bool sv_label_is_number(const sv_label *label) { return label->text.p == NULL; }
static inline bool sv_label_is_text(const sv_label *label) { return label->text.p && label->number == 0; }

/** The same text, the same integer, or other values that are shown alike. */
bool sv_label_equal(const sv_label *a, const sv_label *b);

/** The label as str() gives it; an integer is written to `room` (24 bytes). */
sv_str sv_label_show(const sv_label *label, char *room);

typedef struct sv_column {
    sv_label name;
    savor_dtype dtype;
    const void *data; /* [n_rows] of the dtype's C type; STRING and BYTES: sv_str, p == NULL is missing */
} sv_column;

/** What pandas makes an index of: the same labels become another class of it. */
typedef enum sv_row_naming {
    SV_ROWS_LIST,      /* a list of labels */
    SV_ROWS_LEVELS,    /* a list of lists, even of one: a MultiIndex */
    SV_ROWS_COLUMNS,   /* columns that were read */
    SV_ROWS_READ_JSON, /* a list of which pandas.read_json still makes dates */
} sv_row_naming;

/** What rows are called where they are not counted from 0: pandas' index. */
typedef struct sv_row_labels {
    sv_row_naming naming;
    size_t n_levels;         /* each row has as many labels */
    const sv_column *levels; /* [n_levels] of n_rows; their names mean nothing */
} sv_row_labels;

/** What pandas had the columns' labels from: it holds them otherwise. */
typedef enum sv_naming {
    SV_NAMING_LIST,  /* a list of labels, or names that were read */
    SV_NAMING_COUNT, /* nothing: 0, 1, 2 ... */
    SV_NAMING_DICT,  /* the keys of a dict, which is what enforcement makes */
} sv_naming;

/** The last three members are for Python code that looks at a frame; engines need none of them. */
typedef struct sv_frame {
    size_t n_rows;
    size_t n_columns;
    const sv_column *columns;
    const sv_row_labels *labels; /* NULL: 0, 1, 2 ..., or nobody wants to know */
    sv_naming naming;
    bool is_read_json; /* labels of both axes are still to be converted as pandas.read_json does */
} sv_frame;

/** The first column with this label, or NULL. */
const sv_column *sv_frame_find(const sv_frame *frame, const sv_label *name);

/** Value `row` of a numeric or bool column as a double (ints are rounded to nearest); false for other dtypes. */
bool sv_column_to_double(const sv_column *column, size_t row, double *out);

/** Room for one element per row in the arena, of the dtype's size; not cleared. NULL when memory is short. */
void *sv_column_alloc(sv_arena *arena, savor_dtype dtype, size_t n_rows);

#endif
