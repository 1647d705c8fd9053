# SPDX-License-Identifier: MIT
"""Where descriptors, processes, memory or programs are not to be had: an error that says so, nothing
left, and nobody dies of a signal."""

import os
import resource
import time
import subprocess
import sys

import pytest

from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.desktop import ALL, servers  # noqa: F401
from harness.processes import processes_of
from harness.run import start_as
from harness.sound import sound  # noqa: F401

WORKED = 7
OURS = ("hakurei: ", "hakurei-shim: ", "hsu: ")
# What the dynamic loader says when it comes no further than that.
LOADER = "error while loading shared libraries"
SET_AND_EXECUTE = """
import os, resource, signal, sys
for name in ("SIGXFSZ", "SIGPIPE"):  # which Python ignores, and so would we
    signal.signal(getattr(signal, name), signal.SIG_DFL)
limit = int(sys.argv[2])
resource.setrlimit(int(sys.argv[1]), (limit, limit))
os.execv(sys.argv[3], sys.argv[3:])
"""


def limited(person, what, limit, *args, env=None):
    """hakurei with a limit. Set in the process that becomes hakurei."""
    argv = [sys.executable, "-c", SET_AND_EXECUTE, what, limit, *person.command(*args)]
    running = start_as(person.user, argv, env=env, stdin=subprocess.DEVNULL)
    return running.wait(timeout=20)


def check(person, result, where):
    """It worked, or said why not; in both cases nothing is left."""
    lines = result.stderr.splitlines()
    if result.status != WORKED:
        assert result.status == 125 or LOADER in result.stderr, (where, result)
        errors = [line for line in lines if "warning: " not in line]
        assert errors, (where, result)
        assert all(line.startswith(OURS) or LOADER in line for line in errors), (where, result)
    person.wait_for_no_process()
    assert person.leftovers() == [], (where, result)
    return result.status == WORKED


def sweep(person, what, limits, *args, env=None):
    """The limits with which it has worked."""
    return [limit for limit in limits
            if check(person, limited(person, what, limit, *args, env=env), limit)]


def program(person, **keys):
    return person.probe_config("exit", WORKED, **keys)


def test_with_any_number_of_descriptors_it_works_or_says_why_not(person):
    config = program(person, extra_perms=[{"path": str(person.user.home), "x": True}])
    worked = sweep(person, resource.RLIMIT_NOFILE, range(3, 48), "app", config)
    # Once there are enough there are enough.
    assert worked and worked == list(range(worked[0], 48)), worked


def with_all(servers):  # noqa: F811
    """A person, a configuration with every service and its environment; the servers are as they
    shall be again."""
    person = servers.person
    config = program(person, enablements=ALL, id="org.example.All",
                     container={"share_tmpdir": True, "map_real_uid": True})
    env = servers.env()
    assert person.run("app", config, env=env).status == WORKED
    servers.remember()
    return person, config, env


def test_with_any_number_of_descriptors_servers_are_left_as_they_were(servers):  # noqa: F811
    person, config, env = with_all(servers)
    worked = sweep(person, resource.RLIMIT_NOFILE, range(3, 64), "app", config, env=env)
    assert worked and worked == list(range(worked[0], 64)), worked
    servers.check_as_remembered()


def test_with_any_number_of_processes_it_works_or_says_why_not(servers):  # noqa: F811
    person, config, env = with_all(servers)
    mine = len(processes_of({person.user.uid}))
    limits = [*range(0, 4), *range(mine, mine + 24)]
    worked = sweep(person, resource.RLIMIT_NPROC, limits, "app", config, env=env)
    assert worked and len(worked) < len(limits), worked
    servers.check_as_remembered()


def test_without_room_for_a_byte_in_a_file_it_says_so(person):
    result = limited(person, resource.RLIMIT_FSIZE, 0, "app", program(person))
    assert not check(person, result, "FSIZE")
    assert "File too large" in result.stderr


@pytest.mark.parametrize("name,limits", [
    ("STACK", [1 << shift for shift in range(16, 24)]),
    ("AS", [number << 20 for number in (4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 32, 64)]),
    ("DATA", [number << 16 for number in (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)]),
    ("SIGPENDING", [0, 1]), ("MEMLOCK", [0]), ("MSGQUEUE", [0]), ("CORE", [0])])
def test_with_little_memory_it_works_or_says_why_not(person, name, limits):
    """Where the kernel and the loader get a program started at all."""
    what = getattr(resource, f"RLIMIT_{name}")
    possible = [limit for limit in limits if limited(person, what, limit, "version").status == 0]
    assert possible
    worked = sweep(person, what, possible, "app", program(person))
    assert worked, possible


# -- programs that are missing ----------------------------------------------------------------------

TOOLS = ["newuidmap", "newgidmap"]


@pytest.fixture
def tools(work_dir):
    """A directory for PATH, with links to both programs."""
    path = work_dir / "tools"
    path.mkdir()
    path.chmod(0o755)
    for name in TOOLS:
        (path / name).symlink_to(f"/usr/bin/{name}")
    yield path
    for name in os.listdir(path):
        (path / name).unlink()
    path.rmdir()


def through_subuid(person, path):
    """The static probe, so that nothing else is looked for in PATH."""
    return person.run("app", "--backend", "subuid", program(person), env={"PATH": str(path)})


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_of_the_subuid_backend_that_is_missing_is_named(person, tools, name):
    assert through_subuid(person, tools).status == WORKED
    (tools / name).unlink()
    result = through_subuid(person, tools)
    assert result.status == 125 and f"'{name}' is not in your PATH" in result.stderr, result
    assert result.stderr.count("\n") == 1 and person.leftovers() == []


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$", "exit 0"])
def test_a_tool_of_the_subuid_backend_that_fails_stops_the_start(person, tools, name, script):
    """Also one that says it had worked."""
    (tools / name).unlink()
    (tools / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    (tools / name).chmod(0o755)
    result = through_subuid(person, tools)
    assert result.status == 125, result
    assert result.stderr.startswith("hakurei: ") and result.stderr.count("\n") == 1, result
    person.wait_for_no_process()
    assert person.leftovers() == []


def test_a_tool_of_the_subuid_backend_that_never_ends_is_not_waited_for(person, tools):
    (tools / "newuidmap").unlink()
    (tools / "newuidmap").write_text("#!/bin/sh\nPATH=/usr/bin:/bin\nexec sleep 1000\n")
    (tools / "newuidmap").chmod(0o755)
    before = time.monotonic()
    result = through_subuid(person, tools)
    assert result.status == 125 and "newuidmap" in result.stderr, result
    assert 4 < time.monotonic() - before < 15
    person.wait_for_no_process()
    assert person.leftovers() == []
