#!/usr/bin/env python3
"""Runs the whole of the shared vectors of requests, enforcement and params, and of requests to echo models.

    enforce_vectors.py ENFORCE_CHECK ECHO_CHECK

The shared folder is $SAVOR_SHARED, else ../shared beside the checkout. Without it: "skipped: ..." and exit code 77.
"""
import glob
import os
import subprocess
import sys


def shared_folder():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.environ.get("SAVOR_SHARED") or os.path.join(os.path.dirname(top), "shared")


def main():
    vectors = os.path.join(shared_folder(), "vectors")
    files = sorted(glob.glob(f"{vectors}/enforce/*.json"))
    if not files:
        print(f"skipped: no vectors under {vectors}")
        return 77
    topics = ("nested", "convert-*", "unnamed", "params")
    echoes = [p for topic in topics for p in sorted(glob.glob(f"{vectors}/http/[23].x-{topic}.json"))]
    codes = [subprocess.run([program, *paths], check=False).returncode
             for program, paths in zip(sys.argv[1:], (files, echoes))]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
