# SPDX-License-Identifier: MIT
"""What stands around the modem: a program that asks the stick's page, a second modem that is not shown."""

from __future__ import annotations

import re

from huawei_modem.transcript.languages import pieces_of
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_PAGE = re.compile(
    r"OSError: \[Errno (?:101|113|110|111)\] .*|"
    r".*HTTPConnectionPool\(host='192\.168\.\d+\.1'.*|.*ConnectTimeout.*192\.168\.\d{1,3}\.1.*|"
    r"curl: \((?:7|28)\) .*\b192\.168\.\d+\.1\b.*|wget: can't connect to remote host \(192\.168\.\d+\.1\).*"
)
"""urllib3 and requests, curl, BusyBox's wget: nobody answers at the stick's page."""
_PAGE_AT = re.compile(r"192\.168\.\d{1,3}\.1(?!\d)")
_UNREACHED = re.compile(
    r"no route to host|host ?unreach\w*|host is unreachable|connection refused|ECONNREFUSED|timed? ?out|"
    r"unreachable|NoRouteToHost\w*|100% packet loss",
    re.IGNORECASE,
)
"""Any program that names the page's address and says that nobody answers there: Go, node, Java, PHP, .NET."""
_REFUSED = re.compile(
    r".*(?:ResponseErrorLoginRequiredException|ResponseErrorWrongSessionToken|LoginErrorUsernamePassword\w*|"
    r"ResponseErrorLogin\w+|12500[23]: |10800[1367]: |100003: ).*"
)
"""huawei_lte_api 1.6, exceptions.py: the page answers, and wants a login."""
_ASKS_PAGE = re.compile(r"huawei[-_]lte|hilink|192\.168\.(?:8|1)\.1\b", re.IGNORECASE)
_SYSTEMS = (
    ("home assistant", re.compile(r"home ?assistant|\bhass(?:io)?\b", re.IGNORECASE)),
    ("android", re.compile(r"\bAndroid\b")),
)
_ASKING = (
    "uawei_lte",
    *pieces_of("""
    uawei-lte iLink ilink 192.168. web_interface eb_page hi.link ebpage eb_UI ebUI eb_GUI ebGUI
"""),
)
_INSIDE = pieces_of("RUT PCI M.2 UART uilt ME909 HAT nternal SOM odule oldered inside GL-")
_SECOND = re.compile(
    r"\b(?:second|2nd|other|another)\b.{0,30}\b(?:modem|stick|dongle|one)\b.{0,40}\bhuawei\b|"
    r"\b(?:second|2nd|other)\b.{0,20}\bhuawei\b",
    re.IGNORECASE,
)
_BUILT_IN = re.compile(
    r"\bRUT\w?\d{2,3}\b|\bmini[- ]?PCI-?e\b|\bmPCIe\b|\bM\.2\b|built[- ]?in|\bME909\w*|\bHAT\b|\binternal\b|"
    r"\bsoldered\b|\bon (?:the |our |a )?SOM\b|\bon-?module\b|\bUART\b|\bin-?built\b|\bmodem inside\b|"
    r"\bGL-\w+",
    re.IGNORECASE,
)
_LONGEST = 300


class Around:
    """Reads what is said of the host and of the stick's page."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (("[Errno 1", "192.168.", "LoginRequired", "SessionToken", "ResponseErrorLogin"), self._page),
                (_ASKING, self._asks),
                (("omeassistant", "ome Assistant", "omeAssistant", "hassio", "ndroid"), self._system),
                (("econd", "2nd", "ther"), self._second),
                (_INSIDE, self._built_in),
            )
        )

    def _page(self, text: str) -> None:
        text = text.strip()
        if _REFUSED.fullmatch(text):
            self._note("page-refused")
        elif _PAGE.fullmatch(text) or (_PAGE_AT.search(text) and _UNREACHED.search(text)):
            self._note("page")

    def _asks(self, text: str) -> None:
        if _ASKS_PAGE.search(text):
            self._reader.history.words.add("page")

    def _system(self, text: str) -> None:
        words = self._reader.history.words
        words.update(name for name, said in _SYSTEMS if said.search(text))

    def _second(self, text: str) -> None:
        if _SECOND.search(text[:_LONGEST]):
            self._note("second")

    def _built_in(self, text: str) -> None:
        if _BUILT_IN.search(text[:_LONGEST]):
            self._reader.history.words.add("built in")

    def _note(self, what: str) -> None:
        self._reader.history.around.setdefault(what, self._reader.seen(what))
