"""What the environment's variables say in a worker: a home of its own, Java's temporary files, the programs.

In the sandbox only the worker's folder may be written, and some libraries do not even load when they may not make a folder
below ~. So the home lies in the worker's folder. It shows what is in the user's home by links, so that whatever was
downloaded before is found; the folders in which every library has a folder are made anew.
"""

import contextlib
import os
import sys
import tempfile

MADE_ANEW = {".cache", ".config", ".local", os.path.join(".local", "share"), os.path.join(".local", "state")}


def may_write(folder):
    """Whether a file may be made there; asking for permissions would not ask the sandbox."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def show(home, own, below=""):
    """Make the folder `own` with a link to each entry of `home`."""
    os.makedirs(own, exist_ok=True)
    try:
        names = os.listdir(os.path.join(home, below))
    except OSError:  # none, or one that may not be read
        return
    for name in names:
        path, entry = os.path.join(below, name), os.path.join(own, name)
        if path in MADE_ANEW and os.path.isdir(os.path.join(home, path)):
            show(home, entry, path)
        else:
            with contextlib.suppress(FileExistsError):  # workers share the folder
                os.symlink(os.path.join(home, path), entry)


def lead_java(folder):
    """A Java machine that the model starts knows /tmp and no TMPDIR."""
    given = os.environ.get("JAVA_TOOL_OPTIONS", "")
    if "-Djava.io.tmpdir=" not in given:
        os.environ["JAVA_TOOL_OPTIONS"] = ("%s -Djava.io.tmpdir=%s" % (given, folder)).strip()


def lead_programs():
    """The environment's programs come first in PATH, as in one that was activated: Spark starts "python3"."""
    folder, path = os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)
    if folder and path.split(os.pathsep)[0] != folder:
        os.environ["PATH"] = folder + os.pathsep + path


def settle():
    """In a worker, which has its folder in TMPDIR. HOME stays when it is writable."""
    home, folder = os.path.expanduser("~"), os.environ.get("TMPDIR")
    if not folder:
        return
    lead_programs()
    lead_java(folder)
    if not may_write(home):
        own = os.path.join(folder, ".home")
        show(os.path.abspath(home), own)
        os.environ["HOME"] = own
