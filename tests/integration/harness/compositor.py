# SPDX-License-Identifier: MIT
"""A compositor of the person's that says what it is shown: tests/compositor."""

import json
import shutil

import pytest

from .processes import wait_until
from .servers import need_program, server

ID = "org.example.Draws"


class Compositor:
    """A running compositor, and what it says."""

    def __init__(self, person, path, log, name):
        self.person = person
        self.path = path
        self.log = log
        self.env = {"WAYLAND_DISPLAY": name}

    def events(self, kind=None):
        lines = self.log.read_text().splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in found if kind in (None, event["event"])]

    def wait_for(self, kind, count=1):
        return wait_until(lambda: len(self.events(kind)) >= count and self.events(kind), 10,
                          f"{kind} of {self.log}")

    def config(self, script, **keys):
        keys = {"id": ID, "enablements": {"wayland": True}, **keys}
        return self.person.config(script=script, **keys)

    def run(self, script, env=None, **keys):
        return self.person.run("app", self.config(script, **keys), env={**self.env, **(env or {})})

    def start(self, script, **keys):
        """Started as soon as the program has printed a line."""
        return self.person.start_ready("app", self.config(script, **keys), env=self.env)


@pytest.fixture
def hk_compositor(build_dir, work_dir):
    """The compositor of tests/compositor, where every user can execute it."""
    built = build_dir / "tests/compositor/hk-compositor"
    if not built.exists():
        pytest.skip("hk-compositor is not built")
    path = work_dir / "hk-compositor"
    if not path.exists():
        shutil.copy(built, path)
        path.chmod(0o755)
    return path


@pytest.fixture
def start_compositor(person, hk_compositor, work_dir):
    """start_compositor(*options, name=): a context of a Compositor of the person's."""
    need_program("wayland-info")
    need_program("weston-simple-shm")

    class Started:
        def __init__(self, *options, name="wayland-5"):
            self.path = person.user.runtime_dir / name
            self.made = Compositor(person, self.path, work_dir / "compositor.log", name)
            self.made.log.unlink(missing_ok=True)
            self.context = server(person.user, [str(hk_compositor), str(self.path), *options],
                                  self.made.log, self.path)

        def __enter__(self):
            self.made.process = self.context.__enter__()
            return self.made

        def __exit__(self, *why):
            self.context.__exit__(*why)
            self.path.unlink(missing_ok=True)

    return Started


@pytest.fixture
def compositor(start_compositor):
    with start_compositor() as made:
        yield made
