"""Messages over the socket: a header of 32 bytes, then the body, inline or in a sealed memory file."""

import array
import fcntl
import mmap
import os
import socket
import struct

MAGIC = 0x31575653
VERSION = 1
READY, FAILED, PREDICT, ANSWER, ERROR = 1, 2, 16, 17, 18
IN_MEMFD = 1
INLINE_MAX = 64 * 1024

HEADER = struct.Struct("<IHHQQII")
F_ADD_SEALS = 1033
SEALS = 0x1 | 0x2 | 0x4 | 0x8  # no more seals, no shrinking, growing, writing


class Channel:
    """The worker's end of the socket."""

    def __init__(self, fd):
        self.socket = socket.socket(fileno=fd)
        self.socket.setblocking(True)
        self.room = bytearray(HEADER.size + INLINE_MAX)

    def receive(self):
        """The next message as (kind, id, body, is_ours), or None when savor has gone.

        A body that is not ours is good until the next call.
        """
        got, fds = self._receive_some(0)
        while got < HEADER.size:
            if got < 0:
                return None
            got, more = self._receive_some(got)
            fds += more
        magic, version, kind, ident, size, flags, _ = HEADER.unpack_from(self.room)
        if magic != MAGIC or version != VERSION:
            raise RuntimeError("savor speaks another version of the worker protocol")
        if flags & IN_MEMFD:
            return kind, ident, self._map(fds, size), True
        while got < HEADER.size + size:
            got, _ = self._receive_some(got)
            if got < 0:
                return None
        return kind, ident, memoryview(self.room)[HEADER.size : HEADER.size + size], False

    def _receive_some(self, got):
        ints = array.array("i")
        n, ancillary, _, _ = self.socket.recvmsg_into(
            [memoryview(self.room)[got:]], socket.CMSG_SPACE(ints.itemsize)
        )
        if n == 0:
            return -1, []
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                ints.frombytes(data[: len(data) - len(data) % ints.itemsize])
        return got + n, list(ints)

    @staticmethod
    def _map(fds, size):
        """A private copy-on-write view: a model may write to its arrays."""
        try:
            return memoryview(mmap.mmap(fds[0], size, access=mmap.ACCESS_COPY))
        finally:
            for fd in fds:
                os.close(fd)

    def send(self, kind, ident, pieces):
        """Send a body made of pieces, each of whose lengths is a multiple of 8."""
        size = sum(len(piece) for piece in pieces)
        if size > INLINE_MAX:
            return self._send_memfd(kind, ident, pieces, size)
        header = HEADER.pack(MAGIC, VERSION, kind, ident, size, 0, 0)
        self.socket.sendall(b"".join([header, *pieces]))

    def _send_memfd(self, kind, ident, pieces, size):
        fd = os.memfd_create("savor-answer", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            for piece in pieces:
                view = memoryview(piece)
                while len(view):
                    view = view[os.write(fd, view) :]
            fcntl.fcntl(fd, F_ADD_SEALS, SEALS)
            header = HEADER.pack(MAGIC, VERSION, kind, ident, size, IN_MEMFD, 0)
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]).tobytes())
            self.socket.sendmsg([header], [rights])
        finally:
            os.close(fd)
