#!/usr/bin/env python3
"""tools/suites.py counts what ctest reports: passed, failed, skipped, and what never started."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))

from suites import Tally, add_junit  # noqa: E402

REPORT = """<?xml version="1.0"?>
<testsuite name="x">
<testcase name="a" status="run"><system-out>skipped: is only a word here</system-out></testcase>
<testcase name="b" status="fail"><failure message="Timeout"/><system-out/></testcase>
<testcase name="c" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/><system-out>x
skipped: no moon
</system-out></testcase>
<testcase name="d" status="notrun"><skipped message="Unable to find executable"/><system-out/></testcase>
<testcase name="e" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
</testsuite>
"""


class Suites(unittest.TestCase):
    def test_counts(self):
        tally = Tally()
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as f:
            f.write(REPORT)
            f.flush()
            add_junit(tally, "debug", f.name)
        self.assertEqual((tally.passed, tally.failed, tally.skipped), (1, 2, 2))
        self.assertEqual(tally.lines, ["failed: debug: b: Timeout", "skipped: debug: c: no moon",
                                       "failed: debug: d: Unable to find executable",
                                       "skipped: debug: e: no reason given"])


if __name__ == "__main__":
    unittest.main()
