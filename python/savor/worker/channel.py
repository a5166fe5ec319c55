"""Messages over the socket: a header of 32 bytes, then the body, inline or in a sealed memory file."""

import array
import fcntl
import mmap
import os
import select
import socket
import struct
import time

MAGIC = 0x31575653
VERSION = 3
READY, FAILED, PREDICT, ANSWER, ERROR = 1, 2, 16, 17, 18
FORK, REAP, REAPED = 32, 33, 34
IN_MEMFD, RELEASED, PARENT = 1, 2, 8
INLINE_MAX = 64 * 1024
KEPT_MAX = 64 << 20  # a larger memory file is not kept for the next answer
PIECES_MAX = 1000  # of one system call
AWAKE_NS = 100000
VAIN_MAX = 6  # then one wait of 2 to the power of this stays awake

HEADER = struct.Struct("<IHHQQII")
F_ADD_SEALS, F_GET_SEALS = 1033, 1034
SEAL_SEAL, SEAL_SHRINK, SEAL_GROW = 1, 2, 4


class Broken(RuntimeError):
    """What came is no message of the protocol: savor and its Python part are not of one version."""


class Memory:
    """A memory file for answers, written again and again: pages that are there cost a tenth of new ones."""

    def __init__(self, size):
        self.size = 1 << max(20, (size - 1).bit_length())  # only the pages that are written exist
        self.fd = os.memfd_create("savor-answer", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, self.size)
        fcntl.fcntl(self.fd, F_ADD_SEALS, SEAL_SEAL | SEAL_SHRINK | SEAL_GROW)

    def write(self, pieces):
        at = 0
        views = [view for view in map(memoryview, pieces) if len(view)]
        while views:
            n = os.pwritev(self.fd, views[:PIECES_MAX], at)
            at += n
            done = 0
            while done < len(views) and n >= len(views[done]):
                n -= len(views[done])
                done += 1
            del views[:done]
            if n:
                views[0] = views[0][n:]

    def close(self):
        os.close(self.fd)


class Vigil:
    """Waits for a moment without sleep, for waking a processor takes as long as many a model.

    Where messages come more slowly than that, it is done in ever fewer waits, down to one of 64, and in more as it succeeds.
    """

    def __init__(self, fd):
        self.poll = select.poll()
        self.poll.register(fd, select.POLLIN)
        self.n_in_vain = self.n_asleep = 0

    def keep(self):
        if self.n_asleep:
            self.n_asleep -= 1
            return
        poll, now = self.poll.poll, time.perf_counter_ns
        end, there = now() + AWAKE_NS, poll(0)
        while not there and now() < end:
            there = poll(0)
        self.n_in_vain = max(self.n_in_vain - 1, 0) if there else min(self.n_in_vain + 2, VAIN_MAX)
        self.n_asleep = (1 << self.n_in_vain) - 1


class Channel:
    """The worker's end of the socket."""

    def __init__(self, fd):
        self.socket = socket.socket(fileno=fd)
        self.socket.setblocking(True)
        self.vigil = Vigil(fd)
        self.head = bytearray(HEADER.size)
        self.lent = None  # the mapping of the request that is answered
        self.memory = None

    def receive(self, n_fds=1):
        """The next message as (kind, id, body, descriptors), or None when savor has gone.

        The body may be written to: it is this message's own, or a private view of the memory file. It is good until
        release, and as long as somebody looks at it.
        """
        self.vigil.keep()
        fds = self._fill(memoryview(self.head), n_fds)
        if fds is None:
            return None
        magic, version, kind, ident, size, flags, rest = HEADER.unpack(self.head)
        if magic != MAGIC or version != VERSION or flags & ~IN_MEMFD or rest:
            raise Broken("savor speaks another version of the worker protocol")
        if flags & IN_MEMFD:
            return kind, ident, self._map(fds, size), []
        if size > INLINE_MAX:
            raise Broken("savor sent %d bytes outside of a memory file" % size)
        body = bytearray(size)
        if size and self._fill(memoryview(body), 0) is None:
            return None
        return kind, ident, memoryview(body), fds

    def _fill(self, room, n_fds):
        """Fill `room`; the descriptors that came along, or None at the end of the socket."""
        ints = array.array("i")
        while len(room):
            if n_fds:
                n, ancillary, _, _ = self.socket.recvmsg_into([room], socket.CMSG_SPACE(n_fds * ints.itemsize))
                for level, kind, data in ancillary:
                    if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                        ints.frombytes(data[: len(data) - len(data) % ints.itemsize])
            else:
                n = self.socket.recv_into(room)
            if n == 0:
                return None
            room = room[n:]
        return list(ints)

    def _map(self, fds, size):
        """A private copy-on-write view: a model may write to its arrays, and nobody can take the pages away."""
        try:
            if len(fds) != 1 or fcntl.fcntl(fds[0], F_GET_SEALS) & SEAL_SHRINK == 0:
                raise Broken("savor sent no sealed memory file")
            if os.fstat(fds[0]).st_size < size:
                raise Broken("savor's memory file is smaller than its message says")
            self.lent = mmap.mmap(fds[0], size, access=mmap.ACCESS_COPY)
            return memoryview(self.lent)
        finally:
            for fd in fds:
                os.close(fd)

    def release(self):
        """Let go of the request's memory file: RELEASED, unless the model still has arrays that lie there."""
        lent, self.lent = self.lent, None
        try:
            if lent is not None:
                lent.close()
                return RELEASED
        except BufferError:
            pass
        return 0

    def send(self, kind, ident, pieces, flags=0):
        """Send a body made of pieces, each of whose lengths is a multiple of 8. The list is emptied."""
        size = sum(len(piece) for piece in pieces)
        if size > INLINE_MAX:
            return self._send_memory(kind, ident, pieces, size, flags)
        body = b"".join(pieces)
        pieces.clear()  # they may lie in the request
        flags |= self.release()
        self.socket.sendall(HEADER.pack(MAGIC, VERSION, kind, ident, size, flags, 0) + body)

    def _send_memory(self, kind, ident, pieces, size, flags):
        if self.memory is None or self.memory.size < size:
            self._drop_memory()
            self.memory = Memory(size)
        self.memory.write(pieces)
        pieces.clear()
        header = HEADER.pack(MAGIC, VERSION, kind, ident, size, flags | self.release() | IN_MEMFD, 0)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [self.memory.fd]).tobytes())
        self.socket.sendmsg([header], [rights])
        if self.memory.size > KEPT_MAX:
            self._drop_memory()

    def _drop_memory(self):
        if self.memory is not None:
            self.memory.close()
        self.memory = None
