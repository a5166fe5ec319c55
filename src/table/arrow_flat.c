#include "table/arrow_flat_priv.h"

int64_t sv_flat_load(const uint8_t *p, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)p[i] << (8 * i);
    return size == 8   ? (int64_t)bits
           : size == 4 ? (int32_t)(uint32_t)bits
           : size == 2 ? (int16_t)(uint16_t)bits
                       : (int8_t)(uint8_t)bits;
}

static bool has_bytes(sv_flat *flat, size_t at, size_t n)
{
    if (!flat->is_broken && at <= flat->n && n <= flat->n - at)
        return true;
    flat->is_broken = true;
    return false;
}

static sv_flat_table empty_table(sv_flat *flat) { return (sv_flat_table){.flat = flat}; }

/* The vtable lies before or behind the table: its length and the table's, then one offset for each field. */
static sv_flat_table open_table(sv_flat *flat, size_t at)
{
    if (!has_bytes(flat, at, 4))
        return empty_table(flat);
    int64_t vtable = (int64_t)at - sv_flat_load(flat->p + at, 4);
    if (vtable < 0 || !has_bytes(flat, (size_t)vtable, 4)) {
        flat->is_broken = true;
        return empty_table(flat);
    }
    size_t n_vtable = (uint16_t)sv_flat_load(flat->p + vtable, 2);
    size_t n_bytes = (uint16_t)sv_flat_load(flat->p + vtable + 2, 2);
    if (n_vtable < 4 || !has_bytes(flat, (size_t)vtable, n_vtable) || !has_bytes(flat, at, n_bytes)) {
        flat->is_broken = true;
        return empty_table(flat);
    }
    return (sv_flat_table){flat, at, n_bytes, (size_t)vtable, (n_vtable - 4) / 2};
}

/* Where an offset of 4 bytes at `at` leads to. */
static bool follow(sv_flat *flat, size_t at, size_t *out)
{
    if (!has_bytes(flat, at, 4))
        return false;
    *out = at + (uint32_t)sv_flat_load(flat->p + at, 4);
    return true;
}

sv_flat_table sv_flat_root(sv_flat *flat)
{
    size_t at;
    return follow(flat, 0, &at) ? open_table(flat, at) : empty_table(flat);
}

/* The place of a field of `size` bytes; false when the table lacks it. */
static bool find_field(const sv_flat_table *table, size_t field, size_t size, size_t *out)
{
    if (table->flat->is_broken || field >= table->n_fields)
        return false;
    size_t offset = (uint16_t)sv_flat_load(table->flat->p + table->vtable + 4 + 2 * field, 2);
    if (offset == 0)
        return false;
    if (offset < 4 || offset > table->n_bytes || size > table->n_bytes - offset) {
        table->flat->is_broken = true;
        return false;
    }
    *out = table->at + offset;
    return true;
}

int64_t sv_flat_integer(const sv_flat_table *table, size_t field, size_t size, int64_t fallback)
{
    size_t at;
    return find_field(table, field, size, &at) ? sv_flat_load(table->flat->p + at, size) : fallback;
}

bool sv_flat_child(const sv_flat_table *table, size_t field, sv_flat_table *out)
{
    size_t at;
    *out = empty_table(table->flat);
    if (!find_field(table, field, 4, &at) || !follow(table->flat, at, &at))
        return false;
    *out = open_table(table->flat, at);
    return !table->flat->is_broken;
}

sv_flat_vector sv_flat_items(const sv_flat_table *table, size_t field, size_t item_bytes)
{
    sv_flat_vector none = {table->flat, 0, 0};
    size_t at;
    if (!find_field(table, field, 4, &at) || !follow(table->flat, at, &at) || !has_bytes(table->flat, at, 4))
        return none;
    size_t n = (uint32_t)sv_flat_load(table->flat->p + at, 4); /* times item_bytes: below 2^36 */
    return has_bytes(table->flat, at + 4, n * item_bytes) ? (sv_flat_vector){table->flat, at + 4, n} : none;
}

sv_str sv_flat_text(const sv_flat_table *table, size_t field)
{
    sv_flat_vector v = sv_flat_items(table, field, 1);
    return v.at ? (sv_str){(const char *)v.flat->p + v.at, v.n} : (sv_str){NULL, 0};
}

sv_flat_table sv_flat_item(const sv_flat_vector *vector, size_t i)
{
    size_t at;
    return follow(vector->flat, vector->at + 4 * i, &at) ? open_table(vector->flat, at) : empty_table(vector->flat);
}
