#!/usr/bin/env python3
"""Writes the files of tests/fuzz/seeds/zip and tests/fuzz/seeds/npy: what Python's zipfile, numpy and scipy write.

    PYTHON tests/corpus/archive_files.py

The contents are those that tests/unit/format/zip_test.c and npy_test.c expect.
"""
import io
import pathlib
import zipfile

import numpy as np
import scipy.sparse

SEEDS = pathlib.Path(__file__).parent.parent / "fuzz" / "seeds"
TIME = (1980, 1, 1, 0, 0, 0)
LONG = b"savor " * 200


class Pipe(io.RawIOBase):
    """A stream that cannot seek: zipfile then writes data descriptors."""

    def __init__(self):
        self.bytes = b""

    def writable(self):
        return True

    def write(self, b):
        self.bytes += bytes(b)
        return len(b)


def pack(members, out=None, **options):
    out = out or io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as z:
        for name, content, method in members:
            z.writestr(zipfile.ZipInfo(name, TIME), content, method)
    return out.bytes if isinstance(out, Pipe) else out.getvalue()


def zip64():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        with z.open(zipfile.ZipInfo("a.txt", TIME), "w", force_zip64=True) as f:
            f.write(b"hello")
    data = out.getvalue()
    # The directory as it is written when numbers do not fit: all ones, and the numbers in the extra field.
    entry = data.index(b"PK\1\2")
    extra = b"\1\0\x18\0" + (5).to_bytes(8, "little") * 2 + (0).to_bytes(8, "little")
    head = bytearray(data[entry : entry + 46])
    head[20:28] = b"\xff" * 8
    head[30:32] = len(extra).to_bytes(2, "little")
    head[42:46] = b"\xff" * 4
    directory = bytes(head) + b"a.txt" + extra
    end64 = b"PK\6\6" + (44).to_bytes(8, "little") + b"\x2d\0\x2d\0" + bytes(8)
    end64 += (1).to_bytes(8, "little") * 2 + len(directory).to_bytes(8, "little") + entry.to_bytes(8, "little")
    locator = b"PK\6\7" + bytes(4) + (entry + len(directory)).to_bytes(8, "little") + b"\1\0\0\0"
    end = b"PK\5\6" + bytes(4) + b"\xff" * 12 + bytes(2)
    data = data[:entry] + directory + end64 + locator + end
    assert zipfile.ZipFile(io.BytesIO(data)).read("a.txt") == b"hello"
    return data


def write_zips(folder):
    stored, deflated = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
    plain = [("a.txt", b"hello", stored), ("long.txt", LONG, deflated), ("empty", b"", stored)]
    with_comment = io.BytesIO()
    with zipfile.ZipFile(with_comment, "w") as z:
        z.comment = b"PK\5\6 is no end"
        z.writestr(zipfile.ZipInfo("a.txt", TIME), b"hello")
    files = {
        "plain": pack(plain),
        "descriptor": pack(plain, Pipe()),
        "prefix": b"#!/bin/sh\n" + pack(plain),
        "comment": with_comment.getvalue(),
        "twice": pack([("a.txt", b"first", stored), ("b", b"b", stored), ("a.txt", b"hello", stored)]),
        "bzip2": pack([("a.txt", b"hello", zipfile.ZIP_BZIP2)]),
        "none": pack([]),
        "zip64": zip64(),
    }
    for name, data in files.items():
        (folder / f"{name}.zip").write_bytes(data)


def write_npys(folder):
    fields = np.zeros(2, np.dtype([("left", "<i8"), ("value", ">f4"), ("flag", "u1"), ("set", "<u4", (2,))], align=True))
    fields["left"] = [-1, 7]
    fields["value"] = [0.5, 2]
    fields["set"] = [[1, 2], [3, 4]]
    arrays = {
        "f8": np.arange(6.0).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "big": np.array([1, 258], dtype=">i4"),
        "scalar": np.array(0.5, dtype="f4"),
        "empty": np.zeros((0, 3)),
        "texts": np.array(["a", "日本", ""]),
        "bytes": np.array([b"ab", b"\0c"]),
        "bools": np.array([True, False]),
        "dates": np.array(["2020-01-02", "NaT"], dtype="M8[D]"),
        "fields": fields,
        "complex": np.array([1j]),
        "objects": np.array([None, "x"], dtype=object),
    }
    for name, a in arrays.items():
        np.save(folder / f"{name}.npy", a)
    for version, name, a in (((2, 0), "v2", arrays["f8"]), ((3, 0), "v3", np.zeros(1, [("größe", "<f8")]))):
        with open(folder / f"{name}.npy", "wb") as f:
            np.lib.format.write_array(f, a, version=version)
    matrix = np.array([[0, 1.5, 0], [2.5, 0, 3]])
    scipy.sparse.save_npz(folder / "csr.npz", scipy.sparse.csr_matrix(matrix))
    scipy.sparse.save_npz(folder / "coo_array.npz", scipy.sparse.coo_array(matrix), compressed=False)


if __name__ == "__main__":
    for what, write in (("zip", write_zips), ("npy", write_npys)):
        (SEEDS / what).mkdir(exist_ok=True)
        write(SEEDS / what)
