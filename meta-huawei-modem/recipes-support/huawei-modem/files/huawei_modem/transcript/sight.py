# SPDX-License-Identifier: MIT
"""All that a question follows from, and what several of them ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import plugged
from huawei_modem.transcript.ladder import Ladder
from huawei_modem.transcript.model import History
from huawei_modem.transcript.rules.rule import View

ROUTERS = ("cdc_ether", "rndis_host")
"""Drivers of sticks that are routers, and of Ethernet adapters: never of a modem that is dialled."""


class Sight(NamedTuple):
    """All that a question follows from."""

    history: History
    views: Sequence[View]
    bus: plugged.Bus
    ladder: Ladder
    known: frozenset[str]
    """Who dials: who.diallers."""
    findings: Sequence[Finding]


def as_said(kind: str, sight: Sight, sign: str) -> Finding | None:
    """The question of the kind about the last line of the sign, in its words."""
    lines = [seen for view in sight.views for seen in view.state.events_of(sign)]
    return found(f"insufficient-data:{kind}", [lines[-1].evidence], text=lines[-1].value) if lines else None


def leads_on(finding: Finding) -> bool:
    """Whether it is no fault, and its remedy says all the same what to do."""
    return finding.code == "stick-in-hilink-mode" and finding.kind in ("tried", "named", "choice", "ports")


def is_others(sight: Sight) -> bool:
    """Whether the modem is another maker's."""
    return bool(sight.history.others) or any(view.others() or view.maker() for view in sight.views)


def drivers_shown(view: View) -> bool:
    """Whether an interface of the stick has a driver of a modem's."""
    return any(
        item.driver is not None and item.driver.value not in ("", "usb-storage", "uas")
        for stick in view.sticks()
        for item in view.interfaces(stick).values()
    )
