#!/usr/bin/env python3
"""The manual names the options that --help names, no more and no fewer, and the variables that stand in for them.

    manual_test.py SAVOR MANUAL
"""
import re
import subprocess
import sys
import unittest

SAVOR, MANUAL = sys.argv[1:3]
COMMANDS = ("serve", "predict", "prepare-env", "inspect", "verify", "compare", "signature", "example", "schema")


def manual_options(text, verb):
    """The long options in the tags of a command's section."""
    section = re.search(r"^\.SS savor models %s\n(.*?)(?=^\.S[SH])" % verb, text, re.M | re.S)[1]
    tags = re.findall(r"^\.TP\n(.*)$", section, re.M)
    return {o for tag in tags for o in re.findall(r"--[a-z][a-z-]*", tag.replace("\\-", "-"))}


def help_text(verb):
    return subprocess.run([SAVOR, "models", verb, "--help"], capture_output=True, text=True, check=True).stdout


class Manual(unittest.TestCase):
    def setUp(self):
        with open(MANUAL, encoding="utf-8") as f:
            self.text = f.read()

    def test_options(self):
        for verb in COMMANDS:
            with self.subTest(verb=verb):
                shown = set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]*)", help_text(verb), re.M)) - {"--help"}
                self.assertTrue(shown)
                self.assertEqual(manual_options(self.text, verb), shown)

    def test_variables(self):
        for verb in COMMANDS:
            for name in re.findall(r"\b(?:MLFLOW|SAVOR)_[A-Z_]+\b", help_text(verb)):
                self.assertIn(name, self.text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
