/* enforce.h: make data obey a schema, or say which value did not. A pure function, as PyFuncModel.predict has it. */
#ifndef SV_MODEL_ENFORCE_H
#define SV_MODEL_ENFORCE_H

#include "data/payload.h"
#include "model/mlmodel.h"
#include "model/schema.h"

/** How MLflow checks what lies inside arrays, objects and maps. */
typedef enum sv_nesting {
    SV_NESTING_COLUMNS,  /* 2.21 and later: the elements of an array are one column, and leave it as Python values */
    SV_NESTING_OPTIONAL, /* 2.19, 2.20: each element by itself; "required" holds at every level */
    SV_NESTING_REQUIRED, /* up to 2.18: each element by itself; below the column everything is required */
} sv_nesting;

typedef struct sv_enforce_rules {
    sv_era era;
    int pandas_major;  /* 1, 2 or 3 */
    bool hide_details; /* messages say nothing about names and values (MLFLOW_DISABLE_SCHEMA_DETAILS) */
    sv_nesting nesting;
} sv_enforce_rules;

/**
 * Make `in` obey `schema`: names, order, types, missing values.
 *
 * Columns the schema does not name are ignored; a missing required one is an error. int -> long, int -> double and
 * float -> double widen; nothing narrows, except where MLflow itself does. Tensors are checked, never cast, but for
 * frames given to a tensor schema.
 *
 * in        [n_rows x any] frame, array, named arrays, dict or list; borrowed
 * schema    the signature's inputs
 * arena     gets converted columns; unchanged ones are shared with `in`
 * out       [n_rows x n_inputs] in schema order; borrowed from the arena
 * Units     none (row and column numbers in messages start at 0)
 * Errors    SCHEMA (message: column, expected, found), LIMIT, NOMEM, UNSUPPORTED (nested types with MLflow 1.x, which
 * has none) Threads   safe; `schema` may be shared Source    MLflow _enforce_schema of 1.30, 2.22 and 3.17;
 * docs/differences-from-mlflow.md
 */
savor_status sv_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules, sv_arena *arena,
                        sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

/** One column to a scalar type. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow _enforce_mlflow_datatype.
 */
savor_status sv_column_enforce(const sv_column *column, size_t n_rows, sv_type_kind type,
                               const sv_enforce_rules *rules, sv_arena *arena, sv_column *out,
                               savor_error *err) SAVOR_MUST_CHECK;

/** A frame, array or named arrays to a tensor schema. Errors: SCHEMA, NOMEM, LIMIT. Source: MLflow
 * _enforce_tensor_schema. */
savor_status sv_tensor_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules,
                               sv_arena *arena, sv_payload *out, savor_error *err) SAVOR_MUST_CHECK;

/** What one value must obey. */
typedef struct sv_value_rules {
    const sv_type *type; /* a column type, nested or not */
    bool required;
    const char *where; /* UTF-8; said before the path in messages: "column \"x\", row 3" */
    const sv_enforce_rules *rules;
} sv_value_rules;

/**
 * Make one value obey a type of any depth: a cell of an array, object, map or any column, or an object param.
 *
 * Properties that the type does not name are an error, unlike columns. A plain value inside comes out as a numpy
 * scalar, the elements of an array as the era makes them.
 *
 * in        borrowed; must outlive `out`
 * arena     gets what changes
 * out       may share parts with `in`
 * Units     none
 * Errors    SCHEMA (message: where, path, expected, found), NOMEM, LIMIT
 * Threads   safe
 * Source    MLflow _enforce_type of 2.16, 2.19, 2.22 and 3.17
 */
savor_status sv_value_enforce(const sv_value *in, const sv_value_rules *how, sv_arena *arena, sv_value *out,
                              savor_error *err) SAVOR_MUST_CHECK;

/**
 * A column of arrays, objects, maps or anything, cell by cell.
 *
 * how        `where` is not looked at; columns without names are always required
 * Errors     SCHEMA, NOMEM, LIMIT, UNSUPPORTED
 * Source     MLflow _enforce_named_col_schema, _enforce_unnamed_col_schema
 */
savor_status sv_nested_enforce(const sv_column *column, size_t n_rows, const sv_value_rules *how, sv_arena *arena,
                               sv_column *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
