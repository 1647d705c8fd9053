#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a container takes from nothing to nothing: hakurei next to bubblewrap.

Both start /bin/true with the same namespaces and, as far as the two can say it, the same mounts.
The runs take turns in random order, so that what else the machine does hits both; besides the
medians, the median of each round's ratio is shown. hakurei does more in that time: it becomes
another user, keeps a state entry, and reverts what it changed on the host. Where the subuid backend
can be used as well, "subuid" is what is "strict" above, through it.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time

HIDDEN = {"proc", "dev", "tmp", "mnt", "etc"}  # what autoroot leaves out


def bwrap(writable, shared_net):
    bind = "--bind" if writable else "--ro-bind"
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev",
               "--tmpfs", "/tmp", "--ro-bind", "/etc", "/etc"]
    if shared_net:
        command.append("--share-net")
    else:
        command.append("--new-session")
    for name in sorted(set(os.listdir("/")) - HIDDEN):
        path = "/" + name
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path) and (os.access(path, os.R_OK) or not writable):
            command += [bind, path, path]
    return [*command, "/bin/true"]


def strict(identity, directory):
    path = os.path.join(directory, "strict.json")
    config = {
        "identity": identity,
        "path": "/bin/true",
        "args": ["true"],
        "shell": "/bin/sh",
        "home": "/tmp",
        "container": {
            "share_runtime": False,
            "share_tmpdir": False,
            "filesystem": [
                {"type": "bind", "src": "/", "dst": "/", "special": True},
                {"type": "bind", "src": "/etc", "dst": "/etc", "special": True},
            ],
        },
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return path


def once(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def can_use_subuid(hakurei):
    shown = subprocess.run([hakurei, "--json", "show"], check=True, capture_output=True).stdout
    return "first_target" in json.loads(shown)["backends"]["subuid"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hakurei", required=True)
    parser.add_argument("--identity", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        pairs = {
            "permissive": (
                [args.hakurei, "run", "-a", str(args.identity), "--", "/bin/true"],
                bwrap(writable=True, shared_net=True)),
            "strict": (
                [args.hakurei, "app", strict(args.identity, directory)],
                bwrap(writable=False, shared_net=False)),
        }
        if can_use_subuid(args.hakurei):
            hakurei, _, *rest = pairs["strict"][0]
            pairs["subuid"] = ([hakurei, "app", "--backend", "subuid", *rest], pairs["strict"][1])
        times = {(kind, which): [] for kind in pairs for which in (0, 1)}
        for key in times:  # a first run of each warms the caches and shows whether it works
            once(pairs[key[0]][key[1]])
        for _ in range(args.rounds):
            for key in random.sample(list(times), len(times)):
                times[key].append(once(pairs[key[0]][key[1]]))
    print(f"{args.rounds} rounds; median milliseconds [a tenth below, a tenth above]")
    for kind in pairs:
        for which, name in ((0, "hakurei"), (1, "bwrap")):
            values = sorted(times[kind, which])
            low, high = (values[int(len(values) * part)] for part in (0.1, 0.9))
            print(f"  {kind:<11} {name:<8} {statistics.median(values):7.2f} [{low:.2f} {high:.2f}]")
        ratios = [a / b for a, b in zip(times[kind, 0], times[kind, 1])]
        print(f"  {kind:<11} hakurei / bwrap, round by round: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
