# SPDX-License-Identifier: MIT
"""hakurei-config(5) has every key that there is, with its type and its default. Compared with the
schema, which another program makes of the same table, and with what is read."""

import json
import re
import subprocess

import pytest

pytestmark = pytest.mark.once

# Which section of the page has the keys of which definition of the schema.
SECTIONS = {
    "ENABLEMENTS": "enablements",
    "BUS POLICY": "bus-policy",
    "EXTRA PERMISSIONS": "permission",
    "CONTAINER": "flat-container",
    "MOUNTS": None,
    "bind": "bind",
    "ephemeral": "ephemeral",
    "overlay": "overlay",
    "link": "link",
}
PROGRAM = ["path", "args", "username", "shell", "home"]


@pytest.fixture(scope="module")
def page(prefix):
    """The installed page: {section: {key: (what is in its parentheses, text)}}."""
    text = (prefix.path / "share/man/man5/hakurei-config.5").read_text()
    text = re.sub(r"\\f[BIRP]|\\&", "", text).replace("\\-", "-")
    sections = {}
    for part in re.split(r"^\.S[HS] ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        sections[name.strip('"')] = {
            key: (facts, about.strip()) for key, facts, about in
            re.findall(r"^([a-z0-9_]+) \((.*)\)\n(?:\.RS 4\n)?(.*)$", body, re.MULTILINE)}
    return sections


@pytest.fixture(scope="module")
def definitions(build_dir):
    return json.loads((build_dir / "data/config.schema.json").read_text())["definitions"]


def test_each_section_has_the_keys_of_the_schema_and_no_others(page, definitions):
    flat = list(definitions["flat"]["properties"])
    assert sorted([*page["AT THE TOP"], *page["THE PROGRAM"]]) == sorted(flat)
    assert list(page["THE PROGRAM"]) == PROGRAM
    for section, name in SECTIONS.items():
        keys = definitions[name]["properties"] if name else {}
        assert set(page[section]) == {key for key, schema in keys.items()
                                      if schema != {"type": "null"}}, section


def test_each_key_has_its_default_and_its_range(page, definitions):
    compared = 0
    for section, name in [("AT THE TOP", "flat"), ("THE PROGRAM", "flat"), *SECTIONS.items()]:
        for key, (facts, text) in page[section].items():
            schema = definitions[name]["properties"][key]
            assert text and text.lower().removesuffix(".") in schema["description"].lower()
            assert ("; needed" in facts) == (key in definitions[name]["required"] or
                                             key in ("path", "shell")), key
            if "default" in schema:
                assert facts.endswith(f"default: {json.dumps(schema['default'])}"), key
                compared += 1
            if schema.get("type") == "integer" and schema["maximum"] < 2**62:
                assert f"integer, {schema['minimum']} to {schema['maximum']};" in facts
    assert compared > 30


def test_the_defaults_are_those_of_the_reader(definitions, person):
    """Whoever writes a default down changes nothing."""
    document = {"home": "/h", "path": "/p", "shell": "/s", "session_bus": {}, "system_bus": {},
                "extra_perms": [{"path": "/e"}], "enablements": {}, "container": {"filesystem": [
                    {"type": "bind", "src": "/b"}, {"type": "ephemeral", "dst": "/t"},
                    {"type": "overlay", "dst": "/o", "lower": ["/l", "/m"]},
                    {"type": "link", "dst": "/k", "linkname": "n"}]}}
    mounts = document["container"]["filesystem"]
    objects = {"flat": document, "flat-container": document["container"],
               "enablements": document["enablements"], "permission": document["extra_perms"][0],
               "bus-policy": document["session_bus"],
               **{mount["type"]: mount for mount in mounts}}
    before = person.run("--json", "show", "-", stdin=json.dumps(document))
    assert before.status == 0
    written = 0
    for name, target in objects.items():
        for key, schema in definitions[name]["properties"].items():
            if "default" in schema:
                assert key not in target
                target[key] = schema["default"]
                written += 1
    after = person.run("--json", "show", "-", stdin=json.dumps(document))
    assert written > 30 and after == before


def test_the_example_of_the_page_is_a_good_configuration(prefix, build_dir):
    text = (prefix.path / "share/man/man5/hakurei-config.5").read_text()
    [example] = re.findall(r"^\{\n.*?^\}\n", text, re.MULTILINE | re.DOTALL)
    done = subprocess.run([build_dir / "src/cli/hakurei", "check", "-"], input=example,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.count("\n") == 1 and ": container.tty: " in done.stdout
