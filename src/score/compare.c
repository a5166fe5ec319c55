/* compare.c: two JSON answers walked side by side, without recursion: the levels are a stack in the arena. */
#include <savor/compare.h>

#include "base/number.h"
#include "text/json.h"

#include <float.h>
#include <math.h>

/* Nodes of an answer of 4 GiB; what is really taken follows the text. */
#define MAX_ARENA_BYTES ((size_t)1 << 38)
#define MAX_VALUE_BYTES 40
#define MAX_LINE_BYTES 4096

/** An array or object that is being walked in both answers; `a` and `b` stand at the next item. */
typedef struct level {
    const sv_json *a, *b, *key; /* key: of the current item; NULL in arrays */
    uint32_t i, n;
    bool is_object;
} level;

typedef struct walk {
    savor_comparison *out;
    double tolerance;
    level *levels; /* [SV_JSON_LIMITS.depth] */
    uint32_t depth;
    savor_difference first_beyond;
} walk;

static void put_path(const walk *w, sv_buf *out)
{
    sv_buf_put_text(out, "predictions");
    for (uint32_t d = 0; d < w->depth; d++) {
        const level *l = &w->levels[d];
        sv_buf_put_char(out, '[');
        if (l->is_object)
            sv_json_put_string(out, sv_json_text(l->key));
        else
            sv_buf_printf(out, "%u", l->i - 1);
        sv_buf_put_char(out, ']');
    }
}

/* A leaf as JSON; of what is large only the beginning or the size. */
static void put_value(const sv_json *v, sv_buf *out)
{
    sv_json cut = *v;
    if (v->kind >= SV_JSON_ARRAY) {
        sv_buf_printf(out, v->kind == SV_JSON_ARRAY ? "array of %u" : "object of %u", v->n);
        return;
    }
    if (v->kind >= SV_JSON_STRING || v->kind == SV_JSON_BIGINT) {
        for (cut.n = v->n < MAX_VALUE_BYTES ? v->n : MAX_VALUE_BYTES; cut.n < v->n && cut.n; cut.n--)
            if (((unsigned char)v->u.p[cut.n] & 0xc0) != 0x80)
                break;
    }
    sv_json_put_value(out, &cut);
    if (v->kind >= SV_JSON_STRING && cut.n < v->n)
        sv_buf_put_text(out, "...");
}

/* Copy what fits, with a NUL; a longer text ends in "...". */
static void keep_text(const sv_buf *from, char *to, size_t size)
{
    sv_str s = sv_buf_view(from);
    bool fits = s.n < size;
    size_t n = fits ? s.n : size - 4;
    memcpy(to, s.p, n);
    memcpy(to + n, fits ? "" : "...", fits ? 1 : 4);
}

static void keep_difference(const walk *w, const sv_json *a, const sv_json *b, savor_difference *out)
{
    sv_buf text = SV_BUF_INIT(MAX_LINE_BYTES);
    put_path(w, &text);
    keep_text(&text, out->path, sizeof out->path);
    sv_buf_reset(&text);
    put_value(a, &text);
    keep_text(&text, out->a, sizeof out->a);
    sv_buf_reset(&text);
    put_value(b, &text);
    keep_text(&text, out->b, sizeof out->b);
    sv_buf_deinit(&text);
}

static void note(walk *w, const sv_json *a, const sv_json *b, bool is_beyond)
{
    w->out->n_different++;
    if (w->out->n_different == 1)
        keep_difference(w, a, b, &w->out->first);
    if (is_beyond && ++w->out->n_beyond == 1)
        keep_difference(w, a, b, &w->first_beyond);
}

/* Doubles in order as integers: -0.0 comes right before 0.0. */
static int64_t order_of_double(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? -1 - (bits & INT64_MAX) : bits;
}

static int64_t order_of_float(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? -1 - (int64_t)(bits & INT32_MAX) : bits;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static bool is_float32(double x) { return fabs(x) <= (double)FLT_MAX && (double)(float)x == x; }

static void measure_float32(double a, double b, savor_comparison *out)
{
    if (!is_float32(a) || !is_float32(b))
        return;
    uint64_t ulp = distance(order_of_float((float)a), order_of_float((float)b));
    out->n_float32_pairs++;
    if (ulp > out->max_ulp_float)
        out->max_ulp_float = ulp;
}

/* Both finite and not bit-equal. True: within the tolerance. */
static bool measure(walk *w, const sv_json *a, const sv_json *b)
{
    savor_comparison *out = w->out;
    uint64_t ulp = distance(order_of_double(a->u.f), order_of_double(b->u.f));
    double larger = fmax(fabs(a->u.f), fabs(b->u.f)), apart = fabs(a->u.f - b->u.f);
    double relative = larger > 0 ? apart / larger : 0;
    if (!isfinite(apart)) /* the difference of two finite numbers may overflow */
        relative = fabs(a->u.f / larger - b->u.f / larger);
    if (ulp > out->max_ulp_double) {
        out->max_ulp_double = ulp;
        keep_difference(w, a, b, &out->worst);
    }
    out->max_absolute = fmax(out->max_absolute, apart);
    out->max_relative = fmax(out->max_relative, relative);
    return w->tolerance > 0 && relative <= w->tolerance;
}

static void compare_floats(walk *w, const sv_json *a, const sv_json *b)
{
    bool is_finite = isfinite(a->u.f) && isfinite(b->u.f);
    w->out->n_floats++;
    if (is_finite)
        measure_float32(a->u.f, b->u.f, w->out);
    if (order_of_double(a->u.f) == order_of_double(b->u.f) || (isnan(a->u.f) && isnan(b->u.f)))
        return;
    note(w, a, b, !is_finite || !measure(w, a, b));
}

static bool same_leaf(const sv_json *a, const sv_json *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == SV_JSON_INT)
        return a->u.i == b->u.i;
    if (a->kind == SV_JSON_STRING || a->kind == SV_JSON_BIGINT)
        return sv_str_equal(sv_json_text(a), sv_json_text(b));
    return true;
}

static bool same_keys(const sv_json *a, const sv_json *b)
{
    const sv_json *x = a + 1, *y = b + 1;
    for (uint32_t i = 0; i < a->n; i++, x = sv_json_next(x + 1), y = sv_json_next(y + 1))
        if (!sv_str_equal(sv_json_text(x), sv_json_text(y)))
            return false;
    return true;
}

static void open_level(walk *w, const sv_json *a, const sv_json *b)
{
    bool is_object = a->kind == SV_JSON_OBJECT;
    if (a->n != b->n || (is_object && !same_keys(a, b))) {
        w->out->n_misshapen++;
        note(w, a, b, true);
        return;
    }
    w->levels[w->depth++] = (level){.a = a + 1, .b = b + 1, .n = a->n, .is_object = is_object};
}

static void visit(walk *w, const sv_json *a, const sv_json *b)
{
    if (a->kind == b->kind && a->kind >= SV_JSON_ARRAY) {
        open_level(w, a, b);
        return;
    }
    w->out->n_values++;
    if (a->kind == SV_JSON_DOUBLE && b->kind == SV_JSON_DOUBLE) {
        compare_floats(w, a, b);
    } else if (!same_leaf(a, b)) {
        w->out->n_unlike++;
        note(w, a, b, true);
    }
}

static void walk_answers(walk *w, const sv_json *a, const sv_json *b)
{
    visit(w, a, b);
    while (w->depth) {
        level *l = &w->levels[w->depth - 1];
        if (l->i == l->n) {
            w->depth--;
            continue;
        }
        l->i++;
        l->key = l->is_object ? l->a : NULL;
        a = l->a + l->is_object;
        b = l->b + l->is_object;
        l->a = sv_json_next(a);
        l->b = sv_json_next(b);
        visit(w, a, b);
    }
}

static savor_status parse_answer(const char *which, sv_str text, sv_arena *arena, const sv_json **out,
                                 savor_error *err)
{
    sv_json_limits limits = SV_JSON_LIMITS;
    *out = NULL;
    if (!sv_utf8_check_surrogates(text.p, text.n))
        return sv_fail(err, SAVOR_BAD_REQUEST, "%s was not UTF-8", which);
    savor_status st = sv_json_parse(text, &limits, arena, out, NULL, err);
    if (st == SAVOR_FORMAT)
        return sv_fail(err, SAVOR_BAD_REQUEST, "%s was not JSON", which);
    return sv_error_at(err, st, "%s", which);
}

/* The value that counts; *is_wrapped when it stood alone under "predictions". */
static const sv_json *unwrap(const sv_json *answer, bool *is_wrapped)
{
    const sv_json *value = answer->kind == SV_JSON_OBJECT ? sv_json_find(answer, "predictions") : NULL;
    *is_wrapped = value && answer->n == 1;
    return value ? value : answer;
}

static savor_status verdict(walk *w, savor_error *err)
{
    savor_comparison *out = w->out;
    if (!out->n_beyond)
        return SAVOR_OK;
    out->first = w->first_beyond;
    return sv_fail(err, SAVOR_DIFFERENT, "%llu of %llu values differed; first %s: %s against %s",
                   (unsigned long long)out->n_beyond, (unsigned long long)(out->n_values + out->n_misshapen),
                   out->first.path, out->first.a, out->first.b);
}

savor_status savor_compare(const void *a, size_t a_bytes, const void *b, size_t b_bytes,
                           const savor_compare_options *options, savor_comparison *out, savor_error *err)
{
    savor_status st = SAVOR_OK;
    walk w = {.out = out, .tolerance = options ? options->tolerance : 0};
    const sv_json *x, *y;
    bool x_is_wrapped, y_is_wrapped;
    sv_arena arena;
    *out = (savor_comparison){0};
    sv_arena_init(&arena, MAX_ARENA_BYTES);

    if ((st = parse_answer("the first answer", (sv_str){a, a_bytes}, &arena, &x, err)) ||
        (st = parse_answer("the second answer", (sv_str){b, b_bytes}, &arena, &y, err)))
        goto done;
    w.levels = sv_arena_array(&arena, SV_JSON_LIMITS.depth + 1, sizeof *w.levels);
    if (!w.levels) {
        st = sv_arena_fail(&arena, sizeof *w.levels, err);
        goto done;
    }
    const sv_json *x_value = unwrap(x, &x_is_wrapped), *y_value = unwrap(y, &y_is_wrapped);
    if (options && options->same_shell && x_is_wrapped != y_is_wrapped) {
        out->n_misshapen++;
        note(&w, x, y, true);
    }
    walk_answers(&w, x_value, y_value);
    st = verdict(&w, err);
done:
    sv_arena_deinit(&arena);
    return st;
}

savor_status savor_tolerance_read(const char *text, double *out, savor_error *err)
{
    double value;
    if (!sv_text_to_double(sv_str_of(text), &value) || !isfinite(value) || signbit(value))
        return sv_fail(err, SAVOR_USAGE, "expected a tolerance such as 0 or 1e-6, got \"%s\"", text);
    *out = value;
    return SAVOR_OK;
}
