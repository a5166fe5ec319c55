"""flow_test.py: keep-alive, pipelining, 100-continue, HEAD, big bodies and answers, clients that read slowly."""
import socket
import sys
import threading
import time

from wire import PING, Server, ask, chunked, good_body, is_closed, post, read_answer, run


def keep_alive(args):
    body = good_body(args)
    with Server(args) as server, server.connect() as s:
        data, want = post(body, type=args.type), None
        for _ in range(200):
            s.sendall(data)
            status, fields, got, rest = read_answer(s)
            want = want or got
            assert (status, got, rest) == (200, want, b"") and "connection" not in fields
        s.sendall(post(body, "Connection: close", type=args.type))
        status, fields, got, _ = read_answer(s)
        assert status == 200 and fields["connection"] == "close" and is_closed(s)


def http_1_0(args):
    with Server(args) as server:
        with server.connect() as s:
            s.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
            assert read_answer(s)[0] == 200 and is_closed(s)
        with server.connect() as s:
            for _ in range(3):
                s.sendall(b"GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                assert read_answer(s)[1]["connection"] == "keep-alive"


def pipelining(args):
    body = good_body(args)
    bodies = [body] * 500 if args.body else [b'{"i": %d, "pad": "%s"}' % (i, b"x" * (i % 300)) for i in range(500)]
    with Server(args) as server, server.connect() as s:
        want = ask(server, post(body, type=args.type))[2] if args.body else None
        data = b"".join(post(b, type=args.type) if i % 3 else chunked(b, 50) for i, b in enumerate(bodies))
        sender = threading.Thread(target=s.sendall, args=(data,))
        sender.start()
        rest = b""
        for b in bodies:
            status, _, got, rest = read_answer(s, rest)
            assert status == 200 and got == (want or b)
        sender.join()
        assert rest == b""


def pipelining_unread(args):
    """A client that sends requests without end and reads nothing makes the server stop reading, not grow."""
    with Server(args) as server, server.connect(timeout=2) as s:
        sent, before = 0, server.rss_kib()
        try:
            for _ in range(100):
                sent += s.send(PING * 20000)
        except (socket.timeout, BlockingIOError):
            pass
        assert sent < 100 * 20000 * len(PING), "the server read everything"
        assert server.rss_kib() - before < 60000 or server.is_sanitized()
        assert ask(server, PING)[0] == 200


def expect_continue(args):
    body = good_body(args)
    with Server(args) as server:
        with server.connect() as s:
            head, _, _ = post(body, "Expect: 100-continue", type=args.type).partition(b"\r\n\r\n")
            s.sendall(head + b"\r\n\r\n")
            status, _, _, rest = read_answer(s)
            assert (status, rest) == (100, b"")
            s.sendall(body)
            assert read_answer(s)[0] == 200
            s.sendall(PING)
            assert read_answer(s)[0] == 200
        with server.connect() as s:
            s.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            assert read_answer(s)[0] == 404 and is_closed(s)


def head_only(args):
    with Server(args) as server, server.connect() as s:
        for _ in range(3):
            s.sendall(PING.replace(b"GET", b"HEAD"))
            status, fields, _, rest = read_answer(s, is_head=True)
            assert (status, fields["content-length"], rest) == (200, "1", b"")


def big_body(args):
    if args.body:
        return NotImplemented
    body = b'"' + b"0123456789" * 2000000 + b'"'
    with Server(args) as server:
        for data in (post(body), chunked(body, 100000)):
            with server.connect() as s:
                sender = threading.Thread(target=s.sendall, args=(data,))
                sender.start()
                status, _, got, _ = read_answer(s)
                sender.join()
                assert status == 200 and got == body
        time.sleep(0.1)
        assert server.rss_kib() < 400000 or server.is_sanitized()


def too_big(args):
    """413 at once, and the client that goes on sending still gets to read it."""
    if args.body:
        return NotImplemented
    with Server(args, max_body_bytes=1000) as server:
        assert ask(server, post(b"x" * 1000))[0] == 200
        for data in (post(b"x" * 1001), post(b"x" * 5000000), chunked(b"x" * 5000000, 600)):
            status, fields, _, _ = ask(server, data)
            assert status == 413 and fields["connection"] == "close"


def inflight(args):
    """Bodies of all connections together have a limit; when they are gone, all is well again."""
    if args.body:
        return NotImplemented
    with Server(args, max_inflight_bytes=10 << 20) as server:
        open_ones = []
        statuses = []
        for _ in range(8):
            s = server.connect()
            open_ones.append(s)
            try:
                s.sendall(post(b"x" * 4000000)[:-1])
            except (ConnectionResetError, BrokenPipeError):
                pass
        time.sleep(0.3)
        for s in open_ones:
            s.settimeout(0.3)
            try:
                status, fields, _, _ = read_answer(s)
                statuses.append((status, fields.get("retry-after")))
            except (socket.timeout, OSError):
                pass
            s.close()
        assert statuses and set(statuses) == {(503, "1")}, statuses
        assert len(statuses) < 8
        time.sleep(0.1)
        assert ask(server, post(b"x" * 4000000))[0] == 200


def slow_reader(args):
    """An answer of 30 MB to a client that reads slowly does not stop the others, and comes whole."""
    if args.body:
        return NotImplemented
    part = bytearray(1000)
    with Server(args) as server:
        with server.connect() as s:
            s.sendall(post(b"big 30000000") + PING)
            for _ in range(20):
                assert ask(server, PING)[0] == 200
                s.recv_into(part, 1000, socket.MSG_PEEK)
            status, _, got, rest = read_answer(s)
            assert status == 200 and got == b"x" * 30000000
            assert read_answer(s, rest)[0] == 200


def several_workers(args):
    """Connections are spread over the workers, and a slow request stops only its own."""
    if args.body:
        return NotImplemented
    with Server(args, "-w", "4") as server:
        connections = [server.connect() for _ in range(40)]
        for s in connections:
            s.sendall(post(b"abc"))
        for s in connections:
            assert read_answer(s)[2] == b"abc"
        connections[0].sendall(post(b"sleep 1500"))
        time.sleep(0.1)
        start, n_slow = time.monotonic(), 0
        for s in connections[1:]:
            s.sendall(PING)
        for s in connections[1:]:
            before = time.monotonic()
            read_answer(s)
            n_slow += time.monotonic() - before > 0.5
        assert n_slow <= 1  # the first of that worker's waits, the others come with it
        assert time.monotonic() - start < 10
        for s in connections:
            s.close()


if __name__ == "__main__":
    sys.exit(run(keep_alive, http_1_0, pipelining, pipelining_unread, expect_continue, head_only, big_body, too_big,
                 inflight, slow_reader, several_workers))
