/* verify.h: what the serialized objects of a model would import, without importing it. */
#ifndef SAVOR_VERIFY_H
#define SAVOR_VERIFY_H

#include <savor/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the names in a model's files are; the worst of them speaks for the model. */
typedef enum savor_verdict {
    SAVOR_VERDICT_KNOWN,      /* all on the list of what the supported libraries write; or no such file */
    SAVOR_VERDICT_UNKNOWN,    /* a name that is on no list */
    SAVOR_VERDICT_UNREADABLE, /* a file that is damaged, missing or of a form that libsavor does not read */
    SAVOR_VERDICT_DANGEROUS,  /* a name that runs programs or code, or opens files or connections */
} savor_verdict;

/**
 * List the classes and functions that loading the model's pickles in Python would import.
 *
 * Looked at are the files below the model's directory that are named *.pkl, *.pickle, *.joblib or *.skops or begin
 * as a pickle of protocol 2 to 5 does; files of any name and form that a flavor of MLmodel names, if reading them as
 * a pickle or skops file names anything; and such files that MLmodel names and that are missing. Nothing in them is
 * executed. The report is one JSON object: path, verdict ("known", "unknown", "unreadable", "dangerous"), files
 * (file, verdict, names, problem), names (file, module, name, kind, uses; dangerous ones first).
 *
 * path      as for savor_model_load
 * options   NULL: defaults; max_model_bytes bounds the memory that one file may take
 * verdict   the worst of all files; KNOWN on failure
 * out       owned by the caller: savor_text_free. NUL-terminated UTF-8. NULL on failure
 * Units     none
 * Errors    NOT_FOUND, FORMAT (MLmodel itself cannot be read), LIMIT (more than 100,000 files), IO, NOMEM
 * Threads   safe
 * Source    docs/formats/pickle.md
 */
SAVOR_API SAVOR_MUST_CHECK savor_status savor_model_verify(const char *path, const savor_load_options *options,
                                                           savor_verdict *verdict, char **out, savor_error *err);

#ifdef __cplusplus
}
#endif

#endif
