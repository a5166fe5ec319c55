"""A process that has loaded the model once and forks workers, which share its memory until they write to it."""

import fcntl
import gc
import os
import random
import select
import signal
import struct
import sys
import warnings

from savor_worker import channel

F_SETSIG = 10
HARMLESS = {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"}
FORK_AWARE = {"jemalloc_bg_thd"}  # held still before a fork and started again after it, by pthread_atfork


def try_fork():
    """Once for nothing: libraries that know of fork (OpenBLAS) end their threads before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def threads():
    """Names of the threads beside this one that a fork would lose."""
    found = []
    for name in os.listdir("/proc/self/task"):
        with open("/proc/self/task/%s/comm" % name) as f:
            comm = f.read().strip()
        if int(name) != os.getpid() and comm not in FORK_AWARE:
            found.append(comm)
    return found


def open_files():
    """What is open beside the standard streams and the socket."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink("/proc/self/fd/" + name)
        except OSError:  # the listing's own
            continue
        if int(name) > 3 and target not in HARMLESS:
            found.append(target)
    return found


def children():
    with open("/proc/self/task/%d/children" % os.getpid()) as f:
        return f.read().split()


def why_not_fork():
    """Why workers are started one by one: what the model holds would be shared, or be gone, after a fork."""
    gc.collect()  # files that nobody uses
    try:
        try_fork()
        others, files, n_children = threads(), open_files(), len(children())
    except OSError as e:
        return "/proc cannot be read: %s" % e
    if others:
        return "the thread %s runs" % others[0]
    if files:
        return "%s is open" % files[0]
    return "%d processes were started" % n_children if n_children else None


class Chance:
    """Generators of random numbers: one that loading has touched goes on in each worker from where it was, as if each
    had loaded the model; others begin anew in each."""

    def __init__(self):
        self.before = self.states()

    @staticmethod
    def states():
        numpy = sys.modules.get("numpy.random")
        state = numpy.get_state() if numpy else None
        return random.getstate(), state and (state[1].tobytes(), *state[2:])

    def in_child(self, loaded):
        if loaded[0] != self.before[0]:
            random.setstate(loaded[0])  # Python has begun anew
        if loaded[1] and loaded[1] == self.before[1]:
            sys.modules["numpy.random"].seed()


def obey_life(fd):
    """The kernel kills this process when savor's end of a pipe is closed: savor is not its parent."""
    os.set_inheritable(fd, False)
    fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(fd, F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([fd], [], [], 0)[0]:
        os._exit(1)  # it was closed before


def become_worker(link, fds):
    """In the child: the streams, the socket and the life of its own."""
    os.setsid()
    link.socket.detach()
    os.dup2(fds[0], 3, inheritable=False)
    os.dup2(fds[1], 1)
    os.dup2(fds[1], 2)
    os.close(fds[0])
    os.close(fds[1])
    obey_life(fds[2])
    return channel.Channel(3)


def reap(pid):
    try:
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]
    except OSError:
        return 0


def run(link, chance):
    """The parent's life. Returns in each worker, with its channel; in the parent when savor has gone: None."""
    loaded, workers = chance.states(), {}
    gc.freeze()  # the collector writes to no page that is shared
    while True:
        message = link.receive(n_fds=3)
        if message is None:
            return None
        kind, ident, _, fds = message
        if kind == channel.FORK and len(fds) == 3:
            pid = os.fork()
            if pid == 0:
                chance.in_child(loaded)
                return become_worker(link, fds)
            workers[ident] = pid
            for fd in fds:
                os.close(fd)
        elif kind == channel.REAP and ident in workers:
            pid = workers.pop(ident)
            link.send(channel.REAPED, ident, [struct.pack("<QQ", pid, reap(pid))])
        else:
            raise channel.Broken("savor sent a message of kind %d to the parent of its workers" % kind)
