"""framing_test.py: requests whose framing is wrong are refused and the connection closed; right ones are not."""
import sys

from wire import PING, Server, ask, chunked, good_body, is_closed, post, read_answer, run

HOST = b"Host: localhost\r\n"
POST = b"POST /invocations HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
GET = b"GET /ping HTTP/1.1\r\n" + HOST

# Status and bytes; whatever comes behind them must not be answered.
BAD = [
    (400, POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    (400, POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
    (400, POST + b"Content-Length: 3, 3\r\n\r\nabc"),
    (400, POST + b"Content-Length: +3\r\n\r\nabc"),
    (400, POST + b"Content-Length: 0x3\r\n\r\nabc"),
    (400, POST + b"Content-Length: 3a\r\n\r\nabc"),
    (400, POST + b"Content-Length: \r\n\r\nabc"),
    (400, POST + b"Content-Length: 99999999999999999999\r\n\r\nabc"),
    (400, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: identity\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    (400, b"POST /invocations HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n"),
    (400, POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"e" * 300 + b"\r\na\r\n0\r\n\r\n"),
    (413, POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
    (400, b"GET /ping HTTP/1.1\r\n\r\n"),
    (400, GET + HOST + b"\r\n"),
    (400, b"GET /ping HTTP/1.1\r\nHost: a b\r\n\r\n"),
    (400, b"GET /ping HTTP/1.1\r\nHost:\r\n\r\n"),
    (400, GET + b"X: a\x00b\r\n\r\n"),
    (400, GET + b"X: a\rb\r\n\r\n"),
    (400, GET + b"X: a\nb: c\r\n\r\n"),
    (400, GET + b"X: a\r\n folded\r\n\r\n"),
    (400, GET + b"X : a\r\n\r\n"),
    (400, GET + b"no colon\r\n\r\n"),
    (400, GET + b": empty\r\n\r\n"),
    (400, b"GET /ping HTTP/1.1\n" + HOST + b"\n"),
    (400, b"GET /ping\r\n\r\n"),
    (400, b"GET  /ping HTTP/1.1\r\n" + HOST + b"\r\n"),
    (400, b"GET /pi ng HTTP/1.1\r\n" + HOST + b"\r\n"),
    (400, b"GET /ping HTTP/1.1x\r\n" + HOST + b"\r\n"),
    (400, b"G@T /ping HTTP/1.1\r\n" + HOST + b"\r\n"),
    (400, b"GET ping HTTP/1.1\r\n" + HOST + b"\r\n"),
    (400, b"GARBAGE\r\n\r\n"),
    (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n"),
    (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    (431, GET + b"X: " + b"a" * 9000 + b"\r\n\r\n"),
    (431, GET + b"".join(b"X%d: a\r\n" % i for i in range(101)) + b"\r\n"),
    (431, GET + b"".join(b"X%d: %s\r\n" % (i, b"a" * 1000) for i in range(20)) + b"\r\n"),
    (417, POST + b"Content-Length: 3\r\nExpect: 200-maybe\r\n\r\nabc"),
    (413, POST + b"Content-Length: 2000000000\r\n\r\n"),
    (505, b"GET /ping HTTP/2.0\r\n" + HOST + b"\r\n"),
    (403, b"GET /ping HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    (403, b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1.evil.example:80\r\n\r\n"),
]

GOOD = [
    PING,
    b"\r\n" + PING,
    b"GET /ping HTTP/1.0\r\n\r\n",
    b"GET http://localhost/ping HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /ping?a=b#c HTTP/1.1\r\nhost:127.0.0.1:1\r\nX:\xff\xfe\r\nY:\r\n\r\n",
    b"GET /ping HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
    GET + b"Content-Length: 3\r\n\r\nabc",
]


def bad_framing(args):
    with Server(args) as server:
        for i, (status, data) in enumerate(BAD):
            with server.connect() as s:
                s.sendall(data + PING)  # the second request must not be answered
                got, fields, _, rest = read_answer(s)
                assert got == status, f"case {i}: {got}, expected {status}: {data[:200]!r}"
                assert fields["connection"] == "close", (i, fields)
                assert "html" not in fields["content-type"]
                assert rest == b"" and is_closed(s), f"case {i} was answered twice: {data[:200]!r}"
        assert ask(server, PING)[0] == 200


def good_framing(args):
    body = good_body(args)
    with Server(args) as server:
        want = ask(server, post(body, type=args.type))
        assert want[0] == 200, want
        for data in GOOD:
            assert ask(server, data)[0] == 200, data
        for step in (1, 7, len(body)):
            got = ask(server, chunked(body, step, b";e" if step > 1 else b""))
            assert got[0] == 200 and got[2] == want[2]


def split_anywhere(args):
    """The same request cut at each byte, each time in two pieces on the wire; and byte by byte."""
    body = good_body(args)[:2000] if not args.body else good_body(args)
    with Server(args) as server:
        data = post(body, type=args.type)
        want = ask(server, data)[2]
        with server.connect() as s:
            step = max(1, len(data) // 300)
            for cut in range(1, len(data), step):
                s.sendall(data[:cut])
                s.sendall(data[cut:])
                status, _, got, rest = read_answer(s)
                assert (status, got, rest) == (200, want, b""), cut
            for i in range(len(data)):
                s.sendall(data[i:i + 1])
            assert read_answer(s)[2] == want


def profiles(args):
    """What differs between the servers that are imitated."""
    edges = [  # 1.x, 2.x, 3.x as the real ones answer; then unforced
        (b"HEAD /ping HTTP/1.1\r\n" + HOST + b"\r\n", (200, 200, 405, 200)),
        (b"OPTIONS /ping HTTP/1.1\r\n" + HOST + b"\r\n", (200, 200, 405, None)),
        (b"GET /ping/ HTTP/1.1\r\nHost: localhost:1\r\n\r\n", (404, 404, 307, None)),
        (b"GET //ping HTTP/1.1\r\n" + HOST + b"\r\n", (200, 200, 404, None)),
        (b"get /ping HTTP/1.1\r\n" + HOST + b"\r\n", (400, 400, 405, None)),
        (b"GET /ping HTTP/2.0\r\nHost: a\r\n\r\n", (200, 400, 200, None)),
        (b"GET /ping HTTP/1.1\r\nHost: example.test\r\n\r\n", (200, 200, 200, 403)),
    ]
    for i, profile in enumerate(("1.x", "2.x", "3.x", None)):
        with Server(args, profile=profile) as server:
            for data, statuses in edges:
                got = ask(server, data, is_head=data.startswith(b"HEAD"))[0]
                assert statuses[i] in (None, got), (profile, data, got)


if __name__ == "__main__":
    sys.exit(run(bad_framing, good_framing, split_anywhere, profiles))
