# SPDX-License-Identifier: MIT
"""The person's terminal: not readable without `tty`, job control with it, injection never.

CVE-2016-7545, CVE-2017-5226, CVE-2019-10063, CVE-2023-28100 and more: a program that types into
the terminal has the person's shell execute it once the program has ended.
"""

import json
import os
import subprocess
import termios

import pytest

from harness.container import bind, box, commands, link, read_answers, syscall_numbers  # noqa: F401
from harness.processes import processes_of, wait_until
from harness.terminal import Terminal

SYSCALLS = syscall_numbers()
TIOCSTI, TIOCLINUX = 0x5412, 0x541c
USR = [bind("/usr"), link("/bin", "usr/bin"), link("/lib", "usr/lib"), link("/lib64", "usr/lib64")]
PROMPT = "prompt> "


@pytest.fixture
def terminal(box):
    with Terminal(box.user) as made:
        yield made


def answers_on(terminal, box, config, *parts, shown=True, **ends):
    """The probe's answers where its descriptors are the terminal (ends: those that are not)."""
    program = terminal.start(box.argv(config, *commands(*parts)), **ends)
    if not shown:
        text = program.stdout.read()
    else:
        text = "".join(terminal.read_until("}\r\n") for _ in parts)
    assert terminal.end() == 0, text
    return read_answers(text if isinstance(text, str) else text.decode())


# -- without tty ---------------------------------------------------------------------------------

def test_without_tty_the_terminal_can_be_written_to_and_not_read(box, terminal):
    tty, facts = answers_on(terminal, box, box.config(), ["tty"], ["facts"])
    stdin, *outputs = tty["descriptors"]
    assert (stdin["tty"], facts["fds"]["0"]) == (False, "/dev/null")
    for output in outputs:
        assert (output["access"], output["tty"]) == ("write", True)
        assert (output["read"], output["reopen"]) == ("EBADF", "EACCES")
        assert output["TIOCSTI"] == output["TIOCLINUX"] == "EPERM"
        assert output["foreground"] == -1
    assert (tty["open_dev_tty"], tty["open_dev_console"]) == ("ENXIO", "ENOENT")
    assert facts["session"] == facts["process_group"] == 1


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_without_tty_each_single_descriptor_is_sealed(box, terminal, name):
    """A terminal on descriptor 1 can be read as well as one on 0: it is one open file."""
    ends = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL,
            name: True}
    shown = name == "stdout"
    tty = answers_on(terminal, box, box.config(), ["tty"], shown=shown, **ends)[0]
    number = ["stdin", "stdout", "stderr"].index(name)
    descriptor = tty["descriptors"][number]
    assert descriptor["access"] == ("read" if number == 0 else "write")
    assert descriptor["tty"] == (number != 0)
    assert descriptor["read"] == (None if number == 0 else "EBADF")  # None: of /dev/null


def test_without_tty_keys_reach_no_program_but_end_it_through_the_monitor(box, terminal):
    terminal.start(box.argv(box.config(), "signals"))
    terminal.read_until("}\r\n")
    terminal.write("\x03")
    # The monitor has it from the terminal, and asks the program to end with SIGINT.
    line = terminal.read_until("}\r\n")
    answer = json.loads(line[line.index("{"):])
    assert (answer["signal"], answer["from_kernel"]) == ("INT", False)
    terminal.write("\x03")  # a second one does not wait
    terminal.end()
    assert processes_of(box.user.target_uids) == []


def test_without_tty_the_program_is_in_another_session(box, terminal):
    """So no key can reach it, and /dev/tty is nobody's."""
    terminal.start(box.argv(box.config(), "signals"))
    terminal.read_until("}")
    program = [pid for pid, _, name in processes_of(box.user.target_uids) if name == "probe"]
    assert [os.getsid(pid) == terminal.program.pid for pid in program] == [False]
    terminal.program.kill()
    wait_until(lambda: not processes_of(box.user.target_uids))


# -- with tty ------------------------------------------------------------------------------------

@pytest.fixture
def keeping(box):
    return box.config(*USR, tty=True)


def test_with_tty_the_session_and_its_terminal_are_kept(box, terminal, keeping):
    tty, facts = answers_on(terminal, box, keeping, ["tty"], ["facts"])
    for descriptor in tty["descriptors"]:
        assert (descriptor["access"], descriptor["tty"]) == ("both", True)
        assert descriptor["read"] is None
        assert descriptor["TIOCSTI"] == descriptor["TIOCLINUX"] == "EPERM"
    assert tty["open_dev_tty"] is None
    # 0: led by a process outside, which has no pid in there.
    assert facts["session"] == 0
    assert facts["fds"] == {str(fd): terminal.name for fd in range(3)}


@pytest.mark.parametrize("tty", [False, True])
def test_injection_is_refused_whatever_the_high_half_of_the_request_is(box, terminal, tty):
    """CVE-2019-10063 (Flatpak): only the low 32 bits count for the kernel; TIOCLINUX is
    CVE-2023-28100."""
    requests = [request | high for request in (TIOCSTI, TIOCLINUX)
                for high in (0, 1 << 32, 0xdeadbeef << 32, 1 << 63)]
    parts = [["syscall", SYSCALLS["ioctl"], fd, hex(request), "@x"]
             for request in requests for fd in (0, 1, 2)]
    answers = answers_on(terminal, box, box.config(tty=tty), *parts)
    assert [answer["errno"] for answer in answers] == ["EPERM"] * len(parts)


def test_injection_is_refused_through_the_32_bit_entry(box, terminal):
    for compat in (False, True):
        config = box.config(tty=True, multiarch=True, seccomp_compat=compat, userns=True)
        answers = answers_on(terminal, box, config, ["syscall32", 54, 0, hex(TIOCSTI), 0],
                             ["syscall32", 54, 0, hex(TIOCLINUX), 0])
        assert [answer["errno"] for answer in answers] == ["EPERM"] * 2


def test_injection_would_work_here_without_hakurei(box, terminal):
    """Else the tests above would show nothing. On a kernel that has it switched off they still
    hold, and this says so."""
    with open("/proc/sys/dev/tty/legacy_tiocsti", encoding="ascii") as file:
        allowed = file.read().strip() == "1"
    terminal.start([box.probe, "tty"])
    answer = json.loads(terminal.read_until("}\r\n").splitlines()[-1])
    assert answer["descriptors"][0]["TIOCSTI"] == (None if allowed else "EIO")


def test_the_line_discipline_is_left_alone(box, terminal, keeping):
    """What the program did to the terminal's settings is the person's to undo, but keys that it
    did not read are read by the shell: they were typed by the person."""
    before = termios.tcgetattr(terminal.slave)
    answers_on(terminal, box, keeping, ["tty"], ["facts"])
    assert termios.tcgetattr(terminal.slave) == before


def test_the_console_is_the_terminal_if_the_session_is_kept(box, terminal, keeping):
    stat = answers_on(terminal, box, keeping, ["stat", "/dev/console"])[0]
    assert stat["type"] == "character"
    assert os.makedev(stat["rdev_major"], stat["rdev_minor"]) == terminal.rdev


@pytest.mark.parametrize("config", [{"tty": False}, {"tty": True}])
def test_there_is_no_console_without_a_terminal_on_standard_output(box, terminal, config):
    stat = answers_on(terminal, box, box.config(**config), ["stat", "/dev/console"], shown=False,
                      stdout=subprocess.PIPE)[0]
    assert stat["errno"] == "ENOENT"


def test_a_new_size_reaches_the_program(box, terminal, keeping):
    terminal.start(box.argv(keeping, "signals"))
    terminal.read_until("}\r\n")
    terminal.resize(7, 77)
    assert '"WINCH"' in terminal.read_until('"WINCH"')
    terminal.program.terminate()  # to the monitor: asks the program to end
    assert '"INT"' in terminal.read_until('"INT"')
    terminal.program.kill()


def test_keys_that_interrupt_are_the_programs_business(box, terminal, keeping):
    """^C and ^\\ reach the program once, and do not make the monitor end it."""
    terminal.start(box.argv(keeping, "signals"))
    terminal.read_until("}\r\n")
    for key, name in (("\x03", "INT"), ("\x1c", "QUIT"), ("\x03", "INT")):
        terminal.write(key)
        line = terminal.read_until("}\r\n")
        answer = json.loads(line[line.index("{"):])
        assert (answer["signal"], answer["from_kernel"]) == (name, True)
    assert terminal.program.poll() is None
    terminal.program.kill()
    wait_until(lambda: not processes_of(box.user.target_uids))


def test_the_hang_up_of_the_terminal_ends_everything(box, terminal, keeping):
    keeping["container"]["wait_delay"] = 100_000_000
    terminal.start(box.argv(keeping, "signals"))
    terminal.read_until("}\r\n")
    terminal.hang_up()
    terminal.end()
    assert processes_of(box.user.target_uids) == []


# -- job control, by a shell of the person's -----------------------------------------------------

@pytest.fixture
def shell(box, terminal):
    """bash as the person would have it, at its prompt."""
    terminal.start(["bash", "--norc", "--noprofile", "-i"], env={"PS1": PROMPT})
    terminal.read_until(PROMPT)
    return terminal


def command(box, config, *words):
    return " ".join(map(str, box.argv(config, *words)))


def test_a_program_can_be_stopped_and_continued(box, shell, keeping):
    keeping.update(path="/bin/cat", args=["cat"])
    shell.write(command(box, keeping) + "\n")
    wait_until(lambda: [name for _, _, name in processes_of(box.user.target_uids)
                        if name == "cat"])
    shell.write("one\n")
    shell.read_until("one\r\none\r\n")
    shell.write("\x1a")
    shell.read_until("Stopped")
    shell.read_until(PROMPT)
    assert {state(pid) for pid, _, name in processes_of(box.user.target_uids)
            if name == "cat"} == {"T"}
    shell.write("echo $((6*7))\n")
    shell.read_until("42\r\n" + PROMPT)
    shell.write("fg\n")
    wait_until(lambda: "S" in {state(pid) for pid, _, name in
                               processes_of(box.user.target_uids) if name == "cat"})
    shell.write("two\n")
    shell.read_until("two\r\ntwo\r\n")
    shell.write("\x04")
    shell.read_until(PROMPT)
    shell.write("echo status=$?\n")
    shell.read_until("status=0\r\n")


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_an_interrupted_program_gives_its_status_to_the_shell(box, shell, keeping):
    keeping.update(path="/bin/cat", args=["cat"])
    shell.write(command(box, keeping) + "\n")
    wait_until(lambda: [name for _, _, name in processes_of(box.user.target_uids)
                        if name == "cat"])
    shell.write("\x03")
    shell.read_until(PROMPT)
    shell.write("echo status=$?\n")
    shell.read_until("status=130\r\n")


def test_a_shell_inside_has_job_control_of_its_own(box, shell, keeping):
    keeping.update(path="/bin/bash", args=["bash", "--norc", "--noprofile", "-i"])
    keeping["container"]["env"] = {"PS1": "inside> ", "PATH": "/usr/bin"}
    shell.write(command(box, keeping) + "\n")
    shown = shell.read_until("inside> ")
    assert "no job control" not in shown
    shell.write("sleep 1000\n")
    wait_until(lambda: [name for _, _, name in processes_of(box.user.target_uids)
                        if name == "sleep"])
    shell.write("\x1a")
    shell.read_until("Stopped")
    shell.read_until("inside> ")
    shell.write("fg\n")
    shell.read_until("sleep 1000\r\n")
    # Said before the terminal is handed over; running means that it has been.
    wait_until(lambda: {state(pid) for pid, _, name in processes_of(box.user.target_uids)
                        if name == "sleep"} == {"S"})
    shell.write("\x03")  # to the program in front, not to its shell or the monitor
    shell.read_until("inside> ")
    shell.write("exit 3\n")
    shell.read_until(PROMPT)
    shell.write("echo status=$?\n")
    shell.read_until("status=3\r\n")
    assert processes_of(box.user.target_uids) == []


def test_a_program_in_the_background_does_not_get_the_keys(box, shell, keeping):
    """It is stopped when it reads, as any program is."""
    keeping.update(path="/bin/cat", args=["cat"])
    shell.write(command(box, keeping) + " &\n")
    shell.read_until(PROMPT)
    wait_until(lambda: {state(pid) for pid, _, name in processes_of(box.user.target_uids)
                        if name == "cat"} == {"T"})
    shell.write("echo for the shell\n")
    shell.read_until("\r\nfor the shell\r\n")
    shell.write("kill -KILL %1; wait\n")
    wait_until(lambda: not processes_of(box.user.target_uids))
