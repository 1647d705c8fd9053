# SPDX-License-Identifier: MIT
"""`hakurei check`: all that is wrong with configurations, and what is surely not meant. It starts
nothing, so it runs straight out of the build tree, as whoever runs the tests."""

import copy
import json
import os
import pwd
import subprocess
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
FIXTURES = TREE / "tests/fixtures/config"
EXAMPLES = sorted([*(TREE / "docs/examples").glob("*.json"), *(TREE / "data/apps").glob("*.json")])
HOME = pwd.getpwuid(os.getuid()).pw_dir

pytestmark = pytest.mark.once

GOOD = {
    "id": "org.example.Good",
    "path": "/bin/sh",
    "shell": "/bin/sh",
    "home": "/home/u",
    "container": {"filesystem": [{"type": "bind", "src": "/usr"}]},
}


@pytest.fixture(scope="module")
def check(build_dir):
    """check(*arguments, stdin="", options=()): (status, lines of output, error output)."""
    def run(*args, stdin="", options=()):
        done = subprocess.run([build_dir / "src/cli/hakurei", *options, "check", *args],
                              input=stdin, capture_output=True, text=True, check=False, timeout=20)
        return done.returncode, done.stdout.splitlines(), done.stderr
    return run


def changed(**changes):
    """GOOD with these keys; those of a dict are put into the one that is there."""
    document = copy.deepcopy(GOOD)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(document.get(key), dict):
            document[key].update(value)
        else:
            document[key] = value
    return json.dumps(document, indent=1)


def test_every_problem_of_every_file_has_its_line_and_the_status_is_1(check):
    many = FIXTURES / "many.json"
    bad = FIXTURES / "bad/type-text.json"
    status, lines, errors = check(many, FIXTURES / "flat-full.json", bad)
    assert (status, errors) == (1, "")
    problems = [line for line in lines if ": warning: " not in line]
    expected = (FIXTURES / "many.expected").read_text().splitlines()
    assert problems[:-1] == [f"{many}:{line}" for line in expected]
    assert problems[-1].startswith(f"{bad}:1:")


def test_examples_have_nothing_to_be_said_about(check):
    assert len(EXAMPLES) > 5
    assert check(*EXAMPLES) == (0, [], "")


def test_json_says_the_same(check):
    many = FIXTURES / "many.json"
    _, lines, _ = check(many)
    status, output, _ = check(many, options=["--json"])
    found = json.loads("\n".join(output))
    assert status == 1
    for line, one in zip(lines, found, strict=True):
        warning = "warning: " if one["severity"] == "warning" else ""
        key = f"{one['key']}: " if one["key"] else ""
        assert line == (f"{one['file']}:{one['line']}:{one['column']}: {warning}{key}"
                        f"{one['message']}")
    assert {one["severity"] for one in found} == {"problem", "warning"}
    assert json.loads("\n".join(check("-", stdin=changed(), options=["--json"])[1])) == []


def test_what_cannot_be_read_is_status_125_and_the_others_are_checked(check, tmp_path):
    bad = FIXTURES / "bad/link-root.json"
    status, lines, errors = check(tmp_path / "none", bad, tmp_path)
    assert status == 125 and len(lines) == 1 and lines[0].startswith(f"{bad}:")
    assert errors.count("\n") == 2
    assert f"cannot open {tmp_path}/none: No such file" in errors
    assert check()[0] == 125


def test_a_name_that_a_terminal_would_act_on_is_shown_escaped(check, tmp_path):
    path = tmp_path / "a\x1bb\udcff.json"
    path.write_text("{}")
    assert check(path)[1][0] == f"{tmp_path}/a\\x1bb\\xff.json:1:1: home: is needed"
    status, output, _ = check(path, options=["--json"])
    assert status == 1 and json.loads("\n".join(output))[0]["key"] == "home"


def bind(**keys):
    return {"container": {"filesystem": [{"type": "bind", **keys}]}}


NO_BUS = {"enablements": {"dbus": True}}

# What is changed of GOOD; the key that is warned of, and some words of it. None: not warned.
WARNINGS = {
    "good": ({}, None, None),
    "write root": (bind(src="/", special=True, write=True), "container.filesystem[0].write",
                   "whole file system is writable"),
    "write root elsewhere": (bind(src="/", dst="/host", dev=True), "container.filesystem[0].dev",
                             "whole file system is writable"),
    "read root": (bind(src="/", special=True), None, None),
    "write home": (bind(src=HOME, write=True), "container.filesystem[0].write",
                   "your home can be changed"),
    "write home by ~": (bind(src="~", write=True), "container.filesystem[0].write",
                        "your home can be changed"),
    "write above home": (bind(src=str(Path(HOME).parent), dst="/h", write=True),
                         "container.filesystem[0].write", "writable" if HOME == "/root" else "home"),
    "write below home": (bind(src=f"{HOME}/media", write=True), None, None),
    "write start-up": (bind(src=f"{HOME}/.config", write=True), "container.filesystem[0].write",
                       "your home can be changed"),
    "write in start-up": (bind(src=f"{HOME}/.local/bin/tools", write=True),
                          "container.filesystem[0].write", "your home can be changed"),
    "write like start-up": (bind(src=f"{HOME}/.configuration", write=True), None, None),
    "write beside home": (bind(src=f"{HOME}2", write=True), None, None),
    "read home": (bind(src=HOME), None, None),
    "home by permission": ({"extra_perms": [None, {"path": HOME, "w": True}]}, "extra_perms[1].w",
                           "your home can be changed"),
    "pass home": ({"extra_perms": [{"path": HOME, "x": True}]}, None, None),
    "hidden": ({"container": {"filesystem": [{"type": "bind", "src": "/usr/lib"},
                                             {"type": "bind", "src": "/usr"}]}},
               "container.filesystem[0]", "the later mount on '/usr' lies over it"),
    "not hidden": ({"container": {"filesystem": [{"type": "bind", "src": "/usr"},
                                                 {"type": "bind", "src": "/usr/lib"}]}},
                   None, None),
    "abstract x11": ({"enablements": {"x11": True},
                      "container": {"host_net": True, "host_abstract": True}},
                     "container.host_abstract", "with x11"),
    "abstract": ({"container": {"host_net": True, "host_abstract": True}}, None, None),
    "abstract alone": ({"container": {"host_abstract": True}}, "container.host_abstract",
                       "does nothing without host_net"),
    "x11": ({"enablements": {"x11": True}}, None, None),
    "systemd": ({**NO_BUS, "session_bus": {"filter": True, "talk": ["org.freedesktop.systemd1"]}},
                "session_bus.talk[0]", "starts programs as you"),
    "flatpak": ({**NO_BUS, "session_bus": {"filter": True, "own": ["a.b", "org.freedesktop.Flatpak"]}},
                "session_bus.own[1]", "outside of any container"),
    "call": ({**NO_BUS, "session_bus": {"filter": True, "call": {"org.freedesktop.systemd1.*": "*"}}},
             "session_bus.call.org.freedesktop.systemd1.*", "starts programs as you"),
    "system": ({**NO_BUS, "system_bus": {"filter": True, "talk": ["org.freedesktop.login1"]}},
               "system_bus.talk[0]", "sessions of this machine"),
    "wide": ({**NO_BUS, "session_bus": {"filter": True, "talk": ["org.freedesktop.*"]}}, "session_bus.talk[0]",
             "more that drive the host"),
    "portal": ({**NO_BUS, "session_bus": {"filter": True,
                                          "talk": ["org.freedesktop.portal.*"]}},
               "session_bus.talk[0]", "all of org.freedesktop.portal.Desktop"),
    "portal by rule": ({**NO_BUS, "session_bus": {"filter": True,
                                                  "call": {"org.freedesktop.portal.*": "*"}}},
                       None, None),
    "harmless": ({**NO_BUS, "session_bus": {"filter": True,
                                            "talk": ["org.freedesktop.Notifications"]}},
                 None, None),
    "unfiltered": ({**NO_BUS, "session_bus": {}}, "session_bus", "not filtered"),
    "unused": ({"session_bus": {"filter": True}}, "session_bus", "dbus is not enabled"),
    "unused wayland": ({"direct_wayland": True}, "direct_wayland", "wayland is not enabled"),
    "direct wayland": ({"enablements": {"wayland": True}, "direct_wayland": True},
                       "direct_wayland", "cannot tell the program from your own"),
    "tty": ({"container": {"tty": True}}, "container.tty", "what is typed"),
    "device": ({"container": {"device": True}}, "container.device", "every device"),
    "disk": ({"groups": ["disk"]}, "groups[0]", "past all permissions"),
    "harmless group": ({"groups": ["users"]}, None, None),
    "no group": ({"groups": ["users", "nobodys-group"]}, "groups[1]", "unknown group"),
    "no container": ({"container": None}, "container", "only its uid"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_surely_not_meant_is_warned_of_at_its_key(check, name):
    changes, key, words = WARNINGS[name]
    status, output, errors = check("-", stdin=changed(**changes), options=["--json"])
    found = json.loads("\n".join(output))
    assert (status, errors) == (0, "")
    assert [(one["severity"], one["key"]) for one in found] == ([("warning", key)] if key else [])
    assert all(words in one["message"] for one in found)


def test_what_only_a_start_finds_out_is_a_problem_too(check):
    document = changed(id="nodot", enablements={"dbus": True})
    status, lines, _ = check("-", stdin=document)
    assert status == 1
    [line] = lines
    assert line.startswith("standard input:2:2: id: bad interface string \"nodot.*\"")


def test_warnings_are_given_beside_problems_but_not_of_what_could_not_be_read(check):
    document = changed(session_bus={"filter": True}, enablements={"dbus": "yes"},
                       container={"tty": True, "devel": 5})
    status, output, _ = check("-", stdin=document, options=["--json"])
    assert status == 1
    assert {(one["severity"], one["key"]) for one in json.loads("\n".join(output))} == {
        ("problem", "enablements.dbus"), ("problem", "container.devel"),
        ("warning", "container.tty")}


def test_a_configuration_of_several_files_is_checked_by_its_name(check, tmp_path, monkeypatch):
    apps = tmp_path / "hakurei/apps"
    (apps / "editor.d").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (apps / "editor.json").write_text(changed())
    assert check("editor") == (0, [], "")
    override = apps / "editor.d/tty.json"
    override.write_text('{"container": {"tty": true}}')
    status, lines, _ = check("editor")
    assert status == 0 and lines[0].startswith(f"{override}: warning: container.tty: ")
    more = apps / "editor.d/more.json"
    more.write_text('{"identity": 10000, "container": {"filesystem+": [{"type": "link"}]}}')
    override.write_text('{"container": {"tty": 1}}')
    status, lines, _ = check("editor")
    assert status == 1 and sorted(lines) == sorted([
        f"{more}: identity: identity 10000 out of range",
        "editor: container.filesystem[1]: dst is missing",
        "editor: container.filesystem[1]: linkname is missing",
        f"{override}: container.tty: expected true or false, found an integer"])
    more.write_text("{")
    status, lines, _ = check("editor")
    assert status == 1 and len(lines) == 1
    assert lines[0].startswith(f"editor: {more}: line 1, column 1: ")
    more.unlink()
    assert check("editor editor")[0] == 125
    status, lines, errors = check("editr")
    assert (status, lines) == (125, []) and "'editor'" in errors
