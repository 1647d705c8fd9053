# SPDX-License-Identifier: MIT
"""X11: a real server of the person's, clients of it in containers, and its list of who may
connect, which is nobody's but the server's."""

import os
import random
import shutil
import signal
import socket
import time

import pytest

from harness.processes import wait_until
from harness.run import run_as
from harness.servers import need_program
from harness.snapshot import read_acl
from harness.xserver import SOCKETS, XServer, entry_of

WARNING = "hakurei: warning: x11: every program on the display "
QUICK = 2  # seconds that a command may take that has nothing to do with a hanging server


class Display(XServer):
    """The person's server, and containers with it."""

    def __init__(self, person, work_dir):
        super().__init__(person.user, work_dir)
        self.person = person

    def run(self, *args, env=None, **options):
        return self.person.run(*args, env={**self.env, **(env or {})}, **options)

    def inside(self, *argv, identity=7, **options):
        """A client in a container, to its end."""
        return self.run("run", "-a", str(identity), "-X", *argv, **options)

    def start(self, identity=7, *words):
        return self.person.start_sleeping(identity, "-X", *words, env=self.env)

    def end(self, running):
        running.signal(signal.SIGINT)
        return running.wait()

    def may_connect(self, identity=7):
        return entry_of(self.person.target(identity)) in self.hosts()

    def ask(self, script, identity=7, **keys):
        """A configuration with x11 and this script."""
        config = self.person.config(script=script, enablements={"x11": True}, identity=identity,
                                    **keys)
        return self.run("app", config)


@pytest.fixture
def display(person, work_dir):
    for name in ("xdpyinfo", "xset", "xhost"):
        need_program(name)
    made = Display(person, work_dir)
    with made.started():
        before = made.hosts()
        acl = read_acl(made.socket)
        yield made
        if made.running.alive():
            assert made.hosts() == before
            assert read_acl(made.socket) == acl


def check_refused(display, result, *phrases):
    """One line that has the phrases; nothing was started, nothing is left."""
    assert (result.status, result.stdout) == (125, "")
    lines = [line for line in result.stderr.splitlines() if not line.startswith(WARNING)]
    assert len(lines) == 1 and lines[0].startswith("hakurei: "), result
    for phrase in phrases:
        assert phrase in lines[0], result
    assert display.person.leftovers() == []


def took(function, *args):
    start = time.monotonic()
    return function(*args), time.monotonic() - start


# -- who may connect -----------------------------------------------------------------------------

def test_a_program_has_a_window_where_x11_is_let_through(display):
    result = display.inside("xdpyinfo")
    assert result.status == 0 and f"name of display:    {display.name}\n" in result.stdout
    assert result.stderr == f"{WARNING}'{display.name}' can see and type into all of the others\n"
    assert display.inside("xset", "q").status == 0


def test_a_program_has_none_where_it_is_not(display):
    result = display.run("run", "-a", "7", "sh", "-c",
                         f"test -z \"$DISPLAY\" && DISPLAY={display.name} exec xdpyinfo")
    assert result.status == 1 and "unable to open display" in result.stderr


def test_a_program_that_can_reach_the_server_is_refused_by_it(display):
    """With the host's network and abstract sockets the server can be asked, and says no."""
    config = display.person.config(script=f"DISPLAY={display.name} exec xdpyinfo",
                                   container={"host_net": True, "host_abstract": True})
    result = display.run("app", config)
    assert result.status == 1 and "no authorization protocol" in result.stderr, result


def test_a_subordinate_id_is_let_in_as_well(display):
    result = display.run("run", "--backend", "subuid", "-a", "7", "-X", "xset", "q")
    assert result.status == 0, result


def test_a_dry_run_asks_nothing_of_the_server(display):
    before = display.hosts()
    display.running.signal(signal.SIGSTOP)
    result = display.run("run", "-a", "7", "-X", "--dry-run", "true")
    display.running.signal(signal.SIGCONT)
    assert result.status == 0 and f"x11             {display.socket} for " in result.stdout
    assert display.hosts() == before


def test_another_identity_cannot_use_the_entry_of_the_first(display):
    running = display.start(7)
    config = display.person.config(script=f"DISPLAY={display.name} exec xdpyinfo", identity=8,
                                   container={"host_net": True, "host_abstract": True})
    assert display.run("app", config).status == 1
    display.end(running)


def test_the_entry_is_there_while_the_instance_is_and_no_longer(display):
    before = display.hosts()
    running = display.start()
    assert display.hosts() == before | {entry_of(display.person.target(7))}
    assert display.end(running).status == 130
    assert display.hosts() == before


def test_the_end_of_one_instance_does_not_lock_out_the_next(display):
    first, second = display.start(), display.start()
    display.end(first)
    assert display.may_connect()
    display.end(second)
    assert not display.may_connect()


def test_an_entry_that_the_person_made_stays(display):
    uid = display.person.target(7)
    xhost = f"xhost +si:localuser:#{uid}"
    assert run_as(display.user, xhost.split(), env=display.env).status == 0
    first, second = display.start(), display.start()
    display.end(second)
    display.end(first)
    assert display.may_connect()
    assert run_as(display.user, xhost.replace("+", "-").split(), env=display.env).status == 0


def test_instances_in_any_order_have_an_entry_as_long_as_one_of_their_identity_lives(display):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    live = []
    for _ in range(24):
        if live and dice.random() < 0.5:
            _, running = live.pop(dice.randrange(len(live)))
            if dice.random() < 0.3:
                running.signal(signal.SIGKILL)
                running.wait()
                display.person.run("recover")
            else:
                display.end(running)
        else:
            identity = dice.randrange(7, 9)
            live.append((identity, display.start(identity)))
        for identity in (7, 8):
            assert display.may_connect(identity) == (identity in [who for who, _ in live])
    for _, running in live:
        display.end(running)


def test_two_names_of_one_server_have_one_entry(display):
    """The number that a hard link gives it is another one; the list of who may connect is not."""
    other = XServer(display.user, display.log.parent)
    other.cookie = display.cookie
    other._write_authority()  # pylint: disable=protected-access
    os.link(display.socket, other.socket)
    try:
        first = display.start()
        second = display.person.start_sleeping(7, "-X", env=other.env)
        display.end(first)
        assert display.may_connect()
        display.end(second)
        assert not display.may_connect()
    finally:
        other.socket.unlink()
        other.authority.unlink()


def test_many_at_once_start_and_end(display):
    running = [display.person.start("run", "-a", "7", "-X", "xdpyinfo", env=display.env)
               for _ in range(12)]
    assert [one.wait().status for one in running] == [0] * 12


# -- the socket ----------------------------------------------------------------------------------

def test_a_socket_that_is_open_to_all_gets_no_acl(display):
    assert display.socket.stat().st_mode & 0o777 == 0o777
    running = display.start()
    assert read_acl(display.socket) == []
    display.end(running)


def test_a_socket_that_is_closed_is_opened_to_the_target_alone(display):
    display.socket.chmod(0o700)
    running = display.start()
    assert f"user:{display.person.target(7)}:rw-" in read_acl(display.socket)
    assert display.inside("xdpyinfo").status == 0
    display.end(running)
    assert read_acl(display.socket) == [] and display.socket.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("words", [[], ["--private-tmpdir"]], ids=["shared", "private"])
def test_nothing_but_the_one_socket_is_in_the_directory(display, words):
    result = display.run("run", "-a", "7", "-X", *words, "ls", "/tmp/.X11-unix")
    assert result.stdout.split() == [f"X{display.number}"]


def test_the_socket_can_neither_be_removed_nor_changed(display):
    result = display.inside("sh", "-c", "rm -f $0; chmod 0 $0; test -S $0", display.socket)
    assert result.status == 0, result
    assert display.socket.is_socket() and display.socket.stat().st_mode & 0o777 == 0o777


def test_the_cookie_is_not_for_the_program(display):
    script = 'env | grep -c XAUTHORITY; cat "$0" 2>&1; cat /proc/1/environ 2>&1'
    result = display.inside("sh", "-c", script, display.authority)
    assert result.stdout.startswith("0\n")
    assert "No such file" in result.stdout or "Permission denied" in result.stdout
    assert display.cookie.hex() not in result.stdout.encode(errors="surrogateescape").hex()


def test_the_cookie_of_the_home_is_found_without_the_variable(display):
    usual = display.user.home / ".Xauthority"
    usual.write_bytes(display.authority.read_bytes())
    os.chown(usual, display.user.uid, display.user.gid)
    assert display.inside("xdpyinfo", env={"XAUTHORITY": None}).status == 0
    usual.unlink()


def test_without_the_cookie_the_start_is_refused(display):
    result = display.inside("true", env={"XAUTHORITY": None})
    check_refused(display, result, "the X server refuses us", str(display.socket), "no cookie")


# -- names of displays ---------------------------------------------------------------------------

@pytest.mark.parametrize("name", [":{0}", ":{0}.0", "unix:{0}", "unix:{0}.0",
                                  "unix:/tmp/.X11-unix/X{0}", "/tmp/.X11-unix/X{0}",
                                  "/tmp/.X11-unix/X{0}.0"])
def test_each_name_of_a_local_display_is_understood(display, name):
    result = display.inside("sh", "-c", "echo $DISPLAY $XDG_SESSION_TYPE; xset q >/dev/null",
                            env={"DISPLAY": name.format(display.number)})
    assert (result.status, result.stdout) == (0, f"{display.name} x11\n"), result


def test_a_socket_in_the_runtime_directory_is_reached_by_another_name(display, work_dir):
    place = display.user.runtime_dir / "displays"
    place.mkdir(mode=0o700)
    os.chown(place, display.user.uid, display.user.gid)
    hidden = Display(display.person, work_dir)
    with hidden.started(place):
        result = hidden.inside("sh", "-c", "echo $DISPLAY; xset q >/dev/null",
                               env={"DISPLAY": f"unix:{hidden.socket}"})
        assert (result.status, result.stdout) == (0, f"{hidden.name}\n"), result
    shutil.rmtree(place)


@pytest.mark.parametrize("name, phrases", [
    (None, ["DISPLAY is not set"]),
    ("", ["DISPLAY is not set"]),
    ("nonsense", ["invalid DISPLAY 'nonsense'"]),
    (":", ["invalid DISPLAY"]),
    (":99999", ["invalid DISPLAY"]),
    (":9999", ["X server of DISPLAY ':9999'", f"'{SOCKETS}/X9999'"]),
    ("unix:/nonexistent/x", ["X server", "'/nonexistent/x'"]),
    ("/etc/passwd", ["'/etc/passwd' is not a socket"]),
    ("localhost:0", ["DISPLAY 'localhost:0'", "over the network"]),
    ("[::1]:0.0", ["over the network"]),
])
def test_what_is_no_local_display_is_refused(display, name, phrases):
    check_refused(display, display.inside("true", env={"DISPLAY": name}), *phrases)


def test_a_socket_without_a_server_is_refused(display):
    dead = display.user.home / "X3"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(dead))
    os.chown(dead, display.user.uid, display.user.gid)
    result = display.inside("true", env={"DISPLAY": str(dead)})
    check_refused(display, result, "no server listens on", str(dead))
    dead.unlink()


def test_the_server_of_somebody_else_is_not_shown_the_cookie(display, neighbour, work_dir):
    theirs = XServer(neighbour.user, work_dir)
    with theirs.started():
        result = display.inside("true", env={"DISPLAY": theirs.name})
        check_refused(display, result, f"is run by uid {neighbour.user.uid}")


# -- the network ---------------------------------------------------------------------------------

def test_with_the_host_s_network_another_number_leads_past_the_abstract_socket(display):
    result = display.ask("echo $DISPLAY; xset q >/dev/null", container={"host_net": True})
    assert result.status == 0, result
    number = int(result.stdout.strip().removeprefix(":"))
    assert number >= 100 and number != display.number


def test_with_the_host_s_abstract_sockets_the_number_stays(display):
    result = display.ask("echo $DISPLAY; xset q >/dev/null",
                         container={"host_net": True, "host_abstract": True})
    assert (result.status, result.stdout) == (0, f"{display.name}\n"), result


# -- dead monitors -------------------------------------------------------------------------------

@pytest.mark.parametrize("command", [["ps"], ["recover"], ["run", "-a", "9", "true"]],
                         ids=" ".join)
def test_what_a_killed_monitor_leaves_goes_with_the_next_command(display, command):
    running = display.start()
    running.signal(signal.SIGKILL)
    running.wait()
    display.person.wait_for_no_process()
    assert display.may_connect()
    # Neither variable is needed: the entry knows.
    assert display.person.run(*command).status == 0
    assert not display.may_connect() and display.person.leftovers() == []


def test_recovery_leaves_the_entry_to_an_instance_that_lives(display):
    dead, live = display.start(), display.start()
    dead.signal(signal.SIGKILL)
    dead.wait()
    assert display.person.run("recover").status == 0
    assert len(display.person.entries()) == 1 and display.may_connect()
    display.end(live)


def test_one_that_starts_after_a_killed_one_does_not_take_its_entry_for_the_person_s(display):
    dead = display.start()
    dead.signal(signal.SIGKILL)
    dead.wait()
    assert display.inside("true").status == 0
    assert not display.may_connect()


def test_killed_at_random_moments_nothing_remains_in_the_server(display):
    dice = random.Random(time.time_ns())
    for _ in range(40):
        running = display.person.start("run", "-a", "7", "-X", "sleep", "1000", env=display.env)
        time.sleep(dice.random() * 0.06)
        running.signal(signal.SIGKILL)
        running.popen.wait()
        display.person.wait_for_no_process()
        running.wait()
        if dice.random() < 0.3:
            assert display.person.run("recover").status == 0
            assert not display.may_connect() and display.person.leftovers() == []
    assert display.person.run("recover").status == 0


def test_a_server_that_is_gone_has_nothing_left(display):
    running = display.start()
    dead = display.start(8)
    dead.signal(signal.SIGKILL)
    dead.wait()
    display.running.signal(signal.SIGKILL)
    display.running.popen.wait()
    result, seconds = took(display.end, running)
    assert (result.status, result.stderr.count("\n")) == (130, 1) and seconds < QUICK, result
    assert display.person.run("recover").status == 0
    assert display.person.leftovers() == []
    display.socket.unlink()


# -- servers that do not answer ------------------------------------------------------------------

def check_others_are_not_delayed(display):
    for command in (["run", "-a", "9", "true"], ["ps"]):
        result, seconds = took(display.person.run, *command)
        assert result.status == 0 and seconds < QUICK, (command, seconds, result)


def check_start_fails_in_time(display):
    start = time.monotonic()
    waiting = [display.person.start("run", "-a", "7", "-X", "true", env=display.env)
               for _ in range(3)]
    time.sleep(0.5)
    check_others_are_not_delayed(display)
    results = [running.wait() for running in waiting]
    for result in results:
        check_refused(display, result, "the X server does not answer", str(display.socket))
    assert 4.5 < time.monotonic() - start < 8


@pytest.mark.once
def test_a_grabbed_server_delays_nobody_but_who_needs_it(display):
    with display.client() as client:
        client.grab()
        check_start_fails_in_time(display)
    assert display.inside("xdpyinfo").status == 0


@pytest.mark.once
def test_a_stopped_server_delays_nobody_but_who_needs_it(display):
    display.running.signal(signal.SIGSTOP)
    try:
        check_start_fails_in_time(display)
    finally:
        display.running.signal(signal.SIGCONT)
    assert display.inside("xdpyinfo").status == 0


@pytest.mark.once
def test_what_a_grabbed_server_does_not_take_back_is_left_for_recovery(display):
    running = display.start()
    with display.client() as client:
        client.grab()
        running.signal(signal.SIGINT)
        time.sleep(0.5)
        check_others_are_not_delayed(display)
        result = running.wait()
        assert result.status == 130 and "the X server does not answer" in result.stderr
        assert len(display.person.entries()) == 1
        assert not display.person.run_dir.exists()  # all the rest is gone
        check_others_are_not_delayed(display)
        result, seconds = took(display.person.run, "recover")
        assert result.status == 1 and 4.5 < seconds < 8, result
    assert display.may_connect()
    assert display.person.run("ps").status == 0
    assert not display.may_connect() and display.person.entries() == []


@pytest.mark.once
def test_ends_at_a_grabbed_server_do_not_wait_for_each_other(display):
    running = [display.start(7 + number) for number in range(3)]
    with display.client() as client:
        client.grab()
        start = time.monotonic()
        for one in running:
            one.signal(signal.SIGINT)
        for one in running:
            one.wait()
        assert time.monotonic() - start < 8
    assert display.person.run("recover").status == 0
    wait_until(lambda: not any(display.may_connect(7 + number) for number in range(3)), 1,
               "the entries to go")
