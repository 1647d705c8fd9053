# SPDX-License-Identifier: MIT
"""Flags of mounts: what the plan says, against what findmnt says of a container that runs.

Neither side is ours: the plan is what a dry run prints, and findmnt has its own reader of the
kernel's table. The rules between the two are written down here once more.
"""

import json
import subprocess

import pytest

from harness.container import (HOME, bind, box, ephemeral, link, make_dir,  # noqa: F401
                               make_file, mounted, overlay, place)
from harness.person import children
from harness.run import run_as

pytestmark = pytest.mark.once

FLAGS = {"ro", "rw", "nosuid", "nodev", "noexec"}
KERNEL = {"rw", "nosuid", "nodev", "noexec"}
DEVICE = {"rw", "nosuid", "noexec"}

# What mounts nothing; a file does where it lies on what is bound.
NO_MOUNT = ("file", "link", "mkdir", "remount")
# What a dev brings, by name.
OF_DEV = {"mqueue": KERNEL, "pts": DEVICE,
          **dict.fromkeys(("full", "null", "random", "tty", "urandom", "zero"), DEVICE)}


def ask_findmnt(*arguments):
    """[{target, options, propagation}, ...], in the order of attachment."""
    done = subprocess.run(["findmnt", "--json", "--list", "--output",
                           "TARGET,OPTIONS,PROPAGATION,FSTYPE", *map(str, arguments)],
                          capture_output=True, check=True, text=True)
    return json.loads(done.stdout)["filesystems"]


def flags_of(row):
    return FLAGS & set(row["options"].split(","))


def planned(box, config):  # noqa: F811
    """The mounts of a plan. The root is one of them, as the plan has it where it is not a tmpfs."""
    argv = box.argv(config, "wait", options=["--dry-run"])
    result = run_as(box.user, [argv[0], "--json", *argv[1:]])
    assert result.status == 0, result
    return json.loads(result.stdout)["container"]["mounts"]


def host_restricts(path):
    """What a bind of a host path cannot loosen."""
    return flags_of(ask_findmnt("--target", path)[-1]) & {"ro", "nosuid", "nodev", "noexec"}


def flags_for(op, path):
    """Flags of the mount at path, which op made or which lay below its source."""
    if op["kind"] == "proc":
        return KERNEL
    if op["kind"] == "dev" and path != op["target"]:
        return OF_DEV[path.removeprefix(op["target"] + "/")]
    flags = {"nosuid"} if "devices" in op["flags"] else {"nosuid", "nodev"}
    flags.add("rw" if "write" in op["flags"] or op["upper"] else "ro")
    if op["kind"] in ("bind", "root", "etc"):
        below = "" if op["kind"] == "etc" else path.removeprefix(op["target"].rstrip("/"))
        flags |= host_restricts(op["source"] + below)
    return flags - {"rw"} if "ro" in flags else flags


def maker_of(plan, path):
    """The operation that brought the mount at path: at this place, or the next above it."""
    for op in reversed(plan):
        if op["target"] == path and (op["kind"] == "file" or op["kind"] not in (*NO_MOUNT, "etc")):
            return op
    above = [op for op in plan if op["kind"] in ("bind", "root", "dev", "etc") and
             path.startswith(op["target"].rstrip("/") + "/")]
    return max(above, key=lambda op: len(op["target"]), default=None)


def check(box, config):  # noqa: F811
    """Compares, and returns the kinds that the plan has."""
    plan = planned(box, config)
    with box.running(config, ["wait"]) as (running, _):
        rows = ask_findmnt("--task", children(running.pid)[-1])
        box.rest(running)
    wrong = [] if flags_of(rows[0]) == {"ro", "nosuid", "nodev"} else [rows[0]]
    for row in rows[1:]:
        op = maker_of(plan, row["target"])
        if not op or flags_of(row) != flags_for(op, row["target"]):
            wrong.append((row, op and flags_for(op, row["target"])))
    wrong += [row for row in rows if row["propagation"] != "private"]
    there = [row["target"] for row in rows]
    wrong += [op for op in plan if op["kind"] not in (*NO_MOUNT, "root", "etc") and
              op["target"] not in there]
    assert wrong == []
    return {op["kind"] for op in plan}


def test_findmnt_sees_the_flags_of_each_kind_of_mount(box, place):
    layers = [make_dir(place / name, owner=box.uid()) for name in ("one", "two", "upper", "work")]
    make_file(place / "file")
    with mounted("-t", "tmpfs", "-o", "noexec", "tmpfs", at=make_dir(place / "below")):
        kinds = check(box, box.config(
            bind(place, "/bind/plain"), bind(place, "/bind/write", write=True),
            bind(place, "/bind/devices", dev=True), bind(place / "file", "/bind/file"),
            bind(place / "below", "/bind/noexec", write=True),
            ephemeral("/tmpfs/plain"), ephemeral("/tmpfs/write", write=True),
            overlay("/overlay/plain", *layers[:2]),
            overlay("/overlay/write", layers[0], upper=layers[2], work=layers[3]),
            link("/link", "x"), bind("/etc", "/etc", special=True),
            share_runtime=True, share_tmpdir=True))
    assert kinds >= {"bind", "dev", "etc", "file", "link", "overlay", "proc", "remount", "tmpfs"}


@pytest.mark.parametrize("flags", [{}, {"write": True}], ids=["read-only", "writable"])
@pytest.mark.parametrize("etc", [True, False], ids=["own etc", "the host's"])
def test_findmnt_sees_the_flags_of_the_hosts_root(box, flags, etc):
    config = box.config(root=bind("/", "/", special=True, **flags), top={"home": "/tmp"})
    mounts = config["container"]["filesystem"]
    config["container"]["filesystem"] = [
        mount for mount in mounts if mount.get("dst") != HOME] + [
            bind("/etc", "/etc", special=True)] * etc
    assert "root" in check(box, config)
