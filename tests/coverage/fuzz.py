#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fuzz.py BUILD TARGET DIRECTORY...: gives each fuzz target the inputs of the directories, and says
how much of the code that it is about was reached. TARGET is one of SOURCES; BUILD was configured
with -Db_coverage=true."""

import json
import subprocess
import sys
from pathlib import Path

# What each is about: the parser, not what it is linked with.
SOURCES = {
    "channel": ["channel/channel.c"],
    "config": ["config/check.c", "config/examine.c", "config/locate.c", "config/parse.c",
               "config/print_json.c", "config/print_short.c", "config/reader.c",
               "config/reader_lists.c", "config/validate.c"],
    "dbus_address": ["dbus/address.c"],
    "hsurc": ["hsu/parse.c"],
    "id": ["base/id.c"],
    "overrides": ["config/merge.c"],
    "state": ["store/document.c", "store/plain.c", "store/values.c"],
    "subuid": ["monitor/getsubids.c", "monitor/subid.c"],
    "wire": ["plan/wire.c"],
}


def reached(build, source):
    """(lines, of how many), (branches, of how many), and the numbers of the lines missed."""
    # Of the target's own objects, or of a library's.
    counters = [*build.glob(f"tests/fuzz/*/*src_{source.replace('/', '_')}.gcda"),
                *build.glob(f"src/{Path(source).parent}/*/{Path(source).name}.gcda")]
    assert len(counters) == 1, f"{source}: {counters}"
    report = subprocess.run(["gcov", "-b", "-j", "-t", counters[0]], cwd=build, check=True,
                            capture_output=True, text=True).stdout
    file = next(file for file in json.loads(report)["files"] if file["file"].endswith(source))
    lines = file["lines"]
    branches = [branch["count"] for line in lines for branch in line["branches"]]
    return ((sum(line["count"] > 0 for line in lines), len(lines)),
            (sum(count > 0 for count in branches), len(branches)),
            [line["line_number"] for line in lines if line["count"] == 0])


def main():
    build, target, directories = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    for path in build.glob("**/*.gcda"):
        path.unlink()
    subprocess.run([build / "tests" / "fuzz" / f"fuzz-{target}", *directories], check=True,
                   stderr=subprocess.DEVNULL)
    totals = [0, 0, 0, 0]
    for source in SOURCES[target]:
        lines, branches, missed = reached(build, source)
        totals = [a + b for a, b in zip(totals, (*lines, *branches))]
        if missed:
            print(f"       src/{source}: not reached: {', '.join(map(str, missed))}")
    print("{}: {} of {} lines, {} of {} branches".format(target, *totals))


main()
