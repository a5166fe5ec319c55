#!/usr/bin/env python3
"""Runs the command as a user types it and compares what comes out, byte by byte.

    run.py SAVOR [NAME...]

A case is tests/cli/FOLDER/NAME.sh, run by sh in an empty folder with these variables:
    SAVOR    the command             MODELS   tests/data/models
Beside it: NAME.stdout, NAME.stderr (absent: nothing may come out) and NAME.code (absent: 0). In an expected text
[...] stands for anything. A case that prints "skipped: WHY" as the last line of its stdout and exits with 77 is skipped.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(os.path.dirname(HERE), "data", "models")
KEPT = ("PATH", "HOME", "TMPDIR", "SAVOR_LAB", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
TIMEOUT_S = 240


def read(path, default):
    if not os.path.exists(path):
        return default
    with open(path, encoding="utf-8") as f:
        return f.read()


def matches(expected, got):
    return re.fullmatch(".*".join(map(re.escape, expected.split("[...]"))), got, re.S) is not None


def run_case(savor, script):
    """None, or what went wrong; the second value is the reason when the case was skipped."""
    stem = script[:-3]
    environment = {k: v for k, v in os.environ.items() if k in KEPT}
    environment.update(SAVOR=savor, MODELS=MODELS, LC_ALL="C.UTF-8")
    with tempfile.TemporaryDirectory(prefix="savor-cli-") as folder:
        done = subprocess.run(["sh", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if done.returncode == 77:
        return None, out.strip().rpartition("skipped: ")[2]
    faults = []
    code = int(read(stem + ".code", "0"))
    if done.returncode != code:
        faults.append(f"exit code {done.returncode}, expected {code}")
    for name, got in (("stdout", out), ("stderr", err)):
        expected = read(f"{stem}.{name}", "")
        if not matches(expected, got):
            faults.append(f"{name}:\n{got}--- expected:\n{expected}---")
    return "\n".join(faults) or None, None


def main():
    savor, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    n_passed = n_failed = n_skipped = 0
    for script in sorted(glob.glob(os.path.join(HERE, "*", "*.sh"))):
        name = os.path.relpath(script, HERE)[:-3]
        if names and not any(name.startswith(n) for n in names):
            continue
        fault, reason = run_case(savor, script)
        n_passed += fault is None and reason is None
        n_failed += fault is not None
        n_skipped += reason is not None
        if fault:
            print(f"failed: {name}\n{fault}")
        if reason:
            print(f"skipped: {name}: {reason}")
    print(f"{n_passed} passed, {n_failed} failed, {n_skipped} skipped")
    return 1 if n_failed or not n_passed + n_skipped else 0


if __name__ == "__main__":
    sys.exit(main())
