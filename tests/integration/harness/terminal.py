# SPDX-License-Identifier: MIT
"""A terminal of a user's, with a program in it."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time

from .run import environment_of


class Terminal:
    """A pty whose slave belongs to the user; the program started on it leads its session."""

    def __init__(self, user):
        self.user = user
        self.master, self.slave = os.openpty()
        self.name = os.ttyname(self.slave)
        os.chown(self.name, user.uid, 5 if _is_tty_group() else user.gid)
        os.chmod(self.name, 0o620)
        self.rdev = os.stat(self.name).st_rdev
        self.text = ""  # what has been shown and was not asked for yet
        self.program = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program and self.program.poll() is None:
            try:
                os.killpg(self.program.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.program.kill()
            self.program.wait()
        self.hang_up()

    def start(self, argv, stdin=True, stdout=True, stderr=True, env=None, **options):
        """stdin and the others: True is the terminal, else what Popen takes."""
        ends = [self.slave if end is True else end for end in (stdin, stdout, stderr)]
        slave = self.slave

        def lead():
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.program = subprocess.Popen(
            [str(arg) for arg in argv], stdin=ends[0], stdout=ends[1], stderr=ends[2],
            env=environment_of(self.user, {"TERM": "dumb", **(env or {})}, False),
            cwd=self.user.home, user=self.user.uid, group=self.user.gid, extra_groups=[],
            start_new_session=True, preexec_fn=lead, **options)
        return self.program

    def write(self, text):
        os.write(self.master, text.encode())

    def read_until(self, wanted, timeout=10):
        """What the terminal shows up to and with the wanted text."""
        deadline = time.monotonic() + timeout
        while wanted not in self.text:
            left = deadline - time.monotonic()
            ready = select.select([self.master], [], [], max(left, 0))[0]
            assert ready, f"waited {timeout} s for {wanted!r}, the terminal shows {self.text!r}"
            try:
                self.text += os.read(self.master, 65536).decode(errors="replace")
            except OSError as error:  # every slave is closed
                raise AssertionError(f"{wanted!r} does not come after {self.text!r}") from error
        at = self.text.index(wanted) + len(wanted)
        before, self.text = self.text[:at], self.text[at:]
        return before

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def foreground(self):
        """The process group that the keys go to."""
        return struct.unpack("i", fcntl.ioctl(self.master, termios.TIOCGPGRP, b"\0" * 4))[0]

    def hang_up(self):
        for name in ("slave", "master"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def end(self, timeout=15):
        """The status of the program."""
        return self.program.wait(timeout)


def _is_tty_group():
    with open("/etc/group", encoding="utf-8") as file:
        return any(line.startswith("tty:x:5:") for line in file)
