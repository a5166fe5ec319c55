#!/usr/bin/env python3
"""Every trick of tricks.py against the command: nothing in it runs, nothing is written, memory and time have bounds.

    hostile_test.py SAVOR CAGE [--show] [NAME...]

Each file becomes a model directory; `models verify`, `models inspect` and `models predict --no-code` run on it inside
CAGE (cage.c), which lets the kernel kill whoever starts a program, opens a connection or touches a file. Memory is
bounded by the kernel (not under a sanitizer, which reserves terabytes); so is time, of the processor, since the
machine may be busy; both are measured with getrusage.
"""
import os
import resource
import signal
import subprocess
import sys
import tempfile

import tricks

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(os.path.dirname(HERE), "data", "models")
TIME_S = 900                      # by the clock: a hang that no loaded machine explains
CPU_S = 20                        # by the processor; the longest, a bomb of bzip2, takes about 3
SANITIZED = 5                     # times more of it, and of memory
FREE_BYTES = 384 << 20            # 256 MiB may be unpacked, 64 MiB read from it, whatever the size of the file
BYTES_TIMES_FILE = 400            # 128 for what is unpacked, 128 and a few copies of it for records
SPACE_BYTES = 3 << 30             # of addresses
CODES = {"known": 0, "unknown": 1, "unreadable": 1, "dangerous": 1}
MLMODEL = {
    "pickle": "flavors:\n  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl, predict_fn: predict}\n"
              "  sklearn: {pickled_model: model.pkl, serialization_format: pickle, sklearn_version: 1.2.2}\n",
    "skops": "flavors:\n  python_function: {loader_module: mlflow.sklearn, model_path: model.skops, predict_fn: predict}\n"
             "  sklearn: {pickled_model: model.skops, serialization_format: skops, sklearn_version: 1.5.2}\n",
    "cbm": "flavors:\n  python_function: {loader_module: mlflow.catboost, data: model.cb}\n"
           "  catboost: {data: model.cb, model_type: CatBoostRegressor, save_format: cbm, catboost_version: 1.2.7}\n",
}
FILES = {"pickle": "model.pkl", "skops": "model.skops", "cbm": "model.cb"}


class Runner:
    def __init__(self, savor, cage):
        self.savor, self.cage = os.path.abspath(savor), os.path.abspath(cage)
        with open(self.savor, "rb") as f:
            self.is_sanitized = b"__asan_init" in f.read()
        self.request = os.path.join(MODELS, "sk-linreg-v1", "requests", "01.json")
        with tempfile.TemporaryDirectory(prefix="savor-hostile-") as folder:
            good = os.path.join(MODELS, "sk-linreg-v1", "model")
            self.expected = self.run(folder, "models", "predict", "-m", good, "--no-code")[1]
        self.most_bytes, self.most_seconds = (0, ""), (0, "")
        assert self.expected.startswith("["), f"the good model has no answer: {self.expected!r}"

    def limit_cpu(self):
        seconds = CPU_S * (SANITIZED if self.is_sanitized else 1)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # SIGXCPU, then SIGKILL

    def run(self, folder, *words):
        """Exit code (negative: killed by a signal), stdout, stderr, peak memory, seconds of the processor."""
        limit = [] if self.is_sanitized else ["--memory", str(SPACE_BYTES)]
        environment = {"PATH": "/nonexistent", "HOME": folder, "LC_ALL": "C.UTF-8",
                       "ASAN_OPTIONS": "detect_leaks=0:symbolize=0", "UBSAN_OPTIONS": "symbolize=0:print_stacktrace=0"}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with open(self.request, "rb") as request:
                child = subprocess.Popen([self.cage, *limit, self.savor, *words], cwd=folder, env=environment,
                                         stdin=request, stdout=out, stderr=err, preexec_fn=self.limit_cpu)
            signal.alarm(TIME_S)
            try:
                _, status, usage = os.wait4(child.pid, 0)
            except TimeoutError:
                child.kill()
                _, status, usage = os.wait4(child.pid, 0)
                return "hung", "", "", 0, TIME_S
            finally:
                signal.alarm(0)
                child.returncode = 0
            code = os.waitstatus_to_exitcode(status)
            texts = []
            for f in (out, err):
                f.seek(0)
                texts.append(f.read().decode("utf-8", "replace"))
        return code, *texts, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime

    def run_case(self, trick, folder):
        """What went wrong, a list."""
        faults = []
        with open(os.path.join(folder, "MLmodel"), "w", encoding="utf-8") as f:
            f.write(MLMODEL[trick.kind])
        with open(os.path.join(folder, FILES[trick.kind]), "wb") as f:
            f.write(trick.content)
        before = sorted(os.listdir(folder))
        verify = self.run(folder, "models", "verify", folder, "--json")
        inspect = self.run(folder, "models", "inspect", folder)
        predict = self.run(folder, "models", "predict", "-m", folder, "--no-code")
        for word, (code, out, err, n_bytes, seconds) in (("verify", verify), ("inspect", inspect), ("predict", predict)):
            self.most_bytes = max(self.most_bytes, (n_bytes, f"{trick.name} {word}"))
            self.most_seconds = max(self.most_seconds, (seconds, f"{trick.name} {word}"))
            if code == "hung" or code < 0 or code in (2, 70, 71, 77, 125) or "Sanitizer" in err or "runtime error" in err:
                faults.append(f"{word} ended with {describe(code)}: {(out + err)[-600:]}")
            most = FREE_BYTES + BYTES_TIMES_FILE * len(trick.content)
            if n_bytes > most * (SANITIZED if self.is_sanitized else 1):
                faults.append(f"{word} took {n_bytes >> 20} MiB for a file of {len(trick.content)} bytes")
        self.last_seconds = max(verify[4], inspect[4], predict[4])
        faults += judge_verify(trick, verify) + self.judge_predict(trick, predict)
        if sorted(os.listdir(folder)) != before or os.path.exists(tricks.CANARY):
            faults.append("something was written")
        return faults

    def judge_predict(self, trick, result):
        code, out, err = result[:3]
        if trick.says is tricks.ANSWERS:
            return [] if code == 0 and out.strip() == self.expected.strip() else [f"predict: {code}, not the answer: {out}{err}"]
        if code == 0 or trick.says not in err or not err.startswith("savor: error: "):
            return [f"predict: {code}, {out}{err!r}, expected {trick.says!r}"]
        if err.count("\n") > 1 or any(ord(c) < 32 and c != "\n" for c in err):
            return [f"predict: an error with control bytes or of many lines: {err!r}"]
        return []


def judge_verify(trick, result):
    import json
    code, out, err = result[:3]
    try:
        report = json.loads(out)
    except ValueError:
        return [f"verify: no report: {code} {out[:300]}{err}"]
    faults = []
    if report["verdict"] != trick.verdict or code != CODES[trick.verdict]:
        faults.append(f"verify: {report['verdict']}, exit {code}, expected {trick.verdict}: {report['files']}")
    if trick.verdict == "dangerous" and report["names"][0]["kind"] != "dangerous":
        faults.append("verify: the dangerous name is not the first")
    return faults


def describe(code):
    return f"signal {signal.Signals(-code).name}" if isinstance(code, int) and code < 0 else f"exit {code}"


def check_cage(cage):
    """The cage itself: what it must kill, it kills. The reason to skip, or None."""
    for script, ends in (("exit 3", 3), ("exec ls", -signal.SIGSYS), (": >written", -signal.SIGSYS),
                         ("(exit 0)", -signal.SIGSYS)):
        with tempfile.TemporaryDirectory(prefix="savor-cage-") as folder:
            done = subprocess.run([os.path.abspath(cage), "/bin/sh", "-c", script], cwd=folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        if done.returncode == 77:
            return done.stdout.strip()
        assert done.returncode == ends, f"the cage: {script!r} ended with {done.returncode}, expected {ends}"
    return None


def on_alarm(*_):
    raise TimeoutError


def main():
    words = [w for w in sys.argv[1:] if w != "--show"]
    signal.signal(signal.SIGALRM, on_alarm)
    why = check_cage(words[1])
    if why:
        print(why)
        return 77
    runner, names = Runner(words[0], words[1]), words[2:]
    n_failed, rows = 0, [t for t in tricks.all_tricks() if not names or t.name in names]
    for trick in rows:
        with tempfile.TemporaryDirectory(prefix="savor-hostile-") as folder:
            faults = runner.run_case(trick, folder)
        n_failed += bool(faults)
        for fault in faults:
            print(f"{trick.name}: {fault[:900]}")
        if "--show" in sys.argv:
            print(trick.name, "failed" if faults else "ok", f"{runner.last_seconds:.2f} s", flush=True)
    print(f"{len(rows)} hostile files: {len(rows) - n_failed} as expected, {n_failed} not; most memory "
          f"{runner.most_bytes[0] >> 20} MiB ({runner.most_bytes[1]}), most time {runner.most_seconds[0]:.1f} s "
          f"({runner.most_seconds[1]})")
    return n_failed != 0 or not rows


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
