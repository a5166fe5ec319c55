#!/usr/bin/env python3
"""Runs the command lines of ../shared/vectors/cli/calls.json that savor has, in three profiles.

    vectors.py SAVOR [--verbose]

Compared: exit code, whether something was on stdout, a usage line on stderr, something on stderr after a failure, and for
predict the exact text. Not compared: tracebacks (savor has none) and what MLflow logs to stderr when all is well.
Exit code 77: the vectors are not beside this checkout (SAVOR_SHARED names another place).
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(os.environ.get("SAVOR_SHARED") or os.path.join(HERE, "..", "..", "..", "shared"), "vectors")
PROFILES = ("1.x", "2.x", "3.x")
OTHER_GROUPS = ("deployments", "sagemaker")
VERBS = ("serve", "predict", "prepare-env")


def is_ours(args):
    if not args or args[0] != "models":
        return not args or args[0] not in OTHER_GROUPS
    return len(args) == 1 or args[1] in VERBS or args[1].startswith("-") or args[1] == "bogus"


def known_differences():
    """{(number, profile): why} from known.txt: lines of NUMBER PROFILE WHY."""
    out = {}
    with open(os.path.join(HERE, "known.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                number, profile, why = line.split(None, 2)
                out[number, profile] = why.strip()
    return out


def is_native(profile, args):
    """Models made of Python code are not ours; models.json says which."""
    names = [a.split(":", 1)[1].split("}")[0] for a in args if "{MODEL:" in a]
    with open(os.path.join(SHARED, "http", "models", profile, "models.json"), encoding="utf-8") as f:
        tiers = json.load(f)
    tier = {n: t if isinstance(t, str) else t.get("tier") for n, t in tiers.items()}
    return all(tier.get(n) == "native" for n in names)


def is_served(savor, profile, args):
    """Whether the models of a command line load at all: flavors come one after the other."""
    names = {a.split(":", 1)[1].split("}")[0] for a in args if "{MODEL:" in a}
    return all(subprocess.run([savor, "models", "inspect", os.path.join(SHARED, "http", "models", profile, name)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0 for name in names)


def run(savor, vector, profile):
    """What differs from the expectation, as a list."""
    with tempfile.TemporaryDirectory(prefix="savor-cli-") as top:
        work = os.path.join(top, "work")
        os.mkdir(work)
        for name, text in vector.get("files", {}).items():
            with open(os.path.join(work, name), "w", encoding="utf-8") as f:
                f.write(text)
        args = []
        for a in vector["args"]:
            while "{MODEL:" in a:
                name = a.split("{MODEL:", 1)[1].split("}")[0]
                if not os.path.exists(os.path.join(top, name)):
                    shutil.copytree(os.path.join(SHARED, "http", "models", profile, name), os.path.join(top, name))
                a = a.replace("{MODEL:%s}" % name, os.path.join(top, name))
            args.append(a.replace("{WORK}", work))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "SAVOR_"))}
        environment.update(vector.get("env", {}), SAVOR_PROFILE=profile)
        done = subprocess.run([savor] + args, input=vector.get("stdin", "").encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment, cwd=work, timeout=30)
        return faults_of(vector, vector["expect"][profile], done, work)


def faults_of(vector, want, done, work):
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    faults = []
    if done.returncode != want["exit"]:
        faults.append(f"exit code {done.returncode}, expected {want['exit']}: {err.strip()[-300:]}")
    if bool(out) != want["stdout"]:
        faults.append(f"stdout {'has' if out else 'lacks'} text")
    if want["exit"] and want["stderr"] and not err:
        faults.append("nothing on stderr")
    if ("usage:" in err.lower()) != want["usage"]:
        faults.append("usage line on stderr: " + ("unexpected" if not want["usage"] else "missing"))
    if "stdout_text" in want and out != want["stdout_text"]:
        faults.append(f"stdout {out!r}, expected {want['stdout_text']!r}")
    if want.get("output_file_text") and not faults:
        with open(os.path.join(work, vector["output_file"]), encoding="utf-8") as f:
            text = f.read()
        if text != want["output_file_text"]:
            faults.append(f"output file {text!r}, expected {want['output_file_text']!r}")
    return faults


def main():
    calls = os.path.join(SHARED, "cli", "calls.json")
    if not os.path.exists(calls):
        print("skipped: ../shared/vectors is not beside this checkout")
        return 77
    with open(calls, encoding="utf-8") as f:
        vectors = json.load(f)["vectors"]
    savor, known = os.path.abspath(sys.argv[1]), known_differences()
    n = {"passed": 0, "failed": 0, "other commands": 0, "python models": 0, "models not served yet": 0,
         "known differences": 0}
    for vector in vectors:
        number = vector["id"].rpartition("/")[2]
        for profile in PROFILES:
            if profile not in vector["expect"]:
                continue
            if not is_ours(vector["args"]):
                n["other commands"] += 1
            elif not is_native(profile, vector["args"]):
                n["python models"] += 1
            else:
                faults = run(savor, vector, profile)
                why = known.get((number, profile))
                if faults and not is_served(savor, profile, vector["args"]):
                    n["models not served yet"] += 1
                elif faults and why:
                    n["known differences"] += 1
                elif faults or why:
                    n["failed"] += 1
                    print(f"failed: {number} {profile}: {vector['why']}: {'; '.join(faults) or 'known.txt is out of date'}")
                else:
                    n["passed"] += 1
                if "--verbose" in sys.argv and faults and why:
                    print(f"known: {number} {profile}: {why}")
    print(", ".join(f"{count} {name}" for name, count in n.items()))
    return 1 if n["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
