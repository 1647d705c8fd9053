# SPDX-License-Identifier: MIT
"""docs/tour.md, done as it says by somebody who has never used hakurei: every block of it, in order, in
one shell. What it shows is what is seen. And what docs/coming-from.md names is there."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from harness.build import SOURCE, Prefix
from harness.bus import bus
from harness.compositor import hk_compositor, start_compositor  # noqa: F401
from harness.person import Person
from harness.processes import wait_until
from harness.run import start_as
from harness.servers import need_program
from harness.sound import sound  # noqa: F401
from harness.users import UserFactory
from test_apps import HERE, PAGE, TITLE

pytestmark = [pytest.mark.once, pytest.mark.needs_hsu]
TOUR = SOURCE / "docs/tour.md"
PREFIX = Path("/opt/hakurei-tour")

# What this machine has instead: another prefix, and a page that takes no network. Numbers of
# persons are those of the users that the tests make.
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
PLACE = re.compile(r"Save this as `([^`]+)`:\s*$")
OVERRIDE = "~/.config/hakurei/apps/browser.d/here.json"  # where the compositor has no contexts


def steps():
    """(language, text, place of a file), in order."""
    text = TOUR.read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(BLOCK.findall(text))
    for match in BLOCK.finditer(text):
        place = PLACE.search(text[:match.start()])
        yield match[1], match[2], place and place[1]


def fits(shown, seen):
    """"..." stands for anything in a line, and alone in one for any lines."""
    patterns = []
    for line in shown.strip().splitlines():
        if line.strip() == "...":
            patterns.append(r"(.*\n)*?")
        else:
            words = re.sub(r"(\\ )+", r"\\s+", re.escape(line.strip()))
            patterns.append(rf"\s*{words.replace(re.escape('...'), '.*')}\s*\n")
    return re.fullmatch("".join(patterns), seen.strip() + "\n")


class Sudo:
    """A `sudo` for the user of the tour: what it is given, root does, here."""

    SCRIPT = """#!/bin/bash
printf '%q ' "$@" >{place}/ask.new
mv {place}/ask.new {place}/ask
read -r status <{place}/answer
cat {place}/output
exit "$status"
"""

    def __init__(self, place, user):
        self.place = place
        self.done = []
        place.mkdir()
        os.chown(place, user.uid, user.gid)
        os.mkfifo(place / "answer")
        os.chown(place / "answer", user.uid, user.gid)
        script = place / "sudo"
        script.write_text(self.SCRIPT.format(place=place))
        script.chmod(0o755)
        self.directory = None
        self.over = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        ask = self.place / "ask"
        while not self.over:
            try:
                wait_until(lambda: self.over or ask.exists(), 3600, "a question")
            except AssertionError:
                return
            if self.over:
                return
            command = ask.read_text()
            ask.unlink()
            self.done.append(command)
            status = self._do(shlex.split(command))
            (self.place / "answer").write_text(f"{status}\n")

    def _do(self, words):
        with open(self.place / "output", "w", encoding="utf-8") as output:
            if words[:2] == ["apt-get", "install"]:
                # The machine of the tests has them: this is whether the tour names what there is.
                words = ["dpkg", "-s", *[word for word in words[2:] if word[0] != "-"]]
            return subprocess.run(words, cwd=self.directory, stdout=output, stderr=output,
                                  check=False).returncode


class Shell:
    """A bash of the user's, which is told one block after the other."""

    def __init__(self, user, directory, env):
        self.running = start_as(user, ["bash", "-m"], cwd=directory, env=env,
                                stderr=subprocess.STDOUT)

    def tell(self, text):
        """What it prints until it is done, and the last status."""
        self.running.stdin.write(f"{text}\necho \"=== done $?\"\n")
        self.running.stdin.flush()
        lines = []
        for line in self.running.stdout:
            if line.startswith("=== done "):
                return "".join(lines), int(line.split()[-1])
            lines.append(line)
        raise AssertionError(f"the shell has ended: {lines}")

    def end(self):
        assert self.running.wait().status == 0


@pytest.fixture
def person(as_root, probe):
    """Somebody new, with a home where homes are, and with nothing installed."""
    prefix = Prefix(PREFIX, PREFIX / "etc/hsurc")
    prefix.create()
    base = Path(tempfile.mkdtemp(prefix="hk-test-", dir="/home"))
    base.chmod(0o755)
    factory = UserFactory(base, Path("/tmp"), "/usr/bin:/bin")
    user = factory("newcomer")
    # Debian makes homes that are open to others; the tour closes it.
    user.home.chmod(0o755)
    del user.env["TMPDIR"]
    someone = Person(user, prefix, Path("/tmp"), probe)
    yield someone
    try:
        someone.check_nothing_left()
    finally:
        someone.clean_up()
        factory.remove_all()
        shutil.rmtree(base)
        prefix.remove()


@pytest.fixture
def source(person, work_dir):
    """The source, as the user would have it."""
    path = work_dir / "tour-source"
    path.mkdir()
    names = subprocess.run(["git", "-c", f"safe.directory={SOURCE}", "ls-files", "-z"], cwd=SOURCE,
                           capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (SOURCE / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / name, path / name)
    subprocess.run(["chown", "-R", f"{person.user.uid}:{person.user.gid}", path], check=True)
    yield path
    shutil.rmtree(path)


def translate(text, person):
    """The tour's words for what is another one here."""
    number = str(person.user.userid)
    first = person.user.userid * 100000 + 10000
    return (text.replace("--prefix=/usr", f"--prefix={PREFIX} -Dhsurc={PREFIX}/etc/hsurc")
            .replace("/etc/hsurc\"", f"{PREFIX}/etc/hsurc\"")
            .replace("$(id -u) 0", f"$(id -u) {number}")
            .replace("10007", str(first + 7))
            .replace("https://www.debian.org", " ".join(map(shlex.quote, [*HERE, PAGE]))))


class Newcomer:
    """Who does it."""

    def __init__(self, person, source, sudo, compositor, sound, env):  # noqa: F811
        self.person = person
        self.sound = sound
        self.compositor = compositor
        self.shell = Shell(person.user, source,
                           {"PATH": f"{sudo.place}:{PREFIX}/bin:/usr/local/bin:/usr/bin:/bin",
                            "TERM": "dumb", **compositor.env, **env})
        self.seen = self.told = ""
        self.shown = 0

    def wait_for_browser(self):
        """What the reader sees and hears."""
        wait_until(lambda: TITLE in [event["title"] for event in self.compositor.events("title")],
                   40, "the browser's window")
        wait_until(lambda: "chromium" in self.sound.ask("pactl", "list", "sink-inputs").lower(),
                   20, "the tone")

    def do(self, language, text, place):
        text = translate(text, self.person)
        if language == "json":
            file = self.person.user.home / place.removeprefix("~/")
            assert file.parent.is_dir()
            file.write_text(text, encoding="utf-8")
            os.chown(file, self.person.user.uid, self.person.user.gid)
        elif language == "sh":
            if "kill %1" in text:
                self.wait_for_browser()
            (self.seen, status), self.told = self.shell.tell(text), text
            assert status == 0 or re.search(r"ls ~|cat |touch", text), self.seen
        else:
            assert language == "text"
            assert fits(text, self.seen), f"{self.told}\n--- shown\n{text}\n--- seen\n{self.seen}"
            self.shown += 1


def test_the_tour_is_done_as_it_says(person, source, work_dir, sound,  # noqa: F811
                                     start_compositor):  # noqa: F811
    for name in ("chromium", "xdg-dbus-proxy", "meson"):
        need_program(name)
    sudo = Sudo(work_dir / "tour-sudo", person.user)
    sudo.directory = source
    path = person.user.runtime_dir / "bus"
    with bus(person.user, work_dir / "tour-bus", path=path) as made, \
            made.services("org.freedesktop.Notifications"):
        env = {"DBUS_SESSION_BUS_ADDRESS": made.address}
        with start_compositor() as compositor:
            newcomer = Newcomer(person, source, sudo, compositor, sound, env)
            for step in steps():
                if step[2] != OVERRIDE:
                    newcomer.do(*step)
            newcomer.shell.end()
            assert newcomer.shown >= 7 and len(sudo.done) == 4, sudo.done
            assert compositor.events("context")
        # And as it goes on where the compositor is an old one.
        with start_compositor("--without-context", name="wayland-6") as compositor:
            newcomer = Newcomer(person, source, sudo, compositor, sound, env)
            names = [step[2] for step in steps()]
            for step in list(steps())[names.index(OVERRIDE):]:
                newcomer.do(*step)
            newcomer.shell.end()
            assert newcomer.shown == 2 and not compositor.events("context")
    sudo.over = True
    shutil.rmtree(sudo.place)


def keys_of(value):
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_what_is_named_to_people_who_come_from_elsewhere_is_there(build_dir):
    def ask(*words):
        return subprocess.run([build_dir / "src/cli/hakurei", *words], capture_output=True,
                              check=True, text=True).stdout

    text = (SOURCE / "docs/coming-from.md").read_text(encoding="utf-8")
    # The last column of the tables is what is there; what is in the others is of others.
    ours = "\n".join(line.split("|")[2] if line.startswith("| ") and line.count("|") == 3 else line
                     for line in text.splitlines())
    known = keys_of(json.loads(ask("template")))
    named = set(re.findall(r'"(\w+)":', ours)) | set(re.findall(r'"(\w+)"`', ours))
    assert {"extra_perms", "host_net"} & known and len(named) > 15
    assert named <= known | {"bind", "link"}, named - known
    commands = set(re.findall(r"`hakurei (\w+)", ours))
    assert len(commands) > 3
    for command in commands:
        ask("help", command)
    options = ask("help", "app")
    for option in re.findall(r"`(--\w+-fd)`", ours):
        assert option in options
