#include "format/pickle_priv.h"

/* ---- frame of the stream ---- */

static savor_status op_proto(sv_pickle *v)
{
    uint64_t protocol;
    savor_status st = sv_pickle_take_uint(v, 1, &protocol);
    if (!st && v->op_at != v->begin)
        st = sv_pickle_fault(v, "a protocol number inside the stream");
    if (!st && protocol > 5)
        st = sv_fail(v->err, SAVOR_UNSUPPORTED, "pickle protocol %d is not supported", (int)protocol);
    if (!st)
        v->protocol = (int)protocol;
    return st;
}

static savor_status op_frame(sv_pickle *v)
{
    uint64_t n;
    savor_status st = sv_pickle_take_uint(v, 8, &n);
    if (!st && n > (size_t)(v->end - v->p))
        st = sv_pickle_fault(v, "a frame was larger than the file");
    return st;
}

static savor_status op_stop(sv_pickle *v)
{
    v->is_stopped = true;
    return SAVOR_OK;
}

/* ---- stack ---- */

static savor_status op_mark(sv_pickle *v) { return sv_pickle_put_mark(v); }

static savor_status op_pop_mark(sv_pickle *v)
{
    sv_record **items;
    size_t n;
    return sv_pickle_pop_mark(v, &items, &n);
}

/* Python's POP takes a mark when the mark is on top. */
static savor_status op_pop(sv_pickle *v)
{
    sv_record *r;
    if (v->n_marks && v->marks[v->n_marks - 1] == v->n_stack)
        return op_pop_mark(v);
    return sv_pickle_pop(v, &r);
}

static savor_status op_dup(sv_pickle *v)
{
    sv_record *r = NULL;
    savor_status st = sv_pickle_top(v, &r);
    return st ? st : sv_pickle_push(v, r);
}

/* ---- memo ---- */

static savor_status put(sv_pickle *v, uint64_t index)
{
    sv_record *r = NULL;
    savor_status st = sv_pickle_top(v, &r);
    return st ? st : sv_pickle_memo_put(v, index, r);
}

static savor_status op_memoize(sv_pickle *v) { return put(v, v->n_memo); }

static savor_status put_sized(sv_pickle *v, size_t width)
{
    uint64_t index;
    savor_status st = sv_pickle_take_uint(v, width, &index);
    return st ? st : put(v, index);
}

static savor_status get_sized(sv_pickle *v, size_t width)
{
    uint64_t index;
    savor_status st = sv_pickle_take_uint(v, width, &index);
    return st ? st : sv_pickle_memo_push(v, index);
}

static savor_status op_binput(sv_pickle *v) { return put_sized(v, 1); }
static savor_status op_long_binput(sv_pickle *v) { return put_sized(v, 4); }
static savor_status op_binget(sv_pickle *v) { return get_sized(v, 1); }
static savor_status op_long_binget(sv_pickle *v) { return get_sized(v, 4); }

static savor_status take_index(sv_pickle *v, uint64_t *out)
{
    sv_str line;
    savor_status st = sv_pickle_take_line(v, &line);
    if (!st && !sv_str_to_uint64(line, out))
        st = sv_pickle_fault(v, "the number of a memo entry was no number");
    return st;
}

static savor_status op_put(sv_pickle *v)
{
    uint64_t index = 0;
    savor_status st = take_index(v, &index);
    return st ? st : put(v, index);
}

static savor_status op_get(sv_pickle *v)
{
    uint64_t index = 0;
    savor_status st = take_index(v, &index);
    return st ? st : sv_pickle_memo_push(v, index);
}

/* ---- containers ---- */

static savor_status push_empty(sv_pickle *v, sv_record_kind kind)
{
    sv_record *r;
    savor_status st = sv_pickle_make(v, kind, &r);
    return st ? st : sv_pickle_push(v, r);
}

static savor_status op_empty_list(sv_pickle *v) { return push_empty(v, SV_RECORD_LIST); }
static savor_status op_empty_dict(sv_pickle *v) { return push_empty(v, SV_RECORD_DICT); }
static savor_status op_empty_set(sv_pickle *v) { return push_empty(v, SV_RECORD_SET); }
static savor_status op_empty_tuple(sv_pickle *v) { return sv_pickle_push(v, v->empty); }

static savor_status check_keys(const sv_pickle *v, sv_record *const *cells, size_t n, size_t step)
{
    for (size_t i = 0; i < n; i += step) {
        sv_record_kind kind = cells[i]->kind;
        if (kind == SV_RECORD_LIST || kind == SV_RECORD_DICT || kind == SV_RECORD_ARRAY)
            return sv_pickle_fault(v, "a key that can be changed");
    }
    return SAVOR_OK;
}

/* Everything above the mark as one container. */
static savor_status push_marked(sv_pickle *v, sv_record_kind kind)
{
    sv_record **items, *r;
    size_t n;
    savor_status st = sv_pickle_pop_mark(v, &items, &n);
    if (!st && kind == SV_RECORD_DICT)
        st = n % 2 ? sv_pickle_fault(v, "a key without a value") : check_keys(v, items, n, 2);
    if (!st && kind == SV_RECORD_SET)
        st = check_keys(v, items, n, 1);
    if (!st)
        st = sv_pickle_make_list(v, kind, (const sv_record *const *)items, n, &r);
    return st ? st : sv_pickle_push(v, r);
}

static savor_status op_tuple(sv_pickle *v) { return push_marked(v, SV_RECORD_TUPLE); }
static savor_status op_list(sv_pickle *v) { return push_marked(v, SV_RECORD_LIST); }
static savor_status op_dict(sv_pickle *v) { return push_marked(v, SV_RECORD_DICT); }
static savor_status op_frozenset(sv_pickle *v) { return push_marked(v, SV_RECORD_SET); }

static savor_status push_tuple(sv_pickle *v, size_t n)
{
    sv_record *items[3], *r;
    savor_status st = SAVOR_OK;
    for (size_t i = n; !st && i-- > 0;)
        st = sv_pickle_pop(v, &items[i]);
    if (!st)
        st = sv_pickle_make_list(v, SV_RECORD_TUPLE, (const sv_record *const *)items, n, &r);
    return st ? st : sv_pickle_push(v, r);
}

static savor_status op_tuple1(sv_pickle *v) { return push_tuple(v, 1); }
static savor_status op_tuple2(sv_pickle *v) { return push_tuple(v, 2); }
static savor_status op_tuple3(sv_pickle *v) { return push_tuple(v, 3); }

/* The container that an APPEND, SETITEM or ADDITEMS grows: `r` itself, or the items or pairs of an object. */
static savor_status container_of(sv_pickle *v, sv_record *r, sv_record_kind kind, sv_record **out)
{
    bool is_object = r->kind == SV_RECORD_OBJECT || r->kind == SV_RECORD_CALL;
    *out = r;
    if (r->kind == kind)
        return SAVOR_OK;
    if (!is_object || kind == SV_RECORD_SET)
        return sv_pickle_fault(v, "items for what holds none of this kind");
    sv_object *object = &((sv_pickle_object *)r)->object;
    const sv_record **held = kind == SV_RECORD_LIST ? &object->items : &object->pairs;
    if (*held) {
        *out = (sv_record *)(uintptr_t)*held;
        return SAVOR_OK;
    }
    savor_status st = sv_pickle_make(v, kind, out);
    if (!st)
        *held = *out;
    return st;
}

/* The one place that grows containers; `r` is on top of the stack, below the items. */
static savor_status add_items(sv_pickle *v, sv_record_kind kind, sv_record *const *items, size_t n)
{
    sv_record *r = NULL, *container = NULL;
    savor_status st = sv_pickle_top(v, &r);
    if (!st && kind == SV_RECORD_DICT)
        st = n % 2 ? sv_pickle_fault(v, "a key without a value") : check_keys(v, items, n, 2);
    if (!st && kind == SV_RECORD_SET)
        st = check_keys(v, items, n, 1);
    if (!st)
        st = container_of(v, r, kind, &container);
    return st ? st : sv_pickle_append(v, container, (const sv_record *const *)items, n);
}

static savor_status add_marked(sv_pickle *v, sv_record_kind kind)
{
    sv_record **items;
    size_t n;
    savor_status st = sv_pickle_pop_mark(v, &items, &n);
    return st ? st : add_items(v, kind, items, n);
}

static savor_status op_appends(sv_pickle *v) { return add_marked(v, SV_RECORD_LIST); }
static savor_status op_setitems(sv_pickle *v) { return add_marked(v, SV_RECORD_DICT); }
static savor_status op_additems(sv_pickle *v) { return add_marked(v, SV_RECORD_SET); }

static savor_status op_append(sv_pickle *v)
{
    sv_record *item;
    savor_status st = sv_pickle_pop(v, &item);
    return st ? st : add_items(v, SV_RECORD_LIST, &item, 1);
}

static savor_status op_setitem(sv_pickle *v)
{
    sv_record *cells[2];
    savor_status st = sv_pickle_pop(v, &cells[1]);
    if (!st)
        st = sv_pickle_pop(v, &cells[0]);
    return st ? st : add_items(v, SV_RECORD_DICT, cells, 2);
}

const sv_pickle_op sv_pickle_ops[256] = {
    ['('] = op_mark,
    [')'] = op_empty_tuple,
    ['.'] = op_stop,
    ['0'] = op_pop,
    ['1'] = op_pop_mark,
    ['2'] = op_dup,
    ['B'] = sv_pickle_op_binbytes,
    ['C'] = sv_pickle_op_short_binbytes,
    ['F'] = sv_pickle_op_float,
    ['G'] = sv_pickle_op_binfloat,
    ['I'] = sv_pickle_op_int,
    ['J'] = sv_pickle_op_binint,
    ['K'] = sv_pickle_op_binint1,
    ['L'] = sv_pickle_op_long,
    ['M'] = sv_pickle_op_binint2,
    ['N'] = sv_pickle_op_none,
    ['P'] = sv_pickle_op_persid,
    ['Q'] = sv_pickle_op_binpersid,
    ['R'] = sv_pickle_op_reduce,
    ['S'] = sv_pickle_op_string,
    ['T'] = sv_pickle_op_binstring,
    ['U'] = sv_pickle_op_short_binstring,
    ['V'] = sv_pickle_op_unicode,
    ['X'] = sv_pickle_op_binunicode,
    [']'] = op_empty_list,
    ['a'] = op_append,
    ['b'] = sv_pickle_op_build,
    ['c'] = sv_pickle_op_global,
    ['d'] = op_dict,
    ['e'] = op_appends,
    ['g'] = op_get,
    ['h'] = op_binget,
    ['i'] = sv_pickle_op_inst,
    ['j'] = op_long_binget,
    ['l'] = op_list,
    ['o'] = sv_pickle_op_obj,
    ['p'] = op_put,
    ['q'] = op_binput,
    ['r'] = op_long_binput,
    ['s'] = op_setitem,
    ['t'] = op_tuple,
    ['u'] = op_setitems,
    ['}'] = op_empty_dict,
    [0x80] = op_proto,
    [0x81] = sv_pickle_op_newobj,
    [0x82] = sv_pickle_op_extension,
    [0x83] = sv_pickle_op_extension,
    [0x84] = sv_pickle_op_extension,
    [0x85] = op_tuple1,
    [0x86] = op_tuple2,
    [0x87] = op_tuple3,
    [0x88] = sv_pickle_op_true,
    [0x89] = sv_pickle_op_false,
    [0x8a] = sv_pickle_op_long1,
    [0x8b] = sv_pickle_op_long4,
    [0x8c] = sv_pickle_op_short_binunicode,
    [0x8d] = sv_pickle_op_binunicode8,
    [0x8e] = sv_pickle_op_binbytes8,
    [0x8f] = op_empty_set,
    [0x90] = op_additems,
    [0x91] = op_frozenset,
    [0x92] = sv_pickle_op_newobj_ex,
    [0x93] = sv_pickle_op_stack_global,
    [0x94] = op_memoize,
    [0x95] = op_frame,
    [0x96] = sv_pickle_op_binbytes8, /* BYTEARRAY8 */
    [0x97] = sv_pickle_op_buffer,
    [0x98] = sv_pickle_op_buffer,
};
