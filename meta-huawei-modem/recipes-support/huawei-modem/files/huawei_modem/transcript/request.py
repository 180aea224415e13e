# SPDX-License-Identifier: MIT
"""A question as one good supporter asks it: one block to paste, and what its answer leads to.

The commands that decide come first. Of a text in words those follow that show the layers below: a narrow
question about a complaint is wrong where the complaint has another cause. The pieces are in findings.toml
(insufficient-data, shows and then), by what they show, by layer and by who dials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from huawei_modem.catalogue import for_system, found
from huawei_modem.report import Finding, Severity
from huawei_modem.transcript import done, who
from huawei_modem.transcript.sight import Sight, is_others
from huawei_modem.transcript.topics import LAYERS

_DIALLED = ("mm", "nm", "ofono", "connman", "netifd", "qmi", "ppp", "uqmi", "umbim", "dialler")
"""Kinds that ask how far a dialler came."""
_HAS_MODEM = frozenset(("mm", "nm", "ofono", "connman", "qmi", "uqmi", "umbim"))
"""Who is asked for what shows whether the modem is there."""
_OF_MODEM = LAYERS[LAYERS.index("sim") : LAYERS.index("session")]
_OF_WAY = LAYERS[LAYERS.index("address") :]
_PARTS = (
    ("bus", frozenset(LAYERS[: LAYERS.index("answers")])),
    ("modem", frozenset(LAYERS[LAYERS.index("answers") : LAYERS.index("session")])),
    ("way", frozenset(_OF_WAY)),
    ("log", frozenset(LAYERS[LAYERS.index("answers") :])),
)
"""The parts of a whole request, and of which layers each is."""
_WIDE = (*_DIALLED, "nothing", "says-connect", "says-traffic", "says-lease", "says-context", "says-ppp")
"""Kinds whose complaint may come of any layer below."""
_ASKS_LAYER = ("stick", "drivers", "ports", "nets", "undetected", "address", "way", "nothing")
"""Kinds that ask about one layer, though nobody complains of it."""
LEADS = ("if ", "with ", "where ", "without ")
"""How a step begins that says what an answer leads to."""
_STOPS_AT = "where it stops says what is next: "
_STOPS = ("port", "sim", "registration", "session", "traffic")
"""The layers of the pieces of that step."""
_PORT = re.compile(r"\bAT[+^]|/dev/ttyUSB")
_PAGE = (
    "the stick's page (192.168.8.1 as delivered): its SIM, signal, connection and messages, as it shows them"
)
"""What a stick that is a router has in the place of ports."""
_LOG = re.compile(r"\blog\b|\bjournalctl|\blogread|whole output")


def whole(question: Finding, sight: Sight, shown: done.Done, layer: str) -> Finding:
    """The question about a layer as one request, and what its answer leads to."""
    first, *rest = question.remedy
    first = _as_router(_of_any_maker(first, sight), sight)
    if who.OWN_WAY.intersection(who.workers(sight.history, sight.known)):
        return question._replace(remedy=(first, *rest))
    pieces = first.split("; ")
    for piece in _more(question.kind, sight, layer, any(map(_LOG.search, pieces))):
        if (left := done.without_done(question._replace(remedy=(piece,)), shown)) is not None:
            heads = {_head(item) for item in pieces}
            pieces += [item for item in left.remedy[0].split("; ") if _head(item) not in heads]
    # A finding that is no news has a remedy of its own.
    leads = any(item.severity is not Severity.INFO for item in sight.findings)
    leads |= any(step.startswith(LEADS) for step in rest)
    then = "" if leads else _then(question.kind, sight, shown, layer)
    return question._replace(remedy=("; ".join(pieces), *filter(None, (then,)), *rest))


def _more(kind: str, sight: Sight, layer: str, has_log: bool) -> Iterator[str]:
    """What shows the layers from the complaint downward, of a text in words those that nobody calls good."""
    if kind not in _WIDE:
        return
    good = [LAYERS.index(name) for name, seen in sight.ladder.said.items() if seen.value.good]
    height = LAYERS.index(layer)
    lowest = height if kind in _DIALLED else max((sight.ladder.reached, *good)) + 1
    wanted = LAYERS if kind == "nothing" else LAYERS[lowest : height + 1]
    if not sight.history.is_bare:
        bad = {name for name, seen in sight.ladder.said.items() if not seen.value.good}
        asks = kind in ("mm", "netifd", "qmi") and bad.intersection(_OF_WAY)
        wanted = _OF_WAY[:1] if asks else ()
    for part, layers in _PARTS:
        has = (part == "log" and has_log) or (
            part == "bus" and not _HAS_MODEM.isdisjoint((kind, *sight.known))
        )
        if layers.intersection(wanted) and not has:
            yield from filter(None, (_first_for("shows", part, sight.known),))


def _then(kind: str, sight: Sight, shown: done.Done, layer: str) -> str:
    """What the answer leads to; empty where that is another thing each time."""
    about = layer if kind.startswith("says-") or kind in _ASKS_LAYER else ""
    if kind in (*_DIALLED, "ppp-rest", "pppd", "network", "modem"):
        about = sight.ladder.complaint if sight.ladder.complaint in _OF_MODEM else "dial"
    step = _first_for("then", about, sight.known | ({"apn"} & shown.shown))
    if not step.startswith(_STOPS_AT):
        return step
    pieces = zip(_STOPS, step[len(_STOPS_AT) :].split("; "), strict=True)
    above = (piece for name, piece in pieces if LAYERS.index(name) > sight.ladder.reached)
    return _STOPS_AT + "; ".join(above)


def _first_for(kind: str, about: str, known: frozenset[str]) -> str:
    """The first step of the kind that is about this, and for any of these where it names some."""
    steps = for_system(for_system(found(f"insufficient-data:{kind}"), (about,)), known).remedy
    return steps[0] if steps else ""


def _head(piece: str) -> str:
    """What tells a command of a request from another."""
    return re.split(r"[:,|(]| on the ", piece)[0].strip()


def _as_router(step: str, sight: Sight) -> str:
    """The step with the stick's page in the place of its serial ports, where words call it a router."""
    history = sight.history
    ports = (
        history.port or "terminal" in history.words or set(who.workers(history, sight.known)) & who.BY_PORT
    )
    if "page" not in history.words or not history.is_bare or ports:
        return step
    pieces = step.split("; ")
    left = [piece for piece in pieces if not _PORT.search(piece)]
    return step if left == pieces else "; ".join((_PAGE, *left))


def _of_any_maker(step: str, sight: Sight) -> str:
    """The step without Huawei's own commands, where the modem is another maker's or an appliance's."""
    history = sight.history
    if not (is_others(sight) or history.makers or "teltonika" in history.words):
        return step
    return "; ".join(piece for piece in step.split("; ") if not piece.startswith("AT^")) or step
