# SPDX-License-Identifier: MIT
"""Prompts and the commands behind them: who reads what a command prints, and where that ends."""

from __future__ import annotations

import re

from huawei_modem.transcript.line import PROMPT
from huawei_modem.transcript.model import MOST_ENTRIES
from huawei_modem.transcript.notes import KEPT, Notes
from huawei_modem.transcript.tables import Tables


class Commands(Notes):
    """Starts and ends the output of commands, and tells hosts apart by their prompts."""

    tables: Tables

    def _prompt_of(self, text: str) -> tuple[str | None, list[str], str] | None:
        """The host that a prompt names, and the words of the command behind it, apart and joined."""
        match = PROMPT.match(text)
        if match is None:
            return None
        words = match[2].replace("\\", "").split()
        while words and words[0] in ("sudo", "#"):
            del words[0]
        program = words[0].rpartition("/")[2] if words else ""
        # A lone # may begin a comment: it is a prompt only before a command that is known.
        if match[1] is None and program not in self.tables.commands:
            return None
        words[:1] = [program]
        return match[1], words, " ".join(words)

    def _prompt(self, prompt: tuple[str | None, list[str], str]) -> None:
        host, words, command = prompt
        if host and self.state.host != host:
            self.host_is(host)
        self._start(words, command)

    def _command_of_name(self, source: str) -> None:
        """lsusb.txt or uname-r.txt in a folder holds what that command wrote."""
        words = re.split(r"[ _]+|-(?=\w\b)", source.rpartition("/")[2].rsplit(".", 1)[0])
        if words[0] in self.tables.commands:
            self.start_command([words[0], *(f"-{word}" if len(word) == 1 else word for word in words[1:])])

    def start_command(self, words: list[str]) -> None:
        """What follows is the output of this command."""
        self._start(words, " ".join(words))

    def _start(self, words: list[str], command: str) -> None:
        if self.ended is None:
            self.output = None
        else:
            self._end_output(by_prompt=True)
        self.command, self.command_line = command, self.line
        if command and len(self.history.commands) < MOST_ENTRIES:
            self.history.commands.setdefault(command[:KEPT])
        starter = self.tables.commands.get(words[0])
        if starter is not None:
            self.output = starter(words)

    def _end_output(self, by_prompt: bool) -> None:
        ended, self.output, self.ended = self.ended, None, None
        if ended is not None:
            ended(by_prompt)

    def host_is(self, host: str) -> None:
        """What follows is of the system that has this name."""
        if self.state.host is None:
            self.state.host = host
            # Whoever wrote before the first prompt with a name wrote about the same machine.
            for state in self.history.states:
                state.host = state.host or host
        elif self.state.host != host:
            self.touched = True
            self.new_state()
            self.state.host = host
            self.stamp = None
