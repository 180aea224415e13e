# SPDX-License-Identifier: MIT
"""Headings that set one system against another: "On Mint I get:", then "On Solus:".

A person compares what works with what does not, under no prompt that names a host. The second heading, of
another name than the first, begins another system, as another host in a prompt does.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_SYSTEMS = (
    r"(?:Linux )?Mint|(?:[KLX]u|U)buntu|Debian|Raspbian|Raspberry Pi OS|Fedora|CentOS|Arch(?: Linux)?|"
    r"Manjaro|openSUSE|SUSE|Gentoo|Solus|Slackware|Alpine|PCLinuxOS|Puppy(?: Linux)?|Kali|OpenWrt|LEDE|"
    r"DD-WRT|Armbian|Yocto|Buildroot|LibreELEC|OSMC|Home Assistant OS"
)
_HEADING = re.compile(
    rf"\W{{0,6}}(?:(?:On|on|Under|under|In|With) (?:the |my |a )?)?(?P<system>{_SYSTEMS})(?: [\d.]{{1,6}})?"
    r"(?: (?:I|we|it) (?:get|see|have|got|says|shows|gives|prints)(?: this)?)?\s*[:>]\W{0,4}"
)
_CUES = (
    *("Mint", "buntu", "Debian", "Rasp", "Fedora", "CentOS", "Arch", "Manjaro", "SUSE", "Gentoo", "Solus"),
    *("Slackware", "Alpine", "PCLinux", "Puppy", "Kali", "OpenWrt", "LEDE", "WRT", "Armbian", "Yocto"),
    *("Buildroot", "ELEC", "OSMC", "Assistant OS"),
)


class Systems:
    """Begins another system at the second of two such headings."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._name = ""

    def tables(self) -> Tables:
        return Tables(cues=((_CUES, self._heading),))

    def _heading(self, text: str) -> None:
        match = _HEADING.fullmatch(text.strip())
        if match is None:
            return
        name = match["system"].lower()
        if self._name and name != self._name and self._reader.state.host in (None, self._name):
            self._reader.history.words.add("two systems")
            self._reader.host_is(self._name)
            self._reader.host_is(name)
        self._name = name
