/*
 * csv_vectors_test.c: frames that real pandas (1.5.3, 2.3.3, 3.1.1) made of CSV texts, through MLflow's own reader.
 *
 *     score_csv_vectors_test [FILE...]     without FILE: tests/data/csv/ and, when it is there,
 * ../shared/vectors/csv/
 *
 * The form of the files is that of the vectors: {"vectors": [{id, text, schema, expect: {profile: result}}]}, or
 * {cells, expect: {profile: {hex}}} for single numbers.
 */
#include "base/alloc.h"
#include "request/csv_frame.h"
#include "text/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static size_t n_passed, n_failed;

static const struct {
    const char *profile;
    int pandas_major;
} PROFILES[] = {{"1.x", 1}, {"2.x", 2}, {"2.22", 2}, {"3.x", 3}};

static const char *const KIND_NAMES[] = {"boolean", "integer", "long",   "float",
                                         "double",  "string",  "binary", "datetime"};

static sv_type read_type(const sv_json *entry)
{
    const sv_json *type = sv_json_find(entry, "type");
    for (size_t i = 0; i < sizeof KIND_NAMES / sizeof *KIND_NAMES; i++)
        if (sv_json_is_text(type, KIND_NAMES[i]))
            return (sv_type){.kind = (sv_type_kind)i};
    return (sv_type){.kind = sv_json_is_text(type, "tensor") ? SV_TYPE_TENSOR : SV_TYPE_ARRAY};
}

/* The column types and names of a signature; that is all that the reader looks at. */
static const sv_schema *read_schema(const sv_json *list, sv_arena *arena)
{
    if (!list || list->kind != SV_JSON_ARRAY)
        return NULL;
    sv_schema *schema = sv_arena_array(arena, 1, sizeof *schema);
    sv_spec *specs = sv_arena_array(arena, list->n, sizeof *specs);
    const sv_json *entry = list + 1;
    for (size_t i = 0; i < list->n; i++, entry = sv_json_next(entry)) {
        const sv_json *name = sv_json_find(entry, "name");
        specs[i].type = read_type(entry);
        specs[i].has_name = name && name->kind == SV_JSON_STRING;
        if (specs[i].has_name)
            specs[i].name = sv_label_text(sv_json_text(name));
    }
    *schema = (sv_schema){.n_specs = list->n, .specs = specs};
    schema->is_tensor = list->n && specs[0].type.kind == SV_TYPE_TENSOR;
    return schema;
}

static bool same_double(double a, double b) { return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b)); }

/* A JSON cell as a double: a number or {"$float": text}. */
static bool json_double(const sv_json *v, double *out)
{
    const sv_json *special = v->kind == SV_JSON_OBJECT ? sv_json_find(v, "$float") : NULL;
    if (v->kind == SV_JSON_DOUBLE)
        *out = v->u.f;
    else if (special)
        *out = sv_json_is_text(special, "nan") ? NAN : sv_json_is_text(special, "inf") ? INFINITY : -INFINITY;
    return special || v->kind == SV_JSON_DOUBLE;
}

static bool same_text(const sv_json *want, const char *p, size_t n)
{
    return want->kind == SV_JSON_STRING && sv_str_equal(sv_json_text(want), (sv_str){p, n});
}

static bool same_value(const sv_json *want, const sv_value *got)
{
    double number;
    switch (got->kind) {
    case SV_VALUE_BOOL:
        return want->kind == (got->u.i ? SV_JSON_TRUE : SV_JSON_FALSE);
    case SV_VALUE_INT:
        return want->kind == SV_JSON_INT && want->u.i == got->u.i;
    case SV_VALUE_BIGINT:
        return want->kind == SV_JSON_BIGINT && sv_str_equal(sv_json_text(want), (sv_str){got->u.p, got->n});
    case SV_VALUE_FLOAT:
        return json_double(want, &number) && same_double(number, got->u.f);
    case SV_VALUE_STRING:
        return same_text(want, got->u.p, got->n);
    default:
        return false;
    }
}

static bool same_uint64(const sv_json *want, uint64_t got)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)got);
    if (want->kind == SV_JSON_INT)
        return want->u.i >= 0 && (uint64_t)want->u.i == got;
    return want->kind == SV_JSON_BIGINT && sv_str_is(sv_json_text(want), text);
}

static bool same_cell(const sv_json *want, const sv_column *c, size_t i)
{
    double number = 0;
    const sv_str *text = c->data;
    switch (c->dtype) {
    case SAVOR_BOOL:
        return want->kind == (((const bool *)c->data)[i] ? SV_JSON_TRUE : SV_JSON_FALSE);
    case SAVOR_INT32:
        return want->kind == SV_JSON_INT && want->u.i == ((const int32_t *)c->data)[i];
    case SAVOR_INT64:
        return want->kind == SV_JSON_INT && want->u.i == ((const int64_t *)c->data)[i];
    case SAVOR_UINT64:
        return same_uint64(want, ((const uint64_t *)c->data)[i]);
    case SAVOR_FLOAT32:
    case SAVOR_FLOAT64:
        sv_column_to_double(c, i, &number);
        double expected;
        return json_double(want, &expected) && same_double(expected, number);
    case SAVOR_STRING:
        return text[i].p ? same_text(want, text[i].p, text[i].n) : json_double(want, &number) && isnan(number);
    case SAVOR_OBJECT:
        return same_value(want, &((const sv_value *)c->data)[i]);
    default:
        return false;
    }
}

static const char *dtype_name(savor_dtype dtype)
{
    switch (dtype) {
#define X(name, text, kind, size) \
    case SAVOR_##name:            \
        return text;
        SAVOR_DTYPE_MAP(X)
#undef X
    }
    return "?";
}

static bool same_column(const sv_json *want, const sv_column *c, size_t n_rows, char *why)
{
    const sv_json *values = sv_json_find(want, "values"), *v = values + 1;
    sv_str name = c->name.text;
    if (!sv_str_equal(sv_json_text(sv_json_find(want, "name")), name) || values->n != n_rows) {
        snprintf(why, 200, "column named \"%.*s\", %zu rows", SV_FMT(name), n_rows);
        return false;
    }
    if (!sv_json_is_text(sv_json_find(want, "dtype"), dtype_name(c->dtype))) {
        snprintf(why, 200, "column \"%.*s\" is %s", SV_FMT(name), dtype_name(c->dtype));
        return false;
    }
    for (size_t i = 0; i < n_rows; i++, v = sv_json_next(v)) {
        if (!same_cell(v, c, i)) {
            snprintf(why, 200, "column \"%.*s\" (%s), row %zu differs", SV_FMT(name), dtype_name(c->dtype), i);
            return false;
        }
    }
    return true;
}

static bool same_frame(const sv_json *want, const sv_frame *got, char *why)
{
    const sv_json *columns = sv_json_find(want, "columns"), *c = columns + 1;
    if (columns->n != got->n_columns) {
        snprintf(why, 200, "%zu columns", got->n_columns);
        return false;
    }
    for (size_t i = 0; i < got->n_columns; i++, c = sv_json_next(c))
        if (!same_column(c, &got->columns[i], got->n_rows, why))
            return false;
    return true;
}

static void report(bool passed, const sv_json *vector, const char *profile, const char *why)
{
    n_passed += passed;
    n_failed += !passed;
    if (!passed && n_failed < 40) {
        sv_str id = sv_json_text(sv_json_find(vector, "id"));
        fprintf(stderr, "%.*s %s: %s\n", SV_FMT(id), profile, why);
    }
}

static void check_frame(const sv_json *vector, const sv_json *want, size_t profile)
{
    sv_arena arena;
    sv_frame frame;
    savor_error err = {0};
    char why[200] = "";
    sv_arena_init(&arena, (size_t)1 << 30);
    sv_csv_options options = {.pandas_major = PROFILES[profile].pandas_major,
                              .schema = read_schema(sv_json_find(vector, "schema"), &arena)};
    sv_str text = sv_json_text(sv_json_find(vector, "text"));
    savor_status st = sv_csv_read_frame(text, &options, &arena, &frame, &err);
    const sv_json *ok = sv_json_find(want, "ok");
    bool passed = ok ? st == SAVOR_OK && same_frame(ok, &frame, why) : st == SAVOR_BAD_REQUEST;
    if (!why[0])
        snprintf(why, sizeof why, "%.150s", st ? err.message : "was accepted");
    report(passed, vector, PROFILES[profile].profile, why);
    sv_arena_deinit(&arena);
}

/* One number as the only cell of a table. */
static bool same_number(sv_str cell, const sv_json *want, int pandas_major)
{
    sv_arena arena;
    sv_frame frame;
    sv_buf text = SV_BUF_INIT(1 << 20);
    sv_csv_options options = {.pandas_major = pandas_major};
    sv_arena_init(&arena, 1 << 24);
    sv_buf_printf(&text, "x\n%.*s\n", SV_FMT(cell));
    savor_status st = sv_csv_read_frame(sv_buf_view(&text), &options, &arena, &frame, NULL);
    bool is_float = st == SAVOR_OK && frame.columns[0].dtype == SAVOR_FLOAT64;
    bool same = st == SAVOR_OK && !is_float && want->kind == SV_JSON_NULL;
    if (is_float && want->kind == SV_JSON_STRING) {
        char hex[64];
        snprintf(hex, sizeof hex, "%.*s", SV_FMT(sv_json_text(want)));
        same = same_double(strtod(hex, NULL), *(const double *)frame.columns[0].data);
    }
    sv_buf_deinit(&text);
    sv_arena_deinit(&arena);
    return same;
}

static void check_numbers(const sv_json *vector, const sv_json *want, size_t profile)
{
    const sv_json *cells = sv_json_find(vector, "cells"), *cell = cells + 1;
    const sv_json *hex = sv_json_find(want, "hex") + 1;
    char why[200] = "";
    for (size_t i = 0; i < cells->n; i++, cell = sv_json_next(cell), hex = sv_json_next(hex))
        if (!same_number(sv_json_text(cell), hex, PROFILES[profile].pandas_major))
            snprintf(why, sizeof why, "\"%.*s\" was read otherwise", SV_FMT(sv_json_text(cell)));
    report(!why[0], vector, PROFILES[profile].profile, why);
}

static void check_vector(const sv_json *vector)
{
    const sv_json *expect = sv_json_find(vector, "expect");
    for (size_t i = 0; i < sizeof PROFILES / sizeof *PROFILES; i++) {
        const sv_json *want = sv_json_find(expect, PROFILES[i].profile);
        if (want)
            (sv_json_find(vector, "cells") ? check_numbers : check_frame)(vector, want, i);
    }
}

static bool read_file(const char *path, char **out, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    *out = sv_alloc(*n + 1);
    bool done = fread(*out, 1, *n, f) == *n;
    fclose(f);
    return done;
}

static bool check_file(const char *path)
{
    char *text;
    size_t n;
    if (!read_file(path, &text, &n))
        return false;
    sv_arena arena;
    const sv_json *root;
    savor_error err;
    size_t passed = n_passed, failed = n_failed;
    sv_arena_init(&arena, (size_t)8 << 30);
    if (sv_json_parse((sv_str){text, n}, &SV_JSON_LIMITS, &arena, &root, NULL, &err)) {
        fprintf(stderr, "%s: %s\n", path, err.message);
        n_failed++;
    } else {
        const sv_json *vectors = sv_json_find(root, "vectors"), *v = vectors + 1;
        for (size_t i = 0; i < vectors->n; i++, v = sv_json_next(v))
            check_vector(v);
    }
    printf("%s: %zu passed, %zu failed\n", path, n_passed - passed, n_failed - failed);
    sv_arena_deinit(&arena);
    sv_free(text);
    return true;
}

int main(int argc, char **argv)
{
    static const char *const NAMES[] = {"frames", "typed", "numbers"};
    bool found = argc < 2;
    for (int i = 1; i < argc; i++)
        found = check_file(argv[i]);
    for (size_t i = 0; argc < 2 && i < sizeof NAMES / sizeof *NAMES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/csv/%s.json", TEST_DATA, NAMES[i]);
        found = check_file(path) && found;
        snprintf(path, sizeof path, "%s/../../../shared/vectors/csv/%s.json", TEST_DATA, NAMES[i]);
        check_file(path);
    }
    return found && n_failed == 0 ? 0 : 1;
}
