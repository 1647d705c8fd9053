# SPDX-License-Identifier: MIT
"""What containers take of the memory: PSS, which divides a shared page among those that have it."""

import time

import instances
import report

MANY = 100
CALM = 2  # seconds after the start


def _pss(pid):
    """KiB"""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def _shares(made):
    """KiB of the processes, by their place in the tree: the first, the second, ..."""
    trees = [instances.tree(process.pid) for process in made.processes]
    return [sum(map(_pss, pids)) for pids in zip(*trees, strict=True)]


def _look(setting, argv, number, **how):
    with instances.running(setting.person, argv, number, **how) as made:
        time.sleep(CALM)
        shares = _shares(made)
    own = shares[:-1]  # the last one is the program
    return {"each": [share / number for share in own], "own": sum(own) / number,
            "with_program": sum(shares) / number}


def measure(setting, _compositor):
    sleep = instances.PROGRAM
    hakurei = setting.app(setting.config("sleep", sleep))
    result = {}
    for name, argv, how in (("hakurei", hakurei, {}),
                            ("bwrap", setting.bwrap(sleep), {"how": instances.kill_tree})):
        for number in (1, MANY):
            try:
                result[f"{name}, {number}"] = _look(setting, argv, number, **how)
            except (OSError, RuntimeError) as error:
                result[f"{name}, {number}"] = {"not": str(error)}
    return result


def show(result):
    rows = [["KiB each", "its own", "with sleep", "processes"]]
    for name, values in result.items():
        if "not" in values:
            rows.append([name, f"cannot be told: {values['not']}"])
            continue
        rows.append([name, f"{values['own']:.0f}", f"{values['with_program']:.0f}",
                     " + ".join(f"{share:.0f}" for share in values["each"])])
    yield from report.table(rows)
