# SPDX-License-Identifier: MIT
"""Takes identities and secrets out of text, each replaced by a token: the same value, the same token.

What is masked: IMEI, IMSI and ICCID (any run of 14 to 22 digits), telephone numbers with +, MAC addresses
also where ConnMan and IPv6 hide them, serial numbers, PIN, PUK, user names and passwords in AT commands,
configurations and pppd's log, and what a SIM or an SMS holds in hexadecimal. A run of digits that is none of
these goes too: a lost number costs less than a leaked one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_KEYS = r"(?:password|passwd|passphrase|username|user|secret)"
_SECRET, _SIM, _SERIAL = "PIN, user or password", "SIM or message", "serial number"
_ADDRESS, _TELEPHONE, _NUMBER = "MAC address", "telephone number", "IMEI, IMSI, ICCID or the like"
# 3GPP TS 27.007 for AT+C...; Huawei's own ^AUTHDATA and ^CPIN; the value is group 1.
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (_SECRET, r"AT[+^](?:CPIN|CLCK|CPWD|AUTHDATA|CGAUTH)=(\S[^\r\n]*)"),
        (_SIM, r"[+^](?:CRSM|CSIM|CMGR|CMGL|CMT|CNUM|CCID|ICCID|EID): *(\S[^\r\n]*)"),
        # oFono's doc/sim-api.txt, message-api.txt, message-waiting-api.txt.
        (
            _SIM,
            r"\b(?:Subscriber(?:Numbers|Identity)|CardIdentifier|ServiceNumbers|ServiceCenterAddress|FixedDialing"
            r"Numbers|\w*MailboxNumber) *= *([^\s\[\]{}][^\r\n]*|[\[{] *[^\s\]}][^\r\n]*)",
        ),
        # dmesg and usb-devices, udev's database, usb_modeswitch, lsusb -v, udev's rules, /dev/serial/by-id.
        (
            _SERIAL,
            r"\b(?:SerialNumber|Serial No\.|serialno|ID_(?:USB_)?SERIAL(?:_SHORT)?) *[=:] *\"?([^\s\",]{4,})",
        ),
        # Serial: 8250/16550 driver and 30860000.serial: ttymxc0 are of ports, and have few digits in a word.
        (_SERIAL, r"(?<!\.)\bserial(?: number)? *[=:] *\"?(?=\w*\d\w*\d\w*\d)([\w-]{6,})(?![\w/])"),
        (_SERIAL, r"\biSerial +\d+ +(\S+)"),
        (_SERIAL, r"\{serial\}==?\"([^\"]{4,})\""),
        (_SERIAL, r"\busb-\w{1,80}_(\w{4,80})-if\d\d\b"),
        (_SECRET, rf"\b{_KEYS}\b\s*[=:]\s*\"?([^\s\",;>]+)"),
        # oFono's Retries has pin=3: that is how often it may be tried.
        (_SECRET, r"\b(?:pin|puk)2?\s*[=:]\s*\"?(\d{4,8})\b"),
        (_NUMBER, r"\b(?:cellular|ethernet|wifi|bluetooth)_([0-9a-f]{12,})"),
        (_ADDRESS, r"((?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2})"),
        (_ADDRESS, r"\b(?:ww|en|wl)x([0-9a-f]{12})\b"),
        (_ADDRESS, r"\b([0-9a-f:]{2,30}ff:fe[0-9a-f]{2}:[0-9a-f]{1,4})\b"),
        (_TELEPHONE, r"(\+\d{7,15})(?!\d)"),
        (_TELEPHONE, r"\bATD(\d{5,})"),
        (_NUMBER, r"(?<!\d)(?<!0x)(\d{14,22}f?)(?!\d)"),
        (_NUMBER, r"\b(\d{2}-\d{6}-\d{6}-\d)\b"),
        (_SIM, r"\b([0-9a-f]{18,})\b"),
    )
)
_MAC = re.compile(r"[:-]")
_LIKELY = re.compile(r"\d{5}|[0-9a-f]{2}[:-][0-9a-f]{2}|=|serial|: |-if\d", re.IGNORECASE)


class Masker:
    """Remembers what it has masked, so that a value has one token in all texts of a capture."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._kind = ""
        """Of the pattern that is being replaced."""

    def __call__(self, text: str) -> str:
        """`text` without identities and secrets."""
        if _LIKELY.search(text) is None:
            return text
        for kind, pattern in _PATTERNS:
            self._kind = kind
            text = pattern.sub(self._replace, text)
        return text

    @property
    def count(self) -> int:
        """How many different values were masked."""
        return len(self._tokens)

    @property
    def kinds(self) -> dict[str, str]:
        """Each token with the kind of what it stands for."""
        return dict(self._kinds)

    def _replace(self, match: re.Match[str]) -> str:
        value = match[1]
        if value.startswith("[masked-") or value in ("none", "<hidden"):
            return match[0]
        start, end = match.start(1) - match.start(), match.end(1) - match.start()
        return f"{match[0][:start]}{self._token(value)}{match[0][end:]}"

    def _token(self, value: str) -> str:
        # One address with colons, with dashes or bare is one identity.
        key = _MAC.sub("", value).strip('"').lower()
        token = self._tokens.setdefault(key, f"[masked-{len(self._tokens) + 1}]")
        self._kinds.setdefault(token, self._kind)
        return token


def masked(value: object, mask: Callable[[str], str]) -> object:
    """Plain data with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(item, mask) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    return value
