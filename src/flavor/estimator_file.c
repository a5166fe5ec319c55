#include "flavor/estimator_file.h"

#include "base/alloc.h"
#include "flavor/guests.h"
#include "format/pickle.h"
#include "format/pickle_globals.h"
#include "format/skops.h"
#include "sklearn/families.h"

#define MODEL_TIMES_RECORDS 16
#define BYTES_FREE ((size_t)1 << 30)

/* The file's own bytes tell, not its name: MLflow 3.9 called a skops file model.pkl. */
static savor_status read_records(sv_source *source, sv_buf *unpacked, sv_arena *arena, const char **format,
                                 const sv_record **out, savor_error *err)
{
    sv_str bytes = source->bytes;
    sv_record_limits limits = SV_RECORD_LIMITS;
    limits.is_borrowing = true;
    limits.unpacked = unpacked;
    limits.source = source;
    savor_status st = sv_source_need(source, bytes.p, bytes.n < 4 ? bytes.n : 4, err);
    if (st)
        return st;
    if (sv_str_starts(bytes, SV_STR("PK\003\004"))) {
        *format = "skops";
        return sv_skops_read(bytes, &limits, arena, out, err);
    }
    *format = "pickle";
    return sv_pickle_read(bytes, &limits, arena, out, err);
}

static bool is_call(const sv_record *r) { return r && (r->kind == SV_RECORD_CALL || r->kind == SV_RECORD_OBJECT); }

/*
 * A file that is no model but a command is refused for good: Python is not asked to run it either. Also where what is
 * called is itself the answer of a call; OBJ and INST call what is no class. Python nests calls a few deep.
 */
static savor_status check_harmless(const sv_record *root, savor_error *err)
{
    for (unsigned depth = 0; depth < 1000 && is_call(root) && is_call(root->u.object->callee); depth++)
        root = root->u.object->callee;
    sv_global name = sv_record_class(root);
    if (sv_global_classify(name) != SV_GLOBAL_DANGEROUS)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_FORMAT, "the pickle holds no model: it would call %.*s.%.*s", SV_FMT(name.module),
                   SV_FMT(name.name));
}

/* Records may be shared, and each use is a copy: the model's memory is held against theirs, as theirs against the
 * file's by whoever reads them. */
static size_t bytes_for(size_t n_bytes, size_t max_bytes)
{
    size_t most;
    bool fits = sv_mul(n_bytes, MODEL_TIMES_RECORDS, &most) && sv_add(most, BYTES_FREE, &most);
    return fits && most < max_bytes ? most : max_bytes;
}

savor_status sv_estimator_file_read(sv_source *source, sv_release release, const sv_flavor_limits *limits,
                                    sv_arena *arena, sv_estimator_file *out, savor_error *err)
{
    const sv_record *root;
    sv_arena records; /* training data and all: it ends here */
    sv_buf unpacked = SV_BUF_INIT(0);
    *out = (sv_estimator_file){.format = ""};
    sv_loader loader = {.arena = arena,
                        .families = sv_sklearn_families,
                        .guests = sv_guest_families,
                        .release = release,
                        .names = &out->names};
    sv_arena_init(&records, limits->model_bytes);
    savor_status st = read_records(source, &unpacked, &records, &out->format, &root, err);
    arena->max_bytes = bytes_for(records.used_bytes, arena->max_bytes);
    if (!st && !(st = check_harmless(root, err)))
        st = sv_estimator_load(&loader, root, &out->estimator, err);
    if (sv_source_check(source, NULL)) /* what was found missing then is not what is wrong */
        st = sv_source_check(source, err);
    sv_arena_deinit(&records);
    sv_buf_deinit(&unpacked);
    return st;
}

void sv_estimator_file_describe(const sv_estimator_file *file, sv_buf *json)
{
    sv_buf_put_text(json, "\"estimators\": [");
    for (size_t i = 0; i < file->names.n; i++)
        sv_buf_printf(json, "%s\"%s\"", i ? ", " : "", file->names.items[i]);
    sv_buf_put_text(json, "]");
}
