# SPDX-License-Identifier: MIT
"""The step that is waited for: in place on a terminal, once in a log."""

from __future__ import annotations

import io

from huawei_modem.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> str:
    progress = Progress(stream)
    progress.say("waiting for a modem in oFono")
    progress.tick("a modem in oFono", 1.2, "")
    progress.tick("a modem in oFono", 2.4, "not \x1b[2Jyet")
    progress.say("modem: /huawei_0")
    return stream.getvalue()


def test_a_log_gets_a_line_a_step() -> None:
    assert told(io.StringIO()) == "waiting for a modem in oFono\nmodem: /huawei_0\n"


def test_a_terminal_counts_the_seconds_in_place() -> None:
    text = told(Terminal())
    assert "\r\x1b[K  a modem in oFono: 1 s" in text
    assert "2 s (not \N{REPLACEMENT CHARACTER}[2Jyet)" in text, "what a stick says steers no terminal"
    assert text.endswith("\r\x1b[Kmodem: /huawei_0\n")
