# SPDX-License-Identifier: MIT
"""Many containers at once."""

import os
import select
import signal
import subprocess
import time
from collections import Counter
from contextlib import contextmanager

AT_A_TIME = 16
TIMEOUT = 300  # seconds
PROGRAM = ["/bin/sh", "-c", "echo; exec sleep 100000"]


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


def _await_some(starting, all_of_them):
    """Waits until some, or all, have said that they run. Those that have not."""
    deadline = time.monotonic() + TIMEOUT
    left = {process.stdout: process for process in starting}
    while len(left) == len(starting) or (all_of_them and left):
        ready = select.select(list(left), [], [], max(deadline - time.monotonic(), 0))[0]
        if not ready:
            raise RuntimeError(f"{len(left)} instances have not started after {TIMEOUT} s")
        for pipe in ready:
            process = left.pop(pipe)
            with pipe:
                if not pipe.read(1):
                    raise RuntimeError(f"an instance ends with status {process.wait()}")
    return list(left.values())


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
    deadline = time.monotonic() + TIMEOUT
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


@contextmanager
def running(person, argv, number, how=_interrupt):
    """The command, some at a time, until its PROGRAM runs in all of them; and their end."""
    made = Instances()
    begin = time.monotonic()
    try:
        starting = []
        for left in reversed(range(number)):
            starting.append(person.start(argv, stdout=subprocess.PIPE, bufsize=0))
            made.processes.append(starting[-1])
            if len(starting) == AT_A_TIME or left == 0:
                starting = _await_some(starting, all_of_them=left == 0)
        made.start_seconds = time.monotonic() - begin
        yield made
    finally:
        begin = time.monotonic()
        _end(made.processes, how)
        made.end_seconds = time.monotonic() - begin
        made.statuses = Counter(process.returncode for process in made.processes)
