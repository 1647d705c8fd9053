# SPDX-License-Identifier: MIT
"""Nothing stays: whoever of an instance is killed, whenever, and whatever fails."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

import pytest

from harness.person import children
from harness.processes import wait_until
from harness.run import UNDER_STRACE
from harness.snapshot import read_acl

SLEEPERS = ["monitor", "shim", "init", "program"]


PF_EXITING = 0x4  # include/linux/sched.h


def kill(pid):
    """Stops it first, to see what is killed: "zombie" if it had ended before, or was about to: one
    that exits already neither stops nor dies of a signal, and has done its part."""
    try:
        os.kill(pid, signal.SIGSTOP)
        deadline = time.monotonic() + 1
        while True:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            state, exits = fields[0], int(fields[6]) & PF_EXITING
            if exits or state in "TtZX" or time.monotonic() > deadline:
                break
        os.kill(pid, signal.SIGKILL)
        return "zombie" if exits or state in "ZX" else "killed"
    except (ProcessLookupError, FileNotFoundError):
        return "zombie"


def granted(person, path, identity=7):
    return any(f"user:{person.target(identity)}:" in entry for entry in read_acl(path))


# -- one process is killed ---------------------------------------------------------------------

@pytest.mark.parametrize("victim", SLEEPERS)
def test_when_one_process_is_killed_no_other_remains_within_a_second(person, victim):
    running = person.start_sleeping(7)
    pids = [running.pid, *children(running.pid)]
    assert len(pids) == len(SLEEPERS)
    kill(pids[SLEEPERS.index(victim)])
    person.wait_for_no_process()
    result = running.wait(timeout=5)
    assert result.status == {"monitor": -9, "program": 137}.get(victim, 125)
    # Who lives tells, and reverts at once; after the monitor, the next command does.
    assert result.stderr.count("\n") == (1 if victim in ("shim", "init") else 0)
    if victim == "monitor":
        assert len(person.entries()) == 1 and person.run_dir.exists()
        assert granted(person, person.share / "tmpdir/7")
        assert person.run("run", "-a", "8", "true").status == 0
    assert person.leftovers() == []


@pytest.mark.parametrize("command", [["ps"], ["ps", "--short"], ["--json", "ps"], ["recover"],
                                     ["run", "-a", "9", "true"]], ids=" ".join)
def test_each_command_that_looks_at_the_store_recovers(person, command):
    running = person.start_sleeping(7)
    kill(running.pid)
    running.wait(timeout=5)
    person.wait_for_no_process()
    assert person.leftovers() != []
    result = person.run(*command)
    assert result.status == 0, result
    assert person.leftovers() == []


def test_killed_all_at_once_it_leaves_no_more_than_killed_one_by_one(person):
    running = person.start_sleeping(7)
    for pid in (running.pid, *children(running.pid)):
        kill(pid)
    running.wait(timeout=5)
    assert person.run("recover").status == 0
    assert person.leftovers() == []


def test_recovery_takes_nothing_from_an_instance_that_lives(person):
    data = person.make("shared-data")
    config = person.config(script="echo ready; exec sleep 1000",
                           extra_perms=[{"path": str(data), "r": True}])
    dead, live = (person.start_ready("app", config) for _ in range(2))
    kill(dead.pid)
    dead.wait(timeout=2)
    result = person.run("recover")
    assert result.status == 0 and len(person.entries()) == 1
    assert granted(person, data)
    assert len(person.processes()) == 3
    live.signal(signal.SIGINT)
    live.wait()
    assert read_acl(data) == []
    data.rmdir()


def test_a_process_that_is_killed_while_another_one_is_listed_is_listed_no_more(person):
    first, second = person.start_sleeping(7), person.start_sleeping(8)
    ids = {json.loads(line) if line.startswith('"') else line
           for line in person.run("ps", "--short").stdout.split()}
    assert len(ids) == 2
    kill(first.pid)
    first.wait(timeout=2)
    left = person.run("ps", "--short").stdout.split()
    assert len(left) == 1 and set(left) < ids
    second.signal(signal.SIGINT)
    second.wait()


# -- killed at any moment ----------------------------------------------------------------------

def test_killed_at_random_moments_nothing_remains(person):
    """A hundred rounds: whoever is there of monitor, hsu, shim, init and program."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    for number in range(100):
        running = person.start("run", "-a", str(number % 3), "sleep", "1000")
        time.sleep(dice.random() * 0.05)
        victim = dice.choice([running.pid, *children(running.pid)])
        if kill(victim) == "zombie":
            kill(running.pid)  # it had done its part already
        # One of the others may still be on its way to where the end of the victim is seen.
        running.popen.wait(timeout=10)
        person.wait_for_no_process()
        running.wait(timeout=5)
        if number % 10 == 9:
            assert person.run("recover").status == 0
            assert person.leftovers() == [], f"after round {number}"


# strace counts calls of the monitor alone (it does not follow), so that each run is cut at a
# point of its own, from the first call that changes the host to the last.
CHANGES = ["mkdirat", "setxattr", "fchmod", "renameat2", "unlinkat", "ftruncate", "symlinkat"]


def injected(person, call, number, action, *args):
    """hakurei with an action at call number N, and whether that call came."""
    log = f"/tmp/hk-strace-{os.getpid()}"
    running = subprocess.run(
        ["strace", "-u", person.user.name, "-o", log, "-e", f"trace={call}",
         "-e", f"inject={call}:{action}:when={number}", *person.command(*args)],
        env={**person.user.env, **UNDER_STRACE}, cwd=person.user.home, capture_output=True,
        text=True, timeout=30, check=False)
    with open(log, encoding="utf-8") as file:
        text = file.read()
    os.unlink(log)
    calls = re.findall(rf"^{call}\(", text, re.MULTILINE)
    return running, len(calls) >= number


def sweep(person, call, action, check):
    for number in range(1, 60):
        shutil.rmtree(person.share, ignore_errors=True)
        done, reached = injected(person, call, number, action, "run", "-a", "7", "sh", "-c",
                                 "exit 11")
        if not reached:
            assert done.returncode == 11, done
            return number - 1
        check(done, f"{call} {number}")
    raise AssertionError(f"more than 60 calls of {call}")


def test_killed_at_each_call_that_changes_the_host_nothing_remains(person):
    def check(done, where):
        assert done.returncode != 11, where
        person.wait_for_no_process()
        result = person.run("recover")
        assert result.status == 0, (where, result)
        assert person.leftovers() == [], where

    swept = {call: sweep(person, call, "signal=SIGKILL", check) for call in CHANGES}
    # The calls that are known to be made; else this test would look at nothing.
    assert swept["mkdirat"] >= 7 and swept["setxattr"] >= 10 and swept["unlinkat"] >= 3, swept


@pytest.mark.parametrize("call,error", [("mkdirat", "ENOSPC"), ("setxattr", "ENOSPC"),
                                        ("fchmod", "EIO"), ("renameat2", "EDQUOT")])
def test_each_call_that_fails_while_applying_is_an_error_and_leaves_nothing(person, call, error):
    failed = []

    def check(done, where):
        if done.returncode != 11:
            assert done.returncode == 125 and done.stderr.startswith("hakurei: "), (where, done)
            assert os.strerror(getattr(__import__("errno"), error)) in done.stderr, where
            failed.append(where)
        person.wait_for_no_process()
        assert person.run("recover").status == 0, where
        assert person.leftovers() == [], where

    sweep(person, call, f"error={error}", check)
    assert failed


def test_what_cannot_be_reverted_is_said_and_done_by_the_next_command(person):
    """The removal of the instance directory fails; the program's status is passed on."""
    data = person.make("data", 0o640, "text")
    config = person.config(script="exit 3", extra_perms=[{"path": str(data), "r": True}])
    done, reached = injected(person, "unlinkat", 1, "error=EIO", "app", config)
    assert reached and "Input/output error" in done.stderr and "hakurei: " in done.stderr
    assert done.returncode == 3
    assert len(person.entries()) == 1
    assert read_acl(data) == []  # one failure stops no other
    assert person.run("recover").status == 0
    assert person.leftovers() == []
    data.unlink()


# -- what is not as it was left ----------------------------------------------------------------

@pytest.mark.parametrize("what", ["instance_dir", "run_dir", "share", "share/tmpdir/7"])
def test_a_directory_of_ours_that_is_deleted_meanwhile_is_no_error(person, what):
    running = person.start_sleeping(7)
    path = {"instance_dir": person.instance_dir(), "run_dir": person.run_dir,
            "share": person.share, "share/tmpdir/7": person.share / "tmpdir/7"}[what]
    shutil.rmtree(path)
    running.signal(signal.SIGINT)
    result = running.wait()
    assert (result.status, result.stderr) == (130, "")


def test_a_directory_of_ours_that_somebody_else_made_anew_is_left_alone(person, neighbour):
    """Cleaned away by a tool, and its name taken by another user before the end."""
    running = person.start_sleeping(7)
    shutil.rmtree(person.share)
    person.share.mkdir(0o777)
    theirs = person.share / "tmpdir"
    theirs.mkdir()
    for path in (person.share, theirs):
        os.chown(path, neighbour.user.uid, neighbour.user.gid)
    running.signal(signal.SIGINT)
    result = running.wait()
    assert result.status == 130
    assert theirs.exists() and read_acl(theirs) == [] and read_acl(person.share) == []
    refused = person.run("run", "true")
    assert refused.status == 125 and str(person.share) in refused.stderr
    shutil.rmtree(person.share)


def test_an_entry_that_is_deleted_meanwhile_costs_nothing(person):
    running = person.start_sleeping(7)
    (person.store / person.entries()[0]).unlink()
    running.signal(signal.SIGINT)
    assert running.wait().status == 130
    assert person.leftovers() == []


def test_a_store_that_is_deleted_meanwhile_is_said_to_be_missing(person):
    """Without it nobody knows what others need, so that nothing is taken away."""
    running = person.start_sleeping(7)
    shutil.rmtree(person.store)
    running.signal(signal.SIGINT)
    result = running.wait()
    assert result.status == 130
    assert result.stderr.startswith("hakurei: state directory: cannot ")
    assert result.stderr.count("\n") == 1
    person.clean_up()


def test_an_entry_that_cannot_be_read_is_reported_and_stops_nobody(person):
    assert person.run("run", "true").status == 0
    name = "0" * 31 + "1"
    broken = person.store / name
    broken.write_text("not an entry\n")
    os.chown(broken, person.user.uid, person.user.gid)
    broken.chmod(0o600)
    running = person.start_sleeping(7)
    listed = person.run("ps", "--short")
    assert listed.status == 0 and len(listed.stdout.split()) == 1
    assert name in listed.stderr and listed.stderr.count("\n") == 1
    running.signal(signal.SIGINT)
    result = running.wait()
    assert result.status == 130 and name in result.stderr
    assert broken.read_text() == "not an entry\n"
    broken.unlink()


@pytest.mark.parametrize("kind", ["symlink", "fifo", "directory", "open to others", "hard link"])
def test_an_entry_that_is_no_plain_file_is_never_followed(person, kind):
    assert person.run("run", "true").status == 0
    path = person.store / ("0" * 31 + "2")
    precious = person.make("precious", 0o600, "kept\n")
    if kind == "symlink":
        path.symlink_to(precious)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "hard link":
        path.hardlink_to(precious)
    else:
        path.write_text("{}\n")
        path.chmod(0o666)
    os.chown(path, person.user.uid, person.user.gid, follow_symlinks=False)
    result = person.run("recover", timeout=5)
    assert path.name in result.stderr
    assert precious.read_text() == "kept\n" and path.lstat()
    path.rmdir() if kind == "directory" else path.unlink()
    precious.unlink()


def test_recovery_removes_nothing_that_an_entry_names_outside_of_our_places(person):
    """An entry is only a text: what it says is believed no further than the scope."""
    empty = person.make("an-empty-directory-of-the-person")
    running = person.start_sleeping(7)
    instance = str(person.instance_dir())
    kill(running.pid)
    running.wait(timeout=5)
    person.wait_for_no_process()
    entry = person.store / person.entries()[0]
    before = entry.read_text()
    assert instance in before
    entry.write_text(before.replace(instance, str(empty)))
    person.run("recover")
    assert empty.is_dir() and read_acl(empty) == []
    entry.unlink(missing_ok=True)
    shutil.rmtree(person.run_dir, ignore_errors=True)
    empty.rmdir()


def test_recovery_gives_up_waiting_for_nobody_who_holds_only_the_entry(person):
    """Many commands at once, while instances start and end: no deadlock and no error."""
    running = [person.start("run", "-a", str(n % 3), "true") for n in range(20)]
    running += [person.start("recover") for _ in range(10)]
    results = [one.wait(timeout=30) for one in running]
    assert [result.status for result in results] == [0] * 30, results
    wait_until(lambda: not person.processes())
