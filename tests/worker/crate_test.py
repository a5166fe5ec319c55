#!/usr/bin/env python3
"""R models through the real command: crates that Rscript saves, and what Rscript itself answers to the same data.

    crate_test.py SAVOR

Without Rscript and its package jsonlite the test is skipped.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from served import PATIENCE, Served, await_true

HERE = os.path.dirname(os.path.abspath(__file__))
JSON_TYPE, TEXT_TYPE = "application/json; charset=UTF-8", "text/plain; charset=UTF-8"
SAVOR = CRATES = None


def missing():
    """Why the test cannot run here, or ""."""
    if not shutil.which("Rscript"):
        return "Rscript is not installed"
    probe = subprocess.run(["Rscript", "-e", "library(jsonlite)"], stdin=subprocess.DEVNULL, capture_output=True)
    return "R has no package jsonlite" if probe.returncode else ""


def model(name):
    return os.path.join(CRATES, name, "model")


def expected(name):
    with open(os.path.join(CRATES, name, "answer.json"), encoding="utf-8") as f:
        return f.read()


def order(words):
    return json.dumps({"dataframe_records": [{"a": words}]})


def predict(name, body, *options, env=None):
    """(exit code, standard output, standard error) of models predict."""
    argv = [SAVOR, "models", "predict", "-m", model(name), *options]
    got = subprocess.run(argv, input=body.encode(), capture_output=True, timeout=PATIENCE, env={**os.environ, **(env or {})})
    return got.returncode, got.stdout.decode(), got.stderr.decode()


class Server(Served):
    def __init__(self, name, *options, env=None):
        super().__init__(SAVOR, model(name), *options, env=env)

    def order(self, words):
        return self.post(order(words))


CARS = [{"wt": 2.62, "hp": 110}, {"wt": 2.875, "hp": 93}, {"wt": 0.3333333333333333, "hp": 200}]
WORDS = [{"name": "Zo\u00eb", "n": 1.5}, {"name": "\u4e2d \"x\"\n", "n": None}]


def bodies(rows):
    """The same table in each form that the R server takes: (content type, body)."""
    columns = list(rows[0])
    cells = [[row[c] for c in columns] for row in rows]
    text = "\n".join([",".join(columns)] + [",".join(map(str, row)) for row in cells]) + "\n"
    return [("application/json", json.dumps({"dataframe_records": rows})),
            ("application/json", json.dumps({"dataframe_split": {"columns": columns, "data": cells}})),
            ("text/csv", text)]


class Answers(unittest.TestCase):
    """What R itself gives for the same function and the same data."""

    def test_serve(self):
        for name in ("lm", "closure", "table", "odd", "list"):
            with Server(name) as server:
                for content_type, body in bodies(CARS):
                    with self.subTest(name=name, content_type=content_type, body=body[:20]):
                        self.assertEqual(server.post(body, content_type), (200, JSON_TYPE, expected(name)))

    def test_text(self):
        """Text is UTF-8 whatever the locale is; only records keep types apart."""
        for locale in ("C", "C.UTF-8"):
            with Server("words", env={"LC_ALL": locale}) as server:
                got = server.post(json.dumps({"dataframe_records": WORDS}, ensure_ascii=False))
                self.assertEqual(got, (200, JSON_TYPE, expected("words")))
                got = server.post("name,n\nZo\u00eb,1.5\n\"\u4e2d \"\"x\"\"\n\",NA\n", "text/csv")
                self.assertEqual(got, (200, JSON_TYPE, expected("words")))
                got = server.post(bodies(WORDS)[1][1])
                self.assertEqual(got, (200, JSON_TYPE, expected("words").replace("TRUE", "FALSE")))

    def test_predict(self):
        for sandbox in ("off", "default", "strict"):
            code, out, err = predict("lm", bodies(CARS)[1][1], "--sandbox", sandbox)
            self.assertEqual((code, out), (0, expected("lm")), err)
            self.assertRegex(err, r"runs in an R process \(R function crate.bin; sha256 [0-9a-f]{64}; sandbox %s\)" % sandbox)
        self.assertEqual(predict("one", bodies(CARS[:1])[2][1], "-t", "csv")[:2], (0, expected("one")))

    def test_odd_path(self):
        name = "a b'$(c)~+~\u00e9 -e"
        shutil.copytree(os.path.join(CRATES, "lm"), os.path.join(CRATES, name))
        for sandbox in ("default", "strict"):
            self.assertEqual(predict(name, bodies(CARS)[0][1], "--sandbox", sandbox)[:2], (0, expected("lm")))

    def test_predict_error(self):
        code, out, err = predict("order", order("fail some words"))
        self.assertEqual((code, out), (1, ""))
        self.assertIn("Invalid Request.  some words", err)


class Requests(unittest.TestCase):
    """The R server's rules about bodies and types, and what becomes of errors."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server("order")
        cls.addClassCleanup(cls.server.__exit__)

    def check(self, answer, *request):
        self.assertEqual(self.server.post(*request), (200, JSON_TYPE, json.dumps(answer, separators=(",", ":"))))

    def refused(self, text, *request):
        self.assertEqual(self.server.post(*request), (404, TEXT_TYPE, "Invalid Request.  " + text))

    def test_types(self):
        self.check(0, order("globals"), None)
        for content_type in ("application/json; charset=utf-8", "application/xml", "json"):
            self.refused("Unsupported input format.", order("globals"), content_type)

    def test_forms(self):
        one_of = ("Invalid input. The input must contain 'dataframe_split' or 'dataframe_records' but not both. "
                  "Got input fields ")
        self.refused(one_of + "inputs", '{"inputs": [[1]]}')
        both = one_of + "dataframe_split" + one_of + "dataframe_records"
        self.refused(both, '{"dataframe_split": {"data": [[1]]}, "dataframe_records": []}')
        split = "Invalid input. Make sure the input json data is in 'split' format. "
        self.refused(split + "columns", '{"dataframe_split": {"columns": ["a"]}}')

    def test_split(self):
        def split(**parts):
            return json.dumps({"dataframe_split": parts})

        self.check("2,1", split(columns=["a"], index=["2", "1"], data=[["rows"], ["x"]]))
        self.check("2x3", split(columns=["a", "b", "c"], data=[["dim"], ["x", "y", "z"]]))  # filled up
        self.check("character", split(columns=["a", "b"], data=[["class", 1]]))
        self.check(["a", "b"], split(columns=["a", "b"], data=[["names", 1]]))
        self.check("2x1", split(columns="a", data=["dim", "x"]))

    def test_no_files(self):
        """jsonlite's fromJSON would open what these bodies name."""
        path = os.path.join(CRATES, "body.json")
        with open(path, "w") as f:
            f.write(order("globals"))
        for body in (path, "http://127.0.0.1:%d/ping" % self.server.port):
            status, content_type, text = self.server.post(body)
            self.assertEqual((status, content_type), (404, TEXT_TYPE))
            self.assertIn("lexical error", text)

    def test_errors(self):
        self.refused("some words", order("fail some words"))
        self.refused("", order("fail"))
        self.assertEqual(self.server.post(b"{")[:2], (404, TEXT_TYPE))
        self.assertEqual(self.server.post(b"")[:2], (404, TEXT_TYPE))
        self.assertEqual(self.server.post(b"\0{}")[:2], (404, TEXT_TYPE))
        self.assertEqual(self.server.post(b"\xff\xfe")[:2], (404, TEXT_TYPE))
        self.assertEqual(self.server.order("deep")[:2], (404, TEXT_TYPE))
        self.check("<e9><ff>", order("latin"))  # R's way to print bytes that are no text
        self.check(0, order("globals"))

    def test_printed(self):
        self.check("said", order("say good morning"))
        await_true(lambda: all(word in self.server.text() for word in ("good morning", "aside", "careful")))

    def test_large(self):
        """Bodies and answers beyond 64 KiB lie in memory files."""
        n = 30000
        self.check("%dx1" % n, json.dumps({"dataframe_records": [{"a": "dim"}] * n}))
        self.check(["abc"] * n, order("repeat_ abc %d" % n))
        self.check("%dx1" % n, "a\ndim\n" + "x\n" * (n - 1), "text/csv")

    def test_log(self):
        text = self.server.text()
        self.assertIn("engine=r-worker", text)
        line = next(line for line in text.splitlines() if "event=runs_code" in line)
        self.assertIn("rscript=Rscript", line)
        self.assertIn("R function crate.bin", line)


class Processes(unittest.TestCase):
    def test_replay(self):
        with Server("order") as server:
            self.assertEqual(server.order("die-once"), (200, JSON_TYPE, '"survived"'))

    def test_poison(self):
        """What ends every worker is an error of its own; the next request is answered."""
        with Server("order", "-w", "2") as server:
            status, _, text = server.order("quit")
            self.assertEqual((status, json.loads(text)["error_code"]), (500, "INTERNAL_ERROR"))
            self.assertEqual(server.order("globals")[0], 200)

    def test_hang(self):
        with Server("order", "--timeout", "1") as server:
            self.assertEqual(server.order("hang")[0], 504)
            end = time.time() + PATIENCE
            while server.order("globals")[0] != 200:  # its start may take longer than the request's time, too
                self.assertLess(time.time(), end)

    def test_killed_server(self):
        server = Server("order")
        pid = int(server.order("pid")[2])
        self.assertTrue(os.path.exists("/proc/%d" % pid))
        server.process.kill()
        server.process.wait()
        end = time.time() + PATIENCE
        while os.path.exists("/proc/%d" % pid):
            self.assertLess(time.time(), end)
            time.sleep(0.01)
        server.log.close()

    def test_load_errors(self):
        for name, words in (("damaged", "flavor crate: "), ("no-function", "holds no function but")):
            code, _, err = predict(name, order("globals"))
            self.assertEqual(code, 1)
            self.assertIn(words, err)

    def test_no_interpreter(self):
        code, _, err = predict("order", order("globals"), env={"SAVOR_RSCRIPT": "/nowhere/Rscript"})
        self.assertEqual(code, 1)
        self.assertIn("/nowhere/Rscript", err)

    def test_refused(self):
        for options, env, name in ((["--no-code"], {}, "--no-code"),
                                   ([], {"SAVOR_ALLOW_CODE": "false"}, "SAVOR_ALLOW_CODE=false")):
            code, _, err = predict("order", order("globals"), *options, env=env)
            self.assertEqual(code, 1)
            self.assertIn("%s forbids the code that would run: R function crate.bin" % name, err)
        self.assertEqual(predict("order", order("globals"), "--engine", "native")[0], 1)

    def test_inspect(self):
        got = subprocess.run([SAVOR, "models", "inspect", "--json", model("lm")], capture_output=True, timeout=PATIENCE)
        facts = json.loads(got.stdout)
        self.assertEqual((facts["engine"], facts["code"]), ("r-worker", "R function crate.bin"))


class Sandbox(unittest.TestCase):
    def answer(self, words, sandbox):
        code, out, err = predict("order", order(words), "--sandbox", sandbox)
        if "this kernel lacks Landlock:" in err or "this kernel lacks Landlock," in err:
            print("the kernel has no Landlock: not checked", file=sys.stderr)
            return None
        return json.loads(out) if code == 0 else err

    def test_writing(self):
        path = os.path.join(CRATES, "written")
        for sandbox, want in (("off", "written"), ("default", "refused"), ("strict", "refused")):
            self.assertIn(self.answer("write " + path, sandbox), (want, None))

    def test_reading(self):
        path = os.path.join(CRATES, "secret")
        with open(path, "w") as f:
            f.write("secret\n")
        for sandbox, want in (("default", "read"), ("strict", "refused")):
            self.assertIn(self.answer("read " + path, sandbox), (want, None))

    def test_running(self):
        for sandbox, want in (("default", 0), ("strict", 126)):
            self.assertIn(self.answer("run /bin/true", sandbox), (want, None))


def main():
    global SAVOR, CRATES
    why = missing()
    if why:
        print("skipped: %s" % why)
        return 77
    SAVOR = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as CRATES:
        subprocess.run(["Rscript", os.path.join(HERE, "crates.R"), CRATES], stdin=subprocess.DEVNULL, check=True,
                       stdout=subprocess.DEVNULL)
        return not unittest.main(argv=sys.argv[:1] + sys.argv[2:], exit=False).result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
