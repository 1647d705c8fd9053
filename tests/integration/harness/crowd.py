# SPDX-License-Identifier: MIT
"""Many instances that come and go: what each of them needs on the host, from its entry, and
whether exactly that is there."""

import json
import os
import signal
import stat

from .desktop import roles
from .servers import accepts
from .snapshot import read_acl

PROGRAM = "echo ready; read line; exit 3"
RIGHTS = {"r": 4, "w": 2, "x": 1}
ENDS = ["interrupt", "interrupt", "itself", "itself", "monitor", "shim", "init", "program"]
STATUS = {"interrupt": 130, "itself": 3, "monitor": -signal.SIGKILL, "shim": 125, "init": 125,
          "program": 137}


def random_config(person, dice, identity, paths):
    """A configuration of a random part of everything."""
    perms = [{"path": str(path), **{right: True for right in dice.choice(["r", "x", "rw", "rwx"])}}
             for path in paths if dice.random() < 0.5]
    services = {name: True for name in ("wayland", "x11", "dbus", "pulse") if dice.random() < 0.4}
    return person.config(
        script=PROGRAM, identity=identity, enablements=services, extra_perms=perms,
        id=f"org.example.N{identity}",
        container={"share_runtime": dice.random() < 0.5, "share_tmpdir": dice.random() < 0.5,
                   "map_real_uid": True})


class Member:
    """One instance. Its entry is read while it lives."""

    def __init__(self, servers, config, display):
        self.servers = servers
        self.config = config
        self.display = display
        self.running = None
        self.id = None
        self.operations = []

    def start(self):
        env = self.servers.env(self.display)
        self.running = self.servers.person.start_ready("app", self.config, env=env)

    def read_entry(self, instance_id):
        self.id = instance_id
        with open(self.servers.person.store / instance_id, encoding="utf-8") as file:
            self.operations = json.loads(file.readline())["operations"]

    def end(self, how):
        """The rest of its life, up to its status."""
        if how == "itself":
            result = self.running.wait("\n")
        else:
            if how == "interrupt":
                self.running.signal(signal.SIGINT)
            else:
                os.kill(roles(self.running.pid)[how], signal.SIGKILL)
            self.running.popen.wait(20)  # with its input open: nothing else ends it
            result = self.running.wait()
        assert result.status == STATUS[how], (how, result)
        errors = [line for line in result.stderr.splitlines() if "warning: " not in line]
        assert len(errors) == (how in ("shim", "init")), (how, result)


def entries_of_targets(person, path):
    """{uid: rights} of the identities in an ACL."""
    found = {}
    for entry in read_acl(path):
        tag, who, rights = entry.split(":")
        if tag == "user" and who and int(who) in person.user.target_uids:
            found[int(who)] = sum(RIGHTS[bit] for bit in rights if bit != "-")
    return found


def mask_of(path):
    """What of the entries counts."""
    return stat.S_IMODE(os.stat(path).st_mode) >> 3 & 7


class Crowd:
    """Compares the live members' operations with the host."""

    def __init__(self, servers, paths):
        self.servers = servers
        self.person = servers.person
        self.before = {str(path): entries_of_targets(self.person, path) for path in paths}

    def missing(self, members):
        """What the members need and is not there, at any moment of their lives."""
        lines = []
        hosts = [self.servers.targets_in_display(number)
                 for number in range(len(self.servers.displays))]
        for member in members:
            lines += [f"{member.id}: {operation['kind']} {operation['path']}"
                      for operation in member.operations
                      if not self._stands(operation, hosts[member.display])]
        return lines

    def _stands(self, operation, hosts):
        path = operation["path"]
        kind = operation["kind"]
        if kind == "directory":
            return os.path.isdir(path)
        if kind == "acl":
            has = entries_of_targets(self.person, path).get(operation["target"], 0)
            return operation["perm"] & ~(has & mask_of(path)) == 0
        if kind == "hardlink":
            return os.path.samefile(path, operation["source"])
        if kind == "x11":
            return operation["target"] in hosts
        return accepts(f"{path}/session" if kind == "dbus" else path)

    def check_listed(self, members):
        """`ps` has exactly these; and says which entry is whose."""
        result = self.person.run("--json", "ps")
        assert (result.status, result.stderr) == (0, ""), result
        listed = {row["pid"]: row["instance"] for row in json.loads(result.stdout)}
        assert sorted(listed) == sorted(member.running.pid for member in members)
        for member in members:
            if member.id is None:
                member.read_entry(listed[member.running.pid])
            assert listed[member.running.pid] == member.id

    def check_exact(self, members):
        """Where nobody is on the way in or out: nothing is missing and nothing is too much."""
        assert self.missing(members) == []
        assert self.person.entries() == sorted(member.id for member in members)
        wanted = {path: dict(rights) for path, rights in self.before.items()}
        hosts = [set() for _ in self.servers.displays]
        directories = set()
        for member in members:
            for operation in member.operations:
                if operation["kind"] == "acl":
                    of_path = wanted.setdefault(operation["path"], {})
                    target = operation["target"]
                    of_path[target] = of_path.get(target, 0) | operation["perm"]
                elif operation["kind"] == "x11":
                    hosts[member.display].add(operation["target"])
                elif operation["path"] == str(self.person.run_dir / member.id):
                    directories.add(member.id)
        for path, rights in wanted.items():
            found = entries_of_targets(self.person, path)
            assert found == rights, f"{path}: has {found}, wanted {rights}"
        assert hosts == [self.servers.targets_in_display(number) for number in range(len(hosts))]
        there = os.listdir(self.person.run_dir) if self.person.run_dir.exists() else []
        assert set(there) == directories
