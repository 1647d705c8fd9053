# SPDX-License-Identifier: MIT
"""What programs with windows need around them, and how they are ended."""

import signal

import pytest

from .bus import bus, next_call
from .processes import wait_until
from .servers import need_program
from .snapshot import read_acl
from .sound import sound  # noqa: F401
from .windows import Windows
from .xserver import XServer


@pytest.fixture
def windows(person, work_dir):
    for name in ("Xvfb", "xdotool", "import", "convert"):
        need_program(name)
    display = XServer(person.user, work_dir)
    with display.started():
        hosts = display.hosts()
        yield Windows(display)
        assert display.hosts() == hosts


def programs_of(person, identity):
    """What runs under the identity's uid, but for the shim and its init."""
    return {name for _, _, name in person.processes(identity)} - {"hakurei-shim"}


def end(person, running):
    """Interrupts it, as at a terminal: nothing may be left."""
    running.signal(signal.SIGINT)
    result = running.wait()
    person.check_nothing_left()
    return result


class Servers:
    """A session bus, with one who takes notifications, and sound. .env leads to them."""

    def __init__(self, buses, service, sound):  # noqa: F811
        self.env = {"DBUS_SESSION_BUS_ADDRESS": buses.address}
        self.service = service
        self.sound = sound

    def wait_for_notification(self, text):
        """The calls before it are of the library that notifies."""
        for _ in range(5):
            call = next_call(self.service)
            if call["method"] == "Notify":
                assert text in call["parameters"]
                return
        raise AssertionError("no notification")


@pytest.fixture
def servers(sound, work_dir):  # noqa: F811
    need_program("xdg-dbus-proxy")
    path = sound.user.runtime_dir / "bus"
    with bus(sound.user, work_dir / "apps-bus", path=path) as made, \
            made.services("org.freedesktop.Notifications") as service:
        yield Servers(made, service, sound)
        assert path.stat().st_nlink == 1 and read_acl(path) == []
    sound.check_unchanged()


def picture_at_rest(windows, window):
    wait_until(lambda: len({windows.picture(window) for _ in range(3)}) == 1, 20,
               "a window at rest")
    return windows.picture(window)
