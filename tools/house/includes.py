"""Includes point down: each room to the rooms that its room() call lists, the command to the public headers."""
import re

from .source import Hit, line_of, without_comments

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def room_fault(tree, room, kind, target):
    """What is wrong with an include of src/<room>, or ""."""
    uses = tree.rooms().get(room)
    if kind == "<":
        return ""
    if "/" not in target:
        return f'"{target}": write "{room}/{target}"'
    other = target.split("/")[0]
    if other == room:
        return ""
    if target.endswith("_priv.h"):
        return f'"{target}" is for the files of {other} only'
    if uses is not None and other not in uses:
        return f'"{target}": room {room} does not list {other} under USES'
    return ""


def outside_fault(tree, folder, kind, target):
    """What is wrong with an include of cli/ or examples/, or ""."""
    if kind == "<" or tree.has(f"{folder}/{target}") or tree.has(target) and target.startswith(folder + "/"):
        return ""
    return f'"{target}": {folder} includes <savor/...> and its own headers only'


def check(tree):
    for path in tree.below("src", "cli", "examples", "include"):
        text = without_comments(tree.read(path))
        top, room = path.split("/")[0], path.split("/")[1]
        for m in INCLUDE.finditer(text):
            kind, target = m.groups()
            if ".." in target.split("/"):
                fault = f'"{target}": no ".." in an include'
            elif top == "src":
                fault = room_fault(tree, room, kind, target)
            elif top == "include":
                fault = "" if kind == "<" else f'"{target}": write <{target}>'
            else:
                fault = outside_fault(tree, top, kind, target)
            if fault:
                yield Hit(path, line_of(text, m.start()), fault)
    for room, uses in tree.rooms().items():
        for other in uses:
            if other == room or not tree.has(f"src/{other}"):
                yield Hit(f"src/{room}/CMakeLists.txt", 1, f"USES {other}: no other room of that name")
