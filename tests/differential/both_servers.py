"""Requests to MLflow's own scoring server and to savor's, and what differs in their answers."""
import argparse
import collections
import http.client
import json
import logging
import math
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import warnings

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import scoring_server

MAJOR = int(mlflow.__version__.split(".")[0])
FLOAT32_TOLERANCE = 1e-5  # sums of float32, whose order is the BLAS library's


# ---- bodies ----

def cell(v):
    if isinstance(v, np.generic):
        v = v.item()
    return None if v is pd.NaT or v is pd.NA else v


AWKWARD = [None, float("nan"), "", "zz", "1", "2.5", "Größe", 0, 1, -3, 2.5, 1e30, 10**17 + 1, True, False, "nan", "a", 1e-300]


def table(rng, frame, n, mischief):
    """n rows of the frame as lists; `mischief`: the share of cells that become something else."""
    rows = [[cell(v) for v in frame.iloc[rng.randrange(len(frame))]] for _ in range(n)]
    for row in rows:
        for c, v in enumerate(row):
            if rng.random() < mischief:
                row[c] = rng.choice(AWKWARD)
            elif isinstance(v, float) and rng.random() < 0.2:
                row[c] = v * rng.choice([0.5, -1.0, 3.7])
    return rows


def as_json(columns, rows, form):
    records = [dict(zip(columns, row)) for row in rows]
    split = {"columns": list(columns), "data": rows}
    if MAJOR == 1:
        kind = "split" if form == "split" else "records"
        return "application/json; format=pandas-" + kind, json.dumps(split if form == "split" else records)
    body = {"split": {"dataframe_split": split}, "records": {"dataframe_records": records},
            "inputs": {"inputs": {c: [row[i] for row in rows] for i, c in enumerate(columns)}},
            "instances": {"instances": records}}[form]
    return "application/json", json.dumps(body)


def as_csv(columns, rows):
    return "text/csv", pd.DataFrame(rows, columns=list(columns)).to_csv(index=False)


def one_wrong(rng, frame):
    """Two good rows, one cell of which is not."""
    rows = table(rng, frame, 2, 0)
    rows[1][rng.randrange(len(rows[1]))] = rng.choice(AWKWARD)
    return rows


def make_bodies(rng, frame):
    names = list(frame.columns)
    form = lambda: rng.choice(["split", "records", "inputs", "instances"])
    out = [as_json(names, table(rng, frame, 12, 0), form()), as_json(names, table(rng, frame, 1, 0), form()),
           as_json(names, table(rng, frame, 0, 0), "split"), as_csv(names, table(rng, frame, 8, 0)),
           as_csv(names, table(rng, frame, 4, 0.03)), as_csv(names, []),
           as_json(names, table(rng, frame, 3, 0.1), form())]
    out += [as_json(names, one_wrong(rng, frame), form()) for _ in range(8)]
    order = rng.sample(range(len(names)), len(names))
    rows = table(rng, frame, 3, 0)
    out.append(as_json([names[i] for i in order], [[row[i] for i in order] for row in rows], form()))
    out.append(as_json(names[1:], [row[1:] for row in rows], form()))
    out.append(as_json(names[:-1], [row[:-1] for row in rows], form()))
    out.append(as_json(names + ["more"], [row + [rng.choice([1, "x", None])] for row in rows], form()))
    out.append(as_json(["more"] + names, [[2.5] + row for row in rows], form()))
    return out


# ---- asking MLflow ----

def open_mlflow(path):
    """A function: content type and body -> status and text."""
    model = mlflow.pyfunc.load_model(path)
    if MAJOR == 1:
        client = scoring_server.init(model).test_client()

        def ask(kind, body):
            answer = client.post("/invocations", data=body.encode(), content_type=kind)
            return answer.status_code, answer.get_data(as_text=True)
        return ask
    os.environ["IS_IN_MLFLOW_SERVING_ENVIRONMENT"] = os.environ["_MLFLOW_IS_IN_SERVING_ENVIRONMENT"] = "true"

    def ask(kind, body):
        try:
            answer = scoring_server.invocations(body.encode(), kind, model, model.metadata.get_input_schema())
            return answer.status, answer.response
        except mlflow.exceptions.MlflowException as e:
            cause = e.__cause__ or e.__context__
            return e.get_http_status_code(), "%s | %s" % (str(e)[:200], cause)
        except Exception as e:
            return 500, repr(e)
    return ask


# ---- asking savor ----

class Refused(Exception):
    pass


class Server:
    def __init__(self, savor, path):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([savor, "models", "serve", "-m", path, "-p", str(port), "-h", "127.0.0.1",
                                         "--engine", "native"], stdout=self.log, stderr=self.log)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for attempt in range(2000):
            if self.process.poll() is not None:
                self.log.seek(0)
                raise Refused(self.log.read().decode(errors="replace").strip().split("\n")[-1])
            try:
                self.connection.request("GET", "/ping")
                self.connection.getresponse().read()
                return
            except OSError:
                self.connection.close()
                time.sleep(0.01)
        raise Refused("no /ping")

    def ask(self, kind, body):
        self.connection.request("POST", "/invocations", body.encode(), {"Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()


# ---- comparing ----

def differs(a, b, tolerance, where=""):
    """None, or where and how two JSON values differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        return "%s: keys" % where if list(a) != list(b) else differs(list(a.values()), list(b.values()), tolerance, where)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return "%s: %d and %d items" % (where, len(a), len(b))
        found = (differs(x, y, tolerance, "%s[%d]" % (where, i)) for i, (x, y) in enumerate(zip(a, b)))
        return next(filter(None, found), None)
    if type(a) is float and type(b) is float:
        same = a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance * max(abs(a), 1e-6)
    else:
        same = type(a) is type(b) and a == b
    return None if same else "%s: %r and %r" % (where, a, b)


def last_line(text):
    return text.replace("\\n", "\n").rstrip("\"}\n").split("\n")[-1][-200:]


def compare(expected, got, tolerance):
    """A word and an explanation; None where both agree."""
    if (expected[0] == 200) != (got[0] == 200):
        return "status", "%d %s, but %d %s" % (expected[0], last_line(expected[1]), got[0], got[1][:300])
    if expected[0] != 200:
        return None, None
    expected, got = json.loads(expected[1]), json.loads(got[1])
    if not (why := differs(expected, got, tolerance)):
        return None, None
    return "value" if differs(expected, got, FLOAT32_TOLERANCE) else "value, as float32 sums may", why


def ask_both(ask, server, bodies, title, about, counts, tolerance):
    """Send all bodies to both; of each kind of difference, the first is shown."""
    found = collections.Counter()
    for i, (kind, body) in enumerate(bodies):
        expected = ask(kind, body)
        what, why = compare(expected, server.ask(kind, body), tolerance)
        counts["bodies"] += 1
        counts["answers"] += expected[0] == 200
        counts["rows"] += count_rows(expected)
        if what and not found[what]:
            print("%s body %d: %s: %s" % (title, i, what, why))
        found[what] += what is not None
    if sum(found.values()):
        print("    " + about, flush=True)
    for what in found:
        if what:
            counts["differ: " + what] += found[what]
            counts["differ in models: " + what] += 1


def count_rows(answer):
    if answer[0] != 200:
        return 0
    data = json.loads(answer[1])
    return len(data["predictions"] if isinstance(data, dict) else data)


# ---- many models ----

class NotMade(Exception):
    """The library itself, or MLflow, does not take what was put together; the first word tells which."""


def run_seed(make, tolerance, options, seed, counts):
    rng = random.Random(seed)
    np.random.seed(seed % 2**31)
    folder = options.keep or tempfile.mkdtemp(prefix="differential-")
    path = os.path.join(folder, "model-%d" % seed)
    shutil.rmtree(path, ignore_errors=True)
    server = None
    try:
        frame, about = make(rng, path)
        bodies = make_bodies(rng, frame)
        if options.keep:
            keep(bodies, folder, seed)
            print(about, dict(frame.dtypes), sep="\n")
        ask = open_mlflow(path)
        server = Server(options.savor, path)
        counts["models"] += 1
        ask_both(ask, server, bodies, "seed %d" % seed, about, counts, tolerance)
    except NotMade as e:
        counts["not made"] += 1
        if options.show:
            print("seed %d: %s" % (seed, str(e)[:250]))
    except Refused as e:
        counts["refused: " + str(e)[-110:]] += 1
        print("seed %d refused: %s" % (seed, str(e)[-200:]))
    finally:
        if server:
            server.close()
        if not options.keep:
            shutil.rmtree(folder)


def keep(bodies, folder, seed):
    for i, (kind, body) in enumerate(bodies):
        with open(os.path.join(folder, "%d-%d.%s" % (seed, i, "csv" if "csv" in kind else "json")), "w") as f:
            f.write(body)


def main(make, tolerance, versions):
    """`make` trains a model from a random.Random and saves it at a path: (a frame of its inputs, a text about it)."""
    p = argparse.ArgumentParser()
    p.add_argument("savor")
    p.add_argument("--n", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep")
    p.add_argument("--show", action="store_true", help="say why the library itself refused a combination")
    options = p.parse_args()
    warnings.simplefilter("ignore")
    for name in ("mlflow", "werkzeug"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    counts = collections.Counter()
    for seed in range(options.seed, options.seed + options.n):
        run_seed(make, tolerance, options, seed, counts)
    print("MLflow %s, pandas %s, %s" % (mlflow.__version__, pd.__version__, versions))
    for what, n in sorted(counts.items()):
        print("%6d %s" % (n, what))
    return any(what.startswith("differ") for what in counts)
