# SPDX-License-Identifier: MIT
"""A whole desktop: every server at once, and nothing left of it whatever ends first."""

import os
import signal

import pytest

from harness.bus import bus, next_call
from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.processes import wait_until
from harness.servers import need_program
from harness.sound import sound  # noqa: F401
from harness.xserver import XServer

ALL = {"wayland": True, "x11": True, "dbus": True, "pulse": True}
SCRIPT = """
weston-simple-shm 2>/dev/null &
window=$!
xset q >/dev/null && notify-send 'from inside' && paplay /tone.wav && echo done
read line
kill $window
"""


class Desktop:
    def __init__(self, compositor, display, buses, sound):  # noqa: F811
        self.person = sound.person
        self.compositor = compositor
        self.display = display
        self.bus = buses
        self.sound = sound
        self.hosts = display.hosts()

    def start(self):
        """A program that has drawn, asked, notified and played."""
        bind = {"type": "bind", "src": str(self.sound.wav), "dst": "/tone.wav"}
        config = self.person.config(
            script=SCRIPT, id="org.example.All", enablements=ALL, filesystem=[bind],
            container={"map_real_uid": True})
        env = {**self.compositor.env, **self.display.env,
               "DBUS_SESSION_BUS_ADDRESS": self.bus.address}
        with self.bus.services("org.freedesktop.Notifications") as service:
            running = self.person.start_ready("app", config, env=env)
            assert running.first_line == "done\n"
            calls = [next_call(service)]
            while calls[-1]["method"] != "Notify":
                calls.append(next_call(service))
            assert "from inside" in calls[-1]["parameters"]
        commits = self.compositor.wait_for("commit")
        assert {event["app_id"] for event in commits} == {"org.example.All"}
        assert self.display.hosts() != self.hosts
        return running

    def check_nothing_left(self):
        self.person.check_nothing_left()
        assert self.display.hosts() == self.hosts
        self.sound.check_unchanged()
        wait_until(lambda: self.compositor.events("closed"), 5, "the end of the context")
        assert list(self.person.user.runtime_dir.glob("hakurei*")) == []


@pytest.fixture
def desktop(compositor, sound, work_dir):  # noqa: F811
    for name in ("Xvfb", "xset", "notify-send", "paplay", "xdg-dbus-proxy"):
        need_program(name)
    user = sound.user
    with XServer(user, work_dir).started() as display, \
            bus(user, work_dir / "desktop-bus", path=user.runtime_dir / "bus") as buses:
        yield Desktop(compositor, display, buses, sound)


def test_a_program_with_all_servers_leaves_nothing_when_it_ends(desktop):
    result = desktop.start().wait("\n")
    assert result.status == 0, result
    desktop.check_nothing_left()


def test_a_program_with_all_servers_leaves_nothing_when_it_is_interrupted(desktop):
    running = desktop.start()
    running.signal(signal.SIGINT)
    running.popen.wait(20)  # with its input open: nothing else ends it
    assert running.wait().status == 128 + signal.SIGINT
    desktop.check_nothing_left()


def test_a_program_with_all_servers_leaves_nothing_when_its_monitor_is_killed(desktop):
    running = desktop.start()
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    desktop.person.wait_for_no_process()
    assert desktop.person.run("recover", env=desktop.display.env).status == 0
    desktop.check_nothing_left()
