"""A model that answers with a text about what it was called with: types, dtypes, labels, and each cell with its type."""
import mlflow.pyfunc
import numpy as np
import pandas as pd

PLAIN = {str: "s", int: "i", float: "f", bool: "b", type(None): "n", bytes: "y"}


def type_name(value):
    kind = type(value)
    return PLAIN.get(kind) or "%s.%s" % (kind.__module__.split(".")[0], kind.__name__)


def show_array(value):
    return "ndarray(%s %s %s)" % (value.dtype, list(value.shape), [show(v) for v in value.ravel().tolist()]
                                  if value.dtype != object else [show(v) for v in value.ravel()])


def show_index(index):
    if isinstance(index, pd.RangeIndex):
        return "RangeIndex(%d, %d, %d)" % (index.start, index.stop, index.step)
    if isinstance(index, pd.MultiIndex):
        return "MultiIndex%s" % [show_index(index.get_level_values(i)) for i in range(index.nlevels)]
    return "%s(%s)[%s]%s" % (type(index).__name__, index.dtype, ", ".join(show(v) for v in index),
                             "" if index.name is None else " named %r" % (index.name,))


def show_frame(frame):
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    lines = ["index %s" % show_index(frame.index), "columns %s" % show_index(frame.columns)]
    lines += ["column %d %s: %s" % (i, column.dtype, [show(v) for v in column.array]) for i, column in enumerate(columns)]
    return "DataFrame\n" + "\n".join(lines)


def show(value):
    if isinstance(value, pd.DataFrame):
        return show_frame(value)
    if isinstance(value, pd.Series):
        return "Series %s %s %s" % (value.dtype, show_index(value.index), [show(v) for v in value.array])
    if isinstance(value, np.ndarray):
        return show_array(value)
    if isinstance(value, dict):
        return "%s{%s}" % (type_name(value), ", ".join("%s: %s" % (show(k), show(v)) for k, v in value.items()))
    if isinstance(value, (list, tuple)):
        return "%s[%s]" % (type_name(value), ", ".join(map(show, value)))
    return "%s %r" % (type_name(value), value)


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return show(model_input)


class EchoParams(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return show(model_input) + "\nparams " + show(params)
