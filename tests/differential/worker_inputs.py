#!/usr/bin/env python3
"""Asks MLflow's own scoring server and savor's what a model of Python code is called with, and tells every difference.

    worker_inputs.py SAVOR [--n N] [--seed S] [--only SIGNATURE,...] [--show K] [--keep]

By hand, in an environment that has MLflow (the version decides what is compared). A model that answers with a text about
its input (echo_model.py) is saved with each signature; generated bodies (input_bodies.py) go to both. A line per kind of
difference at the end; exit code 1 when there is one. Errors are compared by status alone: what they say is compared elsewhere.
"""
import argparse
import collections
import json
import logging
import os
import random
import re
import sys
import tempfile
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../worker"))

import mlflow.pyfunc  # noqa: E402
from mlflow.models import ModelSignature  # noqa: E402
from mlflow.pyfunc import scoring_server  # noqa: E402

import echo_model  # noqa: E402
import input_bodies  # noqa: E402
from save_models import ask  # noqa: E402
from served import Served  # noqa: E402

ERA = int(mlflow.__version__.split(".")[0])
PARAMS = [{"name": "n", "type": "long", "default": 1, "shape": None}, {"name": "s", "type": "string", "default": "d", "shape": None}]


def save(path, specs, has_params):
    signature = None
    if specs is not None:
        record = {"inputs": json.dumps(specs), "outputs": None}
        if has_params:
            record["params"] = json.dumps(PARAMS)
        signature = ModelSignature.from_dict(record)
    model = echo_model.EchoParams() if has_params else echo_model.Echo()
    code = {"code_paths" if ERA > 2 else "code_path": [echo_model.__file__]}
    mlflow.pyfunc.save_model(path, python_model=model, signature=signature, **code)


def text_of(status, body):
    if status != 200:
        return "error %d" % status
    answer = json.loads(body)
    return answer["predictions"] if isinstance(answer, dict) else answer


def index_of(text):
    return next((line for line in text.split("\n") if line.startswith("index ")), "")


def known(specs, body, theirs, ours):
    """Why MLflow's input is an accident that savor does not repeat (docs/differences-from-mlflow.md), or None."""
    has_labels = body.lstrip().startswith("{") and '"index"' in body
    kinds = {spec["type"] for spec in specs or ()}
    if has_labels and kinds == {"tensor"} and ERA > 1 and theirs == "error 400":
        return "known: a tensor of a frame without a row 0"
    if kinds & {"array", "object", "map", "any"} and ERA == 2 and index_of(theirs) != index_of(ours):
        return "known: nested columns are aligned by label"
    if kinds == {"tensor"} and "<U2" in theirs:
        return "known: an array of empty text has room for two characters"
    if "OrderedDict" in theirs:
        return "known: json-numpy-split makes an OrderedDict"
    if ERA == 1 and theirs == "error 500" and ours.startswith("error 400"):
        return "known: a wrong request is no fault of the server"
    return None


def part_of(a, b):
    """A word for what differs."""
    if a.startswith("error") or b.startswith("error"):
        return "only MLflow refuses" if a.startswith("error") and not b.startswith("error") else (
            "status" if a.startswith("error") else "only savor refuses")
    a, b = a.split("\n"), b.split("\n")
    if a[0] != b[0] or len(a) != len(b):
        return "kind"
    for x, y in zip(a, b):
        if x != y:
            word = x.split(" ")[0]
            if word == "column":
                same = x.split(":")[0] == y.split(":")[0]
                return "cells" if same else "dtype"
            return word
    return "nothing"


class Tally:
    def __init__(self, show):
        self.show, self.counts, self.bodies, self.equal = show, collections.Counter(), 0, 0
        self.refused = 0

    def note(self, name, specs, kind, body, theirs, ours):
        self.bodies += 1
        if theirs == ours:
            self.equal += 1
            self.refused += theirs.startswith("error")
            return
        key = known(specs, body, theirs, ours) or part_of(theirs, ours)
        self.counts[key] += 1
        if not key.startswith("known") and self.counts[key] <= self.show:
            print("%s, signature %s, %s\n%s\n--- MLflow\n%s\n--- savor\n%s\n" % (key, name, kind, body, theirs, ours), flush=True)


def compare(savor, folder, name, specs, options, tally):
    chance = random.Random("%s %s" % (options.seed, name))
    path = os.path.join(folder, name)
    save(path, specs, name == "params")
    app = scoring_server.init(mlflow.pyfunc.load_model(path))
    bodies = input_bodies.Bodies(chance, name, ERA)
    with Served(savor, path, "--python", sys.executable) as server:
        for _ in range(options.n):
            kind, body = bodies.one()
            theirs = text_of(*ask(app, kind, body))
            status, _, text = server.post(body, kind)
            ours = text_of(status, text) if status == 200 else "error %d%s" % (status, options.why and " " + text or "")
            if theirs.startswith("error") and ours.startswith(theirs):
                ours = theirs
            tally.note(name, specs, kind, body, theirs, ours)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("savor")
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--only")
    parser.add_argument("--show", type=int, default=2)
    parser.add_argument("--why", action="store_true", help="show what savor says of what it refuses")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore")
    signatures = {**input_bodies.SIGNATURES, **(input_bodies.LATER if ERA > 1 else {})}
    tally = Tally(options.show)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, specs in signatures.items():
            if options.only is None or name in options.only.split(","):
                compare(os.path.abspath(options.savor), folder, name, specs, options, tally)
    print("MLflow %s: %d bodies, %d the same (%d of them refused)" % (mlflow.__version__, tally.bodies, tally.equal, tally.refused))
    for key, n in tally.counts.most_common():
        print("%6d %s" % (n, key))
    return 1 if any(not key.startswith("known") for key in tally.counts) else 0


if __name__ == "__main__":
    sys.exit(main())
