#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Counts the tests in a record: count.py FORMAT FILE prints "PASSED FAILED SKIPPED".

meson   testlog.json of `meson test`; a program of cmocka tests counts as many
junit   what pytest --junit-xml writes
lines   a text that ends in "N passed, N failed"
"""

import json
import re
import sys
import xml.etree.ElementTree


def count_program(test):
    """One line of meson's record: the tests that the program says it ran, at least itself."""
    output = test.get("stdout", "") + test.get("stderr", "")

    def said(word):
        return sum(map(int, re.findall(rf"^\[\s*{word}\s*\] (\d+) test\(s\)", output, re.M)))

    if test["result"] == "SKIP":
        return 0, 0, 1
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    passed, failed, skipped = said("PASSED"), said("FAILED"), said("SKIPPED")
    if good and passed + skipped == 0:
        passed = 1
    if not good and failed == 0:
        failed = 1
    return passed, failed, skipped


def count_meson(text):
    rows = [count_program(json.loads(line)) for line in text.splitlines()]
    return [sum(column) for column in zip(*rows)] or [0, 1, 0]


def count_junit(text):
    suites = list(xml.etree.ElementTree.fromstring(text).iter("testsuite"))
    total, bad, skipped = (sum(int(suite.get(key, 0)) for suite in suites for key in keys)
                           for keys in (["tests"], ["failures", "errors"], ["skipped"]))
    return [max(total - bad - skipped, 0), bad, skipped]


def count_lines(text):
    match = re.search(r"^(\d+) passed, (\d+) failed$", text, re.M)
    return [int(match.group(1)), int(match.group(2)), 0] if match else [0, 1, 0]


def main():
    formats = {"meson": count_meson, "junit": count_junit, "lines": count_lines}
    try:
        with open(sys.argv[2], encoding="utf-8", errors="replace") as file:
            print(*formats[sys.argv[1]](file.read()))
    except FileNotFoundError:
        print(0, 1, 0)


if __name__ == "__main__":
    main()
