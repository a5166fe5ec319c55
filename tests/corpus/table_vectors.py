"""Write the Arrow streams and Parquet files of tests/data/tables, and what pandas makes of them.

python table_vectors.py FOLDER: with pandas 2 it writes streams, files and NAME.pandas2, with pandas 3 NAME.pandas3 only,
so that both read the same bytes. Needs pyarrow.
"""
import datetime
import decimal
import pathlib
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

N = None
T = datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)
D = datetime.date(1969, 12, 31)


def ints(null):
    columns = {}
    for bits in (8, 16, 32, 64):
        for sign in ("int", "uint"):
            low = -2 ** (bits - 1) if sign == "int" else 0
            high = 2 ** (bits - 1) - 1 if sign == "int" else 2 ** bits - 1
            columns[f"{sign}{bits}"] = pa.array([low, 1, N if null else 2, high], getattr(pa, f"{sign}{bits}")())
    return pa.table(columns)


def floats(null):
    values = [1.5, -0.0, N if null else 65504.0, float("inf"), float("nan")]
    return pa.table({f"float{bits}": pa.array(np.array(values, dtype=object) if bits > 16 else
                                              [N if v is None else np.float16(v) for v in values],
                                              getattr(pa, f"float{bits}")()) for bits in (16, 32, 64)})


def texts(null, large=False):
    a = ["a", "", N if null else "b", "größer 🌍", "a longer text, beyond twelve bytes"]
    b = [b"\x00\xff", b"", N if null else b"x", b"abc", b"0123456789abcdef"]
    return pa.table({"u": pa.array(a, pa.large_string() if large else pa.string()),
                     "z": pa.array(b, pa.large_binary() if large else pa.binary())})


def views():
    a = ["a", "", N, "größer 🌍", "a longer text, beyond twelve bytes", "another text of more than twelve"]
    return pa.table({"u": pa.array(a, pa.string_view()), "z": pa.array([t and t.encode() for t in a], pa.binary_view())})


def times(null):
    columns = {f"ts_{u}": pa.array([T, N if null else T, datetime.datetime(1960, 1, 1)], pa.timestamp(u))
               for u in ("us", "ns")}
    for u in ("s", "ms"):
        columns[f"ts_{u}"] = pa.array([0, N if null else 1600000000, -5], pa.int64()).cast(pa.timestamp(u))
    columns["d32"] = pa.array([D, N if null else D, D], pa.date32())
    columns["d64"] = pa.array([D, N if null else D, D], pa.date64())
    return pa.table(columns)


def others():
    return pa.table({"none": pa.nulls(3), "fixed": pa.array([b"abc", N, b"xyz"], pa.binary(3)),
                     "bool": [True, False, True], "gap": [True, N, False]})


def dictionaries():
    return pa.table({"a": pa.array(["x", "y", N, "x"]).dictionary_encode(),
                     "b": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, N], pa.int8()), pa.array([2.5, 7.5])),
                     "c": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, 1], pa.uint16()), pa.array(["p", N]))})


def stream(table, path, chunk=None, **options):
    with pa.OSFile(str(path), "wb") as f, pa.ipc.new_stream(f, table.schema, options=pa.ipc.IpcWriteOptions(
            **options)) as w:
        for batch in table.to_batches(max_chunksize=chunk) if isinstance(table, pa.Table) else table.batches:
            w.write_batch(batch)


class Batches:
    """Batches that are not one table."""

    def __init__(self, *batches):
        self.batches, self.schema = batches, batches[0].schema


def deltas():
    def batch(indices, values):
        return pa.record_batch([pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(values))], ["a"])
    return Batches(batch([0, 1], ["x", "y"]), batch([2, N, 0], ["x", "y", "z"]), batch([3], ["x", "y", "z", "w"]))


def replaced():
    def batch(values):
        return pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(values))], ["a"])
    return Batches(batch(["x", "y"]), batch(["p", "q"]))


def pandas_table():
    return pa.Table.from_pandas(pd.DataFrame({"v": [1.5, 2.5], "w": [1, 2]}, index=["r", "s"]))


def good():
    many = pa.table({"i": pa.array(list(range(10)) + [N], pa.int32()), "s": [str(i) for i in range(10)] + [N],
                     "b": [i % 2 == 0 for i in range(11)], "f": [i / 4 for i in range(11)]})
    return {
        "ints": (ints(False), {}), "ints-gaps": (ints(True), {}), "floats": (floats(False), {}),
        "floats-gaps": (floats(True), {}), "texts": (texts(False), {}), "texts-gaps": (texts(True), {}),
        "texts-large": (texts(True, True), {}), "views": (views(), {}), "times": (times(False), {}),
        "times-gaps": (times(True), {}), "others": (others(), {}), "batches": (many, {"chunk": 3}),
        "sliced": (many.slice(3, 5), {}), "empty": (many.slice(0, 0), {}), "dictionaries": (dictionaries(), {}),
        "dictionary-delta": (deltas(), {"emit_dictionary_deltas": True}), "dictionary-replaced": (replaced(), {}),
        "index": (pandas_table(), {}), "quoted": (quoted(), {}), "single": (pa.table({"a": [1.5, N, -2.0]}), {}),
        "legacy": (ints(True), {"use_legacy_format": True, "metadata_version": pa.ipc.MetadataVersion.V4}),
    }


def quoted():
    numbers = [0.1, 1e16, 1e-5, float("nan"), float("inf"), 12345.6789]
    return pa.table({"a,b": ["x,y", 'q"q', "line\nbreak", "", N, " blank "], "f32": pa.array(numbers, pa.float32()),
                     "f64": numbers, 'q"': [True, False, True, True, False, False]})


def bad():
    one = {"a": [1.0, 2.0]}
    return {
        "decimal": (pa.table({"a": [decimal.Decimal("1.5")]}), {}), "list": (pa.table({"a": [[1]]}), {}),
        "struct": (pa.table({"a": [{"b": 1}]}), {}), "zone": (pa.table({"a": pa.array([T], pa.timestamp("us", "UTC"))}), {}),
        "duration": (pa.table({"a": pa.array([1], pa.duration("s"))}), {}),
        "time": (pa.table({"a": pa.array([datetime.time(1)], pa.time64("us"))}), {}),
        "lz4": (pa.table(one), {"compression": "lz4"}), "zstd": (pa.table(one), {"compression": "zstd"}),
    }


def cell(v):
    if v is None or v is pd.NaT:
        return str(v)
    if isinstance(v, (bool, np.bool_)):
        return str(bool(v))
    if isinstance(v, str):
        return "s:" + v
    if isinstance(v, bytes):
        return "b:" + v.hex()
    if isinstance(v, (float, np.floating)):
        return repr(float(v))
    if isinstance(v, datetime.date) or isinstance(v, np.datetime64):
        return f"t:{pd.Timestamp(v).as_unit('ns').value}"
    return str(int(v))


def dump(frame):
    lines = []
    for i, name in enumerate(frame.columns):
        column = frame.iloc[:, i]
        dtype = "datetime64[ns]" if column.dtype.kind == "M" else str(column.dtype)
        lines += [f"{name} {dtype}"] + [" " + cell(v) for v in column]
    return "\n".join(lines) + "\n"


def decoded(table):
    """A table whose dictionaries are read as the values they stand for: pandas has no category that is missing."""
    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            chunks = [c.dictionary_decode() for c in table.column(i).chunks]
            table = table.set_column(i, field.name, pa.chunked_array(chunks, field.type.value_type))
    return table


PARQUET = "ints ints-gaps floats-gaps texts-gaps texts-large times-gaps others batches empty index".split()
CSV = "ints-gaps texts-gaps batches others quoted single empty".split()
NOT_IN_DUCKDB = ["float16", "none"]  # it has no such types: they come as float32 and int32


def main(folder):
    major = int(pd.__version__.split(".")[0])
    for name, (table, options) in good().items():
        path = folder / f"{name}.arrows"
        if major == 2:
            stream(table, path, **options)
        frame = decoded(pa.ipc.open_stream(path.read_bytes()).read_all()).to_pandas()
        (folder / f"{name}.pandas{major}").write_text(dump(frame))
        if name in CSV:
            (folder / f"{name}.csv{major}").write_bytes(frame.to_csv(index=False).encode())
        if name in PARQUET:
            path = folder / f"file-{name}.parquet"
            if major == 2:
                kept = table.drop([c for c in NOT_IN_DUCKDB if c in table.column_names])
                pq.write_table(kept, path, compression="snappy", row_group_size=4)
            (folder / f"file-{name}.pandas{major}").write_text(dump(pq.read_table(path).to_pandas()))
    for name, (table, options) in bad().items() if major == 2 else ():
        stream(table, folder / f"refused-{name}.arrows", **options)
        if name in ("decimal", "list", "struct", "zone", "time"):
            pq.write_table(table, folder / f"refused-{name}.parquet")


main(pathlib.Path(sys.argv[1]))
