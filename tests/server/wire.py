"""wire.py: starts a server and talks to it over raw sockets. Standard library only.

Every test of this folder is called as

    TEST.py [--body FILE [--type TYPE]] -- COMMAND...

COMMAND is what comes before "models serve -m MODEL -p PORT": the test server, or the real command followed by its
options. With --body the server is a real one: FILE is a request that it answers with 200, and what needs the echo of
the test server or its --set limits is left out.
"""
import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

PING = b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"


def arguments():
    words = argparse.ArgumentParser()
    words.add_argument("--body")
    words.add_argument("--type", default="application/json")
    words.add_argument("--model", default="none")
    words.add_argument("command", nargs="+")
    return words.parse_args()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """The server under test; `settings` are limits that only the test server can be told."""

    def __init__(self, args, *options, profile=None, stderr=None, **settings):
        self.port = free_port()
        self.log = tempfile.TemporaryFile()
        env = dict(os.environ)
        env.pop("SAVOR_PROFILE", None)
        if profile:
            env["SAVOR_PROFILE"] = profile
        words = [*args.command, "models", "serve", "-m", args.model, "-p", str(self.port), *options]
        for name, value in settings.items():
            words += ["--set", f"{name}={value}"]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=stderr or self.log, env=env)
        end = time.monotonic() + 20
        while True:
            try:
                with self.connect() as s:
                    s.sendall(PING)
                    assert read_answer(s)[0] == 200
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("no server: " + self.text()) from None
                time.sleep(0.02)

    def connect(self, timeout=20):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def text(self):
        fd = self.log.fileno()  # read at a place of its own: the file's offset is where the server writes next
        return os.pread(fd, os.fstat(fd).st_size, 0).decode("utf-8", "replace")

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_sanitized(self):
        """Sanitizers keep freed memory: its size says nothing then."""
        with open(f"/proc/{self.process.pid}/maps") as f:
            text = f.read()
        return "libasan" in text or "libtsan" in text

    def stop(self, expected=0, timeout=30):
        """SIGTERM, and the exit code that it must give."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.wait(expected, timeout)

    def wait(self, expected=0, timeout=30):
        """The exit code after a signal that was sent before; a second one would end the command at once."""
        code = self.process.wait(timeout)
        assert code == expected, f"exit code {code}, expected {expected}: {self.text()[-2000:]}"

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            self.process.kill()
            self.process.wait()
            print(self.text()[-3000:], file=sys.stderr)
        else:
            self.stop()


class Closed(Exception):
    """The server closed before a whole answer came."""


def read_answer(s, rest=b"", is_head=False):
    """(status, {lower-case name: value}, body, bytes behind it) of one answer."""
    while b"\r\n\r\n" not in rest:
        part = s.recv(65536)
        if not part:
            raise Closed(rest)
        rest += part
    head, _, rest = rest.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    n = 0 if is_head else int(fields.get("content-length", 0))
    parts, have = [rest], len(rest)
    while have < n:
        part = s.recv(1 << 20)
        if not part:
            raise Closed(rest)
        parts.append(part)
        have += len(part)
    rest = b"".join(parts)
    return int(lines[0].split(" ")[1]), fields, rest[:n], rest[n:]


def is_closed(s):
    """True when the server ends the connection: nothing more but the end comes."""
    try:
        return s.recv(65536) == b""
    except ConnectionResetError:
        return True


def post(body, *fields, type="application/json"):
    head = ["POST /invocations HTTP/1.1", "Host: localhost", f"Content-Type: {type}", f"Content-Length: {len(body)}"]
    return ("\r\n".join([*head, *fields]) + "\r\n\r\n").encode() + body


def chunked(body, step, extension=b""):
    out = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" \
          b"Transfer-Encoding: chunked\r\n\r\n"
    for at in range(0, len(body), step):
        part = body[at:at + step]
        out += b"%x%s\r\n%s\r\n" % (len(part), extension, part)
    return out + b"0\r\n\r\n"


def ask(server, data, is_head=False):
    """The answer to bytes on a connection of their own."""
    with server.connect() as s:
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_answer(s, is_head=is_head)


def good_body(args):
    if args.body:
        with open(args.body, "rb") as f:
            return f.read()
    return b'{"x": 1.5}'


def run(*tests):
    """Call each with the arguments; say how long it took."""
    args = arguments()
    for test in tests:
        start = time.monotonic()
        if test(args) is NotImplemented:
            print(f"left out: {test.__name__}", flush=True)
        else:
            print(f"ok: {test.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
