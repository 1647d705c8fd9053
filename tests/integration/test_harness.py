# SPDX-License-Identifier: MIT
"""The harness itself: a check that cannot fail would hide everything that it should show."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness.processes import processes_of, wait_until
from harness.snapshot import read_acl


def test_a_program_runs_with_the_ids_environment_and_directory_asked_for(alice, run_as, tmp_dir):
    script = 'id -u; id -g; id -G; pwd; umask; echo "$HOME $XDG_RUNTIME_DIR $X"; cat; exit 3'
    result = run_as(alice, ["sh", "-c", script], env={"X": "y"}, stdin="in\n", cwd=tmp_dir,
                    groups=[alice.gid, 44])
    assert result.status == 3 and result.stderr == ""
    assert result.stdout.splitlines() == [
        str(alice.uid), str(alice.gid), f"{alice.gid} 44", str(tmp_dir), "0022",
        f"{alice.home} /run/user/{alice.uid} y", "in"]


def test_a_variable_can_be_taken_away_and_the_environment_be_all_new(alice, run_as):
    assert "TMPDIR" not in run_as(alice, ["env"], env={"TMPDIR": None}).stdout
    result = run_as(alice, ["/usr/bin/env"], env={"A": "b"}, clean_env=True)
    assert result.stdout == "A=b\n"


def test_a_program_that_hangs_is_an_error_and_gone(alice, run_as):
    with pytest.raises(AssertionError, match="took more than"):
        run_as(alice, ["sleep", "1000"], timeout=0.3)
    wait_until(lambda: not processes_of({alice.uid}))


def test_users_have_private_homes_and_leave_nothing(user_factory, start_as):
    user = user_factory("short")
    assert pwd.getpwnam(user.name).pw_uid == user.uid
    for directory in (user.home, user.runtime_dir):
        st = directory.stat()
        assert (st.st_mode & 0o7777, st.st_uid, st.st_gid) == (0o700, user.uid, user.gid)
    # Also from what runs away from its session and ignores what can be ignored.
    start_as(user, ["sh", "-c", "trap '' TERM HUP; setsid sleep 1000 & wait"])
    wait_until(lambda: len(processes_of({user.uid})) >= 2)
    user_factory.remove(user)
    assert not user.home.exists() and not user.runtime_dir.exists()
    assert not processes_of({user.uid})
    with pytest.raises(KeyError):
        pwd.getpwnam(user.name)
    assert user.name not in Path("/etc/subuid").read_text()


def change_mode(path):
    (path / "file").chmod(0o604)


def change_content(path):
    (path / "file").write_text("other")


def change_owner(path):
    os.chown(path / "file", 1, 0)


def change_acl(path):
    subprocess.run(["setfacl", "-m", "u:12345:r", path / "file"], check=True)


def change_default_acl(path):
    subprocess.run(["setfacl", "-d", "-m", "u:12345:r", path / "directory"], check=True)


def add_a_file(path):
    (path / "directory" / "new").touch()


def add_a_hard_link(path):
    os.link(path / "file", path / "second")
    os.rename(path / "second", path.parent / "outside")


def remove_a_link(path):
    (path / "link").unlink()


def turn_a_link(path):
    (path / "link").unlink()
    (path / "link").symlink_to("elsewhere")


def replace_a_file(path):
    shutil.copy2(path / "file", path / "copy")
    (path / "copy").rename(path / "file")


def bind_a_socket(path):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path / "socket"))


@pytest.mark.parametrize("change", [
    change_mode, change_content, change_owner, change_acl, change_default_acl, add_a_file,
    add_a_hard_link, remove_a_link, turn_a_link, replace_a_file, bind_a_socket])
def test_a_snapshot_sees_every_kind_of_change(as_root, tmp_path, host_snapshot, change):
    path = tmp_path / "seen"
    (path / "directory").mkdir(parents=True)
    (path / "file").write_text("text")
    (path / "link").symlink_to("file")
    before = host_snapshot(path)
    assert host_snapshot(path) == before and before.differences(host_snapshot(path)) == []
    change(path)
    after = host_snapshot(path)
    assert after != before and before.differences(after)


def test_a_snapshot_sees_processes_and_bound_sockets(alice, start_as, host_snapshot, tmp_path):
    before = host_snapshot(tmp_path, uids=[alice.uid, alice.target_uids])
    running = start_as(alice, ["sleep", "1000"])
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"\0{tmp_path}/abstract")
        after = host_snapshot(tmp_path, uids=[alice.uid, alice.target_uids])
    running.kill()
    running.wait()
    assert [pid for pid, _, _ in after.processes] == [running.pid]
    assert after.sockets == [f"@{tmp_path}/abstract"]
    assert host_snapshot(tmp_path, uids=[alice.uid, alice.target_uids]) == before


def test_an_acl_is_read_as_the_kernel_holds_it(as_root, tmp_path):
    path = tmp_path / "file"
    path.touch(mode=0o640)
    path.chmod(0o640)
    assert read_acl(path) == []
    subprocess.run(["setfacl", "-m", "u:12345:rwx,m::r-x", path], check=True)
    assert read_acl(path) == ["user::rw-", "user:12345:rwx", "group::r--", "mask::r-x", "other::---"]


@pytest.mark.parametrize("must,failed", [("1", True), ("0", False)])
def test_a_skip_is_a_failure_where_all_must_run(tmp_path, must, failed):
    shutil.copytree(Path(__file__).parent / "harness", tmp_path / "harness")
    shutil.copy(Path(__file__).parent / "conftest.py", tmp_path)
    (tmp_path / "test_skips.py").write_text(
        "import pytest\n"
        "def test_one():\n    pytest.skip('no')\n"
        "@pytest.fixture\ndef skipping():\n    pytest.skip('no')\n"
        "def test_two(skipping):\n    pass\n"
        "@pytest.mark.skip\ndef test_three():\n    pass\n")
    (tmp_path / "test_all_skipped.py").write_text(
        "import pytest\npytest.skip('no', allow_module_level=True)\n")
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q",
                           "--continue-on-collection-errors", str(tmp_path)], cwd=tmp_path,
                          env={**os.environ, "HK_MUST_RUN": must}, capture_output=True,
                          text=True, check=False)
    assert (done.returncode != 0) == failed, done.stdout
    if failed:
        assert "1 failed, 3 errors in" in done.stdout, done.stdout
    else:
        assert "4 skipped" in done.stdout, done.stdout


def test_programs_in_c_are_built_static_and_kept(compile_c, alice, run_as):
    source = "int main(void) { return 5; }\n"
    program = compile_c(source)
    assert compile_c(source) == program
    assert run_as(alice, [program]).status == 5
    with pytest.raises(AssertionError, match="error:"):
        compile_c("no program")
