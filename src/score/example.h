/* example.h: what an input example is made of. */
#ifndef SV_SCORE_EXAMPLE_H
#define SV_SCORE_EXAMPLE_H

#include "model/infer.h"
#include "score/data_read.h"

#include <savor/example.h>

#define SV_EXAMPLE_BYTES_MAX ((size_t)1 << 30)

struct savor_example {
    sv_buf input;   /* input_example.json */
    sv_buf serving; /* serving_input_example.json; has_serving */
    sv_buf request; /* a request body made of the input; used when there is no serving example */
    sv_buf info;    /* saved_input_example_info as JSON */
    bool has_serving;
    const char *type; /* "dataframe", ...; of an example that was written here */
};

/** What an example is made of. */
typedef struct sv_example_data {
    const sv_payload *payload;
    const sv_value *params; /* NULL: none; an empty DICT is written as well */
    const char *sparse;     /* "csr" or "csc": the array was such a matrix; NULL: it was not */
    bool is_series;         /* a pandas.Series, which no example may be */
} sv_example_data;

/** An example without texts. Errors: NOMEM. */
savor_status sv_example_new(savor_example **out, savor_error *err) SAVOR_MUST_CHECK;

/**
 * Write the texts of an example as the MLflow of `rules` does.
 *
 * out       its input, serving and info
 * Errors    SCHEMA (no such example), UNREADABLE, LIMIT, NOMEM
 * Source    MLflow _Example of 1.30, 2.16, 2.22, 3.17
 */
savor_status sv_example_write(const sv_example_data *data, const sv_infer_rules *rules, sv_arena *arena,
                              savor_example *out, savor_error *err) SAVOR_MUST_CHECK;

/** How the text of an example is to be understood. */
typedef struct sv_example_info {
    sv_str type, format;
    bool has_params;
} sv_example_info;

/**
 * Make a request body of input_example.json.
 *
 * era       1.x takes frames without a key around them
 * Errors    FORMAT, UNSUPPORTED (the type), LIMIT, NOMEM
 */
savor_status sv_example_make_request(sv_str input, const sv_example_info *info, sv_era era, sv_arena *arena,
                                     sv_buf *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
