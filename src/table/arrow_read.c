#include "table/arrow_read.h"

#include "base/error.h"
#include "table/arrow_priv.h"

#define CONTINUATION (-1)
enum { VERSION_4 = 3, VERSION_5 = 4 };

typedef struct stream {
    const uint8_t *p;
    size_t n;
    size_t at;
    sv_flat flat; /* of the message that is being read */
} stream;

static bool take_int32(stream *s, int64_t *out)
{
    if (s->n - s->at < 4)
        return false;
    *out = sv_flat_load(s->p + s->at, 4);
    s->at += 4;
    return true;
}

/* Metadata come behind a mark and their length; before Arrow 0.15 there was no mark. A length of 0 ends the stream.
 */
static savor_status take_metadata(stream *s, bool *is_end, savor_error *err)
{
    int64_t n = 0;
    *is_end = s->at == s->n;
    if (*is_end)
        return SAVOR_OK;
    if (!take_int32(s, &n) || (n == CONTINUATION && !take_int32(s, &n)))
        return SV_ARROW_FAIL(err, "ended within a message's length");
    *is_end = n == 0;
    if (n < 0 || (uint64_t)n > s->n - s->at)
        return SV_ARROW_FAIL(err, "declared a message of %lld bytes, where %zu are left", (long long)n, s->n - s->at);
    s->flat = (sv_flat){.p = s->p + s->at, .n = (size_t)n};
    s->at += (size_t)n;
    return SAVOR_OK;
}

static savor_status next_message(stream *s, sv_arrow_message *out, bool *is_end, savor_error *err)
{
    savor_status st = take_metadata(s, is_end, err);
    if (st || *is_end)
        return st;
    sv_flat_table root = sv_flat_root(&s->flat);
    int64_t version = sv_flat_integer(&root, 0, 2, 0), n_body = sv_flat_integer(&root, 3, 8, 0);
    int64_t kind = sv_flat_integer(&root, 1, 1, 0);
    *out = (sv_arrow_message){.kind = (sv_arrow_kind)kind, .flat = &s->flat};
    bool has_header = sv_flat_child(&root, 2, &out->header);
    if (s->flat.is_broken || !has_header)
        return SV_ARROW_FAIL(err, "has a message that points outside of itself");
    if (version != VERSION_4 && version != VERSION_5)
        return sv_fail(err, SAVOR_UNSUPPORTED, "the Arrow stream has metadata version %lld, expected 4 or 5",
                       (long long)version + 1);
    if (kind < SV_ARROW_SCHEMA || kind > SV_ARROW_BATCH)
        return sv_fail(err, SAVOR_UNSUPPORTED,
                       "the Arrow stream has a message of kind %lld, expected a schema or a batch", (long long)kind);
    if (n_body < 0 || (uint64_t)n_body > s->n - s->at)
        return SV_ARROW_FAIL(err, "declared a body of %lld bytes, where %zu are left", (long long)n_body,
                             s->n - s->at);
    out->body = s->p + s->at;
    out->n_body = (size_t)n_body;
    s->at += (size_t)n_body;
    return SAVOR_OK;
}

static savor_status begin(stream *s, sv_arena *arena, sv_arrow_schema *schema, sv_pieces **pieces, savor_error *err)
{
    sv_arrow_message message;
    bool is_end;
    savor_status st = next_message(s, &message, &is_end, err);
    if (st)
        return st;
    if (is_end || message.kind != SV_ARROW_SCHEMA)
        return SV_ARROW_FAIL(err, "does not begin with a schema");
    if ((st = sv_arrow_schema_read(&message, arena, schema, err)))
        return st;
    *pieces = sv_arena_array(arena, schema->n_fields, sizeof **pieces);
    if (!*pieces)
        return sv_arena_fail(arena, schema->n_fields * sizeof **pieces, err);
    for (size_t i = 0; i < schema->n_fields; i++)
        (*pieces)[i] = (sv_pieces){.dtype = schema->fields[i].type.dtype, .is_date = schema->fields[i].type.is_date};
    return SAVOR_OK;
}

static savor_status read_messages(stream *s, sv_arrow_schema *schema, sv_pieces *pieces, sv_arena *arena,
                                  savor_error *err)
{
    for (;;) {
        sv_arrow_message message;
        bool is_end;
        savor_status st = next_message(s, &message, &is_end, err);
        if (st || is_end)
            return st;
        if (message.kind == SV_ARROW_SCHEMA)
            return SV_ARROW_FAIL(err, "has two schemas");
        st = message.kind == SV_ARROW_BATCH ? sv_arrow_batch_read(&message, schema, arena, pieces, err)
                                            : sv_arrow_dictionary_read(&message, schema, arena, err);
        if (st)
            return st;
    }
}

bool sv_is_pandas_index(sv_str name)
{
    return sv_str_starts(name, SV_STR("__index_level_")) && sv_str_ends(name, SV_STR("__"));
}

savor_status sv_arrow_read_frame(sv_str body, int pandas_major, sv_arena *arena, sv_frame *out, savor_error *err)
{
    stream s = {.p = (const uint8_t *)body.p, .n = body.n};
    sv_arrow_schema schema;
    sv_pieces *pieces;
    savor_status st;
    if ((st = begin(&s, arena, &schema, &pieces, err)) || (st = read_messages(&s, &schema, pieces, arena, err)))
        return st;
    sv_column *columns = sv_arena_array(arena, schema.n_fields, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, schema.n_fields * sizeof *columns, err);
    sv_frame frame = {.columns = columns};
    for (size_t i = 0; !st && i < schema.n_fields; i++) {
        sv_column *column = &columns[frame.n_columns];
        if (sv_is_pandas_index(schema.fields[i].name))
            continue;
        column->name = sv_label_text(schema.fields[i].name);
        st = sv_pieces_join(&pieces[i], pandas_major, arena, column, err);
        frame.n_rows = pieces[i].n_rows;
        frame.n_columns++;
    }
    if (!st)
        *out = frame;
    return st;
}
