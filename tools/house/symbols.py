"""Names that the linker sees: savor_ outside the library, sv_ between its rooms, and no data that change."""
import os
import re
import shutil
import subprocess

from .source import Hit, Skip

GENERATED = re.compile(r"^(_Z|__|\.|_init$|_fini$|completed|DW\.ref|asan\.|\$)|^(_?edata|_end)$")
OF_THE_LINKER = ("_init", "_fini", "_edata", "edata", "_end", "__bss_start")
WRITABLE = re.compile(r"^\.(data|bss|tdata|tbss)(\.(?!rel\.ro)[\w.]+)?$|^\*COM\*$")


def run(*words):
    if not shutil.which(words[0]):
        raise Skip(f"{words[0]} is not installed")
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def find(tree, name):
    path = os.path.join(tree.build or "", "src", name)
    if not tree.build or not os.path.exists(path):
        raise Skip(f"no {name} below the build folder {tree.build}")
    return path


def check(tree):
    for line in run("nm", "-D", "--defined-only", find(tree, "libsavor.so")).splitlines():
        name = line.split()[-1]
        if not name.startswith("savor_") and name not in OF_THE_LINKER:
            yield Hit("libsavor.so", 0, f"exports {name}; only savor_ names are public")
    archive = find(tree, "libsavor.a")
    for line in run("nm", "-g", "--defined-only", archive).splitlines():
        name = line.split()[-1] if len(line.split()) == 3 else ""
        if name and not name.startswith(("savor_", "sv_")) and not GENERATED.match(name):
            yield Hit("libsavor.a", 0, f"{name} is shared between files; such names start with sv_ or savor_")
    file = ""
    for line in run("objdump", "-t", archive).splitlines():
        file = line.split(":")[0] if re.match(r"\S+\.o:", line) else file
        m = re.match(r"[0-9a-f]+ .{6}[O ] (\S+)\s+([0-9a-f]+)\s+(?:\.hidden )?(\S+)$", line)
        if m and WRITABLE.match(m[1]) and int(m[2], 16) and not GENERATED.match(m[3]):
            if file != "alloc.c.o" or not m[1].startswith(".t"):
                yield Hit(file, 0, f"{m[3]} in {m[1]}: data that change while the program runs")
