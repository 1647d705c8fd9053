# SPDX-License-Identifier: MIT
"""Configuration files through the real program: what is read, and how bad ones are refused."""

import json
import os
import re
import resource
import subprocess
import time
import unicodedata
from pathlib import Path

import pytest

from harness.person import CONFIG, took

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "config"
BAD = sorted(path.stem for path in (FIXTURES / "bad").glob("*.json"))
MEMORY = 256 * 1024 * 1024


def limited(person, *args, fds=(), stdin=None):
    """hakurei with little memory and little time, as a subprocess of its own."""
    def before():
        os.setgroups([])
        os.setgid(person.user.gid)
        os.setuid(person.user.uid)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    start = time.monotonic()
    done = subprocess.run(person.command(*args), preexec_fn=before, env=person.user.env,
                          cwd="/", stdin=stdin or subprocess.DEVNULL, capture_output=True,
                          pass_fds=fds, check=False, timeout=20)
    assert took(start) < 2, args
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def check_refused(person, source, *words, **options):
    """One line, quickly, from app and from show alike: the reason."""
    app = limited(person, "app", "--dry-run", source, **options)
    assert (app.returncode, app.stdout) == (125, ""), app
    assert app.stderr.startswith("hakurei: ") and app.stderr.count("\n") == 1, app
    reason = app.stderr[len("hakurei: "):-1]
    show = limited(person, "show", "--no-store", source, **options)
    assert (show.returncode, show.stderr) == (1, ""), show
    assert show.stdout == f"Error: {reason}!\n"
    for word in words:
        assert word in reason
    return reason


def plan_of(person, path, *args):
    result = person.run("--json", "app", "--dry-run", path, *args)
    assert result.status == 0, result
    return json.loads(result.stdout)


def without_id(plan):
    text = json.dumps(plan)
    return text.replace(plan["id"], "ID")


# -- both layouts ------------------------------------------------------------------------------

@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_a_full_file_of_each_layout_loads_and_prints_as_one_that_loads_to_the_same(person, layout):
    path = person.write((FIXTURES / f"{layout}-full.json").read_bytes())
    first = person.run("--json", "show", path)
    assert (first.status, first.stderr) == (0, "")
    again = person.run("--json", "show", person.write(first.stdout))
    assert again.stdout == first.stdout
    assert person.run("show", path).stdout.startswith("App\n")


def nested(document):
    document = json.loads(json.dumps(document))
    for key in ("path", "args", "username", "shell", "home"):
        if key in document:
            document["container"][key] = document.pop(key)
    return document


def test_both_layouts_of_one_configuration_give_the_same_plan(person):
    document = {**CONFIG, "args": ["sh", "-c", "true"], "username": "yuki"}
    plans = [without_id(plan_of(person, person.write(json.dumps(one))))
             for one in (document, nested(document))]
    assert plans[0] == plans[1]


def test_directories_are_shared_by_default_in_the_flat_layout_alone(person):
    document = json.loads(json.dumps(CONFIG))
    for key in ("share_runtime", "share_tmpdir"):
        del document["container"][key]
    flat, other = (plan_of(person, person.write(json.dumps(one)))
                   for one in (document, nested(document)))
    share = str(person.share)
    assert any(op["path"].startswith(share) for op in flat["host"])
    assert not any(op["path"].startswith(share) for op in other["host"])


def test_a_flat_file_without_a_container_gets_the_permissive_one_and_a_warning(person):
    config = person.write('{"identity": 7, "args": ["sh", "-c", "exit 5"], "home": "/.hakurei/home"}')
    result = person.run("app", config)
    assert result.status == 5
    assert result.stderr.startswith("hakurei: warning: ") and result.stderr.count("\n") == 1


# -- where from --------------------------------------------------------------------------------

def test_a_configuration_is_read_from_standard_input(person):
    text = person.config(script="exit 12").read_text()
    assert person.run("app", "-", stdin=text).status == 12
    assert person.run("show", "-", stdin=text).stdout.startswith("App\n")


def test_a_configuration_is_read_from_a_descriptor_that_was_handed_over(person):
    path = person.config(script="ls /proc/self/fd | wc -l; exit 13")
    with open(path, encoding="utf-8") as file:
        fd = file.fileno()
        assert fd >= 3
        result = person.run("app", str(fd), pass_fds=[fd])
    # 0, 1, 2 and the directory that ls reads.
    assert (result.status, result.stdout) == (13, "4\n")


def test_a_pipe_is_as_good_as_a_file(person):
    reader, writer = os.pipe()
    os.write(writer, person.config(script="exit 14").read_bytes())
    os.close(writer)
    assert person.run("app", str(reader), pass_fds=[reader]).status == 14
    os.close(reader)


@pytest.mark.parametrize("number", ["9", "3", "65535", "99999999999999999999"])
def test_a_descriptor_that_is_not_open_is_refused(person, number):
    check_refused(person, number, number)


def test_a_file_whose_name_is_a_number_can_be_named_with_its_directory(person):
    path = person.user.home / "4"
    path.write_text(person.config(script="exit 15").read_text())
    os.chown(path, person.user.uid, person.user.gid)
    assert person.run("app", "./4").status == 15


# -- bad ones ----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", BAD)
def test_each_bad_file_is_refused_with_its_own_line(person, name):
    expected = (FIXTURES / "bad" / f"{name}.expected").read_text().rstrip("\n")
    reason = check_refused(person, person.write((FIXTURES / "bad" / f"{name}.json").read_bytes()))
    assert reason.endswith(expected)


def test_an_endless_or_huge_file_is_refused_quickly_and_in_little_memory(person):
    check_refused(person, "/dev/zero", "larger than")
    huge = person.write(b"[" * (64 * 1024 * 1024))
    check_refused(person, huge, "larger than")
    with open(huge, "rb") as file:
        limited_result = limited(person, "app", "-", stdin=file)
    assert limited_result.returncode == 125 and "larger than" in limited_result.stderr
    huge.unlink()
    check_refused(person, person.write(b"[" * 1000000), "line 1")
    check_refused(person, person.write(b'{"args":[' + b'"",' * 300000 + b'""]}'))
    check_refused(person, person.write(b'{"id":"' + b"a" * 1000000 + b'"}'), "longer than")


def test_what_is_no_file_is_refused(person):
    check_refused(person, "/nowhere/at/all", "/nowhere/at/all", "No such file")
    check_refused(person, "/", "directory")
    check_refused(person, "", "")
    check_refused(person, "/etc/shadow", "/etc/shadow", "Permission denied")
    check_refused(person, "/dev/null")


def test_a_pipe_that_nobody_writes_to_does_not_hang(person):
    fifo = person.user.home / "fifo"
    os.mkfifo(fifo)
    os.chown(fifo, person.user.uid, person.user.gid)
    check_refused(person, fifo)
    fifo.unlink()


@pytest.mark.parametrize("text,words", [
    (b'{"identiti": 7}', ["identiti", "identity"]),
    (b'{"id": "a.b", "id": "c.d"}', ["line 1"]),
    (b'{"identity": "7"}', ["identity"]),
    (b'{} {}', ["line 1"]),
    (b'{"id": "\xff"}', ["byte 0xff"]),
    (b'{"home": "/a\\u0000b"}', []),
    (b"\xef\xbb\xbf{}", []),
    (b"", []),
    (b"null", []),
], ids=["unknown", "twice", "type", "trailing", "encoding", "nul", "bom", "empty", "null"])
def test_bad_input_is_one_line_that_tells_where(person, text, words):
    check_refused(person, person.write(text), *words)


@pytest.mark.parametrize("value", ["..", "/", "-x", "a\nb", "a" * 4096, "a/../../b", "."])
def test_an_id_that_is_a_path_or_an_option_is_refused(person, value):
    document = {**CONFIG, "id": value}
    check_refused(person, person.write(json.dumps(document)), "invalid id")
    result = person.run("run", f"--id={value}", "--dry-run", "true")
    assert result.status == 125 and result.stderr.count("\n") == 1 and not result.stdout


# -- what a terminal would act on --------------------------------------------------------------

HOSTILE = "\x1b[2J\x07\x9b31m\u202e\u2066\r\x7fend"


def check_escaped(*texts):
    for text in texts:
        raw = [char for char in text if char != "\n" and (
            unicodedata.category(char) == "Cc" or char in "\u061c\u200e\u200f\u202a\u202b\u202c"
            "\u202d\u202e\u2066\u2067\u2068\u2069")]
        assert raw == [], ascii(text)


def test_names_that_a_terminal_would_act_on_are_escaped_in_every_output(person):
    config = person.config(
        args=["sh", "-c", ": " + HOSTILE], home="/home" + HOSTILE,
        groups=[], extra_perms=[{"path": "/x" + HOSTILE, "r": True}],
        filesystem=[{"type": "bind", "src": "/y" + HOSTILE, "dst": "/z" + HOSTILE,
                     "optional": True},
                    {"type": "link", "dst": "/l" + HOSTILE, "linkname": "t" + HOSTILE}],
        container={"env": {"NAME" + HOSTILE: "value" + HOSTILE}},
        session_bus={"talk": ["org.example.Name"], "call": {"org.example.Name": HOSTILE}})
    seen = []
    for command in (["show", config], ["--json", "show", config], ["show", "--short", config],
                    ["app", "--dry-run", config], ["--json", "app", "--dry-run", config],
                    ["-v", "app", config], ["app", config]):
        result = person.run(*command)
        check_escaped(result.stdout, result.stderr)
        seen.append(result)
    assert all("end" in result.stdout + result.stderr for result in seen[:1] + seen[3:])
    # JSON says the same in its own way.
    assert json.loads(seen[1].stdout)["args"][2] == ": " + HOSTILE


def test_hostile_words_in_errors_are_escaped(person):
    for command in (["run", "no" + HOSTILE], ["app", "/no" + HOSTILE], ["show", "/no" + HOSTILE],
                    ["run", "-g", HOSTILE, "true"], [HOSTILE], ["run", "--" + HOSTILE],
                    ["help", HOSTILE], ["run", "--backend", HOSTILE, "true"],
                    ["run", "--status-fd", HOSTILE, "true"], ["run", "-u", HOSTILE, "true"],
                    ["run", "-a", HOSTILE, "true"]):
        result = person.run(*command)
        assert result.status != 0
        check_escaped(result.stdout, result.stderr)
        assert "end" in result.stdout + result.stderr
        assert (result.stdout + result.stderr).count("\n") == 1


@pytest.mark.parametrize("key", ["key", "identity", "enablements", "container"])
def test_hostile_keys_and_values_in_errors_are_escaped(person, key):
    document = {key + HOSTILE: 1} if key == "key" else {key: HOSTILE}
    reason = check_refused(person, person.write(json.dumps(document)))
    check_escaped(reason)


def test_bytes_that_are_no_text_are_escaped(person):
    result = subprocess.run([*person.command("run"), b"no\xff\xfe\x9bend"], user=person.user.uid,
                            group=person.user.gid, extra_groups=[], env=person.user.env,
                            capture_output=True, check=False)
    assert result.returncode == 127
    assert re.search(rb"no\\xff\\xfe\\x9bend", result.stderr), result.stderr
