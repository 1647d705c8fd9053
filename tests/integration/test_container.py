# SPDX-License-Identifier: MIT
"""What a program finds in a strict container, and what it can do there: nothing else."""

import json
import os
import signal
import subprocess
import sys
import tempfile

import pytest

from harness.container import (HOME, bind, box, commands, ephemeral, fstype_of,  # noqa: F401
                               link, make_dir, make_file, mount_at, mount_table, mounted,
                               options_of, place, shown_probe, syscall_numbers)
from harness.launchers import AMBIENT_CAPABILITY
from harness.processes import processes_of, wait_until
from harness.run import run_as
from harness.users import BACKEND

SYSCALLS = syscall_numbers()
TARGET = 65534  # the kernel's overflow id: what the program finds itself to be

USR = [bind("/usr"), link("/bin", "usr/bin"), link("/lib", "usr/lib"), link("/lib64", "usr/lib64")]

# What every strict container has, in the order in which it is attached.
BASIS = """
/ tmpfs ro nosuid nodev
/proc proc rw nosuid nodev noexec
/.hakurei tmpfs ro nosuid nodev
/dev tmpfs ro nosuid nodev
/dev/full DEV rw nosuid noexec
/dev/null DEV rw nosuid noexec
/dev/random DEV rw nosuid noexec
/dev/tty DEV rw nosuid noexec
/dev/urandom DEV rw nosuid noexec
/dev/zero DEV rw nosuid noexec
/dev/pts devpts rw nosuid noexec
/dev/mqueue mqueue rw nosuid nodev noexec
/dev/shm tmpfs rw nosuid nodev
/run/user/65534 tmpfs rw nosuid nodev
/tmp tmpfs rw nosuid nodev
/probe PROBE ro nosuid nodev
/home/chronos tmpfs rw nosuid nodev
""".strip()


def planned_table(box, *more):
    text = BASIS.replace(" DEV ", f" {fstype_of('/dev')} ")
    return [*text.replace(" PROBE ", f" {fstype_of(box.probe)} ").splitlines(), *more]


@pytest.fixture(scope="module")
def strict(box):
    """The configuration of most tests here."""
    return box.config(*USR, identity=7, hostname="box", env={"LANG": "C.UTF-8", "EMPTY": None})


@pytest.fixture(scope="module")
def facts(box, strict):
    return box.facts(strict)


# -- ids and rights ------------------------------------------------------------------------------

def test_the_program_and_init_are_the_only_processes(facts):
    assert (facts["pid"], facts["ppid"], facts["processes"]) == (2, 1, [1, 2])
    assert facts["pids_by_namespace"] == [2]


def test_one_id_is_mapped_and_it_is_the_targets(box, facts):
    assert facts["uid_map"] == facts["gid_map"] == [[TARGET, box.uid(7), 1]]
    assert facts["uids"] == facts["gids"] == [TARGET] * 4
    # The target's own group, which it has anyway, and none of the person's.
    assert facts["groups"] == ([TARGET] if BACKEND == "hsu" else [])
    assert facts["setgroups"] == "deny"


def test_no_set_has_a_capability_and_none_can_come(facts):
    for name in ("inheritable", "permitted", "effective", "bounding", "ambient"):
        assert facts[f"cap_{name}"] == 0, name
    assert facts["no_new_privs"] == 1 and facts["securebits"] == 0


def test_two_filters_are_loaded(facts):
    assert (facts["seccomp"], facts["seccomp_filters"]) == (2, 2)


def test_no_user_namespace_can_be_made(box, strict, facts):
    assert facts["max_user_namespaces"] == "0"
    answers = box.inside(strict, ["syscall", SYSCALLS["unshare"], "0x10000000"],
                         ["syscall", SYSCALLS["clone"], "0x10000011"],
                         ["syscall", SYSCALLS["clone3"]],
                         ["write", "/proc/sys/user/max_user_namespaces", "100"])
    # The file's owner is in nobody's user namespace but the container's, and has no capability.
    assert [answer["errno"] for answer in answers] == ["EPERM", "EPERM", "ENOSYS", "EACCES"]


def test_the_limit_holds_where_the_filter_lets_unshare_through(box):
    """userns lifts the filter and the limit together; what is tried here is the limit alone."""
    allowed = box.config(userns=True)
    answers = box.inside(allowed, ["syscall", SYSCALLS["unshare"], "0x10000000"])
    assert answers[0]["ok"]
    assert box.facts(allowed)["max_user_namespaces"] != "0"


def test_the_program_cannot_become_another_user(box, strict):
    for uid in (0, 1, box.user.uid, box.uid(0)):
        answer = box.inside(strict, ["setresuid", uid])[0]
        assert (answer["ok"], answer["uid"]) == (False, TARGET)
    # Also where no filter is in the way: the other ids are not mapped.
    answer = box.inside(box.config(userns=True), ["setresuid", 0])[0]
    assert (answer["errno"], answer["uid"]) == ("EINVAL", TARGET)


def test_a_setuid_program_inside_gives_nothing(box, place):
    for owner in (0, box.user.uid):
        program = place / f"setuid-{owner}"
        program.write_bytes(box.probe.read_bytes())
        os.chown(program, owner, owner)
        program.chmod(0o6755)
        config = box.config(bind(program, "/setuid"), top={"path": "/setuid"})
        facts = box.facts(config)
        assert facts["uids"] == facts["gids"] == [TARGET] * 4
        assert facts["cap_effective"] == facts["cap_permitted"] == 0


def test_from_outside_the_program_is_the_target_and_nobody_else(box, strict):
    with box.running(strict, ["wait"]):
        found = processes_of(box.user.target_uids)
        # The shim, init, the program.
        assert [uid for _, uid, _ in found] == [box.uid(7)] * 3
        for pid, _, _ in found:
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                status = dict(line.rstrip("\n").split(":\t") for line in file)
            assert status["Uid"].split() == status["Gid"].split() == [str(box.uid(7))] * 4
            groups = [str(box.uid(7))] if BACKEND == "hsu" else []
            assert status["Groups"].split() == groups
            assert status["CapEff"] == status["CapPrm"] == status["CapInh"] == "0" * 16
            assert status["NoNewPrivs"] == "1"
        # None can be read or traced by another process of the same uid.
        for pid, _, name in found:
            dumpable = os.stat(f"/proc/{pid}/environ").st_uid == box.uid(7)
            assert dumpable == (name == "probe"), (pid, name)


# -- the view ------------------------------------------------------------------------------------

def test_the_mounts_are_those_of_the_plan_and_no_other(box, facts):
    kind = fstype_of("/usr")
    assert mount_table(facts) == planned_table(box, f"/usr {kind} ro nosuid nodev")
    assert [mount["propagation"] for mount in facts["mounts"]] == [[]] * len(facts["mounts"])


def test_what_the_host_mounts_later_does_not_appear_inside(box, place):
    """The bind is on a shared mount, so the host's mounts would be passed on if it were not
    private: writable, below a read-only bind."""
    shared, other = place / "shared", place / "other"
    make_dir(shared / "before")
    make_dir(shared / "later")
    make_file(make_dir(other) / "file")
    table = [f"/data {fstype_of(shared)} ro nosuid nodev",
             "/data/before tmpfs ro nosuid nodev"]
    with mounted("--bind", shared, at=shared):
        subprocess.run(["mount", "--make-shared", shared], check=True)
        with mounted("-t", "tmpfs", "tmpfs", at=shared / "before"):
            config = box.config(bind(shared, "/data"))
            parts = [["facts"], ["wait"], ["facts"], ["ls", "/data/later"]]
            with box.running(config, *parts) as (running, before):
                with mounted("--bind", other, at=shared / "later"):
                    assert (shared / "later/file").exists()
                    after, listed = box.rest(running)
    assert mount_table(before[0]) == mount_table(after) == planned_table(box, *table)
    assert listed["names"] == []
    assert all(mount["propagation"] == [] for mount in after["mounts"])


def test_the_root_is_its_own_parent(box, strict, facts):
    assert facts["root_is_its_own_parent"]
    up, root = box.inside(strict, ["ls", "/../../../.."], ["ls", "/"])
    assert up["names"] == root["names"] == [".hakurei", "bin", "dev", "etc", "home", "lib",
                                           "lib64", "probe", "proc", "run", "tmp", "usr"]


def test_the_private_dev_has_what_programs_need(box, strict):
    answers = box.inside(strict, ["ls", "/dev"], *(["stat", f"/dev/{name}"] for name in
                         ("null", "zero", "full", "random", "urandom", "tty")),
                         ["stat", "/dev/shm"], ["readlink", "/dev/ptmx"])
    assert answers[0]["names"] == ["core", "fd", "full", "mqueue", "null", "ptmx", "pts",
                                   "random", "shm", "stderr", "stdin", "stdout", "tty",
                                   "urandom", "zero"]
    numbers = [(answer["type"], answer["rdev_major"], answer["rdev_minor"])
               for answer in answers[1:7]]
    assert numbers == [("character", *number) for number in
                       ((1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0))]
    assert (answers[7]["type"], answers[7]["mode"]) == ("directory", "1777")
    assert answers[8]["text"] == "pts/ptmx"
    assert box.inside(strict, ["write", "/dev/null", "x"], ["write", "/dev/ptmx", ""],
                      ["write", "/dev/full", "x"])[2]["errno"] == "ENOSPC"


def test_writing_is_possible_in_writable_mounts_and_nowhere_else(box, strict):
    writable = ["/tmp", "/dev/shm", "/run/user/65534", HOME]
    answers = box.inside(strict, *(["write", f"{path}/new", "x"] for path in writable))
    assert [answer["errno"] for answer in answers] == [None] * len(writable)
    read_only = ["/", "/usr", "/usr/bin", "/etc", "/dev", "/home", "/run", "/run/user",
                 "/.hakurei"]
    answers = box.inside(strict, *(["write", f"{path}/new", "x"] for path in read_only))
    assert [answer["errno"] for answer in answers] == ["EROFS"] * len(read_only)
    answers = box.inside(strict, *(["write", path, "x"] for path in
                                   ("/etc/passwd", "/usr/bin/env", "/probe", "/dev/new")))
    assert [answer["errno"] for answer in answers] == ["EROFS"] * 4
    for path in ("/proc/sys/kernel/hostname", "/proc/self/uid_map", "/proc/1/comm"):
        assert box.inside(strict, ["write", path, "x"])[0]["errno"] in ("EACCES", "EPERM")


def test_nothing_of_the_host_is_there_but_what_is_bound(box, strict, place):
    secret = make_file(place / "secret")
    paths = [secret, box.user.home, box.user.runtime_dir, box.tmp_dir, "/root", "/boot", "/sys",
             "/etc/shadow", "/etc/hostname", "/var", "/.hakurei/.."]
    readable = box.facts(strict, *paths)["readable"]
    assert [readable[str(path)] for path in paths] == ["ENOENT"] * (len(paths) - 1) + [None]


# -- process state that a caller could hand down -------------------------------------------------

def test_the_environment_is_exactly_what_was_planned(box, strict, facts):
    planned = ["EMPTY=", f"HOME={HOME}", "LANG=C.UTF-8", "SHELL=/bin/sh", "USER=chronos",
               "XDG_RUNTIME_DIR=/run/user/65534", "XDG_SESSION_CLASS=user",
               "XDG_SESSION_TYPE=tty"]
    assert facts["env"] == planned
    hostile = {"LD_LIBRARY_PATH": "/x", "GLIBC_TUNABLES": "x", "TERM": "dumb",
               "SSH_AUTH_SOCK": "/x", "HAKUREI_SHIM": "7", "HAKUREI_IDENTITY": "3",
               "HAKUREI_GROUPS": "0"}
    env = box.inside(strict, ["env"], env=hostile)[0]["env"]
    assert env == sorted([*planned, "TERM=dumb"])


def test_no_descriptor_but_three_is_handed_down(box, strict):
    """Also none that the caller had open, least of all a directory outside."""
    directory = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    memory = os.memfd_create("caller", 0)
    try:
        for fd in (directory, memory):
            os.set_inheritable(fd, True)
        facts = box.facts(strict, pass_fds=[directory, memory])
        assert sorted(facts["fds"]) == ["0", "1", "2"]
        assert all(text.startswith("pipe:") for text in facts["fds"].values())
    finally:
        os.close(directory)
        os.close(memory)


IGNORING = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
	const unsigned long ignore[16] = {1}; /* also those that libc keeps to itself */
	for (int number = 1; number < 65; number++) {
		syscall(SYS_rt_sigaction, number, ignore, NULL, 8);
	}
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	execv(argv[1], argv + 1);
	(void)argc;
	return 125;
}
"""


def test_signals_start_out_clean(box, strict, compile_c):
    """Whatever the caller had blocked or ignored."""
    result = run_as(box.user, [compile_c(IGNORING), *box.argv(strict, "facts")])
    assert (result.status, result.stderr) == (0, ""), result
    facts = json.loads(result.stdout)
    for name in ("blocked", "ignored", "caught"):
        assert facts[f"signals_{name}"] == 0, name


@pytest.mark.parametrize("umask", [0, 0o777])
def test_the_umask_is_the_plans(box, strict, umask):
    facts = box.facts(strict, umask=umask)
    assert facts["umask"] == 0o022
    # Nor did it change what was made for the container.
    modes = [answer["mode"] for answer in box.inside(
        strict, *(["stat", path] for path in ("/", "/etc", "/etc/passwd", "/tmp", "/home", HOME)),
        umask=umask)]
    assert modes == ["0755", "0755", "0444", "1777", "0700", "0700"]


def test_the_working_directory_is_the_home(box, strict, facts, place):
    assert facts["cwd"] == HOME
    assert box.facts(strict, cwd=place)["cwd"] == HOME


def test_there_is_no_core_dump(facts):
    assert facts["limits"]["core"] == [0, 0]


def test_the_session_is_its_own_and_has_no_terminal(box, strict, facts):
    assert (facts["session"], facts["process_group"]) == (1, 1)
    assert box.inside(strict, ["tty"])[0]["open_dev_tty"] == "ENXIO"


def test_capabilities_of_the_caller_do_not_get_in(box, strict, compile_c):
    """CVE-2022-27650 (crun): inheritable capabilities reached the program."""
    launcher = compile_c(AMBIENT_CAPABILITY)
    outcome = box.run_by(launcher, *box.argv(strict, "facts"))
    assert (outcome.status, outcome.stderr) == (0, ""), outcome
    facts = outcome.answer("facts")
    assert [facts[f"cap_{name}"] for name in ("inheritable", "ambient", "permitted", "effective",
                                              "bounding")] == [0] * 5
    # The launcher does what it says.
    status = box.run_by(launcher, "/bin/cat", "/proc/self/status").stdout
    assert "CapAmb:\t0000000000000400\n" in status and "CapInh:\t0000000000000400\n" in status



# -- names, network, others ----------------------------------------------------------------------

def test_the_host_name_is_the_configured_one(box, facts):
    assert facts["hostname"] == "box"
    assert box.facts(box.config())["hostname"] == os.uname().nodename
    longest = "h" * 64
    assert box.facts(box.config(hostname=longest))["hostname"] == longest
    box.refused(box.config(hostname="h" * 65), "hostname")
    assert os.uname().nodename not in ("box", longest)


def test_a_private_network_has_a_loopback_that_is_up_and_nothing_else(box, strict, facts):
    assert facts["loopback"]["up"] and facts["loopback"]["errno"] is None
    devices = box.inside(strict, ["read", "/proc/net/dev"])[0]["text"].splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]


def test_every_namespace_is_a_new_one_but_that_of_time(facts):
    own = {name: os.readlink(f"/proc/self/ns/{name}") for name in os.listdir("/proc/self/ns")}
    shared = {name for name, text in facts["namespaces"].items() if own.get(name) == text}
    assert shared == {"time", "time_for_children"}


def test_other_processes_can_be_neither_seen_nor_touched(box, strict):
    """init is there, and closed: it is not dumpable, and still has the shim's memory."""
    paths = ["/proc/1/environ", "/proc/1/maps", "/proc/1/mem", "/proc/1/fd", "/proc/1/root",
             "/proc/1/cwd", "/proc/1/exe", "/proc/1/ns/mnt", "/proc/1/map_files",
             "/proc/1/syscall", "/proc/1/stack"]
    readable = box.facts(strict, *paths)["readable"]
    # The file system's owner is outside: a directory that may be opened may not be listed.
    assert {path: code for path, code in readable.items() if code not in ("EACCES", "EPERM")} == {}
    answers = box.inside(strict, ["readlink", "/proc/1/exe"], ["ptrace", "1"],
                         ["syscall", SYSCALLS["kill"], "-1", "0"],
                         ["syscall", SYSCALLS["kill"], "1", "9"],
                         ["facts"])
    assert answers[0]["errno"] in ("EACCES", "EPERM")
    assert answers[1]["errno"] == "EPERM"
    assert answers[4]["processes"] == [1, 2]  # and init has not ended by a signal from inside


def test_even_with_devel_init_cannot_be_traced(box):
    assert box.inside(box.config(devel=True), ["ptrace", "1"])[0]["errno"] == "EPERM"


def test_the_keyrings_of_the_person_are_out_of_reach(box, strict):
    """The person's session holds a key; inside it has no name, and there are no calls for it."""
    program = ("import ctypes, os, sys\n"
               "libc = ctypes.CDLL(None, use_errno=True)\n"
               f"join = libc.syscall({SYSCALLS['keyctl']}, 1, None)\n"
               f"key = libc.syscall({SYSCALLS['add_key']}, b'user', b'hk-secret', b'x', 1, -3)\n"
               "assert join > 0 and key > 0\n"
               "assert b'hk-secret' in open('/proc/keys', 'rb').read()\n"
               "os.execv(sys.argv[1], sys.argv[1:])\n")
    words = commands(["read", "/proc/keys"],
                     ["syscall", SYSCALLS["keyctl"], "0", "-3", "1"],
                     ["syscall", SYSCALLS["add_key"], "@user", "@inside", "@x", "1", "-3"],
                     ["syscall", SYSCALLS["request_key"], "@user", "@hk-secret", "0", "-3"])
    result = run_as(box.user, [sys.executable, "-c", program, *box.argv(strict, *words)])
    assert (result.status, result.stderr) == (0, ""), result
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert "hk-secret" not in answers[0].get("text", "")
    assert [answer["errno"] for answer in answers[1:]] == ["EPERM"] * 3


# -- what a configuration can open ---------------------------------------------------------------

def test_device_gives_the_hosts_dev_and_still_its_own_shared_memory(box):
    name = f"hk-test-{os.getpid()}"
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix=name):
        facts, listed, shm = box.inside(box.config(device=True), ["facts"], ["ls", "/dev"],
                                        ["ls", "/dev/shm"])
    dev = mount_at(facts, "/dev")
    assert (dev["fstype"], options_of(dev)) == (fstype_of("/dev"), ["rw", "nosuid"])
    assert set(listed["names"]) == set(os.listdir("/dev"))
    last = [mount for mount in facts["mounts"] if mount["mount_point"] == "/dev/shm"][-1]
    assert (last["fstype"], options_of(last)) == ("tmpfs", ["rw", "nosuid", "nodev"])
    assert shm["names"] == []
    # No other mount has devices.
    others = [mount for mount in facts["mounts"] if not mount["mount_point"].startswith("/dev")]
    assert all("nodev" in options_of(mount) for mount in others)


def test_multiarch_lets_32_bit_calls_through_and_without_it_they_kill(box):
    words = commands(["syscall32", "20"])  # getpid
    assert box.run(box.config(multiarch=True), *words).answers[0]["result"] == 2
    outcome = box.run(box.config(), *words)
    assert (outcome.status, outcome.answers) == (128 + signal.SIGSYS, [])


def test_userns_allows_namespaces_and_the_host_stays_out_of_reach(box, place):
    """In the program's own user namespace it may mount; it can take nothing away that covers
    something, and gets no further than its container."""
    make_file(place / "secret")
    config = box.config(*USR, bind(place, "/data"), ephemeral("/data"), userns=True)
    script = ("unshare -Urm sh -ec 'mount -t tmpfs none /tmp; /probe ls /tmp; "
              "umount /data 2>/dev/null && echo uncovered; "
              "mount -o remount,rw /usr 2>/dev/null && echo writable; "
              "mount -o remount,suid,dev,bind /usr 2>/dev/null && echo suid; /probe ls /data; "
              "/probe ls /..'")
    config.update({"path": "/bin/sh", "args": ["sh", "-c", script]})
    outcome = box.run(config, env={"PATH": "/usr/bin:/usr/sbin"})
    assert outcome.status == 0, outcome
    assert [answer["names"][:1] for answer in outcome.answers] == [[], [], [".hakurei"]]
    assert not [line for line in outcome.stdout.splitlines() if not line.startswith("{")]


def test_devel_allows_tracing_within_the_container(box):
    ptrace = ["syscall", SYSCALLS["ptrace"], "0"]  # PTRACE_TRACEME
    assert box.inside(box.config(devel=True), ptrace)[0]["ok"]
    assert box.inside(box.config(), ptrace)[0]["errno"] == "EPERM"


def test_seccomp_compat_leaves_out_the_rules_of_our_own(box):
    parts = [["syscall", SYSCALLS["io_uring_setup"], "0", "0"],
             ["syscall", SYSCALLS["setuid"], str(TARGET)],
             ["syscall", SYSCALLS["unshare"], "0x10000000"],
             ["facts"]]
    strict = box.inside(box.config(), *parts)
    compat = box.inside(box.config(seccomp_compat=True), *parts)
    assert [answer["errno"] for answer in strict] == ["ENOSYS", "EPERM", "EPERM", None]
    assert compat[0]["errno"] != "ENOSYS"
    assert [answer["errno"] for answer in compat[1:]] == [None, "EPERM", None]
    assert compat[3]["seccomp_filters"] == 2


def test_map_real_uid_shows_the_persons_id_and_gives_no_right_of_it(box, place):
    secret = make_file(place / "secret", mode=0o600, owner=box.user.uid)
    config = box.config(bind(place, "/data"), map_real_uid=True)
    facts, stat, read, passwd = box.inside(config, ["facts"], ["stat", "/data/secret"],
                                           ["read", "/data/secret"], ["read", "/etc/passwd"])
    uid = box.user.uid
    assert facts["uids"] == facts["gids"] == [uid] * 4
    assert facts["uid_map"] == [[uid, box.uid(), 1]]
    assert f"XDG_RUNTIME_DIR=/run/user/{uid}" in facts["env"]
    assert passwd["text"] == f"chronos:x:{uid}:{uid}:Hakurei:{HOME}:/bin/sh\n"
    # The person's files are nobody's in there.
    assert (stat["uid"], read["errno"]) == (TARGET, "EACCES")
    assert secret.read_text() == "text\n"


# -- directories that instances share ------------------------------------------------------------

def test_instances_of_one_identity_share_tmp_and_runtime(box):
    shared = box.config(share_runtime=True, share_tmpdir=True)
    for path in ("/tmp", "/run/user/65534"):
        box.inside(shared, ["write", f"{path}/note", "from the first"])
        try:
            assert box.inside(shared, ["read", f"{path}/note"])[0]["text"] == "from the first"
            # Another identity, and an instance that shares nothing, see theirs.
            other = {**shared, "identity": 1}
            assert "note" not in box.inside(other, ["ls", path])[0]["names"]
            assert box.inside(box.config(), ["ls", path])[0]["names"] == []
        finally:
            box.inside(shared, ["remove", f"{path}/note"])


def test_two_live_instances_of_one_identity_share_and_cannot_trace_each_other(box):
    shared = box.config(share_tmpdir=True, devel=True)
    with box.running(shared, ["write", "/tmp/live", "x"], ["wait"]) as (running, _):
        read, facts = box.inside(shared, ["read", "/tmp/live"], ["facts"])
        box.inside(shared, ["remove", "/tmp/live"])
        assert read["text"] == "x" and facts["processes"] == [1, 2]
        box.rest(running)


def test_another_identity_cannot_reach_the_shared_directory_from_the_host(box, probe):
    """What a program of identity 1 could do if it had got out of its container: nothing."""
    shared = box.config(share_tmpdir=True)
    with box.running(shared, ["write", "/tmp/private", "x"], ["wait"]) as (running, _):
        share = box.tmp_dir / box.user.share_name
        own = share / "tmpdir" / "0" / "user"
        assert (own / "private").exists()
        for uid, expected in ((box.uid(0), [None] * 2), (box.uid(1), ["EACCES"] * 2)):
            script = "import os, sys; os.setgroups([]); os.setresgid(*[int(sys.argv[1])] * 3); " \
                     "os.setresuid(*[int(sys.argv[1])] * 3); os.execv(sys.argv[2], sys.argv[2:])"
            done = subprocess.run(
                [sys.executable, "-c", script, str(uid), probe, "read", own / "private", "--",
                 "ls", own], capture_output=True, text=True, check=True)
            assert [json.loads(line)["errno"] for line in done.stdout.splitlines()] == expected
        box.rest(running)
        box.inside(shared, ["remove", "/tmp/private"])


# -- `run` ---------------------------------------------------------------------------------------

def test_run_keeps_the_uid_as_the_wall(box, shown_probe):
    """The permissive container: the host's files, network and session, under another uid."""
    secret = make_file(box.prefix.path / "secret", mode=0o600, owner=box.user.uid)
    noise = make_file(box.user.runtime_dir / "socket", mode=0o666)
    argv = [box.prefix.hakurei, "run", "--backend", BACKEND, "--", shown_probe,
            *commands(["facts", secret, "/root", "/etc/shadow"], ["write", "/usr/new", "x"],
                      ["ls", "/.."], ["ls", "/"], ["ls", box.user.runtime_dir])]
    before = box.host()
    result = run_as(box.user, argv)
    assert (result.status, result.stderr) == (0, ""), result
    facts, write, up, root, runtime = map(json.loads, result.stdout.splitlines())
    assert facts["uid_map"] == [[TARGET, box.uid(0), 1]]
    assert set(facts["readable"].values()) == {"EACCES"}
    assert facts["cap_effective"] == facts["cap_bounding"] == 0
    assert facts["root_is_its_own_parent"] and up["names"] == root["names"]
    assert write["errno"] == "EACCES"
    assert runtime["names"] == []  # covered
    assert before.differences(box.host()) == []
    for path in (secret, noise):
        path.unlink()
    for mount in facts["mounts"]:
        assert mount["propagation"] == [] and "nosuid" in options_of(mount), mount


def test_the_status_is_the_programs_own(box, strict):
    for status in (0, 1, 42, 125, 130, 255):
        assert box.run(strict, "exit", status).status == status
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
        assert box.run(strict, "kill-self", int(number)).status == 128 + number
    missing = {**strict, "path": "/missing"}
    assert box.run(missing).status == 127
    assert box.run({**strict, "path": "/etc/passwd"}).status == 126
    assert "'/missing'" in box.run(missing).stderr


def test_nothing_is_left_when_the_program_has_ended(box, strict):
    before = box.host()
    box.facts(strict)
    with box.running(strict, ["wait"]) as (running, _):
        wait_until(lambda: processes_of({box.uid(7)}))
        assert before.differences(box.host()) != []  # what is seen here can be seen
        box.rest(running)
    assert before.differences(box.host()) == []
