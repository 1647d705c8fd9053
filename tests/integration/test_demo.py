# SPDX-License-Identifier: MIT
"""What `make run` shows to somebody who cannot become root. As root it is the same with hsu."""

import os
import re
import shutil
from pathlib import Path

import pytest

from harness.run import run_as

TOOLS = Path(__file__).resolve().parents[2] / "tools"
# What the script would build first. The tree below says that it is built already.
OPTIONS = "--prefix=/opt/hakurei-demo -Dhsurc=/opt/hakurei-demo/etc/hsurc -Dtests=false"

pytestmark = pytest.mark.once


@pytest.fixture
def clone(person, build_dir):
    root = person.make("clone", 0o755)
    built = root / "build/run"
    (root / "tools").mkdir()
    for name in ("run.sh", "lib.sh", "person.sh"):
        shutil.copy(TOOLS / name, root / "tools")
    for name in ("src/cli/hakurei", "src/shim/hakurei-shim"):
        (built / name).parent.mkdir(parents=True)
        shutil.copy(build_dir / name, built / name)
    (built / "build.ninja").write_text("build all: phony\n")
    (built / "hk-options").write_text(f"{root}  {OPTIONS}\n")
    for directory, _, files in os.walk(root):
        for path in (directory, *(os.path.join(directory, file) for file in files)):
            os.chown(path, person.user.uid, person.user.gid)
    return root


def test_who_cannot_become_root_sees_it_at_work_and_nothing_stays(person, clone):
    before = set(os.listdir(person.user.env["TMPDIR"]))
    result = run_as(person.user, [clone / "tools/run.sh"], env={"CC": None})
    assert (result.status, result.stderr) == (0, ""), result
    uid = person.user.subordinate + 7
    assert f"outside that is {uid}\n" in result.stdout
    assert len(re.findall(f"^  outside  uid {uid} ", result.stdout, re.MULTILINE)) == 3
    assert result.stdout.endswith(f"ended    status 0; processes of uid {uid} left: 0\n")
    assert set(os.listdir(person.user.env["TMPDIR"])) == before
