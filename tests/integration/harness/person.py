# SPDX-License-Identifier: MIT
"""Somebody who runs hakurei: how to start it, and what it may leave behind."""

import copy
import json
import os
import shutil
import time

from .processes import kill_all_of, processes_of, wait_until
from .run import run_as, start_as
from .snapshot import read_acl
from .users import BACKEND

# A container of the host's programs, with a home that is its own.
CONFIG = {
    "identity": 7,
    "path": "/bin/sh",
    "shell": "/bin/sh",
    "home": "/home-of-its-own",
    "container": {
        "share_runtime": False,
        "share_tmpdir": False,
        "filesystem": [
            {"type": "bind", "src": "/", "dst": "/", "special": True},
            {"type": "bind", "src": "/etc", "dst": "/etc", "special": True},
        ],
    },
}


class Person:
    """A user of the harness whom the backend serves."""

    def __init__(self, user, prefix, tmp_dir, probe):
        self.user = user
        self.prefix = prefix
        self.probe = probe
        self.run_dir = user.runtime_dir / "hakurei"
        self.share = tmp_dir / user.share_name
        self.store = user.home / ".local/state/hakurei"
        self.files = 0

    # -- starting --------------------------------------------------------------------------

    def command(self, *args):
        """hakurei with these arguments. Programs are started through BACKEND unless they
        say otherwise: where it fails, the default might find another way, and hide it."""
        args = [str(arg) for arg in args]
        at = next((i for i, arg in enumerate(args) if not arg.startswith("-")), 0)
        if args[at:at + 1] in (["run"], ["app"]) and "--backend" not in args:
            args[at + 1:at + 1] = ["--backend", BACKEND]
        return [str(self.prefix.hakurei), *args]

    def run(self, *args, **options):
        """Runs hakurei to its end: a Result. options: those of run_as."""
        return run_as(self.user, self.command(*args), **options)

    def start(self, *args, **options):
        """The same, a Running."""
        return start_as(self.user, self.command(*args), **options)

    def start_ready(self, *args, **options):
        """Starts hakurei with a program whose first line says that it runs."""
        running = self.start(*args, **options)
        line = running.stdout.readline()
        if not line:
            raise AssertionError(f"{args} did not start: {running.wait()}")
        running.first_line = line
        return running

    def start_sleeping(self, identity=7, *words, **options):
        """A program that runs until it is ended. words: options of run."""
        return self.start_ready("run", "-a", str(identity), *words, "sh", "-c",
                                "echo ready; exec sleep 1000", **options)

    def config(self, script=None, wait_delay=None, filesystem=(), **keys):
        """A file with a configuration: CONFIG, with the keys; those that CONFIG's container has
        or could have go there. script: for sh. filesystem: more mounts."""
        document = copy.deepcopy(CONFIG)
        document["container"].update(keys.pop("container", {}))
        if wait_delay is not None:
            document["container"]["wait_delay"] = wait_delay
        document["container"]["filesystem"] += filesystem
        if script is not None:
            document["args"] = ["sh", "-c", script]
        document.update(keys)
        return self.write(json.dumps(document))

    def probe_config(self, *args, **keys):
        """The same for the probe."""
        bind = {"type": "bind", "src": str(self.probe), "dst": "/probe"}
        return self.config(path="/probe", args=["probe", *map(str, args)],
                           filesystem=[bind, *keys.pop("filesystem", [])], **keys)

    def write(self, text):
        """A file of the person's with this content (text or bytes)."""
        self.files += 1
        path = self.user.home / f"config-{os.getpid()}-{self.files}.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.chown(path, self.user.uid, self.user.gid)
        return path

    def make(self, name, mode=0o700, content=None, acl=()):
        """A directory in the person's home, or a file with content. acl: for setfacl -m."""
        path = self.user.home / name
        if content is None:
            path.mkdir()
        else:
            path.write_text(content)
        path.chmod(mode)
        os.chown(path, self.user.uid, self.user.gid)
        if acl:
            run_as(self.user, ["setfacl", "-n", "-m", ",".join(acl), path])
            assert read_acl(path)
        return path

    # -- looking ---------------------------------------------------------------------------

    def target(self, identity=7):
        return self.user.target_uid(identity)

    def processes(self, identity=None):
        """Live processes of one identity, or of all."""
        uids = self.user.target_uids if identity is None else {self.target(identity)}
        return processes_of(uids)

    def wait_for_no_process(self):
        """A second is what is promised; a machine that is busy may take longer to get there."""
        timeout = 1 if os.getloadavg()[0] < os.cpu_count() else 5
        wait_until(lambda: not self.processes(), timeout, f"the end of {self.processes()}")

    def entries(self):
        """What is in the store, but for the lock."""
        if not self.store.exists():
            return []
        return sorted(name for name in os.listdir(self.store) if name != "lock")

    def instance_dir(self):
        """The one that is there."""
        [path] = self.run_dir.iterdir()
        return path

    def leftovers(self):
        """What nobody needs any more, one line each, where no instance should run."""
        lines = [f"process {process}" for process in self.processes()]
        lines += [f"state entry {name}" for name in self.entries()]
        if self.run_dir.exists():
            lines += [f"{self.run_dir} is there, with {os.listdir(self.run_dir)}"]
        for parent, _, _ in os.walk(self.share):
            if read_acl(parent):
                lines.append(f"{parent} has the ACL {read_acl(parent)}")
        return lines

    def check_nothing_left(self):
        self.wait_for_no_process()
        assert self.leftovers() == []

    def clean_up(self):
        """Whatever a failed test has left, so that the next one can tell something."""
        kill_all_of(self.user.target_uids)
        kill_all_of({self.user.uid})
        for path in (self.run_dir, self.share, self.store):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.user.home.iterdir():
            if path.is_symlink() or not path.is_dir():
                path.unlink()
            else:
                shutil.rmtree(path)


def children(pid):
    """The pids of all descendants, parents first."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in map(int, file.read().split()):
                    found += [child, *children(child)]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def took(start):
    """Seconds since start (time.monotonic())."""
    return time.monotonic() - start
