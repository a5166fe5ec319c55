#!/usr/bin/env python3
"""One row of 600 columns: bytes of the request in, bytes of the answer out, no socket; savor beside MLflow.

    PYTHON bench/wide.py [--columns 600] [--rounds 5] [--program build/release/bench/bench_score]

PYTHON has mlflow (2.x or 3.x) and xgboost. The model, 100 trees, is trained and saved here; both sides get the same
body, which names every column, all of them double; MLflow's own scoring function is called in process. The rounds take
turns. Prints microseconds a request, medians of the rounds, and the ratio.
"""

import argparse
import asyncio
import inspect
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
import warnings

import mlflow
import mlflow.pyfunc
import mlflow.xgboost
import numpy
import pandas
import xgboost
from mlflow.models import infer_signature
from mlflow.pyfunc import scoring_server

REQUESTS = 50  # of MLflow in a round


def make_model(folder, n_columns):
    random = numpy.random.default_rng(600)
    frame = pandas.DataFrame(random.normal(size=(500, n_columns)), columns=["f%03d" % i for i in range(n_columns)])
    booster = xgboost.train({"max_depth": 6}, xgboost.DMatrix(frame, label=frame.sum(axis=1)), 100)
    model = os.path.join(folder, "model")
    mlflow.xgboost.save_model(booster, model, signature=infer_signature(frame, booster.predict(xgboost.DMatrix(frame))))
    body = os.path.join(folder, "body.json")
    with open(body, "w") as f:
        json.dump({"dataframe_split": frame.head(1).round(4).to_dict(orient="split", index=False)}, f)
    return model, body


def answer(model, body, schema):
    reply = scoring_server.invocations(body, "application/json", model, schema)
    return asyncio.run(reply) if inspect.isawaitable(reply) else reply


def mlflow_us(model, body, schema):
    begin = time.process_time()
    for _ in range(REQUESTS):
        answer(model, body, schema)
    return (time.process_time() - begin) / REQUESTS * 1e6


def savor_us(program, model, body):
    line = subprocess.run([program, model, body, "0.5"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"median +(\d+) ns", line).group(1)) / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--columns", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default="build/release/bench/bench_score")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        mlflow.set_tracking_uri(os.path.join(folder, "runs"))
        path, file = make_model(folder, args.columns)
        model = mlflow.pyfunc.load_model(path)
        schema = model.metadata.get_input_schema()
        with open(file) as f:
            body = f.read()
        assert "predictions" in answer(model, body, schema).response
        mine, theirs = [], []
        for _ in range(args.rounds):
            mine.append(savor_us(args.program, path, file))
            theirs.append(mlflow_us(model, body, schema))
    ratio = statistics.median(t / m for m, t in zip(mine, theirs))
    print("1 row, %d columns: savor %.1f us, mlflow %s %.0f us, ratio %.0f" %
          (args.columns, statistics.median(mine), mlflow.__version__, statistics.median(theirs), ratio))


if __name__ == "__main__":
    main()
