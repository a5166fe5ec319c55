#!/usr/bin/env python3
"""A model that is code, in an environment that is really made: by venv and pip, and by uv where it is. What it needs is a
wheel in a folder, so nothing is fetched.

    venv_test.py SAVOR
"""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

PATIENCE = 280
BODY = b'{"dataframe_split": {"columns": ["a"], "data": [[2.5]]}}'
MODEL = "flavors:\n  python_function:\n    loader_module: needs_model\n    code: code\nmlflow_version: 3.1.4\n"
CODE = """import savor_test_need


class Model:
    def predict(self, data, params=None):
        return [savor_test_need.add(row["a"]) for row in data]


def _load_pyfunc(path):
    return Model()
"""


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def make_wheel(folder):
    """A package of one file; pip reads names and hashes only."""
    info = "savor_test_need-1.0.dist-info/"
    files = {"savor_test_need.py": "def add(x):\n    return x + 40\n",
             info + "METADATA": "Metadata-Version: 2.1\nName: savor-test-need\nVersion: 1.0\n",
             info + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        record += "%s,sha256=%s,%d\n" % (name, digest, len(text))
    files[info + "RECORD"] = record + info + "RECORD,,\n"
    os.makedirs(folder)
    with zipfile.ZipFile(os.path.join(folder, "savor_test_need-1.0-py3-none-any.whl"), "w") as z:
        for name, text in files.items():
            z.writestr(name, text)


def answers(savor, top, manager, sandbox):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "SAVOR_", "PIP_", "UV_"))}
    env.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=top + "/wheels", UV_NO_INDEX="1", UV_FIND_LINKS=top + "/wheels",
               UV_OFFLINE="1", MLFLOW_ENV_ROOT="%s/%s" % (top, manager))
    got = subprocess.run([savor, "models", "predict", "-m", top + "/model", "--env-manager", manager, "--sandbox", sandbox],
                         input=BODY, capture_output=True, timeout=PATIENCE, env=env)
    if got.returncode or json.loads(got.stdout) != {"predictions": [42.5]}:
        print("%s, sandbox %s: exit code %d\n%s%s" % (manager, sandbox, got.returncode, got.stdout.decode(),
                                                     got.stderr.decode()))
        return False
    print("%s, sandbox %s: %s" % (manager, sandbox, got.stderr.decode().splitlines()[-2 if "was made" in
                                                                                  got.stderr.decode() else -1]))
    return True


def main():
    savor, python = os.path.abspath(sys.argv[1]), shutil.which("python3")
    if not python or subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True).returncode:
        print("skipped: python3 has no venv with pip")
        return 77
    version = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], check=True,
                             capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="savor-venv-") as top:
        make_wheel(top + "/wheels")
        write(top + "/model/MLmodel", MODEL)
        write(top + "/model/code/needs_model.py", CODE)
        write(top + "/model/python_env.yaml", "python: '%s'\ndependencies:\n- -r requirements.txt\n" % version)
        write(top + "/model/requirements.txt", "savor-test-need==1.0\n")
        managers = ["virtualenv"] + ["uv"] * bool(shutil.which("uv"))
        if len(managers) == 1:
            print("without uv, which is not in PATH")
        done = [answers(savor, top, m, sandbox) for m in managers for sandbox in ("default", "strict")]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
