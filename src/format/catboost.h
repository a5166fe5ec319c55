/*
 * catboost.h: the files that CatBoost's save_model writes as "cbm" and as "json", and what is in them beside the
 * formula: names, labels, the loss. Layout and checks: docs/formats/catboost.md.
 */
#ifndef SV_FORMAT_CATBOOST_H
#define SV_FORMAT_CATBOOST_H

#include "base/arena.h"
#include "base/str.h"
#include "engine/catboost.h"

/** An input that the formula uses: a number or a category. */
typedef struct sv_catboost_input {
    size_t column; /* its place among the columns of the training data */
    sv_str name;   /* empty: had none */
} sv_catboost_input;

typedef enum sv_catboost_label_kind {
    SV_CATBOOST_NO_LABELS,
    SV_CATBOOST_INT_LABELS,
    SV_CATBOOST_FLOAT_LABELS,
    SV_CATBOOST_BOOL_LABELS,
    SV_CATBOOST_TEXT_LABELS,
} sv_catboost_label_kind;

/** What a class is called; by the kind, one of them. */
typedef union sv_catboost_label {
    int64_t number;
    double real;
    bool truth;
    sv_str text;
} sv_catboost_label;

typedef struct sv_catboost {
    const char *format;                  /* "cbm", "json" */
    sv_str loss;                         /* "Logloss"; empty: not told */
    sv_str asked_loss;                   /* as the user gave it, "Tweedie:variance_power=1.5"; empty: not at all */
    const sv_catboost_input *floats;     /* [formula.n_floats] */
    const sv_catboost_input *categories; /* [formula.n_categories] */
    size_t n_category_columns;           /* of the training data, used or not */
    const size_t *category_columns;      /* [n_category_columns] */
    sv_catboost_label_kind label_kind;
    size_t n_labels;
    const sv_catboost_label *labels; /* [n_labels] */
    size_t n_visible;                /* outputs that a caller sees: more than the formula's when classes were */
    const size_t *visible;           /* missing from the training data; [formula outputs] which one each is */
    double threshold;                /* raw value above which the second class is meant */
    sv_catboost_formula formula;
} sv_catboost;

/**
 * Read a model file.
 *
 * bytes     the whole file; borrowed for the call
 * arena     gets the record and all it points to
 * out       borrowed from the arena. NULL on failure
 * Units     none
 * Errors    FORMAT, UNSUPPORTED (text and embedding features, unknown version or part), LIMIT, NOMEM
 * Threads   safe
 * Source    CatBoost libs/model/model.cpp, ctr_data.cpp; docs/formats/catboost.md
 */
savor_status sv_catboost_read_cbm(sv_str bytes, sv_arena *arena, const sv_catboost **out,
                                  savor_error *err) SAVOR_MUST_CHECK;

/** The same for the JSON export. Source: CatBoost libs/model/model_export/json_model_helpers.cpp. */
savor_status sv_catboost_read_json(sv_str bytes, sv_arena *arena, const sv_catboost **out,
                                   savor_error *err) SAVOR_MUST_CHECK;

#endif
