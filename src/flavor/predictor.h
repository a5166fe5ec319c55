/* predictor.h: what a flavor makes of a model directory: something that predicts. Immutable, shared by threads. */
#ifndef SV_FLAVOR_PREDICTOR_H
#define SV_FLAVOR_PREDICTOR_H

#include "base/arena.h"
#include "base/buf.h"
#include "data/payload.h"

typedef struct sv_predictor sv_predictor;

/** A whole response, of a model that reads requests itself. */
typedef struct sv_reply {
    int http_status;
    const char *content_type; /* NUL-terminated, static */
    sv_str body;
} sv_reply;

/** About code that runs; texts are borrowed from the predictor. */
typedef struct sv_code_facts {
    const char *sha256;      /* of the model, in hexadecimal digits; "" where it has none */
    const char *interpreter; /* as it was named; "" when nothing was started */
} sv_code_facts;

typedef struct sv_predictor_class {
    const char *engine; /* shown to people: "native:trees", "native:linear" */

    /**
     * Predict as the flavor's pyfunc wrapper does.
     *
     * in        after enforcement; borrowed
     * params    after enforcement, defaults filled in; NULL: none. What the library's predict would take as a keyword
     *           (xgboost: output_margin, iteration_range, strict_shape, ...) counts, the rest is ignored
     * arena     the request's; gets the answer and all scratch
     * out       borrowed from the arena
     * Errors    MODEL (the library would have raised: wrong names, wrong dtype), NOMEM, LIMIT
     * Threads   safe
     */
    savor_status (*predict)(const sv_predictor *self, const sv_payload *in, const sv_params *params, sv_arena *arena,
                            sv_payload *out, savor_error *err);

    /**
     * Answer a request whole, for models whose own server reads and answers otherwise than MLflow's Python one. NULL:
     * requests are read, enforced and answered by savor, and `predict` is called.
     *
     * content_type  as sent; p == NULL: none
     * out           borrowed from the arena; an error of the model's code is an answer, too
     * Errors        BUSY, TIMEOUT, INTERNAL, LIMIT, NOMEM
     * Threads       safe
     */
    savor_status (*respond)(const sv_predictor *self, sv_str content_type, sv_str body, sv_arena *arena,
                            sv_reply *out, savor_error *err);

    /** Append facts for `inspect` as members of a JSON object, without braces: "\"trees\": 100, \"objective\": ...".
     * NULL: none. */
    void (*describe)(const sv_predictor *self, sv_buf *json);

    /** Whether a request would be computed now, and by how many processes. NULL: always, in the caller's thread. */
    int (*count_workers)(const sv_predictor *self, bool *is_ready);

    /** What is known of the code that runs. NULL: none does. */
    const sv_code_facts *(*get_code)(const sv_predictor *self);

    /** End what is not memory of the arena. NULL: nothing. */
    void (*close)(sv_predictor *self);

    /** A row's answer depends on that row of the frame alone, and is an array: a frame may come in blocks of rows. */
    bool is_row_wise;

    /** Code gets to see the frame: what the rows are called matters. */
    bool sees_labels;
} sv_predictor_class;

/** The start of every flavor's own struct. The whole of it, this header included, lies in `arena`. */
struct sv_predictor {
    const sv_predictor_class *cls;
    sv_arena arena;
};

/** A cleared struct of `size` bytes that starts with an sv_predictor and lies in its own arena. */
savor_status sv_predictor_new(size_t size, const sv_predictor_class *cls, size_t max_bytes, sv_predictor **out,
                              savor_error *err) SAVOR_MUST_CHECK;

/** Copy a text, which may be absent, into a predictor's arena. Errors: NOMEM, LIMIT. */
savor_status sv_predictor_keep_text(sv_predictor *predictor, sv_str text, sv_str *out,
                                    savor_error *err) SAVOR_MUST_CHECK;

/** End a predictor; NULL is allowed. */
void sv_predictor_free(sv_predictor *predictor);

#endif
