# SPDX-License-Identifier: MIT
"""What happened, in the order of the text: sticks that come and go, states that are reached, and faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huawei_modem.mask import Masker
from huawei_modem.transcript import quoted
from huawei_modem.transcript.model import History, Seen, State

_REACHED = {
    "=usb-found": "stick plugged in",
    "=usb-left": "stick gone",
    "=ofono-up": "oFono runs",
    "=connman-up": "ConnMan runs",
    "=modemmanager-up": "ModemManager runs",
    "=powered": "modem powered",
    "=sim-ready": "SIM ready",
    "=registered": "registered",
    "=attached": "attached",
    "=dialling": "dialling",
    "=created": "connecting",
    "=online": "online",
    "=offline": "offline",
}
"""States that a person wants to see in time; the other signs are steps of a rule's own."""
_MOST = 100


def course(history: History, mask: Masker) -> list[dict[str, Any]]:
    """At most 100 rows of source, line, `what` (a state in words or a finding's code), text and `again`.

    `again` counts the rows of the same kind that follow and are left out.
    """
    rows: list[dict[str, Any]] = []
    for what, seen in _ordered(history):
        if rows and rows[-1]["what"] == what:
            rows[-1]["again"] += 1
        elif len(rows) < _MOST:
            found = seen.evidence
            rows.append({**found.to_dict(), "what": what, "text": quoted.line(mask(found.text)), "again": 0})
    return rows


def _ordered(history: History) -> list[tuple[str, Seen[str]]]:
    sources = {source: place for place, source in enumerate(dict.fromkeys(it.source for it in history.parts))}
    signs = {(what, seen.place): (what, seen) for state in history.states for what, seen in _signs(state)}
    return sorted(
        signs.values(), key=lambda item: (sources.get(item[1].place[0], len(sources)), item[1].place[2])
    )


def _signs(state: State) -> Iterator[tuple[str, Seen[str]]]:
    for sign, lines in state.events.items():
        what = _REACHED.get(sign) if sign[0] == "=" else sign.partition(":")[0]
        if what is not None:
            yield from ((what, seen) for seen in lines)
