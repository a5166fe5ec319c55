#include "format/pickle.h"

#include "base/alloc.h"
#include "format/inflate.h"
#include "format/pickle_priv.h"

savor_status sv_pickle_fault(const sv_pickle *v, const char *what)
{
    return sv_fail(v->err, SAVOR_FORMAT, "pickle byte %zu: %s", v->op_at, what);
}

/* ---- bytes ---- */

/* Whole blocks, so that the next opcodes find their bytes ready. */
savor_status sv_pickle_need(sv_pickle *v, size_t n)
{
    if (v->p + n <= v->ready)
        return SAVOR_OK;
    size_t at = (size_t)(v->p - v->start), all = (size_t)(v->end - v->start), stop = at + n + SV_SOURCE_BLOCK - 1;
    stop -= stop % SV_SOURCE_BLOCK;
    stop = stop < all ? stop : all;
    savor_status st = sv_source_need(v->limits.source, v->p, stop - at, v->err);
    if (!st)
        v->ready = v->start + stop;
    return st;
}

savor_status sv_pickle_take(sv_pickle *v, size_t n, const uint8_t **out)
{
    if (n > (size_t)(v->end - v->p))
        return sv_pickle_fault(v, "the file ended inside an argument");
    savor_status st = sv_pickle_need(v, n);
    if (st)
        return st;
    *out = v->p;
    v->p += n;
    return SAVOR_OK;
}

savor_status sv_pickle_take_part(sv_pickle *v, size_t n, sv_part **out)
{
    if (n > (size_t)(v->end - v->p))
        return sv_pickle_fault(v, "the file ended inside an argument");
    *out = sv_source_part(v->limits.source, v->p, n);
    v->p += n;
    return *out ? SAVOR_OK : sv_fail_nomem(v->err, sizeof **out);
}

savor_status sv_pickle_take_uint(sv_pickle *v, size_t width, uint64_t *out)
{
    const uint8_t *p = NULL;
    savor_status st = sv_pickle_take(v, width, &p);
    *out = 0;
    for (size_t i = width; !st && i-- > 0;)
        *out = *out << 8 | p[i];
    return st;
}

savor_status sv_pickle_take_line(sv_pickle *v, sv_str *out)
{
    const uint8_t *end = NULL;
    for (size_t n = 0, all = (size_t)(v->end - v->p); !end && n < all;) { /* a line is short, the file may not be */
        size_t from = n;
        n = all - n < SV_SOURCE_BLOCK ? all : n + SV_SOURCE_BLOCK;
        savor_status st = sv_pickle_need(v, n);
        if (st)
            return st;
        end = memchr(v->p + from, '\n', n - from);
    }
    if (!end)
        return sv_pickle_fault(v, "the file ended inside a line");
    *out = (sv_str){(const char *)v->p, (size_t)(end - v->p)};
    v->p = end + 1;
    return SAVOR_OK;
}

savor_status sv_pickle_take_length(sv_pickle *v, size_t width, size_t *out)
{
    uint64_t n;
    savor_status st = sv_pickle_take_uint(v, width, &n);
    *out = (size_t)n;
    if (!st && n > (size_t)(v->end - v->p))
        st = sv_pickle_fault(v, "a length was larger than the file");
    return st;
}

savor_status sv_pickle_take_counted(sv_pickle *v, size_t width, sv_str *out)
{
    size_t n;
    const uint8_t *p = NULL;
    savor_status st = sv_pickle_take_length(v, width, &n);
    if (!st)
        st = sv_pickle_take(v, n, &p);
    *out = (sv_str){(const char *)p, n};
    return st;
}

/* ---- stack and marks ---- */

/* Room for one more item behind `n`. */
static savor_status grow(sv_pickle *v, void **items, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return SAVOR_OK;
    size_t bigger = *capacity + *capacity / 2 + 64;
    void *p = sv_realloc_array(*items, bigger, size);
    if (!p)
        return sv_fail_nomem(v->err, bigger * size);
    *items = p;
    *capacity = bigger;
    return SAVOR_OK;
}

static size_t floor_of(const sv_pickle *v) { return v->n_marks ? v->marks[v->n_marks - 1] : 0; }

savor_status sv_pickle_push(sv_pickle *v, sv_record *r)
{
    savor_status st = grow(v, (void **)&v->stack, v->n_stack, &v->stack_capacity, sizeof *v->stack);
    if (!st)
        v->stack[v->n_stack++] = r;
    return st;
}

savor_status sv_pickle_top(const sv_pickle *v, sv_record **out)
{
    if (v->n_stack == floor_of(v))
        return sv_pickle_fault(v, "nothing on the stack");
    *out = v->stack[v->n_stack - 1];
    return SAVOR_OK;
}

savor_status sv_pickle_pop(sv_pickle *v, sv_record **out)
{
    savor_status st = sv_pickle_top(v, out);
    if (!st)
        v->n_stack--;
    return st;
}

savor_status sv_pickle_put_mark(sv_pickle *v)
{
    savor_status st = grow(v, (void **)&v->marks, v->n_marks, &v->mark_capacity, sizeof *v->marks);
    if (!st)
        v->marks[v->n_marks++] = v->n_stack;
    return st;
}

savor_status sv_pickle_pop_mark(sv_pickle *v, sv_record ***items, size_t *n)
{
    if (v->n_marks == 0)
        return sv_pickle_fault(v, "no mark on the stack");
    size_t floor = v->marks[--v->n_marks];
    *n = v->n_stack - floor;
    *items = v->stack + floor;
    v->n_stack = floor;
    return SAVOR_OK;
}

/* ---- memo ---- */

savor_status sv_pickle_memo_put(sv_pickle *v, uint64_t index, sv_record *r)
{
    savor_status st = SAVOR_OK;
    if (index > v->op_at - v->begin) /* picklers count from 0 or 1, and each entry takes bytes */
        return sv_pickle_fault(v, "the number of a memo entry was too large");
    while (!st && v->n_memo <= index) {
        st = grow(v, (void **)&v->memo, v->n_memo, &v->memo_capacity, sizeof *v->memo);
        if (!st)
            v->memo[v->n_memo++] = NULL;
    }
    if (!st)
        v->memo[index] = r;
    return st;
}

savor_status sv_pickle_memo_push(sv_pickle *v, uint64_t index)
{
    if (index >= v->n_memo || !v->memo[index])
        return sv_pickle_fault(v, "nothing in the memo under this number");
    return sv_pickle_push(v, v->memo[index]);
}

/* ---- the machine ---- */

savor_status sv_pickle_open(sv_pickle *v)
{
    savor_status st = grow(v, (void **)&v->stack, 0, &v->stack_capacity, sizeof *v->stack); /* never NULL */
    if (st || (st = sv_pickle_make(v, SV_RECORD_NONE, &v->none)) ||
        (st = sv_pickle_make(v, SV_RECORD_BOOL, &v->yes)) || (st = sv_pickle_make(v, SV_RECORD_BOOL, &v->no)) ||
        (st = sv_pickle_make(v, SV_RECORD_TUPLE, &v->empty)))
        return st;
    v->yes->u.i = 1;
    return SAVOR_OK;
}

void sv_pickle_close(sv_pickle *v)
{
    sv_free(v->stack);
    sv_free(v->memo);
    sv_free(v->marks);
}

static savor_status step(sv_pickle *v)
{
    v->op_at = (size_t)(v->p - v->start);
    if (v->p == v->end)
        return sv_pickle_fault(v, "the file ended without STOP");
    savor_status st = sv_pickle_need(v, 1);
    if (st)
        return st;
    sv_pickle_op op = sv_pickle_ops[*v->p];
    if (!op)
        return sv_fail(v->err, SAVOR_FORMAT, "pickle byte %zu: 0x%02x is no opcode", v->op_at, *v->p);
    v->p++;
    return op(v);
}

savor_status sv_pickle_exec(sv_pickle *v, sv_record **out)
{
    savor_status st = SAVOR_OK;
    while (!st && !v->is_stopped)
        st = step(v);
    if (!st && (v->n_marks || v->n_stack != 1))
        st = sv_pickle_fault(v, "STOP with other than one object on the stack");
    if (!st)
        *out = v->stack[0];
    return st;
}

/* One pickle, from its first byte. */
static savor_status read_plain(sv_str bytes, sv_pickle *v, sv_record **out)
{
    v->start = v->p = (const uint8_t *)(bytes.p ? bytes.p : "");
    v->end = v->p + bytes.n;
    v->ready = v->limits.source ? v->start : v->end;
    savor_status st = sv_pickle_open(v);
    if (!st)
        st = sv_pickle_exec(v, out);
    sv_pickle_close(v);
    return st;
}

/* The same, with memory held against the bytes of the file. */
static savor_status read_bounded(sv_str bytes, size_t n_file, size_t n_unpacked, sv_pickle *v, sv_record **out)
{
    size_t max_bytes = sv_record_bound(v->arena, n_file, n_unpacked);
    savor_status st = read_plain(bytes, v, out);
    v->arena->max_bytes = max_bytes;
    return st;
}

static savor_status read_any(sv_str bytes, sv_pickle *v, sv_record **out)
{
    if (!sv_inflate_find(bytes))
        return read_bounded(bytes, bytes.n, 0, v, out);
    sv_buf own = SV_BUF_INIT(0), *inflated = v->limits.unpacked ? v->limits.unpacked : &own;
    inflated->max_bytes = sv_unpacked_bound(bytes.n, v->limits.inflated_bytes);
    v->limits.is_borrowing = inflated != &own;
    savor_status st = sv_source_need(v->limits.source, bytes.p, bytes.n, v->err);
    v->limits.source = NULL; /* of what is read from here on */
    if (!st)
        st = sv_inflate(bytes, inflated, v->err);
    if (!st)
        st = read_bounded(sv_buf_view(inflated), bytes.n, inflated->n, v, out);
    sv_buf_deinit(&own);
    return st;
}

savor_status sv_pickle_read(sv_str bytes, const sv_record_limits *limits, sv_arena *arena, const sv_record **out,
                            savor_error *err)
{
    sv_pickle v = {.arena = arena, .limits = limits ? *limits : SV_RECORD_LIMITS, .err = err};
    sv_record *r = NULL;
    *out = NULL;
    savor_status st = read_any(bytes, &v, &r);
    if (!st)
        *out = r;
    return st;
}

savor_status sv_pickle_list_globals(sv_str bytes, const sv_record_limits *limits, sv_arena *arena,
                                    sv_global_list *out, savor_error *err)
{
    sv_pickle_globals globals = {0};
    sv_pickle v = {.arena = arena, .limits = limits ? *limits : SV_RECORD_LIMITS, .globals = &globals, .err = err};
    sv_record *r = NULL;
    sv_index_init(&globals.index, arena);
    savor_status st = read_any(bytes, &v, &r);
    *out = (sv_global_list){.n = globals.index.n, .uses = globals.uses};
    return st;
}
