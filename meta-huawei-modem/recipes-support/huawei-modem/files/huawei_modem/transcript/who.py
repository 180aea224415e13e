# SPDX-License-Identifier: MIT
"""Who works at the modem: the program that dials, or another one, and the system that it runs on."""

from __future__ import annotations

from collections.abc import Sequence

from huawei_modem.transcript.dials import SCRIPTS
from huawei_modem.transcript.model import History
from huawei_modem.transcript.rules.rule import View

_PROGRAMS = {
    "ofonod": "ofono",
    "connmand": "ofono",
    "ModemManager": "mm",
    "modem-manager": "mm",
    "NetworkManager": "nm",
    "netifd": "netifd",
    "comgt": "netifd",
    "wvdial": "wvdial",
    "pppd": "ppp",
    "chat": "ppp",
    "mpd": "ppp",
    "mpd5": "ppp",
    "ppp": "ppp",
}
_KINDS = {
    "wvdial": "wvdial",
    "pppd and chat": "ppp",
    "ModemManager": "mm",
    "mmcli": "mm",
    "mmcli of a bearer": "mm",
    "mmcli in part": "mm",
    "mmcli -L": "mm",
    "nmcli": "nm",
    "NetworkManager": "nm",
    "netifd": "netifd",
    "ifstatus": "netifd",
    "uqmi": "netifd",
    "diallers over QMI": "qmi",
    "quectel-CM": "qmi",
    "qmicli and mbimcli": "qmi",
    "umbim": "netifd",
    "connmanctl": "ofono",
    "list-modems": "ofono",
    "ofonod": "ofono",
}
"""Kinds of recognised text that only one dialler's system has."""
_BY_COMMAND = {
    "mmcli": "mm",
    "nmcli": "nm",
    "list-modems": "ofono",
    "list-contexts": "ofono",
    "connmanctl": "ofono",
    "wvdial": "wvdial",
    "pppd": "ppp",
    "pon": "ppp",
    "uqmi": "netifd",
    "umbim": "netifd",
    "ifstatus": "netifd",
    "uci": "netifd",
    "logread": "netifd",
    "qmicli": "qmi",
}
"""What only its owner types at a prompt."""
_IN_PASSING = 5
"""Of so many lines of another program one is of who is named in passing."""
_BY_WORD = {"openwrt": "netifd", "qmi": "qmi"}
"""Words of the text that name the system's dialler where nothing shows it."""
_ORDER = ("connman", "ofono", "nm", "mm", "netifd", "qmi", "wvdial", "ppp")
"""Whose question comes first where several dial."""
_OTHERS = {"gammu": "gammu", "gammu-smsd": "gammu", "asterisk": "asterisk", "smsd": "smstools"}
"""Programs that use a modem without dialling, whose lines have their names before them."""
BY_PORT = frozenset(("asterisk", "gammu", "smstools", "program", "script", "terminal"))
"""Who needs a serial port, which a stick that is a router has not."""
OWN_WAY = frozenset(
    ("haos", "bsd", "openbsd", "mikrotik", "macos", "windows", "asterisk", "gammu", "smstools", "program")
)
"""Who is asked in another way than by this system's commands, or for something else than the network."""
_OF_LINUX = frozenset(
    (
        *("kernel log", "lsusb", "lsusb -t", "usb-devices", "systemctl", "netifd", "ofonod", "list-modems"),
        *("mmcli", "mmcli of a bearer", "mmcli in part"),
    )
)
"""Kinds of recognised text that only Linux has."""
_OF_ANY_SYSTEM = frozenset(("AT dialogue", "USB ids", "serial port", "ping"))


def diallers(history: History, views: Sequence[View]) -> frozenset[str]:
    """The programs that dial on this system, as far as the text shows; `none` where it shows none."""
    names = by_lines(history, views) or _typed(history) or by_words(history)
    if not names:
        names |= {program for word, program in _BY_WORD.items() if word in history.words}
    return frozenset(names or {"none"})


def by_lines(history: History, views: Sequence[View]) -> set[str]:
    """The programs that dial, by their lines and by what only they print."""
    names = _speakers(history)
    names |= {_KINDS[part.kind] for part in history.parts if part.kind in _KINDS}
    for view in views:
        state = view.state
        if state.modems is not None or state.ofono or state.contexts is not None or state.offered:
            names.add("ofono")
        connman = "connman" in state.latest or "ofono" in state.latest
        if state.services is not None or state.connman or connman:
            names.add("ofono")
        if "=netifd-up" in state.events or (state.host or "").lower() in ("openwrt", "lede"):
            names.add("netifd")
        if any("ofono" in line.value.lower() for file in state.rules_files for line in file.lines):
            names.add("ofono")
    return names


def _speakers(history: History) -> set[str]:
    """The programs whose lines the text has, but those that say a word beside who speaks all the time."""
    most = max(history.programs.values(), default=0)
    return {
        _PROGRAMS[name]
        for name, lines in history.programs.items()
        if name in _PROGRAMS and lines * _IN_PASSING >= most
    }


def _typed(history: History) -> set[str]:
    """The programs whose commands were typed, whatever they printed."""
    typed = {line.split(" ", 1)[0].rpartition("/")[2] for line in history.commands}
    if "ifstatus" in history.tried:
        typed.add("ifstatus")  # its output is known by its shape
    return {_BY_COMMAND[name] for name in typed & _BY_COMMAND.keys()}


def by_words(history: History) -> set[str]:
    """The program that dials, by the words of the text; empty where they name none."""
    dials = {name: weight for name, weight in history.dials.items() if name in _ORDER}
    name = max(dials, key=dials.__getitem__, default="")
    if name == "ppp" and "nm" in dials:
        name = "nm"  # which starts pppd by itself
    return {"connman", "ofono"} if name == "connman" else {name} - {""}


def system(history: History) -> str | None:
    """Another system than Linux, as far as words name one and no line is of Linux."""
    words, shown = history.words, {part.kind for part in history.parts}
    if shown & _OF_LINUX or history.kernel_lines:
        return None
    if "a BSD's kernel log" in shown and "openbsd" not in words:
        return "bsd"
    names: tuple[str, ...] = ("bsd", "mikrotik")
    if not (shown - _OF_ANY_SYSTEM or "linux" in words):
        names = ("bsd", "mikrotik", "macos", "windows")
    return "openbsd" if "openbsd" in words else next((name for name in names if name in words), None)


def workers(history: History, known: frozenset[str]) -> tuple[str, ...]:
    """All who may be asked, the one that has most to say first; `any` has the plain commands."""
    own = {"program"} if "program" in history.dials and not history.programs else set()
    named = (history.words - history.dismissed | own) | {
        _OTHERS[name] for name in history.programs if name in _OTHERS
    }
    messages = tuple(name for name in ("asterisk", "gammu", "smstools", "program") if name in named)
    home = ("haos",) if "home assistant" in history.words else ()
    if (other := system(history)) is not None:
        registered = any(state.said("registration") == "=registered" for state in history.states)
        return *home, *(messages if registered else ()), other, "any"
    scripts = tuple(name for name in history.dials if name in SCRIPTS)[:1]
    dials = tuple(name for name in _ORDER if name in known)
    terminal = ("terminal",) if "terminal" in named and not dials else ()
    if known == {"netifd", "ppp"}:
        dials = ("ppp",)
    kinds = {part.kind for part in history.parts}
    if "netifd" in dials and "netifd" not in kinds:
        dials = (*(name for name in ("umbim", "uqmi") if name in kinds), *dials)
    shown = any(name in history.programs for name in _OTHERS)
    first = (
        (*messages, *dials) if shown or not dials or set(dials) <= {"ppp", "wvdial"} else (*dials, *messages)
    )
    return (*home, *(("script",) if scripts else ()), *first, *terminal, "any")
