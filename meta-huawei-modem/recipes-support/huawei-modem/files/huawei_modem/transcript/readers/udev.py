# SPDX-License-Identifier: MIT
"""udev rules as text."""

from __future__ import annotations

import re

from huawei_modem.transcript.model import MOST_EVENTS, MOST_STATES, RulesFile
from huawei_modem.transcript.reader import Output, Reader, Tables

_RULE = re.compile(r'\s*[A-Z_]+(?:\{[\w/]+\})?\s*(?:==|!=|\+=|:=|=)\s*["“”„]')
_CAN_MATTER = ("OFONO_LABEL", "12d1", "bConfigurationValue")
_FAR = 4
"""Blank lines and comments between two rules of one file."""


class Udev:
    """Gathers the lines of rules that stand together."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last: tuple[str, int] = ("", 0)
        self._place = ""

    def tables(self) -> Tables:
        return Tables(commands={"cat": self._cat}, settings=(self._line,))

    def _cat(self, words: list[str]) -> Output | None:
        self._place = words[1] if len(words) == 2 and words[1].endswith(".rules") else ""
        self._last = ("", 0)
        return None

    def _line(self, text: str) -> None:
        if not _RULE.match(text):
            return
        # udevadm info -a prints matches, one a line and no more.
        if text.startswith("  ") and "," not in text:
            return
        reader = self._reader
        source, line = self._last
        files = reader.state.rules_files
        if not files or source != reader.source or reader.line - line > _FAR:
            near = reader.command.startswith("cat ") and reader.line - reader.command_line <= _FAR * 2
            files.append(RulesFile(self._place if near else reader.file_name(".rules")))
            del files[:-MOST_STATES]
        self._last = (reader.source, reader.line)
        matters = any(word in text for word in _CAN_MATTER) or "“" in text or "”" in text
        if matters and len(files[-1].lines) < MOST_EVENTS * 4:
            reader.mark("udev rules")
            files[-1].lines.append(reader.seen(text.strip()))
