"""Declarations are documented: fully in include/savor, in some words in src."""
import re

from .source import Hit, call_like, line_of, only_code, param_name

FIELDS = ("Units", "Errors", "Threads", "Source")
DOC = re.compile(r"/\*\*(.*?)\*/", re.S)


def declarations(text):
    """(start, end, text) of each top-level declaration or definition, bodies left out."""
    code = re.sub(r'extern\s+" *"\s*\{', lambda m: " " * len(m.group()), only_code(text))
    depth, start = 0, 0
    for m in re.finditer(r"[{};]", code):
        depth = max(0, depth + (m.group() == "{") - (m.group() == "}"))
        if depth == 0 and (m.group() == ";" or m.group() == "}" and call_like(code[start:code.find("{", start)])):
            piece = code[start:m.start()]
            begin = start + len(piece) - len(piece.lstrip())
            if piece.strip(" \n}"):
                yield begin, m.start(), piece.strip().split("{")[0].strip()
            start = m.end()


def doc_before(text, position):
    """The comment that ends right before `position`, or None."""
    before = text[:position].rstrip()
    if not before.endswith("*/") or text[len(before):position].count("\n") != 1:
        return None
    return before[before.rfind("/*"):]


def public_faults(doc, head):
    """What the comment of a public function lacks."""
    name, params = head
    if not doc or not doc.startswith("/**"):
        yield f"{name}: no /** comment before it"
        return
    for field in FIELDS:
        if not re.search(r"^\s*\* %s\b +\S" % field, doc, re.M):
            yield f"{name}: its comment has no line \"{field}\""
    for param in map(param_name, params):
        if param and param != "err" and not re.search(r"\b%s\b" % re.escape(param), doc):
            yield f"{name}: its comment says nothing of `{param}`"


def check(tree):
    for path in tree.below("include", ends=".h"):
        text = tree.read(path)
        for begin, _, head in declarations(text):
            function = call_like(re.sub(r"\([^()]*\*[^()]*\)\s*(?=\()", "pointer ", head)
                                 if head.startswith("typedef") else head)
            if function and not head.startswith("typedef"):
                faults = public_faults(doc_before(text, begin), function)
            elif head.startswith("typedef") and not doc_before(text, begin):
                faults = [f"{' '.join(head.split())}: no comment before it"]
            else:
                faults = ()
            for fault in faults:
                yield Hit(path, line_of(text, begin), fault)
    for path in tree.below("src", ends=".h"):
        yield from private_faults(path, tree.read(path))


def private_faults(path, text):
    """A comment covers the declarations that follow it without a blank line between them. Inline bodies speak."""
    covered = -1
    for begin, end, head in declarations(text):
        line, function = line_of(text, begin), call_like(head)
        is_covered = bool(doc_before(text, begin)) or line == covered + 1
        if is_covered:
            covered = line_of(text, end)
        elif function and not head.startswith(("static inline", "_Static_assert")):
            yield Hit(path, line, f"{function[0]}: no comment before it")
