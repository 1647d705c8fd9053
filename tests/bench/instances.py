# SPDX-License-Identifier: MIT
"""Many containers at once."""

import os
import signal
import subprocess
import time
from collections import Counter
from contextlib import contextmanager

AT_A_TIME = 16
PROGRAM = ["/usr/bin/sleep", "100000"]


def tree(pid):
    """A process and all its descendants, parents first."""
    found = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in map(int, file.read().split()):
                    found += tree(child)
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _runs(process):
    """Whether the program in the container has been executed."""
    if process.poll() is not None:
        raise RuntimeError(f"an instance ends with status {process.returncode}")
    return name_of(tree(process.pid)[-1]) == "sleep"


def _await(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def _interrupt(process):
    """What a person would do."""
    process.terminate()


def kill_tree(process):
    """For bwrap, whose first process can be killed without the others."""
    for pid in reversed(tree(process.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _end(processes, how):
    for process in processes:
        if process.poll() is None:
            how(process)
    deadline = time.monotonic() + 60
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            kill_tree(process)
            process.wait()


class Instances:
    """What runs: the processes that were started, and how long that took."""

    def __init__(self):
        self.processes = []
        self.start_seconds = 0
        self.end_seconds = 0
        self.statuses = Counter()

    def pids(self):
        return [pid for process in self.processes for pid in tree(process.pid)]


@contextmanager
def running(person, argv, number, how=_interrupt):
    """The command, some at a time, until its `sleep` runs in all of them; and their end."""
    made = Instances()
    begin = time.monotonic()
    try:
        starting = []
        for _ in range(number):
            starting.append(person.start(argv))
            made.processes.append(starting[-1])
            while len(starting) >= AT_A_TIME:
                starting = [process for process in starting if not _runs(process)]
                time.sleep(0.001)
        _await(lambda: all(map(_runs, starting)), 60, f"{len(starting)} instances")
        made.start_seconds = time.monotonic() - begin
        yield made
    finally:
        begin = time.monotonic()
        _end(made.processes, how)
        made.end_seconds = time.monotonic() - begin
        made.statuses = Counter(process.returncode for process in made.processes)
