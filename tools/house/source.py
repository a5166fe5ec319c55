"""The tree that is checked: its files, and C text without comments or literals."""
import os
import re
import subprocess
from functools import lru_cache
from typing import NamedTuple

C_ENDS = (".c", ".h", ".cc")


class Hit(NamedTuple):
    """One broken rule."""
    path: str
    line: int
    text: str


class Skip(Exception):
    """A rule cannot be checked here; the text says why."""


class Function(NamedTuple):
    """One function definition: its line, how many lines it spans, its parameters, its deepest block."""
    name: str
    line: int
    n_lines: int
    params: list
    nesting: int


def blank(match):
    """Spaces in place of a match, so that positions and lines stay what they were."""
    return re.sub(r"[^\n]", " ", match.group())


TOKEN = re.compile(r'/\*.*?\*/|//(?:\\\n|[^\n])*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m) if m.group()[0] == "/" else m.group(), text)


def only_code(text):
    """Without comments, literals (quotes stay) and preprocessor lines."""
    def literal(m):
        t = m.group()
        return blank(m) if t[0] == "/" else t[0] + blank(re.match(r"(?s).*", t[1:-1])) + t[-1]
    return DIRECTIVE.sub(blank, TOKEN.sub(literal, text))


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def split_params(text):
    """The parameters of "(int a, void (*f)(int, int))", the parentheses included in `text`."""
    parts, depth, start = [], 0, 1
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if (c == "," and depth == 1) or (c == ")" and depth == 0):
            parts.append(" ".join(text[start:i].split()))
            start = i + 1
    return [p for p in parts if p and p != "void"]


def param_name(param):
    """The name in a parameter's declaration; "" where it has none ("...", or a bare type)."""
    pointer = re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)", param)
    if pointer:
        return pointer.group(1)
    words = re.findall(r"\w+", re.sub(r"\[.*", "", param))
    return words[-1] if len(words) > 1 else ""


def open_paren(text, close):
    """The position of the "(" that text[close] closes."""
    depth = 0
    for i in range(close, -1, -1):
        depth += (text[i] == ")") - (text[i] == "(")
        if depth == 0:
            return i
    return 0


def call_like(head):
    """(name, parameters) when `head` ends as a function's head does, else None."""
    head = re.sub(r"(?:\s*\b[A-Z][A-Z0-9_]*(?:\([^()]*\))?)+\s*$", "", head).rstrip()
    if not head.endswith(")"):
        return None
    begin = open_paren(head, len(head) - 1)
    name = re.search(r"(\w+)\s*$", head[:begin])
    if not name or "=" in head[:begin]:
        return None
    return name.group(1), split_params(head[begin:])


def functions(text):
    """The function definitions of a file's code."""
    code = re.sub(r'extern\s+" *"\s*\{|namespace\s*\w*\s*\{', blank, only_code(text))
    found, depth, start, head = [], 0, 0, None
    for m in re.finditer(r"[{};]", code):
        c, at = m.group(), m.start()
        if c == "{":
            if depth == 0:
                head = call_like(code[start:at])
                begin, body, deepest = start, at, 1
            is_block = code[at + 1:at + 2] == "\n" and not code[:at].rstrip().endswith(("=", ","))
            depth += 1
            deepest = max(deepest, depth) if is_block else deepest
        elif c == "}":
            depth = max(0, depth - 1)
            if depth == 0 and head:
                first = line_of(code, begin + len(code[begin:body]) - len(code[begin:body].lstrip()))
                found.append(Function(head[0], first, line_of(code, at) - first + 1, head[1], deepest - 1))
        if depth == 0 and c in "};":
            start, head = at + 1, None
    return found


class Tree:
    """A checkout."""

    def __init__(self, root, build=None):
        self.root = os.path.abspath(root)
        self.build = build

    @lru_cache(maxsize=None)
    def files(self):
        """Tracked files and new ones that are not ignored; without git, everything outside build folders."""
        run = subprocess.run(["git", "-C", self.root, "ls-files", "-co", "--exclude-standard"],
                             capture_output=True, text=True) if os.path.exists(self.root + "/.git") else None
        if run and run.returncode == 0:
            names = set(run.stdout.splitlines())
        else:
            names = {os.path.relpath(os.path.join(folder, f), self.root)
                     for folder, _, files in os.walk(self.root) for f in files}
            names = {n for n in names if not n.startswith(("build/", "install/", ".git/"))}
        return sorted(n for n in names if os.path.isfile(os.path.join(self.root, n)))

    def below(self, *folders, ends=C_ENDS):
        return [f for f in self.files() if f.endswith(ends) and f.startswith(tuple(d + "/" for d in folders))]

    @lru_cache(maxsize=None)
    def read(self, path):
        try:
            with open(os.path.join(self.root, path), encoding="utf-8") as f:
                return f.read()
        except UnicodeDecodeError:
            return ""

    @lru_cache(maxsize=None)
    def code(self, path):
        return only_code(self.read(path))

    def has(self, path):
        return os.path.exists(os.path.join(self.root, path))

    @lru_cache(maxsize=None)
    def rooms(self):
        """{room: [rooms that it uses]} as the room() calls say; a folder that has no call yet is left out."""
        rooms = {}
        for path in self.below("src", ends="/CMakeLists.txt"):
            text = re.sub(r"#.*", "", self.read(path))
            for call in re.findall(r"\broom\(([^)]*)\)", text):
                name = re.search(r"\bNAME\s+(\w+)", call).group(1)
                uses = re.search(r"\bUSES\b([\s\w]*)$", call)
                rooms[name] = uses.group(1).split() if uses else []
        return rooms

    @lru_cache(maxsize=None)
    def limits(self):
        """{(rule, name): value} of tools/limits.txt, and the lines that are not of that form."""
        allowed, bad = {}, []
        for n, line in enumerate(self.read("tools/limits.txt").splitlines() if self.has("tools/limits.txt") else [], 1):
            m = re.fullmatch(r"(file|function|params|nesting)\s+(\S+)\s+(\d+)\s+(\S.*)", line)
            if m:
                allowed[m[1], m[2]] = int(m[3])
            elif line.strip() and not line.startswith("#"):
                bad.append(Hit("tools/limits.txt", n, "not of the form: file|function|params|nesting NAME LIMIT REASON"))
        return allowed, bad
