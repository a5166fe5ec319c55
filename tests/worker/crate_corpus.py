#!/usr/bin/env python3
"""R models of ../shared: the recorded answers of MLflow's R server, to the byte, by serve and by predict.

    crate_corpus.py SAVOR
"""
import glob
import json
import os
import subprocess
import sys

import crate_test

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/corpus-deep")


def read(folder, name, mode="r"):
    with open(os.path.join(folder, name), mode) as f:
        return f.read()


def check_served(server, folder, request):
    want = json.loads(read(folder, request["expected"]))["text"]
    status, content_type, text = server.post(read(folder, request["body"], "rb"), request["content_type"])
    kind = crate_test.JSON_TYPE if request["status"] == 200 else crate_test.TEXT_TYPE
    return (status, content_type, text) == (request["status"], kind, want)


def check_predicted(savor, folder, request):
    want = json.loads(read(folder, request["expected"]))["text"]
    got = subprocess.run([savor, "models", "predict", "-m", os.path.join(folder, "model"), "-t", request["cli_content_type"],
                          "-i", os.path.join(folder, request["body"])], capture_output=True, timeout=crate_test.PATIENCE)
    if request["status"] == 200:
        return (got.returncode, got.stdout.decode()) == (0, want)
    return got.returncode == 1 and want in got.stderr.decode()


def main():
    cases = sorted(glob.glob(os.path.join(FOLDER, "crate-*")))
    why = crate_test.missing() or ("" if cases else "../shared/corpus-deep is not there")
    if why:
        print("skipped: %s" % why)
        return 77
    crate_test.SAVOR, crate_test.CRATES = os.path.abspath(sys.argv[1]), FOLDER
    n_checks = n_failed = 0
    for folder in cases:
        requests = json.loads(read(folder, "case.json"))["requests"]
        with crate_test.Server(os.path.basename(folder)) as server:
            checks = [("serve", r, check_served(server, folder, r)) for r in requests]
        checks += [("predict", r, check_predicted(crate_test.SAVOR, folder, r)) for r in requests]
        for way, request, is_good in checks:
            n_checks += 1
            if not is_good:
                n_failed += 1
                print("%s %s: %s differs" % (os.path.basename(folder), request["id"], way))
    print("%d of %d answers are those recorded" % (n_checks - n_failed, n_checks))
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
