#!/usr/bin/env python3
"""Runs the whole of the shared vectors of inference, input examples and answers.

    infer_vectors.py INFER_CHECK

The shared folder is $SAVOR_SHARED, else ../shared beside the checkout. Without it: "skipped: ..." and exit code 77.
"""
import glob
import os
import subprocess
import sys

FILES = ("signature/infer-*.json", "example/*.json", "json-response/*.json")


def shared_folder():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.environ.get("SAVOR_SHARED") or os.path.join(os.path.dirname(top), "shared")


def main():
    vectors = os.path.join(shared_folder(), "vectors")
    files = [p for name in FILES for p in sorted(glob.glob(f"{vectors}/{name}"))]
    if not files:
        print(f"skipped: no vectors under {vectors}")
        return 77
    return subprocess.run([sys.argv[1], *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
