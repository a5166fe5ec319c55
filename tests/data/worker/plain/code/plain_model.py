"""A model without any library: it adds its number to each row's sum, and does what a cell of text tells it to."""

import ctypes
import os
import socket
import struct
import sys
import threading
import time

ACTS = {}
LOADED_BY = None
HELD = []


def act(function):
    ACTS[function.__name__] = function
    return function


@act
def sleep(seconds):
    time.sleep(float(seconds))
    return "slept"


@act
def wait(path):
    """Say that the call has begun, then wait until somebody makes the file: no test needs to guess a time."""
    print("waiting")
    while not os.path.exists(path):
        time.sleep(0.01)
    return "waited"


@act
def leave(code):
    os._exit(int(code))


@act
def crash(signal):
    os.kill(os.getpid(), int(signal))


@act
def once(path):
    """Die on the first call, answer on the second: the file remembers."""
    if os.path.exists(path):
        return "survived"
    open(path, "w").close()
    os.kill(os.getpid(), 9)


@act
def garbage(n):
    os.write(3, b"\xa5" * int(n))
    time.sleep(60)


@act
def say(text):
    print(text)
    print(text, file=sys.stderr)
    return "said"


@act
def fail(text):
    raise ValueError(text)


@act
def wire(words):
    """Write a message of one's own making to savor: kind, what is added to the request's id, length, flags, the bytes
    that follow, and whether to end then."""
    kind, added, size, flags, n, ends = [int(word, 0) for word in words.split()]
    link = [f.f_locals["link"] for f in frames() if "link" in f.f_locals][0]
    asked = [f.f_locals["ident"] for f in frames() if "ident" in f.f_locals][0]
    head = struct.pack("<IHHQQII", 0x31575653, 3, kind, asked + added, size, flags, 0)
    link.socket.sendall(head + b"\0" * n)
    if ends:
        os._exit(0)
    return "wrote"


def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back


@act
def leak(mb):
    """Memory until there is no more: the limit is on data, so that the interpreter's own files do not count."""
    import resource

    limit = int(mb) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


@act
def fork(n):
    """Processes that outlast the call."""
    pids = []
    for _ in range(int(n)):
        pid = os.fork()
        if pid == 0:
            time.sleep(1000)
            os._exit(0)
        pids.append(str(pid))
    return " ".join(pids)


@act
def loader(_):
    """Which process has loaded the model."""
    return LOADED_BY


@act
def thread(_):
    seen = []
    other = threading.Thread(target=lambda: seen.append("ran"))
    other.start()
    other.join()
    return seen[0]


@act
def pid(_):
    return str(os.getpid())


@act
def where(_):
    return os.getcwd()


@act
def descriptors(_):
    return " ".join(sorted(os.listdir("/proc/self/fd"), key=int))


@act
def write(path):
    with open(path, "w") as f:
        f.write("x")
    return "wrote"


@act
def read(path):
    with open(path, "rb") as f:
        return "read %d" % len(f.read(10))


@act
def connect(port):
    with socket.socket() as s:
        s.connect(("127.0.0.1", int(port)))
    return "connected"


@act
def bind(_):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
    return "bound"


@act
def run(program):
    return "status %d" % os.spawnv(os.P_WAIT, program, [program])


@act
def kill(number):
    os.kill(int(number), 0)
    return "signalled"


@act
def trace(number):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, int(number), None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"


@act
def call(text):
    """A bare system call: its number and arguments."""
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = [int(x) for x in text.split()]
    result = libc.syscall(*[ctypes.c_long(n) for n in numbers])
    if result < 0:
        raise OSError(ctypes.get_errno(), "call %d" % numbers[0])
    return "result"


class Plain:
    def __init__(self, number):
        self.number = number

    def row(self, row):
        cells = list(row.values()) if isinstance(row, dict) else [row]
        if cells and isinstance(cells[0], str):
            name, _, argument = cells[0].partition(" ")
            return ACTS[name](argument)
        return self.number + sum(cells)

    def predict(self, rows, params=None):
        if hasattr(rows, "to_dict"):  # pandas is there
            rows = rows.to_dict("records")
        answers = [self.row(row) for row in rows]
        return {"answers": answers, "params": params} if params else answers


def _load_pyfunc(path):
    global LOADED_BY
    LOADED_BY = str(os.getpid())
    holds = os.environ.get("PLAIN_MODEL_HOLDS")
    if holds == "thread":
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    elif holds == "file":
        HELD.append(open(path))
    elif holds == "process" and os.fork() == 0:
        time.sleep(1000)
    with open(path) as f:
        return Plain(int(f.read()))
