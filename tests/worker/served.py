"""served.py: the real command serving a model, for the tests of this folder. Standard library only."""
import http.client
import os
import signal
import subprocess
import tempfile
import time

PATIENCE = 100  # seconds that nothing may take, even on a machine with much else to do


def await_true(condition):
    end = time.time() + PATIENCE
    while not condition():
        if time.time() > end:
            raise AssertionError("not so after %d s" % PATIENCE)
        time.sleep(0.01)


class Served:
    """`savor models serve` with a model, on a port that the kernel chose."""

    def __init__(self, savor, model, *options, env=None):
        self.log = tempfile.TemporaryFile()
        argv = [savor, "models", "serve", "-m", model, "-p", "0", *options]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=self.log, start_new_session=True,
                                        env={**os.environ, **(env or {})})
        self.port = self.wait_for_port()

    def text(self):
        """What the server has logged. Read at a place of its own: the file's offset is where the server writes next."""
        fd = self.log.fileno()
        return os.pread(fd, os.fstat(fd).st_size, 0).decode("utf-8", "replace")

    def wait_for_port(self):
        end = time.time() + PATIENCE
        while time.time() < end:
            for line in self.text().splitlines(keepends=True):
                if "event=listening" in line and line.endswith("\n"):
                    return int(line.split("port=")[1].split()[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        self.process.kill()
        raise RuntimeError("the server did not start: %s" % self.text()[-2000:])

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
        """(status, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def post(self, body, content_type="application/json"):
        """(status, type, text); no type is sent for None."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        data = body if isinstance(body, bytes) else body.encode()
        connection.putrequest("POST", "/invocations")
        if content_type is not None:
            connection.putheader("Content-Type", content_type)
        connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        response = connection.getresponse()
        answer = response.status, response.getheader("Content-Type"), response.read().decode()
        connection.close()
        return answer
