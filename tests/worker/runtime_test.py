#!/usr/bin/env python3
"""The worker's Python part, without savor: requests read, whole and damaged, answers written; with or without numpy.

Expected bytes and values are those of docs/worker-protocol.md; expected JSON is json.dumps' own.
"""
import array
import fcntl
import importlib.util
import os
import random
import socket
import struct
import sys
import tempfile
import unittest

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../python/savor/worker")


def load_package():
    spec = importlib.util.spec_from_file_location(
        "savor_worker", os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE]
    )
    sys.modules["savor_worker"] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


load_package()

from savor_worker import answer, channel, home, model, parent, request  # noqa: E402

NO_PARAMS = struct.pack("<Q", 0)


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data + bytes(-len(data) % 8)


def value_bytes(*pieces):
    data = b"".join(pieces)
    return struct.pack("<Q", len(data)) + data + bytes(-len(data) % 8)


def frame_head(n_rows, n_columns, heads, naming=0, rows=struct.pack("<Q", 0)):
    """A request's frame up to its columns' items."""
    named = struct.pack("<Q", naming) + heads
    return struct.pack("<QQQ", 0, n_rows, n_columns) + rows + struct.pack("<Q", len(named)) + named


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
        heads = struct.pack("<QQ", 11, 0) + text("x") + struct.pack("<QQq", 0, 1, 3) + struct.pack("<QQ", 12, 0) + text("s")
        return NO_PARAMS + frame_head(2, 3, heads) + b"".join([
            struct.pack("<dd", 1.5, -2), b"\1\0" + bytes(6),
            b"\1" + bytes(7), struct.pack("<QQQ", 0, 2, 2), b"ab" + bytes(6),
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

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_object_columns(self):
        """pandas infers nothing: what savor calls object is object, also where every item is text or a date."""
        items = word(5, 2) + b"ab", word(7, 10**18)
        heads = b"".join(struct.pack("<QQ", 15, 0) + text(name) for name in "td")
        body = NO_PARAMS + frame_head(1, 2, heads) + b"".join(value_bytes(item) for item in items)
        data, _ = self.read(body)
        self.assertEqual([str(t) for t in data.dtypes], ["object", "object"])
        self.assertEqual(data["t"].tolist(), ["ab"])

    def labelled(self, naming, levels, heads=struct.pack("<QQ", 1, 0) + text("x"), names=0, n=2):
        """A frame of one column whose rows have labels: (type, items) of each level."""
        rows = struct.pack("<QQ", len(levels), naming) + b"".join(struct.pack("<Q", t) + items for t, items in levels)
        return NO_PARAMS + frame_head(n, 1, heads, names, rows) + bytes(range(n)) + bytes(-n % 8)

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_row_labels(self):
        """Expected is what pandas makes of the same labels, given to it as MLflow's server gives them."""
        pd = request.pd
        ints, floats = struct.pack("<qq", 7, 3), struct.pack("<dd", 1.5, -1.0)
        for dtype, items, want in (
            (4, ints, [7, 3]), (11, floats, [1.5, -1.0]), (12, self.items(12, None, ["u", ""]), ["u", ""]),
            (12, self.items(12, None, [None, "u"]), [None, "u"]), (4, struct.pack("<qq", 0, 1), [0, 1]),
            (15, value_bytes(word(2, 1), word(5, 1), b"a"), [1, "a"]), (15, value_bytes(word(1, 1), b"\0"), [True, None]),
            (15, value_bytes(word(1, 1), word(1, 0)), [True, False]),
        ):  # fmt: skip
            data, _ = self.read(self.labelled(request.ROWS_LIST, [(dtype, items)]))
            pd.testing.assert_index_equal(data.index, pd.DataFrame({"x": [0, 1]}, index=want).index, exact=True)
            self.assertEqual(data["x"].tolist(), [0, 1])
        both = [(4, ints), (12, self.items(12, None, ["u", "v"]))]
        want = pd.MultiIndex.from_arrays([[7, 3], ["u", "v"]])
        for naming in (request.ROWS_LEVELS, request.ROWS_COLUMNS):
            pd.testing.assert_index_equal(self.read(self.labelled(naming, both))[0].index, want)
        one, _ = self.read(self.labelled(request.ROWS_LEVELS, both[:1]))
        self.assertIsInstance(one.index, pd.MultiIndex)

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_columns_as_index(self):
        """The index of CSV whose rows are longer than the header."""
        import io

        pd = request.pd
        for labels, dtype, items in (
            ("01", 4, struct.pack("<qq", 0, 1)), ("75", 4, struct.pack("<qq", 7, 5)), ("uv", 12, self.items(12, None, ["u", "v"])),
        ):  # fmt: skip
            want = pd.read_csv(io.StringIO("x\n%s,0\n%s,1\n" % tuple(labels)))
            data, _ = self.read(self.labelled(request.ROWS_COLUMNS, [(dtype, items)]))
            pd.testing.assert_index_equal(data.index, want.index, exact=True)

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_read_json_labels(self):
        """Labels that pandas.read_json takes for dates, and some that it does not."""
        import io

        pd = request.pd
        for items, labels in (
            (self.items(12, None, ["2020-01-02", "2020-01-03"]), '["2020-01-02", "2020-01-03"]'),
            (self.items(12, None, ["1.5", "2.5"]), '["1.5", "2.5"]'), (self.items(12, None, ["1", "b"]), '["1", "b"]'),
        ):  # fmt: skip
            body = '{"columns": ["x"], "index": %s, "data": [[0], [1]]}' % labels
            data, _ = self.read(self.labelled(request.ROWS_READ_JSON, [(12, items)]))
            pd.testing.assert_index_equal(data.index, pd.read_json(io.StringIO(body), orient="split").index)

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_column_names(self):
        """A range, a list and the keys of a dict are not the same to pandas; labels that are no text keep their type."""
        pd = request.pd
        number = struct.pack("<QQq", 1, 1, 0)
        counted, _ = self.read(NO_PARAMS + frame_head(1, 1, number, request.COUNT) + bytes(8))
        self.assertIsInstance(counted.columns, pd.RangeIndex)
        listed, _ = self.read(NO_PARAMS + frame_head(1, 1, number, request.LIST) + bytes(8))
        self.assertNotIsInstance(listed.columns, pd.RangeIndex)
        keys, _ = self.read(NO_PARAMS + frame_head(1, 1, number, request.DICT) + bytes(8))
        pd.testing.assert_index_equal(keys.columns, pd.DataFrame({0: [1]}).columns, exact=True)
        for shown, want in (("1.5", 1.5), ("True", True), ("None", None), ("inf", float("inf")), ("1e+300", 1e300),
                            ("123456789012345678901", 123456789012345678901)):  # fmt: skip
            other, _ = self.read(NO_PARAMS + frame_head(1, 1, struct.pack("<QQ", 1, 2) + text(shown)) + bytes(8))
            pd.testing.assert_index_equal(other.columns, pd.Index([want]))

    @unittest.skipIf(request.pd is not None, "pandas is there")
    def test_plain_labels(self):
        """Without pandas there is no index; what it would be made of is read over."""
        body = self.labelled(request.ROWS_LIST, [(4, struct.pack("<qq", 7, 3))])
        self.assertEqual(self.read(body)[0], [{"x": 0}, {"x": 1}])

    def test_array(self):
        body = NO_PARAMS + struct.pack("<QIIQQ4i", 1, 3, 2, 2, 2, 1, 2, 3, 4)
        data, _ = self.read(body)
        self.assertEqual(data if request.np is None else data.tolist(), [[1, 2], [3, 4]])


    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_one_block(self):
        """Numbers of one type are a view of the message, whatever the rows' number leaves as padding."""
        for code, name, n in ((11, "float64", 3), (10, "float32", 3), (10, "float32", 4), (0, "bool", 5), (4, "int64", 0)):
            values = request.np.arange(2 * n).astype(name)
            columns = [values[:n].tobytes(), values[n:].tobytes()]
            heads = b"".join(struct.pack("<QQq", code, 1, i) for i in range(2))
            body = bytearray(NO_PARAMS + frame_head(n, 2, heads))
            for column in columns:
                body += column + bytes(-len(column) % 8)
            data, _ = self.read(body)
            self.assertEqual([str(t) for t in data.dtypes], [name] * 2)
            self.assertEqual(data.to_numpy().T.tolist(), values.reshape(2, n).tolist())
            if n == 3 and name == "float64":
                struct.pack_into("<d", body, len(body) - 8, 77.0)
                self.assertEqual(data.iloc[2, 1], 77.0)

    @unittest.skipIf(request.pd is None or request.ASSEMBLE is None, "pandas is not there, or makes no frames of blocks")
    def test_mixed(self):
        """A frame that was put together of blocks is the one that pandas makes of its columns."""
        pd, np = request.pd, request.np
        for n in (0, 1, 3, 9):
            columns = [
                (11, "<d", [i / 2 for i in range(n)]), (4, "<q", list(range(n))), (11, "<d", [float("nan")] * n),
                (0, "<?", [i % 2 == 0 for i in range(n)]), (14, "<q", [10**18 + i for i in range(n)]),
                (10, "<f", [1.5] * n), (14, "<q", [request.NAT] * n), (12, None, ["a\u00e9%d" % i for i in range(n)]),
                (12, None, ["b"] * n), (15, None, [[1, 2]] * n), (12, None, [None] * n), (1, "<b", [-1] * n),
            ]  # fmt: skip
            heads = b"".join(struct.pack("<QQ", code, 0) + text("c%d" % i) for i, (code, _, _) in enumerate(columns))
            body = NO_PARAMS + frame_head(n, len(columns), heads)
            want = {}
            for i, (code, form, values) in enumerate(columns):
                body += self.items(code, form, values)
                plain = values if form else request.object_array(values)
                name = request.NAMES[code]
                want["c%d" % i] = (
                    np.array(values, dtype=np.int64).view(name) if code == 14
                    else np.array(values, dtype=name) if form
                    else pd.array(plain, dtype="str") if code == 12 and request.TEXT_TYPE is not None else plain
                )  # fmt: skip
            want = pd.DataFrame(want, index=request.count_rows(n))
            data, _ = self.read(bytearray(body))
            pd.testing.assert_frame_equal(data, want)
            self.assertEqual(list(data.dtypes), list(want.dtypes))
            data["new"] = 1  # and it may be changed as any other
            data.loc[:, "c1"] = 5
            want["new"] = 1
            want.loc[:, "c1"] = 5
            pd.testing.assert_frame_equal(data, want)
            data, want = (f.sort_values("c0", ascending=False).to_json(date_format="iso") for f in (data, want))
            self.assertEqual(data, want)

    @unittest.skipIf(request.TEXT_TYPE is None, "pandas has no type for text")
    def test_surrogates(self):
        """What is not quite UTF-8 becomes what pandas makes of it, as text that is."""
        heads = struct.pack("<QQ", 12, 0) + text("s")
        for data in (b"\xed\xa0\x80", b"abc"):
            body = NO_PARAMS + frame_head(1, 1, heads)
            body += b"\1" + bytes(7) + struct.pack("<QQ", 0, 3) + data + bytes(5)
            try:
                want = request.pd.array([data.decode("utf-8", "surrogatepass")], dtype="str")
            except UnicodeError:
                with self.assertRaises((request.Damaged, UnicodeError)):
                    self.read(body)
                continue
            self.assertEqual(list(self.read(body)[0]["s"]), list(want))

    @staticmethod
    def items(code, form, values):
        if form:
            data = b"".join(struct.pack(form, v) for v in values)
        elif code == 15:
            return value_bytes(*[word(8, len(v)) + b"".join(word(2, x) for x in v) for v in values])
        else:
            bits = sum((v is not None) << i for i, v in enumerate(values)).to_bytes((len(values) + 7) // 8, "little")
            pieces, ends = [(v or "").encode() for v in values], [0]
            for piece in pieces:
                ends.append(ends[-1] + len(piece))
            data = bits + bytes(-len(bits) % 8) + struct.pack("<%dQ" % len(ends), *ends) + b"".join(pieces)
        return data + bytes(-len(data) % 8)

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_labels_are_ones_own(self):
        """What a model does to the labels of a frame is not seen by the next request."""
        first, _ = self.read(self.frame())
        first.columns.name = "changed"
        first.insert(0, "new", 1)
        second, _ = self.read(self.frame())
        self.assertEqual((second.columns.name, list(second.columns)), (None, ["x", 3, "s"]))

    def bodies(self):
        array = struct.pack("<BIIQQ", 10, 10, 2, 2, 1) + b"".join(struct.pack("<Bd", 4, x) for x in (0.5, 2))
        yield self.frame()
        yield self.labelled(request.ROWS_LEVELS, [(4, struct.pack("<qq", 7, 3)), (12, self.items(12, None, ["u", "v"]))])
        yield struct.pack("<Q", 1) + text("p") + value_bytes(word(2, 7)) + struct.pack("<Q", 3) + value_bytes(b"\0")
        yield NO_PARAMS + struct.pack("<QIIQQ4i", 1, 3, 2, 2, 2, 1, 2, 3, 4)
        yield NO_PARAMS + struct.pack("<QQ", 2, 1) + text("n") + struct.pack("<IIQd", 11, 1, 1, 0.5)
        yield NO_PARAMS + struct.pack("<Q", 3) + value_bytes(
            word(8, 3), word(9, 1), word(5, 1), b"k", word(3, 2), b"12", array, word(6, 1), b"b")  # fmt: skip
        yield NO_PARAMS + struct.pack("<QIIQQ", 1, 12, 1, 2, 3) + b"\3" + bytes(7) + struct.pack("<QQQ", 0, 1, 2) + b"1a" + bytes(6)

    def test_cut(self):
        for body in self.bodies():
            self.read(body)
            for n in range(len(body)):
                with self.assertRaises(request.Damaged, msg="%d of %r" % (n, body)):
                    self.read(body[:n])
            with self.assertRaises(request.Damaged):
                self.read(body + bytes(8))

    def test_damage(self):
        """One byte that is another: an error or a value, but neither all memory nor a crash."""
        chance = random.Random(7)
        n_damaged = 0
        for body in self.bodies():
            for at in range(len(body)):
                for value in {0, 1, 8, 10, 127, 255, chance.randrange(256)} - {body[at]}:
                    wrong = bytearray(body)
                    wrong[at] = value
                    try:
                        self.read(wrong)
                    except (request.Damaged, ValueError, TypeError, OverflowError):
                        n_damaged += 1
        self.assertGreater(n_damaged, 500)


class Messages(unittest.TestCase):
    """The channel: headers that lie, memory files that could shrink, and their way back."""

    def setUp(self):
        self.savor, ours = socket.socketpair()
        self.addCleanup(self.savor.close)
        self.link = channel.Channel(ours.detach())
        self.addCleanup(self.link.socket.close)

    def send(self, head, fd=None):
        rights = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]).tobytes())]
        self.savor.sendmsg([head], rights)

    @staticmethod
    def head(size=0, flags=0, magic=channel.MAGIC, version=channel.VERSION, rest=0):
        return channel.HEADER.pack(magic, version, channel.PREDICT, 9, size, flags, rest)

    def memory(self, size, seals):
        fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self.addCleanup(os.close, fd)
        os.ftruncate(fd, size)
        os.pwrite(fd, b"body", 0)
        fcntl.fcntl(fd, channel.F_ADD_SEALS, seals)
        return fd

    def test_headers(self):
        pipe = os.pipe()
        self.addCleanup(os.close, pipe[0])
        self.addCleanup(os.close, pipe[1])
        sealed, loose = self.memory(4096, channel.SEAL_SHRINK), self.memory(4096, 0)
        for head, fd in (
            (self.head(magic=1), None), (self.head(version=1), None), (self.head(rest=1), None),
            (self.head(flags=64), None), (self.head(size=channel.INLINE_MAX + 1), None),
            (self.head(size=4096, flags=channel.IN_MEMFD), None), (self.head(size=4096, flags=channel.IN_MEMFD), loose),
            (self.head(size=4097, flags=channel.IN_MEMFD), sealed),
        ):  # fmt: skip
            self.send(head, fd)
            with self.assertRaises(channel.Broken):
                self.link.receive()
        self.send(self.head(size=4096, flags=channel.IN_MEMFD), pipe[0])
        with self.assertRaises(OSError):  # it has no seals at all
            self.link.receive()

    def test_cut(self):
        self.send(self.head(size=8)[:20])
        self.savor.shutdown(socket.SHUT_WR)
        self.assertIsNone(self.link.receive())

    def test_cut_body(self):
        self.send(self.head(size=8) + b"1234")
        self.savor.shutdown(socket.SHUT_WR)
        self.assertIsNone(self.link.receive())

    def reply(self, pieces):
        """The flags of an answer, and its body."""
        self.link.send(channel.ANSWER, 9, pieces)
        head, ancillary, _, _ = self.savor.recvmsg(channel.HEADER.size, socket.CMSG_SPACE(4))
        _, _, _, _, size, flags, _ = channel.HEADER.unpack(head)
        if not flags & channel.IN_MEMFD:
            return flags, self.savor.recv(size) if size else b""
        fd = struct.unpack("i", ancillary[0][2])[0]
        try:
            return flags, os.pread(fd, size, 0)
        finally:
            os.close(fd)

    def test_lending(self):
        fd = self.memory(1 << 20, channel.SEAL_SHRINK)
        for is_kept in (False, True):
            self.send(self.head(size=1 << 20, flags=channel.IN_MEMFD), fd)
            kind, ident, body, _ = self.link.receive()
            self.assertEqual((kind, ident, bytes(body[:4])), (channel.PREDICT, 9, b"body"))
            body[0] = 0x42  # a private page: savor's stays as it is
            kept = body if is_kept else None
            del body
            self.assertEqual(self.reply([b"12345678"]), (0 if is_kept else channel.RELEASED, b"12345678"))
        self.assertEqual(bytes(kept[:4]), b"Body")
        self.assertEqual(os.pread(fd, 4, 0), b"body")

    def test_large_answers(self):
        """One memory file for all of them, a larger one when it must be; it can be made of the request's bytes."""
        fd = self.memory(1 << 20, channel.SEAL_SHRINK)
        self.send(self.head(size=1 << 20, flags=channel.IN_MEMFD), fd)
        _, _, body, _ = self.link.receive()
        pieces = [b"x" * 80000, b"", body]
        del body
        flags, got = self.reply(pieces)
        self.assertEqual(flags, channel.IN_MEMFD | channel.RELEASED)
        self.assertEqual((len(got), got[79999:80004]), (80000 + (1 << 20), b"xbody"))
        first = self.link.memory
        many = [bytes([i % 256]) * 64 for i in range(3000)]
        self.assertEqual(self.reply(list(many)), (channel.IN_MEMFD, b"".join(many)))
        self.assertIs(self.link.memory, first)
        self.assertEqual(len(self.reply([bytes(8 << 20)])[1]), 8 << 20)
        self.assertIsNot(self.link.memory, first)


class Parent(unittest.TestCase):
    def test_chance(self):
        """A generator that loading has touched goes on from there in each worker; another one begins anew."""
        chance = parent.Chance()
        random.setstate(chance.before[0])
        untouched = parent.Chance.states()
        random.seed(1)
        chance.in_child(untouched)
        self.assertNotEqual(random.getstate(), untouched[0])
        random.seed(5)
        touched = parent.Chance.states()
        random.seed()
        chance.in_child(touched)
        self.assertEqual(random.getstate(), touched[0])

    def test_open_files(self):
        for path, is_seen in ((os.path.realpath(__file__), True), ("/dev/null", False)):
            with open(path) as f:
                fd = fcntl.fcntl(f, fcntl.F_DUPFD, 10)  # those below 4 are a worker's own
                self.addCleanup(os.close, fd)
                self.assertEqual(path in parent.open_files(), is_seen)


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

    @unittest.skipIf(request.pd is None, "pandas is not there")
    def test_frames(self):
        frame = request.pd.DataFrame({"x": [1.5, 2.5], 7: [True, False]})
        body = b"".join(bytes(p) for p in answer.write_answer(frame, 3))
        heads = struct.pack("<QQ", 11, 0) + text("x") + struct.pack("<QQq", 0, 1, 7)
        want = struct.pack("<QQQQ", 0, 2, 2, len(heads)) + heads + struct.pack("<dd", 1.5, 2.5) + b"\1\0" + bytes(6)
        self.assertEqual(body, want)

    def test_error(self):
        body = b"".join(answer.write_error(1, "C", "m", ""))
        self.assertEqual(body, struct.pack("<Q", 1) + text("C") + text("m") + text(""))


class Home(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.home = os.path.join(self.folder.name, "home")
        for path in (".cache/models", ".local/share/data", "work"):
            os.makedirs(os.path.join(self.home, path))
        with open(os.path.join(self.home, ".cache/models/weights"), "w") as f:
            f.write("1")

    def test_show(self):
        own = os.path.join(self.folder.name, "own")
        home.show(self.home, own)
        home.show(self.home, own)  # another worker, or one that was started again
        os.makedirs(os.path.join(own, ".cache/new/folder"))
        os.makedirs(os.path.join(own, ".local/share/new"))
        with open(os.path.join(own, ".cache/models/weights")) as f:
            self.assertEqual(f.read(), "1")
        self.assertTrue(os.path.islink(os.path.join(own, "work")))
        self.assertEqual(sorted(os.listdir(os.path.join(self.home, ".cache"))), ["models"])

    def test_settle(self):
        kept = dict(os.environ)
        try:
            os.environ.update(HOME=self.home, TMPDIR=self.folder.name, JAVA_TOOL_OPTIONS="-Xmx64m")
            home.settle()  # a home that may be written stays
            self.assertEqual(os.environ["HOME"], self.home)
            self.assertEqual(os.environ["JAVA_TOOL_OPTIONS"], "-Xmx64m -Djava.io.tmpdir=" + self.folder.name)
            self.assertEqual(os.environ["PATH"].split(":")[0], os.path.dirname(sys.executable))
            os.environ["HOME"] = os.path.join(self.folder.name, "absent")
            home.settle()
            self.assertEqual(os.environ["HOME"], os.path.join(self.folder.name, ".home"))
            self.assertTrue(home.may_write(os.path.expanduser("~")))
        finally:
            os.environ.clear()
            os.environ.update(kept)


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
