# SPDX-License-Identifier: MIT
"""The system call filters that processes live under, against those that were made when building.

What these are is for the unit tests of container/seccomp, number by number, and for the kernel's own
answers there. Here: each process of a container has just these two, byte for byte.
"""

import subprocess
from pathlib import Path

import pytest

from harness.container import box  # noqa: F401
from harness.person import children
from harness.processes import wait_until
from harness.run import start_as
from harness.users import BACKEND

pytestmark = pytest.mark.once

STANDIN = Path(__file__).resolve().parent / "standin/filters.c"

# Keys of a container, and the flags of the filters that they stand for.
OPTIONS = [
    ({}, []),
    ({"tty": True}, ["tty"]),
    ({"devel": True}, ["devel"]),
    ({"userns": True}, ["userns"]),
    ({"multiarch": True}, ["multiarch"]),
    ({"seccomp_compat": True}, ["compat"]),
    ({"tty": True, "devel": True, "userns": True, "multiarch": True, "seccomp_compat": True},
     ["tty", "devel", "userns", "multiarch", "compat"]),
]


@pytest.fixture
def made(build_dir):
    """made(flags): the pair, as a line of the stand-in has it; or the filters of these names."""
    def print_filters(flags, names=("first", "second")):
        words = [f"--{flag}" for flag in flags]
        return " ".join(subprocess.run(
            [build_dir / "src/container/seccomp/hakurei-filter", *words, "--raw", which],
            capture_output=True, check=True).stdout.hex() for which in names)
    return print_filters


@pytest.fixture
def loaded(compile_c):
    """loaded(pids): a line each."""
    program = compile_c(STANDIN)

    def ask(pids):
        done = subprocess.run([program, *map(str, pids)], capture_output=True, check=True,
                              text=True)
        return done.stdout.splitlines()
    return ask


def filters_in_force(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return [line.split()[1] for line in file if line.startswith("Seccomp_filters:")][0]


@pytest.mark.parametrize("options, flags", OPTIONS, ids=[" ".join(flags) or "strict"
                                                         for _, flags in OPTIONS])
def test_the_filters_in_force_are_the_ones_that_were_made(box, made, loaded, options, flags):
    with box.running(box.config(**options), ["wait"]) as (running, _):
        shim, init, program = children(running.pid)[-3:]
        # The shim is the last to close up: the program runs by then.
        wait_until(lambda: filters_in_force(shim) == "1", 5, "the filters of the shim")
        assert loaded([program, init, shim]) == [made(flags), made(flags), made([], ["watch"])]
        box.rest(running)


def test_the_filters_of_a_permissive_container_are_the_ones_that_were_made(box, made, loaded):
    """With what docs/configuration.md says of its defaults."""
    running = start_as(box.user, [box.prefix.hakurei, "run", "--backend", BACKEND, "--", "sh", "-c",
                                  "echo ready; read _"])
    try:
        assert running.stdout.readline() == "ready\n"
        assert loaded([children(running.pid)[-1]]) == [made(["userns", "tty"])]
    finally:
        result = running.wait("\n")
    assert (result.status, result.stderr) == (0, "")
