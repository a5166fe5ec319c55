"""The rules of the house that a program can check. One file per rule; each has check(tree) -> iterable of Hit."""
