#!/usr/bin/env python3
"""Models that are code, through the real command: worker processes killed, hung, babbling and too few.

    worker_test.py SAVOR MODEL

MODEL is tests/data/worker/plain, which needs a Python and no library.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from served import PATIENCE, Served, await_true

SAVOR = MODEL = None


def make_file(path):
    open(path, "w").close()


class Server(Served):
    def __init__(self, *options, model=None, env=None):
        super().__init__(SAVOR, model or MODEL, "--python", sys.executable, *options, env=env)

    def is_closed(self):
        """Whether it listens no more."""
        try:
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
        except ConnectionRefusedError:
            return True
        return False

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

    def children(self, pid=None):
        out, pid = [], pid or self.process.pid
        try:
            for task in os.listdir("/proc/%d/task" % pid):
                with open("/proc/%d/task/%s/children" % (pid, task)) as f:
                    out += f.read().split()
        except OSError:  # it has just ended
            pass
        return sorted(set(map(int, out)))

    def workers(self):
        """Process ids of the workers: children of the server, or of the parent that has forked them."""
        out = []
        for child in self.children():
            out += self.children(child) or [child]
        return out

    def victims(self):
        """Process ids of workers: all that has the pool's private folder, so also those whose parent has gone, but the
        parent itself."""
        own = self.children()
        folder = folder_of(own[0]) if own else None
        found = [int(name) for name in os.listdir("/proc") if folder and name.isdigit() and folder_of(name) == folder]
        return sorted(pid for pid in found if is_there(pid) and not (pid in own and is_parent(pid)))

    def all(self):
        return self.children() + [pid for child in self.children() for pid in self.children(child)]

    def ask_until(self, order, is_right):
        """The answer to an order, asked of one worker or another until it is right."""
        answer = None
        end = time.time() + PATIENCE
        while answer is None or not is_right(answer):
            if time.time() > end:
                raise AssertionError("%s: %s" % (order, answer))
            status, answer = self.score(order)
            if status != 200:
                raise AssertionError("%s: %s" % (order, answer))
            answer = answer["predictions"][0]
        return answer


def folder_of(pid):
    """The TMPDIR that a process was started with."""
    try:
        with open("/proc/%s/environ" % pid, "rb") as f:
            return next((s for s in f.read().split(b"\0") if s.startswith(b"TMPDIR=")), None)
    except OSError:
        return None


def is_parent(pid):
    """Whether a process was started to fork workers. One that has been forked since says so, too."""
    try:
        with open("/proc/%s/cmdline" % pid, "rb") as f:
            return f.read().rstrip(b"\0").endswith(b"\0parent")
    except OSError:
        return True


def is_there(pid):
    """Whether a process runs: one that has ended and that nobody has waited for does not."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


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
            await_true(lambda: "good morning" in server.text())  # what it prints may come after its answer
            log = server.text()
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

    def test_wrong_messages(self):
        """kind, what is added to the id, length, flags, bytes that follow, whether it ends then"""
        table = [
            ("17 1 0 0 0 0", "answered another request"),
            ("1 0 0 0 0 0", "not an answer"),  # READY
            ("34 0 16 0 16 0", "not an answer"),  # REAPED
            ("77 0 0 0 0 0", "kind 77"),
            ("17 0 0 64 0 0", "flags 64"),
            ("17 0 0 8 0 0", "flags 8"),  # a parent's
            ("17 0 100 1 0 0", "lacked a memory file"),
            ("17 0 0x7fffffffffffffff 0 0 0", "outside of a memory file"),
            ("17 0 8 0 8 0", "ended inside"),
            ("18 0 64 0 64 0", "too many"),
            ("17 0 1000 0 10 1", "ended before it answered"),
        ]
        with Server() as server:
            for words, why in table:
                status, answer = server.score("wire " + words)
                self.assertEqual((status, answer["error_code"]), (500, "INTERNAL_ERROR"), words)
                self.assertIn(why, answer["message"])
                self.assertEqual(server.score(2), (200, {"predictions": [1002]}), words)

    def test_leak(self):
        """Memory until the limit: an error of the model's, and the worker goes on."""
        with Server() as server:
            before = server.workers()
            status, answer = server.score("leak 300")
            self.assertEqual((status, answer["error_code"]), (400, "BAD_REQUEST"))
            self.assertIn("MemoryError", answer["message"])
            self.assertEqual(server.score(2), (200, {"predictions": [1002]}))
            self.assertEqual(server.workers(), before)

    def test_exits_under_load(self):
        """Workers that leave, again and again: who asked for it is told, and nobody else notices."""
        wrong, ending = [], threading.Event()

        def ask(client):
            n = 0
            while not ending.is_set():
                n += 1
                got = server.score(client * 100000 + n)
                if got != (200, {"predictions": [1000 + client * 100000 + n]}):
                    wrong.append(got)

        with Server("-w", "2", "--timeout", str(PATIENCE)) as server:
            threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
            for t in threads:
                t.start()
            for code in range(10):  # another request each time: the same one would be refused
                status, answer = server.score("leave %d" % code)
                self.assertEqual((status, answer["error_code"]), (500, "INTERNAL_ERROR"))
                self.assertIn("so did a second one", answer["message"])
            ending.set()
            for t in threads:
                t.join()
        self.assertEqual(wrong[:3], [])

    def test_bomb(self):
        """What a worker has started ends with it."""
        with Server() as server:
            status, answer = server.score("fork 20")
            self.assertEqual(status, 200)
            pids = list(map(int, answer["predictions"][0].split()))
            self.assertEqual(len(pids), 20)
            self.assertTrue(all(map(is_there, pids)))
            self.assertEqual(server.score("leave 3")[0], 500)
            await_true(lambda: not any(map(is_there, pids)))
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
                # Every tenth time it is the parent that has forked them.
                before, pids = list(count), server.children() if n_kills % 10 == 9 else server.victims()
                if pids:
                    try:
                        os.kill(pids[n_kills % len(pids)], signal.SIGKILL)
                    except ProcessLookupError:
                        continue
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
            server = Server("--drain-timeout", str(PATIENCE), "-w", "2")
            slow = server.begin(seen, folder + "/go")
            workers = server.all()
            server.process.send_signal(signal.SIGTERM)
            await_true(server.is_closed)
            make_file(folder + "/go")
            slow.join()
            server.await_end()
        self.assertEqual(seen, [(200, {"predictions": ["waited"]})])
        self.assertEqual(server.process.returncode, 0)
        self.assertGreaterEqual(len(workers), 2)
        self.assertEqual([pid for pid in workers if is_there(pid)], [])

    def test_killed_server(self):
        """No worker outlives the server, whoever started it and whatever it does."""
        for options in ((), ("-w", "2")):
            server = Server(*options)
            await_true(lambda: len(server.workers()) == len(options) or not options)
            slow = threading.Thread(target=self.ask_in_vain, args=(server,))
            slow.start()
            await_true(lambda: "waiting" in server.text())
            workers = server.all()
            self.assertEqual(len(workers), 3 if options else 1)
            server.process.kill()
            server.process.wait()
            await_true(lambda: not any(map(is_there, workers)))
            slow.join()
            server.log.close()

    @staticmethod
    def ask_in_vain(server):
        try:
            server.score("wait /nobody/makes/this")
        except (OSError, http.client.HTTPException):
            pass  # the server has gone

    def test_forked(self):
        """The model is loaded once; what dies comes back from the parent, and what the parent leaves goes on."""
        with Server("-w", "3") as server:
            await_true(lambda: len(server.workers()) == 3)
            first = server.children()
            self.assertEqual(len(first), 1)
            workers = server.workers()
            self.assertNotIn(first[0], workers)
            self.assertEqual(server.score("loader x"), (200, {"predictions": [str(first[0])]}))
            os.kill(workers[0], signal.SIGKILL)
            await_true(lambda: len(set(server.workers()) - set(workers)) == 1 and len(server.workers()) == 3)
            self.assertEqual(server.children(), first)
            await_true(lambda: "worker %d ended by signal 9" % workers[0] in server.text())
            self.assertEqual(server.score("loader x"), (200, {"predictions": [str(first[0])]}))

            workers = server.workers()
            os.kill(first[0], signal.SIGKILL)
            self.assertEqual(server.score(2), (200, {"predictions": [1002]}))
            self.assertEqual(server.get("/ping")[0], 200)
            await_true(lambda: "parent of the workers %d ended by signal 9" % first[0] in server.text())
            self.assertTrue(all(map(is_there, workers)))
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            await_true(lambda: all("worker %d ended" % pid in server.text() for pid in workers))
            second = server.ask_until("loader x", lambda pid: pid != str(first[0]))
            self.assertEqual(server.children(), [int(second)])

    def test_not_forked(self):
        """What the model holds would be lost or shared by a fork: each worker loads it."""
        for holds, why in (("thread", "the thread "), ("file", "numbers.txt is open"),
                           ("process", "1 processes were started")):
            with Server("-w", "2", env={"PLAIN_MODEL_HOLDS": holds}) as server:
                await_true(lambda: "each worker loads the model itself: " in server.text() and why in server.text())
                await_true(lambda: len(server.children()) == 2)
                pid = server.score("pid x")[1]["predictions"][0]
                self.assertEqual(server.ask_until("loader x", lambda p: p == pid), pid)

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


LANDLOCK, SCOPES, SECCOMP = "Landlock", "Landlock version 6", "seccomp"


class Sandbox(unittest.TestCase):
    """What a worker may do; docs/workers.md has the same table in words."""

    def setUp(self):
        """A copy of the model: what is let through is written."""
        self.folder = tempfile.mkdtemp(dir=os.path.dirname(SAVOR))
        self.addCleanup(shutil.rmtree, self.folder)
        self.model = os.path.join(self.folder, "model")
        shutil.copytree(MODEL, self.model)

    def run_model(self, words, sandbox):
        """What became of an order in a sandbox, and what the log said."""
        body = json.dumps({"dataframe_split": {"columns": ["a"], "data": [[words]]}}).encode()
        got = subprocess.run([SAVOR, "models", "predict", "-m", self.model, "--python",
                              os.path.realpath(sys.executable), "--sandbox", sandbox], input=body, capture_output=True, timeout=PATIENCE)
        was_done = got.returncode == 0 and b"status 127" not in got.stdout
        return was_done, got.stdout.decode() + got.stderr.decode("utf-8", "replace")

    def lacking(self):
        """What this kernel does not have, as savor says it, once."""
        _, text = self.run_model("where x", "strict")
        lines = [line for line in text.splitlines() if "this kernel lacks" in line]
        self.assertLessEqual(len(lines), 1)
        words = lines[0] if lines else ""
        lacking = {SECCOMP} if "seccomp" in words else set()
        if SCOPES in words or LANDLOCK in words:
            lacking.add(SCOPES)
        if LANDLOCK in words.replace(SCOPES, ""):
            lacking.add(LANDLOCK)
        return lacking

    def test_table(self):
        victim = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(victim.wait)
        self.addCleanup(victim.kill)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write("a key of the user's")
        off, default, strict = 0, 1, 2  # the first sandbox that refuses it
        never = 3
        table = [
            ("write inside", never, None),
            ("thread x", never, None),
            ("read %s/MLmodel" % self.model, never, None),
            ("write %s/outside" % self.folder, default, LANDLOCK),
            ("write %s/code/outside" % self.model, default, LANDLOCK),
            ("read %s" % secret, strict, LANDLOCK),
            ("read /etc/passwd", strict, LANDLOCK),
            ("connect %d" % listener.getsockname()[1], strict, SECCOMP),
            ("bind x", strict, SECCOMP),
            ("run /bin/true", strict, LANDLOCK),
            ("fork 3", strict, SECCOMP),
            ("kill %d" % victim.pid, default, SCOPES),
            ("trace %d" % victim.pid, default, SECCOMP),
            ("call 425 8 0", default, SECCOMP),  # io_uring_setup, which a kernel may not have at all
        ]
        self.assertLess(off, default)
        lacking = self.lacking()
        for order, refused_from, needs in table:
            if needs in lacking:
                print("skipped: \"%s\": this kernel has no %s" % (order, needs))
                continue
            for level, sandbox in enumerate(("off", "default", "strict")):
                if order.startswith("call ") and level < refused_from:
                    continue  # what the kernel itself says to it is not ours to test
                was_done, text = self.run_model(order, sandbox)
                self.assertEqual(was_done, level < refused_from, "%s in %s: %s" % (order, sandbox, text[-600:]))

    def test_reading_others(self):
        """Files of another user are the kernel's to refuse, in every sandbox."""
        if os.getuid() == 0 or not os.path.exists("/etc/shadow") or os.access("/etc/shadow", os.R_OK):
            print("skipped: reading /etc/shadow: this user may")
            self.skipTest("this user may read what is another's")
        for sandbox in ("off", "default", "strict"):
            self.assertFalse(self.run_model("read /etc/shadow", sandbox)[0])

    def test_strict_workers(self):
        """Strict forks nothing: each worker loads the model."""
        with Server("-w", "2", "--sandbox", "strict") as server:
            await_true(lambda: len(server.children()) == 2)
            self.assertEqual(server.score(1.5), (200, {"predictions": [1001.5]}))


if __name__ == "__main__":
    SAVOR, MODEL = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
