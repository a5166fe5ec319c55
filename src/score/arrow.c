#include "score/frame.h"

#include <savor/arrow.h>

#include <math.h>

/* Arrow's one-letter formats and what they become; integers with nulls become float64 with NaN, as pandas has it. */
typedef struct format_row {
    char letter;
    savor_dtype dtype;
} format_row;

static const format_row FORMATS[] = {
    {'b', SAVOR_BOOL},    {'c', SAVOR_INT8},   {'C', SAVOR_UINT8},  {'s', SAVOR_INT16},  {'S', SAVOR_UINT16},
    {'i', SAVOR_INT32},   {'I', SAVOR_UINT32}, {'l', SAVOR_INT64},  {'L', SAVOR_UINT64}, {'f', SAVOR_FLOAT32},
    {'g', SAVOR_FLOAT64}, {'u', SAVOR_STRING}, {'U', SAVOR_STRING},
};

typedef struct source {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    size_t offset; /* of the batch and the column together */
    size_t n_rows;
    savor_dtype dtype;
} source;

static bool is_valid(const source *s, size_t row)
{
    const uint8_t *bits = s->array->buffers[0];
    size_t i = s->offset + row;
    return !bits || s->array->null_count == 0 || (bits[i / 8] >> (i % 8) & 1);
}

static bool has_nulls(const source *s)
{
    for (size_t r = 0; r < s->n_rows; r++)
        if (!is_valid(s, r))
            return true;
    return false;
}

static savor_status check_column(const struct ArrowSchema *schema, const struct ArrowArray *array, size_t n_rows,
                                 source *out, savor_error *err)
{
    const char *name = schema && schema->name ? schema->name : "";
    if (schema && array && (!schema->release || !array->release))
        return sv_fail(err, SAVOR_USAGE, "Arrow column \"%s\" was released already", name);
    if (!schema || !array || !schema->format || array->offset < 0 || array->length < 0 ||
        (uint64_t)array->length < n_rows)
        return sv_fail(err, SAVOR_USAGE, "Arrow column \"%s\" is shorter than the batch of %zu rows", name, n_rows);
    for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++) {
        if (schema->format[0] != FORMATS[i].letter || schema->format[1] || schema->dictionary)
            continue;
        int64_t n_buffers = FORMATS[i].dtype == SAVOR_STRING ? 3 : 2;
        if (array->n_buffers < n_buffers || !array->buffers || (n_rows && !array->buffers[1]))
            return sv_fail(err, SAVOR_USAGE, "Arrow column \"%s\" has %lld buffers, expected %lld", name,
                           (long long)array->n_buffers, (long long)n_buffers);
        out->dtype = FORMATS[i].dtype;
        return SAVOR_OK;
    }
    return sv_fail(err, SAVOR_UNSUPPORTED, "Arrow column \"%s\" has format \"%.20s\"%s, which is not taken", name,
                   schema->format, schema->dictionary ? " with a dictionary" : "");
}

static savor_status copy_texts(const source *s, savor_frame *frame, sv_str *out, savor_error *err)
{
    bool is_large = s->schema->format[0] == 'U';
    const int32_t *small = s->array->buffers[1];
    const int64_t *large = s->array->buffers[1];
    const char *bytes = s->array->buffers[2];
    for (size_t r = 0; r < s->n_rows; r++) {
        size_t i = s->offset + r;
        int64_t begin = is_large ? large[i] : small[i], end = is_large ? large[i + 1] : small[i + 1];
        if (!is_valid(s, r)) {
            out[r] = (sv_str){NULL, 0};
            continue;
        }
        if (begin < 0 || end < begin)
            return sv_fail(err, SAVOR_USAGE, "Arrow column \"%s\" has offsets that run backwards in row %zu",
                           s->schema->name ? s->schema->name : "", r);
        size_t n = (size_t)(end - begin);
        if (n && !bytes)
            return sv_fail(err, SAVOR_USAGE, "Arrow column \"%s\" has texts but no bytes of them",
                           s->schema->name ? s->schema->name : "");
        char *text = sv_arena_text(&frame->arena, n ? bytes + begin : "", n);
        if (!text)
            return sv_arena_fail(&frame->arena, n, err);
        out[r] = (sv_str){text, n};
    }
    return SAVOR_OK;
}

static void copy_numbers(const source *s, savor_dtype to, void *out)
{
    const uint8_t *bits = s->array->buffers[1];
    size_t size = sv_dtype_size(s->dtype);
    sv_column whole = {.dtype = s->dtype, .data = bits};
    for (size_t r = 0; r < s->n_rows; r++) {
        size_t i = s->offset + r;
        double value = (double)NAN;
        if (s->dtype == SAVOR_BOOL && to == SAVOR_BOOL) {
            ((uint8_t *)out)[r] = bits[i / 8] >> (i % 8) & 1;
        } else if (to == s->dtype) {
            memcpy((char *)out + r * size, bits + i * size, size);
            if (to == SAVOR_FLOAT32 && !is_valid(s, r))
                ((float *)out)[r] = NAN;
        } else {
            if (is_valid(s, r) && s->dtype == SAVOR_BOOL)
                value = bits[i / 8] >> (i % 8) & 1;
            else if (is_valid(s, r))
                (void)sv_column_to_double(&whole, i, &value);
            ((double *)out)[r] = value;
        }
    }
}

static savor_status copy_column(const source *s, savor_frame *frame, size_t c, savor_error *err)
{
    char kind = sv_dtype_kind(s->dtype);
    bool widen = (kind == 'i' || kind == 'u' || kind == 'b' || s->dtype == SAVOR_FLOAT64) && has_nulls(s);
    savor_dtype to = widen ? SAVOR_FLOAT64 : s->dtype;
    void *data = sv_owned_frame_column(frame, c, s->schema->name ? s->schema->name : "", to);
    if (!data)
        return sv_arena_fail(&frame->arena, s->n_rows * sv_dtype_size(to), err);
    if (s->dtype == SAVOR_STRING)
        return copy_texts(s, frame, data, err);
    copy_numbers(s, to, data);
    if (s->dtype == SAVOR_FLOAT64 && widen)
        for (size_t r = 0; r < s->n_rows; r++)
            if (!is_valid(s, r))
                ((double *)data)[r] = (double)NAN;
    return SAVOR_OK;
}

savor_status savor_frame_from_arrow(const struct ArrowSchema *schema, const struct ArrowArray *array,
                                    savor_frame **out, savor_error *err)
{
    savor_frame *f;
    *out = NULL;
    if (!schema || !array || !schema->release || !array->release)
        return sv_fail(err, SAVOR_USAGE, "the Arrow schema or array was released already");
    if (!schema->format || strcmp(schema->format, "+s") != 0)
        return sv_fail(err, SAVOR_USAGE, "the Arrow array has format \"%.20s\", expected \"+s\", a record batch",
                       schema->format ? schema->format : "");
    if (schema->n_children < 0 || schema->n_children != array->n_children)
        return sv_fail(err, SAVOR_USAGE, "the Arrow schema has %lld columns and the array %lld",
                       (long long)schema->n_children, (long long)array->n_children);
    if (schema->n_children && (!schema->children || !array->children))
        return sv_fail(err, SAVOR_USAGE, "the Arrow record batch of %lld columns lists none",
                       (long long)schema->n_children);
    if (array->length < 0 || array->offset < 0)
        return sv_fail(err, SAVOR_USAGE, "the Arrow record batch has length %lld and offset %lld, expected 0 or more",
                       (long long)array->length, (long long)array->offset);
    size_t n_rows = (size_t)array->length, n = (size_t)schema->n_children;
    savor_status st = sv_owned_frame_new(n_rows, n, &f, err);
    for (size_t c = 0; !st && c < n; c++) {
        source s = {schema->children[c], array->children[c], 0, n_rows, SAVOR_BOOL};
        size_t reach = n_rows + (size_t)array->offset; /* the batch's offset applies to each child */
        if ((st = check_column(s.schema, s.array, reach, &s, err)))
            break;
        s.offset = (size_t)array->offset + (size_t)s.array->offset;
        st = copy_column(&s, f, c, err);
    }
    if (st) {
        savor_frame_free(f);
        return st;
    }
    *out = f;
    return SAVOR_OK;
}
