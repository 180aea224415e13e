# SPDX-License-Identifier: MIT
"""How far the network reaches: ping, the default route, names, and what programs complain of them.

Known by shape: iputils, BusyBox and inetutils ping; ip route, route and netstat -r; glibc, musl and curl.
"""

from __future__ import annotations

import ipaddress
import re

from huawei_modem.transcript.line import ADDRESS
from huawei_modem.transcript.model import MOST_ENTRIES, Route
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_PING = re.compile(
    r"PING (?P<name>\S+) ?\((?P<target>[0-9a-fA-F.:]+)\):?"
    r"(?: from (?P<from>\S+?):?(?: (?P<net>[\w.-]+):)?)? .*"
)
_REPLY = re.compile(r"\d+ bytes from (?P<who>.+?): (?:icmp_)?seq=\d+ .*")
_LOSS = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received,.*")
_UNREACHABLE = re.compile(
    r"(?:From \S+ (?:icmp_seq=\d+ )?)?(?:(?:ping6?|connect|sendto|sendmsg|wget): ){0,3}"
    r"(?:[Nn]etwork (?:is )?unreachable|Destination (?:Net|Host) (?:Unreachable|Prohibited)|No route to host)"
)
_NAMES = re.compile(
    r"(?:[\w./-]+: ){0,2}(?:unknown host(?: \S+)?|bad address '?[\w.-]+'?|"
    r".{0,60}?: ?Temporary failure in name resolution|"
    r".{0,60}?: ?Name or service not known|\(6\) Could not resolve host: .*|"
    r"[Uu]nable to resolve host address .*|can't resolve '[\w.-]+'.*|Could not resolve '?[\w.-]+'?|"
    r"Temporary failure resolving '[\w.-]+'|[Cc]an't find host [\w.-]+(?::? .*)?|"
    r"[Ff]ailed to resolve '?[\w.-]+'?.*|Could not resolve address .*)|"
    r";; connection timed out; no servers could be reached.*|"
    r"\*\* server can't find [\w.-]+: (?:SERVFAIL|REFUSED)"
)
_PAGE = re.compile(r"192\.168\.\d{1,3}\.1")
_OWN_NAME = re.compile(r"(?:sudo|s?ntpd?|ntpdate|chronyd?|systemd-timesyncd)(?:\[\d+\])?: ", re.IGNORECASE)
"""A host that does not know its own name; clocks that ask before there is a network."""
_FETCHED = re.compile(
    r"HTTP/[\d.]+ (?:200|30[12]).*|.* saved \[\d+(?:/\d+)?\]|(?:Download|Upload): +[\d.]+ Mbit/s.*"
)
_DEFAULT = re.compile(
    r"default (?:via (?P<gateway>[\w.:]+) )?(?:dev (?P<net>[\w.-]+))(?:.*? metric (?P<metric>\d+))?.*"
)
_TABLE = re.compile(
    r"(?:0\.0\.0\.0|default) +(?P<gateway>\S+) +0\.0\.0\.0 +[UGHS!]+ +"
    r"(?:(?P<metric>\d+) +\d+ +\d+|\d+ \d+ +\d+) +(?P<net>[\w.-]+)"
)
"""route and netstat -r."""
_CUT_ROW = re.compile(r"(?:0\.0\.0\.0|default) +\S+ +0\.0\.0\.0 +[UGHS!]+ +[\d ]+")
"""A default route whose interface a mail program put on the next line."""
_EVERYWHERE = "0.0.0.0"  # noqa: S104 -- a destination in tables of routes
_LINK = re.compile(r"\s*Ethernet = \[ .*\bInterface=([\w.-]+).*")
_SERVICE_ADDRESS = re.compile(rf"\s*IPv4 = \[ .*\bAddress=({ADDRESS}).*")
_NEAR = 4
"""Lines from one property of a service to the other."""
_SOURCE = re.compile(r" src (\d+\.\d+\.\d+\.\d+)\b")
_ROW = re.compile(
    r"(?:[\d.]{7,15}(?:/\d+)?|default)(?: via \S+)? dev \S+.*|[\d.]{7,15} +\S+ +[\d.]{7,15} +[UGHS!]+ .*|"
    r"(?:Destination|Ziel) +(?:Gateway|Router) .*|Kernel(?:-| )IP.*"
)


def is_near(address: str) -> bool:
    """Whether it is an address of a private network (RFC 1918, RFC 3927)."""
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


class Reach:
    """Reads how far the network reaches."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._target, self._net, self._replied = "", "", False
        self._named = False
        self._service_net = ("", 0)
        """Network interface and line of the service whose properties follow."""

    def tables(self) -> Tables:
        return Tables(
            heads={
                "Ethernet": self._link,
                "IPv4": self._service,
                "PING": self._ping,
                "default": self._route,
                _EVERYWHERE: self._route,
            },
            programs=dict.fromkeys(("ntpdate", "ntpd", "chronyd", "systemd-timesyncd"), self._clock),
            cues=(
                (("bytes from", "packets transmitted"), self._answer),
                (("nreachable", "No route to host"), self._unreachable),
                (
                    (
                        *("unknown host", "bad address", "name resolution", "or service not known"),
                        *("not resolve", "o resolve", "can't resolve", "no servers could be", "can't find"),
                        "failure resolving",
                    ),
                    self._names,
                ),
                (("HTTP/", " saved [", "Mbit/s"), self._fetched),
                ((" dev ", " U ", " UG", " UH", " U!", "IP "), self._row),
            ),
        )

    def _ping(self, text: str) -> bool:
        match = _PING.fullmatch(text.strip())
        if match is not None:
            self._target, self._net, self._replied = match["target"], match["net"] or "", False
            if match["from"] and not match["net"] and not match["from"][0].isdecimal():
                self._net = match["from"]
            self._named = match["name"] != match["target"]
            self._reader.mark("ping")
            if self._named and not is_near(self._target):
                self._say("=names")
        return False

    def _answer(self, text: str) -> None:
        text = text.strip()
        if match := _REPLY.fullmatch(text):
            who = match["who"].rpartition("(")[2].rstrip(")")
            self._replied = True
            self._reached(who)
        elif match := _LOSS.fullmatch(text):
            if match[2] != "0":
                self._reached(self._target)
            elif match[1] != "0" and not self._replied:
                self._of_page()
                self._reader.mark("ping")
                self._say("=near-lost" if is_near(self._target) else "=reach-lost", self._net)
            self._target, self._net = "", ""

    def _reached(self, who: str) -> None:
        self._reader.mark("ping")
        self._say("=ping-near" if is_near(who) else "=ping")

    def _unreachable(self, text: str) -> None:
        if _UNREACHABLE.fullmatch(text.strip()):
            self._reader.mark("ping")
            self._say("=unreachable")
            self._of_page()

    def _of_page(self) -> None:
        """Nobody answers at the address of a router's page."""
        if _PAGE.fullmatch(self._target):
            self._reader.history.around.setdefault("page", self._reader.seen("page"))

    def _names(self, text: str) -> None:
        if _NAMES.fullmatch(text.strip()) and not _OWN_NAME.match(text.strip()):
            self._reader.mark("name resolution")
            self._say("=names-lost")

    def _clock(self, text: str) -> None:
        """What a program that sets the clock says: it asks early, so it counts once the network is there."""
        if _NAMES.fullmatch(text.strip()) and self._reader.state.said("data") == "=online":
            self._reader.mark("name resolution")
            self._say("=names-lost")

    def _fetched(self, text: str) -> None:
        if _FETCHED.fullmatch(text.strip()):
            self._reader.mark("curl, wget")
            self._say("=names")
            self._say("=fetched")

    def _say(self, sign: str, net: str = "") -> None:
        """`net` is the interface that ping was bound to."""
        self._reader.state.add(sign, self._reader.seen(net))

    # A service of ConnMan's

    def _link(self, text: str) -> bool:
        if match := _LINK.fullmatch(text):
            self._service_net = (match[1], self._reader.line)
        return False

    def _service(self, text: str) -> bool:
        net, line = self._service_net
        match = _SERVICE_ADDRESS.fullmatch(text)
        if match is not None and net and 0 < self._reader.line - line <= _NEAR:
            self._reader.state.addresses.setdefault(net, self._reader.seen(match[1]))
        return False

    # Routes

    def _route(self, text: str) -> bool:
        match = _DEFAULT.fullmatch(text.strip()) or _TABLE.fullmatch(text.strip())
        if match is None:
            if _CUT_ROW.fullmatch(text.strip()):
                self._reader.state.routes, self._reader.block = None, ""
                return True
            return False
        self._listed()
        routes = self._reader.state.routes
        if routes is not None and len(routes) < MOST_ENTRIES:
            routes.append(Route(match["net"], int(match["metric"] or 0), self._reader.seen(match["net"])))
        addresses, source = self._reader.state.addresses, _SOURCE.search(text)
        if source is not None and not addresses.get(match["net"]) and len(addresses) < MOST_ENTRIES:
            addresses[match["net"]] = self._reader.seen(source[1])
        return False

    def _row(self, text: str) -> None:
        if _ROW.fullmatch(text.strip()):
            self._listed()

    def _listed(self) -> None:
        """A line of a table of routes; the first one makes an earlier table history."""
        if not self._reader.joins("routes") or self._reader.state.routes is None:
            self._reader.state.routes = []
        self._reader.mark("ip route")
