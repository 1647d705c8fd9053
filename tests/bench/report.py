# SPDX-License-Identifier: MIT
"""Tables of text."""


def table(rows):
    """Rows of words: the first to the left, the others to the right. A row of two is a remark and
    has no columns."""
    width = max(len(row) for row in rows)
    full = [row for row in rows if len(row) == width]
    sizes = [max(len(row[column]) for row in full) for column in range(width)]
    sizes[0] = max(len(row[0]) for row in rows)
    for row in rows:
        if len(row) < width:
            yield f"  {row[0]:<{sizes[0]}}  {' '.join(row[1:])}"
            continue
        cells = [f"{row[0]:<{sizes[0]}}", *(f"{cell:>{size}}"
                                            for cell, size in zip(row[1:], sizes[1:]))]
        yield "  " + "  ".join(cells).rstrip()


def kib(value):
    return "-" if value is None else f"{value:.0f}"
