"""Loads a model by its own python_function entry.

With the environment's mlflow this is mlflow.pyfunc.load_model, and predict is the model's own, since savor has
enforced the signature already. Without mlflow a loader module of the model's own is loaded directly.
"""

import importlib
import inspect
import os
import sys


class Model:
    """A loaded model: predict(data, params) and a line about what loaded it."""

    def __init__(self, predict, facts):
        self.predict = predict
        self.facts = facts


def version_of(name):
    module = sys.modules.get(name)
    return getattr(module, "__version__", None)


def list_facts():
    facts = ["Python %d.%d.%d" % sys.version_info[:3]]
    for name in ("mlflow", "pandas", "numpy"):
        if version_of(name):
            facts.append("%s %s" % (name, version_of(name)))
    return ", ".join(facts)


# ---- with mlflow


def takes_params(function):
    """Whether a predict function has `params` as MLflow looks for it."""
    try:
        found = inspect.signature(function).parameters.get("params")
    except (TypeError, ValueError):
        return False
    return found is not None and found.kind != inspect.Parameter.VAR_KEYWORD


def asks(model, name):
    """A question to the model's metadata that older MLflow does not have."""
    method = getattr(model.metadata, name, None)
    return bool(method and method())


def time_params(model):
    """Names of params that are datetimes: savor checks their text, a model gets datetimes."""
    schema = getattr(model.metadata, "get_params_schema", lambda: None)()
    return {spec.name for spec in schema or () if getattr(spec.dtype, "name", "") == "datetime"}


def with_times(predict, names):
    import numpy as np

    def one(value):
        return np.datetime64(value).item() if isinstance(value, str) else value

    def call(data, params):
        for name in names.intersection(params):
            value = params[name]
            params[name] = [one(v) for v in value] if isinstance(value, list) else one(value)
        return predict(data, params)

    return call


def wrap_mlflow(model):
    """predict as PyFuncModel would call it, with datetimes among the params."""
    predict, names = choose_predict(model), time_params(model)
    return with_times(predict, names) if names else predict


def choose_predict(model):
    """predict without MLflow's enforcement, unless that is where type hints are applied."""
    if asks(model, "_is_signature_from_type_hint"):
        return lambda data, params: model.predict(data, params=params) if params else model.predict(data)
    function = model._predict_fn
    if asks(model, "_is_type_hint_from_example") and getattr(model, "input_example", None) is not None:
        return lambda data, params: model.predict(data)
    if takes_params(function):
        return lambda data, params: function(data, params=params)
    return lambda data, params: function(data)


def load_with_mlflow(path):
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(path, suppress_warnings=True)
    return Model(wrap_mlflow(model), list_facts())


# ---- without


def read_entry(path):
    """The python_function entry: a few scalars, read without a YAML library."""
    entry, depth = {}, None
    with open(os.path.join(path, "MLmodel"), encoding="utf-8") as f:
        for line in f:
            indent = len(line) - len(line.lstrip(" "))
            key, _, value = line.strip().partition(":")
            if key == "python_function" and indent == 2:
                depth = 2
            elif depth is not None and indent <= depth:
                break
            elif depth is not None and indent == 4:
                entry[key] = value.strip().strip("'\"")
    return entry


def load_plain(path):
    entry = read_entry(path)
    if entry.get("code"):
        sys.path.insert(0, os.path.join(path, entry["code"]))
    loader = importlib.import_module(entry["loader_module"])
    data = entry.get("data")
    model = loader._load_pyfunc(os.path.join(path, data) if data else path)
    function = getattr(model, entry.get("predict_fn") or "predict")
    if takes_params(function):
        return Model(lambda data, params: function(data, params=params), list_facts())
    return Model(lambda data, params: function(data), list_facts())


def load_model(path):
    if importlib.util.find_spec("mlflow") is not None:
        return load_with_mlflow(path)
    loader = read_entry(path).get("loader_module", "")
    if loader.split(".")[0] == "mlflow":
        raise RuntimeError(
            "%s needs mlflow, which %s does not have; --python names the interpreter of another environment"
            % (loader, sys.executable)
        )
    return load_plain(path)
