/* profile.h: whose rules a model is served by: the MLflow that wrote it, or the era that was asked for. */
#ifndef SV_REQUEST_PROFILE_H
#define SV_REQUEST_PROFILE_H

#include "model/enforce.h"

#include <savor/model.h>

typedef struct sv_profile {
    sv_era era;
    bool is_forced;     /* one era whole: other eras' bodies are refused */
    bool is_fastapi;    /* MLflow 2.21 and later; Flask before */
    int pandas_major;   /* 1: 1.5, 2: 2.3, 3: 3.1 */
    bool exact_csv;     /* the CSV reader rounds correctly: pandas 3.1 and later */
    sv_nesting nesting; /* how nested types are checked */
    bool has_sqlstate;  /* error bodies carry sqlstate and error_class: MLflow 3.11 and later */
} sv_profile;

/** The rules for a model; `requirements` is its requirements.txt (may be empty), where a pandas version may be
 * pinned. */
sv_profile sv_profile_of(const sv_mlmodel *model, sv_str requirements, savor_profile forced);

#endif
