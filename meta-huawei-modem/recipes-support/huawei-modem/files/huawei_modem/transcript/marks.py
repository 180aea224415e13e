# SPDX-License-Identifier: MIT
"""Marks that word processors, blogs and forums put in the place of those that programs write."""

from __future__ import annotations

import re

from huawei_modem.transcript import shipped, translated

_ARROW = re.compile(
    r"\s*(?:(?:[–—−]{1,2}-?|- -|-[–—])\s?[>›»]|→|⇒|➔|➜)\s?(?=[A-Z~]|local |remote |primary |secondary |pppd)|"
    r"->\s?(?=local |remote |primary |secondary |pppd|Carrier |Starting |Sending|Waiting )"
)
"""wvdial's --> as WordPress, Markdown and people have it."""
_OPTION = re.compile(r"(?<=\s)[–—](?=[A-Za-z](?:\s|\Z))|(?<=\s)[–—](?=[a-z]{2,}[-\w]*[ =])")
_COMMAND = re.compile(
    r"\s*(?:\S+[#$] |[#$] |sudo )?(?:usb_modeswitch|lsusb|uname|ping|modprobe|mmcli|qmicli|nmcli|ls|ip) "
)
_ROW = re.compile(r"Bus \d{3} Device \d{3}: ID [0-9a-fA-F]{4}:[0-9a-fA-F]{4}.*?(?= *[`'\"]|\s+Bus \d{3} |\Z)")


def as_written(text: str) -> str:
    """The line as the program wrote it, in English: without colours spelled out, with its own marks."""
    bare = shipped.uncoloured(text) if "[" in text else text
    return plain(translated.english(bare))


def plain(text: str) -> str:
    """The line with the marks that a program writes; itself where it has no others."""
    if (match := _ARROW.match(text)) and not text.startswith("--> "):
        return f"--> {text[match.end() :]}"
    if ("–" in text or "—" in text) and _COMMAND.match(text):
        return _OPTION.sub(lambda match: "-" if len(text[match.end() :].split(" ")[0]) == 1 else "--", text)
    return text


def listed(text: str) -> list[str]:
    """Rows of lsusb in a line that does not begin with one, or that has several; empty where it has none."""
    rows: list[str] = _ROW.findall(text)
    if not rows or (len(rows) == 1 and text.lstrip(" >`*-").startswith("Bus ")):
        return []
    return rows
