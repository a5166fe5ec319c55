/* model_check.c: runs recorded cases of MLmodel files and signatures.
 *
 *     model_check signature FILE     signatures as they may stand in MLmodel -> what each MLflow that reads them
 * makes of them model_check round FILE...      MLmodel files that MLflow wrote: read and written back to the same
 * bytes model_check list FILE          a list of recorded files, each with its text
 */
#include "corpus/vectors.h"
#include "model/mlmodel.h"

#include <stdio.h>

static unsigned n_passed, n_failed, n_known;

/* Where libsavor differs on purpose, by what the case is about. */
static const char *known_reason(sv_str id)
{
    static const struct {
        const char *id, *reason;
    } KNOWN[] = {
        {"signature/parse/007-007", "\"optional\" beside \"required\" is ignored"},
        {"signature/parse/008-008", "an unknown key is ignored"},
        {"signature/parse/014-014", "a schema without columns, which MLflow 1.x alone reads, is refused"},
        {"signature/parse/015-015", "an empty signature counts as none"},
        {"signature/parse/016-016", "an empty signature counts as none"},
        {"signature/parse/017-017", "an empty signature counts as none"},
        {"signature/parse/047-047", "a dimension that is no integer is refused"},
        {"signature/parse/074-074", "a list in place of its JSON text is read"},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if (sv_str_is(id, KNOWN[i].id))
            return KNOWN[i].reason;
    }
    return NULL;
}

static void report(bool ok, sv_str id, const char *era, const char *message)
{
    const char *reason = ok ? NULL : known_reason(id);
    *(ok ? &n_passed : reason ? &n_known : &n_failed) += 1;
    if (!ok)
        printf("%s %.*s %s: %s\n", reason ? "known" : "FAILED", SV_FMT(id), era, reason ? reason : message);
}

/* What was written against the text under `key`: null where there is no schema. */
static bool is_written(const sv_json *ok, const char *key, sv_buf *got)
{
    const sv_json *want = sv_json_find(ok, key);
    bool is_null = !want || want->kind == SV_JSON_NULL;
    bool same = is_null ? got->n == 0 : sv_str_equal(sv_json_text(want), sv_buf_view(got));
    sv_buf_deinit(got);
    return same;
}

static bool is_same_signature(const sv_signature *s, sv_schema_form form, const sv_json *ok)
{
    sv_buf inputs = SV_BUF_INIT(1 << 20), outputs = SV_BUF_INIT(1 << 20), params = SV_BUF_INIT(1 << 20);
    bool same = !s->inputs || sv_schema_write_as(s->inputs, form, &inputs, NULL) == SAVOR_OK;
    same = (!s->outputs || sv_schema_write_as(s->outputs, form, &outputs, NULL) == SAVOR_OK) && same;
    same = (!s->n_params || sv_params_write_as(s, form, &params, NULL) == SAVOR_OK) && same;
    same = is_written(ok, "inputs", &inputs) && same;
    same = is_written(ok, "outputs", &outputs) && same;
    return is_written(ok, "params", &params) && same;
}

/* ["a", 0, ...]: the names of the specs that are asked for; those without a name are called by their place. */
static bool is_same_names(const sv_schema *schema, const sv_json *names, bool required, bool optional)
{
    const sv_json *name = names ? names + 1 : NULL;
    size_t n = 0;
    for (size_t i = 0; names && schema && i < schema->n_specs; i++) {
        const sv_spec *spec = &schema->specs[i];
        bool is_numbered = !spec->has_name || (!spec->name.text.n && sv_label_is_number(&spec->name) == 0);
        if (!(spec->required ? required : optional))
            continue;
        if (n++ == names->n)
            return false;
        bool same = is_numbered                       ? name->kind == SV_JSON_INT && name->u.i == (int64_t)i
                    : sv_label_is_number(&spec->name) ? name->kind == SV_JSON_INT && name->u.i == spec->name.number
                                                      : sv_str_equal(sv_json_text(name), spec->name.text);
        if (!same)
            return false;
        name = sv_json_next(name);
    }
    return !names || n == names->n;
}

/* MLflow 2.16 takes what is unsaid for required, as it writes it. */
static bool is_same_schema(const sv_schema *schema, sv_schema_form form, const sv_json *want)
{
    const sv_json *has_names = sv_json_find(want, "has_input_names");
    bool same = is_same_names(schema, sv_json_find(want, "input_names"), true, true);
    if (form == SV_SCHEMA_NEWEST)
        same = same && is_same_names(schema, sv_json_find(want, "required_input_names"), true, false) &&
               is_same_names(schema, sv_json_find(want, "optional_input_names"), false, true);
    return same && (!has_names || !schema || schema->has_names == (has_names->kind == SV_JSON_TRUE));
}

/* JSON is YAML as well: the signature is put into an MLmodel of one line. */
static void check_signature(const sv_json *vector, sv_arena *arena)
{
    static const struct {
        const char *name;
        sv_schema_form form;
    } ERAS[] = {{"1.x", SV_SCHEMA_1}, {"2.x", SV_SCHEMA_2}, {"2.22", SV_SCHEMA_NEWEST}, {"3.x", SV_SCHEMA_NEWEST}};
    const sv_json *expect = sv_json_find(vector, "expect");
    bool is_refused = true; /* by all of them */
    sv_buf text = SV_BUF_INIT(1 << 20);
    savor_error err = {0};
    const sv_mlmodel *model;
    sv_buf_put_text(&text, "{\"flavors\": {}, \"signature\": ");
    sv_json_put_value(&text, sv_json_find(vector, "signature"));
    sv_buf_put_char(&text, '}');
    savor_status st = sv_mlmodel_read(sv_buf_view(&text), arena, &model, &err);
    sv_str id = sv_json_text(sv_json_find(vector, "id"));
    for (size_t i = 0; i < sizeof ERAS / sizeof ERAS[0]; i++) {
        const sv_json *want = sv_json_find(expect, ERAS[i].name), *ok = want ? sv_json_find(want, "ok") : NULL;
        is_refused = is_refused && !ok;
        if (ok)
            report(!st && is_same_signature(&model->signature, ERAS[i].form, ok) &&
                       is_same_schema(model->signature.inputs, ERAS[i].form, want),
                   id, ERAS[i].name, st ? err.message : "read as something else");
    }
    if (is_refused)
        report(st == SAVOR_FORMAT && err.where[0], id, "all", st ? err.message : "read");
    sv_buf_deinit(&text);
}

static void check_round(sv_str id, sv_str text)
{
    sv_buf out = SV_BUF_INIT(64 << 20);
    sv_arena arena;
    savor_error err = {0};
    const sv_mlmodel *model;
    sv_arena_init(&arena, SIZE_MAX);
    bool ok = !sv_mlmodel_read(text, &arena, &model, &err) && !sv_mlmodel_write(model, &out, &err) &&
              sv_str_equal(text, sv_buf_view(&out));
    report(ok, id, "", err.message[0] ? err.message : "other bytes");
    sv_arena_deinit(&arena);
    sv_buf_deinit(&out);
}

static void check_vectors(const char *mode, sv_str text)
{
    sv_arena arena;
    const sv_json *root = NULL;
    sv_arena_init(&arena, SIZE_MAX);
    bool ok = sv_json_parse(text, &SV_JSON_LIMITS, &arena, &root, NULL, NULL) == SAVOR_OK;
    const sv_json *list = ok ? sv_json_find(root, "vectors") : NULL;
    const sv_json *vector = list ? list + 1 : NULL;
    for (size_t i = 0; list && i < list->n; i++, vector = sv_json_next(vector)) {
        if (strcmp(mode, "signature") == 0)
            check_signature(vector, &arena);
        else
            check_round(sv_json_text(sv_json_find(vector, "id")), sv_json_text(sv_json_find(vector, "text")));
    }
    sv_arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        sv_buf text = SV_BUF_INIT(64 << 20);
        if (!vectors_read(argv[i], &text))
            n_failed++;
        else if (strcmp(argv[1], "round") == 0)
            check_round(sv_str_of(argv[i]), sv_buf_view(&text));
        else
            check_vectors(argv[1], sv_buf_view(&text));
        sv_buf_deinit(&text);
    }
    printf("%s: %u passed, %u failed, %u known\n", argc > 1 ? argv[1] : "", n_passed, n_failed, n_known);
    return n_failed || !n_passed;
}
