#!/usr/bin/env python3
"""Writes the files of tests/fuzz/seeds/skops, with the skops that is on the path.

    PYTHON tests/corpus/skops_files.py NAME      NAME-values.skops and NAME-model.skops in tests/fuzz/seeds/skops

The values are those that tests/unit/format/skops_test.c expects.
"""
import collections
import datetime
import functools
import operator
import pathlib
import sys
import zipfile

import numpy as np
import scipy.sparse
import skops.io
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

FOLDER = pathlib.Path(__file__).parent.parent / "fuzz" / "seeds" / "skops"


def values():
    shared = np.array([1.5, -2.0])
    fields = np.zeros(2, np.dtype([("left", "<i8"), ("value", "<f4"), ("flag", "u1")], align=True))
    fields["left"] = [-1, 7]
    fields["value"] = [0.5, 2]
    return {
        "ints": [0, -1, 2**63 - 1, -(2**63), 2**63, -(2**127), 10**30],
        "floats": [0.1, -0.0, float("inf")],
        "text": 'é"\n',
        "none": None,
        "yes": True,
        "tuple": (1, (2,)),
        "set": {5},
        "frozen": frozenset([6]),
        "keys": {1: "a", 2.5: "b", "c": 3, np.int64(4): "d"},
        "ordered": collections.OrderedDict(z=1),
        "default": collections.defaultdict(list, q=[2]),
        "bytes": b"\0\xff",
        "scalars": [np.float32(0.5), np.int8(-3), np.uint64(2**64 - 1), np.bool_(True), np.str_("s")],
        "matrix": np.arange(6.0).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "big": np.array([1, 258], dtype=">i4"),
        "texts": np.array(["a", "日本"]),
        "objects": np.array([["a", 1], [None, 2.5]], dtype=object),
        "fields": fields,
        "sparse": scipy.sparse.csr_matrix(np.array([[0, 1.5], [2.5, 0]])),
        "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
        "slice": slice(1, None, 2),
        "partial": functools.partial(np.sum, axis=0),
        "getter": operator.itemgetter(3),
        "function": np.log1p,
        "type": int,
        "dtype": np.dtype("<U5"),
        "random": np.random.RandomState(5),
        "delta": datetime.timedelta(1, 2, 3),
        "shared": [shared, shared],
    }


def model():
    x = np.arange(12.0).reshape(6, 2)
    y = [0, 0, 1, 1, 2, 2]
    return Pipeline([("sgd", SGDClassifier(max_iter=5, random_state=1)), ("tree", DecisionTreeClassifier())]), x, y


def main(name):
    pipeline, x, y = model()
    for _, step in pipeline.steps:
        step.fit(x, y)
    for what, obj in (("values", values()), ("model", pipeline)):
        path = FOLDER / f"{name}-{what}.skops"
        try:
            skops.io.dump(obj, path, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
        except TypeError:  # skops before 0.7 only stores, and has no losses under Python 3.11
            skops.io.dump(obj, path) if what == "values" else None


if __name__ == "__main__":
    main(sys.argv[1])
