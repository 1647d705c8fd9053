# SPDX-License-Identifier: MIT
"""With everything that a desktop has, at every moment, many at once: nothing is left, nothing is
lost, and what fails says so.

HK_KILL_ROUNDS=N makes the test that kills longer, HK_SEED=N repeats its dice."""

import functools
import itertools
import json
import os
import random
import signal
import threading
import time

import pytest

from harness import crowd
from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.desktop import (ALL, SLEEP, at_once, roles, servers,  # noqa: F401
                             sleep_up_to)
from harness.run import start_as
from harness.sound import sound  # noqa: F401

BATCH = 10
ROUNDS = int(os.environ.get("HK_KILL_ROUNDS") or 500)
IDENTITIES = 3
VICTIMS = ["monitor", "hsu", "shim", "init", "proxy", "program"]


@pytest.fixture
def dice():
    seed = int(os.environ.get("HK_SEED") or random.randrange(1 << 32))
    print(f"HK_SEED={seed}")
    return random.Random(seed)


# -- one process is killed, of an instance with everything ------------------------------------------

class Round:
    """One instance, from its start to the death of one of its processes, and its end."""

    def __init__(self, servers, config, dice):  # noqa: F811
        self.servers = servers
        self.config = config
        self.dice = random.Random(dice.random())
        self.victim = dice.choice(VICTIMS)
        self.when = dice.choice(["start", "seen", "end"])
        self.killed = None

    def __str__(self):
        return f"{self.victim} ({self.killed} was killed) at {self.when}"

    def kill(self, monitor):
        found = roles(monitor)
        self.killed = self.victim if self.victim in found else self.dice.choice(sorted(found))
        try:
            os.kill(found[self.killed], signal.SIGKILL)
        except ProcessLookupError:
            self.killed = None

    def run(self):
        running = self.servers.person.start("app", self.config, env=self.servers.env())
        if self.when == "start":
            sleep_up_to(self.dice, 0.05)
        elif self.when == "seen":
            deadline = time.monotonic() + 0.2
            while self.victim not in roles(running.pid) and time.monotonic() < deadline:
                pass
            if self.victim != "hsu":  # which is gone in no time
                sleep_up_to(self.dice, 0.002)
        else:
            running.stdout.readline()
            running.signal(signal.SIGINT)
            sleep_up_to(self.dice, 0.005)
        self.kill(running.pid)
        if self.killed in ("proxy", "fork", None):
            running.signal(signal.SIGINT)  # the program can do without
        running.popen.wait(10)
        self.result = running.wait(timeout=1)
        return self

    @staticmethod
    def run_to_the_end(servers, config):  # noqa: F811
        running = servers.person.start_ready("app", config, env=servers.env())
        running.signal(signal.SIGINT)
        return running.wait()

    def check(self):
        allowed = {-signal.SIGKILL} if self.killed == "monitor" else {125, 130, 137}
        if self.when == "end":
            allowed.add(130)
        assert self.result.status in allowed, (str(self), self.result)
        for line in self.result.stderr.splitlines():
            assert line.startswith(("hakurei: ", "hakurei-shim: ", "hsu: ")), (str(self), self.result)


def test_whoever_is_killed_whenever_nothing_remains(servers, dice):  # noqa: F811
    person = servers.person
    data = person.make("data", 0o640, "text")
    configs = [person.config(script=SLEEP, identity=number, id="org.example.All",
                             enablements=ALL, extra_perms=[{"path": str(data), "r": True}],
                             container={"share_runtime": True, "share_tmpdir": True,
                                        "map_real_uid": True})
               for number in range(IDENTITIES)]
    for config in configs:
        assert Round.run_to_the_end(servers, config).status == 130
    servers.remember()
    killed = {}
    for _ in range(-(-ROUNDS // BATCH)):
        rounds = [Round(servers, dice.choice(configs), dice) for _ in range(BATCH)]
        at_once(*(one.run for one in rounds))
        servers.wait_for_no_process(timeout=1)
        assert person.run("recover").status == 0
        for one in rounds:
            one.check()
            killed[one.killed] = killed.get(one.killed, 0) + 1
        servers.check_as_remembered()
    print(killed)
    # Each has been there to be killed, or this test has looked at less than it says; hsu is gone
    # within a millisecond, so that it is hit by chance.
    assert set(VICTIMS) - {"hsu"} <= set(killed), killed


# -- what of all this reaches the program -----------------------------------------------------------

SERVICES = [dict(zip(ALL, chosen)) for chosen in itertools.product([False, True], repeat=len(ALL))]


@pytest.mark.parametrize("tty", [False, True])
def test_no_connection_to_a_server_reaches_the_program(servers, tty):  # noqa: F811
    """Each combination of services: descriptors 0 to 2, and those are the caller's pipes."""
    for services in SERVICES:
        config = servers.person.probe_config("facts", enablements=services, id="org.example.All",
                                             container={"map_real_uid": True, "tty": tty})
        result = servers.person.run("app", config, env=servers.env())
        assert result.status == 0, (services, result)
        fds = json.loads(result.stdout)["fds"]
        assert sorted(fds) == ["0", "1", "2"], (services, fds)
        assert all(text.startswith("pipe:") for text in fds.values()), (services, fds)


# -- pids that mean something else -------------------------------------------------------------------

def rewrite_pid(person, pid):
    """In the only entry, in place: its monitor's lock is on this very file."""
    path = person.store / person.entries()[0]
    head, *rest = path.read_text().splitlines(keepends=True)
    document = json.loads(head)
    document["pid"] = document["shim_pid"] = pid
    with open(path, "r+", encoding="utf-8") as file:
        file.write(json.dumps(document) + "\n" + "".join(rest))
    assert json.loads(path.read_text().splitlines()[0])["pid"] == pid


@pytest.fixture
def unrelated(person):
    """A live process of the person's that has nothing to do with hakurei."""
    running = start_as(person.user, ["sleep", "1000"])
    yield running
    assert running.alive()
    running.kill()
    running.wait()


def test_an_entry_whose_pid_is_another_process_by_now_is_dead(person, unrelated):
    running = person.start_sleeping(7)
    running.signal(signal.SIGKILL)
    running.wait()
    person.wait_for_no_process()
    rewrite_pid(person, unrelated.pid)
    listed = person.run("ps", "--short")
    assert (listed.status, listed.stdout, listed.stderr) == (0, "", "")
    assert person.leftovers() == []


@pytest.mark.parametrize("pid", [1, 4194304, "another"])
def test_an_entry_whose_monitor_lives_is_never_touched_whatever_its_pid_is(person, unrelated, pid):
    running = person.start_sleeping(7)

    def standing():
        return [line for line in person.leftovers() if not line.startswith("process ")]

    before = standing()
    rewrite_pid(person, unrelated.pid if pid == "another" else pid)
    for command in (["ps"], ["recover"], ["run", "-a", "8", "true"]):
        assert person.run(*command).status == 0
    assert standing() == before and len(person.processes()) == 3
    assert len(person.run("ps", "--short").stdout.split()) == 1
    running.signal(signal.SIGINT)
    assert running.wait().status == 130
    assert person.leftovers() == []


# -- many, of ten identities, come and go -----------------------------------------------------------

STARTS = 1000
AT_ONCE = 8  # starts, and as many ends


class Watch:
    """Looks again and again, in a thread of its own, that nobody who stays loses anything."""

    def __init__(self, everybody, members):
        self.everybody = everybody
        self.members = members
        self.over = threading.Event()
        self.looks = 0
        self.missing = []
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.over.is_set() and not self.missing:
                self.missing = self.everybody.missing(self.members)
                self.looks += 1
        except Exception as error:  # pylint: disable=broad-except
            self.missing = [repr(error)]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def wave(everybody, live, new, ending):
    """The new ones start while the others end, in any order: [(member, how)]."""
    staying = [member for member in live if member not in [member for member, _ in ending]]
    calls = [member.start for member in new]
    calls += [functools.partial(member.end, how) for member, how in ending]
    random.shuffle(calls)
    with Watch(everybody, staying) as watch:
        at_once(*calls)
    assert watch.missing == [] and watch.looks > 0
    live = staying + new
    everybody.check_listed(live)
    everybody.check_exact(live)
    return live


def test_a_thousand_instances_come_and_go_and_none_takes_from_another(servers, dice):  # noqa: F811
    person = servers.person
    paths = [person.make("one"), person.make("two", 0o750), person.make("three", 0o640, "text"),
             person.make("four", 0o700, acl=[f"u:{person.target(3)}:r", "m::rwx"])]
    everybody = crowd.Crowd(servers, paths)
    configs = [crowd.random_config(person, dice, number % 10, paths) for number in range(100)]
    for number in range(10):  # what stays on purpose is there from here on
        assert person.run("run", "-a", number, "-X", "--wayland", "--dbus", "--pulse", "true",
                          env=servers.env()).status == 0
    servers.remember()
    live = []
    for _ in range(STARTS // AT_ONCE):
        new = [crowd.Member(servers, dice.choice(configs), dice.randrange(2))
               for _ in range(AT_ONCE)]
        ending = [(member, dice.choice(crowd.ENDS))
                  for member in dice.sample(live, max(0, min(len(live), dice.randint(4, 12))))]
        live = wave(everybody, live, new, ending)
    assert wave(everybody, live, [], [(member, "interrupt") for member in live]) == []
    servers.check_as_remembered()
