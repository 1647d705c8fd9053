# SPDX-License-Identifier: MIT
"""With everything that a desktop has, at every moment, many at once: nothing is left, nothing is
lost, and what fails says so.

HK_KILL_ROUNDS=N makes the test that kills longer, HK_SEED=N repeats its dice."""

import os
import random
import signal
import time

import pytest

from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.desktop import (ALL, SLEEP, at_once, roles, servers,  # noqa: F401
                             sleep_up_to)
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
