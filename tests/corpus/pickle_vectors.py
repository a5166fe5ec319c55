"""Writes pickles of everything that the pickle reader understands, each with the graph that CPython makes of it.

    python pickle_vectors.py FOLDER TAG        TAG names the environment: "numpy1", "numpy2"

FILE and FILE.json; pickle_graph.py check compares them with what savor reads. Needs numpy and joblib.
"""
import collections
import io
import json
import os
import pickle
import sys

import joblib
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pickle_graph import Graph, graph_of  # noqa: E402


class Plain:
    def __init__(self, **values):
        self.__dict__.update(values)


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b


class Rows(list):
    pass


class Names(dict):
    pass


class New:
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

    def __getnewargs_ex__(self):
        return (1, 2), {"three": 3}


def plain(protocol):
    loop = []
    loop.append(loop)
    rows, names, ordered = Rows([1, 2]), Names(a=1), collections.OrderedDict([("z", 1), ("a", 2)])
    rows.kind, names.kind = "r", "n"
    shared = ["shared"]
    return {"none": None, "bools": [True, False], "ints": [0, 1, 255, 256, 65535, 65536, -1, 2**31, -2**31 - 1, 2**62,
            2**63 - 1, -2**63, 2**63, 2**64, -2**64, 10**40, -10**40], "floats": [0.0, -0.0, 1.5, 1e300, float("inf"),
            float("-inf"), 5e-324, 0.1], "texts": ["", "a", "\u00e4\u20ac\U0001f600\\n\n\\u0041", "x" * 300, "\ud800"],
            "bytes": [b"", b"\x00\xff", b"b" * 300, bytearray(b"array")], "tuples": [(), (1,), (1, 2), (1, 2, 3),
            (1, 2, 3, 4)], "sets": [{1}, frozenset([2]), set(), frozenset()], "loop": loop, "twice": [shared, shared],
            "ordered": ordered, "default": collections.defaultdict(list, {"a": [1]}), "plain": Plain(a=1, b=[2]),
            "slots": Slots(1, "b") if protocol > 1 else None, "rows": rows, "names": names, "deque": collections.deque([1, 2], 3),
            "complex": 1 + 2j, "new": New() if protocol > 1 else None, "class": Plain, "function": len, "nested": {"a": {"b": {"c": [[[1]]]}}},
            "many": [0] * 1100, "keys": {i: None for i in range(300)}, "range": range(3)}


def arrays():
    base = np.arange(24).reshape(2, 3, 4)
    fields = np.zeros(3, dtype=[("left", "<i8"), ("threshold", "<f8"), ("flag", "u1"), ("big", ">f4")])
    fields["threshold"], fields["flag"], fields["big"] = [0.5, -1.5, np.nan], [1, 0, 1], [1.25, 2.5, 3.75]
    aligned = np.zeros(2, dtype=np.dtype([("a", "u1"), ("b", "<f8"), ("c", "<i4", (2, 2))], align=True))
    aligned["b"], aligned["c"] = [1.5, 2.5], 7
    same = np.arange(3.0)
    return {"kinds": [np.array([0, 1, 100], dtype=t) for t in ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8",
            "f2", "f4", "f8")], "swapped": [np.array([1, 2, 300], dtype=t) for t in (">i2", ">u4", ">i8", ">f4", ">f8")],
            "fortran": np.asfortranarray(base), "c": base, "permuted": base.transpose(1, 0, 2), "sliced": base[:, ::2],
            "scalars": [np.float64(1.5), np.float32(0.1), np.float16(2.5), np.int64(-3), np.uint8(7), np.bool_(True),
            np.uint64(2**64 - 1), np.str_("t"), np.bytes_(b"t"), np.datetime64("2020-01-01"), np.complex128(1j)],
            "zero": [np.empty((0,)), np.empty((0, 3)), np.array(2.5), np.array("t"), np.empty((0,), dtype="O")],
            "texts": [np.array(["a", "\u00e4\u20ac", ""]), np.array(["b", "\U0001f600"], dtype=">U2"),
            np.array([b"x", b"yz\x00w"]), np.array([["a"], ["b"]], order="F")],
            "objects": [np.array([None, "a", 1.5, [1]], dtype=object), np.array([["a", "b"], ["c", "d"]], dtype=object,
            order="F")], "dates": [np.array(["2020-01-01", "NaT"], dtype="M8[D]"), np.array([1, 2], dtype="M8[ns]"),
            np.array([1], dtype="M8[25s]"), np.array([1], dtype="m8[s]")], "fields": fields, "aligned": aligned,
            "inert": [np.array([1j]), np.array([(1, "t")], dtype=[("a", "i4"), ("b", "U2")]), np.longdouble(1),
            np.ma.masked_array([1, 2], [True, False])], "matrix": np.matrix([[1, 2]]), "same": [same, same],
            "dtypes": [np.dtype("f8"), np.dtype(">i4"), np.dtype("U7")], "types": [np.float64, np.int32, float],
            "function": np.log1p, "generator": np.random.default_rng(1)}


# As Python 2 wrote them: str without unicode, copy_reg, __builtin__, old classes, numpy's str as data.
BY_HAND = {
    "py2-text": b"(dp0\nS'a'\np1\nI1\nsS'b\\x41\\'\\n\\xe9'\np2\n(lp3\nI01\naL5L\naF1.5\naNasVu\\u20ac\np4\n(I1\nI2\ntp5\ns.",
    "py2-reconstructor": b"ccopy_reg\n_reconstructor\np0\n(c__main__\nP\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n"
                         b"(dp5\nS'x'\np6\nI1\nsb.",
    "py2-instance": b"(i__main__\nOld\np0\n(dp1\nS'x'\np2\nI1\nsb.",
    "py2-obj": b"\x80\x02(c__main__\nOld\nq\x00K\x01oq\x01}q\x02U\x01xq\x03K\x02sb.",
    "py2-array": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
                 b"(K\x01K\x02\x85cnumpy\ndtype\nq\x04U\x02f8K\x00K\x01\x87Rq\x05(K\x03U\x01<NNNJ\xff\xff\xff\xff"
                 b"J\xff\xff\xff\xffK\x00tb\x89U\x10\x00\x00\x00\x00\x00\x00\xf8\x3f\x00\x00\x00\x00\x00\x00\x04\xc0tb.",
    "py2-set": b"\x80\x02c__builtin__\nset\nq\x00]q\x01(K\x01K\x02e\x85Rq\x02.",
    "dup-pop": b"\x80\x02]q\x00(K\x01K\x020e2\x86.",
    "pop-mark": b"\x80\x04](K\x01K\x021(K\x030K\x04e.",
    "persistent": b"\x80\x02U\x01kQ.",
    "trailing": b"\x80\x04K\x01.and what follows is not read",
}
DAMAGED = {
    "bad-opcode": b"\x80\x04\xff.",
    "bad-empty": b"",
    "bad-stop": b"\x80\x04.",
    "bad-cut": b"\x80\x04\x8c\x05ab",
    "bad-length": b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
    "bad-memo": b"\x80\x04h\x01.",
    "bad-mark": b"\x80\x04K\x01t.",
    "bad-append": b"\x80\x04K\x01K\x02a.",
    "bad-utf8": b"\x80\x04\x8c\x01\xff.",
    "bad-array": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01K\x02\x85"
                 b"cnumpy\ndtype\nX\x02\x00\x00\x00f8K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xff"
                 b"J\xff\xff\xff\xffK\x00tb\x89C\x08\x00\x00\x00\x00\x00\x00\xf8\x3ftb.",
}


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    try:
        graph = graph_of(path)
    except Exception as e:
        graph = {"error": type(e).__name__}
    if name.startswith("bad") != ("error" in graph):
        raise SystemExit(f"{name}: {str(graph)[:200]}")
    with open(path + ".json", "w", encoding="utf-8") as file:
        json.dump(graph, file, separators=(",", ":"))


def joblib_bytes(value, **options):
    file = io.BytesIO()
    joblib.dump(value, file, **options)
    return file.getvalue()


def main(folder, tag):
    os.makedirs(folder, exist_ok=True)
    for protocol in range(6):
        if tag == "numpy2":
            write(folder, f"plain-{protocol}", pickle.dumps(plain(protocol), protocol))
        if tag == "numpy2" or protocol in (2, 5):
            write(folder, f"arrays-{tag}-{protocol}", pickle.dumps(arrays(), protocol))
    held = {"a": np.arange(6.0).reshape(2, 3), "f": np.asfortranarray(np.arange(6).reshape(2, 3)), "text": "t",
            "o": np.array(["x", None], dtype=object), "s": np.array(["u", "vw"]), "z": np.empty((0, 2)),
            "w": [Plain(a=np.float32([1, 2])), np.arange(4, dtype="u2")]}
    write(folder, f"joblib-{tag}", joblib_bytes(held))
    if tag == "numpy2":
        for name in ("zlib", "gzip", "bz2", "xz", "lzma"):
            path = os.path.join(folder, f"joblib-{tag}")
            packed = joblib_bytes(held, compress=(name, 6))
            with open(f"{path}-{name}", "wb") as file:
                file.write(packed)
            with open(f"{path}-{name}.json", "w", encoding="utf-8") as file:
                json.dump(graph_without_compression(held), file, separators=(",", ":"))
        for name, data in {**BY_HAND, **DAMAGED}.items():
            write(folder, name, data)


def graph_without_compression(held):
    """The graph of the file without compression: padding aside, joblib writes the same."""
    from pickle_graph import Reader
    return Graph().of(Reader(io.BytesIO(joblib_bytes(held))).load())


if __name__ == "__main__":
    main(*sys.argv[1:3])
