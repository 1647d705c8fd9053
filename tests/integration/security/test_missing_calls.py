# SPDX-License-Identifier: MIT
"""A kernel, or a launcher's filter, that lacks one system call.

A start then either makes the same container as ever, or it is refused with one line that names the
step. The tables say which; docs/kernel.md tells it to people, and a test compares.
"""

import errno
import json
import re
import shutil
from pathlib import Path

import pytest

from harness.container import (bind, ephemeral, make_dir, overlay, place,  # noqa: F401
                               read_answers, syscall_numbers)
from harness.desk import STAND_IN, buses, desk, stand_in  # noqa: F401
from harness.launchers import FAILING_CALLS, ONE_FAILING_CALL
from harness.run import run_as
from harness.snapshot import host_snapshot
from harness.users import BACKEND, ROOT

SYSCALLS = syscall_numbers()
PAGE = Path(__file__).resolve().parents[3] / "docs/kernel.md"
HSU = BACKEND == "hsu"

# What the line says where a call is missing that each start needs.
NEEDED = {
    "clone3": "namespace",
    "close_range": "prepare the start of hsu" if HSU else "execute the shim",
    "fsconfig": "make a tmpfs",
    "fsmount": "make a tmpfs",
    "fsopen": "make a tmpfs",
    "fstatfs": "look at",
    "getrandom": "get random bytes for the instance id",
    "keyctl": "join a session keyring",
    "landlock_restrict_self": "restrict with Landlock",
    "mount_setattr": ("set the flags of", "bind '/dev/full'"),
    "move_mount": "attach a mount to '/'",
    "open_tree": ("clone", "bind '/dev/full'"),
    "openat2": "open",
    "pivot_root": "enter the new root",
    "prctl": "harden the process",
    "prlimit64": "harden the process",
    "renameat2": "write the state entry",
    "seccomp": "system call filter",
    "signalfd4": "take over signals",
    "statx": "look up a mount",
    "umount2": "enter the new root",
    "wait4": "wait for processes" if HSU else "run newgidmap",
}

# The same for calls that some starts need: {start: what the line says}.
NEEDED_BY_SOME = {
    "execveat": {} if HSU else dict.fromkeys(("strict", "permissive", "bus"), "execute the shim"),
    "flock": {"strict": "overlay '/data'"},
    "memfd_create": {"bus": "write the proxy's arguments"},
    "mount": {"strict": "overlay '/data'"},
    "pidfd_open": (dict.fromkeys(("strict", "permissive", "bus"), "open a descriptor of the shim")
                   if HSU else {}),
    "sethostname": {"strict": "set the host name", "bus": "D-Bus proxy: cannot set the host name"},
    "unshare": {"bus": "create a mount namespace"},
}

# Without them the container is the same. Landlock: test_landlock.py has what it is needed for.
NOT_NEEDED = ["epoll_create1", "eventfd2", "faccessat2", "kcmp", "landlock_create_ruleset",
              "membarrier", "personality", "pidfd_send_signal", "rseq", "set_robust_list", "setns",
              "statfs", "timerfd_create", "userfaultfd"]

# A filter that says EPERM where programs expect ENOSYS: libc has no other way then.
DENIED_BY_SOME = {"faccessat2": {"permissive": "look up executable file",
                                 "bus": "look up executable file"}}
if not HSU:
    DENIED_BY_SOME["faccessat2"]["strict"] = "look for 'newuidmap' in your PATH"

GUARANTEED = ["cap_inheritable", "cap_permitted", "cap_effective", "cap_bounding", "cap_ambient",
              "no_new_privs", "seccomp", "seccomp_filters", "groups", "uid_map", "gid_map",
              "setgroups", "max_user_namespaces", "pid", "processes", "session", "tracer",
              "securebits", "signals_blocked", "signals_ignored", "root_is_its_own_parent",
              "hostname", "env", "limits"]


def guaranteed(facts):
    """What must not depend on the calls that there are."""
    mounts = [[re.sub("/[0-9a-f]{32}", "/ID", mount["mount_point"]), mount["options"],
               mount["propagation"], mount["fstype"]] for mount in facts["mounts"]]
    return {**{key: facts[key] for key in GUARANTEED}, "mounts": mounts,
            "descriptors": sorted(facts["fds"])}


class Starts:
    """Starts of the person's below a launcher that takes calls away."""

    def __init__(self, desk, probe, directory, launcher):  # noqa: F811
        self.person, self.user, self.env = desk.person, desk.user, desk.env
        self.launcher = launcher
        layers = [str(make_dir(directory / name, owner=self.person.target()))
                  for name in ("lower", "upper", "work")]
        strict = self.person.write(json.dumps({
            "identity": 7, "path": "/probe", "args": ["probe", "facts"], "shell": "/bin/sh",
            "home": "/home", "container": {
                "share_runtime": False, "share_tmpdir": False, "hostname": "box", "filesystem": [
                    bind(probe, "/probe"), ephemeral("/home", write=True, perm=0o700),
                    overlay("/data", layers[0], upper=layers[1], work=layers[2]),
                    bind("/etc", "/etc", special=True)]}}))
        run = ["run", "-a", "7"]
        self.words = {"strict": ["app", strict], "permissive": [*run, "--", probe, "facts"],
                      "bus": [*run, "--dbus", "--", probe, "facts"]}

    def run(self, start, failing):
        return self.run_words(self.words[start], self.launcher, failing)

    def run_words(self, words, launcher, *how):
        argv = [launcher, self.user.uid, self.user.gid, *how, *self.person.command(*words)]
        return run_as(ROOT, argv, env={**self.user.env, **self.env}, clean_env=True, cwd="/",
                      timeout=15)

    def facts(self, start, failing):
        result = self.run(start, failing)
        assert (result.status, result.stderr) == (0, ""), (start, failing, result)
        return guaranteed(read_answers(result.stdout)[0])

    def host(self):
        return host_snapshot(self.user.home, self.user.runtime_dir, self.person.share,
                             uids=[self.user.target_uids])


@pytest.fixture
def starts(desk, prefix, probe, place, compile_c):  # noqa: F811
    """In a permissive container /tmp, where the probe is, is a container's own."""
    shown = prefix.path / "probe"
    shutil.copy(probe, shown)
    yield Starts(desk, shown, place, compile_c(FAILING_CALLS))
    shown.unlink()


def words_of(call, start, error):
    """What the line has to say; None: no line, the container is as ever."""
    if error == "EPERM" and start in DENIED_BY_SOME.get(call, {}):
        return DENIED_BY_SOME[call][start]
    return NEEDED.get(call) or NEEDED_BY_SOME.get(call, {}).get(start)


@pytest.mark.parametrize("error", ["ENOSYS", "EPERM"])
@pytest.mark.parametrize("start", ["strict", "permissive", "bus"])
def test_without_one_call_a_start_is_refused_or_the_container_is_the_same(starts, start, error):
    """OpenShell #664, nsjail #344: what the kernel did not have was left out, with a warning."""
    # A call that nobody makes: what differs from here on is the missing call's doing.
    usual = starts.facts(start, f"{SYSCALLS['acct']}:{errno.EPERM}")
    assert (usual["cap_bounding"], usual["no_new_privs"], usual["seccomp_filters"]) == (0, 1, 3)
    before = starts.host()
    wrong = []
    for call in sorted({*NEEDED, *NEEDED_BY_SOME, *NOT_NEEDED}):
        failing = f"{SYSCALLS[call]}:{getattr(errno, error)}"
        words = words_of(call, start, error)
        if words is None:
            seen = starts.facts(start, failing)
            wrong += [(call, key, seen[key]) for key in usual if seen[key] != usual[key]]
        else:
            result = starts.run(start, failing)
            if result.status != 125 or result.stdout or result.stderr.count("\n") != 1 or \
                    not any(each in result.stderr for each in
                            ([words] if isinstance(words, str) else words)):
                wrong.append((call, words, result))
        wrong += [(call, line) for line in before.differences(starts.host())]
    assert wrong == []


def test_a_ruleset_that_is_announced_and_then_missing_stops_the_start(starts, compile_c, tmp_dir):
    """The second call is the one that makes it; the first has said that the kernel can."""
    launcher, log = compile_c(ONE_FAILING_CALL), tmp_dir / "calls"
    create = SYSCALLS["landlock_create_ruleset"]
    assert starts.run_words(starts.words["strict"], launcher, create, 0, log).status == 0
    assert log.read_text() == "2"
    result = starts.run_words(starts.words["strict"], launcher, create, 2, log)
    assert (result.status, result.stdout) == (125, ""), result
    assert result.stderr == "hakurei: cannot restrict with Landlock: Operation not permitted\n"
    log.unlink()


def test_without_the_call_to_signal_a_process_by_descriptor_the_end_is_the_end(
        starts, desk, stand_in, compile_c):  # noqa: F811
    """Of a proxy that does not end by itself."""
    env = {**desk.env, **stand_in(STAND_IN.replace("select.select([ready], [], [])",
                                                   "select.select([], [], [])")
                                  .replace("DOES", "listen(PATH)"))}
    argv = [starts.launcher, desk.user.uid, desk.user.gid,
            f"{SYSCALLS['pidfd_send_signal']}:{errno.ENOSYS}",
            *desk.person.command("run", "-a", "7", "--dbus", "true")]
    result = run_as(ROOT, argv, env={**desk.user.env, **env}, clean_env=True, timeout=10)
    assert (result.status, result.stdout) == (0, ""), result


def test_the_page_tells_of_each_call():
    """The table has a row for each of ours, and no other."""
    table = PAGE.read_text().split("## Calls that may be missing")[1].split("\n## ")[0]
    told = [name for row in table.splitlines() if row.startswith("| `")
            for name in re.findall("`([a-z0-9_]+)`", row.split("|")[1])]
    assert sorted(told) == sorted({*NEEDED, *NEEDED_BY_SOME, *NOT_NEEDED})
