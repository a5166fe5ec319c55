"""clang-format decides layout."""
import re
import shutil
import subprocess

from .source import Hit, Skip

MAJOR = 14  # Debian 12; other versions lay out some lines differently


def check(tree):
    program = shutil.which("clang-format")
    if not program:
        raise Skip("clang-format is not installed")
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    if f"version {MAJOR}." not in version:
        raise Skip(f"clang-format {MAJOR} decides; this is {version.strip()}")
    files = tree.below("src", "cli", "include", "examples", "tests", "bench", ends=(".c", ".h"))
    run = subprocess.run([program, "--dry-run", "-Werror", "--ferror-limit=1", *files], cwd=tree.root,
                         capture_output=True, text=True)
    for path, line in sorted(set(re.findall(r"^(\S+?):(\d+):\d+: error", run.stderr, re.M))):
        yield Hit(path, int(line), "layout differs from .clang-format: run make format")
