# SPDX-License-Identifier: MIT
"""What an instance changes on the host: while it runs, and afterwards; and who stands in the way."""

import itertools
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import threading
from contextlib import contextmanager

import pytest

from harness.run import run_as
from harness.snapshot import host_snapshot, read_acl

WAIT = "echo ready; exec sleep 1000"


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def end(running, status=130):
    running.signal(signal.SIGINT)
    result = running.wait()
    assert (result.status, result.stderr) == (status, ""), result


def acl(person, rights, identity=7, group="---"):
    """The ACL of a directory or file that was minimal and closed, with one entry of ours."""
    return ["user::rwx", f"user:{person.target(identity)}:{rights}", f"group::{group}",
            f"mask::{rights}", "other::---"]


def perm(path, rights, **keys):
    return {"path": str(path), **{right: True for right in rights if right != "-"}, **keys}


def everything(person):
    """A snapshot of all that is the person's, and of the shared places."""
    return host_snapshot(person.user.home, person.user.runtime_dir, person.share.parent)


@contextmanager
def mounted(kind, options, path, person, owner=None):
    path.mkdir()
    subprocess.run(["mount", "-t", kind, *(["-o", options] if options else []), "hk", path],
                   check=True)
    try:
        os.chown(path, *(owner or (person.user.uid, person.user.gid)))
        yield path
    finally:
        subprocess.run(["umount", path], check=True)
        path.rmdir()


# -- directories of ours -----------------------------------------------------------------------

def test_the_run_and_instance_directories_are_closed_but_for_the_way_of_the_target(person):
    running = person.start_sleeping(7, "--private-runtime", "--private-tmpdir")
    assert mode(person.run_dir) == 0o700 and read_acl(person.run_dir) == []
    assert read_acl(person.instance_dir()) == acl(person, "--x")
    for path in (person.run_dir, person.instance_dir()):
        assert read_acl(path, "default") == []
        assert os.lstat(path).st_uid == person.user.uid
    assert os.listdir(person.instance_dir()) == []
    assert not person.share.exists()
    end(running)
    assert not person.run_dir.exists()


def test_the_shared_directories_are_open_to_their_identity_alone_and_only_meanwhile(person):
    first, second = person.start_sleeping(3), person.start_sleeping(4)
    assert mode(person.share) == 0o711 and read_acl(person.share) == []
    for kind in ("runtime", "tmpdir"):
        both = ["user::rwx", f"user:{person.target(3)}:--x", f"user:{person.target(4)}:--x",
                "group::---", "mask::--x", "other::---"]
        assert read_acl(person.share / kind) == both
        for identity in (3, 4):
            place = person.share / kind / str(identity)
            assert read_acl(place) == acl(person, "rwx", identity)
            # The program's own directory is the target's, as libraries insist.
            own = os.lstat(place / "user")
            assert own.st_uid == person.target(identity)
            assert stat.S_IMODE(own.st_mode) == (0o700 if kind == "runtime" else 0o1777)
    end(first)
    for kind in ("runtime", "tmpdir"):
        assert read_acl(person.share / kind) == acl(person, "--x", 4)
        assert read_acl(person.share / kind / "3") == []
        assert read_acl(person.share / kind / "4") == acl(person, "rwx", 4)
    end(second)
    for parent, names, _ in os.walk(person.share):
        for name in names:
            path = os.path.join(parent, name)
            if name not in ("user", ".X11-unix"):
                assert mode(path) == 0o700 and read_acl(path) == []


def test_what_programs_put_into_shared_directories_stays_for_the_next_instance(person):
    script = 'echo kept > "$XDG_RUNTIME_DIR/a"; echo kept > /tmp/b'
    assert person.run("run", "-a", "5", "sh", "-c", script).status == 0
    result = person.run("run", "-a", "5", "sh", "-c", 'cat "$XDG_RUNTIME_DIR/a" /tmp/b')
    assert result.stdout == "kept\nkept\n"
    result = person.run("run", "-a", "6", "sh", "-c", 'ls "$XDG_RUNTIME_DIR" /tmp')
    assert "a" not in result.stdout.split() and "b" not in result.stdout.split()
    result = person.run("run", "-a", "5", "--private-runtime", "--private-tmpdir", "sh", "-c",
                        'ls -A "$XDG_RUNTIME_DIR" /tmp | grep -v :')
    assert result.stdout.split() == []


def test_a_start_and_end_change_nothing_else(person):
    assert person.run("run", "true").status == 0  # what stays on purpose is there now
    before = everything(person)
    assert person.run("run", "true").status == 0
    assert before.differences(everything(person)) == []


# -- extra_perms -------------------------------------------------------------------------------

RIGHTS = ["".join(bits) for bits in itertools.product("r-", "w-", "x-")]


def test_each_combination_of_rights_is_given_and_taken_back_exactly(person):
    """On directories that were there, and on those that ensure makes."""
    perms, there, made = [], {}, {}
    for rights in RIGHTS:
        there[rights] = person.make(f"there-{rights}")
        made[rights] = person.user.home / f"made-{rights}"
        perms += [perm(there[rights], rights), perm(made[rights], rights, ensure=True)]
    before = everything(person)
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=perms))
    for rights in RIGHTS:
        for path in (there[rights], made[rights]):
            # Without any right there is nothing to give.
            expected = [] if rights == "---" else acl(person, rights)
            assert read_acl(path) == expected, path
    end(running)
    for rights in RIGHTS:
        made_stat = os.lstat(made[rights])
        assert stat.S_IMODE(made_stat.st_mode) == 0o700 and read_acl(made[rights]) == []
        assert made_stat.st_uid == person.user.uid
        made[rights].rmdir()
    left = [line for line in before.differences(everything(person)) if "config-" not in line]
    assert left == [] or all("/.local" in line for line in left)
    for path in there.values():
        path.rmdir()


def test_the_program_can_do_what_it_was_given_and_no_more(person):
    home = person.user.home
    secret, given = person.make("secret", 0o600, "secret\n"), person.make("given", 0o600, "given\n")
    binds = [{"type": "bind", "src": str(home), "dst": "/h", "write": True}]
    config = person.config(script="cat /h/given; cat /h/secret; echo x > /h/given; ls /h",
                           filesystem=binds, extra_perms=[perm(home, "x"), perm(given, "r")])
    result = person.run("app", config)
    assert result.stdout == "given\n"
    assert result.stderr.count("Permission denied") == 3 == result.stderr.count("\n")
    for path in (secret, given):
        path.unlink()


EXISTING = {
    "a file with a minimal ACL": (0o640, []),
    "a file that is open to all": (0o666, []),
    "an extended ACL": (0o640, ["u:0:rw", "g:5:r", "m::rw"]),
    "an entry for the target": (0o600, ["u:{target}:r"]),
    "an entry for the target that is masked": (0o600, ["u:{target}:rwx", "m::r"]),
    "an entry for another identity": (0o600, ["u:{other}:w"]),
}


@pytest.mark.parametrize("name", EXISTING)
def test_what_was_there_before_is_exactly_there_again(person, name):
    bits, entries = EXISTING[name]
    entries = [entry.format(target=person.target(7), other=person.target(8)) for entry in entries]
    path = person.make("file", bits, "text", entries)
    before = everything(person)
    config = person.config(script=WAIT, extra_perms=[perm(path, "r")])
    running = person.start_ready("app", config)
    assert any(entry.startswith(f"user:{person.target(7)}:r") for entry in read_acl(path))
    end(running)
    changed = [line for line in before.differences(everything(person)) if str(path) in line]
    assert changed == []
    path.unlink()


def test_a_mask_that_holds_somebody_else_back_is_not_widened(person, neighbour):
    """Widening it would make the other one's entry effective."""
    path = person.make("file", 0o600, "text", [f"u:{neighbour.user.uid}:rw", "m::-"])
    first = person.make("first")
    before = everything(person)
    config = person.config(extra_perms=[perm(first, "rwx"), perm(path, "r")])
    result = person.run("app", config)
    assert result.status == 125 and result.stderr.count("\n") == 1
    assert f"uid {neighbour.user.uid}" in result.stderr and str(path) in result.stderr
    assert run_as(neighbour.user, ["cat", path]).status != 0
    changed = [line for line in before.differences(everything(person)) if "/home/" in line
               and ".local" not in line and "config-" not in line]
    assert changed == []
    path.unlink()
    first.rmdir()


def test_a_mode_that_the_person_changes_meanwhile_is_respected(person):
    path = person.make("file", 0o600, "text")
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "r")]))
    run_as(person.user, ["chmod", "0664", path])
    end(running)
    assert mode(path) == 0o664 and read_acl(path) == []
    path.unlink()


def test_an_entry_that_the_person_adds_meanwhile_stays(person, neighbour):
    path = person.make("file", 0o600, "text")
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "r")]))
    run_as(person.user, ["setfacl", "-m", f"u:{neighbour.user.uid}:r", path])
    end(running)
    assert read_acl(path) == ["user::rw-", f"user:{neighbour.user.uid}:r--", "group::---",
                              "mask::r--", "other::---"]
    path.unlink()


def test_a_file_that_was_replaced_meanwhile_is_left_alone(person):
    path = person.make("file", 0o600, "text")
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "r")]))
    # Renamed over it while it exists: else it could get the same inode.
    again = person.make("new", 0o600, "new", [f"u:{person.target(7)}:rw"]).rename(path)
    before = read_acl(again)
    running.signal(signal.SIGINT)
    result = running.wait()
    assert (result.status, result.stderr) == (130, "")
    assert read_acl(again) == before and again.read_text() == "new"
    again.unlink()


def test_a_file_that_became_a_link_meanwhile_is_not_followed(person):
    path, precious = person.make("file", 0o600, "text"), person.make("precious", 0o600, "text")
    run_as(person.user, ["setfacl", "-m", f"u:{person.target(7)}:r", precious])
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "r")]))
    path.unlink()
    path.symlink_to(precious)
    os.lchown(path, person.target(7), person.target(7))
    running.signal(signal.SIGINT)
    assert running.wait().status == 130
    assert f"user:{person.target(7)}:r--" in read_acl(precious)
    path.unlink()
    precious.unlink()


def test_a_file_that_is_gone_meanwhile_is_no_error(person):
    path = person.make("file", 0o600, "text")
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "r")]))
    path.unlink()
    running.signal(signal.SIGINT)
    result = running.wait()
    assert (result.status, result.stderr) == (130, ""), result


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_was_moved_meanwhile_loses_its_entry_and_what_has_its_name_keeps_all(person, kind):
    """Whoever may write to the directory can do that: other programs of the person's."""
    path = person.make("thing", 0o750, "text" if kind == "file" else None)
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "rx")]))
    moved = path.rename(person.make("elsewhere") / "moved")
    assert f"user:{person.target(7)}:r-x" in read_acl(moved)
    other = person.make("thing", 0o600, "other", [f"u:{person.target(7)}:rw"])
    before = read_acl(other)
    running.signal(signal.SIGINT)
    result = running.wait()
    assert (result.status, result.stderr) == (130, "")
    assert read_acl(moved) == [] and mode(moved) == 0o750
    assert read_acl(other) == before
    other.unlink()
    shutil.rmtree(moved.parent)


def test_after_a_kill_what_was_moved_is_told(person):
    """Recovery has nothing but the name."""
    path = person.make("file", 0o600, "text")
    running = person.start_ready("app", person.config(script=WAIT, extra_perms=[perm(path, "r")]))
    path.rename(path.with_name("moved")).unlink()
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    person.wait_for_no_process()
    result = person.run("recover")
    assert f"'{path}' is gone; if it was moved, uid {person.target()} still" in result.stderr


@pytest.mark.parametrize("keys, status", [
    ({"path": "/missing"}, 127),
    ({"filesystem": [{"type": "bind", "src": "/missing"}]}, 125)], ids=["program", "mount"])
def test_a_start_that_fails_late_takes_back_what_would_have_stayed(person, keys, status):
    """The host half was applied, and the container could not be started."""
    made = person.user.home / "made"
    ensured = {**perm(made, "rwx"), "ensure": True}
    result = person.run("app", person.config(script="true", extra_perms=[ensured], **keys))
    assert result.status == status, result
    assert not made.exists() and not person.share.exists()
    assert person.run("app", person.config(script="true", extra_perms=[ensured])).status == 0
    assert made.is_dir()
    # What was there already is not ours to remove.
    assert person.run("app", person.config(script="true", extra_perms=[ensured],
                                           **keys)).status == status
    assert made.is_dir()
    made.rmdir()


def test_the_end_of_one_instance_takes_nothing_from_another(person):
    path = person.make("data")
    config = person.config(script=WAIT, extra_perms=[perm(path, "rw")])
    first, second = (person.start_ready("app", config) for _ in range(2))
    end(first)
    assert read_acl(path) == acl(person, "rw-")
    end(second)
    assert read_acl(path) == []
    path.rmdir()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_instances_that_ask_for_different_rights_have_the_union_while_both_live(person, order):
    path = person.make("data")
    rights = ["r--", "-wx"]
    running = [person.start_ready("app", person.config(script=WAIT,
                                                       extra_perms=[perm(path, one)]))
               for one in rights]
    assert read_acl(path) == acl(person, "rwx")
    end(running[order[0]])
    assert read_acl(path) == acl(person, rights[order[1]])
    end(running[order[1]])
    assert read_acl(path) == []
    path.rmdir()


def test_identities_have_entries_of_their_own_on_one_object(person):
    path = person.make("data")
    running = {identity: person.start_ready("app", person.config(
        script=WAIT, identity=identity, extra_perms=[perm(path, rights)]))
        for identity, rights in ((7, "r--"), (8, "-w-"))}
    assert read_acl(path) == ["user::rwx", f"user:{person.target(7)}:r--",
                              f"user:{person.target(8)}:-w-", "group::---", "mask::rw-",
                              "other::---"]
    end(running[7])
    assert read_acl(path) == acl(person, "-w-", 8)
    end(running[8])
    assert read_acl(path) == []
    path.rmdir()


def test_the_same_object_twice_in_one_configuration_is_the_union(person):
    path = person.make("data")
    config = person.config(script=WAIT, extra_perms=[perm(path, "r"), None, perm(path, "x")])
    running = person.start_ready("app", config)
    assert read_acl(path) == acl(person, "r-x")
    end(running)
    assert read_acl(path) == []
    path.rmdir()


@pytest.mark.parametrize("path", ["/etc/passwd", "/nowhere/at/all", "/usr", "/proc/self/status"])
def test_what_is_not_the_persons_or_not_there_is_refused_by_name(person, path):
    before = host_snapshot(person.user.runtime_dir, person.share.parent)
    result = person.run("app", person.config(extra_perms=[perm(path, "r")]))
    assert result.status == 125 and result.stderr.count("\n") == 1
    assert path.split("/")[1] in result.stderr
    assert before.differences(host_snapshot(person.user.runtime_dir, person.share.parent)) == []


def test_the_person_cannot_open_the_state_of_hakurei_to_a_program(person):
    person.run("run", "true")
    for path in (person.store, person.user.runtime_dir, person.store / "lock"):
        result = person.run("app", person.config(extra_perms=[perm(path, "rw")]))
        assert result.status == 125 and str(path) in result.stderr, path


# -- a commit that fails half-way --------------------------------------------------------------

def test_a_file_system_without_acls_is_an_error_that_takes_back_what_was_done(person):
    data = person.make("data")
    with mounted("ramfs", None, person.user.home / "ramfs", person) as plain:
        made = person.user.home / "made"
        before = everything(person)
        config = person.config(script=WAIT, extra_perms=[
            perm(data, "rwx"), perm(made, "x", ensure=True), perm(plain, "r")])
        result = person.run("app", config)
        assert result.status == 125 and result.stderr.count("\n") == 1
        assert str(plain) in result.stderr and "not supported" in result.stderr
        changed = [line for line in before.differences(everything(person))
                   if "config-" not in line and ".local" not in line]
        assert changed == []
        assert not made.exists()
    data.rmdir()


def test_a_read_only_file_system_is_an_error(person):
    with mounted("tmpfs", None, person.user.home / "ro", person) as path:
        subprocess.run(["mount", "-o", "remount,ro", path], check=True)
        result = person.run("app", person.config(extra_perms=[perm(path, "r")]))
        assert result.status == 125 and str(path) in result.stderr
        assert "Read-only file system" in result.stderr
        result = person.run("run", "true", env={"TMPDIR": str(path)})
        assert result.status == 125 and "Read-only file system" in result.stderr
        assert f"{path}/{person.user.share_name}" in result.stderr


@pytest.mark.parametrize("inodes", range(2, 8))
def test_a_full_tmpdir_is_an_error_and_leaves_nothing(person, work_dir, inodes):
    """The first inode is the root's; a start with shared directories needs seven more."""
    with mounted("tmpfs", f"nr_inodes={inodes},mode=1777", work_dir / "full", person,
                 (0, 0)) as path:
        result = person.run("run", "true", env={"TMPDIR": str(path)})
        assert result.status == 125 and "No space left on device" in result.stderr, result
        assert str(path) in result.stderr
        assert person.leftovers() == []
        left = [os.path.join(parent, name) for parent, names, files in os.walk(path)
                for name in names + files]
        assert all(read_acl(one) == [] for one in left)


def test_a_full_store_is_an_error_and_leaves_nothing(person):
    person.run("run", "true")
    shutil.rmtree(person.store)
    with mounted("tmpfs", "size=4k,mode=700", person.store, person) as path:
        fill = path / "fill"
        fill.write_bytes(b"x" * 4096)
        os.chown(fill, person.user.uid, person.user.gid)
        before = host_snapshot(person.user.runtime_dir, person.share)
        result = person.run("run", "true")
        assert result.status == 125 and "No space left on device" in result.stderr
        assert "state entry" in result.stderr
        assert before.differences(host_snapshot(person.user.runtime_dir, person.share)) == []
        assert sorted(os.listdir(path)) == ["fill", "lock"]


@pytest.mark.parametrize("path", ["/nowhere/tmp", "/etc/passwd"])
def test_a_tmpdir_that_is_not_there_is_an_error_that_names_it(person, path):
    result = person.run("run", "true", env={"TMPDIR": path})
    assert result.status == 125 and result.stderr.count("\n") == 1
    assert path.split("/")[1] in result.stderr
    assert person.leftovers() == []


# -- a hostile neighbour -----------------------------------------------------------------------

def squat(kind, path, owner, precious):
    if kind == "directory":
        path.mkdir(0o777)
        path.chmod(0o777)
    elif kind == "symlink":
        path.symlink_to(precious)
    elif kind == "file":
        path.write_text("theirs")
    elif kind == "fifo":
        os.mkfifo(path, 0o666)
    elif kind == "socket":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.close()
    os.chown(path, owner.uid, owner.gid, follow_symlinks=False)


@pytest.mark.parametrize("kind", ["directory", "symlink", "file", "fifo", "socket"])
def test_a_name_that_another_user_took_first_is_refused_and_not_touched(person, neighbour, kind):
    precious = person.make("precious")
    squat(kind, person.share, neighbour.user, precious)
    before = host_snapshot(person.share, precious, person.user.runtime_dir)
    result = person.run("run", "true", timeout=5)
    assert result.status == 125 and result.stderr.count("\n") == 1
    assert str(person.share) in result.stderr
    assert before.differences(host_snapshot(person.share, precious,
                                            person.user.runtime_dir)) == []
    # Without shared directories the name is not needed.
    assert person.run("run", "--private-runtime", "--private-tmpdir", "true").status == 0
    shutil.rmtree(person.share) if kind == "directory" else person.share.unlink()
    precious.rmdir()


@pytest.mark.parametrize("kind", ["symlink", "file", "fifo", "socket"])
def test_a_name_of_ours_that_is_the_persons_but_no_directory_is_refused(person, kind):
    precious = person.make("precious")
    squat(kind, person.share, person.user, precious)
    result = person.run("run", "true", timeout=5)
    assert result.status == 125 and str(person.share) in result.stderr
    assert read_acl(precious) == [] and os.listdir(precious) == []
    person.share.unlink()
    precious.rmdir()


@pytest.mark.parametrize("bits,entries", [(0o777, []), (0o755, []), (0o711, ["u:{other}:rwx"]),
                                          (0o711, ["d:u:{other}:rwx"])])
def test_a_share_that_is_open_to_others_is_refused_and_not_changed(person, neighbour, bits,
                                                                   entries):
    person.share.mkdir()
    person.share.chmod(bits)
    os.chown(person.share, person.user.uid, person.user.gid)
    for entry in entries:
        subprocess.run(["setfacl", "-m", entry.format(other=neighbour.user.uid), person.share],
                       check=True)
    before = host_snapshot(person.share)
    result = person.run("run", "true")
    assert result.status == 125 and str(person.share) in result.stderr
    assert before.differences(host_snapshot(person.share)) == []
    shutil.rmtree(person.share)


def test_a_tmpdir_where_others_may_rename_our_directory_is_refused(person, work_dir):
    path = work_dir / "not-sticky"
    path.mkdir()
    path.chmod(0o777)
    result = person.run("run", "true", env={"TMPDIR": str(path)})
    assert result.status == 125 and str(path) in result.stderr
    assert os.listdir(path) == []
    path.rmdir()


def test_a_default_acl_above_opens_nothing_of_ours(person, neighbour, work_dir):
    tmp = work_dir / "with-default-acl"
    tmp.mkdir()
    tmp.chmod(0o1777)
    other = neighbour.user.uid
    for path in (tmp, person.user.runtime_dir, person.user.home):
        subprocess.run(["setfacl", "-d", "-m", f"u:{other}:rwx,o::rwx", path], check=True)
    shutil.rmtree(person.user.home / ".local", ignore_errors=True)
    running = person.start_sleeping(7, env={"TMPDIR": str(tmp)})
    share = tmp / person.user.share_name
    for path, expected in ((share, []), (share / "tmpdir", acl(person, "--x")),
                           (share / "tmpdir/7", acl(person, "rwx")), (person.run_dir, []),
                           (person.instance_dir(), acl(person, "--x")), (person.store, []),
                           (person.store / person.entries()[0], [])):
        assert read_acl(path) == expected, path
        if path.is_dir():
            assert read_acl(path, "default") == []
    assert mode(share) == 0o711 and mode(person.store) == 0o700
    end(running)
    assert read_acl(share / "tmpdir/7") == []
    for path in (person.user.runtime_dir, person.user.home):
        subprocess.run(["setfacl", "-b", path], check=True)
    shutil.rmtree(tmp)


# -- a hostile program -------------------------------------------------------------------------

def places_of_the_target(person):
    """What the target owns on the host, and could replace with a process outside."""
    return [person.share / "tmpdir/7/user", person.share / "runtime/7/user"]


@pytest.mark.parametrize("kind", ["symlink", "file", "fifo", "socket"])
@pytest.mark.parametrize("which", [0, 1], ids=["tmpdir", "runtime"])
def test_a_directory_that_a_program_replaced_stops_the_next_start(person, which, kind):
    precious = person.make("ssh")
    (precious / "key").write_text("secret")
    assert person.run("run", "-a", "7", "true").status == 0
    place = places_of_the_target(person)[which]
    shutil.rmtree(place)
    owner = type("Owner", (), {"uid": person.target(7), "gid": person.target(7)})
    squat(kind, place, owner, precious)
    before = host_snapshot(precious)
    result = person.run("run", "-a", "7", "ls", "/tmp", timeout=5)
    assert result.status == 125 and result.stdout == ""
    assert "user" in result.stderr
    assert before.differences(host_snapshot(precious)) == []
    place.unlink()
    shutil.rmtree(precious)


def test_a_directory_that_a_program_swaps_all_the_time_never_leads_to_the_persons_files(person):
    """Back and forth between a directory and a link while instances start."""
    secret = person.make("secret-of-the-person", 0o755)
    (secret / "key").write_text("secret")
    perms = [perm(person.user.home, "x")]
    config = person.config(script="ls /tmp; echo done", container={"share_tmpdir": True},
                           extra_perms=perms)
    assert person.run("app", config).status == 0
    place = places_of_the_target(person)[0]
    stop = threading.Event()
    uid = person.target(7)

    def swap():
        other, link = place.with_name("other"), place.with_name("link")
        while not stop.is_set():
            try:
                os.symlink(secret, link)
                os.lchown(link, uid, uid)
                os.rename(place, other)
                os.rename(link, place)
                os.unlink(place)
                os.rename(other, place)
            except FileExistsError:
                # The start made it anew in between.
                shutil.rmtree(other, ignore_errors=True)
                link.unlink(missing_ok=True)
            except OSError:
                link.unlink(missing_ok=True)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        results = [person.run("app", config) for _ in range(40)]
    finally:
        stop.set()
        thread.join()
    assert all("key" not in result.stdout for result in results)
    assert all(result.status in (0, 125) for result in results)
    assert (secret / "key").read_text() == "secret" and os.listdir(secret) == ["key"]
    shutil.rmtree(secret)


def test_shared_directories_with_planted_files_are_left_as_they_are(person):
    """Hard links, links and pipes in what the target may write do not concern the monitor."""
    assert person.run("run", "-a", "7", "true").status == 0
    precious = person.make("precious", 0o600, "text")
    place = person.share / "tmpdir/7"
    os.link(precious, place / "hard")
    os.symlink(precious, place / "soft")
    os.mkfifo(place / "pipe")
    before = host_snapshot(precious, place / "hard", place / "soft", place / "pipe")
    assert person.run("run", "-a", "7", "true", timeout=5).status == 0
    assert before.differences(host_snapshot(precious, place / "hard", place / "soft",
                                            place / "pipe")) == []
    precious.unlink()


# -- the store ---------------------------------------------------------------------------------

def test_the_store_is_in_the_home_by_passwd_whatever_the_environment_says(person, work_dir):
    env = {"HOME": "/nowhere", "XDG_STATE_HOME": str(work_dir), "XDG_DATA_HOME": str(work_dir)}
    running = person.start_ready("run", "-a", "7", "sh", "-c", WAIT, env=env)
    assert len(person.entries()) == 1
    assert mode(person.store) == 0o700 and mode(person.store / person.entries()[0]) == 0o600
    end(running)
    assert os.listdir(person.store) == ["lock"] and mode(person.store / "lock") == 0o600


def refuse_store(person, name=None):
    before = host_snapshot(person.user.runtime_dir, person.share.parent)
    result = person.run("run", "true")
    assert result.status == 125 and result.stderr.count("\n") == 1, result
    assert str(name or person.store) in result.stderr, result
    assert before.differences(host_snapshot(person.user.runtime_dir, person.share.parent)) == []


def test_a_store_that_others_can_write_to_or_read_is_refused(person, neighbour):
    person.run("run", "true")
    for bits in (0o777, 0o770, 0o755, 0o500):
        person.store.chmod(bits)
        refuse_store(person)
    person.store.chmod(0o700)
    for entry in (f"u:{neighbour.user.uid}:rwx", f"d:u:{neighbour.user.uid}:rwx"):
        subprocess.run(["setfacl", "-m", entry, person.store], check=True)
        refuse_store(person)
        subprocess.run(["setfacl", "-b", person.store], check=True)
        person.store.chmod(0o700)
    assert person.run("run", "true").status == 0


def test_a_store_of_somebody_else_or_behind_a_link_is_refused(person, neighbour):
    person.run("run", "true")
    os.chown(person.store, neighbour.user.uid, -1)
    refuse_store(person)
    elsewhere = person.make("elsewhere")
    shutil.rmtree(person.store)
    person.store.symlink_to(elsewhere)
    os.lchown(person.store, person.user.uid, person.user.gid)
    refuse_store(person)
    assert os.listdir(elsewhere) == []
    person.store.unlink()
    elsewhere.rmdir()


def test_a_directory_above_the_store_that_others_can_write_to_is_refused(person):
    person.run("run", "true")
    state = person.store.parent
    state.chmod(0o777)
    refuse_store(person, state)
    state.chmod(0o700)


# -- the runtime directory ---------------------------------------------------------------------

@pytest.mark.parametrize("value", [None, "", "relative/dir"])
def test_without_a_usable_variable_the_usual_runtime_directory_is_taken(person, value):
    result = person.run("--json", "run", "--dry-run", "true", env={"XDG_RUNTIME_DIR": value})
    assert json.loads(result.stdout)["run_dir"] == f"/run/user/{person.user.uid}/hakurei"


def test_without_any_runtime_directory_one_in_the_share_is_used(person):
    person.user.runtime_dir.rmdir()
    try:
        running = person.start_sleeping(7, env={"XDG_RUNTIME_DIR": None})
        run_dir = person.share / "run/hakurei"
        [instance] = run_dir.iterdir()
        assert mode(run_dir) == 0o700 and read_acl(instance) == acl(person, "--x")
        end(running)
        assert not run_dir.exists()
    finally:
        person.user.runtime_dir.mkdir(0o700)
        os.chown(person.user.runtime_dir, person.user.uid, person.user.gid)


def test_a_runtime_directory_of_somebody_else_is_refused(person, neighbour):
    result = person.run("run", "true", env={"XDG_RUNTIME_DIR": str(neighbour.user.runtime_dir)})
    assert result.status == 125 and str(neighbour.user.runtime_dir) in result.stderr
    result = person.run("run", "true", env={"XDG_RUNTIME_DIR": "/nowhere"})
    assert result.status == 125 and "/nowhere" in result.stderr
    assert person.leftovers() == []
