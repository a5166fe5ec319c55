#include "format/record_make.h"

#include "base/alloc.h"

#define JSON_DEPTH_MAX 64

savor_status sv_record_new(sv_record_maker *maker, sv_record **out, savor_error *err)
{
    *out = NULL;
    if (maker->n_left == 0)
        return sv_fail(err, SAVOR_LIMIT, "the file held more objects, numbers and texts than are allowed");
    sv_record *r = sv_arena_array(maker->arena, 1, sizeof *r);
    if (!r)
        return sv_arena_fail(maker->arena, sizeof *r, err);
    maker->n_left--;
    *out = r;
    return SAVOR_OK;
}

static savor_status copy_text(sv_record_maker *maker, sv_str text, sv_str *out, savor_error *err)
{
    char *p = sv_arena_text(maker->arena, text.p, text.n);
    *out = (sv_str){p, text.n};
    return p ? SAVOR_OK : sv_arena_fail(maker->arena, text.n, err);
}

savor_status sv_record_set_global(sv_record_maker *maker, sv_global global, sv_record *r, savor_error *err)
{
    sv_global copy = global;
    savor_status st = copy_text(maker, global.module, &copy.module, err);
    if (st || (st = copy_text(maker, global.name, &copy.name, err)))
        return st;
    *r = (sv_record){.kind = SV_RECORD_GLOBAL};
    r->u.global = copy;
    return SAVOR_OK;
}

savor_status sv_record_new_global(sv_record_maker *maker, sv_global global, sv_record **out, savor_error *err)
{
    savor_status st = sv_record_new(maker, out, err);
    if (st || (st = sv_record_set_global(maker, global, *out, err)))
        *out = NULL;
    return st;
}

savor_status sv_record_new_text(sv_record_maker *maker, sv_str text, sv_record **out, savor_error *err)
{
    savor_status st = sv_record_new(maker, out, err);
    if (st || (st = sv_record_set_text(maker, SV_RECORD_TEXT, text, *out, err)))
        *out = NULL;
    return st;
}

savor_status sv_record_set_text(sv_record_maker *maker, sv_record_kind kind, sv_str text, sv_record *r,
                                savor_error *err)
{
    sv_str copy = {0};
    savor_status st = copy_text(maker, text, &copy, err);
    if (st)
        return st;
    *r = (sv_record){.kind = kind, .n = copy.n, .u.bytes = {.p = copy.p}};
    return SAVOR_OK;
}

savor_status sv_record_set_items(sv_record_maker *maker, sv_record_kind kind, size_t n, sv_record *r,
                                 const sv_record ***items, savor_error *err)
{
    size_t places = n;
    *items = NULL;
    if (kind == SV_RECORD_DICT && !sv_mul(n, 2, &places))
        return sv_fail_nomem(err, n);
    const sv_record **p = sv_arena_array(maker->arena, places ? places : 1, sizeof *p);
    if (!p)
        return sv_arena_fail(maker->arena, places * sizeof *p, err);
    *r = (sv_record){.kind = kind, .n = n};
    r->u.items = p;
    *items = p;
    return SAVOR_OK;
}

savor_status sv_record_set_object(sv_record_maker *maker, sv_record_kind kind, const sv_object *object, sv_record *r,
                                  savor_error *err)
{
    sv_object *copy = sv_arena_array(maker->arena, 1, sizeof *copy);
    if (!copy)
        return sv_arena_fail(maker->arena, sizeof *copy, err);
    *copy = *object;
    if (!copy->args) {
        const sv_record **none;
        sv_record *args;
        savor_status st = sv_record_new(maker, &args, err);
        if (st || (st = sv_record_set_items(maker, SV_RECORD_TUPLE, 0, args, &none, err)))
            return st;
        copy->args = args;
    }
    *r = (sv_record){.kind = kind};
    r->u.object = copy;
    return SAVOR_OK;
}

savor_status sv_record_set_array(sv_record_maker *maker, const sv_array *array, sv_record *r, savor_error *err)
{
    sv_array *copy = sv_arena_array(maker->arena, 1, sizeof *copy);
    if (!copy)
        return sv_arena_fail(maker->arena, sizeof *copy, err);
    *copy = *array;
    *r = (sv_record){.kind = SV_RECORD_ARRAY};
    r->u.array = copy;
    return SAVOR_OK;
}

/* ---- integers ---- */

#define GROUP_DIGITS 9

static const uint32_t POWERS_OF_TEN[GROUP_DIGITS + 1] = {1,      10,      100,      1000,      10000,
                                                         100000, 1000000, 10000000, 100000000, 1000000000};

/* words = words * factor + add; the lowest word first. How many words there are then. */
static size_t multiply_add(uint32_t *words, size_t n, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)words[i] * factor;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        words[n++] = (uint32_t)carry;
    return n;
}

static size_t gather_words(sv_str digits, uint32_t *words)
{
    size_t n = 0;
    for (size_t i = 0; i < digits.n;) {
        size_t n_group = (digits.n - i) % GROUP_DIGITS ? (digits.n - i) % GROUP_DIGITS : GROUP_DIGITS;
        uint32_t group = 0;
        for (size_t k = 0; k < n_group; k++)
            group = group * 10 + (uint32_t)(digits.p[i + k] - '0');
        n = multiply_add(words, n, POWERS_OF_TEN[n_group], group);
        i += n_group;
    }
    return n;
}

static void negate_words(uint32_t *words, size_t n)
{
    uint64_t carry = 1;
    for (size_t i = 0; i < n; i++) {
        carry += (uint32_t)~words[i];
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

savor_status sv_record_set_digits(sv_record_maker *maker, sv_str digits, sv_record *r, savor_error *err)
{
    int64_t value;
    if (sv_str_to_int64(digits, &value)) {
        *r = (sv_record){.kind = SV_RECORD_INT};
        r->u.i = value;
        return SAVOR_OK;
    }
    bool is_negative = digits.n && digits.p[0] == '-';
    sv_str magnitude = {digits.p + is_negative, digits.n - is_negative};
    size_t room = magnitude.n / GROUP_DIGITS + 3; /* a group is less than a word; one more for the sign */
    uint32_t *words = sv_arena_array(maker->arena, room, sizeof *words);
    if (!words)
        return sv_arena_fail(maker->arena, room * sizeof *words, err);
    size_t n_bytes = 4 * (gather_words(magnitude, words) + 1);
    if (is_negative)
        negate_words(words, room);
    uint8_t *p = (uint8_t *)words;
    for (size_t i = 0; i < n_bytes; i += 4) {
        uint32_t word = words[i / 4];
        for (size_t k = 0; k < 4; k++)
            p[i + k] = (uint8_t)(word >> (8 * k));
    }
    while (n_bytes > 1 && p[n_bytes - 1] == (is_negative ? 0xff : 0) && (p[n_bytes - 2] >> 7) == is_negative)
        n_bytes--;
    *r = (sv_record){.kind = SV_RECORD_BIGINT, .n = n_bytes};
    r->u.p = (const char *)p;
    return SAVOR_OK;
}

/* ---- JSON ---- */

static savor_status set_json(sv_record_maker *maker, const sv_json *value, sv_record *r, unsigned depth,
                             savor_error *err);

static savor_status new_json(sv_record_maker *maker, const sv_json *value, const sv_record **out, unsigned depth,
                             savor_error *err)
{
    sv_record *r = NULL;
    savor_status st = sv_record_new(maker, &r, err);
    *out = r;
    return st ? st : set_json(maker, value, r, depth, err);
}

static savor_status set_json_items(sv_record_maker *maker, const sv_json *value, sv_record *r, unsigned depth,
                                   savor_error *err)
{
    bool is_dict = value->kind == SV_JSON_OBJECT;
    size_t n = is_dict ? 2 * (size_t)value->n : value->n;
    const sv_record **items;
    savor_status st = sv_record_set_items(maker, is_dict ? SV_RECORD_DICT : SV_RECORD_LIST, value->n, r, &items, err);
    const sv_json *at = value + 1;
    for (size_t i = 0; !st && i < n; i++, at = sv_json_next(at))
        st = new_json(maker, at, &items[i], depth, err);
    return st;
}

static savor_status set_json(sv_record_maker *maker, const sv_json *value, sv_record *r, unsigned depth,
                             savor_error *err)
{
    *r = (sv_record){.kind = SV_RECORD_NONE};
    switch ((sv_json_kind)value->kind) {
    case SV_JSON_NULL:
        return SAVOR_OK;
    case SV_JSON_FALSE:
    case SV_JSON_TRUE:
        r->kind = SV_RECORD_BOOL;
        r->u.i = value->kind == SV_JSON_TRUE;
        return SAVOR_OK;
    case SV_JSON_INT:
        r->kind = SV_RECORD_INT;
        r->u.i = value->u.i;
        return SAVOR_OK;
    case SV_JSON_DOUBLE:
        r->kind = SV_RECORD_FLOAT;
        r->u.f = value->u.f;
        return SAVOR_OK;
    case SV_JSON_BIGINT:
        return sv_record_set_digits(maker, sv_json_text(value), r, err);
    case SV_JSON_STRING:
        return sv_record_set_text(maker, SV_RECORD_TEXT, sv_json_text(value), r, err);
    default:
        if (depth == 0)
            return sv_fail(err, SAVOR_LIMIT, "JSON was nested deeper than %d", JSON_DEPTH_MAX);
        return set_json_items(maker, value, r, depth - 1, err);
    }
}

savor_status sv_record_set_json(sv_record_maker *maker, const sv_json *value, sv_record *r, savor_error *err)
{
    return set_json(maker, value, r, JSON_DEPTH_MAX, err);
}
