# SPDX-License-Identifier: MIT
"""The D-Bus proxy runs as the person and talks to a hostile program: what it could do if that program
took it over."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.container import syscall_numbers
from harness.desk import SECRET, STAND_IN, buses, desk, end, stand_in  # noqa: F401
from harness.desktop import roles
from harness.launchers import ONE_FAILING_CALL
from harness.person import took
from harness.run import run_as, start_as
from harness.users import ROOT

SYSCALLS = syscall_numbers()
SOURCE = Path(__file__).resolve().parent.parent / "standin/hostile.c"


def test_a_hostile_proxy_gets_out_no_more_than_a_program(desk, stand_in, compile_c):  # noqa: F811
    """The payload of test_hostile.py in the proxy's place."""
    env = stand_in("")
    program = Path(env["PATH"].split(":")[0]) / "xdg-dbus-proxy"
    shutil.copy(compile_c(SOURCE), program)
    result = desk.inside("true", env=env)
    assert (result.status, result.stdout) == (125, ""), result
    assert "the D-Bus proxy ended before it was ready: exit status 0" in result.stderr
    mark = "hakurei: (dbus) "
    found = dict(line.removeprefix(mark).split(" ") for line in result.stderr.splitlines()
                 if line.startswith(mark))
    assert found["end"] == "0"  # it came to its end
    # It has descriptors: its arguments, and one that says that it is ready.
    assert {name for name, code in found.items() if code == "0"} == {
        "inherited-descriptor", "kill-init", "end"}


# As UID, in the directory on descriptor N or where it stands: executes PROGRAM, which says who it is.
ATTACKER = """
import os, sys
uid, directory, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if directory >= 0:
    os.fchdir(directory)
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
if sys.argv[4] == "sealed":
    import ctypes
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
try:
    os.execv(program, ["id", "-u"])
except OSError as error:
    print(error.strerror)
"""


def attack(uid, program, directory=-1, sealed=False):
    argv = [sys.executable, "-c", ATTACKER, uid, directory, program, "sealed" if sealed else ""]
    return subprocess.run(list(map(str, argv)), pass_fds=[directory] if directory >= 0 else [],
                          capture_output=True, text=True, check=True).stdout.strip()


def test_a_setuid_file_of_the_proxy_gives_nobody_the_uid_of_the_person(desk, stand_in):  # noqa: F811
    """Which would be a way to the person's uid for the program, if it could reach the file."""
    does = ("listen(PATH); data = open('/usr/bin/id', 'rb').read(); "
            "open('/bus.d/as-person', 'wb').write(data); os.chmod('/bus.d/as-person', 0o4755)")
    running = desk.sleeping(env=stand_in(STAND_IN.replace("DOES", does)))
    target = desk.person.target()
    instance = desk.person.instance_dir()
    file = instance / "bus.d/as-person"
    assert file.stat().st_mode & 0o7777 == 0o4755 and file.stat().st_uid == desk.user.uid
    # The target's processes on the host get nowhere near.
    assert attack(target, file) == "Permission denied"
    # The shim has a descriptor of the directory, and cannot gain anything by an exec.
    directory = os.open(instance, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Without no_new_privs it would, but for a file system that is mounted nosuid.
        nosuid = os.fstatvfs(directory).f_flag & os.ST_NOSUID
        assert attack(target, "bus.d/as-person", directory) == str(
            target if nosuid else desk.user.uid)
        assert attack(target, "bus.d/as-person", directory, sealed=True) == str(target)
    finally:
        os.close(directory)
    found = roles(running.pid)
    for role in ("shim", "init", "program"):
        with open(f"/proc/{found[role]}/status", encoding="ascii") as status:
            assert "\nNoNewPrivs:\t1\n" in status.read(), role
    # Inside there is the socket and nothing beside it.
    inside = f"/proc/{found['program']}/root/.hakurei"
    assert sorted(os.listdir(inside)) == ["bus", "home"]
    file.unlink()
    end(running)


PING = ["dbus-send", "--session", "--print-reply", f"--dest={SECRET}", "/service",
        "org.hakurei.Test.Ping"]
RULES = ["eavesdrop=true", "eavesdrop='true'", "eavesdrop =true",
         "type='method_call', eavesdrop =true"]
LISTENER = """
import sys, time
from gi.repository import Gio, GLib
heard = set()
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
def hear(bus, message, incoming):
    heard.add(message.get_member() if incoming else "")
    return None if message.get_member() == "Ping" else message  # or it would be answered
bus.add_filter(hear)
for rule in sys.argv[1:]:
    try:
        bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "AddMatch",
                      GLib.Variant("(s)", (rule,)), None, 0, -1, None)
        print("accepted", end=" ")
    except GLib.Error:
        print("refused", end=" ")
print("", flush=True)
sys.stdin.readline()
time.sleep(0.3)
print("Ping" in heard, flush=True)
"""


def test_no_spelling_of_a_match_rule_hears_what_others_say(desk):  # noqa: F811
    """xdg-dbus-proxy 0.1.7: a blank in front of the "=" got past the proxy's look for "eavesdrop",
    and the bus read it all the same. Here the bus allows everybody to listen."""
    argv = ["/usr/bin/python3", "-c", LISTENER, "type='signal'", *RULES]

    def heard(running):
        assert run_as(desk.user, PING, env=desk.env).status == 0
        return running.wait("\n").stdout

    inside = desk.start_ready("run", "-a", "7", "--dbus", *argv)
    assert inside.first_line == "accepted " + "refused " * len(RULES) + "\n"
    assert heard(inside) == "False\n"
    outside = start_as(desk.user, argv, env=desk.env)
    assert outside.stdout.readline() == "accepted " + "accepted " * len(RULES) + "\n"
    assert heard(outside) == "True\n"


@pytest.mark.once
def test_a_proxy_whose_start_hangs_is_given_up(desk, compile_c, work_dir):  # noqa: F811
    """As a file system does that does not answer: here the first to enter its root hangs."""
    log = work_dir / "hanging-proxy"
    argv = [compile_c(ONE_FAILING_CALL), desk.user.uid, desk.user.gid, SYSCALLS["pivot_root"], "1h",
            log, *desk.person.command("run", "-a", "7", "--dbus", "true")]
    begin = time.monotonic()
    result = run_as(ROOT, argv, env={**desk.user.env, **desk.env}, clean_env=True)
    assert (result.status, result.stdout) == (125, ""), result
    assert result.stderr == "hakurei: D-Bus proxy: the container was not set up in time\n"
    assert 4.9 < took(begin) < 9
