# SPDX-License-Identifier: MIT
"""What the command says while it works: progress on stderr, results on stdout."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, TextIO

from huawei_modem.text import printable

_WIDTH = 80
_NARROWEST = 8
_SPINNER = "-\\|/"
# Seconds between two looks at what is waited for: at a terminal, and elsewhere.
_LIVE, _QUIET = 0.5, 30.0

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
    """One line of progress; it comes above a wait that is shown."""
    with _Wait.lock:
        _Wait.erase()
        print("\n".join(map(printable, text.split("\n"))), file=sys.stderr, flush=True)
        _Wait.draw()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name a long step before it starts and its duration after it ended well."""
    start = time.monotonic()
    with waiting(title):
        yield
    say(f"  {title}: {time.monotonic() - start:.1f} s")


@contextmanager
def waiting(
    title: str, patience: float | None = None, look: Callable[[], str] | None = None
) -> Iterator[None]:
    """Show what is waited for in the block, how long already, and until when at most (seconds).

    `look` says where it stands. At a terminal it is one line that lives until the block's end; elsewhere a
    line at the start, and one each half a minute.
    """
    wait = _Wait(title, patience, look)
    wait.start()
    try:
        yield
    finally:
        wait.stop()


class _Wait(threading.Thread):
    """The line of one wait, drawn again each second. The innermost of several is the one that is seen."""

    lock = threading.RLock()
    shown: ClassVar[list[_Wait]] = []

    def __init__(self, title: str, patience: float | None, look: Callable[[], str] | None) -> None:
        super().__init__(daemon=True)
        self._title, self._patience, self._look = printable(title), patience, look
        self._began, self._over = time.monotonic(), threading.Event()

    def start(self) -> None:
        with self.lock:
            self.erase()
            self.shown.append(self)
            if sys.stderr.isatty():
                self.draw()
            else:
                until = "" if self._patience is None else f", at most {self._patience:.0f} s"
                print(f"  {self._title}{until} …", file=sys.stderr, flush=True)
        super().start()

    def run(self) -> None:
        while not self._over.wait(_LIVE if sys.stderr.isatty() else _QUIET):
            with self.lock:
                if self.shown[-1:] != [self]:
                    continue
                if sys.stderr.isatty():
                    self.erase()
                    self.draw()
                else:
                    print(self._line(), file=sys.stderr, flush=True)

    def stop(self) -> None:
        self._over.set()
        with self.lock:
            self.erase()
            self.shown.remove(self)
            self.draw()

    def _line(self) -> str:
        passed = f"{time.monotonic() - self._began:.0f}"
        passed += " s" if self._patience is None else f" s of at most {self._patience:.0f} s"
        where = printable(self._look()) if self._look else ""
        return f"  {self._title}: {passed}" + (f": {where}" if where else "")

    @classmethod
    def draw(cls) -> None:
        if cls.shown and sys.stderr.isatty():
            mark = _SPINNER[int(time.monotonic() * 4) % len(_SPINNER)]
            line = f"{mark}{cls.shown[-1]._line()[1:]}"
            print(line[: terminal_width(sys.stderr) - 1], end="", file=sys.stderr, flush=True)

    @classmethod
    def erase(cls) -> None:
        if cls.shown and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal; 80 where it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _WIDTH
    except (OSError, ValueError):
        return _WIDTH


def table(rows: Sequence[Sequence[str]], head: Sequence[str], width: int | None = None) -> str:
    """`rows` as aligned columns under `head`.

    The widest columns are wrapped where a line is wider than `width`: by default the terminal's, and nothing
    is wrapped where there is none, so that a name stays whole for other programs. Cells may be anybody's.
    """
    every = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    if width is None and sys.stdout.isatty():
        width = terminal_width(sys.stdout)
    excess = 0 if width is None else sum(widths) + 2 * (len(widths) - 1) - width
    while excess > 0 and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
        excess -= 1
    lines = [line for row in every for line in _lines(row, widths)]
    heads = len(list(_lines(head, widths)))
    lines.insert(heads, "  ".join("-" * width for width in widths))
    return "\n".join(lines) + "\n"


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """The lines of a row, whose cells are wrapped to their columns."""
    cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells))):
        line = [cell[number] if number < len(cell) else "" for cell in cells]
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()


def _wrapped(cell: str, width: int) -> list[str]:
    if len(cell) <= width:
        return [cell]
    import textwrap  # for a wide table alone

    return textwrap.wrap(cell, width)
