#!/usr/bin/env python3
"""JSONTestSuite (github.com/nst/JSONTestSuite): what must be taken is taken, and the rest is as Python's json has it.

    json_suite.py DIFFER

The environment variable CORPORA names a folder that has the suite's test_parsing in it, at any depth. Without it:
"skipped: ..." and exit code 77.
"""
import json
import os
import pathlib
import sys

import differ


def python_takes(data):
    try:
        json.loads(data)
        return True
    except (ValueError, RecursionError):
        return False


def main():
    found = sorted(pathlib.Path(os.environ.get("CORPORA") or "/nowhere").glob("**/test_parsing/[yni]_*.json"))
    if not found:
        print("skipped: CORPORA names no folder with JSONTestSuite")
        return 77
    bodies = [path.read_bytes() for path in found]
    counts, n_failed = {}, 0
    for path, body, answer in zip(found, bodies, differ.ask(sys.argv[1], "json", bodies)):
        kind, taken = path.name[0], answer not in (b"E", b"L")
        # Encodings other than UTF-8 are undone before the reader sees the text (request/body_text.c).
        expected = kind == "y" or (kind == "i" and taken) or (kind == "n" and python_takes(body))
        counts[kind, taken] = counts.get((kind, taken), 0) + 1
        if taken != expected:
            n_failed += 1
            print(f"FAILED {path.name}: {'taken' if taken else 'refused'}")
    for (kind, taken), n in sorted(counts.items()):
        print(f"{kind}_: {n} {'taken' if taken else 'refused'}")
    print(f"{len(found)} files, {n_failed} failed")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main())
