# SPDX-License-Identifier: MIT
"""Processes by uid: who runs, and how to be rid of them."""

import os
import signal
import time


def _status(pid):
    """The fields of /proc/PID/status, or None if the process is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except (FileNotFoundError, ProcessLookupError):
        return None


def processes_of(uids):
    """[(pid, uid, name)] of live processes that have one of the uids in any role.

    uids: anything that answers `in`: a set, a range.
    """
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        status = _status(int(name))
        if status is None or status["State"][0] in "ZX":
            continue
        for uid in map(int, status["Uid"].split()):
            if uid in uids:
                found.append((int(name), uid, status["Name"]))
                break
    return sorted(found)


def kill_all_of(uids, timeout=10):
    """Kills until no process of the uids is left, which a fork may take several rounds for."""
    deadline = time.monotonic() + timeout
    while True:
        left = processes_of(uids)
        if not left:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"processes do not end: {left}")
        for pid, _, _ in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)


def wait_until(condition, timeout=10, what="a condition"):
    """Returns the first true value of condition(), asked for again and again."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}")
        time.sleep(0.01)
