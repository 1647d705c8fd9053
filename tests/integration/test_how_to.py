# SPDX-License-Identifier: MIT
"""docs/how-to.md, and each other override that the pages show: they do what is said, at a first start."""

import json
import os
import re
import subprocess

import pytest

from harness.build import SOURCE
from harness.person import CONFIG
from harness.snapshot import read_acl

pytestmark = pytest.mark.once

PAGES = ["how-to.md", "apps.md", "configuration.md"]
TEXTS = {name: (SOURCE / "docs" / name).read_text() for name in PAGES}
TEXTS["configuration.md"] = TEXTS["configuration.md"].split("### Overrides")[1].split("### Who")[0]
BLOCKS = [(name, text) for name in PAGES
          for text in re.findall(r"```json\n(.*?)```", TEXTS[name], re.S)]
SHELL = next(text for _, text in BLOCKS if '"/bin/bash"' in text)
# As long as there is no display here.
ALONE = {"enablements": None, "session_bus": None}


@pytest.fixture
def override(person):
    """override(NAME, text or value, ...): the files of NAME.d, in this order."""
    def write(name, *values):
        directory = person.user.home / f".config/hakurei/apps/{name}.d"
        directory.mkdir(parents=True, exist_ok=True)
        for number, value in enumerate(values):
            text = value if isinstance(value, str) else json.dumps(value)
            (directory / f"{number}.json").write_text(text)
    return write


def started(person, name, script):
    result = person.run("app", name, "-c", script)
    assert (result.status, result.stderr) == (0, ""), result
    return result.stdout


@pytest.mark.parametrize("page,text", BLOCKS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(BLOCKS)])
def test_an_override_that_a_page_shows_works_at_the_first_start(person, override, page, text):
    """Groups and what only they open are the machine's."""
    (person.user.home / "Downloads").mkdir()
    os.chown(person.user.home / "Downloads", person.user.uid, person.user.gid)
    value = json.loads(text)
    value.pop("groups+", None)
    override("firefox", value, SHELL, ALONE)
    assert started(person, "firefox", "test -w . && pwd") == "/home/firefox\n"
    if "Downloads" in text:
        place = person.user.home / "Downloads"
        started(person, "firefox", f"echo text >{place}/file")
        assert (place / "file").read_text() == "text\n" and not read_acl(place)


def test_what_the_tables_of_the_page_show_is_good(person):
    found = re.findall(r"`(\{\"(?:en|co|se).*?\})`[:;,. |]", TEXTS["how-to.md"])
    fragments = [json.loads(text) for text in found]
    assert len(fragments) > 5
    for fragment in fragments:
        document = {**CONFIG, **fragment}
        document["container"] = {**CONFIG["container"], **fragment.get("container", {})}
        result = person.run("show", person.write(json.dumps(document)))
        assert result.status == 0, (fragment, result)


def test_what_a_program_has_stored_is_removed_as_the_page_says(person, override):
    override("firefox", SHELL, ALONE)
    started(person, "firefox", "mkdir -p a/b && echo x >a/b/c && chmod 700 a")
    home = person.user.home / ".local/share/hakurei/firefox"
    assert (home / "a/b/c").exists()
    [command] = re.findall(r"hakurei app firefox -c '(.*?)'", TEXTS["how-to.md"].replace("\n", " "))
    started(person, "firefox", command)
    assert os.listdir(home) == []


def test_two_programs_share_a_directory_as_the_page_says(person, override):
    place = person.make("shared")
    uids = [person.target(identity) for identity in (101, 103)]
    acl = ",".join(f"u:{uid}:rwX" for uid in uids)
    assert "setfacl -d -m u:10101:rwX,u:10103:rwX ~/shared" in TEXTS["how-to.md"]
    subprocess.run(["setfacl", "-d", "-m", acl, place], check=True)
    share = {"extra_perms+": [{"path": "~/shared", "r": True, "w": True, "x": True}],
             "container": {"filesystem+": [{"type": "bind", "src": "~/shared", "write": True}]}}
    for name in ("firefox", "mpv"):
        override(name, share, SHELL, ALONE)
    started(person, "firefox", f"cd {place} && mkdir d && echo one >file && echo one >d/file")
    script = f"cd {place} && echo two >>file && echo two >>d/file && cat file d/file"
    assert started(person, "mpv", script) == "one\ntwo\none\ntwo\n"
