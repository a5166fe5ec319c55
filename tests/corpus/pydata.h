/* pydata.h: the data descriptions of recorded cases (vectors' README) -> what savor holds them as. */
#ifndef TESTS_CORPUS_PYDATA_H
#define TESTS_CORPUS_PYDATA_H

#include "base/arena.h"
#include "data/payload.h"
#include "text/json.h"

typedef struct pydata {
    sv_payload payload;
    bool is_unnamed_series, is_series;
    char sparse[4]; /* "csr", "csc"; then the payload is the dense array */
} pydata;

/** Read a description. NULL on success, else why savor has no form for it. */
const char *pydata_read(const sv_json *description, sv_arena *arena, pydata *out);

/** Read one value ({"$dict": ...} and so on). NULL on success. */
const char *pydata_read_value(const sv_json *v, sv_arena *arena, sv_value *out);

#endif
