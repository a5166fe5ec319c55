"""What predict returned -> the body of an ANSWER: arrays and frames of numbers as they are, all else as JSON text.

The JSON is what MLflow's scoring server would have sent (mlflow.pyfunc.scoring_server.predictions_to_json and its
encoder), without the object around it.
"""

import base64
import datetime
import json
import struct

from savor_worker.request import NAMES, np, pd

FRAME, TENSOR, JSON = 0, 1, 4
PLAIN = {name: i for i, name in enumerate(NAMES) if i <= 11 or name == "datetime64[ns]"}
MAX_DIMS = 32


class Unencodable(Exception):
    """MLflow's server would have failed with status 500 on this answer."""


def encode_bytes(value):
    return base64.encodebytes(value).decode("ascii")


class Encoder(json.JSONEncoder):
    """What JSON has no word for, as MLflow's encoder of an era turns it."""

    era = 3

    def convert(self, o):
        if np is not None and isinstance(o, np.ndarray):
            if o.dtype == object:
                return [self.convert(x) for x in o.tolist()]
            if o.dtype == np.bytes_:
                return np.vectorize(encode_bytes)(o)
            return o.tolist()
        if np is not None and isinstance(o, np.generic):
            return o.item()
        if isinstance(o, (bytes, bytearray)):
            return encode_bytes(o)
        if isinstance(o, datetime.date) or (self.era > 1 and isinstance(o, datetime.time)):
            return o.isoformat()
        if pd is not None and o is pd.NaT and self.era > 0:
            return "NaT"
        if self.era > 1 and hasattr(o, "model_dump") and hasattr(type(o), "model_fields"):
            return o.model_dump()
        return o

    def default(self, o):
        converted = self.convert(o)
        return super().default(o) if converted is o else converted


class Encoder1(Encoder):
    era = 1


def jsonable(result):
    if np is not None and isinstance(result, np.ndarray):
        return result.tolist()
    if pd is not None and isinstance(result, pd.Series):
        result = pd.DataFrame(result)
    if pd is not None and isinstance(result, pd.DataFrame):
        return result.to_dict(orient="records")
    return result


def padded(data):
    return data + b"\0" * (-len(data) % 8)


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(data)) + padded(data)


def json_answer(result, era):
    try:
        words = json.dumps(jsonable(result), cls=Encoder1 if era == 1 else Encoder)
    except Exception as e:
        raise Unencodable("%s: %s" % (type(e).__name__, e)) from e
    return [struct.pack("<Q", JSON), text(words)]


def buffer(array):
    """The bytes of an array of a plain type, filled up to a multiple of 8."""
    array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
    data = memoryview(array.reshape(-1).view(np.uint8)) if array.size else b""
    return [data, b"\0" * (-len(data) % 8)]


def tensor_answer(array):
    head = struct.pack("<QII%dQ" % array.ndim, TENSOR, PLAIN[array.dtype.name], array.ndim, *array.shape)
    return [head, *buffer(array)]


def is_plain_label(label):
    if isinstance(label, str):
        return not any(0xD800 <= ord(c) <= 0xDFFF for c in label)
    return type(label) is int and abs(label) < 2**63


def is_plain_frame(frame):
    if not all(isinstance(dtype, np.dtype) and dtype.kind in "biuf" and dtype.name in PLAIN for dtype in frame.dtypes):
        return False
    labels = frame.columns.tolist()
    return len(set(map(str, labels))) == len(labels) and all(map(is_plain_label, labels))


def label_bytes(label):
    return struct.pack("<Qq", 1, label) if isinstance(label, int) else struct.pack("<Q", 0) + text(label)


def frame_answer(frame):
    columns = [frame.iloc[:, i].to_numpy() for i in range(len(frame.columns))]
    heads = b"".join(
        struct.pack("<Q", PLAIN[values.dtype.name]) + label_bytes(label)
        for label, values in zip(frame.columns.tolist(), columns)
    )
    pieces = [struct.pack("<QQQQ", FRAME, len(frame), len(columns), len(heads)), heads]
    for values in columns:
        pieces += buffer(values)
    return pieces


def write_answer(result, era):
    """The pieces of the body of an ANSWER."""
    if np is not None and type(result) is np.ndarray and result.dtype.name in PLAIN and result.ndim <= MAX_DIMS:
        return tensor_answer(result)
    if pd is not None and type(result) is pd.Series and result.name is None:
        result = pd.DataFrame(result)
    if pd is not None and type(result) is pd.DataFrame and is_plain_frame(result):
        return frame_answer(result)
    return json_answer(result, era)


def write_error(kind, code, message, traceback=""):
    """The pieces of the body of an ERROR or FAILED."""
    return [struct.pack("<Q", kind), text(code), text(message), text(traceback)]
