#!/usr/bin/env python3
"""Trains random scikit-learn models, saves them with MLflow, asks MLflow and savor the same things, and tells the differences.

    sklearn_estimators.py SAVOR [--n N] [--seed S] [--only CLASS] [--keep DIR] [--show K] [--rel R]

By hand, in an environment that has MLflow and scikit-learn (the versions decide what is compared), in a folder where it may
write. A line per kind of difference at the end; exit code 1 when there is one. A class that savor refuses is counted apart.
"""
import argparse
import collections
import json
import logging
import math
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 (the number of threads is read when it is loaded)
import pandas as pd  # noqa: E402

import sklearn_recipes as recipes  # noqa: E402

METHODS = ["predict", "predict", "predict_proba", "predict_log_proba", "predict_joint_log_proba"]


# ---- requests ----

def thresholds(model, out, depth=0):
    """Every threshold of every tree inside, as {feature: set}."""
    if depth > 8:
        return
    if type(model).__name__ == "Tree":
        for f, t in zip(model.feature, model.threshold):
            if f >= 0:
                out[int(f)].add(float(t))
    elif type(model).__name__ == "TreePredictor":
        for node in model.nodes:
            out[int(node["feature_idx"])].add(float(node["num_threshold"]))
    elif isinstance(model, (list, tuple)) or isinstance(model, np.ndarray) and model.dtype == object:
        for item in model:
            thresholds(item, out, depth + 1)
    elif type(model).__module__.startswith("sklearn") and hasattr(model, "__dict__"):
        for name, item in vars(model).items():
            if name.endswith("_") or name.startswith("_pred") or name in ("calibrated_classifiers_", "steps", "estimators_"):
                thresholds(item, out, depth + 1)


def plain(v):
    v = v.item() if hasattr(v, "item") else v
    return v


def awkward_rows(r, X, model):
    edges = collections.defaultdict(set)
    thresholds(model, edges)
    values = np.asarray(X, dtype=float)
    rows = []
    for _ in range(24):
        row = list(values[r.randint(len(values))])
        for c in range(len(row)):
            if r.rand() < 0.5 and edges[c]:
                t = recipes.pick(r, sorted(edges[c]))
                row[c] = recipes.pick(r, [t, np.nextafter(t, np.inf), np.nextafter(t, -np.inf), float(np.float32(t)),
                                          float(np.nextafter(np.float32(t), np.float32(np.inf))),
                                          float(np.nextafter(np.float32(t), np.float32(-np.inf)))])
            elif r.rand() < 0.2:
                row[c] = recipes.pick(r, [-0.0, 5e-324, -1e-300, 1e-40, 0.1, 1e6, -12345.678])
        rows.append([plain(v) for v in row])
    return rows


def with_cell(r, row, value):
    row = list(row)
    row[r.randint(len(row))] = value
    return row


def tables(r, X, model):
    """(what it is, names, rows)"""
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    names = [plain(c) for c in frame.columns]
    good = [[plain(v) for v in row] for row in frame.head(12).itertuples(index=False)]
    yield "training rows", names, good
    yield "one row", names, good[:1]
    yield "awkward", names, awkward_rows(r, frame, model)
    yield "no rows", names, []
    for value in (float("nan"), None, float("inf"), 1e39, -1e300, 1.7e308, "abc", "1.5", "", True, 3, 2 ** 53 + 1, 10 ** 20, [1.0]):
        if r.rand() < 0.35:
            yield "cell %r" % (value,), names, [with_cell(r, good[0], value)] + (good[1:3] if r.rand() < 0.5 else [])
    order = list(r.permutation(len(names)))
    if r.rand() < 0.5:
        yield "reordered", [names[i] for i in order], [[row[i] for i in order] for row in good]
    if r.rand() < 0.3:
        yield "renamed", [f"z{i}" for i in range(len(names))], good
    if r.rand() < 0.4:
        yield "extra", names + ["extra"], [row + [1.0] for row in good]
    if r.rand() < 0.4:
        yield "missing", names[1:], [row[1:] for row in good]


def bodies(r, X, model, old):
    """(what it is, JSON text)"""
    for what, names, rows in tables(r, X, model):
        split = {"columns": names, "data": rows}
        kind = r.rand()
        if kind < 0.7:
            yield what, json.dumps(split if old else {"dataframe_split": split})
        elif kind < 0.85:
            yield what + ", inputs", json.dumps({"inputs": rows})
        elif kind < 0.93 and old:
            yield what + ", instances", json.dumps({"instances": rows})
        else:
            records = [dict(zip(map(str, names), row)) for row in rows]
            yield what + ", records", json.dumps(records if old else {"dataframe_records": records})
    yield "flat", json.dumps({"inputs": json.loads(pd.Series(np.asarray(X, float)[0]).to_json(orient="values"))})


# ---- answers ----

def mlflow_answer(model, text, old):
    import mlflow.pyfunc.scoring_server as server
    try:
        if old:
            answer = old.post("/invocations", data=text.encode(), content_type="application/json")
            return json.loads(answer.data) if answer.status_code == 200 else "error: " + answer.data.decode()[-1500:]
        answer = server.invocations(text, "application/json", model, model.metadata.get_input_schema())
        return json.loads(answer.response)["predictions"]
    except Exception as e:
        return "error: " + repr(e)[:200] + str(getattr(e, "stack_trace", None) or "")[-400:]


def savor_answer(savor, path, text):
    done = subprocess.run([savor, "models", "predict", "-m", path, "-t", "json", "--engine", "native"], input=text.encode(), capture_output=True, timeout=120)
    if done.returncode not in (0, 1, 2, 3, 4):
        return "crash: %d %s" % (done.returncode, done.stderr.decode()[-300:])
    if done.returncode:
        return "error: " + done.stderr.decode()[-400:]
    out = json.loads(done.stdout)
    return out["predictions"] if isinstance(out, dict) and "predictions" in out else out


def difference(a, b, rel):
    """None, or what differs between MLflow's answer and savor's."""
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return f"{len(a)} items, savor {len(b)}"
        return next((d for d in (difference(x, y, rel) for x, y in zip(a, b)) if d), None)
    if isinstance(a, dict) and isinstance(b, dict):
        return None if list(a) == list(b) and not difference(list(a.values()), list(b.values()), rel) else f"{a} savor {b}"
    if type(a) is not type(b):
        return f"type: {a!r} savor {b!r}"
    if not isinstance(a, float) or a == b or a != a and b != b:
        return None if a == b or a != a else f"value: {a!r} savor {b!r}"
    if math.isfinite(a) and a == float(np.float32(a)) and b == float(np.float32(b)):
        rel = max(rel, 3e-5)  # float32 all along: the order of sums is BLAS's own
    close = math.isfinite(a) and math.isfinite(b) and abs(a - b) <= max(rel * max(abs(a), abs(b)), 1e-14)
    return None if close else f"float: {a!r} savor {b!r}"


def compare(theirs, ours, rel):
    bad = isinstance(theirs, str) and theirs.startswith("error: ")
    if isinstance(ours, str) and ours.startswith("crash"):
        return ours
    if isinstance(ours, str) and ours.startswith("error: "):
        return None if bad else "savor refuses: " + ours[7:]
    if bad:
        return "savor answers: %s; MLflow %s" % (str(ours)[:80], theirs[-300:])
    return difference(theirs, ours, rel)


# ---- models ----

def save(r, model, X, path):
    import mlflow.sklearn
    from mlflow.models import infer_signature
    options = {"pip_requirements": ["scikit-learn"], "pyfunc_predict_fn": recipes.pick(r, METHODS)}
    if not hasattr(model, options["pyfunc_predict_fn"]):
        options["pyfunc_predict_fn"] = "predict"
    if r.rand() < 0.45:
        options["signature"] = infer_signature(X)
    options["serialization_format"] = recipes.pick(r, ["cloudpickle", "pickle"])
    if "skops_trusted_types" in mlflow.sklearn.save_model.__kwdefaults__ if mlflow.sklearn.save_model.__kwdefaults__ else \
            "skops_trusted_types" in mlflow.sklearn.save_model.__code__.co_varnames:
        if r.rand() < 0.35:
            import skops.io
            options["serialization_format"] = "skops"
            options["skops_trusted_types"] = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    mlflow.sklearn.save_model(model, path, **options)
    return options


class Tally:
    def __init__(self, show):
        self.counts, self.shown, self.show = collections.Counter(), collections.Counter(), show

    def note(self, key, line):
        self.counts[key] += 1
        self.shown[key] += 1
        if self.shown[key] <= self.show:
            print(f"{key}: {line}", flush=True)


def classes(only):
    names = [n for n in (*recipes.REGRESSORS, *recipes.CLASSIFIERS, *recipes.OUTLIERS, *recipes.CLUSTERERS, *recipes.TRANSFORMERS, *recipes.OTHERS,
                         *recipes.SEARCHES, *recipes.SEARCHES) if n not in recipes.LEFT_OUT]
    return [n for n in names if only is None or n in only.split(",")]


def one(i, options, name, tally, stats):
    import mlflow.pyfunc
    r = np.random.RandomState(options.seed * 1000003 + i)
    path = os.path.join(options.keep, f"s{options.seed}-{i}-{name}")
    shutil.rmtree(path, ignore_errors=True)
    try:
        model, X = recipes.fitted(r, name)
        how = save(r, model, X, path)
    except Exception as e:
        stats["not made"] += 1
        if options.verbose:
            print("not made:", name, repr(e)[:160])
        return
    try:
        loaded = mlflow.pyfunc.load_model(path)
    except Exception as e:
        stats["not loaded by MLflow"] += 1
        return
    old = None
    if mlflow.__version__.startswith("1."):
        import mlflow.pyfunc.scoring_server as server
        old = server.init(loaded).test_client()
    failed = False
    for number, (what, text) in enumerate(bodies(r, X, model, old is not None)):
        theirs, ours = mlflow_answer(loaded, text, old), savor_answer(options.savor, path, text)
        if isinstance(ours, str) and ("No suitable flavor backend" in ours):
            tally.note("unsupported " + name, f"{path} {ours[:300]}")
            stats["models that savor refuses"] += 1
            shutil.rmtree(path)
            return
        stats["rows"] += len(theirs) if isinstance(theirs, list) else 0
        stats["bodies"] += 1
        stats["errors on both sides"] += isinstance(theirs, str) and isinstance(ours, str)
        stats["the same text"] += theirs == ours and isinstance(theirs, list)
        d = compare(theirs, ours, options.rel)
        if d:
            failed = True
            with open(os.path.join(path, f"{number}.body.json"), "w") as f:
                f.write(text)
            tally.note(f"DIFFERS {name}", f"{path} [{number}] {what} ({how['pyfunc_predict_fn']}, {how['serialization_format']}"
                       f"{', signature' if 'signature' in how else ''}) {d[:options.width]}")
    stats["models"] += 1
    stats["models that differ"] += failed
    if not failed:
        shutil.rmtree(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("savor")
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    parser.add_argument("--keep", default=tempfile.mkdtemp())
    parser.add_argument("--show", type=int, default=2)
    parser.add_argument("--rel", type=float, default=1e-12)
    parser.add_argument("--width", type=int, default=330)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    warnings.simplefilter = lambda *a, **k: None
    warnings.showwarning = lambda *a, **k: None
    logging.disable(logging.CRITICAL)
    np.seterr(all="ignore")
    tally, stats, names = Tally(options.show), collections.Counter(), classes(options.only)
    for i in range(options.first, options.first + options.n):
        one(i, options, names[i % len(names)], tally, stats)
    print(dict(stats))
    print({k: v for k, v in tally.counts.most_common()})
    return any(k.startswith("DIFFERS") for k in tally.counts)


if __name__ == "__main__":
    sys.exit(main())
