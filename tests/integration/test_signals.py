# SPDX-License-Identifier: MIT
"""Signals to hakurei, the delays that follow, and a start with what a careless caller leaves."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import time

import pytest

from harness.person import children, took
from harness.processes import wait_until
from harness.run import environment_of, start_as

SECOND = 1000000000  # ns
F_OFD_SETLK = 37
ASKED = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


def plan_lines(person, **keys):
    result = person.run("app", "--dry-run", person.config(**keys))
    assert result.status == 0, result.stderr
    words = [line.split(None, 1) for line in result.stdout.splitlines()]
    return {line[0]: line[1] for line in words if len(line) == 2}


# -- asking for the end ------------------------------------------------------------------------

@pytest.mark.parametrize("number", ASKED, ids=lambda number: number.name)
def test_each_signal_that_asks_for_the_end_reaches_the_program_as_sigint(person, number):
    running = person.start_ready("app", person.probe_config("signals", wait_delay=30 * SECOND))
    running.signal(number)
    heard = json.loads(running.stdout.readline())
    assert heard["signal"] == "INT"
    # The program takes its time, and ends as it likes.
    assert person.processes() and running.alive()
    init, program = children(running.pid)[1:3]
    os.kill(program, signal.SIGTERM)
    assert running.wait().status == 0


def test_a_program_that_handles_the_interrupt_ends_with_its_own_status(person):
    script = 'trap "echo interrupted; exit 3" INT; echo ready; while :; do sleep 0.01; done'
    running = person.start_ready("app", person.config(script=script))
    running.signal(signal.SIGTERM)
    result = running.wait()
    assert (result.status, result.stdout, result.stderr) == (3, "interrupted\n", "")


def test_a_program_that_ignores_the_interrupt_is_killed_after_the_wait_delay(person):
    script = 'trap "" INT; echo ready; while :; do sleep 0.01; done'
    running = person.start_ready("app", person.config(script=script, wait_delay=SECOND // 2))
    start = time.monotonic()
    running.signal(signal.SIGINT)
    result = running.wait()
    assert 0.45 < took(start) < 2
    assert (result.status, result.stderr) == (128 + signal.SIGKILL, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_a_second_request_kills_at_once(person, number):
    running = person.start_ready("app", person.probe_config("signals", wait_delay=30 * SECOND))
    running.signal(number)
    assert json.loads(running.stdout.readline())["signal"] == "INT"
    start = time.monotonic()
    running.signal(number)
    result = running.wait()
    assert took(start) < 1
    assert (result.status, result.stderr) == (128 + signal.SIGKILL, "")
    assert '"INT"' not in result.stdout


def test_with_a_negative_wait_delay_the_program_is_killed_and_hears_nothing(person):
    running = person.start_ready("app", person.probe_config("signals", wait_delay=-1))
    start = time.monotonic()
    running.signal(signal.SIGINT)
    result = running.wait()
    assert took(start) < 1
    assert (result.status, result.stdout, result.stderr) == (128 + signal.SIGKILL, "", "")


@pytest.mark.parametrize("given,delay,forwarded", [
    (None, "5 s", "yes"), (0, "5 s", "yes"), (1, "0.000000001 s", "yes"),
    (1500000000, "1.5 s", "yes"), (30 * SECOND, "30 s", "yes"), (30 * SECOND + 1, "30 s", "yes"),
    (2**63 - 1, "30 s", "yes"), (-1, "0 s", "no"), (-2**63, "0 s", "no")])
def test_the_wait_delay_has_a_default_and_a_limit(person, given, delay, forwarded):
    lines = plan_lines(person, wait_delay=given)
    assert (lines["wait_delay"], lines["forward_cancel"]) == (delay, forwarded)


def test_signals_that_do_not_ask_for_the_end_do_nothing(person):
    running = person.start_ready("app", person.probe_config("signals"))
    for number in (signal.SIGWINCH, signal.SIGCONT, signal.SIGCHLD, signal.SIGPIPE,
                   signal.SIGURG):
        running.signal(number)
    running.signal(signal.SIGINT)
    assert json.loads(running.stdout.readline())["signal"] == "INT"
    running.signal(signal.SIGINT)
    running.wait()


def test_a_signal_during_the_start_leaves_nothing(person):
    for delay in range(0, 40, 2):
        running = person.start("run", "-a", "7", "sleep", "1000")
        time.sleep(delay / 1000)
        running.signal(signal.SIGTERM)
        assert running.wait(timeout=10).status in (-signal.SIGTERM, 125, 128 + signal.SIGTERM,
                                                   128 + signal.SIGINT)
    person.check_nothing_left()


def test_a_start_that_waits_for_the_store_can_be_called_off(person):
    assert person.run("run", "true").status == 0  # there is a store now
    with open(person.store / "lock", "r+b") as lock:
        fcntl.fcntl(lock, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0))
        running = person.start("run", "-a", "7", "sleep", "1000")
        time.sleep(0.5)
        assert running.alive()
        running.signal(signal.SIGTERM)
        result = running.wait(timeout=5)
        assert result.status == 125 and "lock" in result.stderr
    person.check_nothing_left()


# -- a terminal --------------------------------------------------------------------------------

def start_on_terminal(person, *args):
    """hakurei with a terminal of its own that controls it: (pid, the terminal's other end)."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.setgroups([person.user.gid])
            os.setgid(person.user.gid)
            os.fchown(0, person.user.uid, -1)
            os.setuid(person.user.uid)
            os.chdir(person.user.home)
            os.execve(person.prefix.hakurei, person.command(*args),
                      environment_of(person.user, None, False))
        finally:
            os._exit(99)
    return pid, terminal


def read_until(terminal, word, timeout=5):
    text = b""
    os.set_blocking(terminal, False)

    def found():
        nonlocal text
        try:
            text += os.read(terminal, 4096)
        except (BlockingIOError, OSError):
            pass
        return word in text

    wait_until(found, timeout, f"{word} in {text}")
    return text


def test_keys_of_a_terminal_that_is_kept_are_the_programs_business_alone(person):
    script = ('trap "echo interrupted" INT; echo ready; '
              'while ! read line; do :; done; echo "line $line"; exit 4')
    pid, terminal = start_on_terminal(person, "run", "sh", "-c", script)
    read_until(terminal, b"ready")
    os.write(terminal, b"\x03")
    read_until(terminal, b"interrupted")
    assert person.processes()
    os.write(terminal, b"on\n")
    read_until(terminal, b"line on")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 4
    os.close(terminal)


def test_a_terminal_that_hangs_up_ends_the_program(person):
    pid, terminal = start_on_terminal(person, "run", "sh", "-c",
                                      'trap "" HUP; echo ready; exec sleep 1000')
    read_until(terminal, b"ready")
    start = time.monotonic()
    os.close(terminal)
    os.waitpid(pid, 0)
    assert took(start) < 2
    person.wait_for_no_process()


# -- a careless caller -------------------------------------------------------------------------

def check_works(person, prepare, number=signal.SIGTERM, **options):
    """Both the end of a program and the end on request work, after prepare() in the caller.
    number: the signal that asks; None if none does."""
    def before():
        os.setgroups([person.user.gid])
        os.setgid(person.user.gid)
        os.setuid(person.user.uid)
        prepare()

    def start(*args):
        return subprocess.Popen(person.command(*args), preexec_fn=before,
                                env=person.user.env, cwd=person.user.home,
                                restore_signals=False, **options)

    assert start("run", "sh", "-c", "exit 5").wait(timeout=10) == 5
    if number is not None:
        running = start("run", "sleep", "1000")
        wait_until(lambda: "sleep" in [name for _, _, name in person.processes()])
        running.send_signal(number)
        assert running.wait(timeout=10) == 128 + signal.SIGINT
    person.check_nothing_left()


def test_it_works_with_sigchld_ignored(person):
    check_works(person, lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))


def ignore(numbers):
    for number in numbers:
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass


def test_it_works_with_every_signal_ignored(person):
    every = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
    check_works(person, lambda: ignore(every), None)
    check_works(person, lambda: ignore(every - {signal.SIGTERM}))


def test_a_signal_that_the_caller_ignores_is_ignored(person):
    """As nohup and a shell in the background want it."""
    command = person.command("app", person.probe_config("signals"))
    running = start_as(person.user, ["sh", "-c", 'trap "" HUP INT; exec "$@"', "sh", *command])
    assert running.stdout.readline()
    running.signal(signal.SIGHUP)
    running.signal(signal.SIGINT)
    time.sleep(0.1)
    running.signal(signal.SIGTERM)
    assert json.loads(running.stdout.readline())["signal"] == "INT"
    running.signal(signal.SIGTERM)
    assert '"INT"' not in running.wait().stdout


def test_it_works_with_every_signal_blocked(person):
    check_works(person, lambda: signal.pthread_sigmask(signal.SIG_SETMASK,
                                                       signal.valid_signals()))


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_it_works_with_closed_standard_descriptors(person, closed):
    check_works(person, lambda: [os.close(fd) for fd in closed])


def test_what_is_closed_is_null_in_the_container(person):
    script = "test ! -t 0 && cat && echo output && echo error >&2 && exit 8"
    done = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh",
                           *person.command("run", "sh", "-c", script)], user=person.user.uid,
                          group=person.user.gid, extra_groups=[person.user.gid],
                          env=person.user.env, cwd=person.user.home, check=False)
    assert done.returncode == 8


def test_a_hostile_umask_changes_no_mode(person):
    for umask in (0o777, 0):
        running = person.start_ready("run", "-a", "6", "sh", "-c",
                                     "umask; exec sleep 1000", umask=umask)
        assert running.first_line == "0022\n"
        assert person.run_dir.stat().st_mode & 0o777 == 0o700
        assert person.store.stat().st_mode & 0o777 == 0o700
        assert [(person.store / name).stat().st_mode & 0o777
                for name in person.entries()] == [0o600]
        running.signal(signal.SIGINT)
        running.wait()


# -- what takes five seconds, all at the same time ---------------------------------------------

class Slow:
    """Started once, together; each test looks at its part."""

    def __init__(self, person):
        self.begin = time.monotonic()
        self.lingering = person.start_ready("app", person.probe_config("fork-linger", "1000"))
        reader, writer = os.pipe()
        self.stopped = person.start_ready("app", "--status-fd", str(writer), person.probe_config(
            "sleep", "1000", wait_delay=1, identity=8), pass_fds=[writer])
        os.close(writer)
        os.read(reader, 1)  # the monitor knows that the program was started
        os.close(reader)
        shim = children(self.stopped.pid)[0]
        os.kill(shim, signal.SIGSTOP)
        self.stopped.signal(signal.SIGINT)
        self.results = {"lingering": self.lingering.wait()}
        self.lingered = took(self.begin)
        self.stopped.popen.wait(timeout=20)
        self.shim_lived = os.path.exists(f"/proc/{shim}")
        os.kill(shim, signal.SIGCONT)  # it holds our pipes open
        self.results["stopped"] = self.stopped.wait()
        self.shim = shim


@pytest.fixture
def slow(request, person):
    if not hasattr(request.config, "slow"):
        request.config.slow = Slow(person)
    return request.config.slow


def test_processes_that_stay_behind_are_ended_after_five_seconds_with_a_line(slow):
    result = slow.results["lingering"]
    assert result.status == 0
    assert "timeout exceeded waiting for lingering processes\n" in result.stderr
    assert result.stderr.count("\n") == 1
    assert 4.5 < slow.lingered < 8


def test_a_shim_that_does_not_end_is_named_and_not_waited_for(slow):
    result = slow.results["stopped"]
    assert f"process {slow.shim} did not terminate\n" in result.stderr
    assert result.status == 125 and slow.shim_lived
