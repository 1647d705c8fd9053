# SPDX-License-Identifier: MIT
"""The programs of docs/examples, run from their configurations and looked at from outside."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from harness.bus import bus, next_call
from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.processes import wait_until
from harness.servers import need_program
from harness.snapshot import read_acl
from harness.sound import sound  # noqa: F401
from harness.windows import Windows, colours, keep_as_png
from harness.xserver import XServer

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
PLACE = "/srv/alice"  # where the examples keep what programs save


def example(person, name, place=None):
    """A file of the person's with the example; place: for PLACE."""
    text = (EXAMPLES / name).read_text()
    return person.write(text.replace(PLACE, str(place)) if place else text)


@pytest.fixture
def place(person, work_dir):
    """What the README of the examples has people make: a directory of the person's."""
    path = Path(tempfile.mkdtemp(prefix="srv-", dir=work_dir))
    os.chown(path, person.user.uid, person.user.gid)
    yield path
    # What a program has saved stays, and nobody else may look at it.
    left = [(tuple(read_acl(directory)), directory.stat().st_mode & 0o777)
            for directory in (path, *path.iterdir())]
    shutil.rmtree(path, ignore_errors=True)  # a failed test may still be writing
    assert set(left) == {((), 0o700)}


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


# -- files ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.name)
def test_an_example_can_be_read_and_is_explained(person, path):
    result = person.run("show", person.write(path.read_text()))
    assert (result.status, result.stderr) == (0, ""), result
    assert f"`{path.name}`" in (EXAMPLES / "README.md").read_text()


# -- servers -------------------------------------------------------------------------------------

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


# -- calculators ---------------------------------------------------------------------------------

def picture_at_rest(windows, window):
    wait_until(lambda: len({windows.picture(window) for _ in range(3)}) == 1, 20,
               "a window at rest")
    return windows.picture(window)


def calculate(windows, window, what):
    """Types it, and waits until there is an answer to be seen: the picture of it."""
    before = picture_at_rest(windows, window)
    windows.type_into(window, what)
    wait_until(lambda: windows.picture(window) != before, 10, "an answer")
    return picture_at_rest(windows, window)


def test_a_gtk_program_shows_its_window_and_leaves_nothing(person, windows):
    need_program("galculator")
    running = person.start("app", example(person, "calculator.json"), env=windows.display.env)
    window = windows.wait_for("^galculator$", running)
    assert len(windows.keep(window, "calculator.png")) > 50
    written = calculate(windows, window, "42")
    windows.press(window, "Delete")
    calculate(windows, window, "6*7\r")
    wait_until(lambda: windows.picture(window) == written, 10, "the answer")
    windows.keep(window, "calculator.png")
    assert programs_of(person, 21) == {"galculator"}
    assert end(person, running).status == 128 + signal.SIGINT


def test_a_qt_program_shows_its_window_and_remembers(person, windows, place):
    need_program("speedcrunch")
    config = example(person, "speedcrunch.json", place)
    for picture in "speedcrunch.png", "speedcrunch-again.png":
        running = person.start("app", config, env=windows.display.env)
        window = windows.wait_for("SpeedCrunch", running)
        calculate(windows, window, "6*7\r")
        assert len(windows.keep(window, picture)) > 50
        assert programs_of(person, 22) == {"speedcrunch"}
        windows.press(window, "ctrl+q")
        assert running.wait().status == 0
        person.check_nothing_left()
    history = place / "speedcrunch/.local/share/SpeedCrunch/history.json"
    assert history.read_text().count("6*7") == 2
    assert history.stat().st_uid == person.target(22)


def test_a_program_of_the_host_has_all_servers_by_options_alone(person, windows, servers,
                                                                compositor):  # noqa: F811
    for name in ("galculator", "notify-send", "pactl", "weston-simple-shm"):
        need_program(name)
    script = ("notify-send Started && pactl info >/dev/null && weston-simple-shm >/dev/null & "
              "GDK_BACKEND=x11 exec galculator")
    running = person.start("run", "-a", "24", "-X", "--dbus", "--pulse", "--wayland",
                           "sh", "-c", script,
                           env={**windows.display.env, **compositor.env, **servers.env})
    window = windows.wait_for("^galculator$", running)
    picture_at_rest(windows, window)
    assert len(windows.keep(window, "run.png")) > 50
    servers.wait_for_notification("Started")
    [context] = compositor.wait_for("context")
    assert compositor.wait_for("commit")[0]["instance_id"] == context["instance_id"]
    assert programs_of(person, 24) >= {"galculator", "weston-simple-s"}
    end(person, running)


# -- Chromium ------------------------------------------------------------------------------------

TITLE = "Shown inside - Chromium"
COLOUR = "123456"
# It makes a sound, and asks nobody first.
PAGE = ("data:text/html,<title>Shown inside</title>"
        f"<body style='background: %23{COLOUR}; color: white'><h1>Shown inside</h1><script>"
        "const audio = new AudioContext(), tone = new OscillatorNode(audio);"
        "tone.connect(audio.destination); tone.start()</script>")
# No network, no graphics card, and nobody who clicks. None of them is about the sandbox.
HERE = ["--disable-gpu", "--disable-quic", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        "--autoplay-policy=no-user-gesture-required"]


def arguments_of(pid):
    """Chromium's children put blanks between theirs."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ").split()


def facts_of(pid):
    """What the kernel says of a process, seen from outside."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    facts = dict(line.split(":\t", 1) for line in text.splitlines())
    facts["namespaces"] = {name: os.readlink(f"/proc/{pid}/ns/{name}")
                           for name in ("user", "pid", "net", "mnt")}
    return facts


def check_sandbox(person):
    """The renderers are in namespaces and under a filter of Chromium's own, within ours."""
    shims = {pid for pid, _, name in person.processes(23) if name == "hakurei-shim"}
    pids = [pid for pid, _, name in person.processes(23) if name == "chromium"]
    assert not [pid for pid in pids if "--no-sandbox" in arguments_of(pid)]
    [browser] = [pid for pid in pids if int(facts_of(pid)["PPid"]) in shims]
    renderers = [pid for pid in pids if "--type=renderer" in arguments_of(pid)]
    assert renderers
    ours, outside = facts_of(browser), facts_of("self")
    uid = str(person.target(23))
    for pid in renderers:
        wait_until(lambda pid=pid: int(facts_of(pid)["Seccomp_filters"]) >
                   int(ours["Seccomp_filters"]), 5, "the renderer's filter")
        theirs = facts_of(pid)
        assert theirs["Uid"].split() == [uid] * 4
        assert theirs["NoNewPrivs"] == "1" and theirs["Seccomp"] == "2"
        assert int(theirs["CapEff"], 16) == int(theirs["CapPrm"], 16) == 0
        for name in ("user", "pid", "net"):
            known = {facts["namespaces"][name] for facts in (ours, outside)}
            assert theirs["namespaces"][name] not in known, (name, theirs)
    assert ours["Seccomp_filters"] == "2" and int(ours["CapBnd"], 16) == 0
    for name in ("user", "pid", "mnt"):
        assert ours["namespaces"][name] != outside["namespaces"][name]


def check_page(person, running, servers, shown):
    """The page is drawn, most of the window is of its colour, and it is heard."""
    assert max(shown, key=shown.get) == COLOUR and len(shown) > 100
    check_sandbox(person)
    wait_until(lambda: "chromium" in servers.sound.ask("pactl", "list", "sink-inputs").lower(), 20,
               "the tone")
    assert end(person, running).status in (0, 128 + signal.SIGINT)


def test_chromium_on_x11_has_a_window_sound_and_its_own_sandbox(person, windows, servers, place):
    need_program("chromium")
    config = example(person, "chromium-x11.json", place)
    running = person.start("app", config, *HERE, PAGE,
                           env={**windows.display.env, **servers.env})
    window = windows.wait_for(f"^{TITLE}$", running)
    wait_until(lambda: windows.colours(window).get(COLOUR, 0) > 100000, 20, "the page")
    picture_at_rest(windows, window)
    check_page(person, running, servers, windows.keep(window, "chromium-x11.png"))
    profile = place / "chromium/.config/chromium/Default"
    assert profile.stat().st_uid == person.target(23)


def test_chromium_on_wayland_has_a_window_sound_and_its_own_sandbox(
        person, servers, place, start_compositor):  # noqa: F811
    need_program("chromium")
    picture = person.user.home / "drawn.ppm"
    config = example(person, "chromium-wayland.json", place)
    with start_compositor("--picture", str(picture)) as compositor:  # noqa: F811
        running = person.start("app", config, *HERE, PAGE,
                               env={**compositor.env, **servers.env})
        wait_until(lambda: TITLE in [event["title"] for event in compositor.events("title")], 40,
                   "the window's title")
        wait_until(lambda: picture.exists() and colours(picture).get(COLOUR, 0) > 100000, 20,
                   "the page")
        events = compositor.events("commit")
        assert {(event["engine"], event["app_id"]) for event in events} == \
            {("app.hakurei", "org.chromium.Chromium")}
        kept = keep_as_png(picture, "chromium-wayland.png")
        check_page(person, running, servers, colours(kept))
        wait_until(lambda: compositor.events("closed"), 5, "the end of the context")


def test_chromium_does_not_start_where_it_cannot_have_its_sandbox(person, windows, servers, place):
    """So `userns` is not in the examples for nothing."""
    need_program("chromium")
    config = example(person, "chromium-x11.json", place)
    config.write_text(config.read_text().replace('"userns": true', '"userns": false'))
    result = person.run("app", config, *HERE, PAGE, env={**windows.display.env, **servers.env})
    assert result.status != 0 and "No usable sandbox!" in result.stderr, result
