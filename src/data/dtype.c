#include "data/dtype.h"

static const char *const DTYPE_NAMES[] = {
#define X(name, text, kind, size) [SAVOR_##name] = text,
    SAVOR_DTYPE_MAP(X)
#undef X
};

#define N_DTYPES (sizeof DTYPE_NAMES / sizeof DTYPE_NAMES[0])

/* The other spellings that np.dtype() takes. */
static const struct {
    const char *text;
    savor_dtype dtype;
} ALIASES[] = {
    {"?", SAVOR_BOOL},         {"b1", SAVOR_BOOL},        {"bool_", SAVOR_BOOL},     {"byte", SAVOR_INT8},
    {"b", SAVOR_INT8},         {"i1", SAVOR_INT8},        {"short", SAVOR_INT16},    {"h", SAVOR_INT16},
    {"i2", SAVOR_INT16},       {"intc", SAVOR_INT32},     {"i", SAVOR_INT32},        {"i4", SAVOR_INT32},
    {"int", SAVOR_INT64},      {"int_", SAVOR_INT64},     {"long", SAVOR_INT64},     {"longlong", SAVOR_INT64},
    {"l", SAVOR_INT64},        {"q", SAVOR_INT64},        {"i8", SAVOR_INT64},       {"p", SAVOR_INT64},
    {"intp", SAVOR_INT64},     {"ubyte", SAVOR_UINT8},    {"B", SAVOR_UINT8},        {"u1", SAVOR_UINT8},
    {"ushort", SAVOR_UINT16},  {"H", SAVOR_UINT16},       {"u2", SAVOR_UINT16},      {"uintc", SAVOR_UINT32},
    {"I", SAVOR_UINT32},       {"u4", SAVOR_UINT32},      {"uint", SAVOR_UINT64},    {"ulong", SAVOR_UINT64},
    {"L", SAVOR_UINT64},       {"Q", SAVOR_UINT64},       {"u8", SAVOR_UINT64},      {"P", SAVOR_UINT64},
    {"uintp", SAVOR_UINT64},   {"half", SAVOR_FLOAT16},   {"e", SAVOR_FLOAT16},      {"f2", SAVOR_FLOAT16},
    {"single", SAVOR_FLOAT32}, {"f", SAVOR_FLOAT32},      {"f4", SAVOR_FLOAT32},     {"float", SAVOR_FLOAT64},
    {"double", SAVOR_FLOAT64}, {"float_", SAVOR_FLOAT64}, {"d", SAVOR_FLOAT64},      {"f8", SAVOR_FLOAT64},
    {"U", SAVOR_STRING},       {"U0", SAVOR_STRING},      {"unicode", SAVOR_STRING}, {"str_", SAVOR_STRING},
    {"S", SAVOR_BYTES},        {"S0", SAVOR_BYTES},       {"bytes_", SAVOR_BYTES},   {"a", SAVOR_BYTES},
    {"O", SAVOR_OBJECT},       {"object_", SAVOR_OBJECT},
};

const char *savor_dtype_name(savor_dtype dtype) { return (size_t)dtype < N_DTYPES ? DTYPE_NAMES[dtype] : "unknown"; }

bool sv_dtype_of(sv_str text, savor_dtype *out)
{
    if (text.n > 1 && (text.p[0] == '<' || text.p[0] == '|' || text.p[0] == '=')) {
        text.p++;
        text.n--;
    }
    for (size_t i = 0; i < N_DTYPES; i++)
        if (sv_str_is(text, DTYPE_NAMES[i])) {
            *out = (savor_dtype)i;
            return true;
        }
    for (size_t i = 0; i < sizeof ALIASES / sizeof ALIASES[0]; i++)
        if (sv_str_is(text, ALIASES[i].text)) {
            *out = ALIASES[i].dtype;
            return true;
        }
    if (sv_str_starts(text, SV_STR("datetime64")) || sv_str_starts(text, SV_STR("M8"))) {
        *out = SAVOR_DATETIME_NS;
        return true;
    }
    return false;
}

static savor_dtype dtype_of(char kind, size_t size)
{
    static const savor_dtype
        SIGNED[] = {[1] = SAVOR_INT8, [2] = SAVOR_INT16, [4] = SAVOR_INT32, [8] = SAVOR_INT64},
        UNSIGNED[] = {[1] = SAVOR_UINT8, [2] = SAVOR_UINT16, [4] = SAVOR_UINT32, [8] = SAVOR_UINT64},
        FLOATS[] = {[1] = SAVOR_FLOAT16, [2] = SAVOR_FLOAT16, [4] = SAVOR_FLOAT32, [8] = SAVOR_FLOAT64};
    return kind == 'i' ? SIGNED[size] : kind == 'u' ? UNSIGNED[size] : FLOATS[size];
}

savor_dtype sv_dtype_promote(savor_dtype a, savor_dtype b)
{
    char kind_a = sv_dtype_kind(a), kind_b = sv_dtype_kind(b);
    size_t size_a = sv_dtype_size(a), size_b = sv_dtype_size(b), larger = size_a > size_b ? size_a : size_b;
    if (kind_a == kind_b)
        return dtype_of(kind_a, larger);
    if (kind_a == 'f' || kind_b == 'f') { /* an integer needs a float of twice its size */
        size_t of_int = kind_a == 'f' ? size_b : size_a, of_float = kind_a == 'f' ? size_a : size_b;
        size_t needed = of_int >= 4 ? 8 : 2 * of_int;
        return dtype_of('f', needed > of_float ? needed : of_float);
    }
    size_t of_signed = kind_a == 'i' ? size_a : size_b, of_unsigned = kind_a == 'i' ? size_b : size_a;
    if (of_signed > of_unsigned)
        return dtype_of('i', of_signed);
    return of_unsigned == 8 ? SAVOR_FLOAT64 : dtype_of('i', 2 * of_unsigned);
}
