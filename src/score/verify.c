#include <savor/verify.h>

#include "format/pickle.h"
#include "format/skops.h"
#include "score/model.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)
#define FILES_MAX 100000

static const char *const VERDICTS[] = {
    [SAVOR_VERDICT_KNOWN] = "known",
    [SAVOR_VERDICT_UNKNOWN] = "unknown",
    [SAVOR_VERDICT_UNREADABLE] = "unreadable",
    [SAVOR_VERDICT_DANGEROUS] = "dangerous",
};

typedef struct report {
    const sv_dir *dir;
    sv_flavor_limits limits;
    sv_buf files, names[3]; /* names by sv_global_kind */
    savor_verdict verdict;
} report;

static bool has_ending(sv_str path)
{
    return sv_str_ends(path, SV_STR(".pkl")) || sv_str_ends(path, SV_STR(".pickle")) ||
           sv_str_ends(path, SV_STR(".joblib")) || sv_str_ends(path, SV_STR(".skops"));
}

/* By name, or by the first two bytes of protocols 2 to 5. */
static bool is_pickle(const sv_dir *dir, sv_str path)
{
    uint8_t head[2];
    return has_ending(path) ||
           (sv_dir_read_head(dir, path, head, 2) == 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5);
}

/* Names of files are any bytes; what is no UTF-8 is shown with question marks. */
static void put_path(sv_buf *out, sv_str path)
{
    if (sv_utf8_check(path.p, path.n)) {
        sv_json_put_string(out, path);
        return;
    }
    sv_buf_put_char(out, '"');
    for (size_t i = 0; i < path.n; i++)
        sv_buf_put_char(out, path.p[i] > ' ' && path.p[i] != '"' && path.p[i] != '\\' ? path.p[i] : '?');
    sv_buf_put_char(out, '"');
}

static void put_name(report *r, sv_str path, const sv_global_use *use)
{
    sv_buf *out = &r->names[use->kind];
    sv_buf_put_text(out, out->n ? ", {\"file\": " : "{\"file\": ");
    put_path(out, path);
    sv_buf_put_text(out, ", \"module\": ");
    sv_json_put_string(out, use->global.module);
    sv_buf_put_text(out, ", \"name\": ");
    sv_json_put_string(out, use->global.name);
    sv_buf_printf(out, ", \"kind\": \"%s\", \"uses\": %zu}", sv_global_kind_name(use->kind), use->n_uses);
}

static savor_verdict verdict_of(const sv_global_list *list, savor_status st)
{
    savor_verdict worst = st ? SAVOR_VERDICT_UNREADABLE : SAVOR_VERDICT_KNOWN;
    for (size_t i = 0; i < list->n; i++) {
        if (list->uses[i].kind == SV_GLOBAL_DANGEROUS)
            return SAVOR_VERDICT_DANGEROUS;
        if (list->uses[i].kind == SV_GLOBAL_UNKNOWN && worst == SAVOR_VERDICT_KNOWN)
            worst = SAVOR_VERDICT_UNKNOWN;
    }
    return worst;
}

static void put_file(report *r, sv_str path, const sv_global_list *list, savor_status st, const savor_error *why)
{
    savor_verdict verdict = verdict_of(list, st);
    sv_buf *out = &r->files;
    sv_buf_put_text(out, out->n ? ", {\"file\": " : "{\"file\": ");
    put_path(out, path);
    sv_buf_printf(out, ", \"verdict\": \"%s\", \"names\": %zu, \"problem\": ", VERDICTS[verdict], list->n);
    if (st)
        sv_json_put_string(out, sv_str_of(why->message));
    else
        sv_buf_put_text(out, "null");
    sv_buf_put_char(out, '}');
    for (size_t i = 0; i < list->n; i++)
        put_name(r, path, &list->uses[i]);
    if (verdict > r->verdict)
        r->verdict = verdict;
}

/* A skops file, which says of each node what it is. */
static savor_status list_skops(sv_str bytes, sv_arena *arena, sv_global_list *out, savor_error *err)
{
    const sv_global *types;
    size_t n;
    savor_status st = sv_skops_list_types(bytes, arena, &types, &n, err);
    sv_global_use *uses = st ? NULL : sv_arena_array(arena, n, sizeof *uses);
    if (!uses)
        return st ? st : sv_arena_fail(arena, n * sizeof *uses, err);
    for (size_t i = 0; i < n; i++)
        uses[i] = (sv_global_use){.global = types[i], .kind = sv_global_classify(types[i]), .n_uses = 1};
    *out = (sv_global_list){.n = n, .uses = uses};
    return SAVOR_OK;
}

static savor_status list_names(sv_str bytes, sv_arena *arena, sv_global_list *out, savor_error *err)
{
    if (sv_str_starts(bytes, SV_STR("PK\3\4")))
        return list_skops(bytes, arena, out, err);
    sv_record_limits limits = SV_RECORD_LIMITS;
    limits.is_borrowing = true;
    return sv_pickle_list_globals(bytes, &limits, arena, out, err);
}

/*
 * Only memory that ran out ends the report; whatever is wrong with a file is part of it. A file that is a pickle only
 * `perhaps` is told of when it names something: protocols 0 and 1 have no mark, and a model of another form is none.
 */
static savor_status verify_file(report *r, sv_str path, bool perhaps, savor_error *err)
{
    sv_buf bytes = SV_BUF_INIT(r->limits.file_bytes);
    sv_global_list list = {0};
    sv_arena arena;
    savor_error why = {.status = SAVOR_OK};
    sv_arena_init(&arena, r->limits.model_bytes);
    savor_status st = sv_dir_read(r->dir, path, &bytes, &why);
    if (!st)
        st = list_names(sv_buf_view(&bytes), &arena, &list, &why);
    if (st == SAVOR_NOMEM && err)
        *err = why;
    else if (st != SAVOR_NOMEM && (!perhaps || list.n))
        put_file(r, path, &list, st, &why);
    sv_arena_deinit(&arena);
    sv_buf_deinit(&bytes);
    return st == SAVOR_NOMEM ? st : SAVOR_OK;
}

static savor_status verify_files(report *r, const sv_dir_files *files, savor_error *err)
{
    savor_status st = SAVOR_OK;
    for (size_t i = 0; !st && i < files->n; i++)
        if (is_pickle(r->dir, files->paths[i]))
            st = verify_file(r, files->paths[i], false, err);
    return st;
}

/* Files that MLmodel speaks of: those with such a name that are missing, and those that were not looked at, since
 * whoever loads the model asks for no name: a pickle may have any. */
static savor_status verify_named(report *r, const sv_mlmodel *record, savor_error *err)
{
    savor_status st = SAVOR_OK;
    sv_str told = {0};
    for (size_t i = 0; i < record->n_flavors; i++) {
        const sv_node *conf = record->flavors[i].conf;
        for (size_t k = 0; !st && conf->kind == SV_NODE_MAPPING && k < conf->n; k++) {
            sv_str path = sv_node_text(conf->pairs[k].value);
            bool is_there = path.n && sv_dir_has_file(r->dir, path, NULL);
            if (sv_str_equal(path, told) || (is_there ? is_pickle(r->dir, path) : !has_ending(path)))
                continue;
            st = verify_file(r, path, is_there, err);
            told = path; /* python_function repeats what the flavor says */
        }
    }
    return st;
}

static savor_status write_report(const report *r, const char *path, sv_buf *out, savor_error *err)
{
    bool is_first = true;
    savor_status st = sv_buf_check(&r->files, err);
    sv_buf_put_text(out, "{\"path\": ");
    put_path(out, sv_str_of(path));
    sv_buf_printf(out, ", \"verdict\": \"%s\", \"files\": [", VERDICTS[r->verdict]);
    sv_buf_put_str(out, sv_buf_view(&r->files));
    sv_buf_put_text(out, "], \"names\": [");
    for (size_t kind = SV_GLOBAL_DANGEROUS + 1; !st && kind-- > SV_GLOBAL_KNOWN;) {
        st = sv_buf_check(&r->names[kind], err);
        if (!is_first && r->names[kind].n)
            sv_buf_put_text(out, ", ");
        sv_buf_put_str(out, sv_buf_view(&r->names[kind]));
        is_first = is_first && !r->names[kind].n;
    }
    sv_buf_put_text(out, "]}");
    return st ? st : sv_buf_check(out, err);
}

savor_status savor_model_verify(const char *path, const savor_load_options *options, savor_verdict *verdict,
                                char **out, savor_error *err)
{
    report r = {.limits = SV_FLAVOR_LIMITS, .files = SV_BUF_INIT(TEXT_BYTES_MAX)};
    sv_buf text = SV_BUF_INIT(TEXT_BYTES_MAX * 4);
    sv_dir dir = SV_DIR_CLOSED;
    sv_dir_files files;
    const sv_mlmodel *record;
    sv_arena arena;
    savor_status st;
    *verdict = SAVOR_VERDICT_KNOWN;
    *out = NULL;
    for (size_t i = 0; i < 3; i++)
        r.names[i] = SV_BUF_INIT(TEXT_BYTES_MAX);
    if (options && options->max_model_bytes)
        r.limits.model_bytes = options->max_model_bytes;
    r.dir = &dir;
    sv_arena_init(&arena, (size_t)256 << 20);
    if ((st = sv_model_open(path, &dir, &arena, &record, err)) ||
        (st = sv_dir_list(&dir, FILES_MAX, &arena, &files, err)) || (st = verify_files(&r, &files, err)) ||
        (st = verify_named(&r, record, err)) || (st = write_report(&r, path, &text, err)))
        goto done;
    *verdict = r.verdict;
    *out = text.p; /* moved */
    text = SV_BUF_INIT(0);
done:
    for (size_t i = 0; i < 3; i++)
        sv_buf_deinit(&r.names[i]);
    sv_buf_deinit(&r.files);
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
    sv_dir_close(&dir);
    return st;
}
