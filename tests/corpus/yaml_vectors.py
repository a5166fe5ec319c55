#!/usr/bin/env python3
"""Runs the whole of the shared YAML and signature vectors, and reads and writes back every shared MLmodel file.

    yaml_vectors.py YAML_CHECK MODEL_CHECK

The shared folder is $SAVOR_SHARED, else ../shared beside the checkout. Without it: "skipped: ..." and exit code 77.
"""
import glob
import os
import subprocess
import sys

# What MLflow's Python did not write keeps its meaning, not its bytes: the crate flavor is written by R.
OTHER_WRITERS = ("/corpus-deep/crate-",)


def shared_folder():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.environ.get("SAVOR_SHARED") or os.path.join(os.path.dirname(top), "shared")


def main():
    yaml_check, model_check = sys.argv[1:]
    shared = shared_folder()
    if not os.path.isdir(os.path.join(shared, "vectors", "yaml")):
        print(f"skipped: no vectors under {shared}")
        return 77
    vectors = os.path.join(shared, "vectors")
    files = [p for pattern in ("corpus/*/model/MLmodel", "corpus-deep/*/model/MLmodel",
                               "vectors/http/models/**/MLmodel", "vectors/yaml/mlmodel/*.MLmodel")
             for p in sorted(glob.glob(os.path.join(shared, pattern), recursive=True))
             if not any(part in p for part in OTHER_WRITERS)]
    runs = [[yaml_check, "read", f"{vectors}/yaml/read.json"], [yaml_check, "write", f"{vectors}/yaml/write.json"],
            [model_check, "signature", f"{vectors}/signature/parse.json"], [model_check, "round", *files]]
    return max(subprocess.run(run, check=False).returncode for run in runs)


if __name__ == "__main__":
    sys.exit(main())
