"""What CPython and numpy make of a pickle, as the graph that record_dump prints, and the comparison of two graphs.

    python pickle_graph.py graph FILE                 prints the graph (needs numpy; joblib for joblib's files)
    python pickle_graph.py check RECORD_DUMP FILE...  compares record_dump's graph with that of FILE's neighbour FILE.json
    python pickle_graph.py live RECORD_DUMP FILE...   compares with what this Python reads (needs numpy)

Classes and functions are stood in for by their names, so nothing but numpy's own reconstruction is called.
"""
import io
import json
import os
import pickle
import struct
import subprocess
import sys

REAL_BUILTINS = {"set", "frozenset", "list", "dict", "tuple", "bytes", "bytearray", "object"}
NUMPY_CALLS = {"_reconstruct", "scalar", "_frombuffer", "dtype", "ndarray", "matrix", "memmap"}


class Global:
    def __init__(self, module, name):
        self.module, self.name = module, name

    def __call__(self, *args):
        return Object("call", self, args)


class Object:
    def __init__(self, kind, callee, args, kwargs=None):
        self.kind, self.callee, self.args, self.kwargs = kind, callee, args, kwargs
        self.state = self.items = self.pairs = None

    def __call__(self, *args):
        return Object("call", self, args)

    def append(self, item):
        self.extend([item])

    def extend(self, items):
        self.items = (self.items or []) + list(items)

    def __setitem__(self, key, value):
        if self.pairs is None:
            self.pairs = []
        self.pairs += [key, value]

    def __setstate__(self, state):
        assert self.state is None, "a second state"
        self.state = state


class Pairs(list):
    """A dict as its keys and values in turn, because the stand-ins cannot be hashed as the real ones."""

    def __setitem__(self, key, value):
        self.extend([key, value])


def reconstructor(cls, base, state):
    made = Object("object", cls, () if base is object or state is None else (state,))
    if base is list or (base is make_pairs and isinstance(state, Pairs)):
        made.args = ()
        setattr(made, "items" if base is list else "pairs", list(state))
    return made


def make_pairs(source=()):
    pairs = Pairs()
    for key, value in zip(source[::2], source[1::2]) if isinstance(source, Pairs) else source:
        pairs[key] = value
    return pairs


class Reader(pickle._Unpickler):
    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module, name):
        import numpy
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)
        if module == "builtins" and name == "dict" or (module, name) == ("collections", "OrderedDict"):
            return make_pairs
        if (module, name) == ("collections", "defaultdict"):
            return lambda *args: Pairs()
        if module == "builtins" and name in REAL_BUILTINS:
            return getattr(__import__("builtins"), name)
        if (module, name) == ("_codecs", "encode"):
            return lambda text, encoding: text.encode(encoding)
        if (module, name) == ("copyreg", "_reconstructor"):
            return reconstructor
        if module.split(".")[0] == "numpy" and name in NUMPY_CALLS:
            if name == "_frombuffer":
                return self.frombuffer
            if name == "_reconstruct":
                return numpy.ndarray.__reduce__(numpy.empty(0))[0]
            if name == "scalar":
                return numpy.float64(0).__reduce__()[0]
            return getattr(numpy, name)
        return Global(module, name)

    @staticmethod
    def frombuffer(buffer, dtype, shape, order, axes=None):
        import numpy
        array = numpy.frombuffer(buffer, dtype=dtype)
        if order == "K" and axes is not None:
            return array.reshape(shape, order="C").transpose(axes)
        return array.reshape(shape, order=order)

    def persistent_load(self, key):
        return Object("call", Global("", "persistent_load"), (key,))

    def load_newobj(self):
        args, cls = self.stack.pop(), self.stack.pop()
        self.append(Object("object", name_of(cls), args))

    def load_newobj_ex(self):
        kwargs, args, cls = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self.append(Object("object", name_of(cls), args, kwargs))

    def load_empty_dictionary(self):
        self.append(Pairs())

    def load_dict(self):
        items = self.pop_mark()  # changes what self.append is
        self.append(Pairs(items))

    def load_empty_set(self):
        self.append(Set())

    def load_frozenset(self):
        items = self.pop_mark()
        self.append(Set(items))

    def load_additems(self):
        items = self.pop_mark()
        self.stack[-1].extend(items)

    def _instantiate(self, cls, args):
        self.append(Object("object", name_of(cls), tuple(args)))

    def load_build(self):
        state, target = self.stack.pop(), self.stack[-1]
        wrapper = getattr(target, "callee", None)
        if isinstance(state, Pairs) and not isinstance(target, Object):
            raise ValueError("a state for a plain object")
        if isinstance(target, Object):
            target.__setstate__(state)
        else:  # of numpy: an array or a dtype, which takes real dicts
            target.__setstate__(tuple(dict(zip(v[::2], v[1::2])) if isinstance(v, Pairs) else
                                      v if not isinstance(v, tuple) or not v or not isinstance(v[0], Pairs) else
                                      ({}, *v[1:]) for v in state))
        if isinstance(wrapper, Global) and wrapper.name == "NumpyArrayWrapper":
            self.stack[-1] = self.joblib_array(dict(zip(state[::2], state[1::2])))
            for key, value in self.memo.items():
                if value is target:
                    self.memo[key] = self.stack[-1]

    def joblib_array(self, state):
        import numpy
        file = self.file
        if state["dtype"].hasobject:
            return Reader(file).load()
        if state.get("numpy_array_alignment_bytes") is not None:
            file.read(file.read(1)[0])
        n = int(numpy.prod(state["shape"], dtype=int)) * state["dtype"].itemsize
        return numpy.frombuffer(file.read(n), dtype=state["dtype"]).reshape(state["shape"], order=state["order"])

    def __init__(self, file):
        super().__init__(file, encoding="latin1")
        self.file = file

    for _name in ("newobj", "newobj_ex", "empty_dictionary", "dict", "empty_set", "frozenset", "additems", "build"):
        _op = {"newobj": pickle.NEWOBJ, "newobj_ex": pickle.NEWOBJ_EX, "empty_dictionary": pickle.EMPTY_DICT,
               "dict": pickle.DICT, "empty_set": pickle.EMPTY_SET, "frozenset": pickle.FROZENSET,
               "additems": pickle.ADDITEMS, "build": pickle.BUILD}[_name]
        dispatch[_op[0]] = locals()["load_" + _name]


class Set(list):
    pass


def name_of(cls):
    if isinstance(cls, (Global, Object)):
        return cls
    return Global(cls.__module__, cls.__name__)


# ---- a Python object as nodes ----

class Graph:
    def __init__(self):
        self.nodes, self.numbers, self.queue, self.keep = [], {}, [], []

    def ref(self, value):
        key = id(value)
        if key not in self.numbers:
            self.numbers[key] = len(self.nodes)
            self.nodes.append(None)
            self.keep.append(value)
            self.queue.append(value)
        return self.numbers[key]

    def of(self, root):
        self.ref(root)
        while self.queue:
            value = self.queue.pop()
            self.nodes[self.numbers[id(value)]] = self.node(value)
        return {"nodes": self.nodes}

    def refs(self, values):
        return [self.ref(v) for v in values]

    def maybe(self, value):
        return None if value is None else self.ref(value)

    def node(self, value):
        import numpy
        if value is None:
            return ["none"]
        if isinstance(value, (bool, numpy.bool_)):
            return ["bool", bool(value)]
        if isinstance(value, (int, numpy.integer)) and not isinstance(value, numpy.timedelta64):
            value = int(value)
            return ["int", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True).hex()]
        if isinstance(value, (float, numpy.float16, numpy.float32)) and not isinstance(value, numpy.longdouble):
            return ["float", struct.pack("<d", float(value)).hex()]
        if isinstance(value, str):
            return ["text", value.encode("utf-8", "surrogatepass").hex()]
        if isinstance(value, (bytes, bytearray)):
            return ["bytes", bytes(value).hex()]
        if isinstance(value, Pairs):
            return ["dict", self.refs(value)]
        if isinstance(value, (Set, set, frozenset)):
            return ["set", self.refs(value)]
        if isinstance(value, list):
            return ["list", self.refs(value)]
        if isinstance(value, tuple):
            return ["tuple", self.refs(value)]
        if isinstance(value, Global):
            return ["global", value.module.encode().hex(), value.name.encode().hex()]
        if isinstance(value, type):
            return ["global", value.__module__.encode().hex(), value.__name__.encode().hex()]
        if isinstance(value, Object):
            return [value.kind, self.ref(value.callee), self.ref(value.args),
                    None if value.kwargs is None else self.ref(value.kwargs),
                    None if value.state is None else self.ref(value.state),
                    self.maybe(value.items), None if value.pairs is None else self.ref(Pairs(value.pairs))]
        if isinstance(value, numpy.ndarray):
            return self.array(value)
        if isinstance(value, numpy.dtype):
            return ["dtype", value.str]
        if isinstance(value, numpy.generic):
            return ["opaque", type(value).__name__]
        if value is reconstructor or value is make_pairs or callable(value):
            return ["global", None, None]
        raise TypeError(type(value))

    def array(self, a):
        import numpy
        kind, shape = a.dtype.kind, list(a.shape)
        if a.dtype.names and all(a.dtype[n].base.kind in "biuf" and a.dtype[n].base.itemsize <= 8
                                 for n in a.dtype.names):
            fields = []
            values = {}
            for name in a.dtype.names:
                dtype, offset = a.dtype.fields[name][:2]
                fields.append([name.encode().hex(), dtype.base.name, offset, int(numpy.prod(dtype.shape, dtype=int))])
                values[name] = numpy.ascontiguousarray(a[name]).astype(dtype.base.newbyteorder("<")).tobytes().hex()
            return ["array", "fields", shape, list(values.values()), fields]
        if kind == "O":
            return ["array", "object", shape, self.refs(a.ravel().tolist()), []]
        if kind == "U":
            return ["array", "str", shape, [s.encode("utf-8", "surrogatepass").hex() for s in a.ravel().tolist()], []]
        if kind == "S":
            return ["array", "bytes", shape, [s.hex() for s in a.ravel().tolist()], []]
        if kind == "M":
            as_ns = a.astype("M8[ns]")
            return ["array", "datetime64[ns]", shape, as_ns.tobytes().hex(), []]
        if kind in "biuf" and a.dtype.itemsize <= 8:
            return ["array", a.dtype.name, shape, a.astype(a.dtype.newbyteorder("<")).tobytes().hex(), []]
        return ["opaque", a.dtype.str]


def graph_of(path):
    with open(path, "rb") as file:
        return Graph().of(Reader(io.BytesIO(file.read())).load())


# ---- comparing ----

class Different(Exception):
    pass


def field_bytes(node):
    """The bytes of each field of record_dump's structured array, as the other side has them."""
    raw, out = bytes.fromhex(node[3]), []
    sizes = {"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "int32": 4, "uint32": 4,
             "float32": 4, "int64": 8, "uint64": 8, "float64": 8}
    n_items = 1
    for dim in node[2]:
        n_items *= dim
    size = len(raw) // n_items if n_items else 0
    for _, dtype, offset, n in node[4]:
        width = sizes[dtype] * n
        out.append(b"".join(raw[i * size + offset:i * size + offset + width] for i in range(n_items)).hex())
    return out


class Compare:
    """Walks two graphs side by side; counts arrays."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours["nodes"], theirs["nodes"]
        self.seen, self.queue = set(), []
        self.n_arrays = self.n_opaque = self.n_nodes = 0

    def meet(self, a, b, path):
        if (a is None) != (b is None):
            raise Different(f"{path}: {a} against {b}")
        if a is not None and (a, b) not in self.seen:
            self.seen.add((a, b))
            self.queue.append((a, b, path))

    def run(self):
        self.meet(0, 0, "")
        while self.queue:
            a, b, path = self.queue.pop()
            self.n_nodes += 1
            self.pair(self.ours[a], self.theirs[b], path)

    def key_text(self, number):
        node = self.theirs[number]
        return bytes.fromhex(node[1]).decode("utf-8", "replace") if node[0] == "text" else str(node[1:])[:20]

    def pair(self, x, y, path):
        if y[0] == "opaque":
            self.n_opaque += 1
            if x[0] not in ("call", "object"):
                raise Different(f"{path}: {x[0]} for {y[1]}")
            return
        if y[0] == "dtype":
            if x[0] != "object":
                raise Different(f"{path}: {x[0]} for a dtype")
            return
        if x[0] != y[0]:
            raise Different(f"{path}: {str(x)[:60]} against {str(y)[:60]}")
        if x[0] == "array":
            self.array(x, y, path)
        elif x[0] == "int":
            if int.from_bytes(bytes.fromhex(x[1]), "little", signed=True) != \
                    int.from_bytes(bytes.fromhex(y[1]), "little", signed=True):
                raise Different(f"{path}: {x} against {y}")
        elif x[0] == "set":
            self.sets(x[1], y[1], path)
        elif x[0] in ("list", "tuple", "dict"):
            if len(x[1]) != len(y[1]):
                raise Different(f"{path}: {len(x[1])} against {len(y[1])} items")
            for i, (a, b) in enumerate(zip(x[1], y[1])):
                name = self.key_text(y[1][i - i % 2]) if x[0] == "dict" else i
                self.meet(a, b, f"{path}.{name}")
        elif x[0] in ("object", "call"):
            for i, (a, b) in enumerate(zip(x[1:], y[1:])):
                self.meet(a, b, path + (".callee", ".args", ".kwargs", "", ".items", ".pairs")[i])
        elif x[0] == "global":
            if y[1] is not None and x != y:
                raise Different(f"{path}: {x} against {y}")
        elif x != y:
            raise Different(f"{path}: {str(x)[:80]} against {str(y)[:80]}")

    def sets(self, ours, theirs, path):
        if len(ours) != len(theirs):
            raise Different(f"{path}: {len(ours)} against {len(theirs)} in a set")
        text = [sorted(json.dumps(nodes[i]) for i in items if nodes[i][0] in ("text", "float", "bytes", "bool"))
                for nodes, items in ((self.ours, ours), (self.theirs, theirs))]
        if text[0] != text[1]:
            raise Different(f"{path}: sets differ")

    def array(self, x, y, path):
        self.n_arrays += 1
        if x[1] != y[1] or x[2] != y[2] or x[4] != y[4]:
            raise Different(f"{path}: array {x[1], x[2], x[4]} against {y[1], y[2], y[4]}")
        if x[1] == "object":
            for i, (a, b) in enumerate(zip(x[3], y[3])):
                self.meet(a, b, f"{path}[{i}]")
        elif (field_bytes(x) if x[1] == "fields" else x[3]) != y[3]:
            raise Different(f"{path}: elements of {x[1]} differ")


def dump_of(program, path):
    done = subprocess.run([program, os.path.dirname(path) or ".", os.path.basename(path)], stdout=subprocess.PIPE,
                          text=True, timeout=300)
    if done.returncode not in (0, 1):
        raise Different(f"record_dump ended with {done.returncode}")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        raise Different("record_dump printed no JSON") from None


def check(program, paths, expected_of):
    n_passed = n_arrays = n_opaque = n_nodes = 0
    failed = []
    for path in paths:
        try:
            theirs, error = expected_of(path), None
        except Exception as e:  # what Python refuses, savor refuses
            theirs, error = None, f"{type(e).__name__}: {e}"
        try:
            ours = dump_of(program, path)
            if error is not None and "error" not in ours:
                raise Different(f"read, but Python said {error}")
            if error is None and "error" in ours:
                raise Different(f"{ours['error']} {ours['where']} {ours['message']}")
            if error is None:
                walk = Compare(ours, theirs)
                walk.run()
                n_arrays, n_opaque, n_nodes = n_arrays + walk.n_arrays, n_opaque + walk.n_opaque, n_nodes + walk.n_nodes
            n_passed += 1
        except (Different, subprocess.TimeoutExpired) as e:
            failed.append(path)
            print(f"FAILED {path}: {e}")
    print(f"{n_passed} passed, {len(failed)} failed; {n_nodes} objects, {n_arrays} arrays, {n_opaque} left inert")
    return 1 if failed else 0


def recorded(path):
    with open(path + ".json", encoding="utf-8") as file:
        graph = json.load(file)
    if "error" in graph:
        raise ValueError(graph["error"])
    return graph


def main(argv):
    if argv[:1] == ["graph"] and len(argv) == 2:
        json.dump(graph_of(argv[1]), sys.stdout)
        return 0
    if argv[:1] == ["check"] and len(argv) > 2:
        return check(argv[1], argv[2:], recorded)
    if argv[:1] == ["live"] and len(argv) > 2:
        return check(argv[1], argv[2:], graph_of)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
