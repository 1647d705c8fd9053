# SPDX-License-Identifier: MIT
"""What a clumsy hand gives: each key of a configuration with values of every wrong type, and an
environment that is not as it should be. One line says what is wrong and where; nothing is left."""

import copy
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.person import CONFIG
from harness.run import run_as
from harness.snapshot import read_acl

ROWS = re.findall(
    r"^HK_FIELD\(\s*(\w+), (\w+), (\w+)",
    (Path(__file__).resolve().parents[2] / "src/config/field_rows.h").read_text(), re.MULTILINE)

# -- keys --------------------------------------------------------------------------------------

VALUES = {"boolean": True, "integer": 7, "fraction": 1.5, "string": "x", "array": [], "object": {},
          "null": None}
# What a type of the table takes. null is an absent key for some.
TAKES = {
    "TEXT": {"string"}, "PATH": {"null"}, "KIND": {"string"}, "BOOL": {"boolean"},
    "TRISTATE": {"boolean", "null"}, "INTEGER": {"integer"}, "TEXTS": {"array", "null"},
    "PATHS": {"array", "null"}, "PERMS": {"array", "null"}, "MOUNTS": {"array", "null"},
    "PAIRS": {"object", "null"}, "OBJECT": {"object", "null"}, "BOX": {"object", "null"},
}
MOUNTS = {
    "BIND": {"type": "bind", "src": "/usr"},
    "EPHEMERAL": {"type": "ephemeral", "dst": "/x"},
    "OVERLAY": {"type": "overlay", "dst": "/x", "lower": ["/l"], "upper": "/u", "work": "/w"},
    "LINK": {"type": "link", "dst": "/x", "linkname": "y"},
}


def placed(section, key, value):
    """A good configuration but for the key, and the key's place in it."""
    document = copy.deepcopy(CONFIG)
    if section in ("TOP", "PROGRAM"):
        document[key] = value
        return document, key
    if section == "CONTAINER":
        document["container"][key] = value
        return document, f"container.{key}"
    if section == "ENABLEMENTS":
        document["enablements"] = {key: value}
        return document, f"enablements.{key}"
    if section == "BUS":
        document["system_bus"] = {"filter": True, key: value}
        return document, f"system_bus.{key}"
    if section == "PERM":
        document["extra_perms"] = [{"path": "/srv", key: value}]
        return document, f"extra_perms[0].{key}"
    mounts = document["container"]["filesystem"]
    mounts.append({**MOUNTS[section], key: value})
    return document, f"container.filesystem[{len(mounts) - 1}].{key}"


def test_each_key_with_a_value_of_each_wrong_type_is_one_line_that_names_it(person):
    """All files in one call: a start stops at the first line that check would say."""
    assert len(ROWS) > 60 and {kind for _, _, kind in ROWS} == set(TAKES)
    expected = {}
    for section, key, kind in ROWS:
        for name in VALUES.keys() - TAKES[kind]:
            document, place = placed(section, key, VALUES[name])
            expected[str(person.write(json.dumps(document)))] = (place, name)
    result = person.run("check", *expected)
    assert (result.status, result.stderr) == (1, "")
    lines = [line for line in result.stdout.splitlines() if ": warning: " not in line]
    assert len(lines) == len(expected)
    for line, (file, (place, name)) in zip(lines, expected.items()):
        assert line.startswith(f"{file}:1:") and f" {place}: " in line, (name, line)


def test_a_byte_order_mark_is_named_for_nobody_sees_it(person):
    path = person.write(b"\xef\xbb\xbf" + person.config().read_bytes())
    result = person.run("app", path)
    assert result.stderr == (
        f"hakurei: {path}: line 1, column 1: a byte order mark, which JSON does not have\n")


# -- the environment ---------------------------------------------------------------------------

DEEP = "/a" * 20000
BAD = [
    ("XDG_RUNTIME_DIR", "/nowhere", "XDG_RUNTIME_DIR: cannot open '/nowhere': No such file"),
    ("XDG_RUNTIME_DIR", "/dev/null", "XDG_RUNTIME_DIR: cannot use '/dev/null': Not a directory"),
    ("XDG_RUNTIME_DIR", "/", "XDG_RUNTIME_DIR: cannot create directory '/hakurei': Permission denied"),
    ("XDG_RUNTIME_DIR", DEEP, "XDG_RUNTIME_DIR is longer than 4095 bytes"),
    ("XDG_RUNTIME_DIR", "/tmp/\udcff", "cannot save '/tmp/\\xff/hakurei': not valid UTF-8"),
    ("TMPDIR", "/nowhere", "TMPDIR: cannot open '/nowhere': No such file"),
    ("TMPDIR", "/etc/passwd", "TMPDIR: cannot use '/etc/passwd': Not a directory"),
    ("TMPDIR", DEEP, "TMPDIR is longer than 4095 bytes"),
    ("PATH", None, "cannot look up executable file 'true' (PATH is not set): No such file"),
    ("PATH", "/nowhere", "cannot look up executable file 'true': No such file"),
]


@pytest.mark.parametrize("name,value,text", BAD, ids=lambda value: str(value)[:20])
def test_a_variable_that_cannot_be_meant_is_one_line(person, name, value, text):
    result = run_as(person.user, [person.prefix.hakurei, "run", "true"], env={name: value},
                    timeout=5)
    assert (result.status, result.stdout) == (127 if name == "PATH" else 125, "")
    assert result.stderr.startswith(f"hakurei: {text}") and result.stderr.count("\n") == 1, result


# -- a full disk, a broken store ---------------------------------------------------------------

def test_with_any_number_of_free_inodes_it_works_or_says_why_not(person, work_dir):
    """What an identity's instances share is made at its first start, part by part."""
    place = work_dir / "small"
    place.mkdir()
    statuses = []
    for inodes in range(1, 14):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=1777,nr_inodes={inodes}", "tmpfs", place],
                       check=True)
        try:
            result = person.run("run", "true", timeout=5, env={"TMPDIR": str(place)})
            shared = [path for path in place.rglob("*") if read_acl(path)]
        finally:
            subprocess.run(["umount", place], check=True)
        statuses.append(result.status)
        if result.status:
            assert result.status == 125 and result.stderr.endswith(": No space left on device\n")
            assert str(place) in result.stderr and result.stderr.count("\n") == 1, result
        assert shared == [] and person.leftovers() == [], (inodes, shared)
    place.rmdir()
    assert statuses == sorted(statuses, reverse=True) and set(statuses) == {0, 125}


LOCKS = {
    "a directory": (lambda path: path.mkdir(), "Is a directory"),
    "a pipe": (os.mkfifo, "is not a plain file"),
    "a link": (lambda path: path.symlink_to("/dev/null"), "Too many levels of symbolic links"),
    "root's": (lambda path: path.touch(0o600), "Permission denied"),
}


@pytest.mark.parametrize("what", LOCKS)
def test_a_lock_that_is_none_is_named_with_its_place(person, what):
    make, text = LOCKS[what]
    person.run("run", "true")
    lock = person.store / "lock"
    lock.unlink()
    make(lock)
    if what != "root's":
        os.lchown(lock, person.user.uid, person.user.gid)
    for command in (["run", "true"], ["ps"], ["recover"]):
        result = person.run(*command, timeout=5)
        assert (result.status, result.stdout, result.stderr.count("\n")) == (125, "", 1), result
        assert result.stderr.startswith("hakurei: state directory: ") and text in result.stderr
