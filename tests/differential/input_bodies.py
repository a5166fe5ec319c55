"""Signatures, and generated request bodies for models that have them: mostly good ones, with awkward labels and cells."""
import json

JSON, CSV = "application/json", "text/csv"

TEXTS = ["x", "", "b c", "1", "\u00e9", "None", "NaN", "2020-01-02", "true"]
WILD = [None, 1, -2.5, "x", True, [1, 2], {"k": 1}, [], 2**53 + 1, 0.1, "1.5", 2**63, -0.0]
SPLIT, RECORDS = "dataframe_split", "dataframe_records"


def table(specs, required=True):
    """A signature of columns, as the record of a model has it."""
    out = []
    for name, kind in specs:
        spec = {"type": kind} if isinstance(kind, str) else dict(kind)
        if name is not None:
            spec["name"] = name
        if required is not True:
            spec["required"] = False if name in required else True
        out.append(spec)
    return out


def tensor(dtype, shape, name=None):
    out = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}
    return {**out, "name": name} if name else out


LONGS = {"type": "array", "items": {"type": "long"}}
DOUBLES = {"type": "array", "items": {"type": "double"}}
NESTED = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
OBJECT = {"type": "object", "properties": {"x": {"type": "long", "required": True}, "y": {"type": "string", "required": False},
                                           "z": {"type": "array", "items": {"type": "double"}, "required": False}}}
OBJECTS = {"type": "array", "items": OBJECT}
MAP = {"type": "map", "values": {"type": "double"}}

SIGNATURES = {
    "none": None,
    "plain": table([("a", "long"), ("b", "double"), ("c", "string"), ("d", "boolean")]),
    "small": table([("a", "integer"), ("b", "float"), ("c", "string")]),
    "other": table([("t", "datetime"), ("y", "binary"), ("c", "string")]),
    "unnamed": table([(None, "long"), (None, "double"), (None, "string")]),
    "doubles": table([("a", "double"), ("b", "double")]),
    "tensor": [tensor("float32", [-1, 2])],
    "vector": [tensor("int64", [-1])],
    "texts": [tensor("str", [-1])],
    "tensors": [tensor("float64", [-1, 2], "p"), tensor("int32", [-1], "q")],
}
LATER = {  # since 2.x
    "optional": table([("a", "long"), ("b", "double"), ("c", "string"), ("d", "boolean")], {"b", "c", "d"}),
    "arrays": table([("l", LONGS), ("m", DOUBLES), ("n", NESTED)]),
    "objects": table([("o", OBJECT), ("p", OBJECTS), ("a", "long")]),
    "maps": table([("k", MAP), ("c", "string")]),
    "any": table([("v", {"type": "any"}), ("a", "long")]),
    "maybe": table([("l", LONGS), ("o", OBJECT), ("k", MAP), ("b", "double")], {"l", "o", "k", "b"}),
    "array": table([(None, LONGS)]),
    "params": table([("a", "long"), ("b", "double")]),
}  # fmt: skip

COLUMNS = {"plain": "abcd", "small": "abc", "other": "tyc", "unnamed": "abc", "doubles": "bb", "optional": "abcd", "arrays": "lmn",
           "objects": "opa", "maps": "kc", "any": "va", "maybe": "lokb", "array": "l", "params": "ab", "tensor": "bb", "vector": "a",
           "texts": "c", "tensors": "pq", "none": "abcdlokv"}


class Bodies:
    """Bodies for one signature; `era` is MLflow's major version."""

    def __init__(self, chance, name, era):
        self.chance, self.name, self.era = chance, name, era

    def may(self, share):
        return self.chance.random() < share

    # ---- cells

    def number(self):
        pick = self.chance.choice
        return pick([0, 1, -3, 7, 2**31 - 1, 12345678901])

    def double(self):
        return self.chance.choice([0.5, -2.25, 1e300, 3.0, 7, 0, 1e-9])

    def text(self):
        return self.chance.choice(TEXTS)

    def some(self, make, most=3):
        return [make() for _ in range(self.chance.randint(0, most))]

    def object(self):
        out = {"x": self.number()}
        if self.may(0.6):
            out["y"] = self.text()
        if self.may(0.5):
            out["z"] = self.some(self.double)
        return out

    def cell(self, kind):
        if self.may(0.02):
            return self.chance.choice(WILD)
        return {
            "a": self.number, "b": self.double, "c": self.text, "d": lambda: self.may(0.5),
            "t": lambda: self.chance.choice(["2020-01-02", "2021-03-04T05:06:07", "2020-01-02 03:04:05.678"]),
            "y": lambda: "aGk=", "l": lambda: self.some(self.number), "m": lambda: self.some(self.double),
            "n": lambda: self.some(lambda: self.some(self.text)), "o": self.object, "p":
            (lambda: [self.double(), self.double()]) if self.name == "tensors" else lambda: self.some(self.object),
            "k": lambda: {self.text(): self.double() for _ in range(self.chance.randint(0, 2))},
            "v": lambda: self.chance.choice(WILD), "q": lambda: self.chance.randint(-5, 5),
        }[kind]()  # fmt: skip

    def column(self, kind, n):
        """Cells of one kind; sometimes some are missing, or all are of one narrower kind."""
        cells = [self.cell(kind) for _ in range(n)]
        if self.may(0.12):
            cells = [None if self.may(0.4) else cell for cell in cells]
        if kind == "b" and self.may(0.2):
            cells = [int(cell) if isinstance(cell, float) and abs(cell) < 1e9 else cell for cell in cells]
        return cells

    # ---- labels

    def names(self):
        kinds = COLUMNS[self.name]
        if self.name == "doubles":
            return ["a", "b"], kinds
        if self.name == "none":
            kinds = "".join(self.chance.choice(kinds) for _ in range(self.chance.randint(1, 4)))
        if self.name in ("none", "unnamed", "tensor"):
            pools = [kinds, "wxyz", [0, 1, 2, 3], [3, 1, 2, 7], ["0", "1", "2", "3"], [1.5, 2.5, 3.5, 4.5], ["a", 1, "b", 2],
                     [None, "x", "y", "z"], [True, False, 2, 3], ["a", 1.5, None, True], [2, 1, 0, 5]]
            if self.era == 1 and self.name == "unnamed":
                pools.remove([True, False, 2, 3])  # to read_json's dict of dtypes True is 1
            names = list(pools[0] if self.may(0.4) else self.chance.choice(pools))[:len(kinds)]
            return (names, kinds) if len(set(map(str, names))) == len(names) else (list("wxyz")[:len(kinds)], kinds)
        return list(kinds), kinds

    def index(self, n):
        pools = [
            lambda i: i, lambda i: i + 1, lambda i: n - i, lambda i: 2 * i, lambda i: 0, lambda i: "r%d" % i, lambda i: "same",
            lambda i: i + 0.5, lambda i: float(i), lambda i: [i, "x", 2.5][i % 3], lambda i: "2020-01-0%d" % (i + 1),
            lambda i: None if i % 2 else i, lambda i: None if i % 2 else "t", lambda i: i % 2 == 0, lambda i: str(i),
            lambda i: 1500000000 + i, lambda i: 2**63 + i, lambda i: 2**70 + i, lambda i: "%d.5" % i, lambda i: None,
            lambda i: "\u00e9\u4e16%d" % i, lambda i: -i, lambda i: "", lambda i: [True, 1, 0.5][i % 3], lambda i: "nan",
            lambda i: 1.5e9 + i / 2, lambda i: "1500000000",
        ]  # fmt: skip
        make = self.chance.choice(pools)
        return [make(i) for i in range(n)]

    def levels(self, n):
        return [[self.chance.choice(["u", "v"]) for _ in range(n)], list(range(n))]

    # ---- forms

    def frame(self):
        names, kinds = self.names()
        n = self.chance.choice([0, 1, 1, 2, 2, 3, 3, 3, 4])
        columns = [self.column(kind, n) for kind in kinds]
        if self.may(0.1) and self.name not in ("none", "unnamed"):
            order = list(range(len(names)))
            self.chance.shuffle(order)
            names, columns = [names[i] for i in order], [columns[i] for i in order]
        if self.may(0.08):
            names, columns = names + ["extra"], columns + [self.column("b", n)]
        if self.may(0.15) and self.name in ("optional", "maybe"):
            keep = self.chance.randint(1, len(names))
            names, columns = names[:keep], columns[:keep]
        return names, columns, n

    def split(self):
        names, columns, n = self.frame()
        split = {"columns": names, "data": [list(row) for row in zip(*columns)] if n else []}
        if self.may(0.12):
            del split["columns"]
        chance = self.chance.random()
        if chance < 0.55:
            split["index"] = self.index(n)
        elif chance < 0.6:
            split["index"] = self.levels(n)
        elif chance < 0.62:
            split["index"] = None
        elif chance < 0.64:
            split["index"] = self.index(n + 1)
        items = list(split.items())
        self.chance.shuffle(items)
        return dict(items)

    def records(self):
        names, columns, n = self.frame()
        rows = [dict(zip(map(str, names), row)) for row in zip(*columns)]
        if self.may(0.15):
            rows = [{k: v for k, v in row.items() if self.may(0.8)} for row in rows]
        return rows

    def arrays(self, form):
        """inputs or instances."""
        names, columns, n = self.frame()
        names = list(map(str, names))
        how = self.chance.random()
        if self.name in ("tensor", "vector", "texts") and how < 0.7:
            return columns[0] if len(columns) == 1 else [list(row) for row in zip(*columns)]
        if how < 0.35:
            return dict(zip(names, columns)) if form == "inputs" else [dict(zip(names, row)) for row in zip(*columns)]
        if how < 0.6:
            return [dict(zip(names, row)) for row in zip(*columns)]
        if how < 0.75:
            return [list(row) for row in zip(*columns)]
        if how < 0.85:
            return columns[0]
        if how < 0.92:
            return {name: column[0] for name, column in zip(names, columns) if column}
        if how < 0.96:
            return {name: {"r%d" % (i + (c and self.may(0.1))): v for i, v in enumerate(column)}
                    for c, (name, column) in enumerate(zip(names, columns))}
        return columns[0][0] if n else []

    def csv_cell(self, value):
        if value is None:
            return self.chance.choice(["", "NA", "NaN"])
        if isinstance(value, (list, dict)):
            return '"%s"' % json.dumps(value).replace('"', '""')
        return str(value).lower() if isinstance(value, bool) and self.may(0.5) else str(value)

    def csv(self):
        names, columns, n = self.frame()
        rows = [[self.csv_cell(v) for v in row] for row in zip(*columns)]
        how = self.chance.random()
        if how < 0.4 and n:
            labels = [self.csv_cell(v) for v in self.index(n)]
            rows = [[label, *row] for label, row in zip(labels, rows)]
            if how < 0.08:
                rows = [["%d" % (i % 2), *row] for i, row in enumerate(rows)]
        lines = [",".join(map(str, names))] + [",".join(row) for row in rows]
        return "\n".join(lines) + ("\n" if self.may(0.9) else "")

    def old(self):
        """Bodies of MLflow 1.x: (content type, body)."""
        how = self.chance.random()
        if how < 0.5:
            return self.chance.choice([JSON, JSON + "; format=pandas-split"]), json.dumps(self.split())
        if how < 0.7:
            return self.chance.choice([JSON, JSON + "; format=pandas-records"]), json.dumps(self.records())
        if how < 0.78:
            return "application/json-numpy-split", json.dumps({"index": [0], "columns": ["a"], **self.split()})
        if how < 0.88:
            form = self.chance.choice(["inputs", "instances"])
            return JSON, json.dumps({form: self.arrays(form)})
        return CSV, self.csv()

    def one(self):
        if self.era == 1:
            return self.old()
        how = self.chance.random()
        params = {"params": {"n": 3, "s": "q"} if self.may(0.5) else {}} if self.name == "params" else {}
        if how < 0.45:
            return JSON, json.dumps({SPLIT: self.split(), **params})
        if how < 0.6:
            return JSON, json.dumps({RECORDS: self.records(), **params})
        if how < 0.88:
            form = self.chance.choice(["inputs", "instances"])
            return JSON, json.dumps({form: self.arrays(form), **params})
        return CSV, self.csv()
