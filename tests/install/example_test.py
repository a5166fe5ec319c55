#!/usr/bin/env python3
"""Install a build, then use it as a stranger would: pkg-config, CMake package, C++, the example, the command.

    example_test.py SOURCE BUILD CASE      CASE: a folder with model/, requests/01.json, expected/01.json
"""
import json
import os
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, CASE = (os.path.abspath(p) for p in sys.argv[1:4])


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def read_json(path):
    with open(os.path.join(CASE, path), encoding="utf-8") as f:
        return json.load(f)


def as_float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.prefix = cls.work + "/a prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        pc = [d for d, _, files in os.walk(cls.prefix) if "savor.pc" in files]
        cls.lib = os.path.dirname(pc[0])
        cls.env = dict(os.environ, PKG_CONFIG_PATH=pc[0], LD_LIBRARY_PATH=cls.lib)
        split = read_json("requests/01.json")["dataframe_split"]
        cls.words = [f"{name}={'' if value is None else repr(float(value))}"
                     for name, value in zip(split["columns"], split["data"][0])]
        cls.expected = read_json("expected/01.json")["predictions"][0]

    def flags(self, *which):
        """What a shell makes of $(pkg-config ...)."""
        return shlex.split(run("pkg-config", *which, "savor", env=self.env))

    def check_answer(self, program):
        printed = run(program, CASE + "/model", *self.words, env=self.env).split()
        self.assertEqual([as_float32(float(p)) for p in printed], [self.expected])

    def test_pkg_config(self):
        program = self.work + "/score"
        run(os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", SOURCE + "/examples/score.c",
            *self.flags("--cflags", "--libs"), "-o", program)
        self.check_answer(program)
        self.assertEqual(run("pkg-config", "--modversion", "savor", env=self.env), "0.1.0\n")

    def test_static(self):
        program = self.work + "/score_static"
        libs = [f for f in self.flags("--static", "--libs") if f != "-lsavor"]
        run(os.environ.get("CC", "cc"), "-std=c11", SOURCE + "/examples/score.c", *self.flags("--cflags"),
            self.lib + "/libsavor.a", *libs, "-o", program)
        self.check_answer(program)

    def test_cmake_package(self):
        folder = self.work + "/project"
        run("cmake", "-S", SOURCE + "/examples", "-B", folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", folder)
        self.check_answer(folder + "/score")

    def test_cplusplus(self):
        text = '#include <savor/savor.h>\n#include <cstdio>\nint main() { std::puts(savor_version()); }\n'
        with open(self.work + "/v.cc", "w", encoding="utf-8") as f:
            f.write(text)
        run(os.environ.get("CXX", "c++"), "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
            self.work + "/v.cc", *self.flags("--cflags", "--libs"), "-o", self.work + "/v")
        self.assertEqual(run(self.work + "/v", env=self.env), "0.1.0\n")

    def test_headers_stand_alone(self):
        folder = self.prefix + "/include/savor"
        for name in sorted(os.listdir(folder)):
            for compiler, language in (("CC", "c"), ("CXX", "c++")):
                run(os.environ.get(compiler, "cc" if language == "c" else "c++"), "-fsyntax-only", "-x", language,
                    "-Wall", "-Werror", "-include", f"{folder}/{name}", *self.flags("--cflags"), os.devnull)

    def test_command(self):
        out = run(self.prefix + "/bin/savor", "--version", env=self.env)
        self.assertIn("0.1.0", out)
        self.assertTrue(os.path.exists(self.prefix + "/share/man/man1/savor.1"))

    def test_code(self):
        """The installed command finds its Python part, wherever the tree was moved to."""
        moved = self.work + "/moved"
        shutil.copytree(self.prefix, moved, symlinks=True)
        env = {name: value for name, value in self.env.items() if name != "SAVOR_PYTHONPATH"}
        body = '{"dataframe_split": {"columns": ["a"], "data": [[1.5]]}}'
        for prefix in (self.prefix, moved):
            out = run(prefix + "/bin/savor", "models", "predict", "-m", SOURCE + "/tests/data/worker/plain",
                      "--python", sys.executable, env=env, cwd=self.work, input=body)
            self.assertEqual(json.loads(out), {"predictions": [1001.5]})

    def test_r(self):
        """Likewise its R part, with the library beside it; in a strict sandbox R itself is run."""
        folder = next(d for d, _, files in os.walk(self.prefix) if "main.R" in files)
        self.assertEqual(sorted(os.listdir(folder)), sorted(os.listdir(BUILD + "/R/savor/worker")))
        crate = self.work + "/crate"
        save = ('dir.create(f <- commandArgs(TRUE)); saveRDS(serialize(structure(function(d) d$a * 2, class = "crate"), '
                'NULL), file.path(f, "crate.bin")); library(jsonlite)')
        if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", save, crate], capture_output=True).returncode:
            self.skipTest("Rscript or its package jsonlite is not installed")
        with open(crate + "/MLmodel", "w", encoding="utf-8") as f:
            f.write("flavors:\n  crate: {}\n")
        env = {name: value for name, value in self.env.items() if name != "SAVOR_RPATH"}
        for sandbox in ("default", "strict"):
            out = run(self.prefix + "/bin/savor", "models", "predict", "-m", crate, "-t", "csv", "--sandbox", sandbox,
                      env=env, cwd=self.work, input="a\n1.5\n2\n")
            self.assertEqual(json.loads(out), [3, 4])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
