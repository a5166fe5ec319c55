/*
 * duckdb_priv.h: the part of DuckDB's C API that is used, as its documentation prints it (stable since 1.0). The
 * library is no dependency: it is opened when the first Parquet file comes.
 */
#ifndef SV_TABLE_DUCKDB_PRIV_H
#define SV_TABLE_DUCKDB_PRIV_H

#include <savor/status.h>

#include <stdint.h>

enum { DUCKDB_SUCCESS = 0 };

/* duckdb_type */
enum {
    DUCKDB_BOOLEAN = 1,
    DUCKDB_TINYINT,
    DUCKDB_SMALLINT,
    DUCKDB_INTEGER,
    DUCKDB_BIGINT,
    DUCKDB_UTINYINT,
    DUCKDB_USMALLINT,
    DUCKDB_UINTEGER,
    DUCKDB_UBIGINT,
    DUCKDB_FLOAT,
    DUCKDB_DOUBLE,
    DUCKDB_TIMESTAMP, /* microseconds */
    DUCKDB_DATE,      /* int32 days */
    DUCKDB_VARCHAR = 17,
    DUCKDB_BLOB,
    DUCKDB_TIMESTAMP_S = 20,
    DUCKDB_TIMESTAMP_MS,
    DUCKDB_TIMESTAMP_NS,
    DUCKDB_SQLNULL = 36,
};

typedef struct duckdb_result {
    uint64_t deprecated_counts[3];
    void *deprecated_columns;
    char *deprecated_error;
    void *internal;
} duckdb_result;

/** A text: 12 bytes in place, or its first 4 and a pointer to all of it. */
typedef struct duckdb_string {
    uint32_t n;
    char start[4];
    const char *all;
} duckdb_string;

typedef struct sv_duckdb {
    int (*create_config)(void **out);
    int (*set_config)(void *config, const char *name, const char *value);
    void (*destroy_config)(void **config);
    int (*open_ext)(const char *path, void **out, void *config, char **error);
    void (*close)(void **database);
    int (*connect)(void *database, void **out);
    void (*disconnect)(void **connection);
    int (*query)(void *connection, const char *sql, duckdb_result *out);
    const char *(*result_error)(duckdb_result *result);
    void (*destroy_result)(duckdb_result *result);
    uint64_t (*column_count)(duckdb_result *result);
    const char *(*column_name)(duckdb_result *result, uint64_t column);
    int (*column_type)(duckdb_result *result, uint64_t column);
    void *(*fetch_chunk)(duckdb_result result);
    uint64_t (*data_chunk_get_size)(void *chunk);
    void *(*data_chunk_get_vector)(void *chunk, uint64_t column);
    void (*destroy_data_chunk)(void **chunk);
    void *(*vector_get_data)(void *vector);
    uint64_t *(*vector_get_validity)(void *vector);
    void (*free)(void *memory);
} sv_duckdb;

/** Open the library and find the functions. Errors: UNSUPPORTED (says how to get it). */
savor_status sv_duckdb_find(sv_duckdb *out, savor_error *err) SAVOR_MUST_CHECK;

#endif
