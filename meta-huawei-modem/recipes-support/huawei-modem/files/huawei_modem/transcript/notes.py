# SPDX-License-Identifier: MIT
"""Where the pass over the text stands, and what a reader notes of the present line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from huawei_modem.transcript.model import MOST_ENTRIES, History, Part, Seen, State
from huawei_modem.transcript.tables import Output

T = TypeVar("T")
KEPT = 200
"""Characters of a line that are kept as evidence."""
_FIRST_LINES, _TITLE = 3, 3
"""Lines that may be the title, and how many other lines it weighs as much as."""


class Notes:
    """The history so far, and the present source, line, command and state."""

    def __init__(self) -> None:
        self.history = History()
        self.source = ""
        self.line = 0
        self.text = ""
        self.command = ""
        self.command_line = 0
        self.asked = ""
        """The last AT command, in capitals: whose answer follows."""
        self.output: Output | None = None
        self.ended: Callable[[bool], None] | None = None
        """Set by a command's reader: called when something else follows its output, True for a prompt."""
        self.stamp: float | None = None
        self.touched = False
        """Whether the present state holds anything yet."""
        self.mentions = False
        """Whether the present line only speaks of what a program may say."""
        self.block = ""
        """What kind of lines the last ones were, for what spans lines."""
        self.block_end = 0
        self._step = 1
        """Lines from one to the next, where each second is blank or the rest of the one before."""
        self.part = Part("", "", 0, 0)
        """The stretch of text that the last known lines belong to."""
        self.state = State(0, None)
        self.history.states.append(self.state)
        self._releases: set[str] = set()
        """Of all states so far."""

    def seen(self, value: T) -> Seen[T]:
        """`value` with the present line as its evidence."""
        text = self.text
        return Seen(value, (self.source, text if len(text) < KEPT else text.strip()[:KEPT], self.line))

    def seen_command(self, value: T) -> Seen[T]:
        """`value` with the command as its evidence, for what is known by its silence."""
        return Seen(value, (self.source, self.command, self.command_line))

    def file_name(self, suffix: str) -> str:
        """The source's name where it is a file with this suffix."""
        return self.source if self.source.endswith(suffix) else ""

    def mark(self, kind: str) -> None:
        """The present line is of `kind`."""
        if self.mentions:
            return
        self.touched = True
        part = self.part
        if part.kind == kind:
            part.last = self.line
            return
        self.part = Part(kind, self.source, self.line, self.line)
        if len(self.history.parts) < MOST_ENTRIES:
            self.history.parts.append(self.part)

    def weight(self) -> int:
        """How many lines the present one counts for, of those that say what the text is about."""
        return _TITLE if self.in_title() else 1

    def in_title(self) -> bool:
        """Whether the present line may be the title of its source."""
        return self.line <= _FIRST_LINES

    def follows(self, line: int) -> bool:
        """Whether the present line is the next after this one, or still the same."""
        return self.line - line <= self._step

    def joins(self, block: str) -> bool:
        """Whether the line goes on with the block of lines before it; from now on it is one of it."""
        joined = self.block == block and self.follows(self.block_end)
        self.block, self.block_end = block, self.line
        return joined

    def new_state(self) -> None:
        """The system has changed: what was known of it is history."""
        if not self.touched:
            return
        self.state = State(self.state.number + 1, self.state.host)
        self.history.states.append(self.state)
        self.touched = False
        self.block = ""

    def release_is(self, release: str) -> None:
        """The running kernel's release. Another one, or the one of an earlier boot, is a new state."""
        known = self.state.release
        if (known is None and release in self._releases) or (known is not None and known.value != release):
            self.new_state()
        if len(self._releases) < MOST_ENTRIES:
            self._releases.add(release)
        self.state.release = self.seen(release)
        self.mark("uname")
