# SPDX-License-Identifier: MIT
"""Help: the overview, each command's, and how they look on a terminal."""

import pytest

from harness.run import run_as
from harness.terminal import Terminal
from harness.users import ROOT

ESCAPE = "\33["


def on_terminal(person, args, until, **env):
    with Terminal(person.user) as terminal:
        terminal.start(person.command(*args), env={"TERM": "xterm", **env})
        shown = terminal.read_until(until)
        terminal.program.wait()
    return shown


def test_the_program_alone_shows_the_overview(person):
    overview = person.run()
    assert (overview.status, overview.stderr) == (0, "")
    assert overview.stdout == person.run("help").stdout
    for line in ("commands:", "options:", "exit status:"):
        assert f"\n{line}\n" in overview.stdout
    assert all(len(line) <= 100 for line in overview.stdout.splitlines())


def test_help_may_come_behind_other_options_and_is_for_root_too(person):
    text = person.run("help", "run").stdout
    assert person.run("run", "-a", "7", "--help").stdout == text
    assert run_as(ROOT, [person.prefix.hakurei, "run", "--help"]).stdout == text
    refused = run_as(ROOT, [person.prefix.hakurei, "run", "true"])
    assert refused.status == 125 and "must not run as root" in refused.stderr
    # Behind the program it is the program's.
    assert person.run("run", "--", "echo", "-", "--help").stdout == "- --help\n"


def test_json_and_verbose_may_stand_on_either_side_of_the_command(person):
    before, after = person.run("--json", "version"), person.run("version", "--json")
    assert (after.status, after.stdout) == (0, before.stdout)
    assert "start: done" in person.run("run", "-v", "true").stderr


def test_the_name_of_a_configuration_in_place_of_a_command_is_understood(person):
    apps = person.make(".config") / "hakurei" / "apps"
    apps.mkdir(parents=True)
    (apps / "browser.json").write_text("{}")
    result = person.run("browser")
    assert (result.status, result.stderr) == (
        125, 'hakurei: there is no command "browser"; did you mean "app browser"?\n')
    assert 'see `hakurei help`' in person.run("browse").stderr


@pytest.mark.parametrize("args,until,colour", [
    (["help"], "exit status:", "1m"),
    (["help", "run"], "with every command:", "1m"),
    (["ps"], "UPTIME", "1m"),
    (["show"], "Backend:", "1m"),
    (["show", "/nowhere"], "nowhere", "31m"),
    (["fly"], "help`", "31m"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_there_are_colours_on_a_terminal_and_nowhere_else(person, args, until, colour):
    assert ESCAPE + colour in on_terminal(person, args, until)
    assert ESCAPE not in on_terminal(person, args, until, NO_COLOR="1")
    assert ESCAPE not in on_terminal(person, args, until, TERM="dumb")
    assert ESCAPE + colour in on_terminal(person, args, until, NO_COLOR="")
    result = person.run(*args, env={"TERM": "xterm"})
    assert ESCAPE not in result.stdout + result.stderr
