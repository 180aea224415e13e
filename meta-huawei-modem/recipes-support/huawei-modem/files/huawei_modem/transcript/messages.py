# SPDX-License-Identifier: MIT
"""What programs say, and what it means: tables that are rendered from one list a program, and their matcher.

A meaning is the code of a finding (with its kind), `=` and the name of a state, or `~` and the key of a
reason why the message is harmless. Messages match as a whole line, so that a sentence about one is not taken
for it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from huawei_modem.transcript.line import ADDRESS
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Handler
from huawei_modem.transcript.topics import TOPICS

FIELDS = {
    "s": ".+?",
    "d": r"-?\d+",
    "x": "(?:0x)?[0-9a-fA-F]+",
    "p": r"(?P<port>\d+-[\d.]+|usb\d+)",
    "i": r"(?P<at>\d+-[\d.]+:\d+\.\d+)",
    "o": r"(?P<port>[\w.-]+-port\d+)",
    "n": r"[a-z]\w{0,14}",
    "m": r"\S+",
    "a": rf"(?P<address>{ADDRESS})",
    "w": r"[\w./@+-]+",
    "c": r"\d+:\d+:\d+:\d+",
    "S": r"\S*cellular_\S+",
    "r": r"(?:,.*)?",
    # The domains of 3GPP 27.007, 7.2, 10.1.20, 10.1.22 and 10.1.47, and of their states those with service.
    "R": "C(?:G|E|5G)?REG",
    "P": "C(?:G|E|5G)REG",
    "H": "(?:1|5|9|10)",
    # Modules that a modem needs: any other is nothing to it.
    "M": r"'?(?:option|usbserial|usb[-_]wwan|usbnet|huawei[-_]cdc[-_]ncm|cdc[-_]\w+|qmi[-_]wwan|rndis[-_]"
    r"host|tun|ppp\w*|slhc|usb[-_]storage)(?:\.ko)?'?",
}
"""What stands in a message for what changes, by the letter after the per cent sign."""


class Message(NamedTuple):
    """One message of a program."""

    meaning: str
    text: str
    word: str = ""
    """Its longest word that does not change: a line without it is not looked at any further."""

    @property
    def code(self) -> str:
        """The code of the finding; empty for a state or a harmless message."""
        return "" if self.meaning[0] in "=~-" else self.meaning.partition(":")[0]


def pattern(text: str) -> re.Pattern[str]:
    """The expression for a whole line with this message."""
    parts = re.split(r"%(\w)", text.strip())
    named: set[str] = set()
    whole = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            # Programs pad with blanks as they like, and people copy them as they come.
            whole += re.sub(r"(?:\\ )+", " +", re.escape(part))
            continue
        field = FIELDS[part]
        name = re.match(r"\(\?P<(\w+)>", field)
        if name and name[1] in named:
            field = "(?:" + field[name.end() :]
        elif name:
            named.add(name[1])
        whole += field
    return re.compile(whole + r"\.?\Z")


@functools.cache
def _compiled(text: str) -> re.Pattern[str]:
    return pattern(text)


@functools.lru_cache(maxsize=1)
def _document() -> dict[str, dict[str, list[tuple[str, str]]]]:
    loaded: dict[str, dict[str, list[tuple[str, str]]]] = json.loads(
        Path(__file__).with_name("messages.json").read_text("utf-8")
    )
    return loaded


def harmless(key: str) -> str:
    """Why the messages of this key mean nothing."""
    return str(_document()["harmless"][key])


@functools.cache
def of(*programs: str) -> dict[str, list[Message]]:
    """The messages of these programs by their first word; under "" those whose first word changes."""
    table: dict[str, list[Message]] = {}
    for program in programs:
        for meaning, text in _document()["programs"][program]:
            word = text.split(None, 1)[0]
            table.setdefault("" if "%" in word else word, []).append(
                Message(meaning, text, _longest_word(text))
            )
    for messages in table.values():
        # What says more of itself comes before what leaves more open.
        messages.sort(key=lambda item: -len(re.sub(r"%\w", "", item.text)))
    return table


def _longest_word(text: str) -> str:
    """Of the words, the longest piece that stands in every line with this message."""
    return max(re.split(r"%\w| +", text.strip().rstrip(".")), key=len)


def match(table: dict[str, list[Message]], text: str) -> tuple[Message, re.Match[str]] | None:
    """The message that the line is, without blanks around it."""
    candidates: Iterable[Message] = table.get(text.partition(" ")[0], ())
    for item in candidates:
        if item.word in text and (found := _compiled(item.text).match(text)):
            return item, found
    for item in table.get("", ()):
        if item.word in text and (found := _compiled(item.text).match(text)):
            return item, found
    return None


def watch(reader: Reader, kind: str, *programs: str) -> Handler:
    """A handler that adds what a line of these programs means. `kind` names them in the report."""
    table = of(*programs)
    anyhow = "" in table

    def handler(text: str) -> bool:
        if not anyhow and text.partition(" ")[0] not in table and text[:1] != " ":
            return False
        text = text.strip()
        found = match(table, text)
        if found is None:
            return False
        note(reader, kind, *found)
        return True

    return handler


def note(reader: Reader, kind: str, message: Message, found: re.Match[str]) -> None:
    """Adds what the present line means to the state."""
    meaning = message.meaning
    if meaning.startswith("~"):
        reader.mark("harmless messages")
        why = harmless(meaning[1:])
        if not any(seen.value == why for seen in reader.history.harmless):
            reader.history.harmless.append(reader.seen(why))
        return
    reader.mark(kind)
    if _is_of_a_side_command(reader, message):
        reader.state.add("=side-refused", reader.seen(reader.asked))
        return
    value = found.string
    if parts := found.groupdict() if found.re.groupindex else None:
        value = next((parts[name] for name in ("port", "at", "address") if parts.get(name)), value)
    reader.state.add(meaning, reader.seen(value[:200]))


_SIDE = re.compile(
    r"AT[+^$*!%#](?!CPIN|CIMI|I?C?CID|COPS|C[EG]?REG|CFUN|CGATT|CGACT|CGDATA|NDISDUP|SYSINFO)[A-Z]{3}"
)
"""Commands that the way to the network does not lead over: their errors are no faults of it."""


def _is_of_a_side_command(reader: Reader, message: Message) -> bool:
    """Whether it is an error of a command that no connection needs, such as one for the SIM's telephone book.

    A SIM that cannot do what is asked answers with its failure, and so does one whose other codes are locked.
    That there is no SIM, or one that waits for its PIN, any command may say where nothing shows the contrary.
    """
    if not message.text.startswith(("+CME ERROR", "+CMS ERROR")):
        return False
    topic = TOPICS.get(message.code, "")
    if reader.asked.startswith("AT+CPIN=") and reader.state.said(topic) == "=sim-ready":
        return message.code == "sim-failure"  # of the second PIN
    if not _SIDE.match(reader.asked):
        return False
    if message.code == "sim-failure":
        return True
    return topic in ("sim", "lock", "registration") and reader.state.said(topic).startswith("=")
