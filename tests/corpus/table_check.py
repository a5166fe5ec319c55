"""Ask a savor binary for CSV and Arrow answers and let pyarrow and pandas read them; compare with the JSON answer.

python table_check.py BINARY MODELS: by hand, needs pandas and pyarrow. MODELS is tests/data/models.
"""
import io
import json
import pathlib
import subprocess
import sys

import pandas as pd
import pyarrow as pa


def answer(binary, model, path, kind, output):
    done = subprocess.run([binary, "models", "predict", "-m", model, "-i", path, "-t", kind, "--output-type", output],
                          capture_output=True)
    return done.stdout if done.returncode == 0 else None


def plain_cells(frame):
    """Numbers as Python's, so that a float32 equals the double that JSON holds, and NaN as text, so that it equals itself."""
    return [[v if isinstance(v, str) or v == v else "nan" for v in row] for row in frame.to_numpy().tolist()]


def main(binary, models):
    n_same = n_other = 0
    for case in sorted(models.iterdir()):
        for request in json.loads((case / "case.json").read_text())["requests"]:
            path, kind = case / request["body"], "csv" if request["content_type"].startswith("text/csv") else "json"
            plain = answer(binary, case / "model", path, kind, "json")
            if plain is None:
                continue
            values = json.loads(plain)
            values = values["predictions"] if isinstance(values, dict) else values
            stream = pa.ipc.open_stream(answer(binary, case / "model", path, kind, "arrow")).read_all()
            stream.validate(full=True)
            frame = stream.to_pandas()
            text = answer(binary, case / "model", path, kind, "csv")
            table = pd.read_csv(io.BytesIO(text)).astype(frame.dtypes.to_dict()) if values else frame
            expected = pd.DataFrame(values) if values else frame
            same = plain_cells(frame) == plain_cells(expected) and plain_cells(table) == plain_cells(frame)
            n_same, n_other = n_same + same, n_other + (not same)
            if not same:
                print("differs:", case.name, request["id"])
    print(f"{n_same} answers the same, {n_other} not")
    return n_other > 0


sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
