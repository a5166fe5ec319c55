"""Serve a recorded case, send its first request, and show the answer beside the one that MLflow gave.

    show.py SAVOR CASE      CASE: a folder with model/, requests/01.json, expected/01.json
"""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

START_TIMEOUT_S = 10


def find_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url, server):
    """Milliseconds until the server answers."""
    begin = time.monotonic()
    while time.monotonic() - begin < START_TIMEOUT_S:
        if server.poll() is not None:
            sys.exit(f"savor ended with exit code {server.returncode}")
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return (time.monotonic() - begin) * 1000
        except OSError:
            time.sleep(0.002)
    sys.exit(f"no answer from {url} within {START_TIMEOUT_S} s")


def show(program, case):
    with open(os.path.join(case, "requests/01.json"), "rb") as f:
        body = f.read()
    with open(os.path.join(case, "expected/01.json"), "rb") as f:
        expected = json.load(f)["predictions"]
    port = find_port()
    command = [program, "models", "serve", "-m", os.path.join(case, "model"), "-p", str(port)]
    print("$", *command, flush=True)
    server = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        print(f"ready after {wait_for(url + '/ping', server):.0f} ms", flush=True)
        print(f"$ curl {url}/invocations -H 'Content-Type: application/json' -d '{body.decode()}'", flush=True)
        request = urllib.request.Request(url + "/invocations", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read().decode()
    finally:
        server.terminate()
        code = server.wait(10)
    is_equal = json.loads(text)["predictions"] == expected
    print(text)
    print("MLflow answered", json.dumps(expected), "- the same" if is_equal else "- NOT the same")
    return 0 if is_equal and code == 0 else 1


if __name__ == "__main__":
    sys.exit(show(*sys.argv[1:3]))
