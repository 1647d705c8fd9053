# SPDX-License-Identifier: MIT
"""Windows: a compositor of the person's that knows what it is shown from a container."""

import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness.compositor import (ID, Compositor, compositor, hk_compositor,  # noqa: F401
                                start_compositor)
from harness.person import took
from harness.processes import wait_until
from harness.run import run_as
from harness.servers import accepts, need_program, server
from harness.snapshot import read_acl

ENGINE = "app.hakurei"
MANAGER = "wp_security_context_manager_v1"
LISTING = "exec wayland-info"
DRAWING = "echo ready; exec weston-simple-shm"
DEADLINE = 5


def who(event):
    return event["engine"], event["app_id"], event["instance_id"]


def end(running):
    running.signal(signal.SIGINT)
    return running.wait()


# -- a security context ----------------------------------------------------------------------------

def test_a_window_is_drawn_from_inside_and_the_compositor_knows_whose_it_is(compositor):
    running = compositor.start(DRAWING)
    instance = compositor.person.instance_dir().name
    commits = compositor.wait_for("commit", 3)
    assert {who(event) for event in commits} == {(ENGINE, ID, instance)}
    assert (commits[0]["width"], commits[0]["height"]) == (250, 250)
    assert len(instance) == 32
    result = end(running)
    assert result.stderr == "simple-shm exiting\n"
    assert who(compositor.wait_for("closed")[0]) == (ENGINE, ID, instance)
    compositor.person.check_nothing_left()


def test_a_program_without_an_id_is_named_by_its_instance(compositor):
    running = compositor.person.start_ready("run", "-a", "7", "--wayland", "sh", "-c", DRAWING,
                                            env=compositor.env)
    instance = compositor.person.instance_dir().name
    assert who(compositor.wait_for("commit")[0]) == (ENGINE, f"app.hakurei.{instance}", instance)
    end(running)


def test_the_manager_of_contexts_is_hidden_inside(compositor):
    outside = run_as(compositor.person.user, ["wayland-info"], env=compositor.env)
    assert MANAGER in outside.stdout
    result = compositor.run(LISTING)
    assert (result.status, result.stderr) == (0, "")
    assert "xdg_wm_base" in result.stdout and MANAGER not in result.stdout


def test_inside_the_variable_names_a_socket_of_the_instances_own(compositor):
    script = ('echo "$WAYLAND_DISPLAY $XDG_SESSION_TYPE"; readlink "$XDG_RUNTIME_DIR/wayland-0";'
              "unset WAYLAND_DISPLAY; exec wayland-info")
    result = compositor.run(script)
    display, link, *listing = result.stdout.splitlines()
    assert display == "/.hakurei/wayland-0 wayland" and link == "/.hakurei/wayland-0"
    assert any("xdg_wm_base" in line for line in listing) and result.status == 0


def test_only_the_target_and_the_person_may_connect(compositor, neighbour):
    running = compositor.start("echo ready; read line")
    path = compositor.person.instance_dir() / "wayland"
    assert path.stat().st_mode & 0o777 == 0o660  # the group's bits are the mask
    assert read_acl(path) == ["user::rw-", f"user:{compositor.person.target()}:rw-",
                              "group::---", "mask::rw-", "other::---"]
    assert read_acl(compositor.path) == []
    connect = f"import socket; socket.socket(socket.AF_UNIX).connect('{path}')"
    tried = run_as(neighbour.user, ["python3", "-c", connect])
    assert "PermissionError" in tried.stderr
    running.wait("\n")


def test_once_the_instance_ends_the_socket_refuses(compositor):
    running = compositor.start("echo ready; read line")
    path = compositor.person.instance_dir() / "wayland"
    assert accepts(path)
    kept = compositor.person.user.runtime_dir / "kept"  # the socket itself goes with its name
    os.link(path, kept)
    running.wait("\n")
    compositor.wait_for("closed")
    assert not accepts(kept)
    kept.unlink()


def test_a_killed_monitor_closes_the_context_too(compositor):
    running = compositor.start("echo ready; read line")
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    compositor.wait_for("closed")
    compositor.person.wait_for_no_process()
    assert compositor.person.run("recover").status == 0
    compositor.person.check_nothing_left()


def test_two_instances_have_a_context_each(compositor):
    first = compositor.start(DRAWING)
    second = compositor.start(DRAWING, id="org.example.Other")
    compositor.wait_for("context", 2)
    end(first)
    before = len(compositor.events("commit"))
    commits = compositor.wait_for("commit", before + 5)
    assert {event["app_id"] for event in commits[-3:]} == {"org.example.Other"}
    end(second)
    compositor.wait_for("closed", 2)


def test_a_compositor_that_ends_first_does_not_disturb_the_end(compositor):
    running = compositor.start("echo ready; read line; exit 4")
    compositor.process.kill()
    compositor.process.popen.wait()
    result = running.wait("\n")
    assert (result.status, result.stderr) == (4, "")


# -- the names of a display --------------------------------------------------------------------------

@pytest.mark.parametrize("name, variable", [
    ("wayland-0", None), ("wayland-0", ""), ("wayland-9", "wayland-9"),
    ("some/where", "some/where"), ("wayland-9", "{runtime}/wayland-9"),
    ("n" * 60, "n" * 60)])
def test_the_display_is_found_by_every_form_of_the_variable(start_compositor, person, name,
                                                            variable):
    path = person.user.runtime_dir / name
    if path.parent != person.user.runtime_dir:
        path.parent.mkdir()
        os.chown(path.parent, person.user.uid, person.user.gid)
    with start_compositor(name=name) as made:
        value = variable and variable.format(runtime=person.user.runtime_dir)
        result = made.run(LISTING, env={"WAYLAND_DISPLAY": value})
        assert (result.status, result.stderr) == (0, "")
        assert len(made.events("context")) == 1
    if path.parent != person.user.runtime_dir:
        path.parent.rmdir()


def test_a_path_too_long_for_a_sockets_address_does_no_harm(start_compositor, person, work_dir):
    """The instance directory, and with it the socket, is where the runtime directory is."""
    deep = work_dir / "deep" / ("d" * 100)
    deep.mkdir(parents=True)
    for path in (deep.parent, deep):
        path.chmod(0o755)
    os.chown(deep, person.user.uid, person.user.gid)
    deep.chmod(0o700)
    with start_compositor() as made:
        result = made.run(LISTING, env={"XDG_RUNTIME_DIR": str(deep),
                                        "WAYLAND_DISPLAY": str(made.path)})
        assert (result.status, result.stderr) == (0, "")
        assert made.wait_for("closed")
    assert list(deep.iterdir()) == []
    shutil.rmtree(deep.parent)


# -- what can be wrong -----------------------------------------------------------------------------

def test_a_missing_compositor_is_named_before_anything_starts(person):
    config = person.config(script="echo started", enablements={"wayland": True})
    runtime = person.user.runtime_dir
    for value, path in ((None, runtime / "wayland-0"), ("wayland-3", runtime / "wayland-3"),
                        ("/nowhere/w", "/nowhere/w")):
        result = person.run("app", config, env={"WAYLAND_DISPLAY": value})
        assert (result.status, result.stdout) == (125, "")
        assert result.stderr == (
            f"hakurei: cannot find the Wayland compositor: there is no '{path}'\n")


def test_a_socket_that_nobody_listens_on_is_named(person):
    path = person.user.runtime_dir / "wayland-0"
    run_as(person.user, ["python3", "-c",
                         f"import socket; socket.socket(socket.AF_UNIX).bind('{path}')"])
    result = person.run("run", "--wayland", "echo", "started")
    assert (result.status, result.stdout) == (125, "")
    assert result.stderr == (f"hakurei: cannot connect to the Wayland compositor '{path}': "
                             "Connection refused\n")
    path.unlink()


def test_a_compositor_without_the_protocol_is_told_from_a_broken_one(start_compositor):
    with start_compositor("--without-context") as made:
        result = made.run("echo started")
        assert (result.status, result.stdout) == (125, "")
        assert result.stderr == (
            f"hakurei: Wayland compositor '{made.path}': the compositor does not have the protocol "
            "security-context-v1, by which it would tell the program from your own; "
            '"direct_wayland": true does without, and then the compositor lets the program do '
            "whatever your own programs may, such as taking pictures of the screen\n")
        made.person.check_nothing_left()


@pytest.mark.once
def test_a_compositor_that_talks_nonsense_is_an_error(person):
    path = person.user.runtime_dir / "wayland-0"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        os.chown(path, person.user.uid, person.user.gid)
        running = person.start("run", "--wayland", "echo", "started")
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(b"\xff" * 64)
            result = running.wait()
    path.unlink()
    assert (result.status, result.stdout) == (125, "")
    assert len(result.stderr.splitlines()) == 1 and str(path) in result.stderr


@pytest.mark.once
@pytest.mark.parametrize("backlog", [8, 0])
def test_a_hung_compositor_costs_five_seconds_and_nobody_else_waits(person, backlog):
    path = person.user.runtime_dir / "wayland-0"
    waiting = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(backlog)
        os.chown(path, person.user.uid, person.user.gid)
        if backlog == 0:  # the queue is full: not even a connection
            while len(waiting) < 2:
                client = socket.socket(socket.AF_UNIX)
                client.setblocking(False)
                try:
                    client.connect(str(path))
                except BlockingIOError:
                    client.close()
                    break
                waiting.append(client)
        begin = time.monotonic()
        hung = person.start("run", "-a", "7", "--wayland", "echo", "started")
        wait_until(lambda: person.entries(), 5, "the hung one to be under way")
        for identity in ("7", "8"):
            assert person.run("run", "-a", identity, "true").status == 0
        assert took(begin) < DEADLINE - 1
        result = hung.wait()
        assert DEADLINE - 0.5 < took(begin) < DEADLINE + 2
    for client in waiting:
        client.close()
    path.unlink()
    assert (result.status, result.stdout) == (125, "")
    assert str(path) in result.stderr and len(result.stderr.splitlines()) == 1
    assert "does not answer" in result.stderr or "timed out" in result.stderr
    person.check_nothing_left()


# -- without a context -----------------------------------------------------------------------------

@pytest.fixture
def weston(person, work_dir):
    """A compositor that does not have the protocol, by somebody else."""
    need_program("weston")
    path = person.user.runtime_dir / "wayland-4"
    made = Compositor(person, path, work_dir / "weston.log", "wayland-4")
    with server(person.user, ["weston", "--backend=headless-backend.so", "--socket=wayland-4",
                              "--idle-time=0"], work_dir / "weston.log", path):
        yield made
    for left in (path, path.with_name("wayland-4.lock")):
        left.unlink(missing_ok=True)


def test_westons_missing_protocol_is_an_error_that_names_the_way_out(weston):
    result = weston.run("echo started")
    assert (result.status, result.stdout) == (125, "")
    assert "security-context-v1" in result.stderr and '"direct_wayland": true' in result.stderr


def test_direct_wayland_gives_the_compositors_own_socket_and_warns(weston):
    weston.path.chmod(0o755)
    result = weston.run("wayland-info && timeout 0.5 weston-simple-shm", direct_wayland=True)
    assert result.status == 124  # it drew until the time was up
    assert "wl_compositor" in result.stdout
    assert result.stderr == ("hakurei: warning: direct_wayland: the compositor cannot tell the "
                             "program from your own, and lets it do whatever they may\n")
    assert read_acl(weston.path) == [] and weston.path.stat().st_nlink == 1


def test_direct_wayland_is_taken_back_after_a_kill(weston):
    weston.path.chmod(0o700)
    running = weston.start("echo ready; read line", direct_wayland=True)
    assert f"user:{weston.person.target()}:rw-" in read_acl(weston.path)
    assert weston.path.stat().st_nlink == 2
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    weston.person.wait_for_no_process()
    assert weston.person.run("recover").status == 0
    assert read_acl(weston.path) == [] and weston.path.stat().st_nlink == 1
    assert weston.path.stat().st_mode & 0o777 == 0o700


def test_direct_wayland_sees_the_manager_that_a_context_would_hide(compositor):
    result = compositor.run(LISTING, direct_wayland=True)
    assert result.status == 0 and MANAGER in result.stdout
    assert compositor.events("context") == []


def test_a_hard_link_does_not_cross_file_systems(start_compositor, person, work_dir):
    place = work_dir / "elsewhere"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], check=True)
    try:
        os.chown(place, person.user.uid, person.user.gid)
        with start_compositor(name=str(place / "w")) as made:
            result = made.run("echo started", direct_wayland=True,
                              env={"WAYLAND_DISPLAY": str(place / "w")})
            assert (result.status, result.stdout) == (125, "")
            assert "they are on different file systems" in result.stderr
            assert made.run(LISTING, env={"WAYLAND_DISPLAY": str(place / "w")}).status == 0
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()
