# SPDX-License-Identifier: MIT
"""The checks. Each takes a tree and yields its findings; its docstring says what holds."""

import posixpath
import re
import subprocess

# What a folder of src may include besides its own headers and the system's: folders, or
# single headers. An arrow that is not here points the wrong way.
MAY_INCLUDE = {
    "base": [],
    "sys": ["base/"],
    "dbus": ["base/"],
    "container": ["base/", "sys/"],
    "config": ["base/", "sys/"],
    "plan": ["base/", "config/config.h", "container/params.h"],
    "outcome": ["base/", "sys/", "dbus/", "config/", "plan/", "container/params.h"],
    "module": [],
    "host": ["base/", "sys/", "dbus/", "plan/", "container/", "module/"],
    "store": ["base/", "sys/", "config/", "plan/", "host/"],
    "channel": ["base/", "sys/"],
    "monitor": ["base/", "sys/", "config/", "plan/", "container/", "outcome/", "host/", "store/",
                "channel/"],
    "shim": ["base/", "sys/", "container/", "plan/wire.h", "channel/"],
    "cli": ["base/", "sys/", "config/", "plan/", "container/", "outcome/", "host/", "store/",
            "channel/", "monitor/"],
    "generate": ["base/", "config/", "cli/"],
    "hsu": ["base/scan.h"],
}

# Made by the build. Data only, so anybody may know it.
GENERATED = {"paths.h", "security-context-v1-client-protocol.h"}

# Who may use a library that is not libc.
LIBRARIES = {
    "jansson.h": {"config", "plan", "store", "monitor", "cli", "generate"},
    "sys/acl.h": {"sys", "host"},
    "acl/libacl.h": {"sys", "host"},
    "seccomp.h": {"container"},
    "wayland-client.h": {"module"},
}

# Folders that become programs, or shared objects, instead of a library.
PROGRAMS = {"hsu", "shim", "cli", "module", "generate"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def _folder(name):
    parts = name.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "src" else None


def _includes(tree, name):
    for number, line in tree.lines(name):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def layers(tree):
    """a folder includes only what is below it"""
    for name in tree.c_files("src/"):
        folder = _folder(name)
        if folder not in MAY_INCLUDE:
            yield f"{name}: folder '{folder}' has no row in the table of layers"
            continue
        allowed = (folder + "/", *MAY_INCLUDE[folder])
        for number, own, system in _includes(tree, name):
            if own and own not in GENERATED and not own.startswith(allowed):
                yield f"{name}:{number}: {folder} may not include \"{own}\""
            if system in LIBRARIES and folder not in LIBRARIES[system]:
                yield f"{name}:{number}: {folder} may not use <{system}>"


def own_header_first(tree):
    """a file that has a header includes it before anything else"""
    for name in tree.ending(".c", below="src/"):
        header = name[:-2] + ".h"
        if header not in tree.names:
            continue
        first = next(_includes(tree, name), (1, None, None))
        if first[1] != header[len("src/"):]:
            yield f"{name}:{first[0]}: the first include is not \"{header[len('src/'):]}\""


def libraries(tree):
    """each folder of src is one static library"""
    for folder in MAY_INCLUDE:
        build = f"src/{folder}/meson.build"
        if not any(_folder(name) == folder for name in tree.ending(".c", below="src/")):
            continue
        if build not in tree.names:
            yield f"src/{folder}: no meson.build"
            continue
        count = len(re.findall(r"\bstatic_library\(", tree.text(build)))
        if count > 1 or (count == 0 and folder not in PROGRAMS):
            yield f"{build}: {count} static libraries"


# Calls of the C library that ask the kernel or a database for something. base prints its lines
# and closes descriptors; hsu stands alone.
KERNEL = """
    accept accept4 access bind chdir chmod chown clone close_range connect dup dup2 dup3 execv
    execve execvp execveat faccessat fchdir fchmod fchmodat fchown fchownat fcntl fopen fork fstat
    fstatat ftruncate getenv getgrgid getgrnam getgroups getpeername getpid getppid getpwnam getpwuid
    getsockopt ioctl isatty kill lchown link linkat listen lstat memfd_create mkdir mkdirat mkfifo
    mknod mount nanosleep open openat opendir pidfd_open pipe pipe2 poll ppoll prctl pread ptrace
    pwrite raise read readlink readlinkat realpath recv recvfrom recvmsg rename renameat rmdir
    scandir secure_getenv select send sendmsg sendto setenv setgid setgroups sethostname setns
    setresgid setresuid setrlimit setsid setsockopt setuid shutdown sigaction signal signalfd
    sigprocmask sleep socket socketpair stat statfs statx symlink symlinkat syscall system
    tcsetpgrp timerfd_create truncate umask umount umount2 unlink unlinkat unsetenv unshare vfork
    wait waitid waitpid
""".split()
# What runs while building is no part of what is installed.
RUN_WHILE_BUILDING = {"src/container/seccomp/first.c", "src/container/seccomp/generate_main.c"}
KERNEL_CALL = re.compile(r"(?<![\w.>])(" + "|".join(KERNEL) + r")\(")


def kernel(tree):
    """only src/sys asks the kernel (and hsu and modules, which stand alone)"""
    for name in tree.c_files("src/"):
        if _folder(name) in ("sys", "hsu", "module") or name in RUN_WHILE_BUILDING:
            continue
        for number, line in tree.code(name):
            match = KERNEL_CALL.search(line)
            if match:
                yield f"{name}:{number}: calls {match.group(1)}() instead of hk_sys_..."


def format(tree):
    """clang-format would change nothing"""
    files = tree.c_files()
    if not files:
        return
    command = ["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *files]
    result = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
    if result.returncode != 0:
        found = [line for line in result.stderr.splitlines() if ": error:" in line]
        yield from found or [result.stderr.strip()]


def spdx(tree):
    """each file names its licence"""
    for name in [*tree.ending(".c", ".h", ".py", ".sh", "meson.build", "Makefile"),
                 *tree.shell_files()]:
        head = tree.text(name).splitlines()[:3]
        if tree.text(name) and not any("SPDX-License-Identifier: MIT" in line for line in head):
            yield f"{name}: no SPDX line"


def shell(tree):
    """shellcheck has nothing to say"""
    files = tree.shell_files()
    if not files:
        return
    result = subprocess.run(["shellcheck", "-x", "-f", "gcc", *files], cwd=tree.root,
                            capture_output=True, text=True)
    if result.returncode != 0:
        yield from (result.stdout + result.stderr).splitlines()


# Spelt so that this file does not contain them.
WORDS = re.compile("|".join([r"\bTO" r"DO\b", r"\bFIX" r"ME\b", r"\bX" r"XX\b",
                             r"\.\./sha" r"red\b", r"/wo" r"rk/"]))


def words(tree):
    """nothing is left for later, and nothing points outside of the tree"""
    for name in tree.names:
        for number, line in tree.lines(name):
            if WORDS.search(line):
                yield f"{name}:{number}: {line.strip()[:80]}"


CONSTRUCTS = [
    (re.compile(r"\bgoto\b"), "goto"),
    (re.compile(r"\btypedef\s+(struct|union|enum)\b"), "typedef of a struct"),
    (re.compile(r"\balloca\s*\("), "alloca"),
    (re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\("), "a call without a limit"),
    (re.compile(r"\b(system|popen)\s*\("), "a shell"),
]
CONTROL = re.compile(r"(?<!#)\b(?:(if|for|while)\s*\(|else\b)")


def _closing(text, start):
    """Where the parenthesis opened before start is closed."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
    return len(text)


def braces(tree):
    """each body of if, else, for and while has braces"""
    for name in tree.c_files():
        code = "\n".join(line for _, line in tree.code(name))
        for match in CONTROL.finditer(code):
            before = code[:match.start()].rstrip(" \t")
            after = code[_closing(code, match.end()) if match.group(1) else match.end():].lstrip()
            of_do = match.group(1) == "while" and before.endswith("}")
            if before.endswith("#") or of_do or after.startswith("{"):
                continue
            if match.group(1) is None and re.match(r"if\b", after):
                continue
            yield f"{name}:{code.count(chr(10), 0, match.start()) + 1}: {match.group(0)}...)"


def constructs(tree):
    """src: no goto, alloca, typedef of a struct, unbounded copy, shell"""
    for name in tree.c_files("src/"):
        for number, line in tree.code(name):
            for pattern, what in CONSTRUCTS:
                if pattern.search(line):
                    yield f"{name}:{number}: {what}: {line.strip()[:70]}"


# A variable whose life is the program's: `static` in a function, or anything outside of one that
# ends in `;` or starts an initialiser, and is neither const nor a function.
STATIC = re.compile(r"^(\s*)(?:static|_Thread_local)\s+(.*)$")
GLOBAL = re.compile(r"^(?!static|extern|typedef|struct \w+;|enum|union \w+;|return|#)"
                    r"[A-Za-z_][\w \t*]*[\s*]\w+(\[[^\]]*\])*\s*(=.*|;)$")


def _is_mutable(declaration):
    head = declaration.split("=")[0]
    if "(" in head or re.match(r"(inline|_Noreturn|__attribute__)\b", head):
        return False
    if "*" in head:
        return not re.search(r"\*\s*const\b[^*]*$", head)
    return not re.search(r"\bconst\b", head)


def state(tree):
    """src: no variable outlives a function call, unless the line says `lint: state` and why"""
    for name in tree.c_files("src/"):
        originals = tree.text(name).splitlines()
        for number, line in tree.code(name):
            if "lint: state" in originals[number - 1]:
                continue
            match = STATIC.match(line)
            # A declaration that goes on in the next line is a function's.
            if match and line.rstrip().endswith((";", "=", "{", ",")):
                if _is_mutable(match.group(2)):
                    yield f"{name}:{number}: {line.strip()[:70]}"
            elif name.endswith(".c") and GLOBAL.match(line) and _is_mutable(line):
                yield f"{name}:{number}: {line.strip()[:70]}"


TEST = re.compile(r"^(?:def (?=test_)|static void (?=\w+\(void \*\*state))(\w+)\(", re.M)


# The two lists: what was found by attacking the design, and what went wrong elsewhere.
LISTED = [*"abcdefghijklmnopq", *map(str, range(1, 63))]


def _rows(tree, page):
    """(line number, columns) of the tables that are no headings."""
    for number, line in tree.lines(page) if page in tree.names else []:
        if line.startswith("| ") and not line.startswith(("| **", "| fault ", "| no. ")):
            yield number, [column.strip() for column in line[1:].rstrip().rstrip("|").split("|")]


def proofs(tree):
    """docs/security.md: each test exists, each row names one, no number or attack is missing"""
    page = "docs/security.md"
    tests = {name: file for file in tree.ending(".c", ".py", below="tests/")
             for name in TEST.findall(tree.text(file))}
    seen = []
    for number, columns in _rows(tree, page):
        named = re.findall(r"`(\w+)`", columns[2] if len(columns) == 4 else columns[-1])
        if len(columns) == 4:
            seen.append(columns[0])
        if not named and not (len(columns) == 4 and columns[3].startswith("not there: ")):
            yield f"{page}:{number}: no test"
        for name in named:
            if name not in tests:
                yield f"{page}:{number}: there is no test {name}"
    if seen and seen != LISTED:
        yield f"{page}: the lists have {' '.join(seen)}, and not {' '.join(LISTED)}"
    told = tree.text(page) if page in tree.names else ""
    for name, file in tests.items():
        if file.startswith("tests/integration/security/") and f"`{name}`" not in told:
            yield f"{page}: {name} of {file} is not named"


# What hsu says: words with spaces between them, begun in small letters or with a variable's name.
UNSAID = re.compile(r"/\*.*?\*/|_?[Ss]tatic_assert\(.*?\);", re.S)
MESSAGE = re.compile(r'"((?:[a-z]+|HAKUREI_[A-Z]+) [^"\\\n]+)"')


def messages(tree):
    """each message of hsu is in its manual page"""
    page = "man/hsu.8.scd"
    known = tree.text(page) if page in tree.names else ""
    for name in tree.c_files("src/hsu/"):
        code = re.sub(r'"\s*\n\s*"', "", UNSAID.sub("", tree.text(name)))
        for message in MESSAGE.findall(code):
            if message.replace("#", "N") not in known:
                yield f"{name}: {page} does not have '{message}'"


# [text](target), and what is usually made of a heading.
LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.M | re.S)


def _anchors(text):
    for heading in re.findall(r"^#+ +(.*)$", FENCED.sub("", text), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(tree):
    """*.md: each link leads to a file of the tree, and to a heading of it; each page of docs/ is in README.md"""
    pages = tree.ending(".md")
    for name in pages:
        for target in LINK.findall(FENCED.sub("", tree.text(name))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            to = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if not (tree.root / to).exists():
                yield f"{name}: there is no {target}"
            elif anchor and anchor not in _anchors(tree.text(to)):
                yield f"{name}: {to} has no heading #{anchor}"
    known = LINK.findall(tree.text("README.md")) if "README.md" in tree.names else []
    for name in pages:
        if known and re.fullmatch(r"docs/[^/]+\.md", name) and name not in known:
            yield f"README.md: does not name {name}"


CHECKS = [layers, own_header_first, libraries, kernel, format, spdx, shell, words, braces,
          constructs, state, messages, proofs, links]
