#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds the rules of the source tree that no compiler knows.

    lint.py [--root DIR] [NAME...]     runs all checks, or those named
    lint.py --self-test                shows that each check can fail
    lint.py --sizes                    prints what is larger than usual; no check

One line a check, its findings below it, and at the end "N passed, N failed".
"""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import rules  # noqa: E402
import selftest  # noqa: E402
import sizes  # noqa: E402
from tree import Tree  # noqa: E402


def run(root, names):
    tree = Tree(root)
    failed = 0
    chosen = [check for check in rules.CHECKS if not names or check.__name__ in names]
    for check in chosen:
        findings = list(check(tree))
        failed += bool(findings)
        print(f"{'not ok' if findings else 'ok'} lint/{check.__name__}: {check.__doc__}")
        for finding in findings:
            print(f"    {finding}")
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parent.parent)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.self_test:
        return selftest.run()
    if args.sizes:
        return sizes.report(Tree(args.root))
    try:
        return run(args.root, args.names)
    except FileNotFoundError as error:
        print(f"lint: {error.filename} is not installed", file=sys.stderr)
        return 1
    except subprocess.SubprocessError as error:
        print(f"lint: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
