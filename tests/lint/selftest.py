# SPDX-License-Identifier: MIT
"""Shows that each check finds what it is there for, and only that."""

import pathlib
import tempfile

import rules
from tree import Tree

SPDX = "/* SPDX-License-Identifier: MIT */\n"

# A tree that every check accepts.
GOOD = {
    ".clang-format": "BasedOnStyle: LLVM\nIndentWidth: 8\nUseTab: Always\n",
    "src/base/meson.build": "# SPDX-License-Identifier: MIT\nx = static_library('base')\n",
    "src/base/good.h": SPDX + "#ifndef GOOD_H\n#define GOOD_H\n\nint hk_good(int value);\n\n#endif\n",
    "src/base/good.c": SPDX + '#include "base/good.h"\n\n#include <stdio.h>\n\n'
        "static const int table[] = {1, 2};\n"
        'static const char *const names[] = {"goto", "system("};\n\n'
        "/* goto is only a word here, and so is open() */\n"
        "int hk_good(int value) {\n\tif (value) {\n\t\treturn table[0];\n\t}\n"
        "\tdo {\n\t\tvalue++;\n\t} while (value < 3);\n"
        '\treturn names[0][0] + value;\n}\n',
    "docs/security.md": "| fault | test |\n|---|---|\n| **heading** | |\n| `it` | `test_it` |\n",
    "tests/test_it.py": "# SPDX-License-Identifier: MIT\ndef test_it(arg):\n    pass\n",
    "tools/good.sh": "#!/bin/sh\n# SPDX-License-Identifier: MIT\necho \"$1\"\n",
}

# (check, file, content): what must make exactly that check fail.
BAD = [
    ("layers", "src/base/up.h", SPDX + '#include "config/config.h"\n'),
    ("layers", "src/base/library.h", SPDX + "#include <jansson.h>\n"),
    ("layers", "src/base/local.h", SPDX + '#include "good.h"\n'),
    ("layers", "src/elsewhere/file.h", SPDX),
    ("own_header_first", "src/base/good.c", SPDX + '#include <stdio.h>\n\n#include "base/good.h"\n'),
    ("libraries", "src/base/meson.build",
        GOOD["src/base/meson.build"] + "y = static_library('more')\n"),
    ("libraries", "src/base/meson.build", "# SPDX-License-Identifier: MIT\n"),
    ("kernel", "src/base/call.h", SPDX + 'static inline int f(void) { return open("/", 0); }\n'),
    ("kernel", "src/base/call.h", SPDX + "static inline int f(void) { return mkdir(g(), 0); }\n"),
    ("format", "src/base/wide.h", SPDX + "int  f( int x );\n"),
    ("spdx", "src/base/none.h", "int f(int x);\n"),
    ("spdx", "tools/none.sh", "#!/bin/sh\necho\n"),
    ("shell", "tools/bad.sh", "#!/bin/sh\n# SPDX-License-Identifier: MIT\nrm $1\n"),
    ("links", "README.md", "[a](docs/none.md)\n[b](docs/security.md)\n"),
    ("links", "README.md", "[a](docs/security.md#what)\n"),
    ("links", "README.md", "[a](tools/good.sh)\n"),
    ("words", "README.md", "TO" "DO: write this\n"),
    ("words", "README.md", "see .." "/shared/page\n"),
    ("constructs", "src/base/jump.h",
        SPDX + "static inline void f(void) {\nend:\n\tgoto end;\n}\n"),
    ("constructs", "src/base/type.h", SPDX + "typedef struct {\n\tint x;\n} type;\n"),
    ("constructs", "src/base/copy.h",
        SPDX + "static inline void f(char *to) { strcpy(to, \"x\"); }\n"),
    ("braces", "src/base/brace.h",
        SPDX + "static inline int f(int x) {\n\twhile (x > 3) {\n\t\tx--;\n\t}\n"
        "\tif (x) {\n\t\treturn 1;\n\t} else\n\t\treturn 0;\n}\n"),
    ("braces", "src/base/brace.h",
        SPDX + "static inline int f(int x) {\n\tif (x)\n\t\treturn 1;\n\treturn 0;\n}\n"),
    ("state", "src/base/state.c", SPDX + "static int counter;\n"),
    ("state", "src/base/state.c", SPDX + "int counter = 3;\n"),
    ("state", "src/base/state.c", SPDX + 'static const char *name = "x";\n'),
    ("messages", "src/hsu/say.h", SPDX + 'static const char *const says = "line # is wrong";\n'),
    ("proofs", "docs/security.md", "| leak | `test_other` |\n"),
    ("proofs", "docs/security.md", "| leak | |\n"),
    ("proofs", "docs/security.md", "| 1 | leak | `test_leak` | held |\n"),
    ("proofs", "tests/integration/security/test_more.py",
        "# SPDX-License-Identifier: MIT\ndef test_unnamed():\n    pass\n"),
    ("state", "src/base/state.h",
        SPDX + "static inline int f(void) {\n\tstatic int calls;\n\treturn calls++;\n}\n"),
]


def _failing(files):
    with tempfile.TemporaryDirectory() as directory:
        for name, content in files.items():
            path = pathlib.Path(directory) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        tree = Tree(directory)
        return {check.__name__: list(check(tree)) for check in rules.CHECKS}


def run():
    failed = 0

    def say(ok, text):
        nonlocal failed
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} lint-self-test/{text}")

    found = {name: what for name, what in _failing(GOOD).items() if what}
    say(not found, f"a good tree passes {found or ''}")
    for check, name, content in BAD:
        found = [key for key, what in _failing({**GOOD, name: content}).items() if what]
        say(found == [check], f"{check} alone finds a bad {name} ({', '.join(found) or 'nothing'})")
    untested = {check.__name__ for check in rules.CHECKS} - {check for check, _, _ in BAD}
    say(not untested, f"each check has a bad example {untested or ''}")
    print(f"{len(BAD) + 2 - failed} passed, {failed} failed")
    return 1 if failed else 0
