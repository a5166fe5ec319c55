#!/usr/bin/env python3
"""Environments of models that are code: what is run, with which words and files, once, in order, and what is left when
something fails. The programs (python, pip, uv, conda) are stand-ins that write down how they were called.

    environment_test.py SAVOR
"""
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from served import PATIENCE, await_true

SAVOR = None
BODY = b'{"dataframe_split": {"columns": ["a"], "data": [[2.5]]}}'

# A python that says it is of some version. `-m venv DIR` copies it there; `-m pip` writes down its files; all else is
# done by the interpreter of this test, so that a worker runs.
PYTHON = r"""#!/bin/sh
case "$*" in
*platform.python_version*) echo "{version}"; exit;;
*"import venv"*) exit {venv_code};;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo "venv $3" >> "$LOG"; exit;;
"-m pip "*)
    echo "pip $PIP_NO_INPUT $*" >> "$LOG"
    while [ $# -gt 0 ]; do case "$1" in -r|-c) sed "s/^/$1 /" "$2" >> "$LOG";; esac; shift; done
    [ -n "$GATE" ] && {{ : > "$GATE.waiting"; n=0; while [ ! -e "$GATE" ] && [ $n -lt 2400 ]; do sleep 0.05; n=$((n+1)); done; }}
    [ -n "$PIP_SAYS" ] && {{ echo "first line"; echo "$PIP_SAYS" >&2; exit 1; }}
    exit 0;;
esac
exec {real} "$@"
"""
UV = r"""#!/bin/sh
echo "uv $UV_PYTHON_DOWNLOADS $*" >> "$LOG"
case "$1 $2" in
"python find") exit 1;;
"venv --python") mkdir -p "$4/bin" && cp "$3" "$4/bin/python";;
"pip install") sed 's/^/-r /' "$6" >> "$LOG";;
esac
"""
CONDA = r"""#!/bin/sh
echo "conda $*" >> "$LOG"
mkdir -p "$4/bin" && cp {python} "$4/bin/python"
"""
MODEL = """flavors:
  python_function:
    loader_module: asks_model
    code: code
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
mlflow_version: 3.1.4
"""
CODE = """class Model:
    def predict(self, data, params=None):
        return [row["a"] + 1 for row in (data.to_dict("records") if hasattr(data, "to_dict") else data)]


def _load_pyfunc(path):
    return Model()
"""


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


class Case(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="savor-environment-")
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.model, self.root, self.bin = (os.path.join(self.top, n) for n in ("model", "root", "bin"))
        write(os.path.join(self.model, "MLmodel"), MODEL)
        write(os.path.join(self.model, "code/asks_model.py"), CODE)
        write(os.path.join(self.model, "requirements.txt"), "one==1.0\n# no\ntwo ; python_version >= '3'\n-c limits.txt\n")
        write(os.path.join(self.model, "limits.txt"), "three<4\n")
        self.ask_for("3.9.1")
        self.python("python3.9", "3.9.1")
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("MLFLOW_", "SAVOR_", "UV_", "PIP_", "CONDA", "PYENV"))}
        for tool in ("sh", "mkdir", "cp", "sed", "sleep", "dirname", "touch"):  # no python, uv or conda of the machine
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))
        self.env.update(PATH=self.bin, LOG=os.path.join(self.top, "log"), HOME=self.top,
                        MLFLOW_ENV_ROOT=self.root, TMPDIR=self.top)

    def ask_for(self, version, more=""):
        write(os.path.join(self.model, "python_env.yaml"),
              "python: %s\nbuild_dependencies:\n- pip==22.3.1\ndependencies:\n- -r requirements.txt\n%s" % (version, more))

    def python(self, name, version, venv_code=0):
        write(os.path.join(self.bin, name),
              PYTHON.format(version=version, venv_code=venv_code, real=os.path.realpath(sys.executable)), 0o755)

    def argv(self, *words):
        return [SAVOR, "models", words[0], "-m", self.model, *words[1:]]

    def run_savor(self, *words, code=0, **env):
        got = subprocess.run(self.argv(*words), input=BODY, capture_output=True, timeout=PATIENCE,
                             env={**self.env, **env})
        self.assertEqual(got.returncode, code, got.stderr.decode())
        return got.stdout.decode(), got.stderr.decode()

    def log(self):
        try:
            with open(self.env["LOG"]) as f:
                return f.read().replace(self.top, "TOP")
        except FileNotFoundError:
            return ""

    def environments(self):
        return sorted(p for p in os.listdir(self.root) if not p.endswith(".lock")) if os.path.isdir(self.root) else []


class Virtualenv(Case):
    def test_made_once(self):
        out, err = self.run_savor("prepare-env")
        name = self.environments()[0]
        self.assertEqual(out, "%s/%s/bin/python\n" % (self.root, name))
        self.assertEqual([re.sub(r" made in .*", " made", line) for line in err.splitlines()],
                         ["savor: making the environment %s/%s" % (self.root, name),
                          "savor: the environment %s/%s was made" % (self.root, name)])
        log = re.sub(r"savor-environment-\w+/", "SCRATCH/", self.log()).replace(name, "NAME")
        self.assertEqual(log, "venv TOP/root/NAME\n"
                         "pip 1 -m pip install -r TOP/SCRATCH/build-dependencies.txt\n-r pip==22.3.1\n"
                         "pip 1 -m pip install -r TOP/SCRATCH/requirements.txt -c TOP/SCRATCH/requirements-constraints.txt\n"
                         "-r one==1.0\n-r two ; python_version >= '3'\n-c three<4\n")
        before = self.log()
        self.assertEqual(self.run_savor("prepare-env"), (out, ""))
        self.assertEqual(self.log(), before)
        self.assertEqual(glob.glob(self.top + "/savor-*"), [])  # no private folder is left

    def test_predict_runs_in_it(self):
        out, err = self.run_savor("predict")
        self.assertEqual(json.loads(out), {"predictions": [3.5]})
        self.assertIn("was made in", err)
        self.assertEqual(len(self.environments()), 1)
        self.assertIn('{"predictions": [3.5]}', self.run_savor("predict")[0])

    def test_no_environment(self):
        for words, env in ((["--env-manager", "local"], {"SAVOR_PYTHON": sys.executable}),
                           (["--python", sys.executable], {}), ([], {"SAVOR_PYTHON": sys.executable}),
                           ([], {"MLFLOW_DISABLE_ENV_CREATION": "true"})):
            with self.subTest(words=words, env=env):
                self.python("python3", "3.9.1")
                self.assertIn("3.5", self.run_savor("predict", *words, **env)[0])
                self.assertEqual(self.environments(), [])

    def test_strict_installs_nothing_unasked(self):
        os.symlink(os.path.realpath(sys.executable), self.bin + "/python3")
        self.assertIn("3.5", self.run_savor("predict", "--sandbox", "strict")[0])
        self.assertEqual(self.environments(), [])

    def test_asked_for_beside_python(self):
        self.run_savor("predict", "--env-manager", "virtualenv", SAVOR_PYTHON=sys.executable)
        self.assertEqual(len(self.environments()), 1)

    def test_model_without_files(self):
        for name in ("python_env.yaml", "requirements.txt"):
            os.unlink(os.path.join(self.model, name))
        self.python("python3", "3.9.1")
        self.assertIn("says nothing of the environment", self.run_savor("predict")[1])
        self.assertIn("has no python_env.yaml, conda.yaml or requirements.txt",
                      self.run_savor("prepare-env", code=1)[1])

    def test_native_model_needs_none(self):
        native = glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../data/models/xgb-*-v3/model"))[0]
        got = subprocess.run([SAVOR, "models", "prepare-env", "-m", native], capture_output=True, timeout=PATIENCE,
                             env=self.env)
        self.assertEqual((got.returncode, got.stdout), (0, b""))
        self.assertIn(b"needs no Python environment", got.stderr)
        self.assertEqual(self.environments(), [])

    def test_nothing_reaches_a_shell(self):
        proof = os.path.join(self.top, "proof")
        words = "one; touch %s\n$(touch %s)\n`touch %s`\n" % (proof, proof, proof)
        write(os.path.join(self.model, "requirements.txt"), words)
        self.run_savor("prepare-env")
        self.assertIn("-r one; touch TOP/proof\n-r $(touch TOP/proof)\n-r `touch TOP/proof`\n", self.log())
        self.ask_for("3.9.1; touch " + proof)
        self.assertIn("expected a version such as 3.10.12", self.run_savor("prepare-env", code=1)[1])
        self.assertFalse(os.path.exists(proof))

    def test_files_outside_of_the_model(self):
        for line, why in (("-r ../other.txt", "leads out of the model directory"),
                          ("-r /etc/hostname", "leads out of the model directory"),
                          ("-c missing.txt", "no such file"), ("-rlimits.txt", "expected a blank behind -r or -c")):
            with self.subTest(line=line):
                write(os.path.join(self.model, "requirements.txt"), line + "\n")
                self.assertIn(why, self.run_savor("prepare-env", code=1)[1])
        self.assertEqual(self.environments(), [])

    def test_options_go_to_pip(self):
        write(os.path.join(self.model, "requirements.txt"), "--extra-index-url https://example.org/simple\none\n")
        self.run_savor("prepare-env")
        self.assertIn("-r --extra-index-url https://example.org/simple\n-r one\n", self.log())

    def test_what_makes_another(self):
        self.run_savor("prepare-env")
        self.run_savor("prepare-env", "--install-mlflow")
        self.assertIn("-r mlflow==3.1.4\n", self.log())
        self.run_savor("predict", "-r", "four==4,five")
        self.assertIn("-r four==4\n-r five\n", self.log())
        self.assertEqual(len(self.environments()), 3)
        out = self.run_savor("predict", "-r", "four==4,five", "--env", "PIP_SAYS=not asked again")[0]
        self.assertIn("3.5", out)
        self.assertEqual(len(self.environments()), 3)

    def test_variables_reach_pip(self):
        err = self.run_savor("predict", "--env", "PIP_SAYS=told by --env", code=1)[1]
        self.assertIn("told by --env", err)

    def test_pip_fails(self):
        err = self.run_savor("predict", code=1, PIP_SAYS="ERROR: No matching distribution found for one==1.0")[1]
        self.assertIn("No matching distribution found for one==1.0", err.splitlines()[-1])
        self.assertIn("savor: first line", err)
        self.assertEqual(self.environments(), [])
        self.run_savor("prepare-env")  # the next one starts afresh
        self.assertEqual(len(self.environments()), 1)

    def test_bad_manager(self):
        for verb in ("predict", "serve", "prepare-env"):
            self.assertIn("Invalid value for `env_manager`: pip. Must be one of ['local', 'conda', 'virtualenv', 'uv']",
                          self.run_savor(verb, "--env-manager", "pip", code=1)[1])
        self.assertIn("Prepare env should not be called with local env manager!",
                      self.run_savor("prepare-env", "--env-manager", "local", code=1)[1])


class Python(Case):
    def test_another_patch(self):
        self.python("python3.9", "3.9.18")
        self.assertIn("Python 3.9.18 stands in for 3.9.1, which is not there", self.run_savor("prepare-env")[1])

    def test_pyenv_has_the_very_one(self):
        self.python("python3.9", "3.9.18")
        self.python("../pyenv/versions/3.9.1/bin/python", "3.9.1")
        self.assertNotIn("stands in", self.run_savor("prepare-env", PYENV_ROOT=self.top + "/pyenv")[1])

    def test_pyenv_has_the_newest(self):
        os.unlink(self.bin + "/python3.9")
        for version in ("3.9.2", "3.9.18", "3.8.20"):
            self.python("../.pyenv/versions/%s/bin/python" % version, version)
        self.assertIn("Python 3.9.18 stands in for 3.9.1", self.run_savor("prepare-env")[1])

    def test_shim_that_cannot(self):
        write(self.bin + "/python3.9", "#!/bin/sh\necho pyenv: no such command >&2\nexit 127\n", 0o755)
        self.python("python3", "3.9.1")
        self.run_savor("prepare-env")

    def test_missing(self):
        self.ask_for("3.4.10")
        err = self.run_savor("prepare-env", code=1)[1]
        self.assertIn("the model needs Python 3.4.10", err)
        self.assertIn("`pyenv install 3.4.10` or `uv python install 3.4.10`", err)
        self.assertEqual(self.environments(), [])

    def test_no_venv(self):
        self.python("python3.9", "3.9.1", venv_code=1)
        self.assertIn("python3-venv", self.run_savor("prepare-env", code=1)[1])
        write(self.bin + "/virtualenv", '#!/bin/sh\nmkdir -p "$3/bin" && cp "$2" "$3/bin/python"\n'
              'echo "virtualenv $1 $2" >> "$LOG"\n', 0o755)
        self.run_savor("prepare-env")
        self.assertIn("virtualenv --python TOP/bin/python3.9\n", self.log())


class OtherManagers(Case):
    def test_uv(self):
        self.assertIn("uv was not found in PATH", self.run_savor("prepare-env", "--env-manager", "uv", code=1)[1])
        write(self.bin + "/uv", UV, 0o755)
        self.run_savor("prepare-env", "--env-manager", "uv")
        name = self.environments()[0]
        log = re.sub(r"savor-environment-\w+/", "SCRATCH/", self.log()).replace(name, "NAME")
        self.assertEqual(log, "uv never venv --python TOP/bin/python3.9 TOP/root/NAME\n"
                         "uv never pip install --python TOP/root/NAME/bin/python -r TOP/SCRATCH/build-dependencies.txt\n"
                         "-r pip==22.3.1\n"
                         "uv never pip install --python TOP/root/NAME/bin/python -r TOP/SCRATCH/requirements.txt "
                         "-c TOP/SCRATCH/requirements-constraints.txt\n-r one==1.0\n-r two ; python_version >= '3'\n")

    def test_uv_fetches_when_told(self):
        self.ask_for("3.4.10")
        write(self.bin + "/uv", UV.replace('cp "$3"', 'cp "$(dirname "$0")/python3.9"'), 0o755)
        self.assertIn("UV_PYTHON_DOWNLOADS=automatic", self.run_savor("prepare-env", "--env-manager", "uv", code=1)[1])
        self.assertNotIn("venv --python", self.log())
        err = self.run_savor("prepare-env", "--env-manager", "uv", UV_PYTHON_DOWNLOADS="automatic")[1]
        self.assertIn("uv fetches Python 3.4.10", err)
        self.assertIn("uv automatic venv --python 3.4.10 ", self.log())

    def test_conda(self):
        self.assertIn("says nothing of the environment",
                      self.run_savor("predict", "--env-manager", "conda", SAVOR_PYTHON=sys.executable)[1])
        write(self.model + "/conda.yaml", "dependencies:\n- python=3.9.1\nname: x\n")
        err = self.run_savor("prepare-env", "--env-manager", "conda", code=1)[1]
        self.assertIn("none of conda, mamba and micromamba was found in PATH", err)
        conda = CONDA.format(python=self.bin + "/python3.9")
        write(self.bin + "/conda", conda, 0o755)
        self.run_savor("prepare-env", "--env-manager", "conda")
        digest = hashlib.sha1(b"dependencies:\n- python=3.9.1\nname: x\n").hexdigest()
        self.assertEqual(self.environments(), ["mlflow-" + digest])
        self.assertEqual(self.log(), "conda env create --prefix TOP/root/mlflow-%s --file TOP/model/conda.yaml\n" % digest)


class Lock(Case):
    def setUp(self):
        super().setUp()
        self.gate = os.path.join(self.top, "gate")
        self.env["GATE"] = self.gate

    def start(self, *words):
        p = subprocess.Popen(self.argv(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=self.env)
        self.addCleanup(p.communicate)
        self.addCleanup(p.kill)
        return p

    def end(self, p):
        out, err = p.communicate(timeout=PATIENCE)
        return out.decode(), err.decode(), p.returncode

    def test_two_at_once(self):
        first = self.start("prepare-env")
        await_true(lambda: os.path.exists(self.gate + ".waiting"))
        second = self.start("prepare-env")
        self.assertIn(b"which another process makes", second.stderr.readline())
        write(self.gate, "")
        self.assertEqual([self.end(p)[2] for p in (first, second)], [0, 0])
        self.assertEqual(self.log().count("venv "), 1)

    def test_killed(self):
        first = self.start("prepare-env")
        await_true(lambda: os.path.exists(self.gate + ".waiting"))
        first.kill()
        first.wait(PATIENCE)
        second = self.start("prepare-env")  # what the killed one started holds the lock to its end
        self.assertIn(b"which another process makes", second.stderr.readline())
        write(self.gate, "")
        _, err, code = self.end(second)
        self.assertEqual(code, 0, err)
        self.assertIn("which is not complete", err)
        self.assertEqual(self.log().count("venv "), 2)

    def test_stopped(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for words in (["prepare-env"], ["serve", "-p", "0"]):
                with self.subTest(words=words, number=number):
                    p = self.start(*words)
                    await_true(lambda: os.path.exists(self.gate + ".waiting"))
                    p.send_signal(number)
                    _, err, code = self.end(p)
                    self.assertEqual(code, 1 if words[0] == "serve" else -number, err)
                    self.assertEqual(self.environments(), [])
                    os.unlink(self.gate + ".waiting")


class Admission(Case):
    def setUp(self):
        super().setUp()
        self.env["SAVOR_PYTHON"] = sys.executable
        lines = subprocess.run("find . -type f ! -path ./registered_model_meta -printf '%P\\n' | LC_ALL=C sort | "
                               "xargs -d '\\n' sha256sum", shell=True, cwd=self.model, check=True, capture_output=True)
        self.digest = hashlib.sha256(lines.stdout).hexdigest()
        self.other = "0" * 63 + "1"

    def test_shown(self):
        self.assertEqual(json.loads(self.run_savor("inspect", "--json")[0])["code_sha256"], self.digest)
        self.assertIn("sha256 " + self.digest, self.run_savor("predict")[1])
        self.assertIn(self.digest, self.run_savor("predict", "--no-code", code=1)[1])
        write(self.model + "/registered_model_meta", "model_name: x\n")
        self.assertIn("sha256 " + self.digest, self.run_savor("predict")[1])

    def test_admitted(self):
        for words, env in ((["--allow-code", self.digest], {}), (["--allow-code=sha256:" + self.digest.upper()], {}),
                           (["--allow-code", self.other, "--allow-code", self.digest], {}),
                           (["--allow-code=%s,%s" % (self.other, self.digest)], {"SAVOR_ALLOW_CODE": "false"}),
                           (["--allow-code", self.digest], {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}),
                           ([], {"SAVOR_ALLOW_CODE": self.other + "," + self.digest}), ([], {"SAVOR_ALLOW_CODE": "true"})):
            with self.subTest(words=words, env=env):
                self.assertIn("3.5", self.run_savor("predict", *words, **env)[0])

    def test_refused(self):
        for verb in ("predict", "serve", "prepare-env"):
            err = self.run_savor(verb, "--allow-code", self.other, "--env-manager", "virtualenv", code=1)[1]
            self.assertIn("the model's sha256 is %s, and code runs only of %s; not run: loader_module asks_model" %
                          (self.digest, self.other), err)
        self.assertIn("%s and 1 more" % self.other,
                      self.run_savor("predict", code=1, SAVOR_ALLOW_CODE="%s,%s" % (self.other, self.other))[1])
        write(self.model + "/code/more.py", "")  # any change is another model
        self.run_savor("predict", "--allow-code", self.digest, code=1)
        self.assertEqual(self.environments(), [])

    def test_links(self):
        os.symlink("asks_model.py", self.model + "/code/linked.py")
        self.assertIn('"code/linked.py" is a link or no regular file',
                      self.run_savor("predict", "--allow-code", self.digest, code=1)[1])
        self.assertIn("sha256 none, for there are links in it", self.run_savor("predict")[1])

    def test_usage(self):
        for words, env in ((["--allow-code", "abc"], {}), (["--allow-code", ""], {}), ([], {"SAVOR_ALLOW_CODE": "perhaps"}),
                           (["--no-code", "--allow-code", self.digest], {})):
            with self.subTest(words=words, env=env):
                self.run_savor("predict", *words, code=2, **env)


if __name__ == "__main__":
    SAVOR = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
