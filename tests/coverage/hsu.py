#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hsu.py DIRECTORY: runs the tests of hsu against a setuid hsu that counts, and fails if a line, a
branch or a message of it was never reached that is not listed here with the reason. DIRECTORY is
made anew. Takes root, like the tests."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))

# Tests of what libc and the linker make of it, not of the sources.
LEFT_OUT = ("not opens_the_hsurc_file_and_nothing_else "
            "and not installed_program_has_exactly_its_mode")

# What no caller can reach. The text of the line: why.
BRANCHES = {
    "for (; *words && line->length + 10 < sizeof(line->text); words++) {":
        "the words are ours, and fit: a second line of defence",
    "demand(argc >= 1 && argv[0], \"started without a name\");":
        "Linux starts no program without since 5.18; test_no_arguments_at_all_is_refused calls "
        "main",
    "require(target >= 10000 && target <= TARGET_MAX, \"uid # is out of range\", target);":
        "userid and identity are in range, see _Static_assert: a second line of defence",
    "demand(HK_PATH_HAKUREI[0] == '/' && HK_PATH_SHIM[0] == '/' && HK_PATH_HSURC[0] == '/',":
        "a matter of the build",
}
LINES = {
    "_exit(1); /* not reached: it fails or does not return */": "execve; the compiler is told",
}
MESSAGES = {
    "started without a name": BRANCHES[
        "demand(argc >= 1 && argv[0], \"started without a name\");"],
    "uid # is out of range": "see the branch",
    "built with a path that is not absolute":
        "needs a build of its own: test_a_compiled_in_path_that_is_not_absolute_is_refused",
}


def run_tests(directory):
    env = {**os.environ, "HK_HSU_COVERAGE": str(directory), "HK_MUST_RUN": "1"}
    command = ["/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider", "-q", "-k", LEFT_OUT,
               str(SOURCE / "tests" / "integration" / "test_hsu.py")]
    return subprocess.run(command, env=env, check=False).returncode


def parts(directory):
    """(line written, {source: counters}) of each hsu that ran; see standin/coverage.c."""
    data = (directory / "data").read_bytes()
    taken = int.from_bytes(data[:4], "little")
    size = 16384
    assert 0 < taken <= (len(data) - 4) // size, f"{taken} programs have counted"
    for number in range(taken):
        part = data[4 + number * size:4 + (number + 1) * size]
        rest = part[260:260 + int.from_bytes(part[256:260], "little")]
        counters = {}
        while rest:
            fields = []
            for _ in range(2):
                length = int.from_bytes(rest[:4], "little")
                fields.append(rest[4:4 + length])
                rest = rest[4 + length:]
            counters[Path(fields[0].decode()).name] = fields[1]
        yield part[:256].split(b"\0")[0].decode(errors="replace"), counters


def merge(directory, all_counters):
    """One set of counters out of all, beside the compiler's notes."""
    sums, one = directory / "sums", directory / "one"
    for counters in all_counters:
        into = one if sums.exists() else sums
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        for name, content in counters.items():
            (into / name).write_bytes(content)
        if into is one:
            subprocess.run(["gcov-tool", "merge", "-o", directory / "next", sums, one], check=True)
            shutil.rmtree(sums)
            (directory / "next").rename(sums)
    for path in sums.iterdir():
        shutil.copy(path, directory)


def missed(directory):
    """Lines and branches that were never reached, as (kind, source, number, text)."""
    names = sorted(path.name for path in directory.glob("*.gcda"))
    assert len(names) == 3, names
    subprocess.run(["gcov", "-b", "-j", *names], cwd=directory, check=True, capture_output=True)
    for report in sorted(directory.glob("*.gcov.json.gz")):
        for file in json.loads(gzip.decompress(report.read_bytes()))["files"]:
            text = Path(directory, file["file"]).read_text().splitlines()
            for line in file["lines"]:
                what = (Path(file["file"]).name, line["line_number"],
                        text[line["line_number"] - 1].strip())
                if line["count"] == 0:
                    yield ("line", *what)
                elif any(branch["count"] == 0 for branch in line["branches"]):
                    yield ("branch", *what)


def said(lines):
    """The messages among them, numbers as '#'."""
    return {re.sub(r"[0-9]+", "#", line[5:].rstrip("\n")) for line in lines
            if line.startswith("hsu: ")}


def main():
    directory = Path(sys.argv[1]).resolve()
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    failed = run_tests(directory) != 0
    # Under the tests' directory, because of what they import.
    from test_hsu import messages  # pylint: disable=import-outside-toplevel
    lines, counters = zip(*parts(directory))
    unlike = {tuple(sorted(each.items())): each for each in counters if each}
    merge(directory, unlike.values())
    known = {"line": LINES, "branch": BRANCHES}
    used = set()
    for kind, name, number, text in missed(directory):
        if text in known[kind]:
            used.add(text)
        else:
            print(f"not covered: {kind} {name}:{number}: {text}")
            failed = True
    heard = said(lines)
    for message in messages():
        plain = re.sub(r"[0-9]+", "#", message)
        if plain in heard and message in MESSAGES:
            print(f"listed, and was said: {message}")
            failed = True
        elif plain not in heard and message not in MESSAGES:
            print(f"never said: {message}")
            failed = True
    for text in sorted({*LINES, *BRANCHES} - used):
        print(f"listed, and covered: {text}")
        failed = True
    print(f"{len(counters)} runs of hsu, {len(unlike)} of them different; {len(messages())} messages,"
          f" {len(MESSAGES)} not reachable; lines and branches not reachable: {len(used)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
