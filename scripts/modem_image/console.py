# SPDX-License-Identifier: MIT
"""What the command says while it works: progress on stderr, results on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

COLOURS = ("auto", "always", "never")
_chosen = "auto"


def use_colour(when: str) -> None:
    """What `wants_colour` answers from now on: one of COLOURS, as --color says."""
    global _chosen
    _chosen = when


def wants_colour(stream: TextIO) -> bool:
    """Colour for a person at a terminal who did not refuse it (https://no-color.org), or who asked for it."""
    if _chosen == "auto":
        return stream.isatty() and not os.environ.get("NO_COLOR")
    return _chosen == "always"


def say(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name a long step before it starts and its duration after it ended well."""
    terminal = sys.stderr.isatty()
    print(f"  {title} …", end="" if terminal else "\n", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        if terminal:
            print(file=sys.stderr)
        raise
    took = f"{time.monotonic() - start:.1f} s"
    print(f" {took}" if terminal else f"  {title}: {took}", file=sys.stderr, flush=True)


def table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> str:
    """`rows` as aligned columns under `head`."""
    every = [head, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    lines = [
        # No zip(strict=…): the check runs in a build with Python 3.9 too.
        "  ".join(cell.ljust(widths[column]) for column, cell in enumerate(row)).rstrip()
        for row in every
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines) + "\n"
