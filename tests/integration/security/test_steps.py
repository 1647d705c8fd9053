# SPDX-License-Identifier: MIT
"""A step of a start that fails stops the start: nothing is left out."""

import errno
import re

import pytest

from harness.container import (bind, box, ephemeral, link, make_dir, make_link,  # noqa: F401
                               mount_table, overlay, place, syscall_numbers)
from harness.launchers import FAILING_CALLS, ONE_FAILING_CALL

SYSCALLS = syscall_numbers()

# Everything that a start needs, after the target's uid is there. keyctl: ENOSYS would be a kernel
# without keyrings. landlock_create_ruleset: test_landlock.py.
STEPS = ["mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "pivot_root",
         "umount2", "mount", "sethostname", "capset", "prctl", "seccomp", "setsid", "close_range",
         "clone3", "keyctl", "symlinkat", "mkdirat", "openat2", "fchdir", "chdir", "rt_sigaction",
         "rt_sigprocmask", "landlock_restrict_self", "statx", "fstatfs", "flock", "readlinkat",
         "clone", "socketpair", "execve"]


def held(facts):
    """Of the facts, what keeps a program in."""
    mounts = [re.sub("[0-9a-f]{32}", "ID", line) for line in mount_table(facts)]
    return mounts, {name: value for name, value in facts.items()
                                if name.startswith("cap_") or name in (
                                    "no_new_privs", "seccomp", "seccomp_filters", "uids", "gids",
                                    "uid_map", "gid_map", "groups", "session")}


@pytest.fixture
def everything(box, place):
    """A configuration in which every kind of step occurs."""
    layers = [make_dir(place / name, owner=box.uid()) for name in ("one", "two", "upper", "work")]
    make_link(place / "link", "one")
    return box.config(overlay("/data", *layers[:2]),
                      overlay("/more", layers[0], upper=layers[2], work=layers[3]),
                      bind(place / "link", "/bound"), link("/new", "x"), ephemeral("/late"),
                      bind("/etc", "/etc", special=True), hostname="box", identity=0)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_fails_stops_the_start(box, everything, compile_c, name):
    """OpenShell #803, nsjail #344: what could not be applied was left out, and the program ran
    without it."""
    launcher = compile_c(FAILING_CALLS)
    before = box.host()
    failing = f"{SYSCALLS[name]}:{errno.EPERM}"
    outcome = box.run_by(launcher, failing, *box.argv(everything, "facts"))
    assert outcome.stdout == "" and outcome.status != 0, outcome
    assert outcome.stderr or name == "execve", outcome
    assert before.differences(box.host()) == []


# Some of the calls of prctl are newuidmap's own where that is used, and it does not mind.
@pytest.mark.parametrize("name", ["mount_setattr", "move_mount", "fsmount", "openat2", "seccomp",
                                  "open_tree",
                                  pytest.param("prctl", marks=pytest.mark.needs_hsu)])
def test_each_single_call_that_fails_stops_the_start(box, everything, place, compile_c, name):
    """The same for the first, second, third... call of a kind by any of our processes; where
    there are many, for some of them. What the monitor cannot open at once by openat2 it walks to;
    then the container is the same."""
    before = box.host()
    launcher, argv = compile_c(ONE_FAILING_CALL), box.argv(everything, "facts")

    def run(when):
        outcome = box.run_by(launcher, SYSCALLS[name], when, place / "log", *argv)
        return outcome, int((place / "log").read_text())

    outcome, count = run(0)
    assert outcome.status == 0 and outcome.answers and count > 0, outcome
    whole = outcome.answers[0]
    # The third and fourth filter are the shim's own, loaded when the program runs already.
    count = 2 if name == "seccomp" else count
    for number in sorted({1 + count * step // 15 for step in range(15)}):
        outcome, seen = run(number)
        assert seen >= number
        if name == "openat2" and outcome.status == 0:
            assert held(outcome.answers[0]) == held(whole), number
            continue
        assert outcome.stdout == "" and outcome.status != 0, (number, outcome)
    assert before.differences(box.host()) == []
