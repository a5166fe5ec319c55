#include "format/pickle_priv.h"

/* ---- what Python's own callables make ---- */

typedef savor_status (*maker)(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out);

static const sv_record *arg(const sv_record *args, size_t i) { return i < args->n ? args->u.items[i] : NULL; }

static bool is_sequence(const sv_record *r)
{
    return r && (r->kind == SV_RECORD_LIST || r->kind == SV_RECORD_TUPLE || r->kind == SV_RECORD_SET);
}

/* list(), set([...]): a container of the items of the one argument. */
static savor_status make_of_items(sv_pickle *v, sv_record_kind kind, const sv_record *args, sv_record **out)
{
    const sv_record *from = arg(args, 0);
    if (args->n > 1 || (from && !is_sequence(from)))
        return SAVOR_OK;
    return sv_pickle_make_list(v, kind, from ? from->u.items : NULL, from ? from->n : 0, out);
}

static savor_status make_list(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    (void)callee;
    return make_of_items(v, SV_RECORD_LIST, args, out);
}

static savor_status make_tuple(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    (void)callee;
    return make_of_items(v, SV_RECORD_TUPLE, args, out);
}

static savor_status make_set(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    (void)callee;
    return make_of_items(v, SV_RECORD_SET, args, out);
}

/* dict(), OrderedDict([[k, v], ...]), defaultdict(factory). */
static savor_status make_dict(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    const sv_record *from = arg(args, 0);
    bool is_default = sv_str_is(callee->u.global.name, "defaultdict"), is_known = args->n == 0;
    if (args->n == 1)
        is_known = is_default || from->kind == SV_RECORD_LIST || from->kind == SV_RECORD_DICT;
    for (size_t i = 0; is_known && !is_default && from && from->kind == SV_RECORD_LIST && i < from->n; i++)
        is_known = is_sequence(from->u.items[i]) && from->u.items[i]->n == 2;
    if (!is_known)
        return SAVOR_OK;
    savor_status st = sv_pickle_make(v, SV_RECORD_DICT, out);
    if (st || is_default || !from)
        from = NULL;
    if (from && from->kind == SV_RECORD_DICT)
        st = sv_pickle_append(v, *out, from->u.items, from->n * 2);
    for (size_t i = 0; !st && from && from->kind == SV_RECORD_LIST && i < from->n; i++)
        st = sv_pickle_append(v, *out, from->u.items[i]->u.items, 2);
    if (!st)
        ((sv_pickle_list *)*out)->made_by = callee;
    return st;
}

/* UTF-8 whose characters are below U+0100 -> bytes in the arena; false for other text. */
static bool encode_latin1(const sv_record *text, char *out, size_t *n)
{
    *n = 0;
    for (size_t at = 0; at < text->n;) {
        uint32_t c;
        at += sv_utf8_get(text->u.p + at, &c);
        if (c > 0xff)
            return false;
        out[(*n)++] = (char)c;
    }
    return true;
}

savor_status sv_pickle_make_encoded(sv_pickle *v, const sv_record *text, sv_record **out)
{
    size_t n;
    *out = NULL;
    char *bytes = sv_arena_alloc(v->arena, text->n);
    if (!bytes)
        return sv_arena_fail(v->arena, text->n, v->err);
    if (!encode_latin1(text, bytes, &n))
        return SAVOR_OK;
    savor_status st = sv_pickle_make(v, SV_RECORD_BYTES, out);
    if (st)
        return st;
    (*out)->u.p = bytes;
    (*out)->n = n;
    return SAVOR_OK;
}

/* _codecs.encode(text, "latin1"), as protocols 0 to 2 write bytes; bytearray(text, "latin-1"). */
static savor_status make_encoded(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    (void)callee;
    const sv_record *text = arg(args, 0), *encoding = arg(args, 1);
    bool is_latin1 = sv_record_is_text(encoding, "latin1") || sv_record_is_text(encoding, "latin-1");
    if (args->n != 2 || text->kind != SV_RECORD_TEXT || !is_latin1)
        return SAVOR_OK;
    return sv_pickle_make_encoded(v, text, out);
}

/* bytes(), bytearray(b"..."), bytes([1, 2]) stays a call. */
static savor_status make_bytes(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    if (args->n == 0)
        return sv_pickle_make_bytes(v, SV_RECORD_BYTES, SV_STR(""), out);
    if (args->n == 2)
        return make_encoded(v, callee, args, out);
    const sv_record *from = arg(args, 0);
    if (from->kind != SV_RECORD_BYTES)
        return SAVOR_OK;
    if (from->u.bytes.part)
        return sv_pickle_make_part(v, from->u.bytes.part, out);
    return sv_pickle_make_bytes(v, SV_RECORD_BYTES, (sv_str){from->u.p, from->n}, out);
}

/* copyreg.__newobj__(cls, *args): NEWOBJ of protocols before 2. */
static savor_status make_new(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    sv_record *rest;
    (void)callee;
    if (args->n == 0 || args->u.items[0]->kind != SV_RECORD_GLOBAL)
        return SAVOR_OK;
    savor_status st = sv_pickle_make_list(v, SV_RECORD_TUPLE, args->u.items + 1, args->n - 1, &rest);
    return st ? st : sv_pickle_make_object(v, SV_RECORD_OBJECT, (sv_record *)(uintptr_t)args->u.items[0], rest, out);
}

/* copyreg._reconstructor(cls, base, state): an object; `state` is what base(state) would be. */
static savor_status make_reconstructed(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    (void)callee;
    if (args->n != 3 || args->u.items[0]->kind != SV_RECORD_GLOBAL)
        return SAVOR_OK;
    const sv_record *base = args->u.items[1], *state = args->u.items[2];
    sv_record *cls = (sv_record *)(uintptr_t)args->u.items[0], *rest = v->empty;
    bool is_list = sv_pickle_is_global(base, "builtins", "list") && state->kind == SV_RECORD_LIST;
    bool is_dict = sv_pickle_is_global(base, "builtins", "dict") && state->kind == SV_RECORD_DICT;
    savor_status st = SAVOR_OK;
    if (!is_list && !is_dict && !sv_pickle_is_global(base, "builtins", "object"))
        st = sv_pickle_make_list(v, SV_RECORD_TUPLE, &state, 1, &rest);
    if (!st)
        st = sv_pickle_make_object(v, SV_RECORD_OBJECT, cls, rest, out);
    if (!st && is_list)
        ((sv_pickle_object *)*out)->object.items = state;
    if (!st && is_dict)
        ((sv_pickle_object *)*out)->object.pairs = state;
    return st;
}

static const struct {
    const char *module; /* NULL: one of numpy's, under any of its names */
    const char *name;
    maker make;
} MAKERS[] = {
    {"builtins", "list", make_list},
    {"builtins", "tuple", make_tuple},
    {"builtins", "set", make_set},
    {"builtins", "frozenset", make_set},
    {"builtins", "dict", make_dict},
    {"collections", "OrderedDict", make_dict},
    {"collections", "defaultdict", make_dict},
    {"builtins", "bytes", make_bytes},
    {"builtins", "bytearray", make_bytes},
    {"_codecs", "encode", make_encoded},
    {"copyreg", "__newobj__", make_new},
    {"copyreg", "_reconstructor", make_reconstructed},
    {"numpy", "dtype", sv_pickle_numpy_dtype},
    {"numpy.core.multiarray", "scalar", sv_pickle_numpy_scalar},
    {"numpy._core.multiarray", "scalar", sv_pickle_numpy_scalar},
    {"numpy.core.numeric", "_frombuffer", sv_pickle_numpy_frombuffer},
    {"numpy._core.numeric", "_frombuffer", sv_pickle_numpy_frombuffer},
};

savor_status sv_pickle_call(sv_pickle *v, sv_record *callee, sv_record *args, sv_record **out)
{
    savor_status st = SAVOR_OK;
    *out = NULL;
    for (size_t i = 0; i < sizeof MAKERS / sizeof *MAKERS; i++)
        if (sv_pickle_is_global(callee, MAKERS[i].module, MAKERS[i].name)) {
            st = MAKERS[i].make(v, callee, args, out);
            break;
        }
    if (!st && !*out)
        st = sv_pickle_make_object(v, SV_RECORD_CALL, callee, args, out);
    return st;
}

/* ---- states ---- */

/* An OrderedDict or the like that has attributes, too: an object with pairs after all, in the same place. */
static savor_status dict_to_object(sv_pickle *v, sv_record *r, const sv_record *state)
{
    sv_record *made_by = r->kind == SV_RECORD_DICT ? ((sv_pickle_list *)r)->made_by : NULL, *pairs;
    if (!made_by)
        return sv_pickle_fault(v, "a state for what has none");
    savor_status st = sv_pickle_make_list(v, SV_RECORD_DICT, r->u.items, 2 * r->n, &pairs);
    if (st)
        return st;
    sv_pickle_object *object = (sv_pickle_object *)r;
    *object = (sv_pickle_object){.r.kind = SV_RECORD_OBJECT};
    object->object = (sv_object){.callee = made_by, .args = v->empty, .state = state, .pairs = pairs};
    object->r.u.object = &object->object;
    return SAVOR_OK;
}

savor_status sv_pickle_build(sv_pickle *v, sv_record *r, sv_record *state)
{
    if (r->kind != SV_RECORD_OBJECT && r->kind != SV_RECORD_CALL)
        return dict_to_object(v, r, state);
    sv_pickle_object *object = (sv_pickle_object *)r;
    if (object->object.state)
        return sv_pickle_fault(v, "a second state for one object");
    object->object.state = state;
    if (object->dtype)
        return sv_pickle_build_dtype(v, object, state);
    if (sv_pickle_is_new_array(r))
        return sv_pickle_build_array(v, object, state);
    return sv_pickle_is_joblib(r) ? sv_pickle_read_joblib(v, object) : SAVOR_OK;
}

/* ---- opcodes ---- */

savor_status sv_pickle_op_build(sv_pickle *v)
{
    sv_record *state, *r;
    savor_status st = sv_pickle_pop(v, &state);
    if (!st)
        st = sv_pickle_top(v, &r);
    return st ? st : sv_pickle_build(v, r, state);
}

static savor_status push_global(sv_pickle *v, sv_str module, sv_str name)
{
    sv_record *r;
    if (!sv_utf8_check_surrogates(module.p, module.n) || !sv_utf8_check_surrogates(name.p, name.n))
        return sv_pickle_fault(v, "a name that is not UTF-8");
    savor_status st = sv_pickle_make_global(v, module, name, &r);
    return st ? st : sv_pickle_push(v, r);
}

savor_status sv_pickle_op_global(sv_pickle *v)
{
    sv_str module, name;
    savor_status st = sv_pickle_take_line(v, &module);
    if (!st)
        st = sv_pickle_take_line(v, &name);
    return st ? st : push_global(v, module, name);
}

savor_status sv_pickle_op_stack_global(sv_pickle *v)
{
    sv_record *module, *name;
    savor_status st = sv_pickle_pop(v, &name);
    if (!st)
        st = sv_pickle_pop(v, &module);
    if (!st && (module->kind != SV_RECORD_TEXT || name->kind != SV_RECORD_TEXT))
        st = sv_pickle_fault(v, "a name that is no text");
    return st ? st : push_global(v, sv_record_text(module), sv_record_text(name));
}

static savor_status check_call(const sv_pickle *v, const sv_record *callee, const sv_record *args)
{
    bool is_callable =
        callee->kind == SV_RECORD_GLOBAL || callee->kind == SV_RECORD_CALL || callee->kind == SV_RECORD_OBJECT;
    if (!is_callable)
        return sv_pickle_fault(v, "a call of what cannot be called");
    return args->kind == SV_RECORD_TUPLE ? SAVOR_OK : sv_pickle_fault(v, "arguments that are no tuple");
}

savor_status sv_pickle_op_reduce(sv_pickle *v)
{
    sv_record *callee, *args, *r;
    savor_status st = sv_pickle_pop(v, &args);
    if (!st)
        st = sv_pickle_pop(v, &callee);
    if (!st)
        st = check_call(v, callee, args);
    if (!st)
        st = sv_pickle_call(v, callee, args, &r);
    return st ? st : sv_pickle_push(v, r);
}

/* cls.__new__(cls, *args, **kwargs). */
static savor_status push_object(sv_pickle *v, sv_record *cls, sv_record *args, const sv_record *kwargs)
{
    sv_record *r;
    savor_status st = check_call(v, cls, args);
    if (!st)
        st = sv_pickle_make_object(v, SV_RECORD_OBJECT, cls, args, &r);
    if (st)
        return st;
    ((sv_pickle_object *)r)->object.kwargs = kwargs;
    return sv_pickle_push(v, r);
}

savor_status sv_pickle_op_newobj(sv_pickle *v)
{
    sv_record *cls, *args;
    savor_status st = sv_pickle_pop(v, &args);
    if (!st)
        st = sv_pickle_pop(v, &cls);
    return st ? st : push_object(v, cls, args, NULL);
}

savor_status sv_pickle_op_newobj_ex(sv_pickle *v)
{
    sv_record *cls, *args, *kwargs;
    savor_status st = sv_pickle_pop(v, &kwargs);
    if (!st)
        st = sv_pickle_pop(v, &args);
    if (!st)
        st = sv_pickle_pop(v, &cls);
    if (!st && kwargs->kind != SV_RECORD_DICT)
        st = sv_pickle_fault(v, "named arguments that are no dict");
    return st ? st : push_object(v, cls, args, kwargs);
}

/* Python 2's instances: a class, and its arguments above the mark. */
static savor_status push_instance(sv_pickle *v, sv_record *cls, sv_record **items, size_t n)
{
    sv_record *args;
    savor_status st = sv_pickle_make_list(v, SV_RECORD_TUPLE, (const sv_record *const *)items, n, &args);
    return st ? st : push_object(v, cls, args, NULL);
}

savor_status sv_pickle_op_inst(sv_pickle *v)
{
    sv_record **items, *cls;
    size_t n;
    savor_status st = sv_pickle_op_global(v);
    if (!st)
        st = sv_pickle_pop(v, &cls);
    if (!st)
        st = sv_pickle_pop_mark(v, &items, &n);
    return st ? st : push_instance(v, cls, items, n);
}

savor_status sv_pickle_op_obj(sv_pickle *v)
{
    sv_record **items;
    size_t n;
    savor_status st = sv_pickle_pop_mark(v, &items, &n);
    if (!st && n == 0)
        st = sv_pickle_fault(v, "an instance without a class");
    return st ? st : push_instance(v, items[0], items + 1, n - 1);
}

/* Objects that the pickler's owner keeps elsewhere: a call of a name that no module has. */
static savor_status push_persistent(sv_pickle *v, const sv_record *id)
{
    sv_record *callee, *args, *r;
    savor_status st = sv_pickle_make_global(v, SV_STR(""), SV_STR("persistent_load"), &callee);
    if (!st)
        st = sv_pickle_make_list(v, SV_RECORD_TUPLE, &id, 1, &args);
    if (!st)
        st = sv_pickle_make_object(v, SV_RECORD_CALL, callee, args, &r);
    return st ? st : sv_pickle_push(v, r);
}

savor_status sv_pickle_op_binpersid(sv_pickle *v)
{
    sv_record *id;
    savor_status st = sv_pickle_pop(v, &id);
    return st ? st : push_persistent(v, id);
}

savor_status sv_pickle_op_persid(sv_pickle *v)
{
    sv_str line;
    sv_record *id;
    savor_status st = sv_pickle_take_line(v, &line);
    if (!st && !sv_utf8_check(line.p, line.n))
        st = sv_pickle_fault(v, "a name that is not UTF-8");
    if (!st)
        st = sv_pickle_make_bytes(v, SV_RECORD_TEXT, line, &id);
    return st ? st : push_persistent(v, id);
}

savor_status sv_pickle_op_extension(sv_pickle *v)
{
    return sv_fail(v->err, SAVOR_UNSUPPORTED, "pickle byte %zu: extension codes are not supported", v->op_at);
}

savor_status sv_pickle_op_buffer(sv_pickle *v)
{
    return sv_fail(v->err, SAVOR_UNSUPPORTED, "pickle byte %zu: buffers outside the pickle are not supported",
                   v->op_at);
}
