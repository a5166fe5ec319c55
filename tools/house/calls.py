"""Functions that are not called, and variables that do not exist: statics that change."""
import re

from .source import Hit, line_of

NEVER = "strcpy stpcpy strcat sprintf vsprintf strtok atoi atol atoll atof strtod strtof strtold scanf sscanf fscanf " \
        "gets alloca system popen setlocale".split()
HEAP = "malloc calloc realloc reallocarray free strdup strndup posix_memalign aligned_alloc asprintf".split()
PRINT = "printf vprintf puts putchar perror".split()
END = "exit _exit _Exit abort quick_exit".split()

# (names, folders where they are looked for, files that may, why)
RULES = [
    (NEVER, ("src", "cli"), (), "is banned everywhere"),
    ([n for n in NEVER if n != "strtod"], ("examples",), (), "is banned everywhere"),
    (HEAP, ("src",), ("src/base/alloc.c",), "only in src/base/alloc.c: use base/alloc, base/arena or base/buf"),
    (PRINT, ("src",), (), "only in cli/: the library never prints"),
    (END, ("src",), ("src/worker/process.c",), "only in cli/, and in a child after fork: the library never ends the process"),
]
TO_TERMINAL = re.compile(r"\b(?:v?fprintf|fputs|fputc|fwrite|dprintf)\s*\([^;]*\b(?:stdout|stderr)\b")
STATIC = re.compile(r"\bstatic\b([^;={]*)[;={]")
THREAD_LOCAL_FILE = "src/base/alloc.c"


def is_variable(declaration):
    """Whether what follows `static` declares a variable that can change."""
    if "(" in declaration and not re.search(r"\(\s*\*", declaration):
        return False
    tail = declaration.rsplit("*", 1)
    return not re.search(r"\bconst\b", tail[1] if len(tail) == 2 else tail[0])


def check(tree):
    for names, folders, exempt, why in RULES:
        call = re.compile(r"(?<![.>\w])(%s)\s*\(" % "|".join(names))
        for path in tree.below(*folders):
            code = tree.code(path)
            for m in call.finditer(code) if path not in exempt else ():
                yield Hit(path, line_of(code, m.start()), f"{m[1]} {why}")
    for path in tree.below("src"):
        code = tree.code(path)
        for m in TO_TERMINAL.finditer(code):
            yield Hit(path, line_of(code, m.start()), "only cli/ writes to stdout or stderr")
        for m in STATIC.finditer(code):
            if is_variable(m[1]) and not ("_Thread_local" in m[1] and path == THREAD_LOCAL_FILE):
                yield Hit(path, line_of(code, m.start()), "static that changes: " + " ".join(m[1].split()))
