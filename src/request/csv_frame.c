#include "request/csv_frame.h"

#include "base/alloc.h"
#include "base/error.h"
#include "request/csv_names.h"
#include "request/row_labels.h"
#include "text/csv.h"

/* pandas reads about 2^20 cells at a time: this many, over the width, give the rows of a chunk. */
#define CHUNK_CELLS ((size_t)1 << 20)
/* Cells that are read before numbers are made of them: few enough to stay in the cache. */
#define BLOCK_CELLS ((size_t)4096)

/* Everything of one call. */
typedef struct reading {
    sv_csv_reader reader;
    sv_csv_rules rules;
    sv_csv_names names;
    const sv_schema *schema;
    size_t n_index; /* leading columns that become the index */
    bool keeps_labels;
    bool takes_times;       /* of a table without rows: MLflow 1.x names no unit */
    sv_csv_column *columns; /* [reader.width], index columns first */
    sv_str *cells;          /* [rules.n_chunk_rows * reader.width] */
    size_t n_rows;
} reading;

static savor_status check_schema(const sv_schema *schema, savor_error *err)
{
    if (!schema)
        return SAVOR_OK;
    if (schema->is_tensor)
        return sv_fail(err, SAVOR_BAD_REQUEST,
                       "TensorSpec only supports numpy types: a model with a tensor signature "
                       "takes no CSV");
    for (size_t i = 0; i < schema->n_specs; i++)
        if (schema->specs[i].type.kind > SV_TYPE_DATETIME)
            return sv_fail(
                err, SAVOR_BAD_REQUEST,
                "Failed to get pandas types: input %zu of the signature is not of a scalar type, which CSV "
                "cannot hold",
                i);
    return SAVOR_OK;
}

/* The largest power of two that is below the share of one column, doubled no further; pandas' own arithmetic. */
static size_t chunk_rows(size_t width)
{
    size_t share = CHUNK_CELLS / width, n = 1;
    while (n * 2 < share)
        n *= 2;
    return n;
}

static sv_csv_rules rules_of(const sv_csv_options *options, sv_arena *arena)
{
    bool exact = options->csv_floats ? options->csv_floats == 2 : options->pandas_major >= 3;
    return (sv_csv_rules){.pandas3 = options->pandas_major >= 3,
                          .none_is_na = options->pandas_major >= 2,
                          .exact_floats = exact,
                          .arena = arena};
}

static savor_status start_columns(reading *r, savor_error *err)
{
    sv_arena *arena = r->rules.arena;
    size_t width = r->reader.width;
    r->n_index = width - r->reader.n_header;
    r->columns = sv_arena_array(arena, width, sizeof *r->columns);
    if (!r->columns)
        return sv_arena_fail(arena, width * sizeof *r->columns, err);
    for (size_t i = 0; i < width; i++) {
        sv_csv_column *c = &r->columns[i];
        size_t named = i - r->n_index;
        c->index = i;
        c->name = i < r->n_index ? SV_STR("index") : r->names.names[named];
        c->want = i < r->n_index ? SV_CSV_INFER : r->names.wants[named];
        c->keeps_object = i >= r->n_index && r->names.is_declared[named];
    }
    return SAVOR_OK;
}

/* Entries without a name speak of positions; the last one counts, and a name has precedence. */
static void apply_positions(reading *r)
{
    for (size_t i = r->schema ? r->schema->n_specs : 0; i-- > 0;) {
        size_t at;
        if (sv_csv_spec_position(r->schema, i, &at) && at < r->reader.width && r->columns[at].want == SV_CSV_INFER)
            r->columns[at].want = sv_csv_want_of(r->schema->specs[i].type.kind);
    }
}

/* An index column is only read when somebody looks at it or the schema might refuse it. */
static bool is_needed(const reading *r, size_t i)
{
    return i >= r->n_index || r->keeps_labels || r->columns[i].want != SV_CSV_INFER;
}

static savor_status advance_columns(reading *r, size_t n_rows, savor_error *err)
{
    for (size_t i = 0; i < r->reader.width; i++) {
        sv_csv_cells cells = {.first = r->cells + i, .stride = r->reader.width, .n = n_rows};
        savor_status st = is_needed(r, i) ? sv_csv_advance(&r->columns[i], &cells, &r->rules, err) : SAVOR_OK;
        if (st)
            return st;
    }
    return SAVOR_OK;
}

static savor_status close_columns(reading *r, size_t n_rows, savor_error *err)
{
    for (size_t i = 0; i < r->reader.width; i++) {
        sv_csv_cells cells = {.first = r->cells + i, .stride = r->reader.width, .n = n_rows};
        savor_status st = is_needed(r, i) ? sv_csv_close_chunk(&r->columns[i], &cells, &r->rules, err) : SAVOR_OK;
        if (st)
            return st;
    }
    return SAVOR_OK;
}

/* One chunk of rows, read and tried block by block while its cells are warm. */
static savor_status read_chunk(reading *r, size_t *n_read, savor_error *err)
{
    size_t width = r->reader.width, n_rows = 0, n = 0;
    size_t block = width < BLOCK_CELLS ? BLOCK_CELLS / width : 1;
    savor_status st = SAVOR_OK;
    do {
        size_t n_max = r->rules.n_chunk_rows - n_rows < block ? r->rules.n_chunk_rows - n_rows : block;
        if ((st = sv_csv_read(&r->reader, n_max, r->cells + n_rows * width, &n, err)))
            return st;
        n_rows += n;
        if (n && (st = advance_columns(r, n_rows, err)))
            return st;
    } while (n == block && n_rows < r->rules.n_chunk_rows);
    *n_read = n_rows;
    return n_rows ? close_columns(r, n_rows, err) : SAVOR_OK;
}

static savor_status read_rows(reading *r, savor_error *err)
{
    size_t n_cells, n_read;
    savor_status st;
    if (!sv_mul(r->rules.n_chunk_rows, r->reader.width, &n_cells))
        return sv_fail(err, SAVOR_LIMIT, "the CSV had more than %zu cells in a chunk", SIZE_MAX);
    r->cells = sv_column_alloc(r->rules.arena, SAVOR_STRING, n_cells);
    if (!r->cells)
        return sv_arena_fail(r->rules.arena, n_cells * sizeof *r->cells, err);
    do {
        if ((st = read_chunk(r, &n_read, err)))
            return st;
        r->n_rows += n_read;
    } while (n_read == r->rules.n_chunk_rows);
    return SAVOR_OK;
}

/* The dtypes of a table without rows: what is declared by name or position, object else. */
static savor_status write_empty(const reading *r, sv_column *columns, savor_error *err)
{
    static const savor_dtype DTYPES[] = {
        [SV_CSV_INFER] = SAVOR_OBJECT,    [SV_CSV_BOOL] = SAVOR_BOOL,
        [SV_CSV_INT32] = SAVOR_INT32,     [SV_CSV_INT64] = SAVOR_INT64,
        [SV_CSV_FLOAT32] = SAVOR_FLOAT32, [SV_CSV_FLOAT64] = SAVOR_FLOAT64,
        [SV_CSV_OBJECT] = SAVOR_OBJECT,   [SV_CSV_DATETIME] = SAVOR_DATETIME_NS,
    };
    for (size_t i = 0; i < r->names.n; i++) {
        columns[i].dtype = r->names.is_declared[i] ? DTYPES[r->names.wants[i]] : SAVOR_OBJECT;
        columns[i].data = SV_STR("").p;
    }
    for (size_t i = 0; r->schema && i < r->schema->n_specs; i++) {
        size_t at;
        if (!sv_csv_spec_position(r->schema, i, &at))
            continue;
        if (at >= r->names.n)
            return sv_fail(err, SAVOR_BAD_REQUEST, "list index out of range: input %zu of a table of %zu columns", at,
                           r->names.n);
        columns[at].dtype = DTYPES[sv_csv_want_of(r->schema->specs[i].type.kind)];
    }
    for (size_t i = 0; !r->takes_times && i < r->names.n; i++)
        if (columns[i].dtype == SAVOR_DATETIME_NS)
            return sv_fail(err, SAVOR_BAD_REQUEST, "column %zu of a table without rows: datetime64 has no unit", i);
    return SAVOR_OK;
}

static savor_status write_labels(reading *r, const sv_row_labels **out, savor_error *err)
{
    sv_arena *arena = r->rules.arena;
    savor_status st = SAVOR_OK;
    *out = NULL;
    if (!r->keeps_labels || r->n_index == 0 || r->n_rows == 0)
        return SAVOR_OK;
    sv_column *levels = sv_arena_array(arena, r->n_index, sizeof *levels);
    if (!levels)
        return sv_arena_fail(arena, r->n_index * sizeof *levels, err);
    for (size_t i = 0; !st && i < r->n_index; i++)
        st = sv_csv_join(&r->columns[i], &r->rules, &levels[i], err);
    return st ? st : sv_row_labels_of_columns(levels, r->n_index, arena, out, err);
}

static savor_status write_frame(reading *r, sv_frame *out, savor_error *err)
{
    const sv_row_labels *labels;
    sv_arena *arena = r->rules.arena;
    sv_column *columns = sv_arena_array(arena, r->names.n, sizeof *columns);
    savor_status st = SAVOR_OK;
    if (!columns)
        return sv_arena_fail(arena, r->names.n * sizeof *columns, err);
    if (r->n_rows == 0)
        st = write_empty(r, columns, err);
    for (size_t i = 0; st == SAVOR_OK && i < r->names.n; i++) {
        columns[i].name = sv_label_text(r->names.names[i]);
        if (r->n_rows)
            st = sv_csv_join(&r->columns[r->n_index + i], &r->rules, &columns[i], err);
    }
    if (st == SAVOR_OK && (st = write_labels(r, &labels, err)) == SAVOR_OK)
        *out = (sv_frame){.n_rows = r->n_rows, .n_columns = r->names.n, .columns = columns, .labels = labels};
    return st;
}

savor_status sv_csv_read_frame(sv_str body, const sv_csv_options *options, sv_arena *arena, sv_frame *out,
                               savor_error *err)
{
    reading r = {.rules = rules_of(options, arena),
                 .schema = options->schema,
                 .keeps_labels = options->keeps_labels,
                 .takes_times = options->pandas_major >= 2};
    savor_status st;
    if ((st = check_schema(r.schema, err)) ||
        (st = sv_csv_open(body, options->pandas_major < 3, arena, &r.reader, err)) ||
        (st = sv_csv_name_columns(r.reader.header, r.reader.n_header, r.schema, arena, &r.names, err)) ||
        (st = start_columns(&r, err)))
        return st;
    apply_positions(&r);
    r.rules.n_rows_max = r.reader.n_rows_max;
    r.rules.n_chunk_rows = chunk_rows(r.reader.width);
    if (r.rules.n_chunk_rows > r.rules.n_rows_max)
        r.rules.n_chunk_rows = r.rules.n_rows_max;
    if (r.rules.n_rows_max && (st = read_rows(&r, err)))
        return st;
    return write_frame(&r, out, err);
}
