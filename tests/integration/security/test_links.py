# SPDX-License-Identifier: MIT
"""Links, swapped paths and mount tables that change: what has gone wrong in programs of this kind
between looking at a name and using it. One test each, which names its source.

Further ones: links in sources in test_mounts.py, names of ours on the host in test_host.py and
test_swap.py.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from harness.container import (FAILED, HOME, Outcome, bind, box, commands, ephemeral,  # noqa: F401
                               link, make_dir, make_file, make_link, mounted, options_of, overlay,
                               place, syscall_numbers)
from harness.launchers import ONE_FAILING_CALL
from harness.run import run_as
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
    wanted = {"setgroups", "uid_map", "gid_map", "max_user_namespaces"}
    seen, rounds = set(), 0
    # Several processes look at once, so a call has not the same number in each start.
    while not seen >= wanted and rounds < 20:
        rounds, number = rounds + 1, 0
        while True:
            number += 1
            outcome = box.run_by(launcher, SYSCALLS["fstatfs"], number, place / "log", *path)
            if int((place / "log").read_text()) < number:
                break
            if outcome.status == FAILED:
                assert "is not on a proc file system" in outcome.stderr, outcome
                seen.add(os.path.basename(outcome.stderr.split("'")[1]))
        assert outcome.status == 0
    assert seen >= wanted


def test_a_start_writes_no_file_of_the_host(box, image):
    """CVE-2016-10118 (Firejail): /etc/resolv.conf was overwritten at the start."""
    before = [host_snapshot("/etc"), box.host()]
    # Nor one that it could write to: of a root in which everything is open to the target.
    for name in ("hostname", "resolv.conf"):
        make_file(image / "etc" / name, "the host's\n")
    for path in [image, *image.rglob("*")]:
        path.chmod(0o777)
    files = host_snapshot(image)
    [passwd] = box.inside(box.config(root=bind(image, "/"), hostname="box"),
                          ["read", "/etc/passwd"])
    assert "chronos" in str(passwd), passwd
    assert files.differences(host_snapshot(image)) == []
    box.facts(box.config(bind("/etc", "/etc", special=True)))
    box.facts(box.config(bind("/etc/resolv.conf"), bind("/usr"), host_net=True,
                         host_abstract=True))
    run_as(box.user, [box.prefix.hakurei, "run", "--backend", BACKEND, "--", "true"])
    assert before[0].differences(host_snapshot("/etc")) == []
    assert before[1].differences(box.host()) == []


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
