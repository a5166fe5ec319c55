#!/usr/bin/env python3
"""Reads generated texts with Python's own libraries and with libsavor (differ.c), and tells every difference.

    differ.py DIFFER json|yaml|csv|repr|csv-numbers [--n N] [--seed S] [--show K]

By hand, in an environment that has what is compared with: nothing for json and repr, PyYAML for yaml, pandas for csv (the
version decides which of the three ways to read is compared). Exit code 1 when something differs that is not in KNOWN.
"""
import argparse
import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import warnings

import texts

BATCH = 20000
LOADERS = {}


def ask(differ, mode, bodies):
    """What libsavor makes of each body."""
    sent = b"".join(struct.pack("<I", len(b)) + b for b in bodies)
    got = subprocess.run([differ, mode], input=sent, capture_output=True, check=True).stdout
    at, out = 0, []
    while at < len(got):
        n = struct.unpack_from("<I", got, at)[0]
        out.append(got[at + 4:at + 4 + n])
        at += 4 + n
    assert len(out) == len(bodies)
    return out


def encode(text):
    return text.encode("utf-8", "surrogatepass")


def tagged(tag, data):
    return b"%s%d:%s" % (tag, len(data), data)


def double(value):
    return b"dnan " if value != value else b"d%016x " % struct.unpack("<Q", struct.pack("<d", value))[0]


def scalar(v):
    if v is None:
        return b"n"
    if v is True or v is False:
        return b"t" if v else b"f"
    if isinstance(v, int):
        return b"i%d " % v
    if isinstance(v, float):
        return double(v)
    if isinstance(v, str):
        return tagged(b"s", encode(v))
    if isinstance(v, bytes):
        return tagged(b"b", v)
    return tagged(b"T", str(v).encode())


# ---- JSON ----

def read_json(text):
    try:
        return json.dumps(json.loads(text)).encode()
    except RecursionError:
        return b"L"
    except ValueError as e:
        return b"L" if "integer string conversion" in str(e) else b"E"


# ---- YAML ----

class OrderedSet(dict):
    """A set that keeps the order of its text, which Python's own does not."""


def ordered_loader(base):
    class Loader(base):
        pass

    def construct_set(self, node):
        out = OrderedSet()
        yield out
        out.update(self.construct_mapping(node))
    Loader.add_constructor("tag:yaml.org,2002:set", construct_set)
    return Loader


def yaml_value(v):
    if isinstance(v, OrderedSet):
        return b"S" + b"".join(yaml_value(x) for x in v) + b"]"
    if isinstance(v, dict):
        return b"{" + b"".join(yaml_value(k) + yaml_value(x) for k, x in v.items()) + b"]"
    if isinstance(v, (list, tuple)):
        return b"[" + b"".join(yaml_value(x) for x in v) + b"]"
    return scalar(v)


def read_yaml(text, loader="SafeLoader"):
    import yaml
    if loader not in LOADERS:
        LOADERS[loader] = ordered_loader(getattr(yaml, loader))
    try:
        return yaml_value(yaml.load(text, LOADERS[loader]))
    except RecursionError:
        return b"L"
    except Exception:
        return b"E"


# ---- CSV ----

def read_csv(text):
    import pandas
    try:
        frame = pandas.read_csv(io.StringIO(text))
    except Exception:
        return b"E"
    out = b""
    for i, name in enumerate(frame.columns):
        column = frame.iloc[:, i]
        cells = column.to_numpy().tolist() if column.dtype.kind in "iufb" else column.tolist()
        out += tagged(b"s", encode(str(name))) + str(column.dtype).encode() + b":"
        out += b"".join(map(scalar, cells)) + b"\n"
    return out


def pandas_mode():
    import pandas
    return "csv" + str(min(int(pandas.__version__.split(".")[0]), 3))


# ---- what is known, and why it stays ----

def is_known_yaml(text, expected, got):
    """libyaml's scanner where PyYAML has its own in Python, and what is refused on purpose."""
    if read_yaml(text.removeprefix("\ufeff"), "CSafeLoader") == got:
        return "libyaml's scanner reads otherwise than PyYAML's"
    if "\t" in text and read_yaml(text.replace("\t", " ")) == got:
        return "libyaml takes a tab for a blank"
    if got == b"L":
        return "a limit"
    if text.startswith("\ufeff"):
        return "libyaml does not take a byte order mark for the start of a line, nor two for one"
    return None


def is_known_csv(text, expected, got):
    if expected == b"CRASH":
        return "pandas crashed"
    if re.search(r"\r(?!\n)", text) and re.search(r"(^|[\r\n])(\r,|[ \t])", text):
        return "before pandas 3 empty lines and blanks at the start of one are misread where a lone CR ends lines"
    return None


def read_apart(read, bodies):
    """What `read` makes of each body, in a process of its own: pandas crashes on some."""
    done = 0
    while done < len(bodies):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            with os.fdopen(theirs, "wb") as f:
                for body in bodies[done:]:
                    answer = read(body)
                    f.write(struct.pack("<I", len(answer)) + answer)
                    f.flush()
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as f:
            while len(head := f.read(4)) == 4:
                yield f.read(struct.unpack("<I", head)[0])
                done += 1
        os.wait()
        if done < len(bodies):
            yield b"CRASH"
            done += 1


def report(args, differences, n, known):
    for text, expected, got in differences[:args.show]:
        print(f"{text!r}\n  expected {expected[:300]!r}\n  got      {got[:300]!r}")
    for reason, count in sorted(known.items()):
        print(f"known: {count} x {reason}")
    print(f"{args.topic}: {n} compared, {len(differences)} differences, {sum(known.values())} known")
    return bool(differences)


def compare_texts(args, mode, make, read, is_known=None):
    r, differences, known = random.Random(args.seed), [], {}
    for begin in range(0, args.n, BATCH):
        bodies = [make(r) for _ in range(min(BATCH, args.n - begin))]
        answers = ask(args.differ, mode, [encode(b) for b in bodies])
        for text, got, expected in zip(bodies, answers, read_apart(read, bodies)):
            if got == expected:
                continue
            reason = is_known(text, expected, got) if is_known else None
            if reason:
                known[reason] = known.get(reason, 0) + 1
            else:
                differences.append((text, expected, got))
    return report(args, differences, args.n, known)


# ---- numbers ----

def some_double(r):
    kind = r.random()
    if kind < 0.4:
        return struct.unpack("<d", struct.pack("<Q", r.getrandbits(64)))[0]
    if kind < 0.7:
        return r.uniform(-1, 1) * 10.0 ** r.randint(-20, 20)
    if kind < 0.9:
        return round(r.uniform(-1e6, 1e6), r.randint(0, 6))
    return float(r.randint(-2 ** 60, 2 ** 60))


def compare_repr(args):
    r, differences = random.Random(args.seed), []
    for begin in range(0, args.n, 500000):
        values = [some_double(r) for _ in range(min(500000, args.n - begin))]
        got = ask(args.differ, "repr", [struct.pack(f"<{len(values)}d", *values)])[0].split(b"\n")
        for value, text in zip(values, got):
            if text != repr(value).encode():
                differences.append((repr(value), repr(value).encode(), text))
    return report(args, differences, args.n, {})


def compare_csv_numbers(args):
    """One column of numbers at a time, so that pandas needs no call for each."""
    r, differences = random.Random(args.seed), []
    for begin in range(0, args.n, 10000):
        cells = [texts.number(r) if r.random() < 0.3 else repr(some_double(r)) for _ in range(min(10000, args.n - begin))]
        cells = [c for c in cells if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]*(e[-+]?[0-9]+)?", c) and c.strip("+-.e")] + ["0.5"]
        text = "a\n" + "\n".join(cells) + "\n"
        expected, got = read_csv(text), ask(args.differ, pandas_mode(), [encode(text)])[0]
        if expected != got:
            pairs = zip(cells, expected.split(b":")[-1].split(), got.split(b":")[-1].split())
            differences += [(c, e, g) for c, e, g in pairs if e != g] or [(text[:100], expected, got)]
    return report(args, differences, args.n, {})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("differ")
    parser.add_argument("topic", choices=["json", "yaml", "csv", "repr", "csv-numbers"])
    parser.add_argument("--n", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.topic == "json":
        return compare_texts(args, "json", texts.json, read_json)
    if args.topic == "yaml":
        return compare_texts(args, "yaml", texts.yaml, read_yaml, is_known_yaml)
    if args.topic == "csv":
        return compare_texts(args, pandas_mode(), texts.csv, read_csv, is_known_csv)
    return (compare_repr if args.topic == "repr" else compare_csv_numbers)(args)


if __name__ == "__main__":
    sys.exit(main())
