#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An analyzer over every file of src, each once. Usage: each-file.py gcc|clang|clang-tidy BUILD [WORD...]

BUILD was configured for gcc, or for clang in the other cases, and built, for its generated headers.
Only files with one of the WORDs in their names. Ends with status 1 where there is a finding.
"""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
# What every file starts with, so that an analyzer knows what it cannot see; but not where it is
# made true.
KNOWS = SOURCE / "tests" / "analyze" / "knows.h"
NOT_FOR = SOURCE / "src" / "base" / "err.c"

NOT_WANTED = {"-Werror", "-fcolor-diagnostics", "-fdiagnostics-color=always"}

# A suppression is a row here, with its reason. Those of clang-tidy are in .clang-tidy.
CLANG_OFF = {
    # Does not understand the cleanup attribute: whatever HK_AUTO frees is a leak to it. Leaks are
    # valgrind's and the leak sanitizer's to find.
    "unix.Malloc",
}


def commands(build, words):
    """file, directory, arguments of the compiler: of the files that are ours."""
    seen = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = (Path(entry["directory"]) / entry["file"]).resolve()
        if not file.is_relative_to(SOURCE / "src") or not any(word in str(file) for word in words):
            continue
        argv = shlex.split(entry["command"])
        # The compiler's name is before, and what comes of it after; meson puts them like this.
        args = argv[1:argv.index("-MD")]
        seen.setdefault(file, (entry["directory"], [arg for arg in args if arg not in NOT_WANTED]))
    return [(file, *rest) for file, rest in sorted(seen.items())]


def gcc(args, file):
    return ["gcc", *args, "-fanalyzer", "-c", "-o", os.devnull, file]


def clang(args, file):
    """What scan-build runs, without the rest of it."""
    off = [f"-analyzer-disable-checker={name}" for name in sorted(CLANG_OFF)]
    return ["clang", "--analyze", "--analyzer-output", "text", *args,
            *(word for option in off for word in ("-Xclang", option)), file]


def clang_tidy(args, file):
    return ["clang-tidy", "--quiet", file, "--", *args]


ENGINES = {"gcc": gcc, "clang": clang, "clang-tidy": clang_tidy}


def analyze(engine, file, directory, args):
    """What is found in a file: text, empty is good."""
    if file != NOT_FOR:
        args = [*args, "-include", str(KNOWS), f"-I{SOURCE / 'src'}"]
    done = subprocess.run(engine(args, str(file)), cwd=directory, capture_output=True, check=False,
                          text=True)
    said = done.stdout + done.stderr
    if done.returncode != 0:
        return said or f"{file}: status {done.returncode}\n"
    # clang-tidy counts what it does not show, and has findings as errors; compilers are silent.
    return "" if engine is clang_tidy else said


def main():
    engine = ENGINES[sys.argv[1]]
    todo = commands(Path(sys.argv[2]), sys.argv[3:] or [""])
    if not todo:
        print(f"{sys.argv[2]} has nothing to analyze", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = [text for text in pool.map(lambda each: analyze(engine, *each), todo) if text]
    sys.stdout.write("".join(said))
    print(f"{len(todo)} files, {len(said)} with findings")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
