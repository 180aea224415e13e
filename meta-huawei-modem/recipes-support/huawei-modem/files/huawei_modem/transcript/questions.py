# SPDX-License-Identifier: MIT
"""The next question: of the lowest layer that is not settled, in the words of who works at the modem.

One table: for each program the kinds of question (findings.toml, insufficient-data) in their order, each
with the layers that its answer shows. What the text shows already is struck out; where nothing is left of a
layer's questions, those of the next layer come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from huawei_modem.catalogue import for_system, found
from huawei_modem.report import Evidence, Finding
from huawei_modem.transcript import done, ids, observed, plugged, request, who
from huawei_modem.transcript.dials import SCRIPTS
from huawei_modem.transcript.readers import nouns
from huawei_modem.transcript.sight import Sight
from huawei_modem.transcript.topics import LAYERS

_ALL = ("bus", "traffic")
_DIALS = ("bus", "session")
_WAY = ("address", "traffic")
ROWS: dict[str, tuple[tuple[str, tuple[str, str]], ...]] = {
    "bsd": (("bsd-ethernet", _ALL), ("bsd-log", _DIALS), ("bsd-way", _WAY)),
    "openbsd": (("bsd-ethernet", _ALL), ("openbsd-log", _DIALS), ("bsd-way", _WAY)),
    "mikrotik": (("mikrotik", _ALL),),
    "macos": (("macos", _ALL),),
    "windows": (("windows", _ALL),),
    "asterisk": (("asterisk", ("bus", "radio")), ("answers", ("registration", "traffic"))),
    "gammu": (("sms-ready", ("attached", "traffic")), ("gammu-sms", ("sim", "traffic")), ("gammu", _ALL)),
    "smstools": (("sms-ready", ("attached", "traffic")), ("smstools", _ALL)),
    "program": (("program", ("bus", "attached")),),
    "script": (("script", ("answers", "session")),),
    "ofono": (("ofono", ("bus", "answers")), ("network", ("sim", "session")), ("ofono", _DIALS)),
    "connman": (("connman", _DIALS),),
    "nm": (("nm", _DIALS),),
    "mm": (("mm-none", _ALL), ("mm", _DIALS)),
    "netifd": (("netifd", _DIALS),),
    "qmi": (("gobinet", _DIALS), ("qmi", _DIALS)),
    "wvdial": (("ppp", _DIALS),),
    "ppp": (("ppp", _DIALS),),
    "terminal": (("terminal", ("bus", "answers")),),
    "umbim": (("umbim", _DIALS),),
    "uqmi": (("uqmi", _DIALS),),
    "haos": (("haos-page", _ALL), ("haos", ("bus", "port")), ("haos-way", ("session", "traffic"))),
    "any": (
        ("nothing", ("bus", "bus")),
        ("named", ("bus", "driver")),
        ("port", ("bus", "bus")),
        ("stick", ("bus", "bus")),
        ("drivers", ("mode", "driver")),
        ("answers", ("sim", "registration")),
        ("beyond", ("attached", "session")),
        ("dialler", ("port", "session")),
        ("address", ("address", "address")),
        ("way", _WAY),
    ),
}
"""Who, and the kinds of question in their order with the lowest and the highest layer that each shows."""
_FIRST = LAYERS.index("port")
"""Up to here a complaint in words comes before what a dialler is asked: what is missing explains the rest."""
_OF_MODEM = ("sim", "radio", "registration")
"""Of what the modem itself is asked, and no log has more."""
_PLAIN = ("ppp", "wvdial", "any", "terminal")
"""Whose own question says less than that about a complaint in words."""
_OF_NO_LINE = ("netifd", "any")
"""Whose own question says less than that about the subject of a text of which no line is known."""


def ask(sight: Sight, shown: done.Done) -> Finding:
    """The question for who has shown this much."""
    for look in observed.LOOKS:
        if (finding := look(sight)) is not None:
            return done.without_done(finding, shown) or _beyond(finding.evidence, shown)
    for layer in LAYERS[sight.ladder.open :]:
        for kind in _kinds(sight, layer):
            if (question := done.without_done(_worded(kind, sight), shown)) is not None:
                unread = sight.history.complaint
                if unread and not question.evidence:
                    question = question._replace(evidence=(unread.evidence,))
                return request.whole(question, sight, shown, layer)
    subject = _subject(sight)
    if subject not in ("", "setup"):
        about = done.without_done(_worded(f"about-{subject}", sight), shown)
        return request.whole(about, sight, shown, LAYERS[0]) if about else _beyond((), shown)
    return _beyond((), shown)


def _beyond(evidence: tuple[Evidence, ...], shown: done.Done) -> Finding:
    question = found("insufficient-data:beyond", evidence)
    return done.without_done(question, shown) or question


def _kinds(sight: Sight, layer: str) -> Iterator[str]:
    """The kinds of question about the layer, the best first."""
    height = LAYERS.index(layer)
    complaint = sight.history.claims[layer].value.kind if sight.ladder.complaint == layer else ""
    if complaint and _is_cut_off(sight):
        complaint = ""
    workers = who.workers(sight.history, sight.known)
    if sight.bus.stick is not None and sight.views[-1].mode(sight.bus.stick) == ids.ROUTER:
        workers = tuple(name for name in workers if name not in who.BY_PORT)
    words, complains = sight.history.words, sight.history.complains
    if not complaint and not complains and "works" in words and "fails" not in words:
        yield "works"
    if _asks_how(sight):
        yield "how"
    if complaint and height <= _FIRST and not who.OWN_WAY.intersection(workers):
        yield complaint
    in_words = tuple(_in_words(sight, layer, complaint))
    shown = who.by_lines(sight.history, sight.views)
    for name in workers:
        yield from (kind for kind, less in in_words if name in less)
        # Who is only named is asked after the drivers too.
        limit = "driver" if name in shown else "port"
        if height < LAYERS.index(limit) and not _reaches(sight, name):
            continue
        for kind, (lowest, highest) in ROWS[name]:
            if LAYERS.index(lowest) <= height <= LAYERS.index(highest) and _fits(kind, sight):
                yield kind


def _is_cut_off(sight: Sight) -> bool:
    """Whether a dialler's log is pasted that ends before its end: no phrase says more than its rest."""
    runs = [run for view in sight.views for run in view.state.sessions]
    kinds = {part.kind for part in sight.history.parts}
    return "pppd and chat" in kinds and not any(run.is_over or run.address for run in runs)


def _in_words(sight: Sight, layer: str, complaint: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What sentences complain of, and what they are about, with whose own question says less of it."""
    if complaint:
        yield complaint, _says_less(sight, complaint, layer)
    subject = _subject(sight) if layer == LAYERS[0] else ""
    if subject == "setup" and "fails" not in sight.history.words:
        yield "how", _OF_NO_LINE
    elif subject not in ("", "setup") and not (subject == "link" and "netifd" in sight.known):
        yield f"about-{subject}", _OF_NO_LINE


def _subject(sight: Sight) -> str:
    """What the text is about, where no line says it; empty where it speaks of that among other things."""
    counts = sight.history.subjects
    name = nouns.leading(counts) if _shows_nothing(sight) else ""
    return name if name and counts[name] * 2 > sum(counts.values()) else ""


def _says_less(sight: Sight, complaint: str, layer: str) -> tuple[str, ...]:
    """Whose own question says less than that about the complaint."""
    if sight.history.is_bare and layer in _OF_MODEM:
        return (*_PLAIN, "netifd")
    return ("any", "terminal") if complaint == "says-connect" else _PLAIN


def _reaches(sight: Sight, name: str) -> bool:
    """Whether a dialler may be asked although the bus is not shown: of its modem somebody has spoken."""
    if name in who.OWN_WAY or name in ("any", "ppp", "wvdial") or any(map(plugged.talks, sight.views)):
        return True
    history = sight.history
    if name in ("netifd", "qmi") and history.port is not None:
        return True
    # Who only names a dialler, and shows the bus, has not come so far.
    said = name in who.by_words(history) & {"ofono", "mm"} and sight.ladder.reached < 0
    return history.is_bare or said


def _fits(kind: str, sight: Sight) -> bool:
    """Whether the kind has what it speaks of."""
    needs = _NEEDS.get(kind)
    return needs is None or needs(sight)


def _answers_gammu(sight: Sight) -> bool:
    return "gammu" in sight.history.tried or any(
        view.state.events_of("=modem-answers") for view in sight.views
    )


def _has_modem(sight: Sight) -> bool:
    """oFono lists one."""
    return any(view.state.modems is not None and view.state.modems.value for view in sight.views)


def _shows_nothing(sight: Sight) -> bool:
    """Whether no line of the text is known, and none names a stick or a port."""
    history = sight.history
    return history.is_bare and not (history.named or history.others or history.port)


_NEEDS: dict[str, Callable[[Sight], bool]] = {
    "named": lambda sight: bool(sight.views and sight.views[-1].named),
    "program": lambda sight: sight.history.port is None,
    "nothing": _shows_nothing,
    "port": lambda sight: sight.history.port is not None,
    # What was seen of the modem later than that shows that it is there.
    "mm-none": lambda sight: (
        "mmcli none" in sight.history.tried and sight.ladder.reached < LAYERS.index("answers")
    ),
    # A program asks the stick's page, and of the bus nobody complains.
    "haos-page": lambda sight: (
        sight.ladder.complaint not in ("bus", "mode")
        and ("page" in sight.history.words or (sight.history.is_bare and _subject(sight) != "messages"))
    ),
    # Its driver has another device than the one that qmicli opens.
    "gobinet": lambda sight: (
        "gobinet" in sight.history.words and sight.ladder.reached < LAYERS.index("answers")
    ),
    "bsd-ethernet": lambda sight: "ethernet modem" in sight.history.words,
    "sms-ready": lambda sight: any(view.state.said("registration") == "=registered" for view in sight.views),
    # It sends messages or makes calls, as somebody says.
    "beyond": lambda sight: "registration" in sight.history.claims and not sight.bus.driver,
    "gammu-sms": _answers_gammu,
    "network": _has_modem,
}
"""What a kind of question speaks of, which is to be there."""


def _asks_how(sight: Sight) -> bool:
    """Whether the text is a question how something is done, and complains of nothing."""
    history = sight.history
    words, of_it = history.words, nouns.leading(history.subjects) in ("", "setup")
    asks = history.is_bare and of_it and "asks how" in words and who.system(history) is None
    return asks and not history.complains and "fails" not in words and not history.told


def _worded(kind: str, sight: Sight) -> Finding:
    """The finding of a kind, with what the text has for its title."""
    history, bus = sight.history, sight.bus
    evidence = [bus.ports.evidence] if bus.ports is not None else list(bus.evidence)
    values: dict[str, object] = {"port": history.port.value if history.port is not None else ""}
    claim = next((seen for seen in history.claims.values() if seen.value.kind == kind), None)
    if claim is not None:
        evidence = [claim.evidence]
        values |= {"text": claim.evidence.text}
    elif kind == "ppp":
        kind, evidence = _of_pppd(sight, evidence)
    elif kind == "drivers" and _nameless_tree(sight):
        kind = "tree"
    elif kind == "port" and history.port is not None:
        evidence = [history.port.evidence]
    elif kind == "answers":
        kind, evidence, values = _of_answers(sight, evidence)
    elif kind == "named":
        values["usb"], evidence = sight.views[-1].named[0], []
    elif kind == "script":
        values["program"] = next(name for name in history.dials if name in SCRIPTS)
    return for_system(found(f"insufficient-data:{kind}", evidence, **values), sight.known)


def _of_answers(sight: Sight, evidence: list[Evidence]) -> tuple[str, list[Evidence], dict[str, object]]:
    """A modem answers: on which port, where the text has it."""
    for view in reversed(sight.views):
        for seen in view.state.events_of("=modem-answers"):
            if seen.value.startswith("/dev/"):
                return "answers", [seen.evidence], {"port": seen.value}
    return "modem", evidence, {}


def _of_pppd(sight: Sight, evidence: list[Evidence]) -> tuple[str, list[Evidence]]:
    """What to ask of a dialler whose lines are shown in part."""
    kinds = {part.kind for part in sight.history.parts}
    runs = [run for view in sight.views for run in view.state.sessions]
    if "wvdial" in kinds and runs:
        return "pppd", [runs[-1].started.evidence]
    if demanded := [seen for view in sight.views for seen in view.state.events_of("=auth-demanded")]:
        return "ppp-auth", [demanded[-1].evidence]
    return ("ppp-rest" if "pppd and chat" in kinds else "ppp"), evidence


def _nameless_tree(sight: Sight) -> bool:
    """lsusb -t is pasted, and names no classes and no drivers."""
    items = [
        item
        for view in sight.views
        for device in view.state.bus.tree.values()
        for item in device.interfaces.values()
    ]
    return bool(items) and all(item.usb_class is None for item in items)
