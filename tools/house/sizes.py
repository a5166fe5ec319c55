"""Files, functions, parameter lists and blocks that outgrew their limit; exceptions stand in tools/limits.txt."""
from .source import Hit, functions, param_name

FILE_LINES = 800
FILE_ASK = 500
FUNCTION_LINES = 80
PARAMS = 6   # `err` is not counted
NESTING = 4  # blocks inside a function's own


def check(tree):
    allowed, bad = tree.limits()
    yield from bad
    used = set()

    def over(rule, name, value, limit):
        if value <= limit:
            return False
        used.add((rule, name))
        return value > allowed.get((rule, name), limit)

    for path in tree.below("src", "cli", "include", "examples"):
        n = tree.read(path).count("\n")
        if over("file", path, n, FILE_LINES):
            yield Hit(path, n, f"{n} lines; at most {FILE_LINES}")
        for f in functions(tree.read(path)):
            n_params = sum(param_name(p) != "err" for p in f.params)
            if over("function", f.name, f.n_lines, FUNCTION_LINES):
                yield Hit(path, f.line, f"{f.name}: {f.n_lines} lines; at most {FUNCTION_LINES}")
            if over("params", f.name, n_params, PARAMS):
                yield Hit(path, f.line, f"{f.name}: {n_params} parameters without err; at most {PARAMS}")
            if over("nesting", f.name, f.nesting, NESTING):
                yield Hit(path, f.line, f"{f.name}: blocks {f.nesting} deep; at most {NESTING}")
    for rule, name in sorted(set(allowed) - used):
        if is_defined(tree, rule, name):
            yield Hit("tools/limits.txt", 1, f"{rule} {name}: no longer over the limit; delete the line")


def is_defined(tree, rule, name):
    """A name that no file knows yet is left alone: its room may come with the next merge."""
    if rule == "file":
        return tree.has(name)
    return any(f.name == name for path in tree.below("src", "cli") for f in functions(tree.read(path)))


def notes(tree):
    """Files that are worth a question, without being wrong."""
    for path in tree.below("src", "cli"):
        n = tree.read(path).count("\n")
        if FILE_ASK < n <= FILE_LINES:
            yield f"{path}: {n} lines; above {FILE_ASK} ask whether it is two files"
