# SPDX-License-Identifier: MIT
"""What a strict start may take, in counts that do not depend on the machine's mood. Times are
`make bench`'s business; these say when something has been added to every start.

A figure that falls is to be written down here; one that has to grow needs a reason."""

import os
import re

import pytest

from harness.container import bind, box, link  # noqa: F401
from harness.events import Events
from harness.run import start_as
from harness.users import BACKEND

# forks and execs: of everything. calls: of the monitor; permissive: of `hakurei run`. faults: pages
# first touched, by the processes that were waited for, which are all.
BUDGETS = {
    "hsu": {"fork": 3, "exec": 4, "calls": 304, "permissive": 580, "faults": 220},
    "subuid": {"fork": 5, "exec": 5, "calls": 418, "permissive": 700, "faults": 450},
}
USR = [bind("/usr"), link("/bin", "usr/bin"), link("/lib", "usr/lib"), link("/lib64", "usr/lib64")]
RUNS = 5  # the least of so many: some calls and faults depend on who comes first


@pytest.fixture
def start(box):  # noqa: F811
    return box.argv(box.config(*USR, identity=7), "exit", "0")


@pytest.fixture
def budget():
    return BUDGETS[BACKEND]


def finish(running):
    """Waits, and yields what the kernel says that it took."""
    _, status, usage = os.wait4(running.pid, 0)
    running.popen.returncode = os.waitstatus_to_exitcode(status)
    assert running.wait().status == 0
    return usage


def test_a_start_makes_no_process_and_no_exec_too_many(box, start, budget):  # noqa: F811
    finish(start_as(box.user, start))
    with Events() as events:
        running = start_as(box.user, start)
        finish(running)
        counted = events.count(running.pid)
    assert counted["fork"] == budget["fork"] and counted["exec"] <= budget["exec"], counted


@pytest.mark.parametrize("kind", ["calls", "permissive"])
def test_the_monitor_makes_no_more_system_calls_than_before(box, start, budget, tmp_dir, kind):  # noqa: F811
    if kind == "permissive":
        start = [box.prefix.hakurei, "run", "--backend", BACKEND, "-a", "7", "true"]
    trace = tmp_dir / "budget.strace"
    counts = []
    for _ in range(RUNS):
        finish(start_as(box.user, ["strace", "-qq", "-o", trace, *start]))
        lines = trace.read_text().splitlines()
        counts.append(sum(bool(re.match(r"[a-z0-9_]+\(", line)) for line in lines))
        trace.unlink()
    assert 100 < min(counts) <= budget[kind], counts


def test_a_start_touches_no_more_pages_than_before(box, start, budget):  # noqa: F811
    counts = [finish(start_as(box.user, start)).ru_minflt for _ in range(RUNS)]
    assert 50 < min(counts) <= budget["faults"], counts
