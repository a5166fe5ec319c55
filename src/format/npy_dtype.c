#include "format/npy_dtype.h"

#include "base/alloc.h"

static savor_status refuse_text(sv_str text, savor_error *err)
{
    return sv_fail(err, SAVOR_FORMAT, "\"%.*s\" is no numpy dtype", SV_FMT(text));
}

/* Letter and width of each element that has a savor_dtype; widths of texts are free. */
static const struct {
    char kind;
    uint8_t item_bytes;
    savor_dtype dtype;
} PLAIN[] = {
    {'b', 1, SAVOR_BOOL},        {'i', 1, SAVOR_INT8},    {'i', 2, SAVOR_INT16},   {'i', 4, SAVOR_INT32},
    {'i', 8, SAVOR_INT64},       {'u', 1, SAVOR_UINT8},   {'u', 2, SAVOR_UINT16},  {'u', 4, SAVOR_UINT32},
    {'u', 8, SAVOR_UINT64},      {'f', 2, SAVOR_FLOAT16}, {'f', 4, SAVOR_FLOAT32}, {'f', 8, SAVOR_FLOAT64},
    {'M', 8, SAVOR_DATETIME_NS}, {'O', 8, SAVOR_OBJECT},
};

/* Whether kind and width stand for a savor_dtype. */
static bool find_plain(char kind, size_t item_bytes, savor_dtype *out)
{
    if (kind == 'U' || kind == 'S') {
        *out = kind == 'U' ? SAVOR_STRING : SAVOR_BYTES;
        return true;
    }
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
        if (PLAIN[i].kind == kind && PLAIN[i].item_bytes == item_bytes) {
            *out = PLAIN[i].dtype;
            return true;
        }
    return false;
}

/* "[ns]", "[25s]", "[D]" or nothing. */
static bool read_unit(sv_str text, int64_t *out)
{
    static const struct {
        const char *name;
        int64_t ns;
    } UNITS[] = {{"ns", 1},
                 {"us", 1000},
                 {"ms", 1000000},
                 {"s", 1000000000},
                 {"m", INT64_C(60) * 1000000000},
                 {"h", INT64_C(3600) * 1000000000},
                 {"D", INT64_C(86400) * 1000000000},
                 {"W", INT64_C(604800) * 1000000000},
                 {"M", 0},
                 {"Y", 0},
                 {"generic", 0}};
    int64_t count = 1;
    size_t n_digits = 0;
    *out = 0;
    if (text.n == 0)
        return true;
    if (text.n < 3 || text.p[0] != '[' || text.p[text.n - 1] != ']')
        return false;
    text = (sv_str){text.p + 1, text.n - 2};
    while (n_digits < text.n && text.p[n_digits] >= '0' && text.p[n_digits] <= '9')
        n_digits++;
    if (n_digits && !sv_str_to_int64((sv_str){text.p, n_digits}, &count))
        return false;
    text = (sv_str){text.p + n_digits, text.n - n_digits};
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++)
        if (sv_str_is(text, UNITS[i].name))
            return !__builtin_mul_overflow(UNITS[i].ns, count, out);
    return sv_str_is(text, "ps") || sv_str_is(text, "fs") || sv_str_is(text, "as");
}

/* "f8", "U5", "M8[ns]", "?": letter, width, unit. */
static bool read_element(sv_str text, sv_npy_dtype *out)
{
    uint64_t width = 0;
    size_t at = 1;
    if (sv_str_is(text, "?"))
        text = SV_STR("b1");
    if (text.n == 0 || !memchr("biufcgUSaVOMm", text.p[0], 13))
        return false;
    while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
        at++;
    if (at > 1 ? !sv_str_to_uint64((sv_str){text.p + 1, at - 1}, &width) || width > SIZE_MAX / 4
               : !memchr("OUSaVMm", text.p[0], 7))
        return false;
    out->kind = text.p[0] == 'a' ? 'S' : text.p[0];
    out->item_bytes = out->kind == 'U' ? (size_t)width * 4 : (size_t)width;
    out->unit_ns = 1;
    if (out->kind == 'O' || out->kind == 'M' || out->kind == 'm')
        out->item_bytes = 8;
    sv_str rest = {text.p + at, text.n - at};
    if (out->kind == 'M' || out->kind == 'm')
        return read_unit(rest, &out->unit_ns);
    return rest.n == 0;
}

savor_status sv_npy_dtype_parse(sv_str text, sv_npy_dtype *out, savor_error *err)
{
    sv_str rest = text;
    *out = (sv_npy_dtype){0};
    bool has_order = text.n > 0 && memchr("<>|=", text.p[0], 4);
    if (has_order)
        rest = (sv_str){text.p + 1, text.n - 1};
    if (!read_element(rest, out))
        return refuse_text(text, err);
    out->is_swapped = has_order && text.p[0] == '>';
    if (!find_plain(out->kind, out->item_bytes, &out->dtype))
        out->dtype = SAVOR_UINT8;
    return SAVOR_OK;
}

bool sv_npy_is_number(const sv_npy_dtype *dtype)
{
    savor_dtype found;
    return memchr("biuf", dtype->kind, 4) && find_plain(dtype->kind, dtype->item_bytes, &found);
}

savor_status sv_npy_dtype_check(const sv_npy_dtype *dtype, savor_error *err)
{
    savor_dtype found;
    bool is_known = dtype->kind == 'V' ? dtype->n_fields > 0 : find_plain(dtype->kind, dtype->item_bytes, &found);
    if (!is_known)
        return sv_fail(err, SAVOR_UNSUPPORTED, "numpy elements of kind '%c' with %zu bytes are not supported",
                       dtype->kind, dtype->item_bytes);
    if (dtype->kind == 'M' && dtype->unit_ns == 0)
        return sv_fail(err, SAVOR_UNSUPPORTED, "numpy datetimes of this unit are not supported");
    return SAVOR_OK;
}

/* ---- descriptions: the few Python literals that numpy writes ---- */

typedef struct literal {
    const char *p, *end;
    sv_str whole;
    sv_arena *arena;
    sv_array_field *fields; /* room for as many as the text has opening parentheses */
    bool *swapped;
    size_t n, offset;
    savor_error *err;
} literal;

static savor_status fault(const literal *l) { return refuse_text(l->whole, l->err); }

static void skip_blanks(literal *l)
{
    while (l->p < l->end && (*l->p == ' ' || *l->p == '\n'))
        l->p++;
}

/* Whether `c` is next; it is taken then. */
static bool take(literal *l, char c)
{
    skip_blanks(l);
    if (l->p == l->end || *l->p != c)
        return false;
    l->p++;
    skip_blanks(l);
    return true;
}

/* A quoted text without escapes. */
static bool take_text(literal *l, sv_str *out)
{
    skip_blanks(l);
    if (l->p == l->end || (*l->p != '\'' && *l->p != '"'))
        return false;
    const char *start = l->p + 1, *end = memchr(start, *l->p, (size_t)(l->end - start));
    if (!end || memchr(start, '\\', (size_t)(end - start)))
        return false;
    *out = (sv_str){start, (size_t)(end - start)};
    l->p = end + 1;
    skip_blanks(l);
    return true;
}

static bool take_number(literal *l, size_t *out)
{
    const char *start = l->p;
    uint64_t value;
    while (l->p < l->end && *l->p >= '0' && *l->p <= '9')
        l->p++;
    if (!sv_str_to_uint64((sv_str){start, (size_t)(l->p - start)}, &value))
        return false;
    *out = (size_t)value;
    skip_blanks(l);
    return true;
}

/* "3", "(3,)" or "(2, 3)": how many items. */
static bool take_shape(literal *l, size_t *n_items)
{
    size_t dim;
    *n_items = 1;
    if (!take(l, '('))
        return take_number(l, n_items);
    while (!take(l, ')')) {
        if (!take_number(l, &dim) || !sv_mul(*n_items, dim, n_items))
            return false;
        if (!take(l, ',') && (l->p == l->end || *l->p != ')'))
            return false;
    }
    return true;
}

/* "('name', '<f8')", "(('title', 'name'), '<f8')", "('name', '<f8', (3,))". */
static savor_status read_field(literal *l)
{
    sv_str name = {0}, type;
    sv_npy_dtype element;
    size_t n_items = 1, bytes;
    bool has_name = take(l, '(');
    if (has_name && take(l, '('))
        has_name = take_text(l, &name) && take(l, ',') && take_text(l, &name) && take(l, ')');
    else
        has_name = has_name && take_text(l, &name);
    if (!has_name || !take(l, ','))
        return fault(l);
    if (l->p < l->end && *l->p == '[')
        return sv_fail(l->err, SAVOR_UNSUPPORTED, "numpy elements with fields inside fields are not supported");
    if (!take_text(l, &type) || (take(l, ',') && !take_shape(l, &n_items)) || !take(l, ')'))
        return fault(l);
    savor_status st = sv_npy_dtype_parse(type, &element, l->err);
    if (st)
        return st;
    sv_array_field field = {.name = name, .dtype = element.dtype, .offset_bytes = l->offset, .n_items = n_items};
    if (!sv_mul(element.item_bytes, n_items, &bytes) || !sv_add(l->offset, bytes, &l->offset))
        return fault(l);
    if (element.kind == 'V' && name.n == 0)
        return SAVOR_OK; /* padding */
    if (!sv_npy_is_number(&element))
        return sv_fail(l->err, SAVOR_UNSUPPORTED, "numpy elements with fields of %.*s are not supported",
                       SV_FMT(type));
    if (!(field.name.p = sv_arena_text(l->arena, name.p, name.n)))
        return sv_arena_fail(l->arena, name.n, l->err);
    l->fields[l->n] = field;
    l->swapped[l->n++] = element.is_swapped;
    return SAVOR_OK;
}

/* "[(...), (...)]"; the bracket is taken. */
static savor_status read_fields(literal *l)
{
    savor_status st = SAVOR_OK;
    while (!st && !take(l, ']')) {
        st = read_field(l);
        if (!st && !take(l, ',') && (l->p == l->end || *l->p != ']'))
            st = fault(l);
    }
    return st;
}

static savor_status alloc_fields(literal *l)
{
    size_t n = 0;
    for (const char *p = l->p; p < l->end; p++)
        n += *p == '(';
    l->fields = sv_arena_array(l->arena, n, sizeof *l->fields);
    l->swapped = sv_arena_array(l->arena, n, sizeof *l->swapped);
    return l->fields && l->swapped ? SAVOR_OK : sv_arena_fail(l->arena, n * sizeof *l->fields, l->err);
}

savor_status sv_npy_descr_parse(sv_str text, sv_arena *arena, sv_npy_dtype *out, savor_error *err)
{
    literal l = {.p = text.p, .end = text.p + text.n, .whole = text, .arena = arena, .err = err};
    sv_str plain;
    savor_status st;
    *out = (sv_npy_dtype){0};
    if (take_text(&l, &plain))
        return l.p == l.end ? sv_npy_dtype_parse(plain, out, err) : fault(&l);
    if (!take(&l, '['))
        return fault(&l);
    if ((st = alloc_fields(&l)) || (st = read_fields(&l)))
        return st;
    if (l.p != l.end)
        return fault(&l);
    *out = (sv_npy_dtype){.kind = 'V',
                          .dtype = SAVOR_UINT8,
                          .item_bytes = l.offset,
                          .unit_ns = 1,
                          .n_fields = l.n,
                          .fields = l.fields,
                          .field_swapped = l.swapped};
    return SAVOR_OK;
}
