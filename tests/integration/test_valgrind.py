# SPDX-License-Identifier: MIT
"""hakurei under valgrind: no memory lost, no value used that nobody has set, and no descriptor left
open at the end. What it starts (hsu, the shim) is outside.

valgrind before 3.21 has no pidfd_open, and none has a clone3 that makes namespaces: then a start
ends where the first of them is needed, with a refusal that says so, and what is seen is how hakurei
takes back what it has done until there. Of whole starts, the leak sanitizer sees the memory
(tools/check-deep.sh), and test_descriptors.py the descriptors.
"""

import re
import shutil
from pathlib import Path

import pytest

from harness.run import start_as
from harness.users import BACKEND

FOUND = 97  # a status that nobody else gives
SUPPRESSIONS = Path(__file__).parents[1] / "analyze" / "valgrind.supp"
# By backend: the first call of a start that valgrind does not know.
NOT_THERE = {
    "hsu": "cannot open a descriptor of the shim: Function not implemented",
    "subuid": "cannot create a user namespace: Function not implemented",
}[BACKEND]


@pytest.fixture
def watched(person, work_dir):
    """watched(words of hakurei...): a Result, of a run in which valgrind found nothing."""
    if not shutil.which("valgrind"):
        pytest.skip("no valgrind")
    place = work_dir / "valgrind"
    place.mkdir(exist_ok=True)
    place.chmod(0o1777)
    suppressions = place / "suppressions"
    shutil.copy(SUPPRESSIONS, suppressions)
    suppressions.chmod(0o644)

    def run(*words):
        running = start_as(person.user, [
            "valgrind", "--leak-check=full", "--show-leak-kinds=all",
            "--errors-for-leak-kinds=all", "--track-fds=yes", f"--error-exitcode={FOUND}",
            f"--suppressions={suppressions}", f"--log-file={place}/%p", *person.command(*words)])
        result = running.wait(timeout=120)
        # Those of its children that end without an exec have no more to say than we have.
        log = (place / str(running.pid)).read_text()
        assert result.status != FOUND, log
        assert "ERROR SUMMARY: 0 errors" in log, log
        # Standard streams, and the log itself.
        assert re.search(r"FILE DESCRIPTORS: 4 open \(3 std\) at exit", log), log
        return result

    return run


@pytest.mark.parametrize("words", [
    ["--version"], ["help", "run"], ["ps"], ["template"], ["doctor"], ["recover"],
], ids=lambda words: words[0])
def test_a_command_ends_with_nothing_left(watched, words):
    watched(*words)


def test_a_configuration_is_read_shown_and_checked_with_nothing_left(watched, person):
    config = person.config("true")
    assert watched("check", config).status == 0
    assert watched("show", config).status == 0
    bad = person.write('{"identity": 10001, "container": {"filesystem": [{"type": "no"}]}}')
    assert watched("check", bad).status != 0


def test_a_start_leaves_nothing(watched, person):
    for words in (["run", "true"], ["app", person.config("true")]):
        result = watched(*words)
        assert result.status == 0 or NOT_THERE in result.stderr
