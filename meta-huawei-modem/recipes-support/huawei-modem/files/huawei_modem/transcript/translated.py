# SPDX-License-Identifier: MIT
"""What the C library and common tools say in another language, as they say it in English.

An error of the system has one text a language, whichever program prints it: the texts are those of the
catalogues of glibc 2.36 (strerror, gai_strerror), bash 5.2 and NetworkManager 1.42, and a few of older
releases. Statistics of ping and lines of ifconfig are known by their numbers, in whatever language.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

from huawei_modem.transcript.line import ADDRESS

_END = r"(?=[\s.。:;,)»\"']|\Z)\.?"
_SHELL = re.compile(
    r"(-?(?:ba|z|da|a)?sh) ?: (?:[^\W\d]+ (?P<line>\d+) ?: )?(?P<name>\S+) ?: (?P<error>command not found)\Z"
)
_LISTED = re.compile(
    r"ls ?: .*?(?P<path>/(?:dev|lib|sys|proc|etc|usr|var)/[^\s'\"’”»“«]*)['\"’”»“«]?(?: .*)?: "
    r"(?P<error>No such file or directory|Permission denied)\Z"
)
_STATISTICS = re.compile(
    r"(?P<sent>\d+) [^\W\d]+(?: [^\W\d]+){0,3}, (?P<got>\d+) [^\d,]+, (?:\+?\d+ [^\d,]+, )?"
    r"(?P<loss>\d{1,3}(?:[.,]\d+)?) ?%.*"
)
_REPLY = re.compile(
    r"(?P<size>\d+) [^\W\d]+ [^\W\d]+ (?P<who>\S+(?: \([\w.:]+\))?) ?: "
    r"icmp_seq=(?P<number>\d+) (?P<rest>.*)"
)
_INET = re.compile(
    rf"\s+(?:inet ?[^\s\d.:6]{{1,10}}\.?|[^\s\d.:]{{1,12}}\.? inet) ?: ?(?P<address>{ADDRESS})(?P<rest> .*)?"
)
_ENCAP = re.compile(
    r"([a-z][\w.-]{1,14}) {2,}(?:Lien encap|Encapsulamento do Link|Incapsulamento)\w* ?: ?(.*)"
)
_NMCLI = re.compile(r"(\S+ +(?:gsm|cdma) +)(\S.*)")


@functools.cache
def _tables() -> dict[str, dict[str, list[str]]]:
    text = Path(__file__).with_name("translations.json").read_text(encoding="utf-8")
    tables: dict[str, dict[str, list[str]]] = json.loads(text)
    return tables


@functools.cache
def _english_of(table: str) -> dict[str, str]:
    """Translation, in small letters, to the English text."""
    return {said.lower(): english for english, some in _tables()[table].items() for said in some}


def words() -> frozenset[str]:
    """The words of all translations, in small letters."""
    said = (said for table in _tables().values() for some in table.values() for said in some)
    return frozenset(word.lower() for text in said for word in re.findall(r"[^\W\d_]+", text))


@functools.cache
def _telling() -> frozenset[str]:
    """Of each translation in plain ASCII the longest word: a line without one of them has none of these."""
    plain = (said for said in _english_of("anywhere") if said.isascii())
    return frozenset(max(said.split(), key=len) for said in plain)


@functools.cache
def _any() -> re.Pattern[str]:
    known = sorted((said for some in _tables()["anywhere"].values() for said in some), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, known))}){_END}", re.IGNORECASE)


def english(text: str) -> str:
    """The line with what it has of another language in English; itself where it has nothing."""
    if not text.isascii() or not _telling().isdisjoint(text.lower().rstrip(".").split()):
        text = _errors(text)
    if "%" in text or "icmp_seq=" in text:
        text = _of_ping(text)
    elif "inet" in text and "inet addr:" not in text:
        text = _of_address(text)
    elif "ncap" in text and "Link encap" not in text and (match := _ENCAP.fullmatch(text)):
        text = f"{match[1]}      Link encap:{match[2]}"
    elif " gsm " in text or " cdma " in text:
        text = _of_nmcli(text)
    return text


def _errors(text: str) -> str:
    known = _english_of("anywhere")
    plain = text.replace("\xa0", " ").replace("\u202f", " ")
    changed = _any().sub(lambda match: known[match[1].lower()], plain)
    if changed == plain:
        return text
    changed = changed.rstrip()
    if match := _SHELL.search(changed):
        line = f"line {match['line']}: " if match["line"] else ""
        return f"{match[1]}: {line}{match['name']}: {match['error']}"
    if match := _LISTED.search(changed):
        return f"ls: cannot access '{match['path']}': {match['error']}"
    return changed


def _of_ping(text: str) -> str:
    stripped = text.strip()
    if "packets transmitted" in text or "bytes from" in text:
        return text
    if match := _STATISTICS.fullmatch(stripped):
        loss = f"{match['loss']}% packet loss"
        return f"{match['sent']} packets transmitted, {match['got']} received, {loss}"
    if match := _REPLY.fullmatch(stripped):
        return f"{match['size']} bytes from {match['who']}: icmp_seq={match['number']} {match['rest']}"
    return text


def _of_address(text: str) -> str:
    match = _INET.fullmatch(text)
    return text if match is None else f"          inet addr:{match['address']}{match['rest'] or ''}"


def _of_nmcli(text: str) -> str:
    match = _NMCLI.fullmatch(text)
    if match is None:
        return text
    known, said = _english_of("nmcli"), match[2].lower()
    states = [state for state in known if said.startswith(state) and said[len(state) :][:1] in ("", " ", ":")]
    state = max(states, key=len, default="")
    return f"{match[1]}{known[state]}{match[2][len(state) :]}" if state else text
