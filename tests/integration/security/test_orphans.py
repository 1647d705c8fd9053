# SPDX-License-Identifier: MIT
"""Processes of a target whose parent dies, or whom another process of the same uid attacks."""

import errno
import os
import time
from pathlib import Path

import pytest

from harness.container import box, place, syscall_numbers  # noqa: F401
from harness.desktop import roles
from harness.launchers import ONE_FAILING_CALL
from harness.processes import processes_of
from harness.run import run_as
from harness.users import BACKEND, ROOT, User

SOURCE = Path(__file__).resolve().parent.parent / "standin/attack.c"
SYSCALLS = syscall_numbers()


@pytest.mark.parametrize("name, least", [("close_range", 4), ("prctl", 8)])
def test_a_parent_that_dies_before_its_child_has_set_up_leaves_no_orphan(box, place, compile_c,
                                                                         name, least):
    """Between the clone and the parent-death signal, and at the calls around: whoever makes the
    call has lost its parent just before. The person could not end a process of the target's."""
    launcher, log = compile_c(ONE_FAILING_CALL), place / "log"
    box.run_by(launcher, SYSCALLS[name], "0", log, *box.argv(box.config(), "exit", "0"))
    calls = int(log.read_text())
    assert calls >= least
    argv = box.argv(box.config(), "sleep", "1000")
    for count in range(1, min(calls, 15) + 1):
        box.run_by(launcher, SYSCALLS[name], f"{count}o", log, *argv)
        # The shim, whose parent is the one that we wait for, takes its container along.
        deadline = time.monotonic() + 1
        while processes_of(box.user.target_uids) and time.monotonic() < deadline:
            time.sleep(0.005)
        assert processes_of(box.user.target_uids) == [], count
    recovered = run_as(box.user, [box.prefix.hakurei, "recover"])
    assert recovered.status == 0, recovered


def inside_map(pid, name):
    """The one id that is mapped in the user namespace of a process, as it is called in there."""
    with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
        [line] = file.read().splitlines()
    return line.split()[0]


def test_who_has_escaped_can_take_over_neither_shim_nor_init(box, compile_c):
    """A process that has got out to where the shim is: as the uid and in the namespaces of it."""
    program = compile_c(SOURCE)

    def attack(pid):
        shim = found["shim"]
        if BACKEND == "subuid":
            result = run_as(ROOT, ["nsenter", "--user", "--target", shim,
                                   "--setuid", inside_map(shim, "uid_map"),
                                   "--setgid", inside_map(shim, "gid_map"), program, pid])
        else:
            ids = os.stat(f"/proc/{found['program']}")
            escaped = User("escaped", ids.st_uid, ids.st_gid, Path("/"), Path("/"), -1, {})
            result = run_as(escaped, [program, pid])
        return {way: int(code) for way, code in map(str.split, result.stdout.splitlines())}

    with box.running(box.config(), ["wait"]) as (running, _):
        found = roles(running.pid)
        assert os.stat(f"/proc/{found['program']}").st_uid == box.uid()
        for role in ("shim", "init"):
            ways = attack(found[role])
            assert len(ways) == 11
            assert set(ways.values()) <= {errno.EPERM, errno.EACCES}, (role, ways)
        # The program itself is what it has escaped from: there it gets in.
        assert attack(found["program"])["environ"] == 0
