"""Run by a Python that has MLflow: saves models that are code, and writes down what its own scoring server answers.

    save_models.py FOLDER      FOLDER/NAME is a model, FOLDER/answers.json the requests with status and body

The application is called as a web server would call it, without a socket: Flask's test client for MLflow 1.x, an ASGI
call for later ones.
"""
import asyncio
import json
import os
import sys

import mlflow.pyfunc
import pandas as pd
from mlflow.models import infer_signature
from mlflow.pyfunc import scoring_server

JSON, CSV = "application/json", "text/csv"
FRAME = {"columns": ["a", "b"], "data": [[1, 2.5], [3, -4.0]]}


class AddN(mlflow.pyfunc.PythonModel):
    """Adds a number that was pickled with it."""

    def __init__(self, n):
        self.n = n

    def predict(self, context, model_input):
        return model_input.apply(lambda column: column + self.n)


class XGBWrapper(mlflow.pyfunc.PythonModel):
    """Loads a booster from an artifact when the model is loaded."""

    def load_context(self, context):
        import xgboost as xgb

        self.booster = xgb.Booster()
        self.booster.load_model(context.artifacts["booster"])

    def predict(self, context, model_input):
        import xgboost as xgb

        return self.booster.predict(xgb.DMatrix(model_input.values))


def train_booster(path):
    import numpy as np
    import xgboost as xgb

    x = np.random.RandomState(7).rand(60, 2)
    booster = xgb.train({"max_depth": 3, "seed": 7}, xgb.DMatrix(x, label=x[:, 0] * 3 - x[:, 1]), num_boost_round=5)
    booster.save_model(path)
    return path


def save_models(folder):
    frame = pd.DataFrame(FRAME["data"], columns=FRAME["columns"]).astype({"a": "int64"})
    booster = train_booster(os.path.join(folder, "booster.json"))

    def save(name, **what):
        mlflow.pyfunc.save_model(os.path.join(folder, name), **what)

    save("addn", python_model=AddN(5))
    save("addn-signature", python_model=AddN(5), signature=infer_signature(frame, frame + 5))
    save("xgb-wrapper", python_model=XGBWrapper(), artifacts={"booster": booster})


def list_requests(is_bare):
    """(content type, body) of good and bad requests, in the forms of an era."""

    def body(key, value):
        return json.dumps(value if is_bare else {key: value})

    records = [dict(zip(FRAME["columns"], row)) for row in FRAME["data"]]
    return [
        (JSON, body("dataframe_split", FRAME)),
        (JSON, body("dataframe_records", records)),
        (JSON, json.dumps({"inputs": {"a": [1, 2], "b": [0.5, 1.5]}})),
        (CSV, "a,b\n1,2.5\n3,-4\n"),
        (JSON, body("dataframe_split", {"columns": ["a", "b"], "data": [["x", 1.0]]})),
        (JSON, body("dataframe_split", {"columns": ["a"], "data": [[1]]})),
        (JSON, "{"),
        ("text/plain", "a"),
    ]


def call_asgi(app, content_type, body):
    """(status, body) of POST /invocations."""
    answer = {"status": 0, "body": b""}
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        answer["status"] = message.get("status", answer["status"])
        answer["body"] += message.get("body", b"")

    headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    asyncio.run(app({"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
                     "path": "/invocations", "raw_path": b"/invocations", "root_path": "", "query_string": b"",
                     "headers": headers}, receive, send))  # fmt: skip
    return answer["status"], answer["body"].decode()


def ask(app, content_type, body):
    if hasattr(app, "test_client"):
        answer = app.test_client().post("/invocations", data=body.encode(), content_type=content_type)
        return answer.status_code, answer.get_data(as_text=True)
    return call_asgi(app, content_type, body.encode())


def main():
    folder = sys.argv[1]
    is_bare = mlflow.__version__.startswith("1.")
    save_models(folder)
    answers = {}
    for name in ("addn", "addn-signature", "xgb-wrapper"):
        app = scoring_server.init(mlflow.pyfunc.load_model(os.path.join(folder, name)))
        answers[name] = [[*request, *ask(app, *request)] for request in list_requests(is_bare)]
    with open(os.path.join(folder, "answers.json"), "w") as f:
        json.dump({"mlflow": mlflow.__version__, "answers": answers}, f)


if __name__ == "__main__":
    main()
