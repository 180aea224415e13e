# SPDX-License-Identifier: MIT
"""A listing of descriptors as a stream of names, cut into sections: headings, and the fields below each.

Indentation, line breaks and columns do not matter, and what is cut out is simply not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modem_image.sticks.recording.text import Lines, shown

_HEADINGS = {
    "device descriptor": "device",
    "configuration descriptor": "configuration",
    "configuration index": "configuration",
    "interface association": "association",
    "interface descriptor": "interface",
    "endpoint descriptor": "endpoint",
    "cdc header": "header",
    "cdc call management": "call",
    "cdc acm": "acm",
    "cdc union": "union",
    "cdc ethernet": "ethernet",
    "cdc ncm": "ncm",
    "cdc mbim extended": "mbim-extended",
    "cdc mbim": "mbim",
}
# What ends a section without beginning one that is read.
_CLOSING = (
    "device qualifier",
    "binary object store descriptor",
    "device capability",
    "hub descriptor",
    "hub port status",
    "device status",
    "report descriptor",
    "hid device descriptor",
    "videocontrol interface descriptor",
    "audiocontrol interface descriptor",
    "audiostreaming interface descriptor",
    "midistreaming interface descriptor",
    "cdc [a-z ]+",
)
_KINDS = {1: "device", 2: "configuration", 4: "interface", 5: "endpoint", 11: "association"}
"""Sections by bDescriptorType, where a listing has no headings."""
_STRINGS = tuple(
    f"i{name}"
    for name in (
        "Manufacturer",
        "Product",
        "SerialNumber",
        "Serial",
        "Interface",
        "Configuration",
        "Function",
    )
)
_NUMBERS = tuple(
    """bLength bDescriptorType bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 idVendor
    idProduct bcdDevice bNumConfigurations wTotalLength bNumInterfaces bConfigurationValue bmAttributes
    bMaxPower MaxPower bFirstInterface bInterfaceCount bFunctionClass bFunctionSubClass bFunctionProtocol
    bInterfaceNumber bAlternateSetting bNumEndpoints bInterfaceClass bInterfaceSubClass bInterfaceProtocol
    bEndpointAddress wMaxPacketSize bInterval bcdCDC bmCapabilities bDataInterface bMasterInterface
    bSlaveInterface bControlInterface bSubordinateInterface iMacAddress bmEthernetStatistics
    wMaxSegmentSize wNumberMCFilters bNumberPowerFilters bcdNcmVersion bmNetworkCapabilities bcdMBIMVersion
    wMaxControlMessage bNumberFilters bMaxFilterSize bcdMBIMExtendedVersion
    bMaxOutstandingCommandMessages wMTU""".split()  # noqa: SIM905  (a word list, for people)
)
_FIRST = {
    "bcdUSB": "device",
    "bNumInterfaces": "configuration",
    "bInterfaceNumber": "interface",
    "bEndpointAddress": "endpoint",
    "bFirstInterface": "association",
}
"""The field that begins a section where both heading and bLength are cut out."""

_OCTET = r"(?:0x)?[0-9a-fA-F]{2}\b"
_IS = r"\s*[:=]?\s*"
_VALUE = r"0x[0-9a-fA-F]+|[0-9a-fA-F]{1,2}\.[0-9a-fA-F]{2}|\d{1,10}(?!\d)"


def _words(names: Iterable[str]) -> str:
    return "|".join(name.replace(" ", " +") for name in names)


_TOKEN = re.compile(
    r"\bBus[ \t]+\d+[ \t]+Device[ \t]+\d+:[ \t]+ID[ \t]+(?P<id>[0-9a-fA-F]{4}:[0-9a-fA-F]{4})"
    rf"|\b(?P<heading>{_words(_HEADINGS)})\b(?=[ \t]*:|[ \t]*\d)"
    # With its colon: "CDC Data" is the name of a class, and "cannot read device status" a complaint.
    rf"|\b(?P<closing>(?:{_words(_CLOSING)})(?: +\(for other device speed\))?[ \t]*:"
    r"|additional descriptor\b)"
    r"|(?:UNRECOGNI[SZ]ED(?: CDC)?(?:\s*:)?|INVALID CDC[^:\n]*:|RAW dump:|\(HexDump\)[ \t]*:)\s*"
    rf"(?P<bytes>(?:{_OCTET}(?:[ \t]*\|)?[ \t,]*\n?[ \t]*)+)"
    rf"|(?<![\w/{{])(?P<string>{'|'.join(_STRINGS)})\b{_IS}"
    r"(?P<index>0x[0-9a-fA-F]+|\d{1,10}(?!\d))(?P<text>[^\n]*)"
    # Windows' tools print the string itself on the next line, behind its language.
    r"(?:\n\s*(?:Language 0x[0-9a-fA-F]+\s*:|English \([^)\n]*\))\s*(?P<below>\"[^\"\n]*\"))?"
    rf"|(?<![\w/{{])(?P<name>{'|'.join(_NUMBERS)})\b{_IS}(?P<value>{_VALUE})(?P<unit>mA)?",
    re.IGNORECASE,
)
_CANONICAL = {name.lower(): name for name in (*_NUMBERS, *_STRINGS)}
_NO_STRING = re.compile(
    r"\(?(?:error|missing|couldn't|invalid|\?\?\?|none|no string descriptor|string descriptor \d+)\b"
    r"|^<no string>|retrieving",
    re.IGNORECASE,
)

Fields = dict[str, str]


@dataclass
class Section:
    """A descriptor as it stands in the listing: `fields` by their names there, `data` where it is octets."""

    kind: str
    line: int
    fields: Fields = field(default_factory=dict)
    data: bytes = b""


def sections(text: str) -> Iterator[Section]:
    """The descriptors in the order in which they stand."""
    current: Section | None = None
    lines = Lines(text)
    for found in _TOKEN.finditer(text):
        kind = _opened(found, current)
        if kind is not None:
            if current is not None and _worth(current):
                yield current
            current = Section(kind, lines.at(found.start()))
        if current is not None:
            _note(current, found)
    if current is not None and _worth(current):
        yield current


def _worth(section: Section) -> bool:
    return bool(section.fields or section.data)


def _opened(found: re.Match[str], current: Section | None) -> str | None:
    """The kind of the section that begins with this token; None: it goes on."""
    if found["id"]:
        return "bus"
    if found["heading"]:
        return _HEADINGS[" ".join(found["heading"].lower().split())]
    if found["closing"]:
        return "ignored"
    if found["bytes"]:
        return "bytes"
    name = _CANONICAL.get((found["name"] or "").lower(), "")
    if current is None:
        return "" if name == "bLength" else _FIRST.get(name)
    if name == "bLength":
        return "" if current.fields or current.data else None
    if name == "bDescriptorType":
        _name_by_type(current, found["value"])
        return None
    return _opened_by_first_field(name, current)


def _name_by_type(section: Section, value: str) -> None:
    """Without headings, as FreeBSD prints it, the descriptor's type says what has begun."""
    kind = _KINDS.get(int(value, 16 if value.startswith("0x") else 10)) if "." not in value else None
    if section.kind in ("", "ignored") and kind is not None and "bDescriptorType" not in section.fields:
        section.kind = kind


def _opened_by_first_field(name: str, section: Section) -> str | None:
    opens = _FIRST.get(name)
    if opens is None or section.kind == "ignored":
        return None
    if section.kind == opens:
        return opens if name in section.fields else None
    if section.kind == "" and not set(section.fields) - {"bLength", "bDescriptorType"}:
        section.kind = opens
        return None
    return opens


def _note(section: Section, found: re.Match[str]) -> None:
    if found["id"]:
        section.fields["id"] = found["id"].lower()
    elif found["bytes"]:
        octets = re.findall(r"\b(?:0x)?([0-9a-fA-F]{2})\b(?![ \t]*\|)", found["bytes"])
        section.data = bytes.fromhex("".join(octets))
    elif found["string"]:
        name = _CANONICAL[found["string"].lower()]
        section.fields[name] = found["index"]
        below = (found["below"] or "").strip('"')
        section.fields[f"{name} text"] = _string(below or found["text"])
    elif found["name"]:
        name = _CANONICAL[found["name"].lower()]
        value = found["value"] + (found["unit"] or "")
        section.fields.setdefault(name, value)


def _string(rest: str) -> str:
    rest = rest.strip()
    angle = re.match(r"<(.*)>\s*$", rest)
    rest = angle[1] if angle else rest
    cut = _TOKEN.search(rest)
    rest = rest[: cut.start()] if cut else rest
    return "" if _NO_STRING.match(rest) else shown(rest)
