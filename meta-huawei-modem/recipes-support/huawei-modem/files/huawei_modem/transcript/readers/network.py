# SPDX-License-Identifier: MIT
"""Addresses and what clients of the daemons print, known by its shape whatever command stands above it.

ip and ifconfig, OpenWrt's configuration; oFono's properties as busctl, gdbus, dbus-send
and monitor-ofono print them.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.line import ADDRESS
from huawei_modem.transcript.model import MOST_ENTRIES, MOST_STATES, Context, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

_INTERFACE = re.compile(r"(?:\d+: )?([a-z][\w.-]{1,14})(?::| +Link encap|@\w+:)[ \w<=:,.]*.*")
_OF_LINK = re.compile(r"<[A-Z]|flags=|encap|\bmtu\b|@\w+:")
"""What each of their lines has, and a chat's `name: <- text` has not."""
_BRIEF = re.compile(rf"([a-z][\w.-]{{1,14}})(?:@\S+)? +(?:UP|DOWN|UNKNOWN) *(?:({ADDRESS})(?:[/ ].*)?)?")
_ADDRESS = re.compile(rf"\s*inet (?:addr:)?({ADDRESS})(?:[/ ].*)?")
_ONE_LINE = re.compile(rf"\d+: ([a-z][\w.-]{{1,14}}) +inet ({ADDRESS})(?:[/ ].*)?")
"""ip -o address."""
_LINK = re.compile(r"\b(?:ether|HWaddr) ((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|\[masked-\d+\])")
_OF_NET = re.compile(r"([a-z][\w.-]{1,14}): (.+)")
_LEASED = re.compile(rf"(?:leased|DHCPv4 address) ({ADDRESS})\b.*")
_OWN = re.compile(rf"using IPv4LL address ({ADDRESS})\b.*")
"""Nobody gave an address, and the client took one of its own (RFC 3927)."""
_DISCOVERED = re.compile(r"DHCP(?:DISCOVER|REQUEST|ACK|OFFER)\b.*? on ([a-z][\w.-]{1,14})(?: .*)?")
_UNOFFERED = re.compile(r"No DHCPOFFERS received\.|No working leases in persistent database - sleeping\.")
_BOUND = re.compile(rf"bound to ({ADDRESS}) -- renewal in .*")
"""ISC dhclient 4.4.3, client/dhclient.c; the lines after the first name no network interface."""
_LOST = re.compile(
    r"carrier lost|Lost carrier|Link DOWN|removing interface|expired|DHCPv4 (?:lease|connection) lost.*"
)
_UNGIVEN = re.compile(
    r"timed out(?: waiting)?|no IPv4 lease.*|DHCPv4 client: (?:Failed|FAILED).*|Could not set DHCPv4.*"
)
"""dhcpcd 9.4 (src/dhcp.c, src/dhcpcd.c) and systemd 252 (src/network/networkd-dhcp4.c, networkd-link.c)."""
_COMPLAINT = re.compile(
    r"/dev/(?:ttyUSB|ttyACM|cdc-wdm|modem)\w*\W.*\b(I/O error|Input/output error|Device or resource busy|"
    r"Permission denied|No such file or directory|No such device)",
    re.IGNORECASE,
)
COMPLAINTS = {
    "i/o error": "port-io-error",
    "input/output error": "port-io-error",
    "device or resource busy": "port-in-use",
    "resource temporarily unavailable": "port-in-use",
    "permission denied": "port-in-use:denied",
    "no such file or directory": "port-missing",
    "no such device": "port-missing",
}
"""What the C libraries' words for a port's error mean, in small letters."""
_OPTION = re.compile(r"\s*(?:\S+ )?option (\w+) ['\"]?([^'\"]*)['\"]?\s*")
_PAIRS = re.compile(r"[\"'](\w+)[\"']:? (?:[bsoyqu] |<)[\"']?([\w./+-]+)")
"""busctl: "Online" b false. gdbus: 'Online': <false>."""
_OBJECTS = re.compile(r"\(objectpath '(/[\w/]+)', \{(.*?)\}\)(?=[,\]])")
"""gdbus: what GetModems and GetContexts answer, on one line."""
_VALUES = re.compile(r"'(\w+)': <'?([^'>]*)'?>")
_MONITOR = re.compile(r"\{(\w+)\} \[(/\S+)\] (\w+) = (.*)")
_ENTRY = re.compile(r"\s*string \"(\w+)\"\s*")
_VARIANT = re.compile(
    r"\s*variant\s+(?:boolean|string|byte|uint16|uint32|int32|object path) \"?([\w./+-]*)\"?\s*"
)
_INTROSPECTED = re.compile(r"\.(\w+) +property +[bsyqu] +\"?([\w./-]+)\"? .*")
_FAR = 8
"""Lines between two properties of one interface."""
_SECTIONS = {
    "SimManager": {"PinRequired", "Present", "LockedPins", "Retries", "CardIdentifier"},
    "NetworkRegistration": {"Status", "Strength", "MobileCountryCode", "Technology"},
    "ConnectionManager": {"Attached", "RoamingAllowed", "Bearer", "Suspended"},
    "": {"Lockdown", "Emergency", "Interfaces", "Manufacturer", "Model", "Online"},
}
"""oFono's interfaces, by properties that no other has."""


class Network:
    """Reads the state of the network and of the modem as clients show it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._interface = ""
        self._interface_asked = ""
        """Network interface that dhclient asks an address for."""
        self._key: Seen[str] | None = None
        """The name whose value follows."""
        self._block: dict[str, Seen[str]] = {}
        self._last = 0

    def tables(self) -> Tables:
        return Tables(
            heads={
                **dict.fromkeys(("No", "bound"), self._dhclient),
                **dict.fromkeys(("DHCPDISCOVER", "DHCPREQUEST", "DHCPOFFER", "DHCPACK"), self._dhclient),
                "inet": self._address,
                "link/ether": self._link,
                "ether": self._link,
                "string": self._entry,
                "variant": self._variant,
                "array": self._array,
            },
            programs={
                "connmand": self._connmand,
                "dhcpcd": self._client,
                "dhclient": self._dhclient,
                "systemd-networkd": self._client,
            },
            commands=dict.fromkeys(("ip", "ifconfig"), self._command),
            cues=(
                (("Link encap", "flags="), self._named),
                ((": <", "@"), self._named),
                ((" UNKNOWN", " UP ", " DOWN"), self._brief),
                ((" inet ",), self._one_line),
                (('" b ', '" s "', '" y ', "': <"), self._pairs),
                (("} [/",), self._monitor),
                (("/dev/tty", "/dev/cdc-wdm"), self._port),
                ((" property ",), self._introspected),
                (("option proto", "option device"), self._uci),
            ),
        )

    # Addresses

    def _command(self, _words: list[str]) -> Output | None:
        self._interface = ""
        return None

    def _named(self, text: str) -> None:
        if _OF_LINK.search(text) and (match := _INTERFACE.fullmatch(text)):
            self._interface = match[1]
            self._set(match[1], "")
            self._link(text)

    def _brief(self, text: str) -> None:
        if match := _BRIEF.fullmatch(text):
            self._set(match[1], match[2] or "")

    def _one_line(self, text: str) -> None:
        if match := _ONE_LINE.fullmatch(text):
            self._set(match[1], match[2])

    def _address(self, text: str) -> None:
        match = _ADDRESS.fullmatch(text)
        if match is not None and self._interface:
            self._set(self._interface, match[1])

    def _link(self, text: str) -> None:
        """The MAC address of the interface whose lines these are."""
        links = self._reader.state.bus.links
        match = _LINK.search(text)
        if match is not None and self._interface and len(links) < MOST_ENTRIES:
            links[match[1].replace(":", "").lower()] = self._interface

    def _set(self, interface: str, address: str) -> None:
        addresses = self._reader.state.addresses
        if interface in addresses or len(addresses) < MOST_ENTRIES:
            self._reader.mark("ifconfig and ip")
            addresses[interface] = self._reader.seen(address)

    def _connmand(self, text: str) -> None:
        # ConnMan 1.41 src/inet.c, rtnl.c: each change of an address, whatever its log level.
        match = re.fullmatch(r"([\w\[\]-]+) \{(add|del)\} address ([\d.]+)/\d+ .*", text)
        if match is not None:
            self._set(match[1], match[3] if match[2] == "add" else "")

    def _client(self, text: str) -> None:
        """dhcpcd and systemd-networkd name the network interface first."""
        match = _OF_NET.fullmatch(text.strip())
        if match is None:
            return
        net, said = match[1], match[2]
        over_modem = net.startswith(("ww", "ppp"))
        if given := _LEASED.match(said):
            self._set(net, given[1])
            if over_modem:
                self._reader.state.add("=online", self._reader.seen(text.strip()))
        elif own := _OWN.match(said):
            self._set(net, own[1])
            if over_modem:
                self._reader.state.add("dhcp-failed", self._reader.seen(text.strip()))
        elif over_modem and said.startswith("soliciting a DHCP lease"):
            self._reader.mark("ifconfig and ip")
            self._reader.state.add("=discover", self._reader.seen(text.strip()))
        elif over_modem and _LOST.fullmatch(said) and self._reader.state.said("data") == "=online":
            self._reader.mark("ifconfig and ip")
            self._reader.state.add("connection-dropped", self._reader.seen(text.strip()))
        elif over_modem and _LOST.fullmatch(said):
            self._reader.mark("ifconfig and ip")
            self._reader.state.add("=net-lost", self._reader.seen(text.strip()))
        elif over_modem and _UNGIVEN.match(said):
            self._reader.mark("ifconfig and ip")
            self._reader.state.add("dhcp-failed", self._reader.seen(text.strip()))

    def _dhclient(self, text: str) -> object:
        """dhclient names the network interface when it asks, and not when it tells what came of it."""
        said = text.strip()
        if match := _DISCOVERED.match(said):
            self._interface_asked = match[1]
        elif self._interface_asked.startswith(("ww", "usb")):
            if _UNOFFERED.fullmatch(said):
                self._reader.mark("ifconfig and ip")
                self._reader.state.add("dhcp-failed", self._reader.seen(said))
            elif bound := _BOUND.fullmatch(said):
                self._set(self._interface_asked, bound[1])
                self._reader.state.add("=online", self._reader.seen(said))
        return False

    # What clients say of ports and of OpenWrt

    def _port(self, text: str) -> None:
        """Any program's complaint about a port, in the words of the C library."""
        if match := _COMPLAINT.search(text):
            self._reader.mark("serial port")
            self._reader.state.add(COMPLAINTS[match[1].lower()], self._reader.seen(text.strip()))

    def _uci(self, text: str) -> None:
        """OpenWrt's configuration of an interface."""
        match = _OPTION.fullmatch(text)
        if match is None:
            return
        if match[1] == "proto" and match[2] in (
            "ncm",
            "3g",
            "qmi",
            "mbim",
            "modemmanager",
            "directip",
            "wwan",
        ):
            self._reader.mark("OpenWrt configuration")
            self._reader.state.add("=netifd-up", self._reader.seen(text.strip()))
        elif match[1] == "device" and match[2].startswith("/dev/cdc-wdm"):
            self._reader.state.add("=device-wdm", self._reader.seen(text.strip()))

    # oFono over D-Bus

    def _pairs(self, text: str) -> None:
        objects = _OBJECTS.findall(text)
        if objects and objects[0][0].rpartition("/")[2].startswith("context"):
            self._reader.mark("D-Bus")
            self._reader.state.contexts = [self._context(path, shown) for path, shown in objects[:16]]
            return
        if objects:
            self._reader.state.modems = self._reader.seen(tuple(path for path, _shown in objects[:16]))
        self._properties({key: self._reader.seen(value) for key, value in _PAIRS.findall(text)})

    def _context(self, path: str, shown: str) -> Context:
        seen = self._reader.seen
        values = {key: seen(value) for key, value in _VALUES.findall(shown)}
        return Context(seen(path), values)

    def _monitor(self, text: str) -> None:
        if match := _MONITOR.fullmatch(text):
            section = "" if match[1] == "Modem" else f"{match[1]}."
            self._reader.mark("monitor-ofono")
            if match[1] == "ConnectionContext":
                self._context_has(match[2], match[3], match[4].strip())
                return
            if len(self._reader.state.ofono) < MOST_ENTRIES:
                self._reader.state.ofono[section + match[3]] = self._reader.seen(match[4].strip())

    def _context_has(self, path: str, key: str, value: str) -> None:
        """A property of a context has changed."""
        state = self._reader.state
        contexts = state.contexts = state.contexts or []
        known = next((item for item in contexts if item.path.value == path), None)
        if known is None and len(contexts) < MOST_STATES:
            known = Context(self._reader.seen(path))
            contexts.append(known)
        if known is not None and len(known.values) < MOST_ENTRIES:
            known.values[key] = self._reader.seen(value)

    def _introspected(self, text: str) -> None:
        if match := _INTROSPECTED.fullmatch(text):
            self._gather(match[1], self._reader.seen(match[2]))

    def _entry(self, text: str) -> None:
        match = _ENTRY.fullmatch(text)
        self._key = self._reader.seen(match[1]) if match else None

    def _variant(self, text: str) -> None:
        match, key = _VARIANT.fullmatch(text), self._key
        if match is not None and key is not None:
            source, name, line = key.place
            whole = f"{name.strip()} {text.strip()}" if self._reader.follows(line) else text
            self._gather(key.value, Seen(match[1], (source, whole, line)))

    def _array(self, _text: str) -> None:
        """The properties of another interface."""
        self._block = {}

    def _gather(self, key: str, value: Seen[str]) -> None:
        if self._reader.line - self._last > _FAR or key in self._block:
            self._block = {}
        self._last = self._reader.line
        self._block[key] = value
        self._properties(self._block)
        if len(self._block) > 64:
            self._block = {}

    def _properties(self, found: dict[str, Seen[str]]) -> None:
        """Which interface of oFono they are is seen by those that no other has."""
        section = next((name for name, keys in _SECTIONS.items() if keys & found.keys()), None)
        if section is None:
            return
        self._reader.mark("D-Bus")
        known = self._reader.state.ofono
        for key, value in found.items():
            name = f"{section}.{key}" if section else key
            if name in known or len(known) < MOST_ENTRIES:
                known[name] = value
