"""Documents: ARCHITECTURE.md against the code, links, left-over notes, paths of one machine."""
import fnmatch
import os
import re

from .source import Hit

NOTE = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
MACHINE = re.compile(r"(?<![\w.$}~-])/(?:work|root|tmp|home/\w+|var/tmp)/")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
TEXT_ENDS = (".c", ".h", ".cc", ".md", ".py", ".cmake", ".txt", ".sh", ".in", ".json", ".yml", ".1", "Makefile")
TEST_BYTES = 15 << 20
ROOM_ROW = re.compile(r"^\| `([a-z0-9]+)` \|[^|]*\| ([^|]*) \|$", re.M)
LISTED = re.compile(r"\b(?:suite\(|add_test\(NAME )([^\s${)]+)[\s)]")
FOREACH = re.compile(r"foreach\((\w+) ([\w \-]+)\)(.*?)endforeach\(\)", re.S)
NAME = re.compile(r"`(savor_\w+|sv_\w+)(?:\(\))?`")


def is_text(tree, path):
    return path.endswith(TEXT_ENDS) or path.startswith((".ci/", "tools/"))


def lines(tree, keep):
    for path in tree.files():
        if keep(path) and is_text(tree, path):
            for n, line in enumerate(tree.read(path).splitlines(), 1):
                yield path, n, line


def check_words(tree):
    for path, n, line in lines(tree, lambda p: not p.startswith("tests/data/")):
        if NOTE.search(line):
            yield Hit(path, n, f"{NOTE.search(line)[1]}: finish it, or open an issue")
        if not path.startswith("tests/") and MACHINE.search(line):
            yield Hit(path, n, f"{MACHINE.search(line)[0]}: a path of one machine")


def check_links(tree):
    for path, n, line in lines(tree, lambda p: p.endswith(".md") and not p.startswith("tests/data/")):
        for target in LINK.findall(line):
            file = target.split("#")[0]
            if file and ":" not in target and not tree.has(os.path.join(os.path.dirname(path), file)):
                yield Hit(path, n, f"link to {target}: no such file")


def identifiers(tree):
    return {w for path in tree.below("src", "include", "cli") for w in re.findall(r"\b(?:savor|sv)_\w+", tree.code(path))}


def test_names(tree):
    """The tests that ctest knows, from where they are listed."""
    for path in tree.below("tests", ends=("_test.c", "_fuzz.c")):
        parts = path.split("/")
        if parts[1] == "unit":
            yield f"unit/{parts[2]}/{parts[3][:-7]}"
        elif parts[1] == "fuzz":
            yield f"fuzz/{parts[2][:-7]}/replay"
            yield f"fuzz/{parts[2][:-7]}/cut"
    for path in tree.below("tests", ends=("CMakeLists.txt", "suites.cmake")):
        yield from LISTED.findall(FOREACH.sub(repeat, tree.read(path)))


def repeat(loop):
    """The body of a foreach, once for each of its words."""
    return "".join(loop[3].replace("${%s}" % loop[1], word) for word in loop[2].split())


def check_test_names(tree, text, known):
    """(position, message) for each test that is named and does not exist."""
    for m in re.finditer(r"`((?:unit|fuzz|house|install|cli|server|corpus)/[\w*/]+)`", text):
        if not tree.has(m[1]) and not fnmatch.filter(known, m[1]):
            yield m.start(), f"`{m[1]}`: no such test"


def check_architecture(tree):
    path = "ARCHITECTURE.md"
    if not tree.has(path):
        return
    text = tree.read(path)
    where = lambda position: text.count("\n", 0, position) + 1
    if text.count("\n") > 200:
        yield Hit(path, 200, f"{text.count(chr(10))} lines; at most 200")
    rows = {}
    for m in ROOM_ROW.finditer(text):
        rows[m[1]] = where(m.start()), [] if m[2].strip() == "nothing" else re.findall(r"\w+", m[2])
    for room, (line, uses) in rows.items():
        if not tree.has(f"src/{room}"):
            yield Hit(path, line, f"room {room}: no folder src/{room}")
        elif room in tree.rooms() and set(uses) != set(tree.rooms()[room]):
            yield Hit(path, line, f"room {room} may include {uses}; its room() call says {tree.rooms()[room]}")
    for room in tree.rooms():
        if rows and room not in rows:
            yield Hit(path, 1, f"room {room} is missing in the table")
    known, tests = identifiers(tree), set(test_names(tree))
    is_whole = all(room in tree.rooms() for room in rows)  # else a room that is still empty may bring the name
    for m in NAME.finditer(text):
        if is_whole and m[1] not in known:
            yield Hit(path, where(m.start()), f"`{m[1]}` is not in the code")
    for m in re.finditer(r"`((?:src|cli|include|tests|tools|docs|cmake|examples)/[\w./-]+)`", text):
        if not tree.has(m[1]) and m[1] not in tests:
            yield Hit(path, where(m.start()), f"`{m[1]}`: no such file")
    for position, message in check_test_names(tree, text, tests):
        if is_whole:
            yield Hit(path, where(position), message)


def check_data(tree):
    data = [f for f in tree.files() if f.startswith("tests/")]
    total = sum(os.path.getsize(os.path.join(tree.root, f)) for f in data)
    if total > TEST_BYTES:
        yield Hit("tests", 0, f"{total} bytes of tests and their data; at most {TEST_BYTES}")


def check(tree):
    yield from check_data(tree)
    yield from check_words(tree)
    yield from check_links(tree)
    yield from check_architecture(tree)
