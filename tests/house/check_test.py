#!/usr/bin/env python3
"""tools/check finds what it should find, and nothing in code that only looks like it."""
import os
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOMS = {"src/base/CMakeLists.txt": "room(NAME base SOURCES a.c)\n",
         "src/data/CMakeLists.txt": "room(NAME data SOURCES b.c USES base)\n"}
NOTE = "TO" + "DO"

# (rule, {path: text}, the message that has to appear; "" for a clean tree)
CASES = [
    ("includes", {"src/base/a.c": '#include "../data/b.h"\n'}, 'src/base/a.c:1: "../data/b.h": no ".."'),
    ("includes", {"src/base/a.c": '\n#include "data/b.h"\n'}, "src/base/a.c:2: \"data/b.h\": room base does not list data"),
    ("includes", {"src/data/b.c": '#include "base/a.h"\n#include "data/b_priv.h"\n#include <savor/status.h>\n'}, ""),
    ("includes", {"src/data/b.c": '#include "base/a_priv.h"\n'}, "for the files of base only"),
    ("includes", {"src/data/b.c": '#include "b.h"\n'}, 'write "data/b.h"'),
    ("includes", {"src/data/b.c": '/* #include "../x.h" */\n// #include "text/x.h"\n'}, ""),
    ("includes", {"cli/main.c": '#include "base/a.h"\n'}, "cli includes <savor/...>"),
    ("includes", {"cli/main.c": '#include "option.h"\n', "cli/option.h": ""}, ""),
    ("includes", {"examples/score.c": '#include "data/b.h"\n'}, "examples includes <savor/...>"),
    ("calls", {"src/base/a.c": "int f(void)\n{\n    return atoi(x);\n}\n"}, "src/base/a.c:3: atoi is banned"),
    ("calls", {"src/base/a.c": '/* atoi(x) */ const char *s = "strcpy(a, b)"; // gets(x)\n'}, ""),
    ("calls", {"src/base/a.c": "void f(void) { o->free(p); sv_free(p); my_exit(1); o.printf(x); }\n"}, ""),
    ("calls", {"src/base/a.c": "void f(void) { free(p); }\n"}, "free only in src/base/alloc.c"),
    ("calls", {"src/base/alloc.c": "void f(void) { free(p); }\nstatic _Thread_local long n;\n"}, ""),
    ("calls", {"src/base/a.c": "void f(void) { fprintf(\n    stderr, x); }\n"}, "only cli/ writes to stdout or stderr"),
    ("calls", {"src/base/a.c": "void f(void) { abort(); }\n"}, "never ends the process"),
    ("calls", {"cli/main.c": "int main(void) { printf(x); exit(1); }\n"}, ""),
    ("calls", {"cli/main.c": "int main(void) { system(x); }\n"}, "system is banned"),
    ("calls", {"src/base/a.c": "static int n;\n"}, "static that changes: int n"),
    ("calls", {"src/base/a.c": "static const char *p = 0;\n"}, "static that changes: const char *p"),
    ("calls", {"src/base/a.c": "void f(void)\n{\n    static char room[4];\n}\n"}, "src/base/a.c:3: static that changes"),
    ("calls", {"src/base/a.c": "static const char *const P[] = {0};\nstatic const int n = 1;\nstatic int f(void);\n"
                               "static char *g(const char *s)\n{\n}\nstatic int (*const H[])(int) = {0};\n"
                               "_Static_assert(1, \"\");\n"}, ""),
    ("sizes", {"src/base/a.c": "int a;\n" * 801}, "801 lines; at most 800"),
    ("sizes", {"src/base/a.c": "int f(void)\n{\n" + "    x();\n" * 78 + "}\n"}, "src/base/a.c:1: f: 81 lines"),
    ("sizes", {"src/base/a.c": "int f(void)\n{\n" + "    x();\n" * 77 + "}\n"}, ""),
    ("sizes", {"src/base/a.c": "int f(void)\n{\n" + "    x();\n" * 78 + "}\n", "tools/limits.txt": "function f 81 a table\n"}, ""),
    ("sizes", {"src/base/a.c": "int f(void)\n{\n}\n", "tools/limits.txt": "function f 81 a table\n"}, "no longer over"),
    ("sizes", {"tools/limits.txt": "function f 81\n"}, "tools/limits.txt:1: not of the form"),
    ("sizes", {"src/base/a.c": "int f(int a, int b, int c, int d, int e, int g, savor_error *err)\n{\n}\n"}, ""),
    ("sizes", {"src/base/a.c": "int f(int a, int b, int c, int d, int e, int g, void (*h)(int, int))\n{\n}\n"},
     "f: 7 parameters"),
    ("sizes", {"src/base/a.c": "int f(void)\n{\n" + "if (x) {\n" * 5 + "}\n" * 5 + "}\n"}, "f: blocks 5 deep"),
    ("headers", {"include/savor/x.h": "/** A thing. */\ntypedef struct x x;\n\n/**\n * Make.\n *\n * a         in\n"
                 " * Units     none\n * Errors    none\n * Threads   safe\n * Source    none\n */\n"
                 "SAVOR_API int f(int a, char *err) SAVOR_MUST_CHECK;\n"}, ""),
    ("headers", {"include/savor/x.h": "SAVOR_API int f(int a);\n"}, "include/savor/x.h:1: f: no /** comment"),
    ("headers", {"include/savor/x.h": "/**\n * Make a.\n *\n * Units     none\n */\nSAVOR_API int f(int a);\n"},
     'f: its comment has no line "Threads"'),
    ("headers", {"include/savor/x.h": "/**\n * Make.\n *\n * Units  none\n * Errors  none\n * Threads  safe\n"
                 " * Source  none\n */\nSAVOR_API int f(int n_rows);\n"}, "says nothing of `n_rows`"),
    ("headers", {"include/savor/x.h": "typedef struct x x;\n"}, "typedef struct x x: no comment"),
    ("headers", {"src/base/a.h": "/** Both. */\nint f(void);\nint g(void);\nstatic inline int h(void) { return 1; }\n"}, ""),
    ("headers", {"src/base/a.h": "/** One. */\nint f(void);\n\nint g(void);\n"}, "src/base/a.h:4: g: no comment"),
    ("papers", {"src/base/a.c": f"/* {NOTE}: more */\n"}, f"src/base/a.c:1: {NOTE}"),
    ("papers", {"docs/a.md": "see " + "/work" + "/main\n"}, "a path of one machine"),
    ("papers", {"docs/a.md": "[x](b.md) [y](https://example.org/b.md) [z](#top)\n"}, "docs/a.md:1: link to b.md"),
    ("papers", {"ARCHITECTURE.md": "| `base` | x | nothing |\n| `data` | y | base |\n"}, ""),
    ("papers", {"ARCHITECTURE.md": "| `base` | x | nothing |\n| `data` | y | nothing |\n"}, "its room() call says ['base']"),
    ("papers", {"ARCHITECTURE.md": "| `base` | x | nothing |\n"}, "room data is missing"),
    ("papers", {"ARCHITECTURE.md": "`sv_gone`\n"}, "`sv_gone` is not in the code"),
    ("papers", {"ARCHITECTURE.md": "`unit/base/gone`\n"}, "`unit/base/gone`: no such test"),
    ("papers", {"ARCHITECTURE.md": "`unit/base/a` `unit/*` `fuzz/*/cut` `install/x`\n", "tests/unit/base/a_test.c": "",
                "tests/fuzz/b_fuzz.c": "", "tests/suites.cmake": "suite(install/x y)\n"}, ""),
    ("papers", {"ARCHITECTURE.md": "`server/a` `server/b` `corpus/c`\n", "tests/corpus/CMakeLists.txt": "add_test(NAME corpus/c COMMAND c)\n",
                "tests/server/CMakeLists.txt": "foreach(name a b)\n    suite(server/${name} x)\nendforeach()\n"}, ""),
    ("papers", {"ARCHITECTURE.md": "`server/gone`\n"}, "`server/gone`: no such test"),
    ("papers", {"ARCHITECTURE.md": "`sv_here`\n", "src/base/a.h": "int sv_here(void);\n"}, ""),
    ("papers", {"ARCHITECTURE.md": "`src/base/gone.c`\n"}, "no such file"),
]


class Check(unittest.TestCase):
    def test_cases(self):
        for rule, files, expected in CASES:
            with self.subTest(rule=rule, files=files), tempfile.TemporaryDirectory() as root:
                for path, text in {**ROOMS, **files}.items():
                    os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                    with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                        f.write(text)
                run = subprocess.run([sys.executable, TOP + "/tools/check", "--root", root, rule],
                                     capture_output=True, text=True)
                self.assertEqual(run.stderr, "")
                self.assertIn(expected, run.stdout)
                self.assertEqual(run.returncode, 1 if expected else 0, run.stdout)

    def check_symbols(self, text, expected):
        """Build `text` as the library that tools/check looks at."""
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(root + "/src")
            with open(root + "/a.c", "w", encoding="utf-8") as f:
                f.write(text)
            compiler = os.environ.get("CC", "cc")
            for words in ([compiler, "-c", "-fPIC", "-fvisibility=hidden", "a.c", "-o", "a.c.o"],
                          [compiler, "-shared", "a.c.o", "-o", "src/libsavor.so"], ["ar", "rc", "src/libsavor.a", "a.c.o"]):
                subprocess.run(words, cwd=root, check=True)
            run = subprocess.run([sys.executable, TOP + "/tools/check", "--build", root, "symbols"],
                                 capture_output=True, text=True)
            self.assertEqual(run.stderr, "")
            self.assertIn(expected, run.stdout)
            self.assertEqual(run.returncode, 1 if expected else 0, run.stdout)

    def test_symbols(self):
        api = '__attribute__((visibility("default"))) '
        clean = api + 'int savor_f(void) { return 1; }\nint sv_g(void) { return 2; }\n' \
            'static const char *const T[] = {"a"};\nconst char *sv_t(int i) { return T[i]; }\n'
        self.check_symbols(clean, "")
        self.check_symbols(clean + api + "int other(void) { return 1; }\n", "exports other")
        self.check_symbols(clean + "int loose(void) { return 1; }\n", "loose is shared between files")
        self.check_symbols(clean + "static int n;\nint sv_n(void) { return n++; }\n", "n in .bss: data that change")
        self.check_symbols(clean + "static int n = 1;\nint sv_n(void) { return n++; }\n", "n in .data: data that change")
        self.check_symbols(clean + "static _Thread_local int n;\nint sv_n(void) { return n++; }\n", "n in .tbss")


if __name__ == "__main__":
    unittest.main()
