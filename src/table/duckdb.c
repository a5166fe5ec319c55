#include "table/duckdb_priv.h"

#include "base/error.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_LIBRARY "libduckdb.so"
#define HOW_TO_GET_IT                                                                                                \
    "Parquet is read with DuckDB's library: npm install @duckdb/node-bindings-linux-x64, then set SAVOR_DUCKDB_LIB " \
    "to "                                                                                                            \
    "its libduckdb.so"

#define ROW(member)                                    \
    {                                                  \
        "duckdb_" #member, offsetof(sv_duckdb, member) \
    }

static const struct {
    const char *name;
    size_t offset;
} FUNCTIONS[] = {
    ROW(create_config),
    ROW(set_config),
    ROW(destroy_config),
    ROW(open_ext),
    ROW(close),
    ROW(connect),
    ROW(disconnect),
    ROW(query),
    ROW(result_error),
    ROW(destroy_result),
    ROW(column_count),
    ROW(column_name),
    ROW(column_type),
    ROW(fetch_chunk),
    ROW(data_chunk_get_size),
    ROW(data_chunk_get_vector),
    ROW(destroy_data_chunk),
    ROW(vector_get_data),
    ROW(vector_get_validity),
    ROW(free),
};

/* It stays open for good: the loader counts, and a library with threads of its own is not to be unloaded. */
savor_status sv_duckdb_find(sv_duckdb *out, savor_error *err)
{
    const char *path = getenv("SAVOR_DUCKDB_LIB");
    path = path && path[0] ? path : DEFAULT_LIBRARY;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return sv_fail(err, SAVOR_UNSUPPORTED, "\"%.100s\" could not be opened. " HOW_TO_GET_IT, path);
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        void *function = dlsym(library, FUNCTIONS[i].name);
        if (!function)
            return sv_fail(err, SAVOR_UNSUPPORTED, "\"%.100s\" lacks %s. " HOW_TO_GET_IT, path, FUNCTIONS[i].name);
        memcpy((char *)out + FUNCTIONS[i].offset, &function, sizeof function);
    }
    return SAVOR_OK;
}
