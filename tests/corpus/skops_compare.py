#!/usr/bin/env python3
"""Compares the records of skops files with the objects that skops.io.load makes of them.

    PYTHON tests/corpus/skops_compare.py build/release/tests/corpus/record_print FILE...

PYTHON has skops and whatever the files need. Each array is compared byte by byte, each number by its bits, each object
by its class and by what its own __reduce_ex__ gives, which is what a pickle would hold. Ends in "N passed, N failed, N known"; known are files
that skops cannot load either.
"""
import collections
import copyreg
import json
import struct
import subprocess
import sys

import numpy as np
import skops.io


class Different(Exception):
    pass


def check(ok, where, got, expected):
    if not ok:
        raise Different(f"{where}: got {str(got)[:200]}, expected {str(expected)[:200]}")


def is_dict(rec, key):
    return isinstance(rec, dict) and key in rec


def check_array(rec, a, where):
    check(is_dict(rec, "array"), where, rec, a)
    check(tuple(rec["shape"]) == a.shape, where, rec["shape"], a.shape)
    data = rec["data"]
    if a.dtype.hasobject:
        check(rec["array"] == "object", where, rec["array"], a.dtype)
        for i, (r, o) in enumerate(zip(data, a.ravel(), strict=True)):
            compare(r, o, f"{where}[{i}]")
    elif a.dtype.names:
        check(rec["array"] == "void" and rec["item_bytes"] == a.dtype.itemsize, where, rec, a.dtype)
        fields = [[n, a.dtype[n].base.name, a.dtype.fields[n][1], int(np.prod(a.dtype[n].shape))] for n in a.dtype.names]
        check(rec["fields"] == fields, where, rec["fields"], fields)
        raw = np.frombuffer(bytes.fromhex(data), a.dtype).reshape(a.shape)
        for n in a.dtype.names:
            check(raw[n].tobytes() == a[n].tobytes(), f"{where}.{n}", "other bytes", "")
    elif a.dtype.kind == "U":
        check(data == a.ravel().tolist(), where, data, a)
    elif a.dtype.kind == "S":
        check(data == [x.hex() for x in a.ravel().tolist()], where, data, a)
    elif a.dtype.kind == "M":
        check(data == a.astype("M8[ns]").tobytes().hex(), where, data, a)
    else:
        check(rec["array"] == a.dtype.name, where, rec["array"], a.dtype)
        check(data == a.astype(a.dtype.newbyteorder("<")).tobytes().hex(), where, "other bytes", a)


def check_dict(rec, d, where):
    check(is_dict(rec, "dict"), where, rec, d)
    pairs = rec["dict"]
    check(len(pairs) == 2 * len(d), where, len(pairs) // 2, len(d))
    for i, (k, v) in enumerate(d.items()):
        compare(pairs[2 * i], k, f"{where} key {k!r}")
        compare(pairs[2 * i + 1], v, f"{where}[{k!r}]")


def check_items(rec, items, where):
    check(isinstance(rec, list) and len(rec) == len(items), where, rec, items)
    for i, (r, o) in enumerate(zip(rec, items)):
        compare(r, o, f"{where}[{i}]")


def name_of(t):
    return [t.__module__, t.__name__]


def check_sparse(rec, m, where):
    check(rec["object"]["global"][1] == type(m).__name__, where, rec["object"], type(m))
    state = dict(zip(rec["state"]["dict"][::2], rec["state"]["dict"][1::2]))
    compare(state.pop("_shape"), tuple(int(n) for n in m.shape), f"{where}._shape")
    for name, r in state.items():
        a = getattr(m, name)
        if name != "data":  # load_npz makes int32 of indices that fit
            a = a.astype(r["array"])
        check_array(r, a, f"{where}.{name}")
    for name in ("data", "indices", "indptr"):
        check(name in state or not hasattr(m, name), where, sorted(state), name)


def check_object(rec, obj, where):
    kind = "object" if is_dict(rec, "object") else "call"
    check(is_dict(rec, kind), where, rec, obj)
    if hasattr(obj, "tocsr"):
        return check_sparse(rec, obj, where)
    if isinstance(obj, (np.random.RandomState, np.random.Generator)):
        return check(rec["object"]["global"] == name_of(type(obj)), where, rec["object"], type(obj))
    if isinstance(obj, np.ma.MaskedArray):
        check_array(rec["args"]["tuple"][0], np.asarray(obj.data), f"{where}.data")
        return compare(rec["args"]["tuple"][1], obj.mask, f"{where}.mask")
    if isinstance(obj, np.dtype):
        return compare(rec["args"], obj.__reduce__()[1], where)
    reduced = obj.__reduce_ex__(2) + (None, None, None)
    callee, args, state, items, pairs = reduced[:5]
    if callee is copyreg.__newobj__:
        callee, args = args[0], args[1:]
        check(kind == "object", where, kind, "object")
    elif callee.__name__ == "newObj":  # KDTree: skops keeps class and state
        callee, args = args[0], args[1:]
    elif callee.__name__.startswith("__pyx_unpickle"):  # losses: skops keeps the class and the state as arguments
        if kind == "object":  # skops before 0.11 lost the arguments
            return check(rec[kind]["global"] == name_of(args[0]), where, rec[kind], args[0])
        callee, args, state = args[0], tuple(args[2] or ()), None
    else:
        check(kind == "call", where, kind, "call")
    check(rec[kind]["global"] == name_of(callee), where, rec[kind], callee)
    compare(rec["args"], args, f"{where}.args")
    if pairs is not None:
        check_dict(rec["pairs"], dict(pairs), f"{where}.pairs")
        state = None  # skops does not keep it
    if items is not None:
        check_items(rec["items"], list(items), f"{where}.items")
        state = None
    if not state and not isinstance(state, dict):
        return check("state" not in rec, where, rec.get("state"), state)
    compare(rec.get("state"), state, where)


def compare(rec, obj, where="root"):
    t = type(obj)
    if obj is None or t is bool or t is str:
        check(rec is obj or (t is str and type(rec) is str and rec == obj), where, rec, obj)
    elif isinstance(obj, np.generic) and obj.dtype.names is None and obj.dtype.kind != "M":
        compare(rec, obj.item(), where)
    elif t is int:
        got = int.from_bytes(bytes.fromhex(rec["int"]), "little", signed=True) if is_dict(rec, "int") else rec
        check(type(got) is int and got == obj, where, rec, obj)
    elif t is float:
        check(is_dict(rec, "float") and bytes.fromhex(rec["float"]) == struct.pack("<d", obj), where, rec, obj)
    elif t is list:
        check_items(rec, obj, where)
    elif t is tuple:
        check(is_dict(rec, "tuple"), where, rec, obj)
        check_items(rec["tuple"], obj, where)
    elif t in (dict, collections.OrderedDict, collections.defaultdict):
        check_dict(rec, obj, where)
    elif t in (set, frozenset):
        check(is_dict(rec, "set") and len(rec["set"]) == len(obj), where, rec, obj)
        check(sorted(map(str, rec["set"])) == sorted(str(o) for o in obj), where, rec, obj)
    elif t in (bytes, bytearray):
        check(is_dict(rec, "bytes") and rec["bytes"] == obj.hex(), where, "other bytes", obj[:20])
    elif isinstance(obj, (np.ndarray, np.generic)) and not isinstance(obj, np.ma.MaskedArray):
        check_array(rec, np.asarray(obj), where)
    elif isinstance(obj, type) or (callable(obj) and hasattr(obj, "__name__") and not hasattr(obj, "__self__")):
        check(is_dict(rec, "global") and rec["global"][1] == obj.__name__, where, rec, obj)
    elif is_dict(rec, "global"):  # a builtin function
        check(rec["global"][1] == obj.__name__, where, rec, obj)
    elif hasattr(obj, "__self__") and hasattr(obj, "__func__"):
        check(rec["call"]["global"] == ["builtins", "getattr"], where, rec, obj)
        compare(rec["args"]["tuple"], [obj.__self__, obj.__func__.__name__], where)
    else:
        check_object(rec, obj, where)


def trusted_types(path):
    """Everything: get_untrusted_types itself fails on some nodes of protocol 0."""
    try:
        return skops.io.get_untrusted_types(file=path)
    except Exception:
        return True


def main(program, paths):
    n_failed = n_known = 0
    for path in paths:
        try:
            obj = skops.io.load(path, trusted=trusted_types(path))
        except Exception as e:  # old versions wrote what they could not read
            n_known += 1
            print(f"known {path}: skops itself: {e!r}")
            continue
        try:
            out = subprocess.run([program, "skops", path], capture_output=True, check=False)
            check(out.returncode == 0, "read", out.stderr.decode(), "records")
            compare(json.loads(out.stdout), obj)
        except Different as e:
            n_failed += 1
            print(f"FAILED {path}: {e}")
    print(f"{len(paths) - n_failed - n_known} passed, {n_failed} failed, {n_known} known")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
