# SPDX-License-Identifier: MIT
"""Lines of files that people paste beside their logs: chat scripts, code, settings.

What a script expects, what code compares and what a setting would have printed is nothing that a program has
said, and nothing that the person says. Of such a line only names count: of programs, ports, an access point.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from huawei_modem.transcript.model import History

_EXPECTED = (
    r"(?:''|\"\"|'[^']{1,40}'|\"[^\"]{1,40}\"|"
    r"[A-Z+][A-Z+:~]{1,30}(?:-\\?[A-Za-z+\\][^ -]{0,40}-[A-Z]+)?(?: ?\d[\d,]{0,4})?)"
)
_CHAT = re.compile(
    r"\A\W*(?:ABORT|REPORT|CLR_ABORT|CLR_REPORT|TIMEOUT|SAY|ECHO|HANGUP) +(?:['\"\\]|\d|[A-Z]{2})|"
    rf"\A\s*{_EXPECTED}\s+['\"]?(?:\\r)?A[Tt]\S+\s*\\?\Z|"
    r"\A\s*['\"]?CONNECT['\"]?\s+(?:''|\"\"|['\"]?\\[dnrc])"
)
"""ppp 2.5.2, chat/chat.8: a string to expect and one to send, and what gives up."""
_STRING = re.compile(
    r"\A\s*(?:''|\"\"|'.{1,60}'|\".{1,60}\"|A[Tt]\S{0,60}|[A-Z]{2,12}|\\[a-z]\S{0,4})\s*\\?\Z"
)
"""A string of a script that has each in a line of its own."""
_CODE = re.compile(
    r"\b(?:f?printf|snprintf|f?puts|perror|dev_\w+|pr_\w+|netdev_\w+|syslog|g_\w+|print|log\w*|strn?cmp|strstr|"
    r"assert\w*|ofono_\w+|connman_\w+|mm_\w+)[\w.]*\(.*[\"']|[\"']\)+;\s*\Z|"
    r"\A\s*#define\s.*[\"'];?\Z|"
    r"\A\s*(?://|/\*|case |raise \w|elif |def )"
)
_STATEMENT = re.compile(
    r"\A\s*(?:\}? ?else )?(?:if|elif|while|until|for|switch|case|return|raise|throw|except|func|fn|static|"
    r"const|let|var|local|export|try|do|then)\b.*"
    r"(?:[\"'] in \w+:\s*\Z|[;{]\s*(?:/[/*].*)?\Z|[)\]'\"]\s*:\s*\Z|"
    r"\]\]?; |\w\([\"'&]|[=!]=|\$[({]?[A-Za-z_]|;;\Z)"
)
"""Of C, Go, Python and shells: a word that begins one, and what no sentence has."""
_CALL = re.compile(
    r"\A\s*(?:[\w.]+ ?:?= ?|return )?(?!dbus\.)[\w.]+(?<!Error)(?<!Exception)\([^()]*[\"'].*\)[;,{:]?\s*\Z"
)
"""A call with a string in it; the name of an error with its text is what Python prints."""
_SHELL = re.compile(
    r"\A\s*(?:echo|printf|logger|notify-send) +(?:-\w+ )?[\"'$]|;;\Z|"
    r"; (?:then|do|done|fi)\b|\A\s*[\w.]+=[\"']?\$\(|\A#!"
)
_SETTING = re.compile(
    r"\A\s*(?:- )?(?:alias|message|title|description|command|payload|value_template): [\"']|"
    r"\A(?:Exec\w+|Description|Environment\w*)=|\A;\s"
)
"""Automations in YAML, units of systemd, comments of .ini files."""
_EACH = (_CHAT, _CODE, _STATEMENT, _CALL, _SHELL, _SETTING)
_NO_NAMES = frozenset(("works", "solved", "fails", "asks how", "guest", "page", "ethernet modem"))
"""Words of History.words that name no program and no system."""


def is_written(text: str) -> bool:
    """Whether the line is one of a script, of code or of settings."""
    return any(line.search(text) for line in _EACH)


def of_chat(text: str) -> bool:
    """Whether it is one of a chat script, by what no other line has."""
    return _CHAT.search(text) is not None


def goes_on(text: str) -> bool:
    """Whether the line may be the next of a chat script, or its blank."""
    return _STRING.match(text) is not None


@contextlib.contextmanager
def unheard(history: History) -> Iterator[None]:
    """What is read meanwhile says nothing of the person's; names of programs and systems stay."""
    kept = {
        name: getattr(history, name) for name in ("around", "claims", "quoted", "subjects", "told", "words")
    }
    for name, said in kept.items():
        setattr(history, name, said.copy())
    yield
    names = {word for word in history.words if word not in _NO_NAMES and not word.startswith("wants ")}
    for name, said in kept.items():
        setattr(history, name, said)
    history.words |= names
