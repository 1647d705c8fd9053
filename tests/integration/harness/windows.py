# SPDX-License-Identifier: MIT
"""Windows on a person's X server, looked at from outside of any container."""

import base64
import os
import re
from pathlib import Path

from .processes import wait_until
from .run import run_as
from .users import ROOT


def artefact(name):
    """Where a picture is kept for people to look at: HK_ARTEFACTS, else the build directory."""
    directory = Path(os.environ.get("HK_ARTEFACTS") or
                     Path(os.environ["HK_BUILD_DIR"]).resolve() / "artefacts")
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.unlink(missing_ok=True)  # not one of an earlier run
    return path


def colours(path):
    """How many pixels of each colour a picture has: {"RRGGBB": N}."""
    told = run_as(ROOT, ["convert", path, "-alpha", "off", "-depth", "8", "-format", "%c",
                         "histogram:info:-"])
    assert told.status == 0, told
    found = re.findall(r"^\s*(\d+): .*#([0-9A-F]{6})", told.stdout, re.M)
    return {colour: int(count) for count, colour in found}


def keep_as_png(picture, name):
    """A picture in any format, as an artefact: its path."""
    path = artefact(name)
    converted = run_as(ROOT, ["convert", picture, path])
    assert converted.status == 0, converted
    return path


class Windows:
    """Those of a display (xserver.py)."""

    def __init__(self, display):
        self.display = display

    def _ask(self, *argv):
        return run_as(self.display.user, [str(arg) for arg in argv], env=self.display.env)

    def titled(self, title):
        """The ids of visible windows with this title, a regular expression."""
        found = self._ask("xdotool", "search", "--onlyvisible", "--name", title)
        return [int(line) for line in found.stdout.split()]

    def wait_for(self, title, running, timeout=40):
        """The id of the one with this title, of a program (a Running) that has to live on."""
        wait_until(lambda: self.titled(title) or not running.alive(), timeout, f"window {title!r}")
        assert running.alive(), running.wait()
        return self.titled(title)[0]

    def type_into(self, window, text):
        """Gives the window the keyboard, and types. There is no window manager to do it."""
        self._send(window, "type", "--delay", "30", text)

    def press(self, window, *keys):
        """The same with keys, as ctrl+q."""
        self._send(window, "key", *keys)

    def _send(self, window, *what):
        sent = self._ask("xdotool", "windowfocus", "--sync", window, *what)
        assert sent.status == 0, sent

    def picture(self, window):
        """What the window shows, as a PNG."""
        # Between text and bytes: the harness reads text.
        taken = self._ask("sh", "-c", 'import -window "$1" png:- | base64', "sh", window)
        assert taken.status == 0 and taken.stdout, taken
        return base64.b64decode(taken.stdout)

    def colours(self, window):
        path = artefact(f"window-{window}.png")
        path.write_bytes(self.picture(window))
        found = colours(path)
        path.unlink()
        return found

    def keep(self, window, name):
        """The same, as an artefact: its colours."""
        path = artefact(name)
        path.write_bytes(self.picture(window))
        return colours(path)
