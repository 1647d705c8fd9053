# SPDX-License-Identifier: MIT
"""Real users of the system, made for one test session."""

import os
import pwd
import grp
import random
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .processes import kill_all_of

# How the programs under test become another user: "hsu", or "subuid" in a prefix that has no hsu.
BACKEND = os.environ.get("HK_BACKEND") or "hsu"
IDENTITIES = 10000


@dataclass
class User:
    name: str
    uid: int
    gid: int
    home: Path
    runtime_dir: Path  # XDG_RUNTIME_DIR
    userid: int  # for the hsurc file; no other user of this or a parallel session has it
    env: dict = field(default_factory=dict)
    subordinate: int = 0  # first of the last ids of the user's range in /etc/subuid

    def target_uid(self, identity):
        """The uid that BACKEND makes of an identity. The gid has the same number."""
        if BACKEND == "subuid":
            return self.subordinate + identity
        return self.userid * 100000 + 10000 + identity

    @property
    def share_name(self):
        """The user's directory in TMPDIR."""
        return f"hakurei.u{self.uid}" if BACKEND == "subuid" else f"hakurei.{self.userid}"

    @property
    def target_uids(self):
        return range(self.target_uid(0), self.target_uid(IDENTITIES))

    def subordinate_uids(self, path="/etc/subuid"):
        """What /etc/subuid gives the user: a list of ranges."""
        ranges = []
        with open(path, encoding="utf-8") as file:
            for line in file:
                owner, first, count = (line.strip().split(":") + ["", ""])[:3]
                if owner in (self.name, str(self.uid)) and first.isdigit() and count.isdigit():
                    ranges.append(range(int(first), int(first) + int(count)))
        return ranges

    def kill_processes(self):
        """Ends every process of the user and of the user's identities, of both backends."""
        for uids in [{self.uid}, self.target_uids, *self.subordinate_uids()]:
            kill_all_of(uids)


ROOT = User("root", 0, 0, Path("/"), Path("/nonexistent"), -1,
            {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"})


def _is_free(uid):
    for lookup in (pwd.getpwuid, grp.getgrgid):
        try:
            lookup(uid)
            return False
        except KeyError:
            pass
    return not os.path.exists(f"/run/user/{uid}")


class UserFactory:
    """Makes users with home directories below base; remove_all() undoes everything."""

    # Neither of ordinary users, nor of identities of userid 0 (10000..19999).
    UIDS = range(30000, 59000)
    # Target uids above SUB_UID_MAX of login.defs: never inside somebody's subordinate range.
    USERIDS = range(6100, 9990)

    def __init__(self, base, tmp, path):
        self.base = Path(base)
        self.tmp = Path(tmp)
        self.path = path  # PATH of the users
        self.users = []
        self.made_run_user = False

    def __call__(self, label="user"):
        # Sessions may run side by side: whoever takes a name second tries another.
        for _ in range(50):
            uid = random.choice(self.UIDS)
            if _is_free(uid):
                name = f"hk{label}{uid}"
                if self._add(name, uid):
                    return self._furnish(name, uid)
        raise AssertionError("cannot make a user")

    def _add(self, name, uid):
        if subprocess.run(["groupadd", "-g", str(uid), name], capture_output=True,
                          check=False).returncode != 0:
            return False
        made = subprocess.run(
            ["useradd", "-M", "-N", "-u", str(uid), "-g", str(uid), "-s", "/bin/sh",
             "-d", str(self.base / name), name], capture_output=True, check=False)
        if made.returncode != 0:
            subprocess.run(["groupdel", name], capture_output=True, check=False)
            return False
        return True

    def _furnish(self, name, uid):
        runtime_dir = Path(f"/run/user/{uid}")
        user = User(name, uid, uid, self.base / name, runtime_dir, random.choice(self.USERIDS))
        while any(user.userid == other.userid for other in self.users):
            user.userid = random.choice(self.USERIDS)
        self.users.append(user)
        # useradd takes the next free range in either file.
        ranges = user.subordinate_uids()
        assert ranges and ranges == user.subordinate_uids("/etc/subgid"), (name, ranges)
        user.subordinate = ranges[-1].stop - IDENTITIES
        if not runtime_dir.parent.exists():
            runtime_dir.parent.mkdir(mode=0o755)
            self.made_run_user = True
        for directory in (user.home, runtime_dir):
            directory.mkdir(mode=0o700)
            os.chown(directory, uid, uid)
        user.env = {
            "HOME": str(user.home),
            "USER": name,
            "LOGNAME": name,
            "SHELL": "/bin/sh",
            "PATH": self.path,
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.tmp),
            "XDG_RUNTIME_DIR": str(runtime_dir),
        }
        return user

    def remove(self, user):
        user.kill_processes()
        shutil.rmtree(user.runtime_dir, ignore_errors=True)
        shutil.rmtree(user.home, ignore_errors=True)
        subprocess.run(["userdel", user.name], capture_output=True, check=True)
        # userdel takes the group along where USERGROUPS_ENAB says so.
        subprocess.run(["groupdel", user.name], capture_output=True, check=False)
        self.users.remove(user)

    def remove_all(self):
        for user in list(self.users):
            self.remove(user)
        if self.made_run_user:
            os.rmdir("/run/user")
