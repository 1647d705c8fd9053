# SPDX-License-Identifier: MIT
"""What has gone wrong in programs of this kind, tried here: one test each, which names its source.

Further ones are where their subject is: terminals in test_terminal.py, abstract sockets in
test_landlock.py, links in sources in test_mounts.py, ids and capabilities in test_container.py.
"""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from harness.container import (FAILED, HOME, NOT_FOUND, Outcome, bind, box,  # noqa: F401
                               commands, ephemeral, link, make_dir, make_file, make_link,
                               mounted, options_of, overlay, place, shown_probe,
                               syscall_numbers)
from harness.launchers import FAILING_CALLS, ONE_FAILING_CALL
from harness.run import run_as, start_as
from harness.snapshot import host_snapshot
from harness.users import BACKEND

SYSCALLS = syscall_numbers()
TARGET = 65534
SECRET = "the person's secret"
CONTAINER_DIRECTORIES = ("dev", "etc", "mnt", "proc", "run", "tmp", ".hakurei",
                         HOME.lstrip("/"), f"run/user/{TARGET}")


@pytest.fixture
def image(place):
    """A directory that looks like a root."""
    root = make_dir(place / "image")
    for name in CONTAINER_DIRECTORIES:
        make_dir(root / name)
    for name in ("probe", "etc/passwd", "etc/group"):
        make_file(root / name, f"{name} of the image\n")
    return root


@pytest.fixture
def secret(box, place):
    """A directory of the person's that is open, so that only hakurei keeps the program out."""
    directory = make_dir(place / "secret", owner=box.user.uid)
    make_file(directory / "file", SECRET, owner=box.user.uid)
    return directory


@contextmanager
def as_uid(uid, script, *args):
    """A Python script as a uid that is no user: what the target can do outside."""
    become = ("import os, sys, time\nuid = int(sys.argv[1])\nos.setgroups([])\n"
              "os.setresgid(uid, uid, uid)\nos.setresuid(uid, uid, uid)\n")
    process = subprocess.Popen([sys.executable, "-c", become + script, str(uid),
                                *map(str, args)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()


# Puts argv[2] (a real thing) and argv[3] (what must not be reached) in each other's place, without
# end.
SWAP = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def swap(a, b):
    return libc.renameat2(-100, a.encode(), -100, b.encode(), 2)
assert swap(sys.argv[2], sys.argv[3]) == 0 and swap(sys.argv[2], sys.argv[3]) == 0
print("ready", flush=True)
while True:
    swap(sys.argv[2], sys.argv[3])
"""


# -- names, races and links on the host ----------------------------------------------------------

def test_a_shared_directory_taken_by_another_user_is_not_used(box, bob, host_snapshot):
    """CVE-2026-3888 (snap-confine): a directory was cleaned away and made again by an attacker."""
    share = box.tmp_dir / box.user.share_name
    shared = box.config(share_tmpdir=True)
    kept = share.with_name("kept")
    with box.running(shared, ["write", "/tmp/mine", "x"], ["wait"], ["read", "/tmp/mine"]) as (
            running, _):
        share.rename(kept)  # as something that cleans /tmp would, but here it has to come back
        try:
            make_dir(share, mode=0o777, owner=bob.uid)
            make_dir(share / "tmpdir", mode=0o777, owner=bob.uid)
            before = host_snapshot(share)
            outcome = box.run(shared, "facts")
            assert (outcome.status, outcome.stdout) == (FAILED, ""), outcome
            assert str(share) in outcome.stderr and f"uid {bob.uid}" in outcome.stderr
            result = running.wait("\n")
            # What runs is not disturbed, and its end leaves the other's directory alone.
            assert json.loads(result.stdout.splitlines()[-1])["text"] == "x"
            assert before.differences(host_snapshot(share)) == []
        finally:
            shutil.rmtree(share)
            kept.rename(share)
    box.inside(shared, ["remove", "/tmp/mine"])


@pytest.mark.parametrize("kind", ["runtime", "tmpdir"])
def test_an_own_directory_replaced_by_a_link_is_refused(box, secret, kind):
    """CVE-2024-42472 (Flatpak): between two runs the program replaced a directory of its own by a
    symbolic link, and the next run mounted what it led to."""
    shared = box.config(**{f"share_{kind}": True})
    own = box.tmp_dir / box.user.share_name / kind / "0" / "user"
    with box.running(shared, ["wait"]):  # the ACLs are there while one runs
        moved = own.with_name("moved")
        with as_uid(box.uid(), "os.rename(sys.argv[2], sys.argv[3])\n"
                    "os.symlink(sys.argv[4], sys.argv[2])\nprint('ready', flush=True)\n",
                    own, moved, secret):
            pass
        try:
            outcome = box.run(shared, *commands(["read", "/tmp/file"],
                                                ["read", f"/run/user/{TARGET}/file"]))
            assert (outcome.status, outcome.stdout) == (FAILED, ""), outcome
            assert "belongs to the program's own user" in outcome.stderr
            assert SECRET not in outcome.stdout
        finally:
            own.unlink()
            moved.rename(own)


def test_a_source_that_is_swapped_meanwhile_never_shows_something_else(box, place, secret):
    """GHSA-8688-9x26-hhxj (Flatpak): a directory of the program's was replaced while another
    instance started. Here it goes on all the time."""
    own = make_dir(place / "own", owner=box.uid())
    make_file(make_dir(own / "real", owner=box.uid()) / "file", "mine")
    make_link(own / "link", secret, owner=box.uid())
    config = box.config(bind(own / "real", "/data"), bind(own / "real/file", "/file"))
    seen = set()
    with as_uid(box.uid(), SWAP, own / "real", own / "link"):
        for _ in range(60):
            outcome = box.run(config, *commands(["read", "/data/file"], ["read", "/file"]))
            if outcome.status == 0:
                assert [answer["text"] for answer in outcome.answers] == ["mine"] * 2
                seen.add("bound")
            else:
                assert outcome.status == FAILED and outcome.stdout == "", outcome
                assert "bind '/" in outcome.stderr
                seen.add("refused")
    assert seen == {"bound", "refused"}  # else there was no race


def test_the_same_path_twice_must_be_the_same_object(box, place):
    """CVE-2026-34078 (Flatpak): a path checked by one side was resolved again by another."""
    own = make_dir(place / "own", owner=box.uid())
    for name in ("a", "b"):
        make_file(make_dir(own / name, owner=box.uid()) / "name", name)
    config = box.config(bind(own / "a", "/data"))
    said = set()
    with as_uid(box.uid(), SWAP, own / "a", own / "b"):
        for _ in range(300):
            outcome = box.run(config, *commands(["read", "/data/name"]))
            if outcome.status == 0:
                # Both may be bound: it is the one that was there when the path was resolved.
                said.add(outcome.answers[0]["text"])
            else:
                assert "replaced by something else meanwhile" in outcome.stderr, outcome
                said.add("replaced")
            if {"a", "b", "replaced"} <= said:
                break
    assert said == {"a", "b", "replaced"}


@pytest.mark.parametrize("mount, kind", [
    (lambda at, place: bind(place / "other", at), "bind"),
    (lambda at, place: bind(place / "other/file", at + "/f"), "bind"),
    (lambda at, place: ephemeral(at), "tmpfs"),
    (lambda at, place: ephemeral(at + "/deeper", write=True), "tmpfs"),
    (lambda at, place: overlay(at, place / "other", place / "more"), "overlay"),
    (lambda at, place: link(at + "/new", "x"), "link"),
])
def test_a_target_behind_a_planted_link_is_refused(box, place, secret, mount, kind):
    """GHSA-pxhw-h44j-8pfx (bubblewrap): making a mount point followed a link out of the new
    root, and something appeared on the host."""
    own = make_dir(place / "own", owner=box.uid())
    make_file(make_dir(place / "other") / "file")
    make_dir(place / "more")
    secret.chmod(0o777)
    for text in (secret, os.path.relpath(secret, own), f"../..{secret}", "/proc/self/root",
                 "/proc/1/root", "/..", "/usr"):
        make_link(own / "planted", text, owner=box.uid())
        config = box.config(bind(own, "/data", write=True), mount("/data/planted", place))
        box.refused(config, f"{kind} '/data/planted", "'/data/planted' in the container is a "
                    "symbolic link that the program could have made", paths=[place])
        (own / "planted").unlink()


def test_a_target_swapped_for_a_link_meanwhile_leaves_nothing_on_the_host(box, place, secret):
    """The same while another instance of the identity changes it all the time."""
    secret.chmod(0o777)
    own = make_dir(place / "own", owner=box.uid())
    make_dir(own / "a", owner=box.uid())
    make_link(own / "b", secret, owner=box.uid())
    make_file(place / "file")
    config = box.config(bind(own, "/data", write=True), ephemeral("/data/a"),
                        link("/data/a/link", "x"), bind(place / "file", "/data/a/bound"))
    before = box.host(secret)
    started = 0
    with as_uid(box.uid(), SWAP, own / "a", own / "b"):
        for _ in range(60):
            outcome = box.run(config, "facts")
            started += outcome.status == 0
            assert outcome.status in (0, FAILED), outcome
    assert before.differences(box.host(secret)) == [] and started > 0
    assert os.listdir(own / ("b" if (own / "a").is_symlink() else "a")) == []


@pytest.mark.parametrize("name", ["proc", "dev", "tmp", "run", "etc", "home", ".hakurei",
                                  "dev/pts", "run/user", "etc/passwd"])
@pytest.mark.parametrize("text", ["SECRET", "/", "../../../../../..SECRET", "/proc/1/root"])
def test_an_image_with_a_link_in_place_of_a_directory_leads_nowhere(box, image, secret, name,
                                                                    text):
    """CVE-2026-41579 (runc), CVE-2019-18837: /proc or /dev of an image was a symbolic link."""
    secret.chmod(0o777)
    text = text.replace("SECRET", str(secret))
    path = image / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(text)
    before = box.host(secret.parent)
    outcome = box.run(box.config(root=bind(image, "/")),
                      *commands(["facts", secret / "file"], ["write", "/proc/self/comm", "x"]))
    # The image's links are followed within the image, or the start fails; never out of it.
    if outcome.status == 0:
        facts = outcome.answers[0]
        assert facts["readable"][str(secret / "file")] in ("ENOENT", "ENOTDIR")
        assert facts["root_is_its_own_parent"]
    else:
        assert (outcome.status, outcome.stdout) == (FAILED, ""), outcome
    assert before.differences(box.host(secret.parent)) == []


def in_private_mounts(box, script, config, *words):
    """hakurei as the person, in a mount namespace where root has run the script first."""
    argv = ["unshare", "-m", "--propagation", "private", "sh", "-ec",
            script + '\nuid=$1; shift; exec setpriv --reuid "$uid" --regid "$uid" --clear-groups '
            '"$@"', "sh", box.user.uid, *box.argv(config, *words)]
    done = subprocess.run(list(map(str, argv)), env={**box.user.env, "PATH": os.environ["PATH"]},
                          cwd="/", capture_output=True, text=True, check=False, timeout=30)
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", ["null", "zero", "full", "random", "urandom", "tty"])
def test_a_device_that_is_something_else_on_the_host_is_refused(box, place, name):
    """CVE-2025-31133 (runc): /dev/null was replaced before it was bound."""
    fake = make_file(place / "fake", mode=0o666)
    for source in (fake, "/dev/zero" if name != "zero" else "/dev/full"):
        outcome = in_private_mounts(box, f"mount --bind {source} /dev/{name}", box.config(),
                                    "facts")
        if name == "null" and source == fake:
            # hakurei itself needs it, and may find out first.
            assert (outcome.status, outcome.stdout) == (FAILED, ""), outcome
            continue
        assert (outcome.status, outcome.stdout) == (FAILED, ""), outcome
        assert f"'/dev/{name}' on the host is not the character device" in outcome.stderr


def test_a_proc_that_is_none_is_found_out(box, place, compile_c):
    """CVE-2019-16884 (runc): what was written to proc went to another file system, and the
    program ran without what it should have done. Here init is told that it has opened a file of
    a tmpfs."""
    launcher, path = compile_c(ONE_FAILING_CALL), box.argv(box.config(), "facts")
    seen, number = set(), 0
    while True:
        number += 1
        outcome = box.run_by(launcher, SYSCALLS["fstatfs"], number, place / "log", *path)
        if int((place / "log").read_text()) < number:
            break
        if outcome.status == FAILED:
            assert "is not on a proc file system" in outcome.stderr, outcome
            seen.add(outcome.stderr.split("'")[1])
    assert outcome.status == 0
    assert {os.path.basename(path) for path in seen} >= {"setgroups", "uid_map", "gid_map",
                                                         "max_user_namespaces"}


def test_a_start_writes_no_file_of_the_host(box):
    """CVE-2016-10118 (Firejail): /etc/resolv.conf was overwritten at the start."""
    before = [host_snapshot("/etc"), box.host()]
    box.facts(box.config(bind("/etc", "/etc", special=True)))
    box.facts(box.config(bind("/etc/resolv.conf"), bind("/usr"), host_net=True,
                         host_abstract=True))
    run_as(box.user, [box.prefix.hakurei, "run", "--backend", BACKEND, "--", "true"])
    assert before[0].differences(host_snapshot("/etc")) == []
    assert before[1].differences(box.host()) == []


# -- getting out ---------------------------------------------------------------------------------

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


def test_calls_of_tomorrow_are_unknown(box):
    """CVE-2021-41133 (Flatpak): new calls did what the old ones were denied."""
    numbers = [*range(470, 1024), 0x3fffffff]
    answers = box.inside(box.config(), *(["syscall", number] for number in numbers))
    assert {answer["errno"] for answer in answers} == {"ENOSYS"}
    new = ["open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
           "clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"]
    answers = box.inside(box.config(), *(["syscall", SYSCALLS[name]] for name in new))
    assert [answer["errno"] for answer in answers] == ["ENOSYS"] * len(new)


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
    assert [line for line in changed if ".json: appeared" not in line] == []  # ours


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


# -- steps that fail -----------------------------------------------------------------------------

# Everything that a start needs, after the target's uid is there. keyctl: ENOSYS would be a kernel
# without keyrings. landlock_create_ruleset: test_landlock.py.
STEPS = ["mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "pivot_root",
         "umount2", "mount", "sethostname", "capset", "prctl", "seccomp", "setsid", "close_range",
         "clone3", "keyctl", "symlinkat", "mkdirat", "openat2", "fchdir", "chdir", "rt_sigaction",
         "rt_sigprocmask", "landlock_restrict_self", "statx", "fstatfs", "flock", "readlinkat",
         "clone", "socketpair", "execve"]


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
    there are many, for some of them."""
    before = box.host()
    launcher, argv = compile_c(ONE_FAILING_CALL), box.argv(everything, "facts")

    def run(when):
        outcome = box.run_by(launcher, SYSCALLS[name], when, place / "log", *argv)
        return outcome, int((place / "log").read_text())

    outcome, count = run(0)
    assert outcome.status == 0 and outcome.answers and count > 0, outcome
    # The third and fourth filter are the shim's own, loaded when the program runs already.
    count = 2 if name == "seccomp" else count
    for number in sorted({1 + count * step // 15 for step in range(15)}):
        outcome, seen = run(number)
        assert seen >= number
        assert outcome.stdout == "" and outcome.status != 0, (number, outcome)
    assert before.differences(box.host()) == []


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


# -- mount tables that change --------------------------------------------------------------------

def test_flags_reach_mounts_that_appear_while_a_container_starts(box, place):
    """bubblewrap #650: flags were set by walking a table of mounts that changed meanwhile, and
    some mount stayed writable, with setuid programs and devices."""
    source = make_dir(place / "source")
    below = [make_dir(source / f"below{number}") for number in range(3)]
    script = ("import subprocess, sys\nprint('ready', flush=True)\nwhile True:\n"
              "    for path in sys.argv[1:]:\n"
              "        subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', path])\n"
              "    for path in sys.argv[1:]:\n"
              "        subprocess.run(['umount', '-l', path])\n")
    config = box.config(bind(source, "/data"))
    counts = set()
    with mounted("--bind", source, at=source):
        subprocess.run(["mount", "--make-shared", source], check=True)
        mounter = subprocess.Popen([sys.executable, "-c", script, *map(str, below)],
                                   stdout=subprocess.PIPE, text=True)
        try:
            assert mounter.stdout.readline() == "ready\n"
            for _ in range(40):
                facts = box.facts(config)
                found = [mount for mount in facts["mounts"]
                         if mount["mount_point"].startswith("/data")]
                counts.add(len(found))
                for mount in found:
                    assert options_of(mount) == ["ro", "nosuid", "nodev"], mount
                    assert mount["propagation"] == [], mount
        finally:
            mounter.send_signal(signal.SIGSTOP)
            mounter.kill()
            mounter.wait()
            for path in below:
                subprocess.run(["umount", "-l", path], capture_output=True, check=False)
    assert len(counts) > 1  # else nothing appeared
