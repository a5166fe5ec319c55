"""drain_test.py: SIGTERM loses no request whose last byte had arrived; a log that stands still stops nobody."""
import ctypes
import json
import multiprocessing
import os
import signal
import socket
import struct
import sys
import time

from wire import PING, Closed, Server, ask, good_body, post, read_answer, run

SO_ATTACH_FILTER = 26


def load_client(port, data, depth, told):
    """Closed loop until told to close: what was sent whole before the server closed must have been answered."""
    n_answered, lost = 0, 0
    s = socket.create_connection(("127.0.0.1", port), timeout=20)
    told.send("ready")
    closing = False
    while not closing:
        try:
            s.sendall(data * depth)
        except OSError:
            break  # not sent whole: the server had closed before
        rest = b""
        for i in range(depth):
            try:
                status, fields, _, rest = read_answer(s, rest)
            except (Closed, OSError):
                lost += depth - i
                closing = True
                break
            lost += status != 200
            n_answered += 1
            closing = fields.get("connection") == "close"
            if closing:
                lost += depth - 1 - i
                break
    told.send((n_answered, lost))


def new_connections_client(port, data, told):
    """A connection for each request, until connecting fails."""
    n_answered, lost = 0, 0
    told.send("ready")
    while True:
        try:
            s = socket.create_connection(("127.0.0.1", port), timeout=0.5)
        except OSError:
            break
        try:
            s.sendall(data)
            read_answer(s)
            n_answered += 1
        except (Closed, OSError):
            lost += 1
        s.close()
    told.send((n_answered, lost))


def may_filter():
    """Whether a process like this one may attach a packet filter; without it the last new connection may be reset."""
    pass_all = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7fffffff))
    with socket.socket() as s:
        try:
            s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(pass_all)))
        except OSError:
            return False
    return True


def start_client(call, arguments):
    """A process, and the end of a pipe where it tells. A pipe needs no semaphore, which not every /dev/shm allows."""
    heard, told = multiprocessing.Pipe(duplex=False)
    client = multiprocessing.Process(target=call, args=(*arguments, told))
    client.start()
    told.close()
    return client, heard


def sigterm_under_load(args, workers="1", depth=1, rounds=3):
    data = post(good_body(args), type=args.type)
    total, lost = 0, 0
    for _ in range(rounds):
        with Server(args, "-w", workers) as server:
            starts = [(load_client, (server.port, data, depth))] * 6
            starts += [(new_connections_client, (server.port, data))] * (2 if may_filter() else 0)
            clients = [start_client(*s) for s in starts]
            for _, heard in clients:
                assert heard.recv() == "ready"
            time.sleep(0.3)
            start = time.monotonic()
            server.stop()
            assert time.monotonic() - start < 5
            for _, heard in clients:
                assert heard.poll(20)
                n, n_lost = heard.recv()
                total, lost = total + n, lost + n_lost
            for c, _ in clients:
                c.join()
    print(f"  {total} answered, {lost} lost")
    assert total > 100 and lost == 0


def several_workers_under_load(args):
    sigterm_under_load(args, workers="3")


def pipelined_under_load(args):
    sigterm_under_load(args, depth=8)


def half_sent(args):
    """What was half sent at the signal may be finished; what waits in the queue of connections is served."""
    body = good_body(args)
    data = post(body, type=args.type)
    server = Server(args)
    head, tail, idle = server.connect(), server.connect(), server.connect()
    idle.sendall(PING)
    read_answer(idle)
    head.sendall(data[:20])
    tail.sendall(data[:-1])
    time.sleep(0.1)
    queued = []
    server.process.send_signal(signal.SIGSTOP)
    for _ in range(20):
        s = server.connect()
        s.sendall(data)
        queued.append(s)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGCONT)
    time.sleep(0.3)
    head.sendall(data[20:])
    tail.sendall(data[-1:])
    for s in queued:
        assert read_answer(s)[0] == 200
    for s in (head, tail):
        status, fields, _, _ = read_answer(s)
        assert (status, fields["connection"]) == (200, "close")
    start = time.monotonic()
    server.wait()
    assert time.monotonic() - start < 5


def quiet_stop(args):
    """Without clients it is gone at once; connections that sleep do not hold it up."""
    server = Server(args)
    start = time.monotonic()
    server.stop()
    assert time.monotonic() - start < 3
    server = Server(args)
    idle = server.connect()
    idle.sendall(PING)
    read_answer(idle)
    time.sleep(1.2)
    start = time.monotonic()
    server.stop()
    assert time.monotonic() - start < 3
    assert idle.recv(10) == b""


def drain_deadline(args):
    """A client that never finishes is cut off, and the exit code says so."""
    if args.body:
        return NotImplemented
    server = Server(args, drain_timeout_ms=500)
    s = server.connect()
    s.sendall(post(b"x" * 100)[:-1])
    time.sleep(0.1)
    start = time.monotonic()
    server.stop(expected=1)
    assert 0.4 < time.monotonic() - start < 5


def log_lines(args):
    """One line per request, JSON if asked for, nothing raw from the request and nothing of the payload."""
    body = good_body(args)
    with Server(args, "--json-log") as server:
        ask(server, post(body, type=args.type))
        ask(server, b"GET /nowhere?secret=1 HTTP/1.1\r\nHost: localhost\r\nX: \x9b31m\r\n\r\n")
        ask(server, b"GET /\"\\<{ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        ask(server, b"GET /a\x1b[31m HTTP/1.1\r\nHost: localhost\r\n\r\n")
        server.stop()
        text = server.text()
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        requests = [line for line in lines if line["event"] == "request"]
        assert [r["status"] for r in requests[-4:]] == [200, 404, 404, 400], requests
        assert requests[-2]["path"] == '/"\\<{'
        assert "secret" not in text and "\x1b" not in text and body.decode() not in text
        assert {line["event"] for line in lines} >= {"listening", "request", "stopped"}


def blocked_log(args):
    """Standard error is a pipe that nobody reads: requests are answered all the same, and it ends in time."""
    reader, writer = os.pipe()
    server = Server(args, stderr=writer)
    os.close(writer)
    data = PING.replace(b"/ping", b"/ping?" + b"x" * 200)
    with server.connect() as s:
        for _ in range(100):
            s.sendall(data * 50)
            rest = b""
            for _ in range(50):
                status, _, _, rest = read_answer(s, rest)
                assert status == 200
    patience = 2.5 if args.body else 60  # a real command may still wait for its own last line; a busy machine is slow
    start = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    while server.process.poll() is None and time.monotonic() - start < patience:
        time.sleep(0.05)
    ended = server.process.poll() is not None
    os.close(reader)
    server.process.wait(10)
    assert ended or args.body


if __name__ == "__main__":
    sys.exit(run(sigterm_under_load, several_workers_under_load, pipelined_under_load, half_sent, quiet_stop,
                 drain_deadline, log_lines, blocked_log))
