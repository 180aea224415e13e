# SPDX-License-Identifier: MIT
"""Digits in a row with something between them: as octets in whatever notation, and in groups of three.

Four digits of ASCII one after the other are a number, whatever stands between them: a port's data in a
kernel's debug line, a dump, a binding of D-Bus. Fewer are left to chance: `30 31` is anything.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, NUMBER, SECRET

_OCTET = "[0-9a-f]{2}"
_THREES = "|".join(rf"(?:\d{{3}}{mark}){{3,6}}\d{{3}}" for mark in (" ", "/", "_", "-"))
_MARKED_THREES = "|".join(rf"(?:\d{{3}}{mark}){{3,6}}\d{{3}}" for mark in (r"\|", ";", ":", "'"))
_OF_ADDRESS = r"(?:[01]\d\d|2[0-4]\d|25[0-5])"
"""A part of an IPv4 address that has three digits."""

FORMS = (
    # The lookbehinds come after the first digit, by which the expression is looked for.
    Form(NUMBER, "3", r"(3(?<![0-9a-f]3)\d(?:[ ,:|-]{1,2}(?:0x|\\x)?3\d){3,})(?![0-9a-f])"),
    Form(NUMBER, "=3", r"((?:=3\d){4,})(?![0-9a-f])"),  # quoted-printable (RFC 2045)
    Form(NUMBER, "4 5", r"((?:4[89]|5[0-7])(?<![\w.]\d\d)(?:[ ,]{1,2}(?:4[89]|5[0-7])){3,})(?![\w.])"),
    Form(NUMBER, "06 07", r"(0(?:6[0-7]|7[01])(?<!\w\d\d\d)(?:[ ,\\]{1,2}0(?:6[0-7]|7[01])){3,})(?!\d)"),
    # dbus-python prints arrays of octets so.
    Form(SECRET, "dbus.byte(", r"(dbus\.Byte\(\d{1,3}\)(?:, ?dbus\.Byte\(\d{1,3}\)){3,})"),
    # gammu's log (logformat = textall): each octet in hexadecimal and, where it can be printed, as it is.
    Form(SECRET, '22"|', r"22\"\|((?:[0-9A-F]{2}[^|]?\|)+)22\"", 0),
    Form(NUMBER, "|3", r"(3(?<![0-9A-F]3)\d\d(?:\|3\d\d){2,})(?!\d)", 0),
    # od -c, and digits as people space them out. A row of zeros is a table's.
    Form(NUMBER, "", r"(\d(?<![\w.]\d)(?!(?: {2,4}0){3})(?: {3}\d){3,})(?! {3}\d|\d)"),
    Form(NUMBER, "", r"(?<!\d )(?<![\w.])(?!(?:0 ){4})(\d(?: \d){13,19})(?! ?\d)", shape=14),
    Form(NUMBER, "", rf"(?<![\w.:/-])({_THREES})(?![\w:])", shape=12),
    Form(
        NUMBER,
        ".",
        rf"(?<![\w.:-])(?!{_OF_ADDRESS}(?:\.{_OF_ADDRESS}){{3}}(?!\.\d))((?:\d{{3}}\.){{3,6}}\d{{3}})(?![\w:])",
        shape=12,
    ),
    Form(NUMBER, "| ; : '", rf"(?<![\w.:])({_MARKED_THREES})(?![\w:])"),
    Form(ADDRESS, "addr", rf"\baddr(?:ess)?\W{{1,4}}({_OCTET}(?: {_OCTET}){{5}})(?! ?[0-9a-f])"),
)
