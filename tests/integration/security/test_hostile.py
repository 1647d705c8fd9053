# SPDX-License-Identifier: MIT
"""A program that wants out (standin/hostile.c), in every kind of container: what it gets is
written down here, and it gets nothing else."""

import errno
import shutil
from pathlib import Path

import pytest

from harness.container import bind, box, link, place  # noqa: F401
from harness.run import run_as
from harness.terminal import Terminal
from harness.users import BACKEND

SOURCE = Path(__file__).resolve().parent.parent / "standin/hostile.c"

# Nothing happens: the kernel drops a signal to a namespace's init, and the payload itself says at
# its end that it is still there.
ALWAYS = {"kill-init", "end"}
# What a user namespace of its own is for: it may do as it likes with a copy of its mounts that nobody
# else sees, and with capabilities over nothing else.
OWN_NAMESPACE = {"ns:" + name for name in """
    mount-tmpfs chroot unshare-user unshare-mounts unshare-cgroup clone-user clone3-user open-tree
    fsopen fspick mount-setattr setuid setgid capset securebits kill-init
""".split()}
NAMESPACES = {"unshare-user", "clone-user", "clone3-user", *OWN_NAMESPACE}

# kind: (the container's part of a configuration, what succeeds)
KINDS = {
    "strict": ({}, set()),
    "tty": ({"tty": True}, set()),
    "device": ({"device": True}, set()),
    "host_net": ({"host_net": True}, set()),
    "map_real_uid": ({"map_real_uid": True}, set()),
    "shared": ({"share_runtime": True, "share_tmpdir": True}, set()),
    "multiarch": ({"multiarch": True}, set()),
    "userns": ({"userns": True}, NAMESPACES),
    "devel": ({"devel": True}, set()),
    "seccomp_compat": ({"seccomp_compat": True}, {"ring"}),
}


@pytest.fixture(scope="module")
def payload(box, compile_c):  # noqa: F811
    """Where `run` shows it, too."""
    path = box.prefix.path / "hostile"
    shutil.copy(compile_c(SOURCE), path)
    path.chmod(0o755)
    yield path
    path.unlink()


def results(text):
    """{name: errno} of what the payload has printed."""
    found = {}
    for line in text.replace("\r", "").splitlines():
        name, code = line.split(" ")
        assert name not in found, line
        found[name] = int(code)
    assert found.get("end") == 0, text  # it came to its end
    return found


def check(found, more=()):
    allowed = ALWAYS | set(more)
    assert {name for name, code in found.items() if code == 0} == allowed
    # What is refused for its form has not been tried.
    assert errno.EFAULT not in found.values()


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_program_gets_nothing_that_its_kind_of_container_does_not_give(box, payload, kind):
    """As the program of a configuration with one thing opened."""
    options, allowed = KINDS[kind]
    config = {**box.config(bind(payload, "/hostile"), **options), "path": "/hostile"}
    before = box.host(box.prefix.path)
    outcome = box.run({**config, "args": ["hostile"]})
    assert (outcome.status, outcome.stderr) == (0, ""), outcome
    check(results(outcome.stdout), allowed)
    assert before.differences(box.host(box.prefix.path)) == []


def test_a_hostile_program_of_the_host_gets_nothing_in_a_permissive_container(box, payload):
    result = run_as(box.user, [box.prefix.hakurei, "run", "--backend", BACKEND, "--", payload])
    assert (result.status, result.stderr) == (0, ""), result
    # It has user namespaces: browsers are among what is run like that.
    check(results(result.stdout), NAMESPACES)


@pytest.mark.parametrize("tty", [False, True])
def test_a_hostile_program_gets_nothing_out_of_a_terminal(box, payload, tty):
    config = {**box.config(bind(payload, "/hostile"), tty=tty), "path": "/hostile"}
    with Terminal(box.user) as terminal:
        terminal.start(box.argv({**config, "args": ["hostile"]}))
        shown = terminal.read_until("end 0\r\n", 20)
        assert terminal.end() == 0
    check(results(shown))


def test_the_same_program_gets_somewhere_without_a_container(box, payload):
    """So what is seen to fail above could have worked. (Typing: test_terminal.py.)"""
    found = results(run_as(box.user, [payload]).stdout)
    worked = {name for name, code in found.items() if code == 0}
    assert worked >= (NAMESPACES - {"ns:kill-init"}) | {
        "ring", "keyring", "add-key", "memory-policy", "higher-limit", "ns:remount-root-writable"}
