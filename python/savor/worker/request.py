"""The body of a PREDICT message -> what MLflow would have called the model with.

With pandas and numpy a frame is a DataFrame and an array an ndarray, in the dtypes that the message says. Without
them a frame is a list of dicts, and an array nested lists.
"""

import ast
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


def other_label(shown):
    """A label that is neither text nor a small integer, of what str() makes of it."""
    try:
        return float(shown) if "." in shown or shown[-1:] in ("n", "f") else ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return shown


class Damaged(Exception):
    """A body that is not what the protocol says."""


class Reader:
    """Walks a body; every step ends on a multiple of 8 bytes, and none goes beyond the end."""

    def __init__(self, body):
        self.body = body
        self.at = 0

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
        if self.at > len(self.body):
            raise Damaged("the message ended inside a buffer")
        return self.body[start : start + n]

    def text(self):
        return text_of(self.bytes(self.u64()))

    def label(self):
        kind = self.u64()
        return self.i64() if kind == 1 else other_label(self.text()) if kind else self.text()

    # ---- single values

    def values(self, n):
        """`n` values of any kind, unaligned, after their size."""
        size = self.u64()
        at, values = self.at, []
        self.bytes(size)
        end = at + size
        for _ in range(n):
            value, at = self.value(at)
            values.append(value)
        if at != end:
            raise Damaged("values had another size than was said")
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
        if len(piece) != n:
            raise Damaged("the message ended inside a value")
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
        items, at = self.list(count_items(shape), at + 8 + 8 * n_dims)
        if np is None:
            return (items[0] if tag == 11 else nest(items, shape)), at
        array = array_of(NAMES[dtype], items).reshape(shape)
        return (array[()] if tag == 11 else array), at

    # ---- buffers

    def texts(self, n, is_text):
        """Texts or bytes in Arrow's large layout; None where the bit is not set."""
        bits = bytes(self.bytes((n + 7) // 8))
        ends = self.bytes(8 * (n + 1)).cast("Q").tolist()
        data = bytes(self.bytes(ends[-1]))
        if ends[0] or ends != sorted(ends):
            raise Damaged("texts did not follow each other")
        if is_text and data.isascii():
            data = data.decode("ascii")  # once, not for each
        elif is_text:
            return [text_of(data[a:b]) if is_set(bits, i) else None for i, (a, b) in enumerate(zip(ends, ends[1:]))]
        items = [data[a:b] for a, b in zip(ends, ends[1:])]
        if bits.count(255) < n // 8 or n % 8:
            items = [item if is_set(bits, i) else None for i, item in enumerate(items)]
        return items

    def items(self, name, n):
        """The elements: an ndarray for plain types, a list for others or without numpy."""
        if name == "object":
            return self.values(n)
        if name in ("str", "bytes"):
            return self.texts(n, name == "str")
        data = self.bytes(n * SIZES[name])
        if np is not None:
            return np.frombuffer(data, dtype=DTYPES[name]) if n else np.empty(0, dtype=DTYPES[name])
        values = list(struct.unpack("<%d%s" % (n, FORMATS[name]), data))
        return [timestamp(v) for v in values] if name == "datetime64[ns]" else values


def is_set(bits, i):
    return bits[i >> 3] >> (i & 7) & 1


EMPTY_MAX = 1000000  # of nothing there may be very much


def count_items(shape):
    n = outer = 1
    for size in shape:
        n *= size
        outer *= size if n else 1
    if len(shape) > 32 or outer > EMPTY_MAX and n == 0:
        raise Damaged("an array had %d dimensions or %d empty rows" % (len(shape), outer))
    return n


def object_array(values):
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        out[i] = value
    return out


def column_of(name, items):
    if name == "str" and TEXT_TYPE is not None:
        return pd.array(items, dtype=TEXT_TYPE)
    if name in ("str", "bytes", "object"):  # a Series that is told so stays object: pandas would infer text and dates
        return pd.Series(object_array(items), dtype=object, copy=False)
    return items


LIST, COUNT, DICT = 0, 1, 2  # what pandas had the columns' labels from
ROWS_LIST, ROWS_LEVELS, ROWS_COLUMNS, ROWS_READ_JSON = 0, 1, 2, 3  # and the rows'
PANDAS = 0 if pd is None else int(pd.__version__.split(".")[0])


def count_rows(n):
    """The labels of rows that nobody named; pandas 1 has no range of nothing."""
    return pd.Index([]) if n == 0 and PANDAS < 2 else pd.RangeIndex(n)


def index_of(labels, naming):
    """The columns of a frame as this pandas holds them."""
    if naming == COUNT:
        return count_rows(len(labels))
    return pd.DataFrame(dict.fromkeys(labels, ())).columns if naming == DICT else pd.Index(labels)


def read_json_axis(name, index):
    """What pandas.read_json makes of an axis: dates of what looks like them."""
    from pandas.io.json._json import FrameParser

    parser = FrameParser("{}", orient="split", dtype=True, convert_axes=True)
    axis = index if PANDAS < 3 else pd.Series(index)
    converted, is_new = parser._try_convert_data(name, axis, use_dtypes=False, convert_dates=True)
    return pd.Index(converted) if is_new else index


def label_rows(levels, naming):
    """The index of a frame, of the labels of its rows: by the way in which pandas came to it."""
    if naming == ROWS_LEVELS:
        return pd.MultiIndex.from_arrays(levels)
    if naming == ROWS_COLUMNS:
        return pd.DataFrame(index=range(len(levels[0]))).set_index(levels).index
    index = pd.Index(levels[0])
    return read_json_axis("index", index) if naming == ROWS_READ_JSON else index


def runs_of(names):
    """Columns side by side of one type: (type, the first one, how many)."""
    runs = []
    for i, name in enumerate(names):
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((name, i, 1))
    return runs


class Heads:
    """Types and labels of a frame's columns, and what pandas makes of them."""

    def __init__(self, reader):
        self.names, self.labels = [], []
        word = reader.u64()
        self.naming, self.is_read_json = word & 0xFFFFFFFF, word >> 32 != 0
        while reader.at < len(reader.body):
            self.names.append(NAMES[reader.u64()])
            self.labels.append(reader.label())
        self.index = self.name_columns() if pd is not None else None
        self.runs = runs_of(self.names)
        self.is_bytes = len(self.runs) == 1 and self.names[0] == "bytes"

    def name_columns(self):
        index = index_of(self.labels, self.naming)
        return read_json_axis("columns", index) if self.is_read_json else index

    def name_nothing(self):
        """The index of no rows. Enforcement, which makes a frame of a dict, comes after read_json."""
        index = count_rows(0)
        return read_json_axis("index", index) if self.is_read_json and self.naming != DICT else index


HEADS = {}  # by their bytes: one client's requests are alike, and an Index takes long to make
HEADS_MAX = 64


def heads_of(data):
    heads = HEADS.get(data)
    if heads is None:
        heads = Heads(Reader(memoryview(data)))
        if len(HEADS) >= HEADS_MAX:
            HEADS.clear()
        HEADS[data] = heads
    return heads


def read_block(reader, name, n_columns, n_rows):
    """Columns of one type as they lie: one array of (columns, rows), which is what a frame is made of."""
    size = SIZES[name]
    stride = (n_rows * size + 7) & ~7
    data = reader.bytes(n_columns * stride)
    if not n_rows:
        return np.empty((n_columns, 0), dtype=DTYPES[name])
    block = np.ndarray((n_columns, n_rows), DTYPES[name], data, strides=(stride, size))
    return np.ascontiguousarray(block)  # a copy only where there is padding


def column_block(name, columns):
    """Text, bytes and other objects of neighbouring columns."""
    block = np.empty((len(columns), len(columns[0])), dtype=object)
    for i, column in enumerate(columns):
        block[i] = object_array(column) if name == "object" else column
    return block


def read_text_column(reader, n):
    """Since pandas 3 text is held as Arrow has it, where pyarrow is there: as it lies, if it is text."""
    begin = reader.at
    if ARROW is not None:
        bits, ends = reader.bytes((n + 7) // 8), reader.bytes(8 * (n + 1))
        data = reader.bytes(U64.unpack_from(ends, 8 * n)[0])
        array = ARROW.LargeStringArray.from_buffers(n, *map(ARROW.py_buffer, (ends, data, bits)))
        try:
            array.validate(full=True)
            return TEXT_TYPE.__from_arrow__(array)
        except ARROW.ArrowInvalid:  # lone surrogates, or damage
            reader.at = begin
    return pd.array(reader.texts(n, True), dtype=TEXT_TYPE)


def read_blocks(reader, heads, n_rows):
    """What pandas holds a frame in: for each type an array of (columns, rows), and where its columns are."""
    found = {}
    for name, first, n in heads.runs:
        if SIZES[name]:
            block = read_block(reader, name, n, n_rows)
        elif name == "str" and TEXT_TYPE is not None:
            for i in range(first, first + n):
                found[name, i] = [read_text_column(reader, n_rows)], [np.array([i])]
            continue
        else:
            columns = [reader.items(name, n_rows) for _ in range(n)]
            block, name = column_block(name, columns), "object"
        blocks, places = found.setdefault(name, ([], []))
        blocks.append(block)
        places.append(np.arange(first, first + n))
    return [
        (blocks[0], places[0]) if len(blocks) == 1 else (np.concatenate(blocks), np.concatenate(places))
        for blocks, places in found.values()
    ]


def find_assembler():
    """How this pandas makes a frame of blocks, the way that Arrow's Python library uses; None: not at all."""
    try:
        from pandas.api.internals import create_dataframe_from_blocks

        return lambda blocks, rows, labels: create_dataframe_from_blocks(blocks, index=rows, columns=labels)
    except (ImportError, AttributeError):
        pass
    try:
        from pandas.core.internals import BlockManager, make_block
    except (ImportError, Warning):  # a warning where the user made them errors
        return None
    from_manager = getattr(pd.DataFrame, "_from_mgr", None)

    def assemble(blocks, rows, labels):
        manager = BlockManager([make_block(values, placement=places) for values, places in blocks], [labels, rows])
        return from_manager(manager, manager.axes) if from_manager else pd.DataFrame(manager)

    return assemble


def find_text_type():
    """Since pandas 3 text columns have a type of their own."""
    if PANDAS < 3:
        return None
    return pd.array([], dtype="str").dtype


def find_arrow():
    if TEXT_TYPE is None or TEXT_TYPE.storage != "pyarrow":
        return None
    import pyarrow

    return pyarrow


TEXT_TYPE = find_text_type()
ARROW = find_arrow()
ASSEMBLE = find_assembler() if pd is not None else None


def make_frame(heads, columns, n_rows):
    columns = [column_of(name, items) for name, items in zip(heads.names, columns)]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(n_rows), copy=False)
    frame.columns = heads.index.view()
    return frame


def read_rows(reader, n_rows):
    """The index, or None where rows are counted."""
    n_levels = reader.u64()
    if n_levels == 0:
        return None
    naming = reader.u64()
    levels = [reader.items(NAMES[reader.u64()], n_rows) for _ in range(n_levels)]
    return label_rows(levels, naming) if pd is not None else None


def read_pandas(reader, heads, n_rows):
    if len(heads.runs) == 1 and heads.names[0] in BLOCKS:
        block = read_block(reader, heads.names[0], len(heads.names), n_rows)
        return pd.DataFrame(block.T, columns=heads.index.view(), copy=False)
    if ASSEMBLE is not None and heads.runs and not heads.is_bytes:
        return ASSEMBLE(read_blocks(reader, heads, n_rows), pd.RangeIndex(n_rows), heads.index.view())
    columns = [reader.items(name, n_rows) for name in heads.names]
    if heads.is_bytes:  # an array's: fixed width, the same in all columns
        return pd.DataFrame(np.array(columns, dtype="S").T, columns=heads.index.view())
    return make_frame(heads, columns, n_rows)


def read_frame(reader):
    n_rows, n_columns = reader.u64(), reader.u64()
    rows = read_rows(reader, n_rows)
    heads = heads_of(bytes(reader.bytes(reader.u64())))
    if len(heads.names) != n_columns:
        raise Damaged("a frame had %d columns, not %d" % (len(heads.names), n_columns))
    if pd is not None:
        frame = read_pandas(reader, heads, n_rows)
        if rows is not None or n_rows == 0:
            frame.index = heads.name_nothing() if rows is None else rows
        return frame
    columns = [reader.items(name, n_rows) for name in heads.names]
    columns = [c if np is None or isinstance(c, list) else c.tolist() for c in columns]
    return [dict(zip(heads.labels, row)) for row in zip(*columns)]


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


CHARS_MAX = 1 << 20  # as many as a number needs are asked for


def read_tensor(reader):
    head = reader.u64()
    name = NAMES[head & 0xFFFFFFFF]
    shape = [reader.u64() for _ in range(head >> 32)]
    n = count_items(shape)
    chars = reader.u64() if name == "str" else 0
    if chars > CHARS_MAX:
        raise Damaged("an array of text had room for %d characters" % chars)
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


# What damage makes of reading on; anything else that is raised is what pandas or numpy say of good data.
DAMAGE = (struct.error, IndexError, UnicodeDecodeError, RecursionError)


def read_params(reader):
    n = reader.u64()
    if n == NONE:
        return None
    params = {}
    for _ in range(n):
        name = reader.text()
        params[name] = reader.values(1)[0]
    return params


def read_request(body):
    """(data, params) of a PREDICT message; Damaged when it is none."""
    reader = Reader(body)
    try:
        params = read_params(reader)
        data = KINDS[reader.u64()](reader)
    except DAMAGE as e:
        raise Damaged("%s: %s" % (type(e).__name__, e)) from None
    if reader.at != len(body):
        raise Damaged("the message had %d bytes too many" % (len(body) - reader.at))
    return data, params
