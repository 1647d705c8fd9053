# SPDX-License-Identifier: MIT
"""Completions: real shells offer what the tables of commands and options have, and what there is."""

import grp
import re
import signal
import subprocess

import pytest

from harness.shells import BareBash, Bash, Fish, Zsh

pytestmark = pytest.mark.once


@pytest.fixture(params=[Bash, Fish, Zsh], ids=lambda shell: shell.__name__.lower())
def shell(request, person):
    started = request.param(person.user, person.prefix)
    yield started
    started.close()


def offered(shell, line):
    """Without what is typed already: --backend=hsu is the word hsu."""
    return {re.sub(r"^--?[\w-]+=", "", word) for word in shell.candidates(line)}


def options_in(help_text):
    return set(re.findall(r"(?<=[ ,] )--?[A-Za-z][\w-]*(?=[ ,\n])",
                          "\n".join(re.findall(r"^  -.{0,25}", help_text, re.MULTILINE)) + "\n"))


def test_every_command_and_each_of_its_options_is_offered(person, shell):
    overview = person.run().stdout
    commands = set(re.findall(r"^  ([a-z]+) +\S", overview.split("options:")[0], re.MULTILINE))
    assert {"run", "app", "ps", "help"} <= commands
    assert offered(shell, "hakurei ") & commands == commands
    assert offered(shell, "hakurei help ") == commands
    assert offered(shell, "hakurei -") >= options_in(overview) >= {"-v", "--json", "--version"}
    for command in commands:
        options = options_in(person.run("help", command).stdout)
        assert {"-v", "--json", "-h", "--help"} <= options
        assert offered(shell, f"hakurei {command} -") == options, command


LINES = {
    "hakurei re": {"recover"},
    "hakurei -v --json re": {"recover"},
    "hakurei run --priv": {"--private-runtime", "--private-tmpdir"},
    "hakurei run -a 7 --wayland --dbus-c": {"--dbus-config"},
    "hakurei run -a=7 --dbus-c": {"--dbus-config"},
    "hakurei run --backend ": {"auto", "hsu", "subuid"},
    "hakurei run --backend=s": {"subuid"},
    "hakurei run --backend hsu --dr": {"--dry-run"},
    "hakurei app --backend h": {"hsu"},
    "hakurei run -u ": set(),
    "hakurei run xdg-dbus-pro": {"xdg-dbus-proxy"},
    "hakurei run -a 7 -- xdg-dbus-pro": {"xdg-dbus-proxy"},
    # What the program takes is up to the program's own completion.
    "hakurei run -X hakurei re": {"recover"},
    "hakurei run hakurei ps --sh": {"--short"},
    "hakurei app /etc/passwd --dr": set(),
    "hakurei fly --dr": set(),
    "hakurei ps --short --backend h": set(),
}


def test_what_is_offered_is_what_can_stand_there(shell):
    for line, words in LINES.items():
        assert offered(shell, line) == words, line


def test_one_dash_is_enough_for_the_option_in_front_of_a_value(person):
    for kind in (Bash, Zsh):
        shell = kind(person.user, person.prefix)
        assert offered(shell, "hakurei run -backend s") == {"subuid"}
        shell.close()
    assert offered(Bash(person.user, person.prefix), "hakurei run -dry") == {"-dry-run"}


def test_shellcheck_has_nothing_to_say_of_what_bash_loads(prefix):
    file = prefix.path / "share/bash-completion/completions/hakurei"
    done = subprocess.run(["shellcheck", "-f", "gcc", str(file)], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bash_needs_no_package_for_it(person):
    person.make("some-file.json", content="{}")
    person.make("some-directory")
    shell = BareBash(person.user, person.prefix)
    for line, words in {
        "hakurei re": {"recover"},
        "hakurei run xdg-dbus-pro": {"xdg-dbus-proxy"},
        "hakurei run --dbus-config some-f": {"some-file.json"},
        "hakurei run -d some": {"some-directory"},
        "hakurei run cat some": {"some-file.json", "some-directory"},
    }.items():
        assert offered(shell, line) == words, line


def test_bash_may_have_been_told_that_an_equals_sign_ends_no_word(person):
    shell = BareBash(person.user, person.prefix)
    assert shell.candidates("hakurei run --backend=s", breaks="") == {"--backend=subuid"}
    assert shell.candidates("hakurei run -a=7 --dr", breaks="") == {"--dry-run"}


def test_files_configurations_instances_and_groups_that_are_there_are_offered(person, shell):
    person.make("some-file.json", content="{}")
    person.make("some-directory")
    own = person.make(".config") / "hakurei" / "apps"
    places = {own: "own", person.prefix.path / "etc/hakurei/apps": "site",
              person.prefix.path / "share/hakurei/apps": "data"}
    made = []
    for directory, name in places.items():
        directory.mkdir(parents=True, exist_ok=True)
        for file in (f"hk-{name}.json", "hk-both.json", "hk-$(touch evaluated).json", "_hk.json"):
            made.append(directory / file)
            made[-1].write_text("{}")
    names = {"hk-own", "hk-site", "hk-data", "hk-both"}
    running = person.start_sleeping()
    short = person.run("ps", "--short").stdout.strip()
    try:
        assert offered(shell, "hakurei app hk-") == names
        assert "_hk" not in offered(shell, "hakurei app _")
        assert offered(shell, "hakurei app --dry-run hk-o") == {"hk-own"}
        assert offered(shell, "hakurei app some-f") == {"some-file.json"}
        assert offered(shell, f"hakurei show {short[:3]}") >= {short}
        assert offered(shell, "hakurei check hk-own hk-s") == {"hk-site"}
        assert offered(shell, "hakurei show hk-d") == {"hk-data"}
        files = {word.rstrip("/") for word in offered(shell, "hakurei run --dbus-system ")}
        assert files >= {"nil", "some-file.json", "some-directory"}
        homes = {word.rstrip("/") for word in offered(shell, "hakurei run -d ")}
        assert homes >= {"os", "some-directory"} and "some-file.json" not in homes
        assert offered(shell, "hakurei run -g ") == {grp.getgrgid(person.user.gid).gr_name}
    finally:
        for path in made:
            path.unlink()
        running.signal(signal.SIGINT)
        running.wait()
    assert not [path for path in person.user.home.rglob("evaluated")]
