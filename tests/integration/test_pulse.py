# SPDX-License-Identifier: MIT
"""Sound: a real server of the person's, a client of it in the container."""

import os
import shutil
import signal
import struct
from pathlib import Path

import pytest

from harness.bus import bus
from harness.processes import wait_until
from harness.run import run_as, start_as
from harness.servers import need_program, server
from harness.snapshot import read_acl
from harness.sound import PULSEAUDIO, RATE, Sound, clean, sound, write_tone  # noqa: F401

WARNING = ("hakurei: warning: pulse: whoever can play can record too, and have the sound server "
           "load modules: its protocol has no smaller right\n")


@pytest.fixture
def logind():
    """The directories that wireplumber watches, and does not start without, where no systemd has
    made them."""
    made = []
    for path in (Path("/run/systemd"), *(Path("/run/systemd") / name
                                         for name in ("machines", "seats", "sessions", "users"))):
        if not path.exists():
            path.mkdir()
            made.append(path)
    yield
    for path in reversed(made):
        path.rmdir()


@pytest.fixture
def pipewire(person, work_dir, logind):
    """The same by PipeWire."""
    need_program("pactl")
    made = Sound(person, work_dir)
    write_tone(made.wav)
    runtime = made.user.runtime_dir
    # Each wants a session bus; a private one, for none of the person's may be there.
    with bus(made.user, work_dir / "pipewire-bus", path=runtime / "bus"), \
            server(made.user, ["pipewire"], work_dir / "pipewire.log", runtime / "pipewire-0"), \
            server(made.user, ["wireplumber"], work_dir / "wireplumber.log"), \
            server(made.user, ["pipewire-pulse"], work_dir / "pipewire-pulse.log", made.socket):
        made.ask("pactl", "load-module", "module-null-sink", "sink_name=null")
        wait_until(lambda: "null" in made.ask("pactl", "get-default-sink"), 10, "a default sink")
        yield made
    clean(made.user)
    for name in ("pipewire-0", "pipewire-0.lock", "pipewire-0-manager"):
        (runtime / name).unlink(missing_ok=True)


def check_playing(sound, work_dir):
    """A file that is played inside can be heard outside."""
    heard = work_dir / "heard.raw"
    with open(heard, "wb") as file:
        recorder = start_as(sound.user, ["parec", f"--device={sound.monitor}", "--raw",
                                         "--format=s16ne", "--channels=1", f"--rate={RATE}"],
                            stdout=file)
    try:
        wait_until(lambda: heard.stat().st_size > 0, 10, "the recorder")
        result = sound.person.run("app", sound.config(script="exec paplay /tone.wav"))
        assert (result.status, result.stdout, result.stderr) == (0, "", WARNING)
        wait_until(lambda: max(map(abs, samples_of(heard)), default=0) > 10000, 5, "the tone")
    finally:
        recorder.kill()
        recorder.popen.wait()
    heard.unlink()


def samples_of(path):
    data = path.read_bytes()
    return struct.unpack(f"={len(data) // 2}h", data[:len(data) // 2 * 2])


# -- the socket ----------------------------------------------------------------------------------

def test_a_program_talks_to_pulseaudio(sound):
    result = sound.inside("pactl", "info")
    assert (result.status, result.stderr) == (0, WARNING)
    assert "Server Name: pulseaudio\n" in result.stdout
    assert "Server String: unix:/.hakurei/pulse\n" in result.stdout
    sound.check_unchanged()


def test_what_is_played_inside_is_heard(sound, work_dir):
    check_playing(sound, work_dir)
    sound.check_unchanged()


def test_a_program_talks_to_pipewire_and_is_heard(pipewire, work_dir):
    result = pipewire.inside("pactl", "info")
    assert (result.status, result.stderr) == (0, WARNING)
    assert "PulseAudio (on PipeWire" in result.stdout
    check_playing(pipewire, work_dir)
    pipewire.check_unchanged()


def test_without_pulse_there_is_no_sound(sound):
    result = sound.person.run("run", "-a", "7", "pactl", "--server",
                              f"unix:{sound.socket}", "info")
    assert result.status == 1 and "Connection failure" in result.stderr


def test_a_program_that_ignores_the_variables_finds_the_server(sound):
    script = "unset PULSE_SERVER; exec pactl info"
    result = sound.person.run("app", sound.config(script=script))
    assert "Server String: " in result.stdout and result.status == 0


def test_a_closed_socket_is_opened_to_the_target_alone_and_closed_again(sound):
    sound.socket.chmod(0o700)
    running = sound.person.start_ready("app", sound.config(
        script="pactl info >/dev/null && echo plays; read line"))
    assert running.first_line == "plays\n"
    assert f"user:{sound.person.target()}:rw-" in read_acl(sound.socket)
    running.wait("end\n")
    sound.check_unchanged()
    assert sound.socket.stat().st_mode & 0o777 == 0o700


def test_two_instances_do_not_take_the_server_from_each_other(sound):
    sound.socket.chmod(0o700)
    script = "echo ready; read line; exec pactl info >/dev/null"
    first, second = [sound.person.start_ready("app", sound.config(script=script))
                     for _ in range(2)]
    assert first.wait("\n").status == 0
    assert second.wait("\n").status == 0
    sound.check_unchanged()


# -- the cookie ----------------------------------------------------------------------------------

def test_the_cookie_goes_along_and_is_nobody_elses(sound):
    script = 'stat -c "%a %u" "$PULSE_COOKIE"; id -u; cat "$PULSE_COOKIE" | od -An -v -tx1'
    result = sound.person.run("app", sound.config(script=script))
    mode, uid, *dump = result.stdout.splitlines()
    assert mode.split() == ["400", uid]
    cookie = sound.cookie.read_bytes()
    assert bytes.fromhex("".join(dump)) == cookie and len(cookie) == 256


def test_without_the_cookie_the_server_refuses_the_target(sound, work_dir):
    # The same uid as the server's needs none, so this also shows that it is another.
    result = sound.inside("pactl", "info", env={"HOME": str(work_dir)})
    assert result.status == 1 and "Access denied" in result.stderr
    wrong = sound.person.make("wrong-cookie", content="x" * 256, mode=0o600)
    result = sound.inside("pactl", "info", env={"PULSE_COOKIE": str(wrong)})
    assert result.status == 1 and "Access denied" in result.stderr
    copy = sound.user.home / ".pulse-cookie"
    shutil.move(sound.cookie, copy)
    assert sound.inside("pactl", "info").status == 0
    for path in (wrong, copy):
        path.unlink()


@pytest.mark.parametrize("size, status", [(256, 0), (257, 125)])
def test_a_cookie_has_256_bytes_at_most(sound, size, status):
    path = sound.person.make(f"cookie-{size}", content="y" * size, mode=0o600)
    result = sound.inside("true", env={"PULSE_COOKIE": str(path)})
    assert result.status == status
    if status:
        assert result.stderr == f"hakurei: PulseAudio cookie '{path}' is larger than 256 bytes\n"
    path.unlink()


def test_a_cookie_that_is_not_a_file_is_refused_and_keeps_nobody_waiting(sound):
    path = sound.user.home / "fifo"
    os.mkfifo(path)
    os.chown(path, sound.user.uid, sound.user.gid)
    result = sound.inside("true", env={"PULSE_COOKIE": str(path)}, timeout=5)
    assert result.status == 125
    assert result.stderr == f"hakurei: PulseAudio cookie '{path}' is not a regular file\n"
    path.unlink()


def test_the_cookie_shows_in_no_plan(sound):
    cookie = sound.person.make("telling-cookie", content="sesame" * 40, mode=0o600)
    for options in ([], ["--json"]):
        result = sound.person.run(*options, "run", "--dry-run", "--pulse", "true",
                                  env={"PULSE_COOKIE": str(cookie)})
        assert result.status == 0 and "/.hakurei/pulse-cookie" in result.stdout
        assert "sesame" not in result.stdout + result.stderr
    cookie.unlink()


# -- failures and ends ---------------------------------------------------------------------------

def test_a_missing_server_is_named_before_anything_starts(person, host_snapshot):
    before = host_snapshot(person.user.runtime_dir, person.user.home)
    result = person.run("run", "--pulse", "echo", "started")
    assert (result.status, result.stdout) == (125, "")
    assert result.stderr == ("hakurei: cannot find the sound server: there is no "
                             f"'{person.user.runtime_dir}/pulse/native'\n")
    after = host_snapshot(person.user.runtime_dir, person.user.home)
    assert [line for line in before.differences(after) if ".local" not in line] == []


def test_a_server_that_is_gone_leaves_a_socket_and_an_instance_that_ends_cleanly(person, work_dir):
    sound = Sound(person, work_dir)
    with server(sound.user, PULSEAUDIO, work_dir / "pulseaudio.log", sound.socket) as running:
        inside = person.start_ready("run", "-a", "7", "--pulse", "sh", "-c",
                                    "echo ready; read line; pactl info")
        running.kill()
        running.popen.wait()
        result = inside.wait("\n")
    assert result.status == 1 and "Connection refused" in result.stderr
    person.check_nothing_left()
    clean(sound.user)


def test_a_killed_instance_leaves_nothing_after_recovery(sound):
    sound.socket.chmod(0o700)
    running = sound.person.start_sleeping(7, "--pulse")
    assert sound.socket.stat().st_nlink == 2
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    sound.person.wait_for_no_process()
    assert sound.person.run("recover").status == 0
    sound.check_unchanged()
    sound.person.check_nothing_left()


def test_a_socket_of_somebody_else_is_refused(person, work_dir):
    path = person.user.runtime_dir / "pulse/native"
    path.parent.mkdir()
    os.chown(path.parent, person.user.uid, person.user.gid)
    with server(person.user, ["python3", "-c", (
            "import socket, time; s = socket.socket(socket.AF_UNIX);"
            f"s.bind('{path}'); s.listen(); time.sleep(100)")], work_dir / "socket.log", path):
        os.chown(path, 0, 0)
        path.chmod(0o777)
        result = person.run("run", "--pulse", "echo", "started")
    assert (result.status, result.stdout) == (125, "")
    assert f"the socket '{path}' belongs to uid 0" in result.stderr
    clean(person.user)
