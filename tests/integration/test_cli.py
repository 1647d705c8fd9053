# SPDX-License-Identifier: MIT
"""The command line: what each command prints, how options are read, and what is refused."""

import json
import os
import re
import signal

import pytest

from harness.run import run_as
from harness.users import BACKEND, ROOT

COMMANDS = ["run", "app", "check", "show", "ps", "recover", "template", "version", "license", "help"]


def check_error(result, *words, status=125):
    assert (result.status, result.stdout) == (status, ""), result
    assert result.stderr.startswith("hakurei: ") and result.stderr.count("\n") == 1, result
    for word in words:
        assert word in result.stderr, result


# -- about itself ------------------------------------------------------------------------------

@pytest.mark.parametrize("args", [[], ["help"], ["--help"], ["-help"], ["-h"], ["-v", "help"]])
def test_help_lists_every_command(person, args):
    result = person.run(*args)
    assert (result.status, result.stderr) == (0, "")
    listed = re.findall(r"^  ([a-z]+) +\S", result.stdout, re.MULTILINE)
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_the_same_by_each_of_its_names(person, command):
    outputs = {run_as(person.user, [person.prefix.hakurei, *args]).stdout
               for args in (["help", command], [command, "--help"], [command, "-help"],
                            [command, "-h"], ["--help", command], [command, "-v", "--help"])}
    [text] = outputs
    assert text.startswith(f"usage: hakurei [-v] [--json] {command}")


def test_every_option_of_run_is_in_its_help(person):
    text = person.run("help", "run").stdout
    options = re.findall(r"^  --?(\S+)", text, re.MULTILINE)
    assert {"a", "g", "d", "u", "id", "wayland", "X", "dbus", "pulse", "private-runtime",
            "private-tmpdir", "backend", "dry-run", "identifier-fd", "status-fd"} <= set(options)
    assert all(len(line) <= 100 for line in text.splitlines())


def test_version_and_license_are_printed_for_anybody(person):
    for user in (person.user, ROOT):
        version = run_as(user, [person.prefix.hakurei, "version"])
        assert re.fullmatch(r"hakurei \d+\.\d+\.\d+\S*\n", version.stdout)
        assert run_as(user, [person.prefix.hakurei, "--version"]).stdout == version.stdout
        assert "MIT" in run_as(user, [person.prefix.hakurei, "license"]).stdout
        assert run_as(user, [person.prefix.hakurei, "help"]).status == 0
    number = json.loads(person.run("--json", "version").stdout)["version"]
    assert version.stdout == f"hakurei {number}\n"


def test_the_template_loads_and_prints_again_as_itself(person):
    template = person.run("template")
    assert (template.status, template.stderr) == (0, "")
    assert person.run("show", "-", stdin=template.stdout).status == 0
    first = person.run("--json", "show", "-", stdin=template.stdout)
    assert (first.status, first.stderr) == (0, "")
    again = person.run("--json", "show", "-", stdin=first.stdout)
    assert again.stdout == first.stdout

    def entries(value):
        """All keys and values that say something, wherever they are."""
        if isinstance(value, dict):
            return {key: entries(item) for key, item in value.items() if entries(item)}
        return [entries(item) for item in value] if isinstance(value, list) else value

    mine, theirs = (entries(json.loads(text)) for text in (template.stdout, first.stdout))
    assert mine == theirs


def test_show_says_what_hakurei_knows_of_the_system(person):
    text = person.run("show").stdout
    for word in (person.user.name, str(person.user.uid), BACKEND, str(person.target(0)),
                 str(person.target(9999)), str(person.store), str(person.prefix.shim)):
        assert word in text
    document = json.loads(person.run("--json", "show").stdout)
    assert (document["uid"], document["backend"]) == (person.user.uid, BACKEND)
    assert document["first_target"] == person.target(0)


def test_show_without_any_backend_says_why(person, hsurc):
    hsurc(None)
    result = person.run("show")
    assert result.status == 0 and "Backend:" in result.stdout


# -- how words are read ------------------------------------------------------------------------

@pytest.mark.parametrize("args,words", [
    (["-v"], ["no command", "hakurei help"]),
    (["fly"], ['there is no command "fly"', "hakurei help"]),
    ([""], ['there is no command ""']),
    (["rnu"], ['there is no command "rnu"; did you mean "run"?']),
    (["--fly", "run"], ['there is no option "--fly" in front of a command', "hakurei help"]),
    (["run", "--fly"], ['run has no option "--fly"', "hakurei help run"]),
    (["run", "--walyand"], ['did you mean "--wayland"?']),
    (["run", "-x"], ['did you mean "-X"?']),
    (["ps", "--jsno"], ['did you mean "--json"?']),
    (["run", "--backend", "hus", "true"], ['"hus" is none of', 'did you mean "hsu"?']),
    (["run", "-"], ["-"]),
    (["run", "-a"], ["-a", "needs a value"]),
    (["run", "-a", "x", "true"], ["-a", "'x' is not a number"]),
    (["run", "-a", "-1", "true"], ["-a", "'-1' is not a number"]),
    (["run", "-a", "+1", "true"], ["-a", "'+1' is not a number"]),
    (["run", "-a", "07", "true"], ["-a", "'07' is not a number"]),
    (["run", "-a", "", "true"], ["-a", "'' is not a number"]),
    (["run", "-a", "10000", "true"], ["identity 10000 out of range"]),
    (["run", "-a", "4294967296", "true"], ["4294967296"]),
    (["run", "--dry-run=yes", "true"], ["-dry-run", "takes no value"]),
    (["run", "-d", "relative", "true"], ["invalid path to home directory"]),
    (["run", "-d", "/a:b", "true"], ["invalid path to home directory"]),
    (["run", "-u", "a:b", "true"], ['invalid user name "a:b"']),
    (["run", "-u", "a\nroot:x:0:0", "true"], ["invalid user name"]),
    (["run", "--backend", "magic", "true"], ['--backend: "magic" is none of auto, hsu, subuid']),
    (["app"], ["configuration"]),
    (["version", "please"], ["version takes no arguments"]),
    (["template", "-x"], ['template has no option "-x"']),
    (["help", "fly"], ['there is no command "fly"']),
    (["help", "run", "app"], ["help"]),
    (["show", "a", "b"], ["show takes one argument"]),
    (["show", "a", "--short"], ['put "--short" before "a"']),
    (["check", "a", "b", "--json"], ['put "--json" before "a"']),
    (["ps", "all"], ["ps takes no arguments"]),
    (["recover", "all"], ["recover takes no arguments"]),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_a_wrong_call_is_one_line_that_names_the_mistake(person, args, words):
    status = 127 if args == ["run", "-"] else 125
    check_error(run_as(person.user, [person.prefix.hakurei, *args]), *words, status=status)


@pytest.mark.parametrize("words", [["-a", "7"], ["--a", "7"], ["-a=7"], ["--a=7"],
                                   ["-a", "3", "-a", "7"]])
def test_options_have_one_dash_or_two_and_the_last_one_counts(person, words):
    result = person.run("--json", "run", *words, "--dry-run", "true")
    assert json.loads(result.stdout)["identity"] == 7


def test_options_end_at_the_program_and_at_two_dashes(person):
    plan = json.loads(person.run("--json", "run", "--dry-run", "echo", "-a", "7").stdout)
    assert plan["identity"] == 0 and plan["container"]["argv"] == ["echo", "-a", "7"]
    plan = json.loads(person.run("--json", "run", "--dry-run", "--", "echo", "--", "-v").stdout)
    assert plan["container"]["argv"] == ["echo", "--", "-v"]


@pytest.mark.parametrize("name", ["--bind", "-x", "--", "-a"])
def test_a_program_whose_name_looks_like_an_option_is_a_program(person, name):
    """By its place on the command line, and by the configuration."""
    directory = person.make("bin", 0o755)
    program = directory / name
    program.write_text(f"#!/bin/sh\nprintf '<%s>' \"${{0##*/}}\" \"$@\"\n")
    program.chmod(0o755)
    env = {"PATH": f"{directory}:/usr/bin:/bin"}
    plan = json.loads(person.run("--json", "run", "--dry-run", "--", name, "-x", env=env).stdout)
    assert plan["container"]["argv"] == [name, "-x"]
    assert plan["container"]["path"] == str(program)
    bind = {"type": "bind", "src": str(directory), "dst": "/b"}
    config = person.config(path=f"/b/{name}", args=[name, "-v"], filesystem=[bind],
                           extra_perms=[{"path": str(person.user.home), "x": True}])
    result = person.run("app", config, "-x", "--")
    assert (result.stdout, result.status) == (f"<{name}><-v><-x><-->", 0)


def test_the_working_directory_and_relative_entries_of_path_are_no_place_for_programs(person):
    program = person.make("hk-here", 0o755, "#!/bin/sh\nexit 0\n")
    for path in (".", "", ":/usr/bin", "relative", "/usr/bin::/bin", "/usr/bin:"):
        check_error(person.run("run", "hk-here", env={"PATH": path}, cwd=person.user.home),
                    "hk-here", status=127)
    assert person.run("run", "--dry-run", "./hk-here", cwd=person.user.home).status == 0
    program.unlink()


# -- the plan ----------------------------------------------------------------------------------

def test_the_plan_is_the_same_every_time_but_for_the_id(person):
    def plans(*args):
        for _ in range(3):
            text = person.run(*args).stdout
            [number] = set(re.findall(r"\b[0-9a-f]{32}\b", text))
            yield text.replace(number, "ID")

    config = person.config(script="true")
    for args in (["run", "--dry-run", "true"], ["--json", "run", "--dry-run", "true"],
                 ["app", "--dry-run", config], ["--json", "app", "--dry-run", config]):
        assert len(set(plans(*args))) == 1


def test_a_dry_run_changes_nothing_and_starts_nothing(person, host_snapshot):
    config = person.config(script="touch /tmp/x", extra_perms=[
        {"path": str(person.user.home / "made"), "ensure": True, "r": True}])
    before = host_snapshot(person.user.home, person.user.runtime_dir, person.share.parent)
    for command in (["app", "--dry-run", config], ["run", "--dry-run", "true"]):
        assert person.run(*command).status == 0
    after = host_snapshot(person.user.home, person.user.runtime_dir, person.share.parent)
    assert before.differences(after) == []


def test_the_plan_is_what_happens(person):
    """Each host operation of the plan is in the story that -v tells, in order."""
    plan = json.loads(person.run("--json", "run", "--dry-run", "true").stdout)
    story = person.run("-v", "run", "true").stderr
    applied = re.findall(r"^hakurei: apply (\S+) '(.*)'$", story, re.MULTILINE)
    planned = [(op["kind"], op["path"].replace(plan["id"], "ID")) for op in plan["host"]]
    assert [(kind, re.sub(r"\b[0-9a-f]{32}\b", "ID", path)) for kind, path in applied] == planned


def test_verbose_lines_tell_the_story_in_order(person):
    result = person.run("-v", "run", "-a", "7", "sh", "-c", "echo running >&2; exit 3")
    assert result.status == 3
    story = ["start: done", f"backend {BACKEND}", f"uid {person.target(7)}", "plan: done",
             "apply directory", "apply acl", "commit: done", "mount: ", "running", "revert acl",
             "revert directory", "cleanup: done"]
    at = 0
    for word in story:
        at = result.stderr.find(word, at)
        assert at >= 0, f"{word} is missing or out of order in\n{result.stderr}"
    for line in result.stderr.splitlines():
        assert line == "running" or re.match(r"hakurei(-shim)?: ", line)
    assert person.run("run", "-a", "7", "true").stderr == ""


# -- descriptors -------------------------------------------------------------------------------

def test_the_identifier_descriptor_gets_the_sixteen_bytes_while_the_instance_runs(person):
    reader, writer = os.pipe()
    running = person.start_sleeping(7, "--identifier-fd", str(writer), pass_fds=[writer])
    os.close(writer)
    identifier = os.read(reader, 100)
    assert len(identifier) == 16 and identifier.hex() == person.instance_dir().name
    assert person.entries() == [identifier.hex()]
    # Neither the shim nor the program holds it: the end of file comes with hakurei's end.
    running.signal(signal.SIGINT)
    running.wait()
    assert os.read(reader, 100) == b""
    os.close(reader)


def test_the_status_descriptor_tells_start_and_end(person):
    reader, writer = os.pipe()
    running = person.start_sleeping(7, "--status-fd", str(writer), pass_fds=[writer])
    os.close(writer)
    with open(reader, encoding="utf-8") as file:
        started = json.loads(file.readline())["started"]
        assert started["instance"] == person.instance_dir().name
        assert started["pid"] == running.pid and started["uid"] == person.target(7)
        running.signal(signal.SIGINT)
        running.wait()
        assert [json.loads(line) for line in file] == [{"exited": {"signal": 2}}]


def test_a_reader_of_the_status_that_is_gone_does_not_matter_to_the_program(person):
    reader, writer = os.pipe()
    os.close(reader)
    result = person.run("run", "--status-fd", str(writer), "sh", "-c", "exit 6",
                        pass_fds=[writer])
    os.close(writer)
    assert (result.status, result.stderr) == (6, "")


@pytest.mark.parametrize("option", ["--identifier-fd", "--status-fd"])
@pytest.mark.parametrize("value", ["0", "2", "-1", "x", "", "99", "3.5", "65536"])
def test_a_descriptor_that_cannot_be_meant_is_refused(person, option, value):
    check_error(person.run("run", option, value, "true"), option.lstrip("-"))


def test_no_descriptor_of_the_caller_reaches_the_program(person):
    reader, writer = os.pipe()
    high = os.dup2(writer, 77, inheritable=True)
    result = person.run("run", "--status-fd", str(writer), "sh", "-c", "ls /proc/self/fd",
                        pass_fds=[writer, reader, high])
    assert result.stdout.split() == ["0", "1", "2", "3"]
    for fd in (reader, writer, high):
        os.close(fd)


# -- what is not there -------------------------------------------------------------------------

@pytest.mark.parametrize("option", ["--wayland", "-X", "--dbus", "--pulse", "--mpris"])
def test_a_service_that_is_not_there_is_one_line_and_leaves_nothing(person, option):
    """No compositor, server or bus runs for this person."""
    env = {name: None for name in ("WAYLAND_DISPLAY", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS",
                                   "PULSE_SERVER")}
    result = person.run("run", option, "sh", "-c", "echo started", env=env)
    assert (result.status, result.stdout) == (125, ""), result
    errors = [line for line in result.stderr.splitlines() if "warning:" not in line]
    assert len(errors) == 1 and errors[0].startswith("hakurei: ")
    assert person.leftovers() == []


@pytest.mark.parametrize("args", [["--dbus-config", "/nowhere/bus.json"],
                                  ["--dbus-system", "/nowhere/bus.json"]], ids=lambda a: a[0])
def test_a_bus_policy_that_is_not_there_is_refused(person, args):
    result = person.run("run", "--dbus", *args, "true")
    assert result.status == 125 and result.stdout == ""
    assert result.stderr.startswith("hakurei: ") and person.leftovers() == []


# -- instances ---------------------------------------------------------------------------------

def test_ps_and_show_tell_of_what_runs(person):
    empty = person.run("--json", "ps")
    assert json.loads(empty.stdout) == []
    running = person.start_ready("app", person.config(script="echo ready; exec sleep 1000",
                                                      id="org.example.App"))
    identifier = person.instance_dir().name
    short = identifier[16:24]
    assert person.run("ps", "--short").stdout == f"{short}\n"
    [entry] = json.loads(person.run("--json", "ps").stdout)
    assert entry["instance"] == identifier and entry["pid"] == running.pid
    assert entry["config"]["id"] == "org.example.App"
    table = person.run("ps").stdout.splitlines()
    assert len(table) == 2 and short in table[1] and "7 (org.example.App)" in table[1]
    for name in (short, identifier):
        shown = person.run("show", name)
        assert shown.status == 0 and shown.stdout.startswith("State\n")
        assert "org.example.App" in shown.stdout
    assert person.run("show", short[:7]).status == 1  # too short for an id, and no such file
    running.signal(signal.SIGINT)
    running.wait()
    assert person.run("ps", "--short").stdout == ""
    for gone in (short, identifier, "12345678"):
        shown = person.run("show", gone)
        assert (shown.status, shown.stdout) == (
            1, f"Error: '{gone}' is neither a running instance (`hakurei ps` lists them) nor a "
               "configuration!\n")
    assert "no configuration named" in person.run("show", "--no-store", "abcdef12").stdout


def test_output_that_cannot_be_written_is_an_error(person):
    for command in (["help"], ["version"], ["template"], ["show"], ["ps"],
                    ["run", "--dry-run", "true"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            running = person.start(*command, stdout=full)
            result = running.wait()
        assert result.status == 125 and "No space left on device" in result.stderr
