# SPDX-License-Identifier: MIT
"""What the stick sees of the board: the raw material of the bench's timeline."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

NAMES = frozenset(
    {
        "attached",
        "configured",
        "switch-requested",
        "switch-refused",
        "switch-ignored",
        "detached",
        "at-opened",
        "at-command",
        "functionality",
        "sim-read",
        "registration-read",
        "context-defined",
        "dialled",
        "ppp-lcp-up",
        "ppp-up",
        "ppp-auth-failed",
        "ppp-closed",
        "ncm-up",
        "mbim-opened",
        "mbim-command",
        "mbim-connected",
        "dhcp-lease",
        "address-told",
        "dhcp-ignored",
        "dns-query",
        "icmp-echo",
        "http-request",
        "intruded",
        "intrusion",
        "protocol-error",
    }
)


@dataclass(frozen=True)
class Event:
    """One thing the stick saw. `time` is of the monotonic clock, in seconds; `name` is one of NAMES."""

    time: float
    name: str
    detail: dict[str, str | int] = field(default_factory=dict)

    @property
    def details(self) -> str:
        return " ".join(f"{key}={value}" for key, value in self.detail.items())

    @property
    def text(self) -> str:
        return f"{self.name} {self.details}".rstrip()


EventSink = Callable[[Event], None]


class Emit(Protocol):
    """How a layer reports an event: it knows neither the clock nor who listens."""

    def __call__(self, name: str, /, **detail: str | int) -> None: ...


def emitter(sink: EventSink, clock: Callable[[], float] = time.monotonic) -> Emit:
    """An Emit that stamps each event and hands it to `sink`. An unknown name raises ValueError."""

    def emit(name: str, /, **detail: str | int) -> None:
        if name not in NAMES:
            raise ValueError(f"unknown event {name!r}")
        sink(Event(clock(), name, detail))

    return emit


MASK = "***"

# Commands whose arguments are PINs, passwords or phone numbers (3GPP TS 27.005 and 27.007, Huawei's own).
_SECRET = re.compile(
    r"(?P<head>(?:\+CPIN2?|\+CLCK|\+CPWD|\+CGAUTH|\^AUTHDATA|\^CPIN2?|\^CARDLOCK|\+CMG[SWC]|\+CSCA|\+CPBW"
    r"|\+CCFC|\+CUSD)\s*=|\^NDISDUP\s*=(?:[^,;]*,){3})(?!\?)[^;]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<head>^AT\s*D\s*[TP]?)(?!\s*\*9)(?=[\s\d+*#(>])[^;]*", re.IGNORECASE)


def masked(command: str) -> str:
    """An AT command line without PINs, passwords and phone numbers: only the command's name is left.

    A packet dial string (`*99***1#`) stays: it says which context was dialled and is no secret.
    """
    hidden = _SECRET.sub(lambda match: match["head"] + MASK, command)
    return _NUMBER.sub(lambda match: match["head"] + MASK, hidden)
