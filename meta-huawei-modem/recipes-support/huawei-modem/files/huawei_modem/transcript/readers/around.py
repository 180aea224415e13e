# SPDX-License-Identifier: MIT
"""What stands around the modem, as sentences and programs of the host tell.

A virtual machine that it is handed to, a program that asks the stick's page, a bus that shows nothing, a
second modem that is not shown.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import hearsay, prose
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_GUEST = re.compile(
    r"-usbdevice host:|\busb-host\b|<hostdev\b|\bVBoxManage\b|\bvirt-manager\b|\blibvirt\b|"
    r"\bProxmox\b|\busbipd\b|\bESXi\b|\bqemu\b|\bWSL ?2?\b|\bQubes\b|\bsys-usb\b",
    re.IGNORECASE,
)
_VM = re.compile(
    r"\bvirtual ?box\b|\bVMware\b|\bHyper-V\b|\bvirtual machines?\b|\bVM\b|\bKVM guest\b", re.IGNORECASE
)
_CONTAINER = re.compile(
    r"\b(?:in|into|from|inside|with|using|run|runs|running) (?:\w+ ){0,2}"
    r"(?:docker\w*|podman|LXC|containers?)\b(?! (?:image|hub|desktop))",
    re.IGNORECASE,
)
_IN_PASSING = re.compile(
    r"\b(?:works?|worked|working|tested|built|build|image|compil\w+|laptop|mac ?book|notebook|windows|"
    r"instead)\b",
    re.IGNORECASE,
)
"""What a virtual machine is named for that has no part in the fault."""
_WITHOUT = re.compile(r"\b(?:no|not|without)(?: an?| in an?| any)? \Z", re.IGNORECASE)
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
_PAGE_OPENS = re.compile(
    r"(?:\b192\.168\.\d{1,3}\.1\b|\bweb ?(?:ui|gui|interface|page)\b|\bhi\.link\b)"
    r"(?:(?!\bnot\b|n[’']t\b|\bnever\b)[^.,;]){0,30}"
    r"\b(?:opens?|works?|loads?|is (?:reachable|accessible)|comes up|answers)\b|"
    r"\bcan (?:open|reach|access|log ?in ?to|see|get to) (?:\w+ ){0,3}(?:https?://)?"
    r"(?:192\.168\.\d{1,3}\.1\b|web ?(?:ui|gui|interface|page)\b|page\b)",
    re.IGNORECASE,
)
_HOME_ASSISTANT = re.compile(r"home ?assistant|\bhass(?:io)?\b", re.IGNORECASE)
_ANDROID = re.compile(r"\bAndroid\b")
_SECOND = re.compile(
    r"\b(?:second|2nd|other|another)\b.{0,30}\b(?:modem|stick|dongle|one)\b.{0,40}\bhuawei\b|"
    r"\b(?:second|2nd|other)\b.{0,20}\bhuawei\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"\b(?:lsusb|usb/devices|usb-devices)\b(?:(?![0-9a-f]{4}:[0-9a-f]{4})[^.!?;]){0,40}\b(?:not|nothing|no|never|empty|don't|doesn't|isn't)\b|"
    r"\b(?:not|nothing|never|no|don't|doesn't|isn't|can't|cannot)\b[^.!?:]{0,50}\blsusb\b",
    re.IGNORECASE,
)
_NO_TRACE = re.compile(
    r"\bdmesg\b[^.!?;]{0,40}\b(?:shows?|says?|prints?|has) nothing\b|\bdmesg\b[^.!?;]{0,30}\b(?:could|"
    r"can|did)(?: not|n't) find "
    r"any|\bdmesg is the same with and without\b|\bnothing (?:new |at all )?in dmesg\b|"
    r"\bno (?:new )?(?:lines?|messages?|trace) in dmesg\b",
    re.IGNORECASE,
)
"""The kernel's log has nothing of it."""
_NO_LSUSB = re.compile(
    r"\b(?:no|without|lacks?|(?:not|n't) have|have not) [\"'`]?lsusb\b(?! (?:entry|line|output))|"
    r"\blsusb[\"'`]?(?: command)?(?: (?:is|was)(?: not|n't) (?:installed|available|there|present|"
    r"included|part|in )|"
    r": (?:command )?not found)",
    re.IGNORECASE,
)
"""The program is not there, which says nothing of the bus."""
_UNDETECTED = re.compile(
    r"\b(?:modem|module|card|LTE|4G)\b.{0,30}\b(?:not|never|no longer|isn't|doesn't|n't)\b.{0,12}"
    r"\b(?:detect|recogni[sz]|found|seen|show)",
    re.IGNORECASE,
)
_OF_ELSE = re.compile(
    r"(?<!modem )(?<!stick )not found|No such|(?<!lsusb )command|tty|driver|unable to initialize|"
    r"permission|\[|"
    r"\b(?:despite|although|though|but)\b.{0,30}\blsusb\b|"
    r"(?<!not )(?<!n't )\b(?:listed|shown|shows? up|appears?) in lsusb",
    re.IGNORECASE,
)
"""A sentence about lsusb that is about something else."""
_CARRIER = re.compile(
    r"\bcarrier\b(?:(?! (?:and|but)\b)[^,;]){0,30}\b(?:lost|dropp(?:ed|ing)|drops|disappears|goes away)\b|"
    r"\b(?:loses?|losing|lost) (?:its |the |their )?carrier\b(?! signal)",
    re.IGNORECASE,
)
"""A network interface is set up and left alone again, as a sentence tells what a DHCP client logs."""
_BUILT_IN = re.compile(
    r"\bRUT\w?\d{2,3}\b|\bmini[- ]?PCI-?e\b|\bmPCIe\b|\bM\.2\b|built[- ]?in|\bME909\w*|\bHAT\b|\binternal\b|"
    r"\bsoldered\b|\bon (?:the |our |a )?SOM\b|\bon-?module\b|\bUART\b|\bin-?built\b|\bmodem inside\b|"
    r"\bGL-\w+",
    re.IGNORECASE,
)
_LONGEST = 300


class Around:
    """Reads what sentences and the host's programs say of what the modem is plugged into."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (
                    (
                        *(
                            "usbdevice",
                            "usb-host",
                            "hostdev",
                            "VBoxManage",
                            "irtual",
                            "virt-manager",
                            "libvirt",
                        ),
                        *(
                            "roxmox",
                            "usbipd",
                            "ESXi",
                            "VMware",
                            "QEMU",
                            "qemu",
                            "WSL",
                            "Hyper-V",
                            " VM",
                            "Qubes",
                            "sys-usb",
                        ),
                    ),
                    self._guest,
                ),
                (("ocker", "odman", "LXC", "lxc", "ontainer"), self._container),
                (("[Errno 1", "192.168.", "LoginRequired", "SessionToken", "ResponseErrorLogin"), self._page),
                (
                    (
                        *("uawei_lte", "uawei-lte", "iLink", "ilink", "192.168.", "web interface", "eb page"),
                        *("hi.link", "ebpage", "eb UI", "ebUI", "eb GUI", "ebGUI"),
                    ),
                    self._asks,
                ),
                (("omeassistant", "ome Assistant", "omeAssistant", "hassio"), self._home),
                (("ndroid",), self._android),
                (("econd", "2nd", "ther"), self._second),
                (("detect", "ecogni"), self._undetected),
                (("arrier",), self._carrier),
                (("lsusb", "usb/devices", "usb-devices", "dmesg"), self._unseen),
                (
                    (
                        "RUT",
                        "PCI",
                        "M.2",
                        "UART",
                        "uilt",
                        "ME909",
                        "HAT",
                        "nternal",
                        "SOM",
                        "odule",
                        "oldered",
                        "inside",
                        "GL-",
                    ),
                    self._built_in,
                ),
            )
        )

    def _guest(self, text: str) -> None:
        said = hearsay.claimed(text[:_LONGEST])
        vm = _VM.search(said)
        named = vm is not None and not _IN_PASSING.search(said) and not _WITHOUT.search(said[: vm.start()])
        if _GUEST.search(said) or named:
            self._reader.history.words.add("guest")
            self._note("guest")

    def _container(self, text: str) -> None:
        if hearsay.claims(text[:_LONGEST], _CONTAINER):
            self._note("container")

    def _page(self, text: str) -> None:
        text = text.strip()
        if _REFUSED.fullmatch(text):
            self._note("page-refused")
        elif _PAGE.fullmatch(text) or (_PAGE_AT.search(text) and _UNREACHED.search(text)):
            self._note("page")

    def _asks(self, text: str) -> None:
        if _ASKS_PAGE.search(text):
            self._reader.history.words.add("page")
        own = (part for part in prose.clauses(text[:_LONGEST]) if not prose.is_elsewhere(part))
        if _PAGE_OPENS.search(text) and hearsay.claims(". ".join(own), _PAGE_OPENS):
            self._reader.history.around["page-opens"] = self._reader.seen("page-opens")

    def _home(self, text: str) -> None:
        if _HOME_ASSISTANT.search(text):
            self._reader.history.words.add("home assistant")

    def _android(self, text: str) -> None:
        if _ANDROID.search(text):
            self._reader.history.words.add("android")

    def _second(self, text: str) -> None:
        if _SECOND.search(text[:_LONGEST]):
            self._note("second")

    def _unseen(self, text: str) -> None:
        own = (part for part in prose.clauses(text[:_LONGEST]) if not prose.is_bidden(part))
        said = hearsay.claimed(". ".join(own))
        if _NO_LSUSB.search(said):
            self._reader.history.tried.add("no lsusb")
        elif (_UNSEEN.search(said) or _NO_TRACE.search(said)) and not _OF_ELSE.search(said):
            self._note("unseen")

    def _undetected(self, text: str) -> None:
        if hearsay.claims(text[:_LONGEST], _UNDETECTED):
            self._note("undetected")

    def _carrier(self, text: str) -> None:
        if not prose.is_of_program(text) and hearsay.claims(text[:_LONGEST], _CARRIER):
            self._note("net-lost")

    def _built_in(self, text: str) -> None:
        if _BUILT_IN.search(text[:_LONGEST]):
            self._reader.history.words.add("built in")

    def _note(self, what: str) -> None:
        self._reader.history.around.setdefault(what, self._reader.seen(what))
