/*
 * requirements.h: the lines of pip's requirements files, as MLflow reads them: continued lines joined, comments and
 * empty lines dropped, files that a line refers to put in its place. Options such as --index-url stay lines of their
 * own; pip judges them.
 */
#ifndef SV_MODEL_REQUIREMENTS_H
#define SV_MODEL_REQUIREMENTS_H

#include "base/arena.h"
#include "base/dir.h"

typedef struct sv_requirement {
    sv_str text;        /* one line, UTF-8, no control character but tabs */
    bool is_constraint; /* from a file that "-c" named */
} sv_requirement;

typedef struct sv_requirements {
    size_t n;
    const sv_requirement *items; /* in the order of the file */
} sv_requirements;

/**
 * Read lines of requirements.
 *
 * lines     borrowed for the call, UTF-8
 * dir       where files that lines refer to are looked for, and nowhere else; NULL: nowhere
 * arena     gets the result, and holds the texts of `lines` already
 * out       empty on failure
 * Errors    FORMAT (not UTF-8, control characters, a path that leaves the directory), NOT_FOUND, UNSUPPORTED (a
 *           reference that MLflow would not see, such as "-rfile"), LIMIT (files in files, lines), IO, NOMEM
 * Threads   safe
 * Source    MLflow 3.17 mlflow.utils.requirements_utils._parse_requirements
 */
savor_status sv_requirements_read(const sv_str *lines, size_t n_lines, const sv_dir *dir, sv_arena *arena,
                                  sv_requirements *out, savor_error *err) SAVOR_MUST_CHECK;

/** The lines of a text, as Python's str.splitlines cuts them; borrowed from `text`. Errors: FORMAT, NOMEM, LIMIT. */
savor_status sv_lines_cut(sv_str text, sv_arena *arena, const sv_str **out, size_t *n,
                          savor_error *err) SAVOR_MUST_CHECK;

/** Append those that are constraints, or those that are not, one a line. */
void sv_requirements_write(const sv_requirements *r, bool constraints, sv_buf *out);

#endif
