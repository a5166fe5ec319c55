#!/usr/bin/env python3
"""What code sees of a request, beside what MLflow's own server hands to it: tests/differential/worker_inputs.py, a few bodies.

    inputs_test.py SAVOR

SAVOR_LAB names the folder of the environments v1, v2 and v3 (shared/lab/setup); without them the test is skipped.
"""
import os
import subprocess
import sys

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../differential/worker_inputs.py")
VERSIONS = ("v1", "v2", "v3")
SIGNATURES = "none,plain,unnamed,tensor,objects,any"  # each is a server
N_BODIES = 40


def main():
    savor, lab = os.path.abspath(sys.argv[1]), os.environ.get("SAVOR_LAB", "")
    failed = n_asked = 0
    for v in VERSIONS:
        python = os.path.join(lab, v, "bin/python")
        if not lab or not os.access(python, os.X_OK):
            print("skipped: %s: SAVOR_LAB names no folder with this environment" % v)
            continue
        argv = [python, "-B", "-W", "ignore", SCRIPT, savor, "--only", SIGNATURES, "--n", str(N_BODIES), "--show", "3"]
        failed |= subprocess.run(argv, stderr=subprocess.DEVNULL).returncode
        n_asked += 1
    return failed if n_asked else 77


if __name__ == "__main__":
    sys.exit(main())
