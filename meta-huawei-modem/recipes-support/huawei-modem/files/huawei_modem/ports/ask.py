# SPDX-License-Identifier: MIT
"""What each port of a stick is: by its number, by what the stick says, and by what it answers.

Asked is what reads alone: AT, ATI, AT^GETPORTMODE. A port that somebody has open is not asked, since two
readers take each other's answers away; oFono's modem is borrowed where a person says so (borrow.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem import sysfs
from huawei_modem.ports.at import SILENCE, Answer, Port, PortError

if TYPE_CHECKING:
    from huawei_modem.shapes import InterfaceFacts, StickFacts

FIRST_SECONDS, SECOND_SECONDS = 1.5, 4.0
"""Patience with a first AT, and with all after it: a stick that wakes up is slow."""
PORT_MODES = {"MDM": "modem", "MODEM": "modem", "PCUI": "pcui", "DIAG": "diag"}
"""Names that ^GETPORTMODE gives to ports which we know what to do with; newer firmware says 3g_modem."""
_AT_CONTROL = ("huawei_cdc_ncm",)
"""Drivers whose control device takes AT commands; the others speak QMI or MBIM, and are left alone."""


class Asked(NamedTuple):
    """What one port answered. `state`: at, silent, echo, other, held, not-asked, or why it was not."""

    device: str
    state: str
    detail: str = ""
    talks: bool = False
    """Whether it said something by itself."""
    identity: Mapping[str, str] = {}
    """Manufacturer, model and revision of ATI; what identifies the single stick is left behind."""
    modes: Mapping[int, str] = {}
    """Function by interface number, as ^GETPORTMODE says."""


class PortRole(NamedTuple):
    """One interface of a stick: its devices, what they answered, and what it is for."""

    interface: InterfaceFacts
    asked: tuple[Asked, ...]
    role: str | None
    known_by: str
    """number, stick, answers, driver; empty where the role is not known."""
    doubt: str = ""
    """What contradicts the role."""


def ask_stick(
    root: Path,
    stick: StickFacts,
    holders: Mapping[str, str],
    ask: Callable[[str, bool], Asked],
    mode_query: bool,
) -> list[PortRole]:
    """Asks each port of a stick. `holders`: who has a device open, by its path."""
    folder = root / stick["path"].lstrip("/")
    asked: dict[int, list[Asked]] = {}
    for interface in stick["interfaces"]:
        answers = asked.setdefault(interface["number"], [])
        if interface["tty"]:
            answers.append(_asked(root, interface["tty"], holders, ask, mode_query))
        control = sysfs.control_device(
            folder / f"{folder.name}:{_configuration(folder)}.{interface['number']}"
        )
        if control and interface["driver"] in _AT_CONTROL:
            answers.append(_asked(root, control, holders, ask, False))
        elif control:
            answers.append(Asked(control, "not-asked", f"{interface['driver']} speaks no AT"))
    return roles(stick, asked)


def _asked(
    root: Path, device: str, holders: Mapping[str, str], ask: Callable[[str, bool], Asked], mode_query: bool
) -> Asked:
    path = f"/dev/{device}"
    if path in holders:
        return Asked(device, "held", holders[path])
    return ask(str(root / "dev" / device), mode_query)._replace(device=device)


def _configuration(folder: Path) -> str:
    return sysfs.attribute(folder, "bConfigurationValue") or "1"


def ask_port(path: str, mode_query: bool) -> Asked:
    """Asks one port what it is."""
    device = Path(path).name
    try:
        with Port(path) as port:
            first = port.ask("AT", FIRST_SECONDS)
            if not first.final:
                port.hang_up()
                again = port.ask("AT", SECOND_SECONDS)
                first = again if again.final or first == SILENCE else first
                if again.final:
                    # Perhaps that was the late answer to the first: the other one is still to come.
                    port.settle(SECOND_SECONDS)
            state = _state(first)
            if state != "at":
                return Asked(device, state, talks=bool(first.unsolicited))
            about = port.ask("ATI", SECOND_SECONDS)
            modes = port.ask("AT^GETPORTMODE", SECOND_SECONDS) if mode_query else SILENCE
    except PortError as err:
        return Asked(device, str(err))
    talks = any(answer.unsolicited for answer in (first, about, modes))
    return Asked(device, "at", "", talks, identity_of(about), port_modes(modes))


def _state(answer: Answer) -> str:
    if answer.final:
        return "at"
    if answer.other or answer.text:
        return "other"
    return "echo" if answer.echo else "silent"


def identity_of(answer: Answer) -> dict[str, str]:
    """Manufacturer, model and revision of an answer to ATI, in plain letters: a stick's text is hostile."""
    found = {}
    for line in answer.text:
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in ("manufacturer", "model", "revision"):
            found[name.strip().lower()] = re.sub(r"[^A-Za-z0-9 ._()/-]", "?", value.strip())[:40]
    return found


def port_modes(answer: Answer) -> dict[int, str]:
    """Function by interface number of an answer such as `^GETPORTMODE:TYPE:WCDMA:HUAWEI,MDM:0,PCUI:2`."""
    if not answer.succeeded:
        return {}
    pairs = re.findall(r"\b(?:[34]G_)?([A-Z]+):(\d{1,2})\b", " ".join(answer.text).upper())
    return {int(number): PORT_MODES[name] for name, number in pairs if name in PORT_MODES}


def roles(stick: StickFacts, asked: Mapping[int, Iterable[Asked]]) -> list[PortRole]:
    """What each interface is for. Numbers that mean something count most, then the stick's own word."""
    said = {
        number: role for answers in asked.values() for item in answers for number, role in item.modes.items()
    }
    found = [
        _role(interface, tuple(asked.get(interface["number"], ())), said) for interface in stick["interfaces"]
    ]
    return _guess(found)


def _role(interface: InterfaceFacts, asked: tuple[Asked, ...], said: Mapping[int, str]) -> PortRole:
    function, own = interface["function"], said.get(interface["number"])
    states = [item.state for item in asked]
    if function:
        doubt = ""
        if own and own != function:
            doubt = f"^GETPORTMODE calls it {own}"
        elif function in ("modem", "pcui") and interface["tty"] and set(states) & {"silent", "echo", "other"}:
            doubt = "it answers no AT"
        return PortRole(interface, asked, function, "number", doubt)
    if own:
        doubt = "it answers no AT" if own != "diag" and "at" not in states else ""
        return PortRole(interface, asked, own, "stick", doubt)
    if interface["net"]:
        return PortRole(interface, asked, None, "", f"network device {interface['net']}")
    return PortRole(interface, asked, None, "")


def _guess(found: list[PortRole]) -> list[PortRole]:
    """Roles for AT ports that nothing names: what talks by itself is PCUI, the first other one the modem."""
    taken = {item.role for item in found}
    open_ports = [
        item for item in found if not item.role and any(answer.state == "at" for answer in item.asked)
    ]
    talking = [item for item in open_ports if any(answer.talks for answer in item.asked)]
    guessed: dict[int, str] = {}
    if "pcui" not in taken and len(talking) == 1 and len(open_ports) > 1:
        guessed[talking[0].interface["number"]] = "pcui"
    for role in ("modem", "pcui"):
        left = [item for item in open_ports if item.interface["number"] not in guessed]
        if role not in taken | set(guessed.values()) and left:
            guessed[left[0].interface["number"]] = role
    return [
        item._replace(role=guessed[item.interface["number"]], known_by="answers")
        if item.interface["number"] in guessed
        else item
        for item in found
    ]


def holders(root: Path, devices: Iterable[str]) -> dict[str, str]:
    """Who has one of the devices (paths) open, by device: name and process id, as far as /proc shows it."""
    wanted = set(devices)
    found: dict[str, str] = {}
    for process in (root / "proc").glob("[0-9]*"):
        for device in _open_files(process) & wanted:
            name = sysfs.attribute(process, "comm") or "a process"
            found[device] = f"{name} ({process.name})"
    return found


def _open_files(process: Path) -> set[str]:
    """What a process has open; nothing where it has ended or is another user's."""
    targets = set()
    try:
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                targets.add(str(descriptor.readlink()))
    except OSError:
        return targets
    return targets
