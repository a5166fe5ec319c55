#define _GNU_SOURCE /* memfd_create */

#include "table/parquet.h"

#include "base/alloc.h"
#include "base/error.h"
#include "table/arrow_read.h"
#include "table/duckdb_priv.h"
#include "table/pieces.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* One query over one file in memory. */
typedef struct reader {
    sv_duckdb db;
    void *database, *connection;
    duckdb_result result;
    bool has_result;
    int fd;
    sv_arena *arena;
    savor_error *err;
} reader;

/* A column's type there and here. */
typedef struct type_row {
    int type;
    savor_dtype dtype;
    int64_t tick_ns; /* of times */
    bool is_date;
} type_row;

static const type_row TYPES[] = {
    {.type = DUCKDB_BOOLEAN, .dtype = SAVOR_BOOL},
    {.type = DUCKDB_TINYINT, .dtype = SAVOR_INT8},
    {.type = DUCKDB_SMALLINT, .dtype = SAVOR_INT16},
    {.type = DUCKDB_INTEGER, .dtype = SAVOR_INT32},
    {.type = DUCKDB_BIGINT, .dtype = SAVOR_INT64},
    {.type = DUCKDB_UTINYINT, .dtype = SAVOR_UINT8},
    {.type = DUCKDB_USMALLINT, .dtype = SAVOR_UINT16},
    {.type = DUCKDB_UINTEGER, .dtype = SAVOR_UINT32},
    {.type = DUCKDB_UBIGINT, .dtype = SAVOR_UINT64},
    {.type = DUCKDB_FLOAT, .dtype = SAVOR_FLOAT32},
    {.type = DUCKDB_DOUBLE, .dtype = SAVOR_FLOAT64},
    {.type = DUCKDB_TIMESTAMP, .dtype = SAVOR_DATETIME_NS, .tick_ns = 1000},
    {.type = DUCKDB_TIMESTAMP_S, .dtype = SAVOR_DATETIME_NS, .tick_ns = 1000000000},
    {.type = DUCKDB_TIMESTAMP_MS, .dtype = SAVOR_DATETIME_NS, .tick_ns = 1000000},
    {.type = DUCKDB_TIMESTAMP_NS, .dtype = SAVOR_DATETIME_NS, .tick_ns = 1},
    {.type = DUCKDB_DATE, .dtype = SAVOR_DATETIME_NS, .tick_ns = 86400000000000, .is_date = true},
    {.type = DUCKDB_VARCHAR, .dtype = SAVOR_STRING},
    {.type = DUCKDB_BLOB, .dtype = SAVOR_BYTES},
    {.type = DUCKDB_SQLNULL, .dtype = SAVOR_OBJECT},
};

/* What DuckDB calls types that are refused, by number from 14 on. */
static const char *type_name(int type)
{
    static const char *const NAMES[] = {"time",
                                        "interval",
                                        "hugeint",
                                        NULL,
                                        NULL,
                                        "decimal",
                                        NULL,
                                        NULL,
                                        NULL,
                                        "enum",
                                        "list",
                                        "struct",
                                        "map",
                                        "uuid",
                                        "union",
                                        "bit",
                                        "time with a time zone",
                                        "timestamp with a time zone",
                                        "uhugeint",
                                        "array"};
    size_t i = (size_t)(type - 14);
    return type >= 14 && i < sizeof NAMES / sizeof NAMES[0] && NAMES[i] ? NAMES[i] : "that DuckDB alone knows";
}

static const type_row *find_type(int type)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (TYPES[i].type == type)
            return &TYPES[i];
    return NULL;
}

static savor_status fail_system(const reader *rd, const char *what)
{
    return sv_fail(rd->err, SAVOR_IO, "the Parquet body could not be %s: %s", what, strerror(errno));
}

/* A file that lies in memory, has no name, and ends with its descriptor. */
static savor_status put_body(reader *rd, sv_str body)
{
    rd->fd = memfd_create("parquet", MFD_CLOEXEC);
    if (rd->fd < 0)
        return fail_system(rd, "given a file");
    while (body.n) {
        ssize_t n = write(rd->fd, body.p, body.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_system(rd, "written to memory");
        body = (sv_str){body.p + n, body.n - (size_t)n};
    }
    return SAVOR_OK;
}

/* A database that holds nothing, uses one thread and fetches nothing from anywhere. */
static savor_status open_database(reader *rd)
{
    static const char *const SETTINGS[][2] = {
        {"threads", "1"},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"temp_directory", ""},
    };
    void *config = NULL;
    char *why = NULL;
    if (rd->db.create_config(&config) != DUCKDB_SUCCESS)
        return sv_fail(rd->err, SAVOR_NOMEM, "DuckDB could not be configured");
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++)
        (void)rd->db.set_config(config, SETTINGS[i][0], SETTINGS[i][1]); /* one that it does not know is not needed */
    int state = rd->db.open_ext(":memory:", &rd->database, config, &why);
    rd->db.destroy_config(&config);
    if (state == DUCKDB_SUCCESS)
        state = rd->db.connect(rd->database, &rd->connection);
    savor_status st = state == DUCKDB_SUCCESS
                          ? SAVOR_OK
                          : sv_fail(rd->err, SAVOR_NOMEM, "DuckDB could not be started: %.200s", why ? why : "");
    rd->db.free(why);
    return st;
}

static savor_status query(reader *rd)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT * FROM read_parquet('/proc/self/fd/%d')", rd->fd);
    rd->has_result = true;
    if (rd->db.query(rd->connection, sql, &rd->result) == DUCKDB_SUCCESS)
        return SAVOR_OK;
    const char *why = rd->db.result_error(&rd->result);
    return sv_fail(rd->err, SAVOR_BAD_REQUEST, "the Parquet body could not be read: %.*s",
                   why ? (int)strcspn(why, "\n") : 0, why ? why : "");
}

/* ---- one chunk of one column; all is copied, since the chunk ends ---- */

static savor_status fail_memory(const reader *rd, size_t n) { return sv_arena_fail(rd->arena, n * 16, rd->err); }

static savor_status copy_texts(const reader *rd, const void *from, sv_piece *piece)
{
    const duckdb_string *texts = from;
    sv_str *out = sv_column_alloc(rd->arena, SAVOR_STRING, piece->n);
    if (!out)
        return fail_memory(rd, piece->n);
    piece->data = out;
    for (size_t i = 0; i < piece->n; i++) {
        out[i] = (sv_str){NULL, 0};
        if (!sv_piece_has(piece, i))
            continue;
        const char *p = texts[i].n <= 12 ? texts[i].start : texts[i].all;
        char *copy = sv_arena_text(rd->arena, p, texts[i].n);
        if (!copy)
            return fail_memory(rd, texts[i].n);
        out[i] = (sv_str){copy, texts[i].n};
    }
    return SAVOR_OK;
}

static savor_status copy_times(const reader *rd, const type_row *type, const void *from, sv_piece *piece)
{
    int64_t *out = sv_column_alloc(rd->arena, SAVOR_DATETIME_NS, piece->n);
    if (!out)
        return fail_memory(rd, piece->n);
    piece->data = out;
    for (size_t i = 0; i < piece->n; i++) {
        int64_t tick = type->is_date ? ((const int32_t *)from)[i] : ((const int64_t *)from)[i];
        if (!sv_piece_has(piece, i))
            out[i] = SV_NAT;
        else if (__builtin_mul_overflow(tick, type->tick_ns, &out[i]))
            return sv_fail(rd->err, SAVOR_BAD_REQUEST, "the Parquet body has a time beyond the years 1677 to 2262");
    }
    return SAVOR_OK;
}

static savor_status copy_numbers(const reader *rd, const type_row *type, const void *from, sv_piece *piece)
{
    void *out = sv_column_alloc(rd->arena, type->dtype, piece->n);
    if (!out)
        return fail_memory(rd, piece->n);
    memcpy(out, from, piece->n * sv_dtype_size(type->dtype));
    piece->data = out;
    return SAVOR_OK;
}

static savor_status copy_vector(const reader *rd, const type_row *type, void *vector, sv_piece *piece)
{
    const void *from = rd->db.vector_get_data(vector);
    const uint64_t *bits = rd->db.vector_get_validity(vector);
    piece->valid = NULL;
    piece->data = NULL;
    if (type->dtype == SAVOR_OBJECT) /* nothing but missing values */
        return SAVOR_OK;
    if (bits) {
        piece->valid = (const uint8_t *)sv_arena_text(rd->arena, (const char *)bits, piece->n / 8 + 1);
        if (!piece->valid)
            return fail_memory(rd, piece->n / 8);
    }
    piece->data = from;
    if (type->dtype == SAVOR_STRING || type->dtype == SAVOR_BYTES)
        return copy_texts(rd, from, piece);
    if (type->dtype == SAVOR_DATETIME_NS)
        return copy_times(rd, type, from, piece);
    return copy_numbers(rd, type, from, piece);
}

static savor_status copy_chunk(const reader *rd, void *chunk, size_t n_columns, sv_pieces *pieces)
{
    savor_status st = SAVOR_OK;
    sv_piece piece = {.n = (size_t)rd->db.data_chunk_get_size(chunk)};
    for (size_t c = 0; !st && c < n_columns; c++) {
        const type_row *type = find_type(rd->db.column_type((duckdb_result *)(uintptr_t)&rd->result, c));
        if (!(st = copy_vector(rd, type, rd->db.data_chunk_get_vector(chunk, c), &piece)))
            st = sv_pieces_add(&pieces[c], &piece, rd->arena, rd->err);
    }
    return st;
}

static savor_status start_columns(reader *rd, size_t n_columns, sv_column *columns, sv_pieces *pieces)
{
    for (size_t c = 0; c < n_columns; c++) {
        const char *name = rd->db.column_name(&rd->result, c);
        int number = rd->db.column_type(&rd->result, c);
        const type_row *type = find_type(number);
        if (!type)
            return sv_fail(rd->err, SAVOR_UNSUPPORTED,
                           "the Parquet column \"%.100s\" has the type %s, which is not taken", name,
                           type_name(number));
        char *copy = sv_arena_text(rd->arena, name, strlen(name));
        if (!copy)
            return fail_memory(rd, strlen(name));
        columns[c].name = sv_label_text(sv_str_of(copy));
        pieces[c] = (sv_pieces){.dtype = type->dtype, .is_date = type->is_date};
    }
    return SAVOR_OK;
}

static savor_status read_chunks(reader *rd, size_t n_columns, sv_pieces *pieces)
{
    savor_status st = SAVOR_OK;
    void *chunk = NULL;
    while (!st && (chunk = rd->db.fetch_chunk(rd->result))) {
        st = copy_chunk(rd, chunk, n_columns, pieces);
        rd->db.destroy_data_chunk(&chunk);
    }
    return st;
}

static savor_status read_result(reader *rd, int pandas_major, sv_frame *out)
{
    size_t n = (size_t)rd->db.column_count(&rd->result);
    sv_column *columns = sv_arena_array(rd->arena, n, sizeof *columns);
    sv_pieces *pieces = sv_arena_array(rd->arena, n, sizeof *pieces);
    sv_frame frame = {.columns = columns};
    savor_status st;
    if (!columns || !pieces)
        return fail_memory(rd, n);
    if ((st = start_columns(rd, n, columns, pieces)) || (st = read_chunks(rd, n, pieces)))
        return st;
    for (size_t c = 0; !st && c < n; c++) {
        if (sv_is_pandas_index(columns[c].name.text))
            continue;
        columns[frame.n_columns].name = columns[c].name;
        st = sv_pieces_join(&pieces[c], pandas_major, rd->arena, &columns[frame.n_columns++], rd->err);
        frame.n_rows = pieces[c].n_rows;
    }
    if (!st)
        *out = frame;
    return st;
}

savor_status sv_parquet_read_frame(sv_str body, int pandas_major, sv_arena *arena, sv_frame *out, savor_error *err)
{
    reader rd = {.fd = -1, .arena = arena, .err = err};
    savor_status st = sv_duckdb_find(&rd.db, err);
    if (st)
        return st;
    if ((st = put_body(&rd, body)) || (st = open_database(&rd)) || (st = query(&rd)))
        goto done;
    st = read_result(&rd, pandas_major, out);
done:
    if (rd.has_result)
        rd.db.destroy_result(&rd.result);
    if (rd.connection)
        rd.db.disconnect(&rd.connection);
    if (rd.database)
        rd.db.close(&rd.database);
    if (rd.fd >= 0)
        close(rd.fd);
    return st;
}
