"""Build and test the debug and release presets, add up the results, print one closing line.

    suites.py [--quick]      --quick: leave out ../shared

SAVOR_WERROR=ON in the environment makes warnings errors, as CI has it.
"""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

PRESETS = ("debug", "release")
TEST_TIMEOUT_S = 300
SHARED = "../shared"
SAVOR = "build/release/savor"

# Booster names are learned from the first frame, so a fresh process cannot refuse these, nor can MLflow's.
ONE_PROCESS_ONLY = {"xgb-names-checked-v1"}
CORPUS_PREFIXES = ("cb-", "lgb-", "pipe-", "sk-", "sm-", "text-", "xgb-")

# What is run on top when ../shared lies beside the checkout: (name, program, arguments)
SHARED_SUITES = [
    ("shared/corpus", f"{SHARED}/corpus/check", ["--tier", "native", "--via", "both", "--jobs", "2"]),
    ("shared/http", f"{SHARED}/vectors/check-http", ["--tier", "native"]),
]


class Tally:
    """Counts, and the lines that are worth repeating at the end."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lines = []

    def fail(self, name, why=""):
        self.failed += 1
        self.lines.append(f"failed: {name}{': ' + why if why else ''}")

    def skip(self, name, why):
        self.skipped += 1
        self.lines.append(f"skipped: {name}: {why}")


def run(*words):
    print("$", *words, flush=True)
    return subprocess.run(words).returncode


def add_case(tally, name, case):
    """A test that chose to be skipped said so by its exit code; one that could not be started has failed."""
    skipped, failure = case.find("skipped"), case.find("failure")
    message = (skipped if skipped is not None else failure if failure is not None else {}).get("message", "")
    if skipped is not None and message.startswith("SKIP_"):
        said = re.search(r"^skipped: (.*)$", case.findtext("system-out") or "", re.M)
        tally.skip(name, said[1] if said else "no reason given")
    elif case.get("status") == "run":
        tally.passed += 1
    else:
        tally.fail(name, message)


def add_junit(tally, preset, path):
    for case in xml.parse(path).getroot().iter("testcase"):
        add_case(tally, f"{preset}: {case.get('name')}", case)


def run_preset(tally, preset):
    folder = f"build/{preset}"
    report = os.path.abspath(f"{folder}/junit.xml")
    if os.path.exists(report):
        os.remove(report)
    werror = os.environ.get("SAVOR_WERROR", "OFF")
    if run("cmake", "--preset", preset, "-DSAVOR_TESTS=ON", f"-DSAVOR_WERROR={werror}") or run("cmake", "--build", folder):
        tally.fail(preset, "does not build")
        return
    n_failed = tally.failed
    code = run("ctest", "--preset", preset, "--output-junit", report, "--timeout", str(TEST_TIMEOUT_S),
               "--parallel", str(os.cpu_count()), "--no-tests=error")
    if os.path.exists(report):
        add_junit(tally, preset, report)
    if code and tally.failed == n_failed:
        tally.fail(preset, f"ctest ended with exit code {code} and named no failed test")


def run_shared(tally, name, program, arguments):
    if not os.path.exists(program):
        tally.skip(name, f"{program} is not beside this checkout")
        return
    print("$", program, "--bin", SAVOR, *arguments, flush=True)
    done = subprocess.run([sys.executable, program, "--bin", SAVOR, *arguments], stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    counts = re.findall(r"^(\d+) passed, (\d+) failed", done.stdout, re.M)
    if not counts:
        tally.fail(name, f"no result, exit code {done.returncode}")
        return
    tally.passed += int(counts[-1][0])
    tally.failed += int(counts[-1][1])
    if int(counts[-1][1]):
        tally.lines.append(f"failed: {name}: {counts[-1][1]} of its comparisons")


def choose_cases(tally):
    """The corpus cases of the native flavors, as an argument; those that are left out are said."""
    left_out = {name: "its command line answers were recorded in one process" for name in ONE_PROCESS_ONLY}
    cases = [name for name in sorted(os.listdir(f"{SHARED}/corpus")) if name.startswith(CORPUS_PREFIXES)]
    for name in sorted(left_out):
        tally.skip(f"shared/corpus/{name}", left_out[name])
    return ["--case", ",".join(c for c in cases if c not in left_out)]


def main():
    os.environ.setdefault("CTEST_OUTPUT_ON_FAILURE", "1")
    tally = Tally()
    for preset in PRESETS:
        run_preset(tally, preset)
    for suite in SHARED_SUITES:
        if "--quick" in sys.argv:
            tally.skip(suite[0], "--quick was asked for")
        else:
            name, program, arguments = suite
            if name == "shared/corpus" and os.path.exists(program):
                arguments = choose_cases(tally) + arguments
            run_shared(tally, name, program, arguments)
    print()
    for line in tally.lines:
        print(line)
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
