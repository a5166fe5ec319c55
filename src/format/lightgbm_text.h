/*
 * lightgbm_text.h: the text file that LightGBM's Booster.save_model writes (versions v2, v3, v4), and what such a
 * booster predicts. Byte layout and checks: docs/formats/lightgbm.md.
 */
#ifndef SV_FORMAT_LIGHTGBM_TEXT_H
#define SV_FORMAT_LIGHTGBM_TEXT_H

#include "base/arena.h"
#include "base/str.h"
#include "engine/forest.h"
#include "engine/lightgbm_link.h"

typedef struct sv_lightgbm {
    sv_str version;   /* "v2", "v3", "v4"; empty in the oldest files */
    sv_str objective; /* as written, "binary sigmoid:1"; empty when the file has none (own objective) */
    sv_lightgbm_link link;
    bool is_averaged; /* random forests: sums are divided by n_iterations */
    bool has_linear_leaves;
    size_t n_iterations;         /* complete ones; trees behind them do not count */
    const sv_str *feature_names; /* [forest.n_features] */
    bool has_pandas_categories;  /* the last line holds a list: a frame must bring category columns */
    size_t n_pandas_categories;  /* how many */
    sv_forest forest;            /* checked and lowered; F64_LE */
} sv_lightgbm;

/**
 * Read a model file. What LightGBM itself would read beyond its arrays for, or misread in silence, is refused.
 *
 * text      the whole file; borrowed for the call
 * arena     gets the record and all it points to
 * out       borrowed from the arena. NULL on failure
 * Units     none
 * Errors    FORMAT (where = "tree T" or "header"), UNSUPPORTED (unknown version or objective), LIMIT, NOMEM
 * Threads   safe
 * Source    LightGBM gbdt_model_text.cpp, tree.cpp; docs/formats/lightgbm.md
 */
savor_status sv_lightgbm_read(sv_str text, sv_arena *arena, const sv_lightgbm **out,
                              savor_error *err) SAVOR_MUST_CHECK;

/**
 * What Booster.predict answers for rows of doubles.
 *
 * rows      [n_rows x n_features]; changed: values of at most 1e-35f become 0, as LightGBM drops them
 * out       [n_rows x n_groups], written
 * scratch   the request's arena
 * Units     the objective's own
 * Errors    NOMEM, LIMIT
 * Threads   safe while rows, out and scratch are the caller's own
 * Source    LightGBM gbdt_prediction.cpp, c_api.cpp
 */
savor_status sv_lightgbm_predict(const sv_lightgbm *model, double *rows, size_t n_rows, double *out,
                                 sv_arena *scratch, savor_error *err) SAVOR_MUST_CHECK;

#endif
