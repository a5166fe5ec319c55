"""Model files that attack whoever reads them: the table TRICKS, made from nothing by this script.

A row says what `savor models verify` must call the file (its verdict), and what `savor models predict --no-code` must
say: a part of its error, or ANSWERS where the trick lies in a part of a good model that nobody needs, so that the
answer is the good model's. KILLS, as the command of a trick would run it, leaves a file behind if anything runs it.
"""
import bz2
import gzip
import io
import json
import lzma
import os
import struct
import zipfile
import zlib
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
GOOD = os.path.join(os.path.dirname(HERE), "data", "models", "sk-linreg-v1", "model", "model.pkl")
NO_ESTIMATOR = "no estimator where one was expected"
GOOD_CBM = os.path.join(os.path.dirname(HERE), "data", "models", "cb-reg-nanmax-v3", "model", "model.cb")
GOOD_SKOPS = os.path.join(os.path.dirname(HERE), "data", "models", "pipe-svd-v3", "model", "model.skops")
CANARY = "canary"
KILLS = b"touch canary"

# kind: "pickle", "skops" or "cbm": which MLmodel lies beside it. code: what verify exits with.
Trick = namedtuple("Trick", "name kind content verdict says")
ANSWERS = object()
TRICKS = []


def read(path):
    with open(path, "rb") as f:
        return f.read()


def add(name, content, verdict, says, kind="pickle"):
    TRICKS.append(Trick(name, kind, content, verdict, says))


# ---- calls ----

def text(value):
    """SHORT_BINUNICODE or BINUNICODE."""
    raw = value if isinstance(value, bytes) else value.encode()
    return (b"\x8c" + bytes([len(raw)]) if len(raw) < 256 else b"X" + struct.pack("<I", len(raw))) + raw


def call(module, name, *args):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n(" + b"".join(map(text, args)) + b"tR"


def in_good_model(ops):
    """`ops` leave nothing on the stack: they run, were they run, before the model is built."""
    good = read(GOOD)
    assert good[:1] == b"\x80"
    return good[:2] + ops + good[2 + (9 if good[2:3] == b"\x95" else 0):]


def add_calls():
    callables = [("os", "system"), ("posix", "system"), ("nt", "system"), ("os", "popen"), ("os", "execv"),
                 ("subprocess", "Popen"), ("subprocess", "check_output"), ("commands", "getoutput"),
                 ("builtins", "eval"), ("builtins", "exec"), ("__builtin__", "eval"), ("__builtin__", "execfile"),
                 ("builtins", "__import__"), ("builtins", "getattr"), ("builtins", "compile"), ("builtins", "open"),
                 ("importlib", "import_module"), ("runpy", "run_path"), ("runpy", "_run_code"), ("pty", "spawn"),
                 ("code", "InteractiveInterpreter"), ("pip", "main"), ("pip._internal", "main"), ("pdb", "run"),
                 ("bdb", "Bdb"), ("timeit", "timeit"), ("cProfile", "run"), ("profile", "run"), ("trace", "Trace"),
                 ("doctest", "debug_script"), ("ctypes", "CDLL"), ("ctypes.util", "find_library"),
                 ("socket", "create_connection"), ("urllib.request", "urlopen"), ("webbrowser", "open"),
                 ("ssl", "get_server_certificate"), ("http.client", "HTTPConnection"), ("smtplib", "SMTP"),
                 ("shutil", "rmtree"), ("tempfile", "mktemp"), ("pathlib", "Path"), ("glob", "glob"),
                 ("pickle", "loads"), ("_pickle", "load"), ("marshal", "loads"), ("shelve", "open"),
                 ("dill", "loads"), ("cloudpickle.cloudpickle", "subimport"), ("joblib", "load"), ("numpy", "load"),
                 ("numpy.testing._private.utils", "runstring"), ("numpy.f2py", "compile"), ("pandas", "eval"),
                 ("pandas.io.pickle", "read_pickle"), ("torch", "load"), ("torch.hub", "load"),
                 ("operator", "attrgetter"), ("operator", "methodcaller"), ("functools", "reduce"),
                 ("types", "FunctionType"), ("types", "CodeType"), ("asyncio", "create_subprocess_shell"),
                 ("multiprocessing", "Process"), ("threading", "Thread"), ("signal", "signal"), ("sys", "exit"),
                 ("distutils.spawn", "spawn"), ("setuptools", "setup"), ("venv", "create"), ("site", "main"),
                 ("ensurepip", "bootstrap"), ("idlelib.run", "Executive"), ("lib2to3.pgen2.pgen", "ParserGenerator"),
                 ("zipimport", "zipimporter"), ("sqlite3", "connect"), ("logging.config", "listen"),
                 ("logging", "FileHandler"), ("platform", "popen"), ("linecache", "getlines"), ("inspect", "getsource")]
    for module, name in callables:
        add(f"reduce-{module}.{name}", call(module, name, KILLS) + b".", "dangerous", "would call")
    for module, name in callables[:12]:
        add(f"inside-{module}.{name}", in_good_model(call(module, name, KILLS) + b"0"), "dangerous", ANSWERS)
    g = b"cos\nsystem\n"
    add("inst", b"(" + text(KILLS) + b"ios\nsystem\n.", "dangerous", "would call")
    add("obj", b"(" + g + text(KILLS) + b"o.", "dangerous", "would call")
    add("newobj", b"\x80\2" + g + text(KILLS) + b"\x85\x81.", "dangerous", "would call")
    add("newobj-ex", b"\x80\4" + g + text(KILLS) + b"\x85}\x92.", "dangerous", "would call")
    add("build", b"csklearn.linear_model._base\nLinearRegression\n)\x81}" + text("__setstate__") + g + b"sb" +
        text(KILLS) + b"b.", "dangerous", "a second state")
    add("build-slots", in_good_model(b"csklearn.base\nBaseEstimator\n)\x81N}" + text("__class__") + g +
                                     b"s\x86b0"), "dangerous", ANSWERS)
    add("setitem-of-callable", b"cbuiltins\ndict\n)R" + text("x") + call("os", "system", KILLS) + b"s.", "dangerous",
        NO_ESTIMATOR)
    add("reduce-of-reduce", call("builtins", "getattr", "os", "system")[:-2] + b"tR" + text(KILLS) + b"\x85R.",
        "dangerous", "would call")
    add("call-of-call", b"cfunctools\npartial\n(" + g + text(KILLS) + b"tR)R.", "dangerous", NO_ESTIMATOR)
    add("reduce-in-key", in_good_model(b"}" + call("os", "system", KILLS) + b"Ns0"), "dangerous", ANSWERS)
    add("in-set", in_good_model(b"\x8f(" + call("os", "system", KILLS) + b"\x900"), "dangerous", ANSWERS)
    add("persid", b"Pos.system\n.", "known", "persistent_load")
    add("binpersid", b"\x80\2" + text(KILLS) + b"Q.", "known", "persistent_load")
    for width, code in ((1, b"\x82\1"), (2, b"\x83\1\0"), (4, b"\x84\1\0\0\0")):
        add(f"ext{width}", b"\x80\2" + code + b")R.", "unreadable", "extension codes")
    add("next-buffer", b"\x80\5\x97.", "unreadable", "buffers outside")
    add("readonly-buffer", b"\x80\5N\x98.", "unreadable", "buffers outside")


# ---- names ----

def stack_global(module, name):
    return b"\x80\4" + text(module) + text(name) + b"\x93" + text(KILLS) + b"\x85R."


def add_names():
    add("name-dotted", stack_global("sklearn.base", "os.system"), "dangerous", "would call")
    add("name-dotted-twice", stack_global("sklearn.base", "clone.__globals__.os.system"), "dangerous", "would call")
    add("name-dotted-known", stack_global("sklearn.base", "BaseEstimator.__init__.__globals__"), "unknown", "expected")
    add("name-with-newline", stack_global("os\nx", "system\n"), "unknown", NO_ESTIMATOR)
    add("name-with-nul", stack_global(b"os\0x", b"system\0"), "unknown", NO_ESTIMATOR)
    add("name-with-escape", stack_global("\x1b[2Jos", "system\r\nINFO fine"), "unknown", NO_ESTIMATOR)
    add("name-right-to-left", stack_global("\u202eos", "metsys"), "unknown", NO_ESTIMATOR)
    add("name-full-width", stack_global("\uff4f\uff53", "system"), "unknown", NO_ESTIMATOR)
    add("name-surrogate", stack_global(b"os\xed\xa0\x80", "system"), "unknown", NO_ESTIMATOR)
    add("name-empty", stack_global("", ""), "known", NO_ESTIMATOR)
    add("name-of-quotes", stack_global('"], "verdict": "known', '"}'), "unknown", NO_ESTIMATOR)
    add("name-not-utf8", b"c\xff\xfe\nsystem\n)R.", "unreadable", "not UTF-8")
    add("name-no-text", b"\x80\4K\1K\2\x93)R.", "unreadable", "a name that is no text")
    add("name-of-bytes", b"\x80\4C\2osC\6system\x93)R.", "unreadable", "a name that is no text")
    add("name-one-megabyte", stack_global("o" * (1 << 20), "s" * (1 << 20)), "unknown", NO_ESTIMATOR)
    add("name-of-dots", stack_global("os", "." * 100000), "dangerous", "would call")
    add("name-by-memo", b"\x80\4" + text("os") + b"\x940" + text("system") + b"\x940h\0h\1\x93" + text(KILLS) +
        b"\x85R.", "dangerous", "would call")
    add("names-many", b"".join(b"cm%d\nN\n0" % i for i in range(50000)) + b"N.", "unknown", NO_ESTIMATOR)
    add("global-blank", b"c os\nsystem \n)R.", "unknown", NO_ESTIMATOR)
    add("global-carriage", b"cos\r\nsystem\r\n)R.", "unknown", NO_ESTIMATOR)


# ---- lies about lengths ----

def add_lengths():
    huge8, huge4 = b"\xff" * 7 + b"\x7f", b"\xff\xff\xff\x7f"
    longer = "a length was larger"
    for name, op in (("binunicode8", b"\x8d"), ("binbytes8", b"\x8e"), ("bytearray8", b"\x96")):
        add(f"length-{name}", b"\x80\5" + op + huge8 + b"ab.", "unreadable", longer)
        add(f"length-{name}-wraps", b"\x80\5" + op + b"\xff" * 8 + b"ab.", "unreadable", longer)
    for name, op in (("binunicode", b"X"), ("binbytes", b"B"), ("binstring", b"T"), ("long4", b"\x8b")):
        add(f"length-{name}", b"\x80\3" + op + huge4 + b"ab.", "unreadable", longer)
        add(f"length-{name}-negative", b"\x80\3" + op + b"\xff" * 4 + b"ab.", "unreadable", longer)
    for name, op in (("short-binunicode", b"\x8c"), ("short-binbytes", b"C"), ("short-binstring", b"U"), ("long1", b"\x8a")):
        add(f"length-{name}", b"\x80\4" + op + b"\xffab.", "unreadable", longer)
    add("frame-huge", b"\x80\4\x95" + huge8 + b"N.", "unreadable", "a frame was larger")
    add("frame-wraps", b"\x80\4\x95" + b"\xff" * 8 + b"N.", "unreadable", "a frame was larger")
    add("frame-short", b"\x80\4\x95" + struct.pack("<Q", 1) + call("os", "system", KILLS) + b".", "dangerous", "would call")
    add("frame-zero", b"\x80\4\x95" + bytes(8) + call("os", "system", KILLS) + b".", "dangerous", "would call")
    add("frames-nested", b"\x80\4" + b"\x95\1\0\0\0\0\0\0\0" * 1000 + b"N.", "known", NO_ESTIMATOR)
    add("int-of-digits", b"I" + b"9" * 1000000 + b"\n.", "unreadable", "too many")
    add("long-of-digits", b"L" + b"9" * 1000000 + b"L\n.", "unreadable", "too many")
    add("float-of-digits", b"F" + b"9" * 1000000 + b"\n.", "known", NO_ESTIMATOR)
    add("long-one-megabyte", b"\x8b" + struct.pack("<I", 1 << 20) + b"\x7f" * (1 << 20) + b".", "known", NO_ESTIMATOR)


# ---- stack, memo, depth ----

def add_machine():
    add("memo-bomb", b"Nr\xff\xff\xff\x7f.", "unreadable", "memo entry was too large")
    add("memo-bomb-put", b"Np4294967295\n.", "unreadable", "memo entry was too large")
    add("memo-bomb-text", b"Np99999999999999999999999\n.", "unreadable", "memo entry was no number")
    add("memo-get-none", b"j\xff\xff\xff\x7f.", "unreadable", "nothing in the memo")
    add("memo-get-later", b"\x80\4h\0\x94.", "unreadable", "nothing in the memo")
    add("memo-many", b"\x80\4N" + b"\x94" * 1000000 + b".", "known", NO_ESTIMATOR)
    add("stack-empty", b"0.", "unreadable", "nothing on the stack")
    add("pop-takes-mark", b"N(0.", "known", NO_ESTIMATOR)
    add("stack-million", b"N" * 1000000 + b".", "unreadable", "STOP with other")
    add("marks-million", b"(" * 1000000 + b".", "unreadable", "STOP with other")
    add("dup-million", b"N" + b"2" * 1000000 + b"t.", "unreadable", "no mark")
    add("deep-lists", b"]" * 1000000 + b"a" * 999999 + b".", "known", NO_ESTIMATOR)
    add("deep-tuples", b")" + b"\x85" * 1000000 + b".", "known", NO_ESTIMATOR)
    add("deep-objects", b"csklearn.pipeline\nPipeline\n" + b")\x81" * 100000 + b".", "known", "not supported natively")
    add("deep-estimators", deep_estimators(20000), "known", "")
    add("itself", b"\x80\4]\x94h\0a.", "known", NO_ESTIMATOR)
    add("estimator-in-itself", estimator_in_itself(), "known", "")
    add("empty", b"", "unreadable", "without STOP")
    add("no-stop", b"N", "unreadable", "without STOP")
    add("protocol-255", b"\x80\xffN.", "unreadable", "protocol 255")
    add("protocol-inside", b"N\x80\4.", "unreadable", "protocol number inside")
    add("opcode-none", b"\xfe.", "unreadable", "is no opcode")
    add("key-that-changes", b"}]Ns.", "unreadable", "a key that can be changed")
    add("trailing-bytes", read(GOOD) + b"\0" * 1000, "known", ANSWERS)
    add("second-pickle", read(GOOD) + call("os", "system", KILLS) + b".", "known", ANSWERS)
    add("first-pickle", call("os", "system", KILLS) + b"." + read(GOOD), "dangerous", "would call")


def deep_estimators(depth):
    """CalibratedClassifierCV-like wrappers inside one another."""
    one = b"csklearn.multiclass\nOneVsRestClassifier\n)\x81}" + text("estimators_") + b"]"
    return b"\x80\4" + one * depth + b"Nasb" + b"asb" * (depth - 1) + b"."


def estimator_in_itself():
    return (b"\x80\4csklearn.pipeline\nPipeline\n)\x81\x94}" + text("steps") + b"](" + text("a") + b"h\0\x86" + text("b") +
            b"h\0\x86esb.")


# ---- sharing ----

def laughs(levels, width):
    """Lists of the same list `width` times, `levels` deep: width ** levels items when written out."""
    ops = b"\x80\4]\x94(" + b"K\7" * width + b"e"
    for level in range(1, levels):
        ops += b"0]\x94(" + b"h" + bytes([level - 1])
        ops += (b"h" + bytes([level - 1])) * (width - 1) + b"e"
    return ops


def add_sharing():
    good = b"csklearn.linear_model._base\nLinearRegression\n)\x81}"
    add("laughs", laughs(100, 10) + b".", "known", NO_ESTIMATOR)
    add("laughs-of-tuples", b"\x80\4)" + b"22\x87" * 200 + b".", "known", NO_ESTIMATOR)
    for attribute in ("coef_", "intercept_", "n_features_in_", "feature_names_in_"):
        add(f"laughs-{attribute}", laughs(60, 10)[2:].join((b"\x80\4", b"0" + good + text(attribute) + b"h\x3bsb.")),
            "known", "")
    add("laughs-wide", laughs(3, 100000) + b".", "known", NO_ESTIMATOR)
    add("lists-of-list", b"\x80\4](" + b"N" * 100000 + b"e\x94" + b"cbuiltins\nlist\n\x940" +
        b"h\1h\0\x85R0" * 20000 + b".", "unreadable", "limit")
    add("dicts-of-dict", b"\x80\4}(" + b"K\1N" * 50000 + b"u\x94" + b"cbuiltins\ndict\n\x940" +
        b"h\1h\0\x85R0" * 20000 + b".", "unreadable", "limit")
    add("bytes-of-bytes", b"\x80\4B" + struct.pack("<I", 1 << 20) + bytes(1 << 20) + b"\x94" +
        b"cbuiltins\nbytearray\n\x940" + b"h\1h\0\x85R0" * 20000 + b".", "known", NO_ESTIMATOR)
    add("arrays-of-bytes", b"\x80\4B" + struct.pack("<I", 1 << 20) + bytes(1 << 20) + b"\x94" +
        b"cnumpy\ndtype\n" + text("u1") + b"\x85R\x94cnumpy.core.numeric\n_frombuffer\n\x94(h\0h\1J" +
        struct.pack("<i", 1 << 20) + b"\x85" + text("C") + b"t\x94" + b"h\2h\3R0" * 20000 + b".", "unreadable", "")
    add("fields-many", fields_many(), "known", NO_ESTIMATOR)
    add("fields-many-unordered", fields_many(-1), "known", NO_ESTIMATOR)
    add("records-cheap", b"}" * 3000000 + b".", "unreadable", "")
    add("set-of-itself", b"\x80\4\x8f\x94(h\0\x90.", "known", NO_ESTIMATOR)
    add("append-to-itself", b"\x80\4](NNNNNNNNNNe\x94" + b"(h\0h\0e0h\0" * 100000 + b".", "known", NO_ESTIMATOR)


def fields_many(step=1):
    """A dtype of many fields, again and again; the dict holds them in the names' order or against it."""
    names = b"(" + b"".join(text(f"f{i}") for i in range(4096)) + b"t\x94"
    return (b"\x80\4cnumpy\ndtype\n\x94" + text("f8") + b"\x85R\x94" + names + b"}(" +
            b"".join(text(f"f{i}") + b"h\1K\0\x86" for i in range(4096)[::step]) + b"u\x94000" +
            b"(" + (b"h\0" + text("V8") + b"\x85R(K\3" + text("|") + b"Nh\2h\3K\x08K\1K\0tb") * 200 + b"t.")


# ---- compressed ----

def add_compressed():
    zeros = b"\x80\4B" + struct.pack("<I", 1 << 30) + bytes(1 << 20)
    for name, pack in (("zlib", zlib.compress), ("gzip", gzip.compress), ("bz2", bz2.compress),
                       ("xz", lzma.compress), ("lzma", lambda b: lzma.compress(b, format=lzma.FORMAT_ALONE))):
        evil = call("os", "system", KILLS) + b"."
        add(f"{name}-call", pack(evil), "dangerous", "would call")
        add(f"{name}-twice", pack(pack(evil)), "unreadable", "")
        add(f"{name}-chain", chain(pack), "unreadable", "")
        add(f"{name}-cut", pack(read(GOOD))[:-12], "unreadable", "")
        add(f"{name}-flipped", flip(pack(read(GOOD))), "unreadable", "")
        add(f"{name}-lying-length", pack(zeros), "unreadable", "")
        add(f"{name}-good", pack(read(GOOD)), "known", ANSWERS)
    for name, content in bombs().items():
        add(f"bomb-{name}", content, "unreadable", "")
    add("lz4-nonsense", b"\x04\x22\x4d\x18" + b"\xff" * 64, "unreadable", "")
    add("zstd-nonsense", b"\x28\xb5\x2f\xfd" + b"\xff" * 64, "unreadable", "")
    add("joblib-shape-huge", joblib_array([1 << 40, 1 << 40]), "unreadable", "")
    add("joblib-shape-long", joblib_array([1 << 40]), "unreadable", "ended inside")
    add("joblib-shape-negative", joblib_array([-1]), "unreadable", "without a shape")
    add("joblib-padding", joblib_array([2], b"K\x10", b"\xff"), "unreadable", "a length was larger")
    add("joblib-object-call", joblib_array([1], dtype="O8", tail=call("os", "system", KILLS) + b"."), "dangerous",
        "is no array")
    add("joblib-own-file", joblib_array([2], cls="NDArrayWrapper"), "unreadable", "files of their own")


def chain(pack):
    """Compressed ten times: what is between two of them is as large as anyone likes."""
    data = bytes(1 << 20)
    for _ in range(10):
        data = pack(data)
    return data


def flip(data):
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]


def bomb_step():
    return b"\x80\4" + b"N0" * (1 << 19)


def bombs():
    """Pickles that begin well and go on for ever, in a few kilobytes or megabytes: one block after another."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = pack.compress(b"\x80\4") + pack.flush(zlib.Z_FULL_FLUSH)
    again = pack.compress(b"N0" * (1 << 19)) + pack.flush(zlib.Z_FULL_FLUSH)
    return {"gzip": head + again * 2000, "bz2": bz2.compress(bomb_step()) * 2000, "xz": lzma.compress(bomb_step()) * 2000}


def joblib_array(shape, alignment=b"N", tail=b"", dtype="f8", cls="NumpyArrayWrapper"):
    dims = b"".join(b"\x8a\x08" + struct.pack("<q", n) for n in shape)
    return (b"\x80\4cjoblib.numpy_pickle\n" + cls.encode() + b"\n)\x81}(" + text("subclass") + b"cnumpy\nndarray\n" +
            text("shape") + b"(" + dims + b"t" + text("order") + text("C") + text("dtype") + b"cnumpy\ndtype\n" +
            text(dtype) + b"\x85R" + text("allow_mmap") + b"\x88" + text("numpy_array_alignment_bytes") + alignment +
            b"ub" + tail + b".")


# ---- zip, skops, npy ----

NPY = b"\x93NUMPY\1\0\x39\0{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }0123456789abcdef"
GOOD_ROOT = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "__id__": 1,
             "type": "numpy", "file": "a.npy"}


def npy(header, data=b"", version=b"\1\0", length=None):
    n = len(header) if length is None else length
    return b"\x93NUMPY" + version + struct.pack("<H" if version == b"\1\0" else "<I", n) + header + data


def schema(root=None, **more):
    return json.dumps({**(root or GOOD_ROOT), "protocol": 1, "_skops_version": "0.11.0", **more}).encode()


def skops(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = method
            z.writestr(info, content)
    return out.getvalue()


def with_npy(content):
    return skops([("a.npy", content), ("schema.json", schema())])


def patched(data, magic, offset, value):
    """Some bytes of each record that begins with `magic`."""
    out, at = bytearray(data), data.find(magic)
    while at >= 0:
        out[at + offset:at + offset + len(value)] = value
        at = data.find(magic, at + 1)
    return bytes(out)


def add_zips():
    local, entry, end = b"PK\3\4", b"PK\1\2", b"PK\5\6"
    good = skops([("a.npy", NPY), ("schema.json", schema())])
    def row(name, content, verdict, says):
        add(f"zip-{name}", content, verdict, says, "skops")

    row("no-estimator", good, "known", NO_ESTIMATOR)
    row("twice-a-name", skops_twice(), "known", NO_ESTIMATOR)
    row("absolute-path", skops([("/etc/passwd", NPY), ("schema.json", schema({**GOOD_ROOT, "file": "/etc/passwd"}))]),
        "known", NO_ESTIMATOR)
    row("absolute-path-absent", skops([("schema.json", schema({**GOOD_ROOT, "file": "/etc/passwd"}))]), "known", "/etc/passwd")
    row("dots", skops([("../../canary", NPY), ("schema.json", schema({**GOOD_ROOT, "file": "../../canary"}))]), "known", NO_ESTIMATOR)
    row("dots-absent", skops([("schema.json", schema({**GOOD_ROOT, "file": "../MLmodel"}))]), "known", "../MLmodel")
    link = zipfile.ZipInfo("a.npy")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    row("symlink", skops([(link, b"/etc/passwd"), ("schema.json", schema())]), "known", "")
    row("local-name-differs", patched(good, local, 30, b"b.npy"), "unreadable", "another name")
    row("local-size-differs", patched(good, local, 18, b"\xff\xff\xff\x7f"), "known", NO_ESTIMATOR)
    row("central-size-huge", patched(good, entry, 20, b"\xff\xff\xff\x7f"), "unreadable", "")
    row("central-unpacked-huge", patched(good, entry, 24, b"\xff\xff\xff\x7f"), "unreadable", "")
    row("crc", patched(good, entry, 16, b"abcd"), "unreadable", "CRC-32")
    row("encrypted", patched(patched(good, local, 6, b"\1\0"), entry, 8, b"\1\0"), "unreadable", "encrypted")
    row("method-unknown", patched(good, entry, 10, b"\x63\0"), "unreadable", "method")
    row("offset-outside", patched(good, entry, 42, b"\xff\xff\xff\x7f"), "unreadable", "outside")
    row("directory-outside", patched(good, end, 16, b"\xff\xff\xff\x7f"), "unreadable", "directory")
    row("entries-lie", patched(good, end, 8, b"\xff\xff\xff\xff"), "known", NO_ESTIMATOR)
    row("comment-lies", patched(good, end, 20, b"\xff\xff"), "unreadable", "no end record")
    row("data-behind", good + b"x" * 1000, "known", NO_ESTIMATOR)
    row("data-behind-far", good + b"x" * 70000, "unreadable", "no end record")
    row("second-end-in-comment", patched(good, end, 20, b"\x16\0") + end + b"\0" * 18, "unreadable", "")
    row("extra-field-lies", patched(good, entry, 30, b"\xff\xff"), "unreadable", "")
    row("overlap", zip_overlap(), "unreadable", "")
    row("bomb", skops([("schema.json", b" " * (64 << 20))], zipfile.ZIP_DEFLATED), "unreadable", "")
    row("bomb-npy", skops([("a.npy", npy_zeros(96 << 20)), ("schema.json", schema())], zipfile.ZIP_DEFLATED), "known", "")
    row("bomb-shared", skops_shared_bomb(), "known", "")
    row("members-many", skops([(f"m{i}", b"") for i in range(20000)] + [("schema.json", schema()), ("a.npy", NPY)]),
        "known", NO_ESTIMATOR)
    row("no-schema", skops([("a.npy", NPY)]), "unreadable", "schema.json")
    row("pickle-inside", skops([("schema.json", call("os", "system", KILLS) + b".")]), "unreadable", "")


def skops_twice():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("schema.json", b"nonsense")
        z.writestr("a.npy", NPY)
        z.writestr("schemb.json", schema())
    return out.getvalue().replace(b"schemb.json", b"schema.json")


def zip_overlap():
    """A thousand entries of one deflated member."""
    one = skops([("schema.json", b" " * (1 << 20))], zipfile.ZIP_DEFLATED)
    at, end = one.find(b"PK\1\2"), one.find(b"PK\5\6")
    directory = one[at:end] * 1000
    return one[:at] + directory + b"PK\5\6\0\0\0\0\xe8\3\xe8\3" + struct.pack("<II", len(directory), at) + b"\0\0"


def npy_zeros(n_bytes):
    return npy(b"{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }" % n_bytes, bytes(n_bytes))


def skops_shared_bomb():
    array = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy", "file": "a.npy"}
    root = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "__id__": 0,
            "content": [{**array, "__id__": 10 + i} for i in range(2000)]}
    return skops([("a.npy", npy_zeros(8 << 20)), ("schema.json", schema(root))], zipfile.ZIP_DEFLATED)


def add_schemas():
    def row(name, root, verdict, says):
        add(f"skops-{name}", skops([("a.npy", NPY), ("schema.json", root if isinstance(root, bytes) else schema(root))]),
            verdict, says, "skops")

    def node(module, cls, loader, **more):
        return {"__module__": module, "__class__": cls, "__loader__": loader, "__id__": 7, **more}

    empty = node("builtins", "dict", "DictNode", content={}, key_types=node("builtins", "list", "ListNode", content=[]))
    path = node("builtins", "str", "JsonNode", content='"touch canary"', is_json=True)
    args = node("builtins", "tuple", "TupleNode", content=[path])
    for module, name in (("os", "system"), ("posix", "system"), ("builtins", "eval"), ("subprocess", "Popen")):
        row(f"object-{module}.{name}", node(module, name, "ObjectNode", content=empty), "dangerous", "would call")
        row(f"reduce-{module}.{name}", node(module, name, "ReduceNode", reduce=args, content=empty), "dangerous", "")
        row(f"constructor-{module}.{name}", node(module, name, "ConstructorFromReduceNode", content=args), "dangerous", "")
        row(f"type-{module}.{name}", node(module, name, "TypeNode"), "dangerous", NO_ESTIMATOR)
        row(f"function-{module}.{name}", node(module, name, "FunctionNode", content={"module_path": module, "function": name}),
            "dangerous", "")
        row(f"operator-{module}.{name}", node(module, name, "OperatorFuncNode", attrs=args), "dangerous", "")
        row(f"partial-{module}.{name}", node("functools", "partial", "PartialNode", content={
            "func": node(module, name, "FunctionNode", content={"module_path": module, "function": name}),
            "args": args, "kwds": empty, "namespace": empty}), "dangerous", "")
    row("method", node("builtins", "method", "MethodNode", content={"func": "system", "obj": node("os", "system", "ObjectNode")}),
        "dangerous", "")
    row("loader-unknown", node("os", "system", "ExecNode", content="touch canary"), "dangerous", "ExecNode")
    row("loader-dunder", node("builtins", "object", "__reduce__", content="os.system"), "known", "__reduce__")
    row("class-no-text", node("os", ["system"], "ObjectNode"), "known", "__class__")
    row("itself", node("builtins", "list", "ListNode", content=[node("builtins", "list", "CachedNode")]), "known", "")
    row("deep", deep_schema(100000), "unreadable", "")
    row("deep-nodes", deep_nodes(3000), "unreadable", "")
    row("laughs", laughing_schema(), "known", "")
    row("protocol-future", schema(None, protocol=99), "unreadable", "protocol 99")
    row("trusts-itself", schema(node("os", "system", "ObjectNode", content=empty), trusted=["os.system"],
                                __trusted__=True), "dangerous", "would call")
    row("json-nonsense", b"{", "unreadable", "schema.json")
    row("json-long-number", b'{"protocol": ' + b"9" * 1000000 + b"}", "unreadable", "")
    row("numpy-pickle", skops_pickled_array(), "known", "")


def deep_schema(depth):
    return b'{"protocol": 1, "content": ' + b"[" * depth + b"]" * depth + b"}"


def deep_nodes(depth):
    node = b'{"__module__": "builtins", "__class__": "list", "__loader__": "ListNode", "__id__": %d, "content": ['
    return b'{"protocol": 1, ' + b"".join(node % i for i in range(depth))[1:] + b"]}" * depth


def laughing_schema():
    """Each list holds the one before ten times, by its id."""
    def cached(i):
        return {"__module__": "builtins", "__class__": "list", "__loader__": "CachedNode", "__id__": i}
    inner = {"__module__": "builtins", "__class__": "list", "__loader__": "ListNode", "__id__": 1, "content": []}
    for i in range(2, 200):
        inner = {"__module__": "builtins", "__class__": "list", "__loader__": "ListNode", "__id__": i,
                 "content": [inner] + [cached(i - 1)] * 9}
    return inner


def skops_pickled_array():
    """An array whose "type" says that it is no .npy file."""
    return schema({**GOOD_ROOT, "type": "pickle"})


def add_npys():
    def row(name, content, says, verdict="known"):
        add(f"npy-{name}", with_npy(content), verdict, says, "skops")

    def header(descr="'<f8'", order="False", shape="(2,)"):
        return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()

    data = b"0123456789abcdef"
    row("good", npy(header(), data), NO_ESTIMATOR)
    row("code-in-header", npy(b"__import__('os').system('touch canary')", data), "")
    row("code-in-shape", npy(header(shape="(__import__('os').system('touch canary'),)"), data), "")
    row("code-in-descr", npy(header(descr="open('canary','w')"), data), "")
    row("code-in-order", npy(header(order="exec('1')"), data), "")
    row("pickled", npy(header(descr="'|O'", shape="(1,)"), call("os", "system", KILLS) + b"."), "")
    row("shape-huge", npy(header(shape="(1099511627776, 1099511627776)"), data), "")
    row("shape-wraps", npy(header(shape="(9223372036854775808, 2)"), data), "")
    row("shape-negative", npy(header(shape="(-1,)"), data), "")
    row("shape-zeros", npy(header(shape="(0, 18446744073709551615)"), b""), "")
    row("shape-of-many", npy(header(shape="(" + "1, " * 10000 + ")"), data), "")
    row("shape-deep", npy(header(shape="(" * 10000 + ")" * 10000), data), "")
    row("header-huge", npy(header() + b" " * 60000, data), NO_ESTIMATOR)
    row("header-lies", npy(header(), data, length=0xffff), "")
    row("header-lies-4", npy(header(), data, b"\2\0", 0xffffffff), "")
    row("version", npy(header(), data, b"\x63\0"), "")
    row("more-data", npy(header(), data * 2), "")
    row("less-data", npy(header(), data[:8]), "")
    row("item-of-nothing", npy(header(descr="'<U0'", shape="(1099511627776,)"), b""), "")
    row("item-huge", npy(header(descr="'<U1099511627776'"), data), "")
    row("fields-nested", npy(header(descr="[('a', [('b', '<f8')])]"), data), "")
    row("field-overlong", npy(header(descr="[('a', '<f8', (1099511627776, 1099511627776))]"), data), "")


# ---- CatBoost ----

def add_cbms():
    good = read(GOOD_CBM)

    def row(name, content, says, verdict="known"):
        add(f"cbm-{name}", content, verdict, says, "cbm")

    row("size-huge", good[:4] + b"\xff\xff\xff\xff" + good[8:], "")
    row("size-zero", good[:4] + b"\0\0\0\0" + good[8:], "")
    row("size-short", good[:4] + struct.pack("<I", 16) + good[8:], "")
    row("magic-only", b"CBM1", "")
    row("root-outside", good[:8] + b"\xff\xff\xff\x7f" + good[12:], "")
    row("root-itself", good[:8] + b"\0\0\0\0" + good[12:], "")
    row("cut", good[:len(good) // 2], "")
    row("all-ones", good[:12] + b"\xff" * (len(good) - 12), "")
    row("all-ones-offsets", good[:12] + b"\1\0\0\0" * ((len(good) - 12) // 4), "")
    row("pickle", call("os", "system", KILLS) + b".", "", "dangerous")


def all_tricks():
    """The table; made once."""
    if not TRICKS:
        for group in (add_calls, add_names, add_lengths, add_machine, add_sharing, add_compressed, add_zips, add_schemas,
                      add_npys, add_cbms):
            group()
    names = [t.name for t in TRICKS]
    assert len(names) == len(set(names)), "two tricks of one name"
    return TRICKS
