#!/usr/bin/env python3
"""Models that are code, through the real command: worker processes killed, hung, babbling and too few.

    worker_test.py SAVOR MODEL

MODEL is tests/data/worker/plain, which needs a Python and no library.
"""
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SAVOR = MODEL = None
PATIENCE = 100  # seconds that nothing may take, even on a machine with much else to do


def await_true(condition):
    end = time.time() + PATIENCE
    while not condition():
        if time.time() > end:
            raise AssertionError("not so after %d s" % PATIENCE)
        time.sleep(0.01)


def make_file(path):
    open(path, "w").close()


class Server:
    """The command with a model, on a port that the kernel chose."""

    def __init__(self, *options, model=None):
        self.log = tempfile.TemporaryFile()
        argv = [SAVOR, "models", "serve", "-m", model or MODEL, "-p", "0", "--python", sys.executable, *options]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=self.log, start_new_session=True)
        self.port = self.wait_for_port()

    def text(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def wait_for_port(self):
        end = time.time() + PATIENCE
        while time.time() < end:
            for line in self.text().splitlines():
                if "event=listening" in line:
                    return int(line.split("port=")[1].split()[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError("the server did not start: %s" % self.text())

    def is_closed(self):
        """Whether it listens no more."""
        try:
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
        except ConnectionRefusedError:
            return True
        return False

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.await_end()

    def await_end(self):
        try:
            if self.process.wait(PATIENCE) != 0:
                raise AssertionError("exit code %d: %s" % (self.process.returncode, self.text()[-3000:]))
        finally:
            self.process.kill()
            self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()

    def score(self, cell, connection=None):
        """(status, JSON or text) of one cell; text is an order to the model, a number is data."""
        c = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        body = json.dumps({"dataframe_split": {"columns": ["a"], "data": [[cell]]}})
        c.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        response = c.getresponse()
        text = response.read().decode()
        if connection is None:
            c.close()
        self.retry_after = response.getheader("Retry-After")
        return response.status, json.loads(text) if text.startswith("{") else text

    def begin(self, seen, path):
        """A thread whose request is computed until `path` exists; it is with the model when this returns."""
        thread = threading.Thread(target=lambda: seen.append(self.score("wait %s" % path)))
        thread.start()
        await_true(lambda: "waiting" in self.text())
        return thread

    def workers(self):
        """Process ids of the workers: children of the server."""
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as f:
            own = f.read()
        out = own.split()
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            try:
                with open("/proc/%d/task/%s/children" % (self.process.pid, task)) as f:
                    out += f.read().split()
            except OSError:
                pass
        return sorted(set(map(int, out)))


class Worker(unittest.TestCase):
    def test_answers(self):
        with Server() as server:
            self.assertEqual(server.score(1.5), (200, {"predictions": [1001.5]}))
            self.assertEqual(server.score("descriptors x"), (200, {"predictions": ["0 1 2 3 4"]}))
            status, answer = server.score("fail some words")
            self.assertEqual((status, answer["error_code"]), (400, "BAD_REQUEST"))
            self.assertIn("some words", answer["message"])
            self.assertNotIn("stack_trace", answer)
            self.assertEqual(server.score("say good morning"), (200, {"predictions": ["said"]}))
            self.assertEqual(server.get("/ping")[0], 200)
            log = server.text()
        self.assertIn("good morning", log)
        self.assertIn("event=runs_code", log)
        self.assertIn("engine=python-worker", log)

    def test_ping_meanwhile(self):
        """A request that is computed keeps nobody waiting but its client."""
        seen = []
        with tempfile.TemporaryDirectory() as folder, Server() as server:
            slow = server.begin(seen, folder + "/go")
            self.assertEqual(server.get("/ping")[0], 200)
            self.assertEqual(seen, [])
            make_file(folder + "/go")
            slow.join()
        self.assertEqual(seen, [(200, {"predictions": ["waited"]})])

    def test_pipeline(self):
        """Answers keep the order of the requests, those that are computed elsewhere among them."""
        post = "POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%s\r\n\r\n%s"
        bodies = [json.dumps({"dataframe_split": {"columns": ["a"], "data": [[c]]}}) for c in ("sleep 0.3", 5, 6)]
        requests = [post % ("Content-Length: %d" % len(b), b) for b in bodies[:2]]
        requests.append("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")
        chunked = "%x\r\n%s\r\n0\r\n\r\n" % (len(bodies[2]), bodies[2])
        requests.append(post % ("Transfer-Encoding: chunked\r\nConnection: close", chunked))
        with Server() as server, socket.create_connection(("127.0.0.1", server.port), PATIENCE) as s:
            s.sendall("".join(requests).encode())
            got = b""
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
            found = [got.find(part) for part in (b"slept", b"1005", b"3.1.0", b"1006")]
            self.assertNotIn(-1, found, got)
            self.assertEqual(found, sorted(found))

    def test_client_gone(self):
        with Server() as server:
            body = json.dumps({"dataframe_split": {"columns": ["a"], "data": [["sleep 0.5"]]}}).encode()
            for _ in range(5):
                with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as s:
                    s.sendall(b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                              b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.assertEqual(server.score(2), (200, {"predictions": [1002]}))

    def test_replay(self):
        with tempfile.TemporaryDirectory() as folder, Server("--sandbox", "off", "-w", "2") as server:
            self.assertEqual(server.score("once %s/mark" % folder), (200, {"predictions": ["survived"]}))

    def test_no_replay(self):
        with tempfile.TemporaryDirectory() as folder, Server("--sandbox", "off", "--no-replay") as server:
            self.assertEqual(server.score("once %s/mark" % folder)[0], 500)
            self.assertEqual(server.score("once %s/mark" % folder), (200, {"predictions": ["survived"]}))

    def test_poison(self):
        """What kills every worker is an error of its own; the next request is answered."""
        with Server() as server:
            for order in ("leave 3", "crash 11"):
                status, answer = server.score(order)
                self.assertEqual((status, answer["error_code"]), (500, "INTERNAL_ERROR"))
                self.assertEqual(server.score(2), (200, {"predictions": [1002]}))
            before = server.workers()
            status, answer = server.score("leave 3")
            self.assertEqual(status, 500)
            self.assertIn("the same request", answer["message"])
            self.assertEqual(server.workers(), before)

    def test_garbage(self):
        with Server() as server:
            status, answer = server.score("garbage 5000")
            self.assertEqual((status, answer["error_code"]), (500, "INTERNAL_ERROR"))
            self.assertEqual(server.score(2), (200, {"predictions": [1002]}))

    def test_hang(self):
        with Server("--timeout", "1") as server:
            before = server.workers()
            self.assertEqual(server.score("sleep 100000"), (504, "Request processing time exceeded limit"))
            await_true(lambda: server.score(2) == (200, {"predictions": [1002]}))  # its start may take longer, too
            self.assertNotEqual(server.workers(), before)

    def test_overflow(self):
        """More requests than may wait: 503 with Retry-After, and the others are answered."""
        seen = []
        with tempfile.TemporaryDirectory() as folder, Server() as server:
            threads = [server.begin(seen, folder + "/go")]
            for _ in range(80):
                threads.append(threading.Thread(target=lambda: seen.append(server.score(1))))
                threads[-1].start()
            await_true(lambda: len(seen) >= 10)  # nobody else is answered while the worker is busy
            self.assertEqual({status for status, _ in seen}, {503})
            make_file(folder + "/go")
            for t in threads:
                t.join()
            statuses = [status for status, _ in seen]
            self.assertEqual(len(statuses), 81)
            self.assertEqual(set(statuses), {200, 503})
            self.assertGreaterEqual(statuses.count(200), 64)
            self.assertEqual(server.score(2), (200, {"predictions": [1002]}))

    def test_kills(self):
        """50 times kill -9 while 32 clients ask: none lost, none wrong."""
        with Server("-w", "3", "--timeout", str(PATIENCE)) as server:
            ending, wrong, count = threading.Event(), [], [0] * 32

            def ask(client):
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
                while not ending.is_set():
                    value = client * 100000 + count[client]
                    try:
                        # Connections that end while a worker starts are what epoll and fork do not agree about.
                        got = server.score(value, connection if client % 2 else None)
                    except Exception as e:  # a lost request is what this test looks for
                        wrong.append(repr(e))
                        return
                    if got != (200, {"predictions": [1000 + value]}):
                        wrong.append(got)
                    count[client] += 1

            threads = [threading.Thread(target=ask, args=(i,)) for i in range(32)]
            for t in threads:
                t.start()
            n_kills = 0
            while n_kills < 50 and not wrong:
                before, pids = list(count), server.workers()
                if pids:
                    os.kill(pids[n_kills % len(pids)], signal.SIGKILL)
                    n_kills += 1
                # A request is replayed once: the next kill must not meet one that met this kill.
                while not wrong and any(now == then for now, then in zip(count, before)):
                    time.sleep(0.02)
            ending.set()
            for t in threads:
                t.join()
            self.assertEqual(wrong[:3], [])
            self.assertGreater(sum(count), 100)

    def test_drain(self):
        """What is computed when the server is told to stop is answered, and no worker is left."""
        seen = []
        with tempfile.TemporaryDirectory() as folder:
            server = Server("--drain-timeout", str(PATIENCE))
            slow = server.begin(seen, folder + "/go")
            workers = server.workers()
            server.process.send_signal(signal.SIGTERM)
            await_true(server.is_closed)
            make_file(folder + "/go")
            slow.join()
            server.await_end()
        self.assertEqual(seen, [(200, {"predictions": ["waited"]})])
        self.assertEqual(server.process.returncode, 0)
        self.assertTrue(workers)
        for pid in workers:
            self.assertFalse(os.path.exists("/proc/%d" % pid))

    def test_killed_server(self):
        server = Server()
        workers = server.workers()
        server.process.kill()
        server.process.wait()
        await_true(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in workers))
        server.log.close()

    def test_load_error(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "MLmodel"), "w") as f:
                f.write("flavors:\n  python_function:\n    loader_module: no_such_module_anywhere\n")
            for words in (["serve", "-p", "0"], ["predict"]):
                got = subprocess.run([SAVOR, "models", *words, "-m", folder, "--python", sys.executable],
                                     stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
                self.assertEqual(got.returncode, 1)
                self.assertIn(b"no_such_module_anywhere", got.stderr)

    def test_refused(self):
        for options, env, name in ((["--no-code"], {}, "--no-code"),
                                   ([], {"SAVOR_ALLOW_CODE": "false"}, "SAVOR_ALLOW_CODE=false"),
                                   ([], {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"},
                                    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false")):
            got = subprocess.run([SAVOR, "models", "predict", "-m", MODEL, *options], stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=PATIENCE, env={**os.environ, **env})
            self.assertEqual(got.returncode, 1)
            self.assertIn("%s forbids the code that would run: loader_module plain_model, code code" % name,
                          got.stderr.decode())


def refused(words, sandbox):
    """Whether the order was refused in a sandbox."""
    body = json.dumps({"dataframe_split": {"columns": ["a"], "data": [[words]]}}).encode()
    got = subprocess.run([SAVOR, "models", "predict", "-m", MODEL, "--python", os.path.realpath(sys.executable),
                          "--sandbox", sandbox], input=body, capture_output=True, timeout=PATIENCE)
    if b"this kernel lacks" in got.stderr:
        return None
    return got.returncode != 0 or b"status 127" in got.stdout


class Sandbox(unittest.TestCase):
    """(order, refused by default, refused by strict)"""

    def test_table(self):
        victim = subprocess.Popen(["sleep", "60"])
        self.addCleanup(victim.wait)
        self.addCleanup(victim.kill)
        table = [
            ("write inside", False, False),
            ("write %s/outside" % os.getcwd(), True, True),
            ("write %s/code/x" % MODEL, True, True),
            ("read %s/MLmodel" % MODEL, False, False),
            ("read %s" % os.path.abspath(__file__), False, True),
            ("read /etc/passwd", False, True),
            ("bind x", False, True),
            ("connect 1", True, True),  # nobody listens there: refused one way or the other
            ("run /bin/true", False, True),
            ("kill %d" % victim.pid, True, True),
            ("trace %d" % victim.pid, True, True),
            ("call 425 8 0", True, True),  # io_uring_setup
        ]
        for order, by_default, by_strict in table:
            for sandbox, want in (("off", None), ("default", by_default), ("strict", by_strict)):
                if want is None:
                    continue
                got = refused(order, sandbox)
                if got is None:
                    self.skipTest("this kernel lacks a part of the sandbox")
                self.assertEqual(got, want, "%s in %s" % (order, sandbox))


if __name__ == "__main__":
    SAVOR, MODEL = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
