#!/usr/bin/env python3
"""A model with a number in its pickle and one with an artifact: saved by three versions of MLflow, served by savor.

    custom_test.py SAVOR

SAVOR_LAB names the folder of the environments v1, v2 and v3 (shared/lab/setup). Each saves the models and writes down
what its own scoring server answers (save_models.py); savor's server must answer the same bytes, and errors with the same
status and code. Without the environments the test is skipped.
"""
import json
import os
import subprocess
import sys
import tempfile

from served import Served

HERE = os.path.dirname(os.path.abspath(__file__))
VERSIONS = ("v1", "v2", "v3")
PATIENCE = 280  # seconds that nothing may take, even on a machine with much else to do
N_WORKERS = "2"


def python_of(lab, version):
    return os.path.join(lab, version, "bin/python")


def code_of(text):
    return json.loads(text)["error_code"] if text.startswith("{") else None


def compare(want, got):
    """What is different, or None: good answers byte for byte, errors by status and code."""
    if want[0] != got[0]:
        return "status %d: %s" % (got[0], got[1][:200])
    if want[0] == 200 and want[1] != got[1]:
        return got[1][:200]
    if want[0] != 200 and code_of(want[1]) != code_of(got[1]):
        return "error_code %s: %s" % (code_of(got[1]), got[1][:200])
    return None


def check_model(savor, python, model, exchanges):
    """How many of the exchanges passed; differences are printed."""
    n_passed = 0
    with Served(savor, model, "--python", python, "-w", N_WORKERS) as server:
        for content_type, body, status, text in exchanges:
            got_status, _, got_text = server.post(body, content_type)
            difference = compare((status, text), (got_status, got_text))
            n_passed += difference is None
            if difference:
                print("%s: %s: expected %d %s, got %s" % (model, body[:80], status, text[:200], difference))
    return n_passed


def check_version(savor, python, version):
    """Whether all models of one MLflow are served as it serves them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-W", "ignore", os.path.join(HERE, "save_models.py"), folder], check=True,
                       cwd=folder, stderr=subprocess.DEVNULL, timeout=PATIENCE)  # fmt: skip
        with open(os.path.join(folder, "answers.json")) as f:
            recorded = json.load(f)
        is_good = True
        for name, exchanges in recorded["answers"].items():
            n_passed = check_model(savor, python, os.path.join(folder, name), exchanges)
            print("%s, MLflow %s, %s: %d of %d" % (version, recorded["mlflow"], name, n_passed, len(exchanges)))
            is_good = is_good and n_passed == len(exchanges) > 0
    return is_good


def main():
    savor, lab = os.path.abspath(sys.argv[1]), os.environ.get("SAVOR_LAB", "")
    versions = [v for v in VERSIONS if lab and os.access(python_of(lab, v), os.X_OK)]
    for v in VERSIONS:
        if v not in versions:
            print("skipped: %s: SAVOR_LAB names no folder with this environment" % v)
    if not versions:
        return 77
    return 0 if all([check_version(savor, python_of(lab, v), v) for v in versions]) else 1


if __name__ == "__main__":
    sys.exit(main())
