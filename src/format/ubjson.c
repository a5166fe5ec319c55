#include "format/ubjson.h"

#include "base/alloc.h"

#define DEPTH_MAX 64

typedef struct reader {
    const uint8_t *p, *start, *end;
    sv_ubjson *out;
    savor_error *err;
} reader;

static savor_status fault(const reader *r, const char *what)
{
    return sv_fail(r->err, SAVOR_FORMAT, "UBJSON byte %zu: %s", (size_t)(r->p - r->start), what);
}

static size_t bytes_left(const reader *r) { return (size_t)(r->end - r->p); }

/* Bytes of the number that a marker announces; 0 for other markers. */
static size_t number_bytes(uint8_t marker)
{
    switch (marker) {
    case 'i':
    case 'U':
        return 1;
    case 'I':
        return 2;
    case 'l':
    case 'd':
        return 4;
    case 'L':
    case 'D':
        return 8;
    default:
        return 0;
    }
}

static uint64_t big_endian(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

/* The number at `p`; the bytes are there. */
static sv_json number_node(uint8_t marker, const uint8_t *p)
{
    sv_json node = {.kind = SV_JSON_INT};
    uint64_t bits = big_endian(p, number_bytes(marker));
    uint32_t bits32 = (uint32_t)bits;
    float f;
    switch (marker) {
    case 'i':
        node.u.i = (int8_t)bits;
        break;
    case 'I':
        node.u.i = (int16_t)bits;
        break;
    case 'l':
        node.u.i = (int32_t)bits;
        break;
    case 'd':
        memcpy(&f, &bits32, sizeof f);
        node.kind = SV_JSON_DOUBLE;
        node.u.f = (double)f;
        break;
    case 'D':
        memcpy(&node.u.f, &bits, sizeof bits);
        node.kind = SV_JSON_DOUBLE;
        break;
    default: /* U, L */
        node.u.i = (int64_t)bits;
    }
    return node;
}

/* Room for `n` more nodes; the first of them, or NULL. */
static sv_json *reserve(reader *r, size_t n)
{
    sv_ubjson *u = r->out;
    size_t need;
    if (!sv_add(u->n_nodes, n, &need))
        return NULL;
    if (need > u->capacity) {
        size_t capacity = u->capacity + u->capacity / 2 + 256;
        capacity = capacity < need ? need : capacity;
        sv_json *nodes = sv_realloc_array(u->nodes, capacity, sizeof *nodes);
        if (!nodes)
            return NULL;
        u->nodes = nodes;
        u->capacity = capacity;
    }
    return u->nodes + u->n_nodes;
}

static savor_status put(reader *r, sv_json node)
{
    sv_json *at = reserve(r, 1);
    if (!at)
        return sv_fail_nomem(r->err, sizeof node);
    *at = node;
    r->out->n_nodes++;
    return SAVOR_OK;
}

static savor_status read_marker(reader *r, uint8_t *out)
{
    do { /* 'N' is a no-op */
        if (r->p == r->end)
            return fault(r, "the file ended inside a value");
        *out = *r->p++;
    } while (*out == 'N');
    return SAVOR_OK;
}

/* A length: any integer that is not negative. The caller compares it with the bytes that are left. */
static savor_status read_length(reader *r, size_t *out)
{
    uint8_t marker = 0;
    savor_status st = read_marker(r, &marker);
    if (st)
        return st;
    size_t n = number_bytes(marker);
    if (n == 0 || marker == 'd' || marker == 'D')
        return fault(r, "expected an integer as length");
    if (bytes_left(r) < n)
        return fault(r, "the file ended inside a length");
    sv_json node = number_node(marker, r->p);
    r->p += n;
    if (node.u.i < 0)
        return fault(r, "a length was negative");
    *out = (size_t)node.u.i;
    return SAVOR_OK;
}

static savor_status read_text(reader *r)
{
    size_t n = 0;
    savor_status st = read_length(r, &n);
    if (st)
        return st;
    if (n > bytes_left(r) || n > UINT32_MAX)
        return fault(r, "a text was longer than the file");
    sv_json node = {.kind = SV_JSON_STRING, .n = (uint32_t)n};
    node.u.p = (const char *)r->p;
    r->p += n;
    return put(r, node);
}

static savor_status read_typed_array(reader *r, uint8_t marker, size_t n)
{
    size_t width = number_bytes(marker);
    if (width == 0)
        return fault(r, "a typed array had elements that are no numbers");
    if (n > bytes_left(r) / width || n >= UINT32_MAX)
        return fault(r, "an array was longer than the file");
    sv_json *nodes = reserve(r, n + 1);
    if (!nodes)
        return sv_fail_nomem(r->err, n * sizeof *nodes);
    nodes[0] = (sv_json){.kind = SV_JSON_ARRAY, .n = (uint32_t)n};
    nodes[0].u.size = n + 1;
    for (size_t i = 0; i < n; i++, r->p += width)
        nodes[i + 1] = number_node(marker, r->p);
    r->out->n_nodes += n + 1;
    return SAVOR_OK;
}

static savor_status read_value(reader *r, uint8_t marker, unsigned depth);

/* Write the head of a container whose nodes begin at `at`. */
static savor_status close_container(reader *r, size_t at, uint8_t kind, size_t n)
{
    if (n > UINT32_MAX)
        return fault(r, "a container had too many elements");
    r->out->nodes[at] = (sv_json){.kind = kind, .n = (uint32_t)n};
    r->out->nodes[at].u.size = r->out->n_nodes - at;
    return SAVOR_OK;
}

/* Elements until ']' or, when the array is counted, `n` of them and no bracket. */
static savor_status read_open_array(reader *r, bool is_counted, size_t n, unsigned depth)
{
    size_t at = r->out->n_nodes, i = 0;
    uint8_t marker = 0;
    savor_status st = put(r, (sv_json){0});
    for (; !st && (!is_counted || i < n); i++) {
        if ((st = read_marker(r, &marker)))
            break;
        if (!is_counted && marker == ']')
            break;
        st = read_value(r, marker, depth);
    }
    return st ? st : close_container(r, at, SV_JSON_ARRAY, i);
}

static savor_status read_array(reader *r, unsigned depth)
{
    uint8_t type = 0;
    size_t n = 0;
    savor_status st;
    if (bytes_left(r) >= 2 && r->p[0] == '$') {
        type = r->p[1];
        r->p += 2;
        if (bytes_left(r) == 0 || *r->p != '#')
            return fault(r, "a typed array had no count");
    }
    if (bytes_left(r) == 0 || *r->p != '#')
        return read_open_array(r, false, 0, depth);
    r->p++;
    if ((st = read_length(r, &n)))
        return st;
    return type ? read_typed_array(r, type, n) : read_open_array(r, true, n, depth);
}

static savor_status read_object(reader *r, unsigned depth)
{
    size_t at = r->out->n_nodes, n = 0;
    uint8_t marker = 0;
    savor_status st = put(r, (sv_json){0});
    for (; !st; n++) {
        while (r->p < r->end && *r->p == 'N')
            r->p++;
        if (r->p < r->end && *r->p == '}') {
            r->p++;
            break;
        }
        if ((st = read_text(r)) || (st = read_marker(r, &marker)))
            break;
        st = read_value(r, marker, depth);
    }
    return st ? st : close_container(r, at, SV_JSON_OBJECT, n);
}

static savor_status read_number(reader *r, uint8_t marker)
{
    size_t n = number_bytes(marker);
    if (n == 0)
        return fault(r, "unknown marker");
    if (bytes_left(r) < n)
        return fault(r, "the file ended inside a number");
    r->p += n;
    return put(r, number_node(marker, r->p - n));
}

static savor_status read_value(reader *r, uint8_t marker, unsigned depth)
{
    if (depth == 0)
        return sv_fail(r->err, SAVOR_LIMIT, "UBJSON was nested deeper than %d", DEPTH_MAX);
    switch (marker) {
    case '{':
        return read_object(r, depth - 1);
    case '[':
        return read_array(r, depth - 1);
    case 'S':
        return read_text(r);
    case 'T':
        return put(r, (sv_json){.kind = SV_JSON_TRUE});
    case 'F':
        return put(r, (sv_json){.kind = SV_JSON_FALSE});
    case 'Z':
        return put(r, (sv_json){.kind = SV_JSON_NULL});
    default:
        return read_number(r, marker);
    }
}

savor_status sv_ubjson_parse(sv_str bytes, sv_ubjson *out, savor_error *err)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    reader r = {.p = p, .start = p, .end = p + bytes.n, .out = out, .err = err};
    uint8_t marker = 0;
    *out = (sv_ubjson){0};
    savor_status st = read_marker(&r, &marker);
    return st ? st : read_value(&r, marker, DEPTH_MAX);
}

void sv_ubjson_deinit(sv_ubjson *ubjson)
{
    sv_free(ubjson->nodes);
    *ubjson = (sv_ubjson){0};
}
