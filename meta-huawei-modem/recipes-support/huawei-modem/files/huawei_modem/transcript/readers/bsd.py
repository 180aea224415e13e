# SPDX-License-Identifier: MIT
"""FreeBSD, with pfSense and OPNsense: what its kernel says of a stick, by other drivers and names.

FreeBSD 13: sys/dev/usb/usb_hub.c and usb_device.c (ugen), sys/dev/usb/serial/u3g.c, sys/cam/scsi.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import messages
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_UGEN = re.compile(r"(ugen\d+\.\d+): <(.{1,80}?)> at (\w+)( \(disconnected\))?")
_PORTS = re.compile(r"u3g\d+: Found (\d+) ports?\.")
_DRIVE = re.compile(r"cd\d+: <huawei.*> Removable CD-ROM .*", re.IGNORECASE)
_MODEM = re.compile(r"huawei|hilink|mobile|modem|zte|sierra|quectel|lte|3g", re.IGNORECASE)
_UNREAD = re.compile(
    r"usbd_(?:setup_device_desc|req_re_enumerate|set_config_index|transfer_\w+): "
    r".*(?:failed|USB_ERR_(?:IOERROR|TIMEOUT|STALLED)).*|"
    r"usb_alloc_device: device init \d+ failed .*|uhub_reattach_port: .*(?:failed|disabling port).*|"
    r"ugen\d+\.\d+: <Unknown> at \w+(?: \(disconnected\))?|usbus\d+: port reset timeout|"
    r"uhub\d+: (?:port \d+, )?(?:device problem|device not responding|set address \d+ failed).*|"
    r"u3g\d+: at uhub\d+, port \d+, addr \d+ \(had errors\).*"
)
"""FreeBSD sys/dev/usb/usb_device.c, usb_request.c, usb_hub.c; NetBSD and OpenBSD sys/dev/usb/uhub.c."""
_LINK = re.compile(r"(?:\[[\w.-]{1,30}\] )+")
_CHAT = re.compile(r"Chat: (?:Send: (?P<sent>\S+)|(?P<late>Expect timeout)|Received: (?P<got>\w+)\b.*)")
_OF_PPP = re.compile(r"(?:Chat|Phase|LCP|IPCP|tun\d+): ")
"""FreeBSD usr.sbin/ppp/chat.c and log.c."""
_GONE = re.compile(r".*/dev/cuaU[\d.]+:? .*(?:Device not configured|No such file or directory).*")


class Bsd:
    """Reads the few lines that FreeBSD's drivers print."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._of_mpd = messages.watch(reader, "mpd", "mpd")
        self._sent = ""
        """What ppp's chat script has sent last."""

    def tables(self) -> Tables:
        return Tables(
            numbered={
                "ugen": self._device,
                "u3g": self._ports,
                "umass": self._known,
                "cdce": self._known,
                "urndis": self._known,
                "umodem": self._known,
                "umsm": self._openbsd,
                "ucom": self._openbsd,
                "cd": self._drive,
                "usbus": self._unread,
                "uhub": self._unread,
            },
            heads=dict.fromkeys(
                (
                    *("usbd_setup_device_desc:", "usbd_req_re_enumerate:", "usbd_set_config_index:"),
                    *("usb_alloc_device:", "uhub_reattach_port:"),
                ),
                self._unread,
            )
            | dict.fromkeys(("CHAT:", "MODEM:"), self._mpd),
            cues=((("/dev/cuaU",), self._gone),),
            programs=dict.fromkeys(("mpd", "mpd5"), self._mpd) | {"ppp": self._ppp},
        )

    def _known(self, text: str) -> bool:
        if " on usbus" in text or " on uhub" in text or "detached" in text or "(disconnected)" in text:
            self._reader.mark("a BSD's kernel log")
        return False

    def _device(self, text: str) -> bool:
        match = _UGEN.match(text.strip())
        if match is None:
            return False
        reader = self._reader
        reader.mark("a BSD's kernel log")
        if ", cfg=" in text:
            reader.history.tried.add("usbconfig")  # its listing, and not the kernel's line
        if _MODEM.search(match[2]):
            reader.state.add("=bsd-left" if match[4] else "=bsd-came", reader.seen(text.strip()))
        return True

    def _mpd(self, text: str) -> bool:
        """mpd, which names the link first: [wan_link0] CHAT: ..."""
        self._of_mpd(_LINK.sub("", text.strip()))
        return False  # the port that it names is for others to read

    def _ppp(self, text: str) -> bool:
        """FreeBSD's own ppp, whose chat script gets no answer; mpd goes by its name on pfSense."""
        said, reader = text.strip(), self._reader
        if _LINK.match(said) or _OF_PPP.match(said):
            reader.history.words.add("bsd")
        if said == "Warning: Chat script failed":
            reader.mark("pppd and chat")
            reader.state.add("dial-failed:bsd", reader.seen(said))
            return True
        match = _CHAT.fullmatch(said)
        if match is None:
            return self._mpd(text)
        reader.mark("pppd and chat")
        if match["late"]:
            dialled = self._sent.upper().startswith("ATD")
            reader.state.add("dial-failed" if dialled else "port-silent:bsd", reader.seen(said))
        elif match["got"] in ("OK", "CONNECT"):
            reader.state.add("=port-answers" if match["got"] == "OK" else "=dialling", reader.seen(said))
        self._sent = match["sent"] or self._sent
        return True

    def _unread(self, text: str) -> bool:
        """The bus could not read a device."""
        if _UNREAD.fullmatch(text.strip()):
            self._reader.mark("a BSD's kernel log")
            self._reader.state.add("=bsd-unread", self._reader.seen(text.strip()))
            return True
        return False

    def _ports(self, text: str) -> bool:
        self._known(text)
        if _PORTS.match(text.strip()):
            self._reader.mark("a BSD's kernel log")
            self._reader.state.add("=bsd-ports", self._reader.seen(text.strip()))
        return True

    def _openbsd(self, text: str) -> bool:
        """umsm0 at uhub0 port 2 ...; ucom0 at umsm0 (OpenBSD 6.4, sys/dev/usb/umsm.c)."""
        if " at u" in text:
            self._reader.mark("a BSD's kernel log")
            self._reader.state.add("=bsd-ports", self._reader.seen(text.strip()))
        return True

    def _drive(self, text: str) -> bool:
        if _DRIVE.match(text.strip()):
            self._reader.mark("a BSD's kernel log")
            self._reader.state.add("=bsd-drive", self._reader.seen(text.strip()))
        return False

    def _gone(self, text: str) -> None:
        if _GONE.match(text):
            self._reader.mark("serial port")
            self._reader.state.add("port-missing:bsd", self._reader.seen(text.strip()))
