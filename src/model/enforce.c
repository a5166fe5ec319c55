#include "data/convert.h"
#include "data/labels.h"
#include "data/nested.h"
#include "model/enforce_priv.h"

#include <stdio.h>

/* ---- names ---- */

/* Append "'a', 'b'" as Python's repr of a list has it. */
static void put_name(sv_buf *out, const sv_label *name, bool first)
{
    char room[24];
    sv_str text = sv_label_show(name, room);
    if (!first)
        sv_buf_put_text(out, ", ");
    if (!sv_label_is_text(name))
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

/* ---- columns ---- */

savor_status sv_nested_enforce(const sv_column *column, size_t n_rows, const sv_value_rules *how, sv_arena *arena,
                               sv_column *out, savor_error *err)
{
    char room[24], where[120];
    const void *cells;
    sv_str name = sv_str_cut(sv_label_show(&column->name, room), 80);
    sv_value_rules each = {how->type, how->required, where, how->rules};
    if (how->rules->era == SV_ERA_1)
        return sv_fail(err, SAVOR_UNSUPPORTED, "column \"%.*s\" is declared as %s, which MLflow 1.x does not have",
                       SV_FMT(name), sv_type_name(how->type->kind));
    savor_status st = sv_items_cast(column->dtype, column->data, n_rows, SAVOR_OBJECT, arena, &cells, err);
    sv_value *made = sv_arena_array(arena, n_rows, sizeof *made);
    if (st || !made)
        return st ? st : sv_arena_fail(arena, n_rows * sizeof *made, err);
    for (size_t r = 0; !st && r < n_rows; r++) {
        snprintf(where, sizeof where, "column \"%.*s\", row %zu", SV_FMT(name), r);
        st = sv_value_enforce(&((const sv_value *)cells)[r], &each, arena, &made[r], err);
    }
    out->name = column->name;
    return st ? st : sv_values_to_column(made, n_rows, how->rules->pandas_major, arena, out, err);
}

static savor_status enforce_spec(const sv_column *column, size_t n_rows, const sv_spec *spec,
                                 const sv_enforce_rules *rules, sv_arena *arena, sv_column *out, savor_error *err)
{
    if (sv_type_is_nested(spec->type.kind)) {
        sv_value_rules how = {&spec->type, spec->required || !spec->has_name, "", rules};
        return sv_nested_enforce(column, n_rows, &how, arena, out, err);
    }
    return sv_column_enforce(column, n_rows, spec->type.kind, rules, arena, out, err);
}

/* Which column each spec gets; NULL for an optional one that is absent. Names come before types, as MLflow has it. */
static savor_status match_columns(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules,
                                  sv_arena *arena, const sv_column **matched, savor_error *err)
{
    sv_labels names;
    sv_labels_init(&names, frame->n_columns ? &frame->columns[0].name : NULL, sizeof *frame->columns,
                   frame->n_columns, arena);
    for (size_t i = 0; i < schema->n_specs; i++) {
        size_t at;
        savor_status st = sv_labels_find(&names, &schema->specs[i].name, &at, err);
        if (st)
            return st;
        if (at == SV_LABEL_NONE && schema->specs[i].required)
            return fail_missing(frame, schema, rules, err);
        matched[i] = at == SV_LABEL_NONE ? NULL : &frame->columns[at];
    }
    return SAVOR_OK;
}

/* Of columns with one label MLflow gets a frame where it expects a column. Extra columns may repeat themselves. */
static savor_status check_repeats(const sv_frame *frame, const sv_schema *schema, const sv_column *const *matched,
                                  sv_arena *arena, savor_error *err)
{
    sv_labels names;
    size_t n_matched = 0;
    for (size_t i = 0; i < schema->n_specs; i++)
        n_matched += matched[i] != NULL;
    if (n_matched == frame->n_columns)
        return SAVOR_OK;
    sv_labels_init(&names, &schema->specs[0].name, sizeof *schema->specs, schema->n_specs, arena);
    for (size_t c = 0; c < frame->n_columns; c++) {
        size_t at;
        char room[24];
        sv_str name = sv_label_show(&frame->columns[c].name, room);
        savor_status st = sv_labels_find(&names, &frame->columns[c].name, &at, err);
        if (st)
            return st;
        if (at != SV_LABEL_NONE && matched[at] != &frame->columns[c])
            return sv_fail(err, SAVOR_SCHEMA, "column \"%.*s\" is there more than once", SV_FMT(name));
    }
    return SAVOR_OK;
}

/*
 * The labels that enforced rows keep. MLflow before 3 makes nested columns anew, without them: a frame of such
 * columns alone has none. Beside others it would align what does not belong together; those rows stay as they were
 * sent. To an empty frame MLflow 1.x adds columns one by one.
 */
static const sv_row_labels *keep_labels(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules)
{
    bool all_nested = true;
    for (size_t i = 0; all_nested && i < schema->n_specs; i++)
        all_nested = sv_type_is_nested(schema->specs[i].type.kind) ||
                     (schema->has_names && !sv_frame_find(frame, &schema->specs[i].name));
    bool is_lost = rules->era == SV_ERA_1 ? frame->n_rows == 0 : rules->era == SV_ERA_2 && all_nested;
    return is_lost ? NULL : frame->labels;
}

static savor_status enforce_named(const sv_frame *frame, const sv_schema *schema, const sv_enforce_rules *rules,
                                  sv_arena *arena, sv_frame *out, savor_error *err)
{
    const sv_column **matched = sv_arena_array(arena, schema->n_specs, sizeof *matched);
    sv_column *columns = sv_arena_array(arena, schema->n_specs, sizeof *columns);
    size_t n = 0;
    if (!matched || !columns)
        return sv_arena_fail(arena, schema->n_specs * sizeof *columns, err);
    savor_status st = match_columns(frame, schema, rules, arena, matched, err);
    if (!st)
        st = check_repeats(frame, schema, matched, arena, err);
    for (size_t i = 0; !st && i < schema->n_specs; i++) {
        if (!matched[i])
            continue;
        st = enforce_spec(matched[i], frame->n_rows, &schema->specs[i], rules, arena, &columns[n], err);
        columns[n++].name = schema->specs[i].name;
    }
    *out = (sv_frame){.n_rows = n ? frame->n_rows : 0, .n_columns = n, .columns = columns, .naming = SV_NAMING_DICT};
    if (n && frame->labels)
        out->labels = keep_labels(frame, schema, rules);
    return st;
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
    *out = (sv_frame){.n_rows = frame->n_rows,
                      .n_columns = schema->n_specs,
                      .columns = columns,
                      .naming = SV_NAMING_DICT,
                      .is_read_json = frame->is_read_json && schema->n_specs == frame->n_columns};
    if (frame->labels)
        out->labels = keep_labels(frame, schema, rules);
    return SAVOR_OK;
}

savor_status sv_enforce(const sv_payload *in, const sv_schema *schema, const sv_enforce_rules *rules, sv_arena *arena,
                        sv_payload *out, savor_error *err)
{
    if (schema->is_tensor)
        return sv_tensor_enforce(in, schema, rules, arena, out, err);
    sv_frame frame;
    savor_status st = sv_payload_to_frame(in, schema, rules, arena, &frame, err);
    if (st)
        return st;
    out->kind = SV_PAYLOAD_FRAME;
    if (!schema->has_names)
        return enforce_unnamed(&frame, schema, rules, arena, &out->frame, err);
    return enforce_named(&frame, schema, rules, arena, &out->frame, err);
}
