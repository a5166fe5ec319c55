#!/usr/bin/env python3
"""The worker's Python part, without savor: request bodies read, answers written, on a Python with or without numpy.

Expected bytes and values are those of docs/worker-protocol.md; expected JSON is json.dumps' own.
"""
import importlib.util
import os
import struct
import sys
import unittest

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../python/savor/worker")


def load_package():
    spec = importlib.util.spec_from_file_location(
        "savor_worker", os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE]
    )
    sys.modules["savor_worker"] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


load_package()

from savor_worker import answer, model, request  # noqa: E402

NO_PARAMS = struct.pack("<Q", 0)


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data + bytes(-len(data) % 8)


def value_bytes(*pieces):
    data = b"".join(pieces)
    return struct.pack("<Q", len(data)) + data + bytes(-len(data) % 8)


def word(tag, value):
    return struct.pack("<Bq", tag, value)


class Requests(unittest.TestCase):
    def read(self, body):
        return request.read_request(memoryview(body))

    def test_values(self):
        pieces = value_bytes(
            word(8, 6), b"\0", word(1, 1), word(2, -5), struct.pack("<BdB", 4, 2.5, 5), struct.pack("<Q", 2), b"hi",
            word(9, 1), word(5, 1), b"k", word(3, 20), b"12345678901234567890",
        )  # fmt: skip
        data, params = self.read(NO_PARAMS + struct.pack("<Q", 3) + pieces)
        self.assertEqual(data, [None, True, -5, 2.5, "hi", {"k": 12345678901234567890}])
        self.assertEqual(params, {})

    @unittest.skipIf(request.np is None, "numpy is not there")
    def test_numpy_values(self):
        np = request.np
        array = struct.pack("<BIIQQ", 10, 10, 2, 2, 1) + b"".join(struct.pack("<Bd", 4, x) for x in (0.5, 2))
        scalar = struct.pack("<BII", 11, 3, 0) + word(2, 7)
        data, _ = self.read(NO_PARAMS + struct.pack("<Q", 3) + value_bytes(word(8, 2), array, scalar))
        self.assertEqual((data[0].dtype, data[0].tolist()), (np.float32, [[0.5], [2.0]]))
        self.assertEqual((type(data[1]), data[1]), (np.int32, 7))

    def test_params(self):
        body = struct.pack("<Q", 1) + text("p") + value_bytes(word(2, 7)) + struct.pack("<Q", 3) + value_bytes(b"\0")
        self.assertEqual(self.read(body), (None, {"p": 7}))

    def frame(self):
        return NO_PARAMS + struct.pack("<QQQ", 0, 2, 3) + b"".join([
            struct.pack("<QQ", 11, 0), text("x"), struct.pack("<dd", 1.5, -2),
            struct.pack("<QQq", 0, 1, 3), b"\1\0" + bytes(6),
            struct.pack("<QQ", 12, 0), text("s"), b"\1" + bytes(7), struct.pack("<QQQ", 0, 2, 2), b"ab" + bytes(6),
        ])  # fmt: skip

    @unittest.skipIf(request.pd is not None, "pandas is there")
    def test_plain_frame(self):
        data, _ = self.read(self.frame())
        self.assertEqual(data, [{"x": 1.5, 3: True, "s": "ab"}, {"x": -2.0, 3: False, "s": None}])

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_frame(self):
        data, _ = self.read(self.frame())
        self.assertEqual(list(data.columns), ["x", 3, "s"])
        self.assertEqual([str(t) for t in data.dtypes[:2]], ["float64", "bool"])
        self.assertEqual(data["s"][0], "ab")
        self.assertTrue(request.pd.isna(data["s"][1]))

    def test_array(self):
        body = NO_PARAMS + struct.pack("<QIIQQ4i", 1, 3, 2, 2, 2, 1, 2, 3, 4)
        data, _ = self.read(body)
        self.assertEqual(data if request.np is None else data.tolist(), [[1, 2], [3, 4]])


class Answers(unittest.TestCase):
    def json_of(self, result, era=3):
        body = b"".join(bytes(piece) for piece in answer.write_answer(result, era))
        kind, size = struct.unpack_from("<QQ", body)
        self.assertEqual(kind, 4)
        self.assertEqual(len(body) % 8, 0)
        return body[16 : 16 + size].decode("ascii")

    def test_json(self):
        import datetime

        self.assertEqual(self.json_of([1, 2.0, "\u00e9", None, {"a": True}]), '[1, 2.0, "\\u00e9", null, {"a": true}]')
        self.assertEqual(self.json_of(float("nan")), "NaN")
        self.assertEqual(self.json_of(b"hello"), '"aGVsbG8=\\n"')
        self.assertEqual(self.json_of([datetime.datetime(2020, 1, 2, 3)]), '["2020-01-02T03:00:00"]')
        self.assertEqual(self.json_of([datetime.time(1)]), '["01:00:00"]')

    def test_unencodable(self):
        import datetime

        for result in ({1}, (x for x in [1]), object(), [1j]):
            with self.assertRaises(answer.Unencodable):
                answer.write_answer(result, 3)
        with self.assertRaises(answer.Unencodable):  # MLflow 1.x knew no times
            answer.write_answer([datetime.time(1)], 1)

    @unittest.skipIf(request.np is None, "numpy is not there")
    def test_arrays(self):
        np = request.np
        body = b"".join(bytes(p) for p in answer.write_answer(np.array([[1, 2, 3]], dtype=">i2"), 3))
        self.assertEqual(body, struct.pack("<QIIQQ3h2x", 1, 2, 2, 1, 3, 1, 2, 3))

    def test_error(self):
        body = b"".join(answer.write_error(1, "C", "m", ""))
        self.assertEqual(body, struct.pack("<Q", 1) + text("C") + text("m") + text(""))


class Entry(unittest.TestCase):
    def test_entry(self):
        path = os.path.join(HERE, "../../../tests/data/worker/plain")
        entry = model.read_entry(path)
        self.assertEqual((entry["loader_module"], entry["code"], entry["data"]), ("plain_model", "code", "numbers.txt"))

    def test_params(self):
        self.assertTrue(model.takes_params(lambda data, params=None: 0))
        self.assertFalse(model.takes_params(lambda data, **params: 0))
        self.assertFalse(model.takes_params(lambda data: 0))


if __name__ == "__main__":
    unittest.main()
