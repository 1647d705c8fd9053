# SPDX-License-Identifier: MIT
"""Who builds the same sources gets the same programs, wherever that is done."""

import os
import shutil
import subprocess

import pytest

from harness.build import SOURCE

pytestmark = pytest.mark.once

PROGRAMS = ["src/hsu/hsu", "src/shim/hakurei-shim", "src/cli/hakurei"]
PARTS = ["meson.build", "meson_options.txt", "LICENSE", "src", "tools", "man", "protocol", "data",
         "completions"]


def build(root, build_name, env):
    """Builds a copy of the sources, and returns the bytes of each program."""
    root.mkdir(parents=True)
    for name in PARTS:
        if (SOURCE / name).is_dir():
            shutil.copytree(SOURCE / name, root / name, copy_function=shutil.copyfile)
            for path in (root / name).rglob("*.sh"):
                path.chmod(0o755)
        elif (SOURCE / name).exists():
            shutil.copyfile(SOURCE / name, root / name)
    directory = root / build_name
    for command in (["meson", "setup", directory, root, "--prefix=/usr", "-Dtests=false"],
                    ["ninja", "-C", directory, *PROGRAMS]):
        done = subprocess.run(command, check=False, capture_output=True, text=True,
                              env={**os.environ, **env})
        assert done.returncode == 0, done.stdout + done.stderr
    return {name: (directory / name).read_bytes() for name in PROGRAMS}


def test_two_builds_in_two_directories_have_the_same_bytes(work_dir):
    one = build(work_dir / "one", "build", {"TZ": "UTC", "LC_ALL": "C"})
    two = build(work_dir / "another" / "deeper" / "place", "out/of/here",
                {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"})
    for name in PROGRAMS:
        same = one[name] == two[name]  # not in the assertion, which would print them
        assert same, name
        assert str(work_dir).encode() not in one[name], name
