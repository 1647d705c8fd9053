# SPDX-License-Identifier: MIT
"""hakurei run and hakurei app, from outside: who the program is, and what becomes of its end."""

import grp
import json
import os
import signal
import stat
import subprocess

import pytest

from harness.person import children
from harness.processes import wait_until
from harness.run import run_as
from harness.users import ROOT

GROUP = "audio"  # a group of every distribution that is nobody's primary one


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file)


# -- who the program is ------------------------------------------------------------------------

def test_the_program_has_the_kernel_uid_of_its_identity_in_every_role(person):
    running = person.start_sleeping(7)
    shim, init, program = children(running.pid)
    for pid in (shim, init, program):
        status = status_of(pid)
        assert status["Uid"].split() == [str(person.target(7))] * 4
        assert status["Gid"].split() == [str(person.target(7))] * 4
    wait_until(lambda: (program, person.target(7), "sleep") in person.processes(7))
    assert status_of(running.pid)["Uid"].split() == [str(person.user.uid)] * 4
    running.signal(signal.SIGINT)
    running.wait()


@pytest.mark.needs_hsu
def test_userid_zero_gives_the_uids_from_10000(person, hsurc):
    hsurc(f"{person.user.uid} 0\n")
    result = person.run("--json", "run", "-a", "7", "--dry-run", "true")
    assert json.loads(result.stdout)["target"] == 10007


def test_each_identity_is_another_uid(person):
    both = [person.start_sleeping(identity) for identity in (0, 9999)]
    assert {uid for _, uid, _ in person.processes()} == {person.target(0), person.target(9999)}
    for running in both:
        running.signal(signal.SIGINT)
        running.wait()


def test_inside_the_program_sees_the_account_that_was_asked_for(person):
    script = 'id -un; echo "$HOME $USER $SHELL"; pwd'
    result = person.run("run", "-u", "yuki", "-d", "/.hakurei/home", "sh", "-c", script)
    assert result.status == 0 and result.stderr == ""
    assert result.stdout.splitlines() == [
        "yuki", "/.hakurei/home yuki /bin/sh", "/.hakurei/home"]


def test_a_target_with_a_line_in_passwd_has_its_name_and_home(person):
    name = f"hktarget{os.getpid()}"
    subprocess.run(["useradd", "--system", "--no-create-home", "--gid", "nogroup", "--home-dir", "/usr",
                    "--uid", str(person.target(7)), name], check=True)
    try:
        outcome = person.run("run", "-a", "7", "sh", "-c", 'echo "$HOME $USER"; pwd')
    finally:
        subprocess.run(["userdel", name], check=True)
    assert outcome.stdout.splitlines() == [f"/usr {name}", "/usr"], outcome
    assert person.run("run", "-a", "7", "pwd").stdout == "/.hakurei/home\n"


def test_without_a_program_run_starts_the_shell(person):
    result = person.run("run", stdin="echo from $0\nexit 6\n")
    assert result.status == 6 and result.stdout.startswith("from ")


def test_arguments_after_the_file_are_added_to_the_configurations_own(person):
    config = person.config(script='printf "<%s>" "$0" "$@"')
    result = person.run("app", config, "", "--bind", "a b", "--")
    assert result.stdout == "<><--bind><a b><-->" and result.status == 0


def test_standard_streams_are_the_programs(person):
    result = person.run("app", person.config(script="cat; echo error >&2"), stdin="in\n")
    assert (result.stdout, result.stderr, result.status) == ("in\n", "error\n", 0)


# -- exit statuses -----------------------------------------------------------------------------

@pytest.mark.parametrize("status", [0, 1, 2, 42, 100, 124, 125, 126, 127, 128, 130, 137, 200, 255])
def test_the_programs_own_status_is_passed_on(person, status):
    result = person.run("run", "sh", "-c", f"exit {status}")
    assert (result.status, result.stderr) == (status, "")


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "ABRT", "KILL", "SEGV", "PIPE", "ALRM",
                                  "TERM", "USR1", "SYS"])
def test_a_program_that_a_signal_kills_gives_128_and_its_number(person, name):
    result = person.run("run", "sh", "-c", f"kill -{name} $$")
    assert (result.status, result.stderr) == (128 + signal.Signals[f"SIG{name}"], "")


def test_exit_130_and_death_by_sigint_are_told_apart_on_the_status_descriptor(person):
    ended = []
    for script in ("exit 130", "kill -INT $$"):
        reader, writer = os.pipe()
        result = person.run("run", "--status-fd", str(writer), "sh", "-c", script,
                            pass_fds=[writer])
        os.close(writer)
        with open(reader, encoding="utf-8") as file:
            ended.append(json.loads(file.readlines()[-1]))
        assert result.status == 130
    assert ended == [{"exited": {"code": 130}}, {"exited": {"signal": 2}}]


def check_refusal(result, status, *words):
    """One line of hakurei's own, with these words."""
    assert result.status == status, result
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("hakurei: ")
    for word in words:
        assert word in result.stderr


def test_run_gives_127_for_a_program_that_is_missing_on_the_host(person):
    for name in ("hk-no-such-program", "/nowhere/at/all", ""):
        check_refusal(person.run("run", name), 127, f"'{name}'", "No such file")


def test_run_gives_126_for_what_cannot_be_executed_on_the_host(person):
    for name in ("/etc/passwd", "/etc", "/etc/"):
        check_refusal(person.run("run", name), 126, "Permission denied")


def test_app_gives_127_for_a_program_that_is_missing_in_the_container(person):
    result = person.run("app", person.config(path="/nowhere/program"))
    check_refusal(result, 127, "'/nowhere/program'", "No such file")


@pytest.mark.parametrize("path", ["/etc/passwd", "/usr"])
def test_app_gives_126_for_what_cannot_be_executed_in_the_container(person, path):
    check_refusal(person.run("app", person.config(path=path)), 126, f"'{path}'",
                  "Permission denied")


def test_app_gives_126_for_a_file_of_no_known_format(person):
    garbage = person.make("garbage", 0o755, "\x01\x02garbage")
    bind = {"type": "bind", "src": str(garbage), "dst": "/garbage"}
    # Its home is closed to the target, so that the bind needs a right on the way.
    perms = [{"path": str(garbage.parent), "x": True}]
    config = person.config(path="/garbage", filesystem=[bind], extra_perms=perms)
    check_refusal(person.run("app", config), 126, "'/garbage'", "Exec format error")
    garbage.unlink()


def test_a_mount_that_fails_gives_125_and_names_the_source(person):
    bind = {"type": "bind", "src": "/nowhere/at/all", "dst": "/x"}
    check_refusal(person.run("app", person.config(filesystem=[bind])), 125, "/nowhere/at/all")


def test_a_status_descriptor_tells_a_failed_sandbox_from_a_failed_program(person):
    cases = [(person.config(path="/nowhere"), 127, "exec"),
             (person.config(filesystem=[{"type": "bind", "src": "/nowhere"}]), 125, "setup")]
    for config, status, step in cases:
        reader, writer = os.pipe()
        result = person.run("app", "--status-fd", str(writer), config, pass_fds=[writer])
        os.close(writer)
        with open(reader, encoding="utf-8") as file:
            [line] = [json.loads(line) for line in file]
        assert result.status == status
        assert line["failed"]["step"] == step and "/nowhere" in line["failed"]["cause"]


# -- who may -----------------------------------------------------------------------------------

@pytest.mark.needs_hsu
def test_somebody_who_is_not_in_the_hsurc_file_is_refused_by_hsu(person, hsurc):
    hsurc(f"{person.user.uid + 1} {person.user.userid}\n")
    result = person.run("run", "true")
    assert (result.status, result.stdout) == (125, "")
    assert result.stderr == f"hsu: uid {person.user.uid} is not in the hsurc file\n"


@pytest.mark.needs_hsu
def test_without_an_hsurc_file_nothing_starts(person, hsurc):
    hsurc(None)
    result = person.run("run", "true")
    assert (result.status, result.stdout) == (125, "")
    assert result.stderr == "hsu: there is no hsurc file\n"


@pytest.mark.parametrize("args", [["run", "true"], ["app", "/dev/null"], ["show"],
                                  ["run", "--dry-run", "true"]])
def test_root_is_refused(person, args):
    result = run_as(ROOT, [person.prefix.hakurei, *args])
    check_refusal(result, 125, "this program must not run as root")


def test_nobody_can_end_or_see_into_the_instance_of_somebody_else(person, neighbour):
    running = person.start_sleeping(7)
    pids = [running.pid, *children(running.pid)]
    result = run_as(neighbour.user, ["sh", "-c", " ".join(
        f"kill -9 {pid}; cat /proc/{pid}/environ /proc/{pid}/maps; ls /proc/{pid}/fd;"
        for pid in pids)])
    assert result.stdout == ""
    assert result.stderr.count("ermission") + result.stderr.count("ermitted") == 4 * len(pids)
    # The same identity of another person is another uid, with files of its own.
    other = neighbour.start_sleeping(7)
    assert neighbour.target(7) != person.target(7)
    assert [uid for _, uid, _ in neighbour.processes()] == [neighbour.target(7)] * 3
    for path in (person.run_dir, person.store, person.share / "tmpdir"):
        assert run_as(neighbour.user, ["ls", path]).status != 0
    # Also if what is above them were open.
    for path in (person.run_dir, person.store):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert running.alive()
    for instance in (other, running):
        instance.signal(signal.SIGINT)
        instance.wait()


# -- groups ------------------------------------------------------------------------------------

@pytest.mark.needs_hsu
def test_a_member_of_a_group_keeps_it_in_the_container(person, work_dir):
    gid = grp.getgrnam(GROUP).gr_gid
    secret = work_dir / "of-the-group"
    secret.write_text("for the group\n")
    os.chown(secret, 0, gid)
    secret.chmod(0o640)
    bind = {"type": "bind", "src": str(secret), "dst": "/secret"}
    keys = {"script": "echo ready; cat /secret; read line", "filesystem": [bind]}
    running = person.start_ready("app", person.config(groups=[GROUP], **keys),
                                 groups=[person.user.gid, gid])
    assert running.stdout.readline() == "for the group\n"
    program = children(running.pid)[2]
    assert status_of(program)["Groups"].split() == sorted([str(gid), str(person.target())],
                                                          key=int)
    running.wait("end\n")
    # The group that nobody asked for is not there.
    result = person.run("app", person.config(**keys), groups=[person.user.gid, gid], stdin="\n")
    assert "Permission denied" in result.stderr and result.stdout == "ready\n"
    secret.unlink()


@pytest.mark.needs_hsu
def test_a_group_that_the_person_is_not_in_is_refused_by_its_name(person):
    """What hsu does where nobody has looked before: test_hsu.py."""
    check_refusal(person.run("run", "-g", GROUP, "true"), 125,
                  f'you are not in the group "{GROUP}"; as root, `usermod -aG` adds you')


def test_an_unknown_group_is_named(person):
    check_refusal(person.run("run", "-g", "hk-nobodys", "true"), 125,
                  'unknown group "hk-nobodys"')
    check_refusal(person.run("app", person.config(groups=["hk-nobodys"])), 125,
                  'unknown group "hk-nobodys"')


# -- many --------------------------------------------------------------------------------------

def test_a_hundred_starts_of_five_identities_at_once_all_end_as_they_should(person):
    running = {}
    for number in range(100):
        identity, status = number % 5, number + 100
        running[number] = person.start("run", "-a", str(identity), "sh", "-c", f"exit {status}",
                                       stdin=subprocess.DEVNULL)
    results = {number: one.wait(timeout=60) for number, one in running.items()}
    assert {number: result.status for number, result in results.items()} == {
        number: number + 100 for number in range(100)}
    assert all(result.stderr == "" for result in results.values())
    person.check_nothing_left()


def test_two_people_start_for_the_first_time_at_the_same_moment(person, neighbour, work_dir):
    first = work_dir / "first-tmp"
    first.mkdir()
    first.chmod(0o1777)
    env = {"TMPDIR": str(first)}
    running = [someone.start("run", "-a", "3", "sh", "-c", "exit 9", env=env)
               for someone in (person, neighbour) * 5]
    results = [one.wait() for one in running]
    assert [(result.status, result.stderr) for result in results] == [(9, "")] * 10
    assert sorted(path.name for path in first.iterdir()) == sorted(
        someone.user.share_name for someone in (person, neighbour))
    for path in first.iterdir():
        assert path.stat().st_mode & 0o7777 == 0o711
