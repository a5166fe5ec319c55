"""The body of a PREDICT message -> what MLflow would have called the model with.

With pandas and numpy a frame is a DataFrame and an array an ndarray, in the dtypes that the message says. Without
them a frame is a list of dicts, and an array nested lists.
"""

import struct

try:
    import numpy as np
except ImportError:  # a model that is plain Python
    np = None
try:
    import pandas as pd
except ImportError:
    pd = None

NAMES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
    "float64", "str", "bytes", "datetime64[ns]", "object",
]  # fmt: skip
FORMATS = dict(zip(NAMES, "?bhiqBHIQefd"))
FORMATS["datetime64[ns]"] = "q"
SIZES = dict(zip(NAMES, [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 0, 0, 8, 0]))
NAT = -(2**63)
NONE = 2**64 - 1  # for a number of params
BLOCKS = set(NAMES[:12])  # numbers and bools
DTYPES = {} if np is None else {n: np.dtype(n).newbyteorder("<") for n in NAMES if SIZES[n]}

U64 = struct.Struct("<Q")
I64 = struct.Struct("<q")
F64 = struct.Struct("<d")


def text_of(view):
    return str(view, "utf-8", "surrogatepass")


def timestamp(ns):
    if pd is not None:
        return pd.NaT if ns == NAT else pd.Timestamp(ns)
    return None if ns == NAT else ns


class Reader:
    """Walks a body; every step ends on a multiple of 8 bytes."""

    def __init__(self, body, is_ours):
        self.body = body
        self.at = 0
        self.is_ours = is_ours  # arrays may lie where the body lies

    def u64(self):
        value = U64.unpack_from(self.body, self.at)[0]
        self.at += 8
        return value

    def i64(self):
        value = I64.unpack_from(self.body, self.at)[0]
        self.at += 8
        return value

    def bytes(self, n):
        start = self.at
        self.at = (start + n + 7) & ~7
        return self.body[start : start + n]

    def text(self):
        return text_of(self.bytes(self.u64()))

    def label(self):
        return self.i64() if self.u64() else self.text()

    # ---- single values

    def values(self, n):
        """`n` values of any kind, unaligned, after their size."""
        size = self.u64()
        values, at = [], self.at
        for _ in range(n):
            value, at = self.value(at)
            values.append(value)
        self.at = (self.at + size + 7) & ~7
        return values

    def value(self, at):
        body, tag = self.body, self.body[at]
        at += 1
        if tag == 0:
            return None, at
        if tag == 4:
            return F64.unpack_from(body, at)[0], at + 8
        if tag in (10, 11):
            return self.numpy_value(tag, at)
        if tag in (1, 2, 7):
            number = I64.unpack_from(body, at)[0]
            return (bool(number) if tag == 1 else number if tag == 2 else timestamp(number)), at + 8
        n = U64.unpack_from(body, at)[0]
        at += 8
        if tag == 8:
            return self.list(n, at)
        if tag == 9:
            return self.dict(n, at)
        piece = body[at : at + n]
        return (int(text_of(piece)) if tag == 3 else text_of(piece) if tag == 5 else bytes(piece)), at + n

    def list(self, n, at):
        out = []
        for _ in range(n):
            value, at = self.value(at)
            out.append(value)
        return out, at

    def dict(self, n, at):
        out = {}
        for _ in range(n):
            key, at = self.value(at)
            out[key], at = self.value(at)
        return out, at

    def numpy_value(self, tag, at):
        """A numpy array in a cell, or a numpy scalar."""
        dtype, n_dims = struct.unpack_from("<II", self.body, at)
        shape = struct.unpack_from("<%dQ" % n_dims, self.body, at + 8)
        n = 1
        for size in shape:
            n *= size
        items, at = self.list(n, at + 8 + 8 * n_dims)
        if np is None:
            return (items[0] if tag == 11 else nest(items, shape)), at
        array = array_of(NAMES[dtype], items).reshape(shape)
        return (array[()] if tag == 11 else array), at

    # ---- buffers

    def texts(self, n, is_text):
        """Texts or bytes in Arrow's large layout; None where the bit is not set."""
        bits = self.bytes((n + 7) // 8)
        ends = struct.unpack_from("<%dQ" % (n + 1), self.body, self.at)
        self.at += 8 * (n + 1)
        data = self.bytes(ends[-1])
        make = text_of if is_text else bytes
        return [make(data[ends[i] : ends[i + 1]]) if bits[i >> 3] >> (i & 7) & 1 else None for i in range(n)]

    def items(self, name, n):
        """The elements: an ndarray for plain types, a list for others or without numpy."""
        if name == "object":
            return self.values(n)
        if name in ("str", "bytes"):
            return self.texts(n, name == "str")
        data = self.bytes(n * SIZES[name])
        if np is not None:
            array = np.frombuffer(data, dtype=DTYPES[name])
            return array if self.is_ours else array.copy()
        values = list(struct.unpack("<%d%s" % (n, FORMATS[name]), data))
        return [timestamp(v) for v in values] if name == "datetime64[ns]" else values


def object_array(values):
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        out[i] = value
    return out


def column_of(name, items):
    if name == "str" and PANDAS_TEXT:
        return pd.array(items, dtype="str")
    return object_array(items) if name in ("str", "bytes", "object") else items


def index_of(labels):
    """The columns of a frame: integers that count are a range, as pandas makes them."""
    return pd.RangeIndex(len(labels)) if labels == list(range(len(labels))) else pd.Index(labels)


def make_frame(names, labels, columns, n_rows):
    first = names[0] if names else "object"
    if all(name == "bytes" for name in names) and names:  # an array's: fixed width, the same in all columns
        return pd.DataFrame(np.array(columns, dtype="S").T, columns=index_of(labels))
    if first in BLOCKS and all(name == first for name in names):  # one block, which is much faster to make
        block = np.empty((len(columns), n_rows), dtype=columns[0].dtype)
        for i, column in enumerate(columns):
            block[i] = column
        return pd.DataFrame(block.T, columns=index_of(labels), copy=False)
    columns = [column_of(name, items) for name, items in zip(names, columns)]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(n_rows), copy=False)
    frame.columns = index_of(labels)
    return frame


def read_frame(reader):
    n_rows, n_columns = reader.u64(), reader.u64()
    names, labels, columns = [], [], []
    for _ in range(n_columns):
        names.append(NAMES[reader.u64()])
        labels.append(reader.label())
        columns.append(reader.items(names[-1], n_rows))
    if pd is not None:
        return make_frame(names, labels, columns, n_rows)
    columns = [c if np is None or isinstance(c, list) else c.tolist() for c in columns]
    return [dict(zip(labels, row)) for row in zip(*columns)]


def nest(items, shape):
    """A flat list as nested lists."""
    for n in reversed(shape[1:]):
        items = [items[i : i + n] for i in range(0, len(items), n)] if n else [[] for _ in range(shape[0])]
    return items if shape else items[0]


def array_of(name, items):
    """A flat ndarray of Python values."""
    if name == "object" or (name in ("str", "bytes") and None in items):
        return object_array(items)
    if name in ("str", "bytes"):
        return np.array(items, dtype="U" if name == "str" else "S")
    if name == "datetime64[ns]":
        return np.array([NAT if item is pd.NaT else item.value for item in items], dtype=np.int64).view(name)
    return np.array(items, dtype=name)


def read_tensor(reader):
    head = reader.u64()
    name = NAMES[head & 0xFFFFFFFF]
    shape = [reader.u64() for _ in range(head >> 32)]
    n = 1
    for size in shape:
        n *= size
    chars = reader.u64() if name == "str" else 0
    items = reader.items(name, n)
    if np is None:
        return nest(items, shape)
    if name in ("object", "str", "bytes"):
        items = array_of(name, items)
    if items.dtype.kind == "U" and items.dtype.itemsize < 4 * chars:
        items = items.astype("U%d" % chars)
    return items.reshape(shape)


def read_named(reader):
    out = {}
    for _ in range(reader.u64()):
        name = reader.text()
        out[name] = read_tensor(reader)
    return out


KINDS = [read_frame, read_tensor, read_named, lambda reader: reader.values(1)[0]]


def read_request(body, is_ours=False):
    """(data, params) of a PREDICT message."""
    reader = Reader(body, is_ours)
    n_params = reader.u64()
    params = None if n_params == NONE else {}
    for _ in range(n_params if n_params != NONE else 0):
        name = reader.text()
        params[name] = reader.values(1)[0]
    return KINDS[reader.u64()](reader), params


def has_pandas_text():
    """Since pandas 3 text columns have a type of their own."""
    if pd is None:
        return False
    return int(pd.__version__.split(".")[0]) >= 3


PANDAS_TEXT = has_pandas_text()
