# SPDX-License-Identifier: MIT
"""Every server that an instance can have something in, and what is there in each of them."""

import os
import threading
import time

import pytest

from .bus import bus
from .processes import processes_of, wait_until
from .servers import need_program
from .snapshot import host_snapshot
from .xserver import XServer, entry_of

ALL = {"wayland": True, "x11": True, "dbus": True, "pulse": True}
SLEEP = "echo ready; exec sleep 1000"


class Servers:
    """A compositor, two X servers, a bus and a sound server of one person's."""

    def __init__(self, sound, compositor, displays, buses):
        self.person = sound.person
        self.user = sound.user
        self.sound = sound
        self.compositor = compositor
        self.displays = displays
        self.bus = buses
        self.hosts = [display.hosts() for display in displays]
        self.own = {pid for pid, _, _ in processes_of({self.user.uid})}
        self._before = None

    def env(self, display=0):
        return {**self.compositor.env, **self.displays[display].env,
                "DBUS_SESSION_BUS_ADDRESS": self.bus.address}

    def strangers(self):
        """Processes of the person and of the identities that are not the servers' own."""
        found = processes_of({self.user.uid}) + self.person.processes()
        return [process for process in found if process[0] not in self.own]

    def wait_for_no_process(self, timeout=1):
        wait_until(lambda: not self.strangers(), timeout, f"the end of {self.strangers()}")

    def targets_in_display(self, display):
        """The uids that have been added to the X server's list."""
        added = self.displays[display].hosts() - self.hosts[display]
        found = {uid for uid in self.user.target_uids[:20] if entry_of(uid) in added}
        assert len(found) == len(added), added
        return found

    def snapshot(self):
        return host_snapshot(self.user.home, self.user.runtime_dir, self.person.share)

    def remember(self):
        """What the host looks like between instances, from here on."""
        self._before = self.snapshot()

    def contexts_open(self):
        events = [event["event"] for event in self.compositor.events()]
        return events.count("context") - events.count("closed")

    def check_as_remembered(self):
        lines = self.person.leftovers() + self._before.differences(self.snapshot())
        for number in range(len(self.displays)):
            lines += [f"X server {number}: {uid}" for uid in self.targets_in_display(number)]
        assert lines == [], lines
        wait_until(lambda: self.contexts_open() == 0, 5, "the end of all contexts")


@pytest.fixture
def servers(compositor, sound, work_dir):
    for name in ("Xvfb", "xdg-dbus-proxy"):
        need_program(name)
    user = sound.user
    with XServer(user, work_dir).started() as one, XServer(user, work_dir).started() as two, \
            bus(user, work_dir / "desktop-bus", path=user.runtime_dir / "bus") as buses:
        yield Servers(sound, compositor, [one, two], buses)


# -- the processes of one instance -----------------------------------------------------------------

def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _name(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def roles(monitor):
    """{role: pid} of what is there of an instance, from its monitor on. "fork" is a process that
    has not become another program yet, or what the proxy's container began with."""
    found = {"monitor": monitor}
    for child in _children(monitor):
        name = _name(child)
        if name == "hakurei-shim":
            found["shim"] = child
            for init in _children(child):
                found["init"] = init
                for program in _children(init):
                    found["program"] = program
        elif name == "hsu":
            found["hsu"] = child
        else:
            found["fork"] = child
            for proxy in _children(child):
                found["proxy"] = proxy
    return found


def at_once(*calls):
    """Calls each in a thread of its own. The results, in order; the first error is raised."""
    results, errors = [None] * len(calls), []

    def run(index, call):
        try:
            results[index] = call()
        except BaseException as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=run, args=row) for row in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def sleep_up_to(dice, seconds):
    time.sleep(dice.random() * seconds)
