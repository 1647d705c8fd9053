# SPDX-License-Identifier: MIT
"""Containers of one person, started by the real hakurei with the probe in them."""

import itertools
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from .run import Result, run_as, start_as
from .snapshot import host_snapshot
from .users import BACKEND, ROOT

HOME = "/home/chronos"
FAILED, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127  # statuses of hakurei itself


# -- mounts of a configuration -------------------------------------------------------------------

def bind(src, dst=None, **flags):
    mount = {"type": "bind", "src": str(src), **flags}
    return {**mount, "dst": str(dst)} if dst else mount


def ephemeral(dst, **fields):
    return {"type": "ephemeral", "dst": str(dst), **fields}


def overlay(dst, *lower, upper=None, work=None):
    mount = {"type": "overlay", "dst": str(dst), "lower": [str(layer) for layer in lower]}
    if upper:
        mount["upper"] = str(upper)
    if work:
        mount["work"] = str(work)
    return mount


def link(dst, linkname, **fields):
    return {"type": "link", "dst": str(dst), "linkname": str(linkname), **fields}


# -- what came of it -----------------------------------------------------------------------------

def read_answers(text):
    """The probe's lines. Others (of a program that ran the probe) are left out."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@dataclass
class Outcome(Result):
    """A Result of a probe: its answers in order, and by command."""

    @property
    def answers(self):
        return read_answers(self.stdout)

    def answer(self, command):
        found = [answer for answer in self.answers if answer["command"] == command]
        assert len(found) == 1, (command, self)
        return found[0]

    @property
    def errors(self):
        """The errno of each answer, None where it worked."""
        return [answer["errno"] for answer in self.answers]


def options_of(mount):
    """The flags of a mount that hakurei decides about; times of access are the host's affair."""
    return [option for option in mount["options"]
            if option in ("ro", "rw", "nosuid", "nodev", "noexec")]


def mount_table(facts):
    """["MOUNT-POINT FSTYPE FLAGS", ...] of an answer to `facts`, in order of attachment."""
    return [" ".join([mount["mount_point"], mount["fstype"], *options_of(mount)])
            for mount in facts["mounts"]]


def mount_at(facts, path):
    """The one mount at path."""
    found = [mount for mount in facts["mounts"] if mount["mount_point"] == str(path)]
    assert len(found) == 1, found
    return found[0]


def fstype_of(path):
    """The type of the file system that a host path is on, as mountinfo says it."""
    done = subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", path], capture_output=True,
                          check=True, text=True)
    return done.stdout.strip()


def commands(*parts):
    """The arguments of one probe for several commands, each a list of words."""
    words = []
    for part in parts:
        words += ["--", *map(str, part)] if words else map(str, part)
    return words


class Box:
    """Makes configurations, starts them as the person, and looks at what they leave."""

    def __init__(self, prefix, user, probe, directory, tmp_dir):
        self.prefix = prefix
        self.user = user
        self.probe = probe
        self.directory = directory  # for configurations
        self.tmp_dir = tmp_dir
        self._numbers = itertools.count()

    def uid(self, identity=0):
        return self.user.target_uid(identity)

    def config(self, *mounts, root=None, identity=0, top=None, **container):
        """A strict configuration of the probe. root: the mount on /; top: keys beside container.

        A mount that is not wanted is left away by giving root its own /probe and home."""
        basis = [root] if root else []
        basis += [bind(self.probe, "/probe"), ephemeral(HOME, write=True, perm=0o700)]
        return {
            "identity": identity, "path": "/probe", "shell": "/bin/sh", "home": HOME,
            **(top or {}),
            "container": {"share_runtime": False, "share_tmpdir": False, **container,
                          "filesystem": [*basis, *mounts]},
        }

    def write(self, config, *words):
        """The configuration as a file, with these words for the probe."""
        path = self.directory / f"{next(self._numbers)}.json"
        text = config if isinstance(config, str) else json.dumps(
            {"args": ["probe", *map(str, words)], **config})
        path.write_text(text)
        return path

    def argv(self, config, *words, options=()):
        return [self.prefix.hakurei, "app", "--backend", BACKEND, *options,
                self.write(config, *words)]

    def run(self, config, *words, options=(), **how):
        result = run_as(self.user, self.argv(config, *words, options=options), **how)
        return Outcome(result.status, result.stdout, result.stderr)

    def start(self, config, *words, options=(), **how):
        """A Running; kill it, or wait for it."""
        return start_as(self.user, self.argv(config, *words, options=options), **how)

    def inside(self, config, *parts, **how):
        """What the probe answers to the commands, where nothing may go wrong around it."""
        outcome = self.run(config, *commands(*parts), **how)
        assert (outcome.status, outcome.stderr) == (0, ""), outcome
        return outcome.answers

    def facts(self, config, *paths, **how):
        return self.inside(config, ["facts", *paths], **how)[0]

    @contextmanager
    def running(self, config, *parts, **how):
        """A container whose program answers the parts before and after the word `wait`.

        Yields (Running, the answers before); the caller calls Running.wait("\\n") for the rest.
        """
        running = self.start(config, *commands(*parts), **how)
        try:
            before = []
            if ["wait"] in [list(part) for part in parts]:
                for line in running.stdout:
                    answer = json.loads(line)
                    if answer["command"] == "wait":
                        break
                    before.append(answer)
                else:
                    raise AssertionError(running.wait())
            yield running, before
        finally:
            if running.alive():
                running.kill()
                running.wait()

    def rest(self, running):
        """Lets a waiting probe go on, to its end."""
        result = running.wait("\n")
        outcome = Outcome(result.status, result.stdout, result.stderr)
        assert (outcome.status, outcome.stderr) == (0, ""), outcome
        return outcome.answers

    def run_by(self, launcher, *arguments):
        """Runs a program of launchers.py as root, which becomes the person: an Outcome."""
        argv = [launcher, self.user.uid, self.user.gid, *arguments]
        result = run_as(ROOT, argv, env=self.user.env, clean_env=True, cwd="/")
        return Outcome(result.status, result.stdout, result.stderr)

    def host(self, *paths):
        """What this person's containers could have changed, and these paths."""
        return host_snapshot(self.user.home, self.user.runtime_dir, self.tmp_dir, *paths,
                             uids=[self.user.target_uids])

    def refused(self, config, *phrases, paths=(), status=FAILED, **how):
        """The start fails with one line that has the phrases; no program ran; the host is as
        it was. Returns the line."""
        before = self.host(*paths)
        outcome = self.run(config, *commands(["facts"]), **how)
        assert (outcome.status, outcome.stdout) == (status, ""), outcome
        lines = outcome.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("hakurei: "), outcome
        for phrase in phrases:
            assert str(phrase) in lines[0], (phrase, lines[0])
        assert before.differences(self.host(*paths)) == []
        return lines[0]


# -- fixtures ------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def box(prefix, alice, bob, probe, work_dir, tmp_dir):
    """alice's Box; bob may use hakurei too."""
    directory = work_dir / "configurations"
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    prefix.write_hsurc("".join(f"{user.uid} {user.userid}\n" for user in (alice, bob)))
    made = Box(prefix, alice, probe, directory, tmp_dir)
    # What stays on purpose (the store's lock, the shared directories) is there from here on.
    shared = made.config(share_runtime=True, share_tmpdir=True)
    for identity in (0, 1):
        made.inside({**shared, "identity": identity}, ["exit", "0"])
    yield made
    prefix.write_hsurc(None)
    shutil.rmtree(tmp_dir / alice.share_name)


@pytest.fixture
def shown_probe(box):
    """The probe where `run` shows it: /tmp, where it is otherwise, is a container's own."""
    path = box.prefix.path / "probe"
    shutil.copy(box.probe, path)
    yield path
    path.unlink()


@pytest.fixture
def place(work_dir):
    """A directory of root's that everybody may look into, for sources; empty for each test."""
    places = Path(work_dir) / "places"
    places.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=places))
    for directory in (places, path):
        directory.chmod(0o755)
    return path


def make_dir(path, mode=0o755, owner=0):
    """A directory with exactly this mode and owner. Returns path."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    os.chown(path, owner, owner)
    return path


def make_file(path, text="text\n", mode=0o644, owner=0):
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, owner, owner)
    return path


def make_link(path, text, owner=0):
    path.symlink_to(text)
    os.lchown(path, owner, owner)
    return path


@contextmanager
def mounted(*arguments, at):
    """mount(8) on the host, undone afterwards. Only for directories of the test's own."""
    subprocess.run(["mount", *map(str, arguments), str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def syscall_numbers():
    """{name: number} of this machine."""
    done = subprocess.run(["gcc", "-E", "-dM", "-include", "sys/syscall.h", "-"], input="",
                          capture_output=True, check=True, text=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[1].removeprefix("__NR_"): int(row[2]) for row in rows
            if len(row) == 3 and row[1].startswith("__NR_") and row[2].isdigit()}
