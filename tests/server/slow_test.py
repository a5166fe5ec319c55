"""slow_test.py: clients that are slow, idle, many or gone do not stop a good one, and are ended in time."""
import resource
import select
import socket
import sys
import time

from wire import PING, Closed, Server, ask, good_body, is_closed, post, read_answer, run

HEAD = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"


def ends_within(s, low, high, start):
    s.settimeout(high + 5)
    try:
        status = read_answer(s)[0]
        assert is_closed(s)
    except (Closed, ConnectionResetError):
        status = None
    took = time.monotonic() - start
    assert low <= took <= high, f"ended after {took:.2f} s, expected {low} to {high}"
    return status


def time_limits(args):
    if args.body:
        return NotImplemented
    with Server(args, head_timeout_ms=700, body_idle_timeout_ms=800, keepalive_timeout_ms=900) as server:
        start = time.monotonic()
        silent, head, body, idle = (server.connect() for _ in range(4))
        head.sendall(b"GET /ping HTTP/1.1\r\n")
        body.sendall(HEAD + b"\r\nabc")
        idle.sendall(PING)
        assert read_answer(idle)[0] == 200
        assert ends_within(silent, 0.6, 2, start) is None
        assert ends_within(head, 0.6, 2, start) == 408
        assert ends_within(body, 0.7, 2, start) == 408
        assert ends_within(idle, 0.8, 2.5, start) is None


def dripping(args):
    """A byte now and then does not keep a head alive beyond its limit, nor a body below 1 KiB/s."""
    if args.body:
        return NotImplemented
    with Server(args, head_timeout_ms=1000, body_idle_timeout_ms=1000) as server:
        start = time.monotonic()
        head, body, fast = server.connect(), server.connect(), server.connect()
        body.sendall(HEAD + b"\r\n")
        fast.sendall(post(b"x" * 40000)[:-30000])
        ended = {}
        for i in range(60):
            for s in (head, body):
                if s not in ended and select.select([s], [], [], 0)[0]:
                    ended[s] = time.monotonic() - start
                elif s not in ended:
                    s.send(b"a")
            fast.send(b"x" * 300)
            time.sleep(0.05)
        assert 0.9 < ended[head] < 2, ended
        assert 0.9 < ended[body] < 3, ended
        assert read_answer(head)[0] == 408 and read_answer(body)[0] == 408
        assert not select.select([fast], [], [], 0)[0], "6 KiB/s are fast enough"


def half_open(args):
    """As many connections as the descriptors allow, each with half a head, or half a body, or nothing."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    n = min(10000, limit[1] - 200)
    body = good_body(args)
    with Server(args) as server:
        want = ask(server, post(body, type=args.type))[2]
        before = server.rss_kib()
        parts = [b"", b"GET /ping HTTP/1.1\r\nHost: local", HEAD + b"\r\n{"]
        clients = []
        for i in range(n):
            s = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            if parts[i % 3]:
                s.sendall(parts[i % 3])
            clients.append(s)
        start = time.monotonic()
        with server.connect() as s:
            for _ in range(100):
                s.sendall(post(body, type=args.type))
                assert read_answer(s)[2] == want
        for _ in range(20):
            assert ask(server, PING)[0] == 200
        took = time.monotonic() - start
        per_client = (server.rss_kib() - before) * 1024 / n
        print(f"  {n} half-open connections, {per_client:.0f} bytes each; 120 good requests in {took:.2f} s")
        assert took < 10
        for s in clients:
            s.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def idle_memory(args):
    """A connection that has been served and waits has no buffer."""
    body = good_body(args)
    with Server(args) as server:
        clients = [server.connect() for _ in range(1000)]
        for s in clients[:100]:
            s.sendall(post(body, type=args.type))
            assert read_answer(s)[0] == 200
        before = server.rss_kib()
        for s in clients[100:]:
            s.sendall(post(body, type=args.type))
            assert read_answer(s)[0] == 200
        per_client = (server.rss_kib() - before) * 1024 / 900
        print(f"  {per_client:.0f} bytes for each idle connection")
        assert per_client < 8192 or server.is_sanitized()
        for s in clients:
            s.close()


def too_many(args):
    """At the limit, an idle connection makes room; when all are busy, new ones wait and nothing spins."""
    if args.body:
        return NotImplemented
    with Server(args, max_connections=10) as server:
        idle = [server.connect() for _ in range(10)]
        for s in idle:
            s.sendall(PING)
            assert read_answer(s)[0] == 200
        assert ask(server, PING)[0] == 200
        assert is_closed(idle[0])  # the oldest
        for s in idle:
            s.close()
        time.sleep(0.1)
        busy = [server.connect() for _ in range(10)]
        for s in busy:
            s.sendall(b"GET /ping HT")
        time.sleep(0.1)
        waiting = server.connect()
        waiting.sendall(PING)
        before = server.cpu_s()
        time.sleep(1)
        assert server.cpu_s() - before < 0.2, "it spins"
        assert not select.select([waiting], [], [], 0)[0]
        busy[0].close()
        assert read_answer(waiting)[0] == 200
        for s in (*busy, waiting):
            s.close()


def no_descriptors(args):
    """EMFILE: those who wait are served when one is free, and the loop does not spin meanwhile."""
    if args.body:
        return NotImplemented
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, limit[1]))
    with Server(args, max_connections=1000) as server:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        busy = []
        for _ in range(60):
            s = server.connect()
            s.sendall(b"GET /ping HT")
            busy.append(s)
        time.sleep(0.2)
        before = server.cpu_s()
        time.sleep(1)
        assert server.cpu_s() - before < 0.2, "it spins"
        for s in busy:
            s.close()
        assert ask(server, PING)[0] == 200
        assert "accept_paused" in server.text()


def vanishing(args):
    """Clients that reset, half close or go away at any moment."""
    body = good_body(args)
    data = post(body, type=args.type)
    with Server(args) as server:
        for i in range(300):
            s = server.connect()
            if i % 2:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.sendall((data * 3)[:i * len(data) // 100])
            s.close()
        with server.connect() as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            assert read_answer(s)[0] == 200 and is_closed(s)


if __name__ == "__main__":
    sys.exit(run(time_limits, dripping, half_open, idle_memory, too_many, no_descriptors, vanishing))
