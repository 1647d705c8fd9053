# SPDX-License-Identifier: MIT
"""Configurations by name: where they are found, and what changes them."""

import json
import os
import re

import pytest

from harness.build import SOURCE
from harness.run import run_as
from harness.users import ROOT

# Looked for and merged before any backend has a part in it.
pytestmark = pytest.mark.once

HOME = "/home-of-{}"


class Places:
    """The three directories, from the one that is looked at first."""

    def __init__(self, person):
        self.person = person
        self.own = person.user.home / ".config/hakurei/apps"
        self.site = person.prefix.path / "etc/hakurei/apps"
        self.data = person.prefix.path / "share/hakurei/apps"
        self.made = []

    def write(self, place, name, document, mode=0o644):
        """A file there; place: own, site or data. document: text, or what becomes JSON."""
        path = getattr(self, place) / name
        owner = self.person.user.uid if place == "own" else 0
        for parent in [*reversed(path.relative_to(self.person.user.home if owner else
                                                  self.person.prefix.path).parents)][1:]:
            directory = (self.person.user.home if owner else self.person.prefix.path) / parent
            if not directory.exists():
                directory.mkdir(mode=0o755)
                os.chown(directory, owner, owner)
                self.made.append(directory)
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        path.chmod(mode)
        os.chown(path, owner, owner)
        self.made.append(path)
        return path

    def remove(self):
        for path in reversed(self.made):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)


@pytest.fixture
def places(person):
    made = Places(person)
    yield made
    made.remove()


def base(home, **keys):
    """A configuration that is recognised by its home."""
    return {"identity": 7, "path": "/bin/sh", "shell": "/bin/sh", "home": HOME.format(home),
            "container": {"share_runtime": False, "share_tmpdir": False, "filesystem": [
                {"type": "bind", "src": "/", "dst": "/", "special": True},
                {"type": "bind", "src": "/etc", "dst": "/etc", "special": True}]}, **keys}


def shown(person, name, **options):
    """What the configuration of that name comes to."""
    result = person.run("--json", "show", name, **options)
    assert (result.status, result.stderr) == (0, ""), result
    return json.loads(result.stdout)


def error_of(person, *args, **options):
    """The one line, of app and of show alike."""
    result = person.run("app", "--dry-run", *args, **options)
    assert (result.status, result.stdout) == (125, ""), result
    [line] = result.stderr.splitlines()
    told = person.run("show", *args, **options)
    assert (told.status, told.stderr) == (1, ""), told
    assert told.stdout == f"Error: {line.removeprefix('hakurei: ')}!\n"
    return line


# -- where they are ------------------------------------------------------------------------------

def test_the_first_directory_that_has_a_name_wins(person, places):
    for place in "data", "site", "own":
        places.write(place, "named.json", base(place))
        assert shown(person, "named")["home"] == HOME.format(place)


def test_a_persons_directory_follows_the_variable_only_where_it_is_absolute(person, places):
    places.write("own", "named.json", base("own"))
    other = person.make("elsewhere")
    apps = other / "hakurei/apps"
    apps.mkdir(parents=True)
    (apps / "named.json").write_text(json.dumps(base("elsewhere")))
    assert shown(person, "named", env={"XDG_CONFIG_HOME": str(other)})["home"] == \
        HOME.format("elsewhere")
    assert shown(person, "named", env={"XDG_CONFIG_HOME": "elsewhere"})["home"] == \
        HOME.format("own")
    # By the user database, not by a variable.
    assert shown(person, "named", env={"HOME": str(other)})["home"] == HOME.format("own")


def test_a_name_is_run_with_its_arguments(person, places):
    places.write("data", "named.json", base("named", args=["sh", "-c", 'echo "$HOME: $*"', "sh"]))
    result = person.run("app", "named", "one", "two")
    assert (result.status, result.stdout) == (0, "/home-of-named: one two\n"), result
    plan = person.run("app", "--dry-run", "named")
    assert plan.stdout.startswith(f"Configuration\n  Base: {'':9} {places.data}/named.json\n\n")
    told = json.loads(person.run("--json", "app", "--dry-run", "named").stdout)
    assert told


def test_a_file_is_a_file_whatever_is_named_like_it(person, places):
    places.write("own", "named.json", base("own"))
    person.make("named.json", mode=0o600, content=json.dumps(base("file")))
    for word in "./named.json", "named.json", str(person.user.home / "named.json"):
        assert shown(person, word, cwd=person.user.home)["home"] == HOME.format("file")
    assert shown(person, "named", cwd=person.user.home)["home"] == HOME.format("own")


def test_a_file_that_could_be_a_name_is_said_to_want_a_slash(person):
    person.make("plain", mode=0o600, content=json.dumps(base("plain")))
    assert error_of(person, "plain", cwd=person.user.home) == \
        "hakurei: no configuration named 'plain'; the file of that name here is './plain'"


def test_a_name_with_the_end_of_its_file_is_said_to_be_one(person):
    assert error_of(person, "firefox.json", cwd=person.user.home) == \
        "hakurei: there is no file 'firefox.json' here; the configuration is named 'firefox'"
    assert error_of(person, "/firefox.json") == \
        "hakurei: cannot open /firefox.json: No such file or directory"


# -- overrides -----------------------------------------------------------------------------------

def test_overrides_of_all_directories_change_single_keys_and_the_person_has_the_last_word(
        person, places):
    document = base("named", args=["sh", "-c", "true"])
    document["container"]["env"] = {"A": "data", "B": "data", "C": "data", "D": "data"}
    places.write("data", "named.json", document)
    places.write("data", "named.d/x.json", {"container": {"env": {"B": "override"}}})
    places.write("site", "named.d/20.json", {"container": {"env": {"C": "site", "D": "site"}},
                                             "args": ["sh", "-c", "false"]})
    places.write("own", "named.d/2.json", {"container": {"env": {"D": "second"}}})
    places.write("own", "named.d/10.json", {"container": {"env": {"D": "first", "A": None}}})
    places.write("own", "named.d/README", "not one of them")
    places.write("own", "named.d/.30.json.swp", "not one of them")
    got = shown(person, "named")
    assert got["container"]["env"] == {"B": "override", "C": "site", "D": "second"}
    assert got["args"] == ["sh", "-c", "false"]
    assert person.run("app", "named").status == 1


def test_an_override_adds_to_a_list_and_a_new_base_keeps_it(person, places):
    more = {"type": "ephemeral", "dst": "/more"}
    places.write("own", "named.d/more.json", {"container": {"filesystem+": [more]}})
    for home, count in ("old", 2), ("new", 3):
        document = base(home)
        document["container"]["filesystem"] += [{"type": "ephemeral", "dst": "/new"}] * (count - 2)
        places.write("data", "named.json", document)
        got = shown(person, "named")
        assert got["home"] == HOME.format(home)
        assert len(got["container"]["filesystem"]) == count + 1
        assert got["container"]["filesystem"][-1] == more


def test_show_says_where_each_part_came_from(person, places):
    document = base("named")
    document["container"]["env"] = {"A": "1", "B": "2"}
    places.write("data", "named.json", document)
    places.write("site", "named.d/a.json", {"container": {"env": {"A": "3", "B": "3"}}})
    places.write("own", "named.d/b.json", {
        "container": {"env": {"B": None}, "filesystem+": [], "tty": True}})
    parts = person.run("show", "named").stdout.split("\n\n")[0]
    assert parts.splitlines() == [
        "Configuration",
        f"  Base:           {places.data}/named.json",
        f"  Changed by:     {places.site}/named.d/a.json",
        "    container.env.A",
        f"  Changed by:     {places.own}/named.d/b.json",
        "    container.filesystem+",
        "    -container.env.B",
        "    container.tty",
    ]
    all_keys = person.run("-v", "show", "named").stdout.split("\n\n")[0].splitlines()
    assert all_keys[:10] == [
        "Configuration", f"  Base:           {places.data}/named.json",
        "    identity", "    path", "    shell", "    home", "    container.share_runtime",
        "    container.share_tmpdir", "    container.filesystem",
        f"  Changed by:     {places.site}/named.d/a.json"]
    told = person.run("-v", "app", "--dry-run", "named").stderr
    assert f"configuration: changed by {places.own}/named.d/b.json\n" in told


# -- what is wrong -------------------------------------------------------------------------------

def test_an_error_names_the_file_that_brought_it(person, places):
    first = places.write("data", "named.json", base("named"))
    good = places.write("site", "named.d/a.json", {"container": {"tty": True}})
    bad = places.write("own", "named.d/b.json", {"container": {"tty": "yes"}})
    places.write("own", "named.d/c.json", {"container": {"devel": True}})
    assert error_of(person, "named") == \
        f"hakurei: {bad}: container.tty: expected true or false, found a string"
    bad.write_text('{"container": {"ttty": null}}')
    assert error_of(person, "named").startswith(
        f'hakurei: {bad}: container.ttty: unknown key, the nearest known one is "tty"')
    bad.write_text('{"container": ')
    assert error_of(person, "named").startswith(f"hakurei: {bad}: line 1, column 14: ")
    bad.write_text("[]")
    assert error_of(person, "named") == f"hakurei: {bad}: expected an object"
    bad.write_text('{"identity+": [1]}')
    assert error_of(person, "named") == \
        f"hakurei: {bad}: identity: no list that anything can be added to"
    bad.unlink()
    good.write_text('{"home": "here"}')
    assert error_of(person, "named").startswith(f"hakurei: {good}: invalid path to home")
    first.write_text('{"home+": ["a"]}')
    assert error_of(person, "named").startswith(f"hakurei: {first}: home+: unknown key")


def test_what_is_no_file_of_the_person_is_named(person, places):
    path = places.write("own", "named.json", base("own"), mode=0)
    assert error_of(person, "named") == f"hakurei: cannot open {path}: Permission denied"
    path.unlink()
    path.mkdir()
    assert error_of(person, "named") == f"hakurei: {path}: not a regular file"
    path.rmdir()
    os.mkfifo(path)
    os.chown(path, person.user.uid, person.user.gid)
    assert error_of(person, "named") == f"hakurei: {path}: not a regular file"
    path.unlink()
    override = places.write("own", "named.d/a.json", {})
    assert error_of(person, "named") == \
        f"hakurei: {override}: there is no named.json that it could change"


@pytest.mark.parametrize("mode, owner", [(0o666, 0), (0o664, 0), (0o644, None)])
def test_what_others_can_write_is_not_used(person, neighbour, places, mode, owner):
    places.write("own", "named.json", base("own"))
    owner = neighbour.user.uid if owner is None else owner
    path = places.write("site", "named.d/a.json", {})
    for wrong in path, path.parent, places.site:
        before = wrong.stat().st_mode & 0o777
        wrong.chmod(mode | (0o111 if wrong.is_dir() else 0))
        os.chown(wrong, owner, 0)
        assert error_of(person, "named").startswith(
            f"hakurei: {wrong}: not used, because others can write it (uid {owner}, mode 0")
        wrong.chmod(before)
        os.chown(wrong, 0, 0)
    assert shown(person, "named")["home"] == HOME.format("own")
    # What is the person's own is hers to write.
    os.chown(path, person.user.uid, 0)
    assert shown(person, "named")["home"] == HOME.format("own")


@pytest.mark.parametrize("name", ["a b", ".hidden", "-x", "a\x1b[31m", "é", "a" * 129, "a:b"])
def test_a_word_that_is_no_name_is_refused(person, name):
    args = ["--", name] if name.startswith("-") else [name]
    line = error_of(person, *args)
    assert "is no name of a configuration" in line and "\x1b" not in line


def test_an_unknown_name_is_told_what_there_is(person, places):
    assert error_of(person, "firefux") == \
        "hakurei: no configuration named 'firefux'; the nearest one is 'firefox'"
    # As with commands and options, also of what it is the beginning of.
    assert error_of(person, "fire").endswith("named 'fire'; the nearest one is 'firefox'")
    places.write("own", "named.json", base("own"))
    places.write("own", "bad name.json", "")
    names = sorted([*(path.stem for path in places.data.glob("*.json")), "named"])
    assert error_of(person, "something-else") == \
        f"hakurei: no configuration named 'something-else'; there are {', '.join(names)}"
    result = person.run("app")
    assert (result.status, result.stdout) == (125, "")
    assert result.stderr == (f"hakurei: app needs a configuration: a name ({', '.join(names)}), "
                             "a file, or - for standard input\n")


# -- the price -----------------------------------------------------------------------------------

def test_a_file_costs_no_look_at_the_directories_of_names(person, places):
    places.write("own", "named.json", base("own"))
    path = str(person.config(script="true"))
    log = person.user.home / "trace"
    told = {}
    for word in path, "named":
        traced = run_as(ROOT, ["strace", "-u", person.user.name, "-o", log,
                               *person.command("show", word)], env=person.user.env)
        assert traced.status == 0, traced
        told[word] = log.read_text()
    for word in "hakurei/apps", "/etc/passwd":
        assert word in told["named"] and word not in told[path]


# -- ~ -------------------------------------------------------------------------------------------

def test_a_tilde_is_the_persons_home_by_the_user_database(person):
    person.make("kept", mode=0o700)
    config = person.config(
        script="id -u; touch ~/written; ls /kept-too",
        extra_perms=[{"path": "~", "x": True},
                     {"path": "~/kept", "r": True, "w": True, "x": True}],
        filesystem=[{"type": "bind", "src": "~/kept", "dst": "/home-of-its-own", "write": True},
                    {"type": "bind", "src": "~/./kept", "dst": "/kept-too"}])
    result = person.run("app", config, env={"HOME": "/nonexistent"})
    assert (result.status, result.stdout.split()[1:]) == (0, ["written"]), result
    assert (person.user.home / "kept/written").stat().st_uid == person.target(7)
    got = shown(person, str(config))
    assert got["extra_perms"][0] == {"path": str(person.user.home), "x": True}
    assert got["container"]["filesystem"][-1]["src"] == str(person.user.home / "kept")


def test_a_mount_of_the_home_without_a_place_is_where_it_is_outside(person):
    config = person.config(filesystem=[{"type": "bind", "src": "~/kept", "optional": True}])
    assert shown(person, str(config))["container"]["filesystem"][-1] == {
        "type": "bind", "src": str(person.user.home / "kept"), "optional": True}


@pytest.mark.parametrize("mount", [
    {"type": "bind", "src": "~other/x"}, {"type": "bind", "src": "/usr", "dst": "~/x"},
    {"type": "ephemeral", "dst": "~"}])
def test_a_tilde_is_nothing_else_anywhere_else(person, mount):
    line = person.run("app", "--dry-run", person.config(filesystem=[mount])).stderr
    assert "not an absolute path" in line


# -- what the pages say ---------------------------------------------------------------------------

def test_each_override_that_the_pages_show_changes_what_is_installed(person, places):
    plain = person.run("show", "mpv").stdout
    pages = [(SOURCE / "docs" / name).read_text() for name in ("apps.md", "configuration.md")]
    found = re.findall(r"```json\n(.*?)```", pages[0] + pages[1].split("### Overrides")[1]
                       .split("### Who")[0], re.S)
    assert len(found) == 6
    for text in found:
        path = places.write("own", "mpv.d/page.json", text)
        result = person.run("show", "mpv")
        assert result.status == 0 and f"Changed by:     {path}\n" in result.stdout, result
        assert result.stdout.split("\n\n", 1)[1] != plain.split("\n\n", 1)[1]


# -- those that are installed --------------------------------------------------------------------

@pytest.mark.parametrize("path", sorted((SOURCE / "data/apps").glob("*.json")),
                         ids=lambda path: path.stem)
def test_an_installed_configuration_is_good_and_explained(person, places, path):
    assert (places.data / path.name).read_text() == path.read_text()
    result = person.run("show", path.stem)
    assert (result.status, result.stderr) == (0, ""), result
    assert f"| `{path.stem}` |" in (SOURCE / "docs/apps.md").read_text()
