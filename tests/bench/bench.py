#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How fast and how large hakurei is, next to others. tools/bench.sh runs it.

As root it runs everything as another user, and counts the cpu time of whole trees in a control
group of its own. The parts are independent; each one's numbers come from one and the same run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import inside
import listing
import memory
import mounts
import starts
from person import Person
from setting import Setting

PARTS = {
    "start": ("Start and end of `true`", starts.measure, starts.show),
    "pss": ("Memory", memory.measure, memory.show),
    "ps": ("hakurei ps, and a start beside others", listing.measure_ps, listing.show),
    "mounts": ("Host mounts", mounts.measure, mounts.show),
    "crowd": ("A crowd", listing.measure_crowd, listing.show_crowd),
    "syscalls": ("System calls", inside.measure, inside.show),
}
ENOUGH = 8 << 30  # bytes of memory for a crowd


@contextmanager
def control_group():
    """A directory of a control group that counts cpu time, or "" where there can be none."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        found = [line.split()[1:4] for line in file]
    roots = [path for path, kind, options in found
             if kind == "cgroup2" or (kind == "cgroup" and "cpuacct" in options.split(","))]
    for root in roots:
        group = Path(root) / f"hakurei-bench-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if any((group / name).exists() for name in ("cpu.stat", "cpuacct.usage")):
                yield str(group)
                return
        finally:
            group.rmdir()
    yield ""


def show_one_hierarchy():
    """Version 2 of control groups alone, where there are both: crun refuses a mixture. For root,
    who has a mount namespace of its own."""
    unified = Path("/sys/fs/cgroup/unified")
    if os.geteuid() == 0 and (unified / "cgroup.controllers").exists():
        subprocess.run(["mount", "--bind", str(unified), "/sys/fs/cgroup"], check=True)


@contextmanager
def runtime_directory(person):
    """A tmpfs, as a real session has. Root has a mount namespace of its own for it."""
    if person.is_other:
        person.runtime_dir.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=700,uid={person.uid},gid={person.gid}",
                        "tmpfs", str(person.runtime_dir)], check=True)
    else:
        person.runtime_dir.mkdir(mode=0o700, exist_ok=True)
    try:
        yield
    finally:
        if person.is_other:
            subprocess.run(["umount", "-l", str(person.runtime_dir)], check=True)


def targets(person, hakurei):
    """{backend: uid of identity 0}, 0 where it does not serve the person."""
    shown = json.loads(person.run([hakurei, "--json", "show"])[1])
    return {name: backend.get("first_target", 0) for name, backend in shown["backends"].items()}


def memory_size():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hakurei", required=True)
    parser.add_argument("--person", required=True)
    parser.add_argument("--programs", required=True, help="the directory of bench-measure")
    parser.add_argument("--compositor", required=True)
    parser.add_argument("--backend", default="hsu", help="of what is not measured with both")
    parser.add_argument("--tmp", type=Path, default=Path("/tmp"), help="TMPDIR")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--crowd", type=int, default=1000 if memory_size() >= ENOUGH else 0)
    parser.add_argument("--parts", default=",".join(PARTS))
    args = parser.parse_args()
    args.parts = args.parts.split(",")
    unknown = [part for part in args.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part '{unknown[0]}': there are {', '.join(PARTS)}")
    return args


def run_parts(args, setting):
    result = {"rounds": args.rounds, "kernel": platform.release(), "cpus": os.cpu_count(),
              "memory_gib": round(memory_size() / (1 << 30), 1), "load": os.getloadavg()[0],
              "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "parts": {}}
    failed = False
    print(f"{args.rounds} rounds, {result['cpus']} cpus, load {result['load']:.2f}")
    for part in args.parts:
        title, measure, show = PARTS[part]
        begin = time.monotonic()
        try:
            found = measure(setting, args.compositor)
            lines = list(show(found))
        except RuntimeError as error:
            found, lines, failed = {"not": str(error)}, [f"failed: {error}"], True
        result["parts"][part] = found
        print(f"\n{title} ({part}, {time.monotonic() - begin:.0f} s)\n")
        print("\n".join(lines), flush=True)
    args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"\n{args.json} has all of it")
    return failed


def main():
    args = parse()
    # Below a path that every user can pass: what is bound or executed lies in there.
    with tempfile.TemporaryDirectory(dir=args.tmp, prefix="bench-") as directory:
        work_dir = Path(directory)
        work_dir.chmod(0o755)
        person = Person(args.person, work_dir / "runtime", work_dir, args.tmp)
        show_one_hierarchy()
        with control_group() as cgroup, runtime_directory(person):
            setting = Setting(person, args.hakurei, args.programs, args.rounds, args.backend,
                              targets(person, args.hakurei), cgroup, args.crowd)
            return run_parts(args, setting)


if __name__ == "__main__":
    sys.exit(main())
