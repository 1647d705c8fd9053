# SPDX-License-Identifier: MIT
"""The programs of docs/examples, run from their configurations and looked at from outside."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from harness.apps import end, picture_at_rest, programs_of, servers, windows  # noqa: F401
from harness.chromium import COLOUR, HERE, PAGE, TITLE, check_page
from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.processes import wait_until
from harness.servers import need_program
from harness.snapshot import read_acl
from harness.sound import sound  # noqa: F401

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


# -- files ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.name)
def test_an_example_can_be_read_and_is_explained(person, path):
    result = person.run("show", person.write(path.read_text()))
    assert (result.status, result.stderr) == (0, ""), result
    assert f"`{path.name}`" in (EXAMPLES / "README.md").read_text()


# -- calculators ---------------------------------------------------------------------------------

def calculate(windows, window, what):  # noqa: F811
    """Types it, and waits until there is an answer to be seen: the picture of it."""
    before = picture_at_rest(windows, window)
    windows.type_into(window, what)
    wait_until(lambda: windows.picture(window) != before, 10, "an answer")
    return picture_at_rest(windows, window)


def test_a_gtk_program_shows_its_window_and_leaves_nothing(person, windows):  # noqa: F811
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


def test_a_qt_program_shows_its_window_and_remembers(person, windows, place):  # noqa: F811
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

def test_chromium_on_x11_has_a_window_sound_and_its_own_sandbox(person, windows, servers, place):  # noqa: F811
    need_program("chromium")
    config = example(person, "chromium-x11.json", place)
    running = person.start("app", config, *HERE, PAGE,
                           env={**windows.display.env, **servers.env})
    window = windows.wait_for(f"^{TITLE}$", running)
    wait_until(lambda: windows.colours(window).get(COLOUR, 0) > 100000, 20, "the page")
    picture_at_rest(windows, window)
    check_page(person, 23, running, servers, windows.keep(window, "chromium-x11.png"))
    profile = place / "chromium/.config/chromium/Default"
    assert profile.stat().st_uid == person.target(23)


def test_chromium_does_not_start_where_it_cannot_have_its_sandbox(person, windows, servers, place):  # noqa: F811
    """So `userns` is not in the examples for nothing."""
    need_program("chromium")
    config = example(person, "chromium-x11.json", place)
    config.write_text(config.read_text().replace('"userns": true', '"userns": false'))
    result = person.run("app", config, *HERE, PAGE, env={**windows.display.env, **servers.env})
    assert result.status != 0 and "No usable sandbox!" in result.stderr, result
