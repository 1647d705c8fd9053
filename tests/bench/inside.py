# SPDX-License-Identifier: MIT
"""What a system call costs inside of a container, and outside."""

import report

TRIES = 3


def measure(setting, _compositor):
    program = setting.program("calls")
    config = setting.config("calls", ("/calls",), [(program, "/calls")])
    places = {
        "outside": [program],
        "bwrap": setting.bwrap(("/calls",), [(program, "/calls")]),
        "strict": setting.app(config),
        "run": [setting.hakurei, "run", "--backend", setting.backend, program],
    }
    # `run` has a /tmp of its own, and the rights of another user: it may not see the program.
    places = {place: argv for place, argv in places.items()
              if place != "run" or not setting.person.why_not(argv)}
    result = {}
    for _ in range(TRIES):
        for place, argv in places.items():
            status, out, err = setting.person.run(argv)
            if status != 0:
                raise RuntimeError(f"{place}: {err.strip()}")
            for line in out.splitlines():
                name, value = line.split("\t")
                calls = result.setdefault(name, {})
                calls[place] = min(float(value), calls.get(place, float("inf")))
    return result


def show(result):
    places = list(next(iter(result.values())))
    rows = [["ns", *places, *(f"{place} x outside" for place in places[1:])]]
    for name, values in result.items():
        rows.append([name, *(f"{values[place]:.0f}" for place in places),
                     *(f"{values[place] / values['outside']:.2f}" for place in places[1:])])
    yield from report.table(rows)
