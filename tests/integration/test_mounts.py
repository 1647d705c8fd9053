# SPDX-License-Identifier: MIT
"""Every kind of mount with every flag, and every way in which one can fail.

A refusal has status 125, one line that names the mount, the path and the cause, and leaves the
host as it was: Box.refused looks at all of it.
"""

import os

import pytest

from harness.container import (HOME, bind, box, ephemeral, fstype_of, link, make_dir,  # noqa: F401
                               make_file, make_link, mount_at, mounted, options_of, overlay, place)

TARGET = 65534
READ_ONLY = ["ro", "nosuid", "nodev"]
WRITABLE = ["rw", "nosuid", "nodev"]
DEVICES = ["rw", "nosuid"]


# -- bind ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("flags, options", [
    ({}, READ_ONLY), ({"write": True}, WRITABLE), ({"dev": True}, DEVICES),
    ({"write": True, "dev": True}, DEVICES), ({"optional": True}, READ_ONLY),
])
def test_a_bind_has_the_flags_asked_for_and_no_others(box, place, flags, options):
    make_dir(place / "data", owner=box.uid())
    node = place / "data/null"
    os.mknod(node, 0o666 | 0o020000, os.makedev(1, 3))
    node.chmod(0o666)
    facts, write, device = box.inside(
        box.config(bind(place / "data", "/data", **flags)), ["facts"],
        ["write", "/data/new", "x"], ["write", "/data/null", "x"])
    assert options_of(mount_at(facts, "/data")) == options
    assert write["errno"] == (None if "rw" in options else "EROFS")
    assert device["errno"] == ("EACCES" if "nodev" in options else None)


def test_without_dst_a_bind_is_where_its_source_is(box, place):
    make_file(place / "file", "here")
    read = box.inside(box.config(bind(place)), ["read", place / "file"])[0]
    assert read["text"] == "here"


def test_flags_reach_everything_mounted_below_a_source(box, place):
    below = make_dir(place / "data/a/b")
    with mounted("-t", "tmpfs", "tmpfs", at=make_dir(place / "data/a")):
        below.mkdir()
        with mounted("-t", "tmpfs", "-o", "mode=777", "tmpfs", at=below):
            for flags, options in (({}, READ_ONLY), ({"write": True}, WRITABLE)):
                facts = box.facts(box.config(bind(place / "data", "/data", **flags)))
                found = [mount for mount in facts["mounts"]
                         if mount["mount_point"].startswith("/data")]
                assert [options_of(mount) for mount in found] == [options] * 3
                assert [mount["propagation"] for mount in found] == [[]] * 3


def test_the_hosts_own_restrictions_stay(box, place):
    """A writable bind of a mount that the host keeps read-only or noexec is not more than that."""
    with mounted("-t", "tmpfs", "-o", "ro,noexec,nosuid,nodev", "tmpfs", at=place):
        facts = box.facts(box.config(bind(place, "/data", dev=True)))
    assert options_of(mount_at(facts, "/data")) == ["ro", "nosuid", "nodev", "noexec"]


def test_a_file_is_bound_onto_a_file(box, place):
    make_file(place / "source", "content", owner=box.uid())
    facts, read, stat, write = box.inside(
        box.config(bind(place / "source", "/a/b/file", write=True)), ["facts"],
        ["read", "/a/b/file"], ["stat", "/a/b"], ["write", "/a/b/file", "new"])
    assert options_of(mount_at(facts, "/a/b/file")) == WRITABLE
    assert (read["text"], stat["mode"], write["errno"]) == ("content", "0700", None)
    assert (place / "source").read_text() == "new"


def test_a_socket_and_a_pipe_can_be_bound(box, place):
    os.mkfifo(place / "pipe", 0o666)
    stat = box.inside(box.config(bind(place / "pipe", "/pipe")), ["stat", "/pipe"])[0]
    assert stat["type"] == "fifo"


def test_a_missing_source_is_an_error_unless_optional(box, place):
    missing = place / "missing"
    box.refused(box.config(bind(missing, "/data")), "bind '/data'", f"'{missing}'",
                "No such file or directory", paths=[place])
    listed = box.inside(box.config(bind(missing, "/data", optional=True)), ["ls", "/data"])[0]
    assert listed["errno"] == "ENOENT"
    below_missing = bind(missing / "deeper/still", "/data", optional=True)
    assert box.inside(box.config(below_missing), ["ls", "/data"])[0]["errno"] == "ENOENT"


def test_optional_forgives_nothing_but_a_missing_source(box, place):
    make_link(place / "loop", "loop")
    make_dir(place / "closed", mode=0o700, owner=box.user.uid)
    box.refused(box.config(bind(place / "loop", "/data", optional=True)), "bind '/data'", "loop",
                "ymbolic link")  # "Too many levels of symbolic links", or musl's words
    box.refused(box.config(bind(place / "closed/in", "/data", optional=True)), "bind '/data'",
                "closed/in", "Permission denied")


def test_ensure_makes_the_source_as_the_target_and_its_parents_closed(box, place):
    base = make_dir(place / "base", owner=box.uid())
    config = box.config(bind(base / "a/b", "/data", ensure=True, write=True))
    assert box.inside(config, ["write", "/data/kept", "x"], umask=0)[0]["ok"]
    for path in (base / "a", base / "a/b"):
        assert (path.stat().st_mode & 0o7777, path.stat().st_uid) == (0o700, box.uid())
    assert box.inside(config, ["read", "/data/kept"])[0]["text"] == "x"


def test_ensure_changes_nothing_that_is_there(box, place):
    make_dir(place / "there", mode=0o755)
    make_file(place / "there/file", "x")
    before = box.host(place)
    read = box.inside(box.config(bind(place / "there", "/data", ensure=True)),
                      ["read", "/data/file"])[0]
    assert read["text"] == "x" and before.differences(box.host(place)) == []


def test_ensure_where_the_target_may_not_is_an_error(box, place):
    box.refused(box.config(bind(place / "new", "/data", ensure=True)), "bind '/data'", "'new'",
                "Permission denied", paths=[place])


# -- links in a source ---------------------------------------------------------------------------

def test_a_source_behind_links_of_the_system_is_found(box, place):
    """bubblewrap #801: refusing every link broke /var/run, /lib64 and /home -> /var/home."""
    make_file(make_dir(place / "run/service") / "socket", "found")
    make_link(make_dir(place / "var") / "run", "../run")
    make_link(place / "home", place / "var")
    make_link(place / "file", "home/run/service/socket")
    for source in (place / "var/run/service/socket", place / "home/run/service/socket",
                   place / "file"):
        read = box.inside(box.config(bind(source, "/data")), ["read", "/data"])[0]
        assert read["text"] == "found", source
    real = box.inside(box.config(bind("/lib64", "/data")), ["ls", "/data"])[0]
    assert real["names"] == sorted(os.listdir("/lib64"))


def test_a_link_of_the_persons_is_followed(box, place):
    make_file(place / "file", "found")
    mine = make_dir(place / "mine", owner=box.user.uid)
    make_link(mine / "link", "../file", owner=box.user.uid)
    assert box.inside(box.config(bind(mine / "link", "/data")), ["read", "/data"])[0]["ok"]


def test_a_link_that_the_target_owns_is_refused_by_name(box, place):
    """CVE-2024-42472 (Flatpak): a program had put a link where its directory was."""
    make_file(place / "file", "not meant")
    own = make_dir(place / "own", owner=box.uid())
    make_link(own / "last", place / "file", owner=box.uid())
    make_link(own / "middle", place, owner=box.uid())
    for source, name in ((own / "last", own / "last"), (own / "middle/file", own / "middle")):
        for flags in ({}, {"optional": True}, {"ensure": True}):
            box.refused(box.config(bind(source, "/data", **flags)), "bind '/data'", f"'{name}'",
                        "belongs to the program's own user", paths=[place])
    # Another identity's link is another hostile user's, and stays within what that one may read.
    assert box.inside(box.config(bind(own / "last", "/data"), identity=1), ["read", "/data"])


def test_a_link_to_nowhere_and_a_loop_of_links_are_named(box, place):
    make_link(place / "nowhere", "missing")
    make_link(place / "one", "two")
    make_link(place / "two", "one")
    box.refused(box.config(bind(place / "nowhere", "/data")), "bind '/data'", "missing",
                "No such file or directory", paths=[place])
    box.refused(box.config(bind(place / "one", "/data")), "bind '/data'", place,
                "ymbolic link", paths=[place])


def test_a_source_that_the_target_may_not_reach_is_an_error(box, place):
    """The person could read it; the rights that count are the program's."""
    secret = make_dir(place / "secret", mode=0o700, owner=box.user.uid)
    make_file(secret / "file", mode=0o644, owner=box.user.uid)
    make_file(place / "unreadable", mode=0o600, owner=box.user.uid)
    box.refused(box.config(bind(secret / "file", "/data")), "bind '/data'", secret / "file",
                "Permission denied", paths=[place])
    # A file can be bound without being read; it stays what it is.
    answer = box.inside(box.config(bind(place / "unreadable", "/data")), ["read", "/data"])[0]
    assert answer["errno"] == "EACCES"


# -- targets -------------------------------------------------------------------------------------

def test_a_mount_below_another_is_put_there(box, place):
    make_dir(place / "outer/inner")
    make_file(make_dir(place / "other") / "file", "x")
    config = box.config(bind(place / "outer", "/data"), bind(place / "other", "/data/inner"))
    assert box.inside(config, ["read", "/data/inner/file"])[0]["text"] == "x"


def test_a_later_mount_covers_an_earlier_one(box, place):
    make_file(make_dir(place / "first") / "first")
    make_file(make_dir(place / "second") / "second")
    config = box.config(bind(place / "first", "/data"), bind(place / "second", "/data"))
    assert box.inside(config, ["ls", "/data"])[0]["names"] == ["second"]


def test_a_target_that_is_missing_in_what_is_bound_is_an_error_and_not_made(box, place):
    """Nothing is ever created on the host, whether or not it could be."""
    make_dir(place / "closed")
    make_dir(place / "open", owner=box.uid())
    make_file(place / "file")
    make_dir(place / "directory")
    for outer in (bind(place / "closed", "/data"), bind(place / "open", "/data", write=True)):
        for mount, kind in ((bind(place / "file", "/data/a/b"), "bind"),
                            (bind(place / "directory", "/data/a/b"), "bind"),
                            (ephemeral("/data/a/b"), "tmpfs"),
                            (overlay("/data/a/b", place / "closed", place / "directory"),
                             "overlay")):
            box.refused(box.config(outer, mount), f"{kind} '/data/a/b'", "'a'",
                        "nothing is created there", paths=[place])
        box.refused(box.config(outer, link("/data/new", "x")), "link '/data/new'",
                    "Read-only file system", paths=[place])


def test_a_target_below_a_file_is_an_error(box, place):
    make_file(place / "file")
    make_dir(place / "directory")
    config = box.config(bind(place / "file", "/a/file"))
    for mount in (bind(place / "directory", "/a/file/deeper"), ephemeral("/a/file/deeper")):
        config["container"]["filesystem"][2:] = [bind(place / "file", "/a/file"), mount]
        box.refused(config, "'/a/file/deeper'", "Not a directory", paths=[place])


def test_a_file_covers_no_directory_and_a_directory_no_file(box, place):
    make_file(place / "file")
    make_dir(place / "directory")
    box.refused(box.config(bind(place / "directory", "/data"), bind(place / "file", "/data")),
                "bind '/data'", "Is a directory")
    box.refused(box.config(bind(place / "file", "/data"), bind(place / "directory", "/data")),
                "bind '/data'", "Not a directory")
    box.refused(box.config(bind(place / "file", "/data"), ephemeral("/data")), "tmpfs '/data'",
                "Not a directory")
    box.refused(box.config(bind(place / "file", "/data"), link("/data", "x")), "link '/data'",
                "File exists")


@pytest.mark.parametrize("mapping", [{}, {"map_real_uid": True}])
def test_a_target_through_links_of_the_system_is_found(box, place, mapping):
    """A link of the configuration, or somebody else's in a read-only bind, is no danger: /lib64
    and the like in an image."""
    make_file(place / "file", "x")
    make_dir(place / "image/real")
    make_link(place / "image/link", "real")
    make_link(place / "image/of-the-person", "real", owner=box.user.uid)
    config = box.config(ephemeral("/real"), link("/link", "real"),
                        bind(place / "file", "/link/file"),
                        bind(place / "image", "/image"), ephemeral("/image/link"),
                        bind(place / "image", "/again"), ephemeral("/again/of-the-person"),
                        **mapping)
    facts, read = box.inside(config, ["facts"], ["read", "/real/file"])
    assert read["text"] == "x"
    assert mount_at(facts, "/image/real")["fstype"] == "tmpfs"
    assert mount_at(facts, "/again/real")["fstype"] == "tmpfs"


@pytest.mark.parametrize("mode, owned", [(0o755, True), (0o555, True), (0o777, False),
                                         (0o1777, False)])
@pytest.mark.parametrize("mapping", [{}, {"map_real_uid": True}])
def test_a_target_through_a_link_that_the_target_could_have_made_is_refused(box, place, mapping,
                                                                            mode, owned):
    """Also in a read-only bind: what is bound may be writable by another way. A directory of the
    target's is open to it whatever its mode is at the moment."""
    make_dir(place / "image/real")
    make_link(place / "image/link", "real", owner=box.uid())
    make_dir(place / "image", mode=mode, owner=box.uid() if owned else 0)
    box.refused(box.config(bind(place / "image", "/image"), ephemeral("/image/link"), **mapping),
                "tmpfs '/image/link'", "symbolic link that the program could have made",
                paths=[place])


# -- relative and otherwise impossible paths -----------------------------------------------------

@pytest.mark.parametrize("mount", [
    bind("data", "/data"), {"type": "bind", "src": "/usr", "dst": "data"},
    {"type": "bind", "src": "/usr", "dst": "../data"}, ephemeral("tmp"),
    overlay("data", "/a", "/b"), overlay("/data", "a", "/b"),
    overlay("/data", "/a", upper="u", work="/w"), link("data", "x"),
    {"type": "bind", "src": "", "dst": "/data"},
    link("/data", "relative", dereference=True),
])
def test_what_is_not_an_absolute_path_is_refused(box, mount):
    line = box.refused(box.config(mount))
    assert "filesystem[2]" in line or "invalid filesystem at index 2" in line


def test_paths_are_cleaned_before_they_are_used(box, place):
    make_file(place / "file", "x")
    config = box.config({"type": "bind", "src": f"{place}/./nothing/..//file",
                         "dst": "/a/../b//c/./d"})
    assert box.inside(config, ["read", "/b/c/d"])[0]["text"] == "x"


# -- special binds: autoroot, autoetc ------------------------------------------------------------

@pytest.fixture
def image(box, place):
    """A directory that looks like a root. Everything a container needs is there."""
    root = make_dir(place / "image")
    for name in ("bin", "dev", "etc", "mnt", "proc", "run", "sub", "tmp", ".hakurei",
                 HOME.lstrip("/"), f"run/user/{TARGET}"):
        make_dir(root / name)
    for name in ("probe", "etc/passwd", "etc/group", "etc/own", "file"):
        make_file(root / name, f"{name} of the image\n")
    make_link(root / "link", "sub/../file")
    make_link(root / "lib64", "/usr/lib64")
    return root


@pytest.mark.parametrize("flags, options", [
    ({}, READ_ONLY), ({"write": True}, WRITABLE), ({"dev": True}, DEVICES)])
def test_autoroot_binds_the_entries_but_those_of_our_own(box, image, flags, options):
    image.joinpath("probe").unlink()
    root = bind(image, "/", special=True, **flags)
    facts, listed, text, read = box.inside(box.config(root=root), ["facts"], ["ls", "/"],
                                           ["readlink", "/link"], ["read", "/link"])
    assert listed["names"] == [".hakurei", "bin", "dev", "etc", "file", "home", "lib64", "link",
                               "probe", "proc", "run", "sub", "tmp"]
    for name in ("bin", "run", "sub", "file", "home"):
        assert options_of(mount_at(facts, f"/{name}")) == options
    # The root itself, proc, dev, tmp and etc are the container's own.
    assert options_of(mount_at(facts, "/")) == READ_ONLY
    assert mount_at(facts, "/")["fstype"] == mount_at(facts, "/tmp")["fstype"] == "tmpfs"
    assert not [mount for mount in facts["mounts"] if mount["mount_point"] == "/etc"]
    assert (text["text"], read["text"]) == ("sub/../file", "file of the image\n")


def test_autoroot_with_an_entry_that_cannot_be_bound_names_it(box, image):
    make_dir(image / "closed", mode=0)  # can be bound: it is only not readable
    root = bind(image, "/", special=True)
    assert box.inside(box.config(root=root), ["ls", "/closed"])[0]["errno"] == "EACCES"
    box.refused(box.config(root=bind(image / "closed", "/", special=True)), "root '/'",
                image / "closed", "Permission denied")


def test_autoetc_shows_the_hosts_etc_but_our_passwd_and_group(box, image):
    make_link(image / "etc/mtab", "/somewhere")
    make_dir(image / "etc/directory")
    config = box.config(bind(image / "etc", "/etc", special=True))
    facts, listed, own, mtab, passwd, read, group, host = box.inside(
        config, ["facts"], ["ls", "/etc"], ["readlink", "/etc/own"], ["readlink", "/etc/mtab"],
        ["read", "/etc/passwd"], ["read", "/etc/own"], ["read", "/etc/group"], ["ls", "/etc/.host"])
    assert listed["names"] == [".host", "directory", "group", "mtab", "own", "passwd"]
    instance = host["names"][0]
    assert len(host["names"]) == 1 and len(instance) == 32
    assert own["text"] == f".host/{instance}/own" and read["text"] == "etc/own of the image\n"
    assert mtab["text"] == "/proc/mounts"
    assert passwd["text"] == f"chronos:x:{TARGET}:{TARGET}:Hakurei:{HOME}:/bin/sh\n"
    assert group["text"] == f"hakurei:x:{TARGET}:\n"
    assert options_of(mount_at(facts, f"/etc/.host/{instance}")) == READ_ONLY


def test_autoetc_is_read_only_whatever_is_asked(box, image):
    os.chown(image / "etc", box.uid(), box.uid())
    config = box.config(bind(image / "etc", "/etc", special=True, write=True))
    assert box.inside(config, ["write", "/etc/own", "x"])[0]["errno"] != None  # noqa: E711
    assert (image / "etc/own").read_text() == "etc/own of the image\n"


# -- ephemeral -----------------------------------------------------------------------------------

def test_an_ephemeral_mount_is_empty_and_read_only_unless_asked(box):
    facts, stat, listed, write = box.inside(
        box.config(ephemeral("/data/deep")), ["facts"], ["stat", "/data/deep"],
        ["ls", "/data/deep"], ["write", "/data/deep/new", "x"])
    assert options_of(mount_at(facts, "/data/deep")) == READ_ONLY
    assert (stat["mode"], stat["uid"], listed["names"]) == ("0755", TARGET, [])
    assert write["errno"] == "EROFS"


def test_an_ephemeral_mount_holds_what_its_size_allows(box):
    config = box.config(ephemeral("/small", write=True, size=65536), ephemeral("/big", write=True))
    facts, small, big = box.inside(config, ["facts"], ["write", "/small/f", "x" * 100000],
                                   ["write", "/big/f", "x" * 100000])
    assert options_of(mount_at(facts, "/small")) == WRITABLE
    assert "size=64k" in mount_at(facts, "/small")["super_options"]
    assert (small["errno"], big["errno"]) == ("ENOSPC", None)


def test_ephemeral_mounts_without_a_size_are_on_one_file_system_and_apart_from_each_other(box):
    config = box.config(ephemeral("/a", write=True), ephemeral("/b"),
                        ephemeral("/a/c", write=True), ephemeral("/small", write=True, size=65536),
                        ephemeral("/small/big", write=True))
    facts, *writes, a, b, c = box.inside(
        config, ["facts"], ["write", "/a/f", "x"], ["write", "/a/c/f", "x"],
        ["write", "/b/f", "x"], ["write", "/f", "x"], ["write", "/small/big/f", "x" * 100000],
        ["ls", "/a"], ["ls", "/b"], ["ls", "/a/c"])
    root, *others = (mount_at(facts, path)["device"]
                     for path in ("/", "/a", "/b", "/a/c", "/dev", "/small", "/small/big"))
    assert others[:4] == [root] * 4
    assert len({root, *others}) == 3
    assert [write["errno"] for write in writes] == [None, None, "EROFS", "EROFS", None]
    assert (a["names"], b["names"], c["names"]) == (["c", "f"], [], ["f"])


def test_an_ephemeral_mount_covers_what_was_put_there_before(box, place):
    make_file(place / "file")
    config = box.config(
        link("/links/x", "y"), ephemeral("/links"), ephemeral("/written"),
        bind(place / "file", "/written/file"), ephemeral("/written"),
        link("/elsewhere", "links"), ephemeral("/elsewhere", write=True))
    facts, links, written, elsewhere = box.inside(
        config, ["facts"], ["ls", "/links"], ["ls", "/written"], ["readlink", "/elsewhere"])
    assert (links["names"], written["names"], elsewhere["text"]) == ([], [], "links")
    last = [mount for mount in facts["mounts"] if mount["mount_point"] == "/links"][-1]
    assert options_of(last) == WRITABLE


@pytest.mark.parametrize("perm, parents", [(0o700, "0700"), (0o750, "0750"), (0o1777, "0755"),
                                           (0o555, "0755")])
def test_the_mode_of_an_ephemeral_mount_is_exact_and_its_parents_are_no_more_open(
        box, perm, parents):
    stats = box.inside(box.config(ephemeral("/a/b/c", perm=perm)), ["stat", "/a/b/c"],
                       ["stat", "/a/b"], ["stat", "/a"], umask=0o077)
    assert [stat["mode"] for stat in stats] == [f"{perm:04o}", parents, parents]


def test_mounts_can_be_put_into_an_ephemeral_one_that_ends_up_read_only(box, place):
    make_file(place / "file", "x")
    config = box.config(ephemeral("/data"), bind(place / "file", "/data/a/file"),
                        link("/data/link", "a/file"))
    facts, read, write = box.inside(config, ["facts"], ["read", "/data/link"],
                                    ["write", "/data/new", "x"])
    assert (read["text"], write["errno"]) == ("x", "EROFS")
    assert options_of(mount_at(facts, "/data")) == READ_ONLY


# -- link ----------------------------------------------------------------------------------------

def test_a_link_holds_its_text_or_what_the_hosts_link_holds(box, place):
    make_link(place / "link", "some/where")
    config = box.config(link("/plain", "../any thing"), link("/a/b/deep", "/x"),
                        link("/read", place / "link", dereference=True))
    plain, deep, read = box.inside(config, *(["readlink", path] for path in
                                             ("/plain", "/a/b/deep", "/read")))
    assert [answer["text"] for answer in (plain, deep, read)] == ["../any thing", "/x",
                                                                  "some/where"]


def test_dereferencing_something_that_is_no_link_is_an_error(box, place):
    make_file(place / "file")
    for name, cause in (("file", "Invalid argument"), ("missing", "No such file")):
        box.refused(box.config(link("/data", place / name, dereference=True)),
                    "invalid filesystem at index 2", place / name, cause)


def test_the_same_link_twice_is_fine_and_another_is_an_error(box):
    box.inside(box.config(link("/data", "x"), link("/data", "x")), ["readlink", "/data"])
    box.refused(box.config(link("/data", "x"), link("/data", "y")), "link '/data'", "File exists")


# -- overlay -------------------------------------------------------------------------------------

@pytest.fixture
def layers(box, place):
    """upper and work of the target's, two lower ones of root's."""
    for name, owner in (("lower1", 0), ("lower2", 0), ("upper", box.uid()), ("work", box.uid())):
        make_dir(place / name, owner=owner)
    make_file(place / "lower1/both", "upmost")
    make_file(place / "lower2/both", "lowest")
    make_file(place / "lower1/one", "1")
    make_file(place / "lower2/two", "2")
    return place


def test_a_read_only_overlay_shows_the_first_layer_on_top(box, layers):
    facts, listed, read, write = box.inside(
        box.config(overlay("/data", layers / "lower1", layers / "lower2")), ["facts"],
        ["ls", "/data"], ["read", "/data/both"], ["write", "/data/new", "x"])
    mount = mount_at(facts, "/data")
    assert (mount["fstype"], write["errno"]) == ("overlay", "EROFS")
    assert options_of(mount)[1:] == ["nosuid", "nodev"]
    assert (listed["names"], read["text"]) == (["both", "one", "two"], "upmost")


def test_a_writable_overlay_writes_to_its_upper_directory_only(box, layers):
    before = box.host(layers / "lower1", layers / "lower2")
    config = box.config(overlay("/data", layers / "lower1", upper=layers / "upper",
                                work=layers / "work"))
    assert box.inside(config, ["write", "/data/new", "kept"], ["remove", "/data/new"],
                      ["write", "/data/again", "kept"])[0]["ok"]
    assert (layers / "upper/again").read_text() == "kept"
    assert box.inside(config, ["read", "/data/again"])[0]["text"] == "kept"
    assert before.differences(box.host(layers / "lower1", layers / "lower2")) == []


def test_layers_may_have_names_that_mount_options_would_trip_over(box, place):
    names = ["comma,", "colon:", "back\\slash", "blank ", "equals=", "l" * 250]
    make_dir(place / "colon:comma,")
    for name in names:
        make_file(make_dir(place / name) / "file", name)
    for name in names:
        config = box.config(overlay("/data", place / name, place / "colon:comma,"))
        assert box.inside(config, ["read", "/data/file"])[0]["text"] == name


def test_an_upper_directory_serves_one_container_at_a_time(box, layers):
    make_dir(layers / "upper2", owner=box.uid())
    make_dir(layers / "work2", owner=box.uid())
    first = box.config(overlay("/data", layers / "lower1", upper=layers / "upper",
                               work=layers / "work"))
    with box.running(first, ["wait"]) as (running, _):
        for upper, work, named in (("upper", "work", "upper"), ("upper", "work2", "upper"),
                                   ("upper2", "work", "work")):
            mount = overlay("/data", layers / "lower2", upper=layers / upper, work=layers / work)
            line = refused_meanwhile(box, box.config(mount))
            assert "overlay '/data'" in line
            assert f"'{layers / named}' is in use by another container" in line
        # Lower layers are shared freely.
        box.facts(box.config(overlay("/data", layers / "lower1", layers / "lower2")))
        box.rest(running)
    box.facts(first)  # free again


def refused_meanwhile(box, config):
    """Box.refused, for while another container runs and the host is not at rest."""
    outcome = box.run(config, "facts")
    assert (outcome.status, outcome.stdout) == (125, ""), outcome
    return outcome.stderr


@pytest.mark.parametrize("bad", ["missing", "file"])
@pytest.mark.parametrize("role", ["lower", "upper", "work"])
def test_a_layer_that_is_no_directory_is_named(box, layers, bad, role):
    make_file(layers / "file")
    cause = "No such file" if bad == "missing" else "Not a directory"
    paths = {"lower": layers / "lower1", "upper": layers / "upper", "work": layers / "work",
             role: layers / bad}
    mount = overlay("/data", paths["lower"], upper=paths["upper"], work=paths["work"])
    box.refused(box.config(mount), "overlay '/data'", layers / bad, cause, paths=[layers])


def test_a_layer_with_something_mounted_below_it_is_named(box, layers):
    below = make_dir(layers / "lower2/below")
    with mounted("-t", "tmpfs", "tmpfs", at=below):
        box.refused(box.config(overlay("/data", layers / "lower1", layers / "lower2")),
                    "overlay '/data'", f"something is mounted below the layer '{layers}/lower2'")


def test_too_many_layers_are_an_error(box, layers):
    many = [layers / "lower1", layers / "lower2"] * 250
    line = box.refused(box.config(overlay("/data", *many)), "overlay '/data'")
    assert "layers" in line or "mount the overlay" in line
    enough = [make_dir(layers / f"layer{number}") for number in range(60)]
    assert box.facts(box.config(overlay("/data", *enough)))


def test_an_upper_directory_that_the_target_cannot_write_takes_nothing(box, layers):
    make_dir(layers / "foreign")
    config = box.config(overlay("/data", layers / "lower1", upper=layers / "foreign",
                                work=layers / "work"))
    assert box.inside(config, ["write", "/data/new", "x"])[0]["errno"] in ("EACCES", "EROFS")
    assert os.listdir(layers / "foreign") == []


# -- the root ------------------------------------------------------------------------------------

def root_config(box, root, *mounts):
    """A configuration whose root already has the probe's place and a home."""
    return box.config(*mounts, root=root)


def test_a_directory_as_the_root_is_read_only(box, image):
    os.chown(image, box.uid(), box.uid())
    before = box.host(image)
    facts, listed, write, group = box.inside(
        box.config(root=bind(image, "/")), ["facts"], ["ls", "/"], ["write", "/new", "x"],
        ["read", "/etc/group"])
    assert options_of(mount_at(facts, "/")) == READ_ONLY
    assert mount_at(facts, "/")["fstype"] == fstype_of(image)
    assert facts["root_is_its_own_parent"] and write["errno"] == "EROFS"
    assert listed["names"] == sorted(os.listdir(image))
    assert group["text"] == f"hakurei:x:{TARGET}:\n"
    assert before.differences(box.host(image)) == []


def test_an_image_that_lacks_a_place_is_refused_and_not_changed(box, image):
    for name in ("proc", "probe", "etc/passwd", "dev"):
        path = image / name
        (path.rmdir if path.is_dir() else path.unlink)()
        box.refused(box.config(root=bind(image, "/")), f"'/{name}'", "nothing is created there",
                    paths=[image])
        (make_file if name in ("probe", "etc/passwd") else make_dir)(path)
    box.facts(box.config(root=bind(image, "/")))


def test_an_ephemeral_root_is_read_only_with_its_mode(box):
    facts, stat, write = box.inside(box.config(root=ephemeral("/", perm=0o711)), ["facts"],
                                    ["stat", "/"], ["write", "/new", "x"])
    assert (stat["mode"], write["errno"]) == ("0711", "EROFS")
    assert options_of(mount_at(facts, "/")) == READ_ONLY and facts["root_is_its_own_parent"]


def test_an_overlay_as_the_root_is_read_only(box, image):
    more = make_file(make_dir(image.parent / "more") / "extra", "x").parent
    before = box.host(image, more)
    facts, read, write = box.inside(box.config(root=overlay("/", more, image)), ["facts"],
                                    ["read", "/extra"], ["write", "/new", "x"])
    assert (read["text"], write["errno"]) == ("x", "EROFS")
    mount = mount_at(facts, "/")
    assert mount["fstype"] == "overlay" and options_of(mount) == READ_ONLY
    assert facts["root_is_its_own_parent"]
    assert before.differences(box.host(image, more)) == []


def test_a_root_that_asks_to_be_written_is_refused(box, image, layers):
    for root in (bind(image, "/", write=True), bind(image, "/", dev=True),
                 ephemeral("/", write=True),
                 overlay("/", image, upper=layers / "upper", work=layers / "work")):
        box.refused(box.config(root=root), "invalid filesystem at index 0", paths=[image, layers])


def test_only_the_first_mount_may_be_the_root(box, image):
    for mount in (bind(image, "/"), ephemeral("/"), bind(image, "/", special=True),
                  overlay("/", image, image.parent), link("/", "x")):
        box.refused(box.config(mount), "invalid filesystem at index 2")


# -- the rest ------------------------------------------------------------------------------------

def test_many_mounts_are_no_problem(box, place):
    make_file(place / "file")
    mounts = [bind(place / "file", f"/many/{number}") for number in range(300)]
    facts = box.facts(box.config(*mounts), timeout=60)
    found = [mount for mount in facts["mounts"] if mount["mount_point"].startswith("/many/")]
    assert len(found) == 300 and all(options_of(mount) == READ_ONLY for mount in found)


def test_a_home_that_cannot_be_made_is_refused_before_anything_starts(box, image):
    config = box.config(root=bind(image, "/"), top={"home": "/missing"})
    box.refused(config, "home directory '/missing'", paths=[image])


def test_a_flag_that_the_kernel_refuses_stops_the_start(box, place):
    """A lower layer on a file system that cannot be one; nothing is left out in silence."""
    with mounted("-t", "proc", "proc", at=make_dir(place / "proc")):
        make_dir(place / "lower")
        box.refused(box.config(overlay("/data", place / "lower", upper=place / "proc/1",
                                       work=place / "proc/1")), "overlay '/data'")
