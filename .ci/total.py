"""Adds up what the test runs say of themselves, in a line like pytest's own. A skipped test or an empty run fails."""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path

empty = []
totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
for path in map(Path, sys.argv[1:]):
    suites = list(xml.parse(path).getroot().iter("testsuite"))  # noqa: S314  # written by pytest a moment ago
    counts = {name: sum(int(suite.get(name, 0)) for suite in suites) for name in totals}
    totals = {name: totals[name] + counts[name] for name in totals}
    if not counts["tests"]:
        empty.append(path.stem)
    print(f"{path.stem}: {counts['tests']} tests, {counts['skipped']} skipped")

failed = totals["failures"] + totals["errors"]
passed = totals["tests"] - failed - totals["skipped"]
print(f"{passed} passed, {failed} failed, {totals['skipped']} skipped")
sys.exit(1 if failed or totals["skipped"] or empty or not passed else 0)
