#include "format/npy.h"
#include "format/zip.h"

/* One sparse matrix while it is read. */
typedef struct reader {
    sv_zip zip;
    sv_arena *scratch;
    sv_record_maker *maker;
    savor_error *err;
} reader;

static savor_status read_array(reader *r, sv_str name, sv_arena *arena, sv_array *out)
{
    const sv_zip_member *m = sv_zip_find(&r->zip, name);
    sv_str bytes = {0};
    if (!m)
        return sv_fail(r->err, SAVOR_FORMAT, "an .npz file of a sparse matrix had no \"%.*s\"", SV_FMT(name));
    savor_status st = sv_zip_read_member(&r->zip, m, r->scratch, &bytes, r->err);
    if (!st)
        st = sv_npy_read(bytes, false, arena, out, r->err);
    return sv_error_at(r->err, st, "%.*s", SV_FMT(name));
}

/* scipy wrote b"csr" under Python 3 and "csr" now and then. */
static savor_status read_format(reader *r, char out[3])
{
    sv_array array;
    savor_status st = read_array(r, SV_STR("format.npy"), r->scratch, &array);
    if (st)
        return st;
    bool is_text = array.tensor.dtype == SAVOR_BYTES || array.tensor.dtype == SAVOR_STRING;
    if (!is_text || array.n_fields || array.tensor.n_items != 1)
        return sv_fail(r->err, SAVOR_FORMAT, "the format of a sparse matrix was no text");
    const sv_str *text = array.tensor.data;
    static const char *const FORMATS[] = {"bsr", "coo", "csc", "csr", "dia"};
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (sv_str_is(*text, FORMATS[i])) {
            memcpy(out, text->p, 3);
            return SAVOR_OK;
        }
    return sv_fail(r->err, SAVOR_UNSUPPORTED, "sparse matrix of format \"%.*s\", expected bsr, coo, csc, csr or dia",
                   SV_FMT(*text));
}

/* scipy.sparse._csr.csr_matrix; arrays, which scipy has since 1.8, have a member that says so. */
static savor_status new_class(reader *r, sv_record **out)
{
    char module[] = "scipy.sparse._csr", name[] = "csr_matrix", array_name[] = "csr_array";
    bool is_array = sv_zip_find(&r->zip, SV_STR("_is_array.npy")) != NULL;
    savor_status st = read_format(r, name);
    if (st)
        return st;
    memcpy(module + sizeof module - 4, name, 3);
    memcpy(array_name, name, 3);
    sv_global global = {sv_str_of(module), sv_str_of(is_array ? array_name : name)};
    return sv_record_new_global(r->maker, global, out, r->err);
}

static savor_status new_shape(reader *r, const sv_record **out)
{
    sv_array array;
    sv_record *shape = NULL;
    const sv_record **items;
    savor_status st = read_array(r, SV_STR("shape.npy"), r->scratch, &array);
    if (st)
        return st;
    const sv_tensor *t = &array.tensor;
    bool is_wide = t->dtype == SAVOR_INT64;
    if (array.n_fields || t->n_dims != 1 || (!is_wide && t->dtype != SAVOR_INT32))
        return sv_fail(r->err, SAVOR_FORMAT, "the shape of a sparse matrix was no row of integers");
    if ((st = sv_record_new(r->maker, &shape, r->err)) ||
        (st = sv_record_set_items(r->maker, SV_RECORD_TUPLE, t->n_items, shape, &items, r->err)))
        return st;
    for (size_t i = 0; i < t->n_items; i++) {
        sv_record *item;
        if ((st = sv_record_new(r->maker, &item, r->err)))
            return st;
        item->kind = SV_RECORD_INT;
        item->u.i = is_wide ? ((const int64_t *)t->data)[i] : ((const int32_t *)t->data)[i];
        items[i] = item;
    }
    *out = shape;
    return SAVOR_OK;
}

static bool is_attribute(sv_str member)
{
    return sv_str_ends(member, SV_STR(".npy")) && !sv_str_is(member, "format.npy") &&
           !sv_str_is(member, "shape.npy") && !sv_str_is(member, "_is_array.npy");
}

static savor_status new_attribute(reader *r, sv_str member, const sv_record **pair)
{
    sv_array array;
    sv_record *key, *value;
    savor_status st = read_array(r, member, r->maker->arena, &array);
    if (st || (st = sv_record_new_text(r->maker, (sv_str){member.p, member.n - 4}, &key, r->err)) ||
        (st = sv_record_new(r->maker, &value, r->err)) || (st = sv_record_set_array(r->maker, &array, value, r->err)))
        return st;
    pair[0] = key;
    pair[1] = value;
    return SAVOR_OK;
}

static savor_status new_state(reader *r, sv_record **out)
{
    size_t n = 1;
    const sv_record **items;
    sv_record *key;
    for (size_t i = 0; i < r->zip.n_members; i++)
        n += is_attribute(r->zip.members[i].name);
    savor_status st = sv_record_new(r->maker, out, r->err);
    if (st || (st = sv_record_set_items(r->maker, SV_RECORD_DICT, n, *out, &items, r->err)) ||
        (st = sv_record_new_text(r->maker, SV_STR("_shape"), &key, r->err)) || (st = new_shape(r, &items[1])))
        return st;
    items[0] = key;
    for (size_t i = 0, k = 2; !st && i < r->zip.n_members; i++)
        if (is_attribute(r->zip.members[i].name)) {
            st = new_attribute(r, r->zip.members[i].name, &items[k]);
            k += 2;
        }
    return st;
}

savor_status sv_npz_read_sparse(sv_str bytes, sv_arena *scratch, sv_record_maker *maker, sv_record **out,
                                savor_error *err)
{
    reader r = {.scratch = scratch, .maker = maker, .err = err};
    sv_record *cls = NULL, *state = NULL, *matrix = NULL;
    *out = NULL;
    savor_status st = sv_zip_read(bytes, NULL, &SV_ZIP_LIMITS, scratch, &r.zip, err);
    if (st || (st = new_class(&r, &cls)) || (st = new_state(&r, &state)) || (st = sv_record_new(maker, &matrix, err)))
        return st;
    sv_object object = {.callee = cls, .state = state};
    if ((st = sv_record_set_object(maker, SV_RECORD_OBJECT, &object, matrix, err)))
        return st;
    *out = matrix;
    return SAVOR_OK;
}
