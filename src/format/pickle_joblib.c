#include "base/alloc.h"
#include "format/pickle_priv.h"

static bool is_wrapper(const sv_record *r, const char *name)
{
    sv_global cls = sv_record_class(r);
    return sv_str_is(cls.name, name) && (sv_str_ends(cls.module, SV_STR("joblib.numpy_pickle")) ||
                                         sv_str_ends(cls.module, SV_STR("joblib.numpy_pickle_compat")));
}

bool sv_pickle_is_joblib(const sv_record *r)
{
    return is_wrapper(r, "NumpyArrayWrapper") || is_wrapper(r, "NDArrayWrapper") || is_wrapper(r, "ZNDArrayWrapper");
}

/* One byte that tells how many follow it, so that the array begins at a multiple of 16; since joblib 1.2. */
static savor_status skip_padding(sv_pickle *v, const sv_record *state)
{
    sv_str padding;
    if (sv_record_is_none(sv_record_find(state, "numpy_array_alignment_bytes")))
        return SAVOR_OK;
    return sv_pickle_take_counted(v, 1, &padding);
}

/* An array of objects is a pickle of its own, by the plain pickler. */
static savor_status read_nested(sv_pickle *v, sv_record *out)
{
    sv_pickle nested = {.start = v->start,
                        .p = v->p,
                        .end = v->end,
                        .ready = v->ready,
                        .begin = (size_t)(v->p - v->start),
                        .arena = v->arena,
                        .limits = v->limits,
                        .n_records = v->n_records,
                        .is_nested = true,
                        .globals = v->globals,
                        .err = v->err};
    sv_record *r = NULL;
    savor_status st = sv_pickle_open(&nested);
    if (!st)
        st = sv_pickle_exec(&nested, &r);
    sv_pickle_close(&nested);
    v->p = nested.p;
    v->ready = nested.ready;
    v->n_records = nested.n_records;
    if (!st && r->kind != SV_RECORD_ARRAY)
        st = sv_pickle_fault(v, "an array of objects that is no array");
    if (!st)
        *out = *r;
    return st;
}

static savor_status take_elements(sv_pickle *v, size_t n, sv_npy_raw *raw)
{
    const uint8_t *p = NULL;
    savor_status st =
        sv_source_has_parts(v->limits.source, n) ? sv_pickle_take_part(v, n, &raw->part) : sv_pickle_take(v, n, &p);
    raw->bytes = (sv_str){(const char *)p, n};
    raw->is_kept = v->limits.is_borrowing;
    return st;
}

static savor_status read_raw(sv_pickle *v, const sv_npy_dtype *dtype, const sv_record *state, sv_record *out)
{
    sv_npy_raw raw = {.is_fortran = sv_record_is_text(sv_record_find(state, "order"), "F")};
    size_t n;
    if (!sv_pickle_shape(sv_record_find(state, "shape"), &raw) || !sv_npy_n_items(&raw, &n) ||
        !sv_mul(n, dtype->item_bytes, &n))
        return sv_pickle_fault(v, "an array without a shape");
    savor_status st = skip_padding(v, state);
    if (!st)
        st = take_elements(v, n, &raw);
    return st ? st : sv_pickle_set_array(v, dtype, &raw, out);
}

savor_status sv_pickle_read_joblib(sv_pickle *v, sv_pickle_object *object)
{
    const sv_record *state = object->object.state;
    const sv_npy_dtype *dtype = sv_pickle_dtype(sv_record_find(state, "dtype"));
    if (!is_wrapper(&object->r, "NumpyArrayWrapper"))
        return sv_fail(v->err, SAVOR_UNSUPPORTED, "joblib's arrays in files of their own (%.*s) are not supported",
                       SV_FMT(sv_record_class(&object->r).name));
    if (v->is_nested)
        return sv_pickle_fault(v, "an array of joblib inside a plain pickle");
    if (!dtype)
        return sv_fail(v->err, SAVOR_UNSUPPORTED, "pickle byte %zu: joblib's array of this dtype is not supported",
                       v->op_at);
    return dtype->kind == 'O' ? read_nested(v, &object->r) : read_raw(v, dtype, state, &object->r);
}
