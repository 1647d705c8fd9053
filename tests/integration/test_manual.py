# SPDX-License-Identifier: MIT
"""hakurei(1) says what the program says of itself."""

import re

import pytest

pytestmark = pytest.mark.once


@pytest.fixture
def page(person):
    """The installed page without its fonts: {section: {subsection: text}}; "" is what is before."""
    path = person.prefix.path / "share/man/man1/hakurei.1"
    text = re.sub(r"\\f[BIRP]|\\&", "", path.read_text()).replace("\\-", "-")
    sections = {}
    for part in re.split(r"^\.SH ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        before, *rest = re.split(r"^\.SS ", body, flags=re.MULTILINE)
        sections[name.strip('"')] = {"": before} | {
            sub.partition("\n")[0].strip('"'): sub.partition("\n")[2] for sub in rest}
    return sections


def options_of_page(text):
    """Every line that starts with an option: the names, and their value."""
    return {line for line in text.splitlines() if re.match(r"--?[A-Za-z]", line)}


def options_of_help(text):
    """What is longer than its column has a line of its own."""
    return {(line[2:28] if line[28:29] == " " else line[2:]).strip()
            for line in text.splitlines() if line.startswith("  -")}


def test_the_commands_of_the_page_are_those_of_the_program(person, page):
    commands = person.run().stdout.split("commands:\n")[1].split("\n\n")[0]
    assert list(page["COMMANDS"])[1:] == re.findall(r"^  (\S+)", commands, re.MULTILINE)


def test_each_command_has_its_options_and_its_usage_in_the_page(person, page):
    for command, text in page["COMMANDS"].items():
        if not command:
            continue
        usage, _, rest = person.run("help", command).stdout.partition("\n")
        own = rest.split("with every command:")[0]
        assert options_of_page(text) == options_of_help(own), command
        assert usage.removeprefix("usage: hakurei [-v] [--json] ") in text
        assert len(options_of_help(own)) == own.count("\n  -")


def test_the_pages_that_it_refers_to_are_installed_or_are_of_others(person, page):
    manual = person.prefix.path / "share/man"
    named = re.findall(r"(\S+)\((\d)\)", page["SEE ALSO"][""])
    ours = {(name, section) for name, section in named if name.startswith(("hakurei", "hsu"))}
    assert ("hsu", "8") in ours
    for name, section in ours:
        assert (manual / f"man{section}" / f"{name}.{section}").exists()


def test_the_options_in_front_and_the_exit_statuses_are_in_the_page(person, page):
    overview = person.run().stdout
    assert options_of_page(page["OPTIONS"][""]) == options_of_help(overview)
    statuses = re.findall(r"^  (\S+) +(.+)", overview.split("exit status:\n")[1], re.MULTILINE)
    assert len(statuses) >= 6
    for status, meaning in statuses:
        assert f"\n{status}\n" in page["EXIT STATUS"][""]
        # A sentence; but a name stays as it is.
        named = meaning.startswith(("hakurei ", "run, app: "))
        assert (meaning if named else meaning[0].upper() + meaning[1:]) + ".\n" in (
            page["EXIT STATUS"][""])


def test_a_page_of_ours_that_another_one_names_is_installed(person):
    man = person.prefix.path / "share/man"
    pages = sorted(man.glob("man*/*"))
    assert {"hakurei.1", "hsu.8", "hsurc.5", "hakurei-security.7"} <= {page.name for page in pages}
    for page in pages:
        text = re.sub(r"\\f[BIRP]|\\&", "", page.read_text()).replace("\\-", "-")
        for name, number in re.findall(r"\b(hakurei[a-z-]*|hsu|hsurc)\((\d)\)", text):
            assert (man / f"man{number}/{name}.{number}").exists(), (page.name, name, number)
