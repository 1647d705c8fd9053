# SPDX-License-Identifier: MIT
"""The schema of configurations, which is made of the table of keys, against `hakurei check`: it never
refuses what a start takes, and refuses all that a schema can."""

import copy
import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

TREE = Path(__file__).resolve().parents[2]
FIXTURES = TREE / "tests/fixtures/config"
GOOD = [FIXTURES / "flat-full.json", FIXTURES / "nested-full.json",
        *sorted((TREE / "docs/examples").glob("*.json")), *sorted((TREE / "data/apps").glob("*.json"))]

# Bad files that are good for the schema, and why it cannot know.
ACCEPTED = {
    "autoetc-twice": "counts what two of a list have in common",
    "mount-long-component": "paths are cleaned first, and counted in bytes",
    "mount-long-path": "paths are cleaned first",
    "syntax-duplicate": "sees the last of them only",
    "syntax-nul": "any string may have any character",
    "type-integer-exponent": "1e9 is an integer for it",
    "type-integer-real": "1.0 is an integer for it",
}

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def schema(build_dir):
    return json.loads((build_dir / "data/config.schema.json").read_text())


@pytest.fixture(scope="module")
def validator(schema):
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.fixture(scope="module")
def problems(build_dir):
    """problems(files): of each the messages of its problems."""
    def run(files):
        done = subprocess.run([build_dir / "src/cli/hakurei", "--json", "check", *files],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=60)
        assert done.returncode in (0, 1) and done.stderr == "", done
        found = {str(file): [] for file in files}
        for one in json.loads(done.stdout):
            if one["severity"] == "problem":
                found[one["file"]].append(one["message"])
        return found
    return run


def test_it_is_installed(prefix, build_dir):
    installed = prefix.path / "share/hakurei/config.schema.json"
    assert installed.read_bytes() == (build_dir / "data/config.schema.json").read_bytes()
    assert installed.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_good_file_is_good(validator, path):
    validator.validate(json.loads(path.read_text()))


def test_the_template_is_good(validator, build_dir):
    done = subprocess.run([build_dir / "src/cli/hakurei", "template"], capture_output=True,
                          check=True)
    validator.validate(json.loads(done.stdout))


def test_bad_files_are_bad_but_for_what_a_schema_cannot_say(validator):
    accepted = set()
    documents = 0
    for path in sorted((FIXTURES / "bad").glob("*.json")):
        try:
            document = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            assert path.stem.startswith("syntax-")
            continue
        documents += 1
        if validator.is_valid(document):
            accepted.add(path.stem)
    assert accepted == set(ACCEPTED)
    assert documents > 100


# -- every value, exchanged for others ----------------------------------------------------------

# What only the other one knows: it sees paths as they are once cleaned, and several mounts.
UNSAYABLE = re.compile(
    r"only the first mount can be on /|a second special mount on /etc"
    r"|special needs / or /etc as dst|a bind on / that is not special"
    r"|bad interface string .* the id needs a dot")

# By type; of the others the first two.
VALUES = {
    bool: [True, False],
    type(None): [None],
    int: [0, 1, -1, 9999, 10000, 1023, 1024, 2**62],
    float: [0.5],
    str: ["", "a", "a.b", "/", "/etc", "/a:b", "/a\n", "/a//b/../c/", "~", "~/x", "~x", "a\n", "-a",
          "a..b", "a.*", "a=b", "x$", "é", "bind", "link", "a" * 65, "a" * 256],
    list: [[], [None], ["a"], ["a.b"], ["/a", "/b"], ["~/a", "~"], [{}]],
    dict: [{}, {"a": "b"}, {"a.b": None}, {"a.b": "c"}, {"": "c"}, {"a=b": "c"}],
}


def values_for(value):
    return [other for kind, others in VALUES.items()
            for other in (others if kind is type(value) else others[:2])]


def value_at(document, place):
    for key in place:
        document = None if key == "unknown" else document[key]
    return document


def places(value, so_far=()):
    """The place of every value in a document, but the whole, and of a key in each object that has
    none of that name."""
    for key, item in (value.items() if isinstance(value, dict) else enumerate(value)):
        yield (*so_far, key)
        if isinstance(item, (dict, list)):
            yield from places(item, (*so_far, key))
    if isinstance(value, dict):
        yield (*so_far, "unknown")


def different_places(document):
    """One of those that have the same rule: items of a list, keys of mounts of one type."""
    seen = set()
    for place in places(document):
        rule = []
        at = document
        for key in place:
            kind = at[key].get("type") if isinstance(key, int) and isinstance(at[key], dict) else ""
            rule.append(kind if isinstance(key, int) else key)
            at = at.get(key) if isinstance(at, dict) else at[key]
        if tuple(rule) not in seen:
            seen.add(tuple(rule))
            yield place


def exchanged(document, place, value):
    document = copy.deepcopy(document)
    at = document
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return document


def removed(document, place):
    document = copy.deepcopy(document)
    at = document
    for key in place[:-1]:
        at = at[key]
    if place[-1] != "unknown":
        del at[place[-1]]
    return document


@pytest.mark.parametrize("name", ["flat-full", "nested-full"])
def test_it_agrees_with_check_on_every_value(validator, problems, tmp_path, name):
    original = json.loads((FIXTURES / f"{name}.json").read_text())
    documents = []
    # What is deeper has the same rules in both layouts.
    for place in different_places(original):
        if name == "nested-full" and len(place) > 2:
            continue
        documents += [exchanged(original, place, value)
                      for value in values_for(value_at(original, place))]
        documents.append(removed(original, place))
    files = []
    for number, document in enumerate(documents):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(document))
    assert len(files) > 500
    found = {}
    for start in range(0, len(files), 1000):
        found |= problems(files[start:start + 1000])
    wrong = []
    both = {True: 0, False: 0}
    for file, document in zip(files, documents, strict=True):
        messages = found[str(file)]
        good = not [message for message in messages if not UNSAYABLE.search(message)]
        both[good] += 1
        if validator.is_valid(document) != good and not (messages and good):
            wrong.append((json.dumps(document), messages))
    assert not wrong[:3]
    assert min(both.values()) > 100
