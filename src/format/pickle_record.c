#include "base/alloc.h"
#include "format/pickle_priv.h"

_Static_assert(sizeof(sv_pickle_object) >= sizeof(sv_pickle_list), "a DICT has room for both");

static size_t size_of(sv_record_kind kind)
{
    switch (kind) {
    case SV_RECORD_LIST:
    case SV_RECORD_TUPLE:
    case SV_RECORD_SET:
        return sizeof(sv_pickle_list);
    case SV_RECORD_DICT: /* may turn into an OBJECT */
    case SV_RECORD_OBJECT:
    case SV_RECORD_CALL:
        return sizeof(sv_pickle_object);
    default:
        return sizeof(sv_record);
    }
}

savor_status sv_pickle_make(sv_pickle *v, sv_record_kind kind, sv_record **out)
{
    size_t size = size_of(kind);
    *out = NULL;
    if (v->n_records == v->limits.n_records)
        return sv_fail(v->err, SAVOR_LIMIT, "a pickle held more than %zu objects", v->limits.n_records);
    sv_record *r = sv_arena_array(v->arena, 1, size);
    if (!r)
        return sv_arena_fail(v->arena, size, v->err);
    v->n_records++;
    r->kind = kind;
    *out = r;
    return SAVOR_OK;
}

/* Short ones are copied, so that what is made of them lies at a multiple of 16. */
#define BORROWED_MIN 4096

static bool is_in_file(const sv_pickle *v, sv_str bytes)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    return p >= v->start && p <= v->end;
}

savor_status sv_pickle_make_bytes(sv_pickle *v, sv_record_kind kind, sv_str bytes, sv_record **out)
{
    savor_status st = sv_pickle_make(v, kind, out);
    if (st)
        return st;
    (*out)->n = bytes.n;
    (*out)->u.p = bytes.p;
    if (kind == SV_RECORD_BYTES && bytes.n >= BORROWED_MIN && v->limits.is_borrowing && is_in_file(v, bytes))
        return SAVOR_OK;
    (*out)->u.p = sv_arena_text(v->arena, bytes.p, bytes.n);
    return (*out)->u.p ? SAVOR_OK : sv_arena_fail(v->arena, bytes.n, v->err);
}

savor_status sv_pickle_make_part(sv_pickle *v, sv_part *part, sv_record **out)
{
    savor_status st = sv_pickle_make(v, SV_RECORD_BYTES, out);
    if (st)
        return st;
    (*out)->n = part->n;
    (*out)->u.bytes = (sv_bytes){.part = part};
    return SAVOR_OK;
}

savor_status sv_pickle_make_int(sv_pickle *v, int64_t value, sv_record **out)
{
    bool is_small = value >= 0 && value < SV_PICKLE_SMALL_INTS;
    if (is_small && v->small_ints[value]) {
        *out = v->small_ints[value];
        return SAVOR_OK;
    }
    savor_status st = sv_pickle_make(v, SV_RECORD_INT, out);
    if (!st)
        (*out)->u.i = value;
    if (!st && is_small)
        v->small_ints[value] = *out;
    return st;
}

savor_status sv_pickle_make_long(sv_pickle *v, const uint8_t *p, size_t n, sv_record **out)
{
    uint8_t fill = n && p[n - 1] & 0x80 ? 0xff : 0;
    while (n > 1 && p[n - 1] == fill && (p[n - 2] & 0x80) == (fill & 0x80))
        n--;
    if (n > 8)
        return sv_pickle_make_bytes(v, SV_RECORD_BIGINT, (sv_str){(const char *)p, n}, out);
    uint64_t bits = fill ? UINT64_MAX : 0;
    for (size_t i = n; i-- > 0;)
        bits = bits << 8 | p[i];
    return sv_pickle_make_int(v, (int64_t)bits, out);
}

static savor_status reserve(sv_pickle *v, sv_pickle_list *list, size_t used, size_t n)
{
    size_t need;
    if (!sv_add(used, n, &need))
        return sv_fail(v->err, SAVOR_LIMIT, "a container had too many items");
    if (need <= list->capacity)
        return SAVOR_OK;
    size_t capacity = used ? list->capacity * 2 : n;
    capacity = capacity < need ? need : capacity;
    const sv_record **cells = sv_arena_array(v->arena, capacity, sizeof *cells);
    if (!cells)
        return sv_arena_fail(v->arena, capacity * sizeof *cells, v->err);
    if (used)
        memcpy(cells, list->cells, used * sizeof *cells);
    list->cells = cells;
    list->capacity = capacity;
    list->r.u.items = cells;
    return SAVOR_OK;
}

savor_status sv_pickle_append(sv_pickle *v, sv_record *r, const sv_record *const *cells, size_t n)
{
    sv_pickle_list *list = (sv_pickle_list *)r;
    size_t per_item = r->kind == SV_RECORD_DICT ? 2 : 1, used = r->n * per_item;
    savor_status st = n ? reserve(v, list, used, n) : SAVOR_OK;
    if (st || !n)
        return st;
    memcpy(list->cells + used, cells, n * sizeof *cells);
    r->n += n / per_item;
    return SAVOR_OK;
}

savor_status sv_pickle_make_list(sv_pickle *v, sv_record_kind kind, const sv_record *const *items, size_t n,
                                 sv_record **out)
{
    savor_status st = sv_pickle_make(v, kind, out);
    return st ? st : sv_pickle_append(v, *out, items, n);
}

savor_status sv_pickle_make_object(sv_pickle *v, sv_record_kind kind, sv_record *callee, const sv_record *args,
                                   sv_record **out)
{
    savor_status st = sv_pickle_make(v, kind, out);
    if (st)
        return st;
    sv_pickle_object *object = (sv_pickle_object *)*out;
    object->object = (sv_object){.callee = callee, .args = args};
    object->r.u.object = &object->object;
    return SAVOR_OK;
}

/* Python 2's names of modules, for what Python 3 has under another one. */
static sv_str module_now(sv_str module)
{
    static const struct {
        const char *then;
        sv_str now;
    } MOVED[] = {
        {"__builtin__", {"builtins", 8}},
        {"copy_reg", {"copyreg", 7}},
    };
    for (size_t i = 0; i < sizeof MOVED / sizeof *MOVED; i++)
        if (sv_str_is(module, MOVED[i].then))
            return MOVED[i].now;
    return module;
}

/* Count a name, for whoever asked for the list of them; `name` lies in the arena. */
static savor_status note_use(sv_pickle *v, sv_global name)
{
    sv_pickle_globals *globals = v->globals;
    size_t position, n = name.module.n + 1 + name.name.n;
    char *key = sv_arena_alloc(v->arena, n);
    if (!key)
        return sv_arena_fail(v->arena, n, v->err);
    memcpy(key, name.module.p, name.module.n + 1); /* and its NUL */
    memcpy(key + name.module.n + 1, name.name.p, name.name.n);
    savor_status st = sv_index_add(&globals->index, (sv_str){key, n}, &position, v->err);
    if (st)
        return st;
    if (position == globals->capacity) {
        size_t capacity = globals->capacity * 2 + 32;
        sv_global_use *uses = sv_arena_array(v->arena, capacity, sizeof *uses);
        if (!uses)
            return sv_arena_fail(v->arena, capacity * sizeof *uses, v->err);
        if (position)
            memcpy(uses, globals->uses, position * sizeof *uses);
        globals->uses = uses;
        globals->capacity = capacity;
    }
    sv_global_use *use = &globals->uses[position];
    if (use->n_uses++ == 0) {
        use->global = name;
        use->kind = sv_global_classify(name);
    }
    return SAVOR_OK;
}

savor_status sv_pickle_make_global(sv_pickle *v, sv_str module, sv_str name, sv_record **out)
{
    module = module_now(module);
    savor_status st = sv_pickle_make(v, SV_RECORD_GLOBAL, out);
    if (st)
        return st;
    char *text = sv_arena_text(v->arena, module.p, module.n);
    char *tail = text ? sv_arena_text(v->arena, name.p, name.n) : NULL;
    if (!tail)
        return sv_arena_fail(v->arena, module.n + name.n, v->err);
    (*out)->u.global = (sv_global){{text, module.n}, {tail, name.n}};
    return v->globals && module.n ? note_use(v, (*out)->u.global) : SAVOR_OK;
}

bool sv_pickle_is_global(const sv_record *r, const char *module, const char *name)
{
    return r && r->kind == SV_RECORD_GLOBAL && sv_str_is(r->u.global.name, name) &&
           sv_str_is(r->u.global.module, module);
}
