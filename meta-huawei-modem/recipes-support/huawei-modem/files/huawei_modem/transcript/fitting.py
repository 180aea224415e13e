# SPDX-License-Identifier: MIT
"""Questions that fit the person: another system, another program, a device that is no modem."""

from __future__ import annotations

from collections.abc import Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import History
from huawei_modem.transcript.readers.complaints import LAYERS
from huawei_modem.transcript.rules.rule import View

_OF_LINUX = frozenset(
    (
        "kernel log",
        "lsusb",
        "lsusb -t",
        "usb-devices",
        "systemctl",
        "netifd",
        "ofonod",
        "list-modems",
        "mmcli",
        "mmcli of a bearer",
        "mmcli in part",
    )
)
"""Kinds of recognised text that only Linux has."""
_OF_ANY_SYSTEM = frozenset(("AT dialogue", "USB ids", "serial port", "ping"))
_PROGRAMS = {"gammu": "gammu", "gammu-smsd": "gammu", "asterisk": "asterisk", "smsd": "smstools"}
"""Programs whose lines have their names before them."""
_OF_PROGRAM = frozenset(("nothing", "stick", "port", "modem", "dialler", "dialling", "ports"))
_OF_SYSTEM = _OF_PROGRAM | {"answers", "ppp", "ppp-rest", "drivers", "named", "other", "mm", "nm", "beyond"}
"""Kinds of questions that ask for what another program or another system has in another way."""


def of_words(history: History, kind: str) -> Finding | None:
    """The question that fits the system or the program that the words name; None where `kind` fits."""
    named = {_PROGRAMS[name] for name in history.programs if name in _PROGRAMS}
    words, shown = history.words | named, {part.kind for part in history.parts}
    if shown & _OF_LINUX or history.kernel_lines:
        systems: tuple[str, ...] = ()
    elif shown - _OF_ANY_SYSTEM or "linux" in words:
        systems = ("bsd", "mikrotik")
    else:
        systems = ("bsd", "mikrotik", "macos", "windows")
    registered = any(state.said("registration") == "=registered" for state in history.states)
    if kind in _OF_PROGRAM and registered and words & {"gammu", "smstools"}:
        return found("insufficient-data:sms-ready")
    if kind in _OF_SYSTEM:
        for name in systems:
            if name in words:
                bsd = "openbsd-log" if "openbsd" in words else "bsd-log"
                return found(f"insufficient-data:{bsd if name == 'bsd' else name}")
    if kind in _OF_PROGRAM:
        for name in ("asterisk", "gammu", "smstools"):
            if name in words:
                return found(f"insufficient-data:{name}")
    return None


_GENERAL = frozenset(("nothing", "stick", "port", "modem", "dialler", "dialling"))
"""Kinds of questions that ask in general, because no line shows how far it came."""
_DAEMONS = ("ofono", "connman", "mm", "nm", "dialling")
"""Topics that name the program that dials, and the questions for it."""


def symptom(history: History) -> str | None:
    """What the sentences say is missing, or that nothing is: a kind of question. None where they do not."""
    missing = next((name for name in ("ports", "nets", "advice") if name in history.topics), None)
    return missing or ("works" if "works" in history.words and "fails" not in history.words else None)


def of_symptom(history: History, asked: Finding, shown: frozenset[str]) -> Finding | None:
    """The question about what the sentences say, in place of one that asks in general.

    A symptom comes before the name of a program, and a program that is named before any program. What lines
    show (`shown`) no sentence takes away.
    """
    if asked.kind in _GENERAL:
        kind = symptom(history)
        if kind is not None and kind not in shown:
            return found(f"insufficient-data:{kind}", asked.evidence)
    if asked.kind in _GENERAL or asked.kind in ("other", "answers", "ppp"):
        for name, _words in LAYERS:
            if (seen := history.complaints.get(name)) is not None:
                return found(f"insufficient-data:says-{name}", [seen.evidence], text=seen.value)
    if asked.kind in _GENERAL or asked.kind == "other":
        if asked.kind == "dialler" and "terminal" in history.words:
            return found("insufficient-data:terminal", asked.evidence)
        before = asked.kind in ("modem", "port")  # that something answers is more than a dialler's name
        named = max(_DAEMONS[:-1] if before else _DAEMONS, key=lambda name: history.topics.get(name, 0))
        if named in history.topics and (history.port is None or asked.kind == "dialler"):
            return found(f"insufficient-data:{named}", asked.evidence)
    return None


def of_other_device(views: Sequence[View], history: History) -> Finding | None:
    """A driver of modems has what is none, or the port that is used is a serial adapter's."""
    for view in views:
        bus = view.state.bus
        for seen in bus.attached.values():
            usb, name = bus.ports.get(seen.value, ""), bus.names.get(seen.value, "")
            if usb and ids.is_no_modem(usb, name):
                driver = bus.drivers.get(seen.value, seen).value
                named = f" ({name})" if name else ""
                return found(
                    "insufficient-data:no-modem",
                    [seen.evidence],
                    driver=driver if driver != seen.value else "a modem's driver",
                    usb=usb,
                    name=named,
                    product=usb[5:],
                )
        port = history.port.value if history.port is not None else ""
        if (adapter := bus.adapters.get(port.rpartition("/")[2])) is not None and history.port is not None:
            return found(
                "insufficient-data:adapter",
                [adapter.evidence, history.port.evidence],
                port=port,
                driver=adapter.value,
            )
    return None
