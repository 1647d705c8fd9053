# SPDX-License-Identifier: MIT
"""Who runs what is measured."""

import json
import os
import pwd
import subprocess
from pathlib import Path


class Person:
    """A user. As root we become it for what is started; else it is ourselves."""

    def __init__(self, name, runtime_dir, work_dir, tmp):
        entry = pwd.getpwnam(name)
        self.uid, self.gid = entry.pw_uid, entry.pw_gid
        self.name = name
        self.is_other = os.geteuid() == 0
        self.home = Path(entry.pw_dir)
        self.runtime_dir = runtime_dir
        self.store = self.home / ".local/state/hakurei"
        self.work_dir = work_dir  # for files that everybody may read
        self.errors = work_dir / "errors"
        self.env = {
            "HOME": str(self.home), "USER": name, "LOGNAME": name, "SHELL": "/bin/sh",
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "TERM": "dumb",
            "TMPDIR": str(tmp), "XDG_RUNTIME_DIR": str(runtime_dir),
        }

    def start(self, argv, **how):
        """A Popen, without input, and with what is said in the file of errors unless `how` says
        otherwise."""
        become = ["setpriv", "--reuid", str(self.uid), "--regid", str(self.gid), "--init-groups",
                  "--inh-caps=-all"] if self.is_other else []
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **how}
        with open(self.errors, "ab") as file:
            return subprocess.Popen([*become, *argv], env=self.env, cwd="/",
                                    **{"stderr": file, **how})

    def run(self, argv, timeout=60):
        """(status, output, errors)"""
        process = self.start(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += f"\nstill running after {timeout} s"
        return process.returncode, out, err

    def why_not(self, argv):
        """None if the command works, else what it said last."""
        try:
            status, _, err = self.run(argv)
        except FileNotFoundError as error:
            return str(error)
        said = err.strip().splitlines()
        return None if status == 0 else (said[-1] if said else f"status {status}")[:100]

    def give(self, path):
        """Makes a file or directory the person's."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)
        return path

    def write(self, name, document):
        """A file of JSON in the work directory."""
        path = self.work_dir / name
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(self.give(path))

    def entries(self):
        """The state entries of what runs."""
        if not self.store.exists():
            return []
        return sorted(path for path in self.store.iterdir() if path.name != "lock")
