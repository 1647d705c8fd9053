# SPDX-License-Identifier: MIT
"""Ways out of a container that others have had. One test each, which names its source; a program
that tries a hundred more is in test_hostile.py.

Further ones: terminals in test_terminal.py, abstract sockets in test_landlock.py, ids and
capabilities in test_container.py.
"""

import errno
import json
import os
import signal
import subprocess

import pytest

from harness.container import (FAILED, HOME, NOT_FOUND, bind, box, commands, link,  # noqa: F401
                               make_dir, make_file, overlay, place, shown_probe, syscall_numbers)
from harness.launchers import FAILING_CALLS
from harness.run import run_as, start_as
from harness.snapshot import host_snapshot
from harness.users import BACKEND

SYSCALLS = syscall_numbers()
SECRET = "the person's secret"


def test_no_program_of_ours_can_be_overwritten_from_inside(box, place):
    """CVE-2019-5736 (runc): the runtime's own executable was opened through /proc and replaced."""
    config = box.config(bind(box.prefix.path, "/ours", write=True), userns=True, devel=True)
    digest = host_snapshot(box.prefix.libexec, box.prefix.bin)
    answers = box.inside(config, *(["write", path, "x"] for path in
                         ("/proc/1/exe", "/proc/self/exe", "/ours/libexec/hakurei/hakurei-shim",
                          "/ours/bin/hakurei", "/ours/libexec/hakurei/hsu")))
    assert {answer["errno"] for answer in answers} <= {"EACCES", "EPERM", "EROFS", "ETXTBSY"}
    assert digest.differences(host_snapshot(box.prefix.libexec, box.prefix.bin)) == []


def test_no_descriptor_or_directory_leads_out(box, place):
    """CVE-2024-21626 (runc): a leaked descriptor of a directory, and a working directory
    outside. Firejail #4780: the working directory kept the whole file system."""
    make_file(place / "file", SECRET)
    directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    os.set_inheritable(directory, True)
    up = "../" * 20
    try:
        answers = box.inside(
            box.config(), ["facts"], ["ls", up], ["ls", f"/proc/self/cwd/{up}"],
            *(["read", f"/proc/self/fd/{fd}/file"] for fd in range(3, 12)),
            *(["syscall", SYSCALLS["fchdir"], fd] for fd in range(3, 12)),
            ["read", "file"], cwd=place, pass_fds=[directory])
    finally:
        os.close(directory)
    assert answers[0]["cwd"] == HOME
    assert answers[1]["names"] == answers[2]["names"] == [
        ".hakurei", "dev", "etc", "home", "probe", "proc", "run", "tmp"]
    assert {answer["errno"] for answer in answers[3:12]} == {"ENOENT"}
    assert {answer["errno"] for answer in answers[12:21]} == {"EBADF"}
    assert answers[21]["errno"] == "ENOENT"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_directory_as_a_standard_descriptor_is_refused(box, place, number):
    """It would lead out like any other: /proc/self/fd/0/.. is the host's."""
    directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    how = {"stdin": None, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    how[list(how)[number]] = directory
    try:
        running = start_as(box.user, box.argv(box.config(), "facts"), **how)
        result = running.wait()
    finally:
        os.close(directory)
    assert (result.status, result.stdout) == (FAILED, ""), result
    assert number == 2 or f"descriptor {number}" in result.stderr, result


@pytest.mark.parametrize("options", [{}, {"tty": True}, {"host_net": True, "host_abstract": True},
                                     {"device": True}, {"userns": True, "devel": True},
                                     {"multiarch": True, "seccomp_compat": True},
                                     {"share_runtime": True, "share_tmpdir": True},
                                     {"map_real_uid": True}])
def test_the_open_descriptors_are_the_three_standard_ones(box, place, options):
    """Flatpak #6582, bubblewrap's --args: descriptors of the starter reached the program."""
    layers = [make_dir(place / name) for name in ("one", "two")]
    config = box.config(overlay("/data", *layers), bind("/etc", "/etc", special=True), **options)
    extra = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]
    status = os.open(place / "status", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        outcome = box.run(config, "facts", options=["--status-fd", status],
                          pass_fds=[*extra, status])
    finally:
        for fd in [*extra, status]:
            os.close(fd)
    assert (outcome.status, outcome.stderr) == (0, ""), outcome
    assert sorted(outcome.answer("facts")["fds"]) == ["0", "1", "2"]


def test_calls_of_tomorrow_are_unknown(box, compile_c):
    """CVE-2021-41133 (Flatpak): new calls did what the old ones were denied."""
    numbers = [*range(470, 1024), 0x3fffffff]
    answers = box.inside(box.config(), *(["syscall", number] for number in numbers))
    assert {answer["errno"] for answer in answers} == {"ENOSYS"}
    new = ["open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
           "clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"]
    answers = box.inside(box.config(), *(["syscall", SYSCALLS[name]] for name in new))
    assert [answer["errno"] for answer in answers] == ["ENOSYS"] * len(new)
    # A kernel that knows them: a filter of the launcher's says something else, and of two filters
    # that deny, the later one is heard.
    numbers = [470, 471, 599, 1023, 0x3fffffff]
    known = ",".join(f"{number}:{errno.EXDEV}" for number in [469, *numbers])
    words = commands(*(["syscall", number] for number in [469, *numbers]))
    outcome = box.run_by(compile_c(FAILING_CALLS), known, *box.argv(box.config(), *words))
    assert [answer["errno"] for answer in outcome.answers] == ["EXDEV"] + ["ENOSYS"] * len(numbers)


@pytest.mark.parametrize("words", [["syscall32", "20"], ["syscall", str(0x40000000 | 39)]],
                         ids=["int 0x80", "x32"])
def test_another_entry_into_the_kernel_ends_the_program(box, words):
    """Firejail's filter knew one architecture: calls of another went past it."""
    outcome = box.run(box.config(devel=True, userns=True), *words)
    assert (outcome.status, outcome.answers) == (128 + signal.SIGSYS, [])


def test_a_traced_child_is_filtered_as_well(box):
    """CVE-2017-5206 (Firejail): a tracer changed the number of a call behind the filter's back."""
    answers = box.inside(box.config(), ["syscall", SYSCALLS["ptrace"], 0], ["ptrace", 1])
    assert [answer["errno"] for answer in answers] == ["EPERM"] * 2


def test_what_decides_about_the_program_is_out_of_its_reach(box, shown_probe):
    """CVE-2019-12589 (Firejail): the file with the filters could be changed from inside.
    Firejail #7132: the program could make a policy of its own, or start something later."""
    person = box.user
    paths = [person.home / name for name in (
        ".local/state/hakurei/entry", ".local/state/hakurei/lock", ".bashrc",
        ".config/autostart/x.desktop")]
    paths += [person.runtime_dir / "hakurei/x", box.prefix.hsurc, box.prefix.hakurei,
              box.directory / "0.json"]
    watched = [box.prefix.path, box.directory]
    before = box.host(*watched)
    # Bound on purpose, and writable: their modes and the uid still stand.
    binds = [bind(path, write=True) for path in (person.home, person.runtime_dir, *watched)]
    answers = box.inside(box.config(*binds), *(["write", path, "x"] for path in paths))
    assert [answer["errno"] for answer in answers] == ["EACCES"] * len(paths)
    # With all that `run` shows.
    words = commands(*(["write", path, "x"] for path in (
        *paths, "/etc/hsurc", "/etc/ld.so.preload", "/usr/local/bin/new")))
    result = run_as(person, [box.prefix.hakurei, "run", "--backend", BACKEND, "--", shown_probe,
                               *words])
    assert result.status == 0, result
    errors = [json.loads(line)["errno"] for line in result.stdout.splitlines()]
    assert len(errors) == len(paths) + 3 and None not in errors, errors
    changed = before.differences(box.host(*watched))
    # The configurations of these runs are the box's own.
    assert [line for line in changed if f"{box.directory}/" not in line] == []


@pytest.mark.parametrize("word", ["--bind", "-x", "", "--", "-", "--help", "-v", "-a"])
def test_no_word_of_the_programs_is_taken_as_an_option(box, word):
    """CVE-2024-32462 (Flatpak): the name of the command was taken as an option of bubblewrap."""
    config = box.config()
    answer = box.inside({**config, "args": ["probe", "env", "--", "facts", word]})[-1]
    assert answer["argv"][-1] == word
    path = box.write({**config, "args": ["probe", "facts"]})
    result = run_as(box.user, [box.prefix.hakurei, "app", path, word])
    assert json.loads(result.stdout.splitlines()[0])["argv"] == ["probe", "facts", word]
    outcome = run_as(box.user, [box.prefix.hakurei, "run", "--backend", BACKEND, "--", word])
    assert (outcome.status, outcome.stdout) == (NOT_FOUND, ""), outcome


def test_names_are_shown_escaped(box, place):
    """CVE-2023-28101 (Flatpak): escape codes in names hid what was asked for."""
    hostile = "a\x1b[2Kb\x9b1m\u202e\u2066c\x07\rd\n"
    for config in (box.config(bind(f"/{hostile}", "/data")),
                   box.config(bind("/usr", f"/{hostile}"), bind("/missing", f"/{hostile}/x")),
                   {**box.config(), "path": f"/{hostile}"},
                   box.config(**{hostile: True}),
                   box.config(link("/data", f"/{hostile}", dereference=True))):
        outcome = box.run(config, "facts", options=["--backend", "auto"])
        assert outcome.status in (FAILED, NOT_FOUND), outcome
        shown = outcome.stderr.rstrip("\n")
        assert shown.count("\n") == 0 and "a" in shown
        assert not set(shown) & set("\x1b\x9b\u202e\u2066\x07\r"), ascii(shown)
    dry = box.run(box.config(bind("/usr", f"/{hostile}")), options=["--dry-run"])
    assert dry.status == 0 and not set(dry.stdout) & set("\x1b\x9b\u202e\u2066\x07\r")


def test_a_string_cannot_end_early(box):
    """CVE-2021-43860 (Flatpak): a NUL byte hid the rest of the permissions from one reader."""
    text = json.dumps({"args": ["probe"], **box.config(env={"A": "HERE"})}).replace(
        "HERE", "a\\u0000b")
    assert "\\u0000" in text
    outcome = box.run(text)
    assert (outcome.status, outcome.stdout) == (FAILED, "") and "NUL" in outcome.stderr


# -- what identities share with the machine ------------------------------------------------------

IPC = r"""
#include <mqueue.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* make: one object of each kind, open to all. look: how many of them are there. */
int main(int argc, char **argv) {
	const char *name = argv[2];
	key_t key = (key_t)strtol(argv[3], NULL, 0);
	int flags = argc > 1 && strcmp(argv[1], "make") == 0 ? IPC_CREAT | 0666 : 0;
	int found = 0;
	found += shmget(key, 64, flags) >= 0;
	found += msgget(key, flags) >= 0;
	found += semget(key, 1, flags) >= 0;
	found += mq_open(name, flags ? O_CREAT | O_RDWR : O_RDONLY, 0666, NULL) >= 0;
	if (strcmp(argv[1], "remove") == 0) {
		shmctl(shmget(key, 64, 0), IPC_RMID, NULL);
		msgctl(msgget(key, 0), IPC_RMID, NULL);
		semctl(semget(key, 1, 0), 0, IPC_RMID);
		mq_unlink(name);
	}
	printf("%d\n", found);
	return 0;
}
"""


def test_the_hosts_ipc_and_log_are_out_of_reach(box, compile_c):
    """SysV and POSIX objects, the kernel's log: they know uids, or nothing at all."""
    program = compile_c(IPC, args=["-lrt"])
    name, key = f"/hk-test-{os.getpid()}", hex(0x484b0000 | os.getpid() & 0xffff)
    config = box.config(bind(program, "/ipc"))

    def call(word):
        return subprocess.run([program, word, name, key], capture_output=True, text=True,
                              check=True).stdout
    assert call("make") == "4\n"
    try:
        inside = box.run({**config, "path": "/ipc", "args": ["ipc", "look", name, key]})
        assert (inside.status, inside.stdout) == (0, "0\n"), inside
    finally:
        assert call("remove") == "4\n"
    assert box.inside(config, ["syscall", SYSCALLS["syslog"], 10])[0]["errno"] == "EPERM"
    assert not box.inside(config, ["read", "/proc/kmsg"])[0]["ok"]
