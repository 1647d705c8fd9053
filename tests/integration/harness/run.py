# SPDX-License-Identifier: MIT
"""Running programs as a user."""

import os
import re
import signal
import subprocess
from dataclasses import dataclass

# What a build with sanitizers writes when it has found something, or could not look.
SANITIZER = re.compile(r"==\d+==.*Sanitizer|: runtime error: ")
# The leak sanitizer traces the process as well, and nobody can be traced twice.
UNDER_STRACE = {"ASAN_OPTIONS": "detect_leaks=0"}


@dataclass
class Result:
    """How a program ended. status: the exit status, or -N when signal N killed it."""

    status: int
    stdout: str
    stderr: str


class Running:
    """A program that was started. wait() for its Result; kill() it with all of its session."""

    def __init__(self, popen):
        self.popen = popen
        self.pid = popen.pid

    @property
    def stdin(self):
        return self.popen.stdin

    @property
    def stdout(self):
        return self.popen.stdout

    @property
    def stderr(self):
        return self.popen.stderr

    def alive(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def kill(self):
        try:
            # A session of its own: the group has what the program started, as far as it stayed.
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def wait(self, stdin=None, timeout=30):
        """stdin: text to write first. Killed, and an error, when it takes too long: also when
        something that the program left behind keeps its output open."""
        try:
            out, err = self.popen.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            try:
                out, err = self.popen.communicate(timeout=2)
            except subprocess.TimeoutExpired:
                out, err = "", ""
            raise AssertionError(
                f"{self.popen.args} took more than {timeout} s\nstdout: {out}\nstderr: {err}"
            ) from None
        findings = [line for line in (err or "").splitlines() if SANITIZER.search(line)]
        assert not findings, f"{self.popen.args}: what a sanitizer says: {err}"
        return Result(self.popen.returncode, out or "", err or "")


def environment_of(user, env, clean):
    merged = {} if clean else dict(user.env)
    for name, value in (env or {}).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def start_as(user, argv, env=None, clean_env=False, stdin=subprocess.PIPE,
             stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=None, groups=None,
             pass_fds=(), umask=0o022):
    """Starts argv as the user (an object of users.py; ROOT is one) in a session of its own.

    env: added to the user's environment, None takes a variable away; with clean_env it is all.
    groups: the supplementary gids; default the user's own group alone.
    """
    if argv[0] == "strace":
        env = {**(env or {}), **UNDER_STRACE}
    credentials = {}
    if user.uid != 0:
        credentials = {
            "user": user.uid,
            "group": user.gid,
            "extra_groups": [user.gid] if groups is None else list(groups),
        }
    return Running(subprocess.Popen(
        [str(arg) for arg in argv], env=environment_of(user, env, clean_env), stdin=stdin,
        stdout=stdout, stderr=stderr, cwd=cwd or user.home, pass_fds=pass_fds, umask=umask,
        start_new_session=True, text=True, errors="surrogateescape", **credentials))


def run_as(user, argv, env=None, stdin=None, timeout=30, cwd=None, groups=None, pass_fds=(),
           clean_env=False, umask=0o022):
    """Runs argv as the user to its end and returns the Result. stdin: text, default none."""
    running = start_as(user, argv, env=env, cwd=cwd, groups=groups, pass_fds=pass_fds,
                       clean_env=clean_env, umask=umask)
    return running.wait(stdin, timeout)
