# SPDX-License-Identifier: MIT
"""A person with buses, and containers that reach them through the proxy."""

import json
import os
import signal

import pytest

from .bus import bus
from .person import children
from .servers import need_program
from .users import ROOT

SECRET = "org.hakurei.Secret"
OPEN = "org.hakurei.Open"
PORTAL = "org.freedesktop.portal.Desktop"
NOTIFICATIONS = "org.freedesktop.Notifications"
SYSTEM = "org.hakurei.System"


class Desk:
    """The person, with a session bus on the usual socket and a system bus elsewhere."""

    def __init__(self, person, session, system):
        self.person = person
        self.user = person.user
        self.session = session
        self.system = system
        self.env = {"DBUS_SESSION_BUS_ADDRESS": session.address,
                    "DBUS_SYSTEM_BUS_ADDRESS": system.address}

    def run(self, *words, env=None, **how):
        return self.person.run(*words, env={**self.env, **(env or {})}, **how)

    def start_ready(self, *words, env=None, **how):
        return self.person.start_ready(*words, env={**self.env, **(env or {})}, **how)

    def inside(self, *argv, options=(), **how):
        """A client in a container of `run --dbus`."""
        return self.run("run", "-a", "7", "--dbus", *options, *argv, **how)

    def sleeping(self, *options, **how):
        """A container that has a bus and waits to be ended."""
        return self.start_ready("run", "-a", "7", "--dbus", *options, "sh", "-c",
                                "echo ready; exec sleep 1000", **how)

    def policy(self, **keys):
        """A file with a bus policy."""
        return self.person.write(json.dumps({"filter": True, **keys}))

    def dry_run(self, *options, env=None):
        result = self.run("--json", "run", "-a", "7", "--dbus", "--dry-run", *options, "true",
                          env=env)
        assert result.status == 0, result
        return json.loads(result.stdout)


@pytest.fixture
def buses(person, work_dir):
    """The person's session bus, root's system bus, and the services on each."""
    alice = person.user
    for name in ("xdg-dbus-proxy", "dbus-send"):
        need_program(name)
    with bus(alice, work_dir / "session-bus", alice.runtime_dir / "bus") as session, \
            bus(ROOT, work_dir / "system-bus", work_dir / "system-bus/socket") as system, \
            session.services(SECRET), session.services(PORTAL), \
            session.services(OPEN, NOTIFICATIONS) as asked, \
            system.services(SYSTEM) as asked_system:
        os.chmod(work_dir / "system-bus/socket", 0o777)
        yield session, system, asked, asked_system


@pytest.fixture
def desk(person, buses):
    return Desk(person, *buses[:2])


# A proxy that is told what to do when it is started.
STAND_IN = """#!/usr/bin/python3
import os, select, socket, sys
PATH = "/bus.d/session"
def listen(path):
    global server
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
def talk():
    while True:
        try:
            os.write(1, b"word " * 100 + b"\\n")
        except BlockingIOError:
            pass
DOES
ready = int(sys.argv[2].split("=")[1])
os.write(ready, b"x")
REST
select.select([ready], [], [])
"""


@pytest.fixture
def stand_in(desk, work_dir):
    """stand_in(text): an environment whose PATH has this program in place of the proxy."""
    directory = work_dir / "stand-in"
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    program = directory / "xdg-dbus-proxy"

    def make(text):
        program.write_text(text.replace("REST\n", ""))
        program.chmod(0o755)
        return {"PATH": f"{directory}:{desk.user.env['PATH']}"}

    yield make
    program.unlink(missing_ok=True)


def proxy_of(running):
    """(init, proxy): pids of the container of the proxy that the monitor has started."""
    for pid in children(running.pid):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                if file.read().strip() == "xdg-dbus-proxy":
                    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                        return int(stat.read().rsplit(")", 1)[1].split()[1]), pid
        except (FileNotFoundError, ProcessLookupError):
            pass
    raise AssertionError("no proxy runs")


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file)


def alive(pids):
    """Those that run. What waits for its parent to notice its death does not."""
    left = []
    for pid in pids:
        try:
            if status_of(pid)["State"][0] not in "ZX":
                left.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return left


def end(running):
    running.signal(signal.SIGINT)
    return running.wait()
