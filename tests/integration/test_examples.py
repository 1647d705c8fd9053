# SPDX-License-Identifier: MIT
"""The configurations that are installed (data/apps), started by name and looked at from outside."""

import os
import stat

import pytest

from harness.apps import end, picture_at_rest, programs_of, servers, windows  # noqa: F401
from harness.build import SOURCE
from harness.chromium import COLOUR, HERE, PAGE, TITLE, check_page, facts_of
from harness.compositor import hk_compositor, start_compositor  # noqa: F401
from harness.processes import wait_until
from harness.servers import need_program
from harness.snapshot import read_acl
from harness.sound import sound  # noqa: F401
from harness.windows import colours, keep_as_png

# A program does not see which backend it was.
pytestmark = pytest.mark.once

IDENTITIES = {"firefox": 101, "chromium": 102, "mpv": 103, "gimp": 104, "foot": 105}


def test_each_one_is_started_here():
    assert {path.stem for path in (SOURCE / "data/apps").glob("*.json")} == set(IDENTITIES)


@pytest.fixture
def homes(person):
    """homes(name): the directory that becomes the program's home, with the person's files."""
    place = person.user.home / ".local/share/hakurei"

    def make(name, **files):
        person.user.home.chmod(0o700)
        for directory in [*reversed((place / name).parents), place / name]:
            if person.user.home in directory.parents and not directory.exists():
                directory.mkdir(mode=0o700)
                os.chown(directory, person.user.uid, person.user.gid)
        for file, content in files.items():
            path = place / name / file.replace("__", ".")
            path.write_text(content)
            path.chmod(0o644)
        return place / name

    yield make
    for directory in [place, *place.parents, *place.iterdir()]:
        if directory == person.user.home or person.user.home in directory.parents:
            assert (read_acl(directory), stat.S_IMODE(directory.stat().st_mode)) == ([], 0o700)


@pytest.fixture
def screen(person, start_compositor):  # noqa: F811
    picture = person.user.home / "drawn.ppm"
    with start_compositor("--picture", str(picture)) as compositor:  # noqa: F811
        yield Screen(compositor, picture)


class Screen:
    """What a compositor is shown. .env leads to it."""

    def __init__(self, compositor, picture):
        self.compositor = compositor
        self.env = compositor.env
        self.picture = picture

    def wait_for(self, running, title, count=100000):
        """A window of that title, with as many pixels of COLOUR."""
        def is_there():
            assert running.alive(), running.wait()
            titles = [event["title"] for event in self.compositor.events("title")]
            return title in titles and self.picture.exists() and \
                colours(self.picture).get(COLOUR, 0) > count

        wait_until(is_there, 40, f"{title!r}, and its picture")

    def keep(self, name, app_id):
        """The picture's colours. What drew it is known by its id, and not trusted."""
        drawn = {(event["engine"], event["app_id"]) for event in self.compositor.events("commit")}
        assert drawn == {("app.hakurei", app_id)}
        return colours(keep_as_png(self.picture, name))

    def wait_for_end(self):
        wait_until(lambda: self.compositor.events("closed"), 5, "the end of the context")


def test_firefox_shows_a_page_of_its_home_in_a_sandbox_of_its_own(person, homes, screen, servers):  # noqa: F811
    need_program("firefox-esr")
    home = homes("firefox", page__html="<title>Shown inside</title>"
                 f"<body style='background: #{COLOUR}; color: white'><h1>Shown inside</h1>")
    running = person.start("app", "firefox", "file:///home/firefox/page.html",
                           env={**screen.env, **servers.env})
    screen.wait_for(running, "Shown inside — Mozilla Firefox")
    assert len(screen.keep("firefox.png", "org.mozilla.firefox")) > 50
    processes = {name: pid for pid, _, name in person.processes(101)}
    browser, page = facts_of(processes["firefox-esr"]), facts_of(processes["file:// Content"])
    assert browser["Seccomp_filters"] == "2" and int(browser["CapBnd"], 16) == 0
    assert int(page["Seccomp_filters"]) > 2 and page["NoNewPrivs"] == "1"
    assert page["namespaces"]["user"] != browser["namespaces"]["user"]
    end(person, running)
    screen.wait_for_end()
    assert {path.stat().st_uid for path in home.rglob("*.default-esr")} == {person.target(101)}


def test_chromium_has_a_window_sound_and_its_own_sandbox(person, homes, screen, servers):  # noqa: F811
    need_program("chromium")
    home = homes("chromium")
    running = person.start("app", "chromium", *HERE, PAGE, env={**screen.env, **servers.env})
    screen.wait_for(running, TITLE)
    shown = screen.keep("chromium-wayland.png", "org.chromium.Chromium")
    check_page(person, 102, running, servers, shown)
    screen.wait_for_end()
    assert (home / ".config/chromium/Default").stat().st_uid == person.target(102)


# Two streams: a picture of one colour, and a tone.
FILM = f"av://lavfi:color=c=0x{COLOUR}:s=640x480:r=10,format=rgb24[out0];sine=f=440[out1]"


def test_mpv_shows_and_plays_a_film_in_a_home_that_it_is_given(person, homes, screen, sound):  # noqa: F811
    need_program("mpv")
    place = person.user.home / ".local/share/hakurei/mpv"
    assert not place.exists()
    person.user.home.chmod(0o700)
    running = person.start("app", "mpv", "--title=Shown inside", FILM,
                           env=screen.env)
    screen.wait_for(running, "Shown inside")
    screen.keep("mpv.png", "io.mpv.Mpv")
    wait_until(lambda: "mpv" in sound.ask("pactl", "list", "sink-inputs"), 10, "the tone")
    assert programs_of(person, 103) == {"mpv"}
    end(person, running)
    assert place.stat().st_uid == person.user.uid


def test_mpv_takes_a_film_from_standard_input_without_a_network(person, homes, screen, sound):  # noqa: F811
    need_program("mpv")
    homes("mpv")
    film = "YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg\n" + ("FRAME\n" + "A" * 384) * 5
    result = person.run("app", "mpv", "--vo=null", "-", stdin=film, env=screen.env)
    assert result.status == 0 and "16x16" in result.stdout, result


def test_gimp_shows_a_picture_of_its_home(person, homes, windows):  # noqa: F811
    need_program("gimp")
    pixel = " ".join(str(int(COLOUR[at:at + 2], 16)) for at in (0, 2, 4))
    homes("gimp", picture__ppm="P3 200 100 255\n" + f"{pixel}\n" * 20000)
    running = person.start("app", "gimp", "/home/gimp/picture.ppm", env=windows.display.env)
    window = windows.wait_for("picture.*GIMP", running)
    wait_until(lambda: windows.colours(window).get(COLOUR, 0) > 10000, 20, "the picture")
    assert len(windows.keep(window, "gimp.png")) > 50
    assert "gimp" in programs_of(person, 104)
    end(person, running)


def test_foot_runs_a_shell_that_has_a_home_and_no_network(person, homes, screen):
    need_program("foot")
    home = homes("foot", __bashrc=f"PS1='\\e]11;#{COLOUR}\\a\\e]2;Shown inside\\a$ '\n"
                 "cat /proc/net/dev > ~/seen\n")
    running = person.start("app", "foot", env=screen.env)
    screen.wait_for(running, "Shown inside")
    assert len(screen.keep("foot.png", "org.codeberg.dnkl.foot")) > 5
    assert programs_of(person, 105) == {"foot", "bash"}
    devices = [line.split(":")[0].strip() for line in (home / "seen").read_text().splitlines()]
    assert devices[2:] == ["lo"]
    end(person, running)
    screen.wait_for_end()
