#!/usr/bin/env python3
"""Models that are code, written and served by three versions of MLflow: the cases of ../shared, with its environments.

    lab_test.py SAVOR

SAVOR_LAB names the folder of the environments v1, v2 and v3 (shared/lab/setup); without it the test is skipped.
"""
import os
import subprocess
import sys

SHARED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared")


def main():
    savor, lab = os.path.abspath(sys.argv[1]), os.environ.get("SAVOR_LAB", "")
    check = os.path.join(SHARED, "corpus/check")
    versions = [v for v in ("v1", "v2", "v3") if os.access(os.path.join(lab, v, "bin/python"), os.X_OK)]
    if not os.path.exists(check) or not versions:
        print("skipped: SAVOR_LAB names no Python environments, or ../shared is not there")
        return 77
    failed = 0
    for v in versions:
        env = {**os.environ, "SAVOR_PYTHON": os.path.join(lab, v, "bin/python")}
        failed |= subprocess.run([check, "--bin", savor, "--tier", "worker", "--via", "serve", "--start-timeout", "90",
                                  "--case", "py-addn-%s,py-xgb-wrapper-%s,py-result-kinds-%s" % (v, v, v)],
                                 env=env).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
