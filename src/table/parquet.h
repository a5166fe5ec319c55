/* parquet.h: a Parquet file -> a frame, through DuckDB's library when there is one. */
#ifndef SV_TABLE_PARQUET_H
#define SV_TABLE_PARQUET_H

#include "data/frame.h"

/**
 * Read a whole Parquet file.
 *
 * The library is opened at the first use: the file that SAVOR_DUCKDB_LIB names, else libduckdb.so by the system's
 * search. The bytes reach it as an anonymous file in memory, which no other process can name. One thread reads.
 *
 * body          borrowed for the call
 * pandas_major  1, 2 or 3: text columns are STRING from 3 on, OBJECT before
 * arena         gets columns and cells
 * out           borrowed from the arena; untouched on failure
 * Units         none
 * Errors        UNSUPPORTED (no library, and how to get it; or a column's type), BAD_REQUEST (no Parquet file), IO,
 *               LIMIT, NOMEM
 * Threads       safe
 * Source        DuckDB's C API 1.0 and later; docs/formats/parquet.md
 */
savor_status sv_parquet_read_frame(sv_str body, int pandas_major, sv_arena *arena, sv_frame *out,
                                   savor_error *err) SAVOR_MUST_CHECK;

#endif
