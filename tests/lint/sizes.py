# SPDX-License-Identifier: MIT
"""What is larger than usual. A report: a table may well be long."""

FILE_LINES = 400
FUNCTION_LINES = 60


def functions(tree, name):
    """(first line, lines, head) of each function: it ends at the first brace in column 1."""
    head = None
    start = 0
    for number, line in tree.code(name):
        if line.startswith("}"):
            if head and "(" in head:
                yield start, number - start + 1, head
            head = None
        elif head is None and line and not line[0].isspace() and line[0] not in "#}/":
            if line.rstrip().endswith(";"):
                continue
            start, head = number, line
            if line.rstrip().endswith("}") or line.rstrip().endswith("};"):
                head = None


def report(tree):
    lengths = []
    for name in tree.c_files():
        count = tree.text(name).count("\n")
        if count > FILE_LINES:
            print(f"{name}: {count} lines")
        for start, lines, head in functions(tree, name):
            lengths.append(lines)
            if lines > FUNCTION_LINES:
                print(f"{name}:{start}: {lines} lines: {head[:60]}")
    lengths.sort()
    if lengths:
        print(f"{len(tree.c_files())} files of C; {len(lengths)} functions: "
              f"median {lengths[len(lengths) // 2]} lines, "
              f"nine in ten at most {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}")
    return 0
