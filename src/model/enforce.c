#include "model/enforce.h"

#include "base/index.h"

/* ---- names ---- */

/* Append "'a', 'b'" as Python's repr of a list has it. */
static void put_name(sv_buf *out, const sv_label *name, bool first)
{
    char room[24];
    sv_str text = sv_label_show(name, room);
    if (!first)
        sv_buf_put_text(out, ", ");
    if (sv_label_is_number(name))
        sv_buf_put_str(out, text);
    else
        sv_buf_printf(out, "'%.*s'", SV_FMT(text));
}

static bool is_declared(const sv_schema *schema, const sv_label *name)
{
    for (size_t i = 0; i < schema->n_specs; i++)
        if (sv_label_equal(&schema->specs[i].name, name))
            return true;
    return false;
}

static savor_status fail_missing(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules,
                                 savor_error *err)
{
    sv_buf missing = SV_BUF_INIT(200), extra = SV_BUF_INIT(150); /* longer lists are cut: the message is one line */
    for (size_t i = 0; i < schema->n_specs; i++)
        if (schema->specs[i].required && !sv_frame_find(frame, &schema->specs[i].name))
            put_name(&missing, &schema->specs[i].name, missing.n == 0);
    for (size_t c = 0; c < frame->n_columns && extra.failed == SAVOR_OK; c++)
        if (!is_declared(schema, &frame->columns[c].name))
            put_name(&extra, &frame->columns[c].name, extra.n == 0);
    savor_status st;
    if (rules->hide_details)
        st = sv_fail(err, SAVOR_SCHEMA, "Input schema validation failed. Mismatched or missing input(s).%s",
                     extra.n ? " Note that there were extra inputs provided." : "");
    else if (extra.n)
        st = sv_fail(err, SAVOR_SCHEMA, "Model is missing inputs [%s]. Note that there were extra inputs: [%s]%s",
                     missing.p ? missing.p : "", extra.p, rules->era == SV_ERA_1 ? "" : ".");
    else
        st = sv_fail(err, SAVOR_SCHEMA, "Model is missing inputs [%s].", missing.p ? missing.p : "");
    sv_buf_deinit(&missing);
    sv_buf_deinit(&extra);
    return st;
}

/* Clients send columns in schema order or nearly so: look next to the last hit before searching. */
static const sv_column *find_near(const sv_frame *frame, const sv_label *name, size_t near)
{
    if (near < frame->n_columns && sv_label_equal(&frame->columns[near].name, name))
        return &frame->columns[near];
    return NULL;
}

/* An index over the frame's text labels, made when the neighbourly guess failed once. */
typedef struct finder {
    const sv_frame *frame;
    sv_arena *arena;
    sv_index index;
    bool is_ready;
} finder;

static savor_status find_column(finder *f, const sv_label *name, size_t near, const sv_column **out, savor_error *err)
{
    *out = find_near(f->frame, name, near);
    if (*out)
        return SAVOR_OK;
    if (sv_label_is_number(name)) {
        *out = sv_frame_find(f->frame, name);
        return SAVOR_OK;
    }
    if (!f->is_ready) {
        sv_index_init(&f->index, f->arena);
        for (size_t c = 0; c < f->frame->n_columns; c++) {
            char room[24];
            size_t at;
            const sv_label *label = &f->frame->columns[c].name;
            sv_str text = sv_label_show(label, room);
            if (sv_label_is_number(label)) {
                char *copy = sv_arena_text(f->arena, text.p, text.n);
                if (!copy)
                    return sv_arena_fail(f->arena, text.n, err);
                copy[0] = (char)-1; /* never the start of a text: numbers and texts are different labels */
                text.p = copy;
            }
            savor_status st = sv_index_add(&f->index, text, &at, err);
            if (st)
                return st;
            if (at < c) { /* a duplicate name: positions no longer are column numbers */
                *out = sv_frame_find(f->frame, name);
                return SAVOR_OK;
            }
        }
        f->is_ready = true;
    }
    size_t at = sv_index_find(&f->index, name->text);
    *out = at == SV_INDEX_NONE ? NULL : &f->frame->columns[at];
    return SAVOR_OK;
}

/* ---- columns ---- */

static savor_status enforce_spec(const sv_column *column, size_t n_rows, const sv_spec *spec,
                                 const sv_enforce_rules *rules, sv_arena *arena, sv_column *out, savor_error *err)
{
    char room[24];
    if (spec->type.kind == SV_TYPE_ANY) {
        *out = *column;
        return SAVOR_OK;
    }
    if (spec->type.kind >= SV_TYPE_ARRAY) {
        sv_str name = sv_label_show(&column->name, room);
        return sv_fail(err, SAVOR_UNSUPPORTED, "column \"%.*s\" is declared as %s, which no native engine takes",
                       SV_FMT(name), sv_type_name(spec->type.kind));
    }
    return sv_column_enforce(column, n_rows, spec->type.kind, rules, arena, out, err);
}

static savor_status enforce_named(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules,
                                  sv_arena *arena, sv_frame *out, savor_error *err)
{
    sv_column *columns = sv_arena_array(arena, schema->n_specs, sizeof *columns);
    finder f = {.frame = frame, .arena = arena};
    size_t n = 0, near = 0;
    if (!columns)
        return sv_arena_fail(arena, schema->n_specs * sizeof *columns, err);
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        const sv_column *column;
        savor_status st = find_column(&f, &spec->name, near, &column, err);
        if (st)
            return st;
        if (!column && spec->required)
            return fail_missing(frame, schema, rules, err);
        if (!column)
            continue;
        near = (size_t)(column - frame->columns) + 1;
        if ((st = enforce_spec(column, frame->n_rows, spec, rules, arena, &columns[n], err)))
            return st;
        columns[n++].name = spec->name;
    }
    *out = (sv_frame){frame->n_rows, n, columns};
    return SAVOR_OK;
}

static savor_status check_all_there(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules,
                                    sv_arena *arena, savor_error *err)
{
    finder f = {.frame = frame, .arena = arena};
    size_t near = 0;
    for (size_t i = 0; i < schema->n_specs; i++) {
        const sv_column *column;
        savor_status st = find_column(&f, &schema->specs[i].name, near, &column, err);
        if (st)
            return st;
        if (!column && schema->specs[i].required)
            return fail_missing(frame, schema, rules, err);
        near = column ? (size_t)(column - frame->columns) + 1 : near;
    }
    return SAVOR_OK;
}

static savor_status enforce_unnamed(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules,
                                    sv_arena *arena, sv_frame *out, savor_error *err)
{
    if (frame->n_columns < schema->n_specs)
        return sv_fail(err, SAVOR_SCHEMA,
                       "Model inference is missing inputs. The model signature declares %zu inputs  but the provided "
                       "value only has %zu inputs. Note: the inputs were not named in the signature so we can only "
                       "verify their count.",
                       schema->n_specs, frame->n_columns);
    sv_column *columns = sv_arena_array(arena, schema->n_specs, sizeof *columns);
    if (!columns)
        return sv_arena_fail(arena, schema->n_specs * sizeof *columns, err);
    for (size_t i = 0; i < schema->n_specs; i++) {
        savor_status st =
            enforce_spec(&frame->columns[i], frame->n_rows, &schema->specs[i], rules, arena, &columns[i], err);
        if (st)
            return st;
    }
    *out = (sv_frame){frame->n_rows, schema->n_specs, columns};
    return SAVOR_OK;
}

savor_status sv_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules, sv_arena *arena,
                        sv_payload *out, savor_error *err)
{
    if (schema->is_tensor)
        return sv_tensor_enforce(in, schema, rules, arena, out, err);
    sv_frame frame;
    savor_status st = sv_payload_to_frame(in, rules, arena, &frame, err);
    if (st)
        return st;
    out->kind = SV_PAYLOAD_FRAME;
    if (!schema->has_names)
        return enforce_unnamed(&frame, schema, rules, arena, &out->frame, err);
    if ((st = check_all_there(&frame, schema, rules, arena, err))) /* names before types, as MLflow has it */
        return st;
    return enforce_named(&frame, schema, rules, arena, &out->frame, err);
}
