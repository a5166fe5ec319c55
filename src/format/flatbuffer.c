#include "format/flatbuffer.h"

#include "base/alloc.h"

/* A vector may lie in the way of several tables: CatBoost's writer shares what is equal. */
#define BUDGET_PER_BYTE 16

static bool fail(sv_flatbuffer *fb, size_t at, const char *fault)
{
    if (!fb->fault) {
        fb->fault = fault;
        fb->fault_at = at;
    }
    return false;
}

/* `n` bytes at `at` into `out`. */
static bool load(sv_flatbuffer *fb, size_t at, void *out, size_t n)
{
    if (fb->fault)
        return false;
    if (at > fb->bytes.n || n > fb->bytes.n - at)
        return fail(fb, at, "lay outside of the buffer");
    memcpy(out, fb->bytes.p + at, n);
    return true;
}

/* Where the offset at `at` leads; 0: a fault. */
static size_t follow(sv_flatbuffer *fb, size_t at)
{
    uint32_t offset = 0;
    size_t to = 0;
    if (!load(fb, at, &offset, sizeof offset))
        return 0;
    if (offset == 0 || !sv_add(at, offset, &to) || to >= fb->bytes.n) {
        (void)fail(fb, at, "led outside of the buffer");
        return 0;
    }
    return to;
}

static sv_fb_table table_at(sv_flatbuffer *fb, size_t at)
{
    int32_t back = 0;
    uint16_t size = 0;
    if (at == 0 || !load(fb, at, &back, sizeof back))
        return (sv_fb_table){0, 0, 0};
    int64_t vtable = (int64_t)at - back;
    if (vtable < 0 || vtable > INT64_C(0x7fffffffffff)) {
        (void)fail(fb, at, "had its table of fields outside of the buffer");
        return (sv_fb_table){0, 0, 0};
    }
    if (!load(fb, (size_t)vtable, &size, sizeof size))
        return (sv_fb_table){0, 0, 0};
    if (size < 4 || size > fb->bytes.n - (size_t)vtable) {
        (void)fail(fb, (size_t)vtable, "was no table of fields");
        return (sv_fb_table){0, 0, 0};
    }
    return (sv_fb_table){at, (size_t)vtable, size};
}

/* Where the value of a slot lies; 0: absent. */
static size_t field(sv_flatbuffer *fb, sv_fb_table table, unsigned slot)
{
    uint16_t offset = 0;
    size_t entry = 4 + 2 * (size_t)slot;
    if (table.at == 0 || entry + 2 > table.vtable_bytes || !load(fb, table.vtable + entry, &offset, sizeof offset))
        return 0;
    return offset ? table.at + offset : 0;
}

sv_fb_table sv_fb_open(sv_flatbuffer *fb, sv_str bytes)
{
    *fb = (sv_flatbuffer){.bytes = bytes};
    if (!sv_mul(bytes.n, BUDGET_PER_BYTE, &fb->budget))
        fb->budget = SIZE_MAX;
    return table_at(fb, follow(fb, 0));
}

/* One function per scalar type: the bytes at the slot, or what the schema says about absent ones. */
#define SCALAR(name, type)                                                      \
    type name(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, type absent) \
    {                                                                           \
        type value;                                                             \
        size_t at = field(fb, table, slot);                                     \
        return at != 0 && load(fb, at, &value, sizeof value) ? value : absent;  \
    }

SCALAR(sv_fb_int8, int8_t)
SCALAR(sv_fb_int32, int32_t)
SCALAR(sv_fb_float, float)
SCALAR(sv_fb_double, double)

bool sv_fb_bool(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, bool absent)
{
    return sv_fb_int8(fb, table, slot, absent) != 0;
}

static sv_fb_vector vector_at(sv_flatbuffer *fb, size_t at, size_t element_bytes)
{
    uint32_t n = 0;
    size_t bytes = 0;
    if (at == 0 || !load(fb, at, &n, sizeof n))
        return (sv_fb_vector){0, 0};
    if (!sv_mul(n, element_bytes, &bytes) || bytes > fb->bytes.n - at - sizeof n) {
        (void)fail(fb, at, "claimed more elements than bytes were left");
        return (sv_fb_vector){0, 0};
    }
    if (bytes > fb->budget) {
        (void)fail(fb, at, "belonged to too many vectors at once");
        return (sv_fb_vector){0, 0};
    }
    fb->budget -= bytes;
    return (sv_fb_vector){at + sizeof n, n};
}

static size_t reference(sv_flatbuffer *fb, sv_fb_table table, unsigned slot)
{
    size_t at = field(fb, table, slot);
    return at ? follow(fb, at) : 0;
}

sv_fb_vector sv_fb_vector_of(sv_flatbuffer *fb, sv_fb_table table, unsigned slot, size_t element_bytes)
{
    return vector_at(fb, reference(fb, table, slot), element_bytes);
}

static sv_str string_of(const sv_flatbuffer *fb, sv_fb_vector v)
{
    return v.n ? (sv_str){fb->bytes.p + v.at, v.n} : (sv_str){"", 0};
}

sv_str sv_fb_string(sv_flatbuffer *fb, sv_fb_table table, unsigned slot)
{
    return string_of(fb, sv_fb_vector_of(fb, table, slot, 1));
}

sv_fb_table sv_fb_child(sv_flatbuffer *fb, sv_fb_table table, unsigned slot)
{
    return table_at(fb, reference(fb, table, slot));
}

sv_fb_table sv_fb_table_at(sv_flatbuffer *fb, sv_fb_vector vector, size_t i)
{
    return table_at(fb, follow(fb, vector.at + 4 * i));
}

sv_str sv_fb_string_at(sv_flatbuffer *fb, sv_fb_vector vector, size_t i)
{
    return string_of(fb, vector_at(fb, follow(fb, vector.at + 4 * i), 1));
}

const char *sv_fb_bytes(const sv_flatbuffer *fb, sv_fb_vector vector) { return fb->bytes.p + vector.at; }

savor_status sv_fb_check(const sv_flatbuffer *fb, savor_error *err)
{
    if (!fb->fault)
        return SAVOR_OK;
    return sv_fail(err, SAVOR_FORMAT, "FlatBuffers byte %zu %s", fb->fault_at, fb->fault);
}
