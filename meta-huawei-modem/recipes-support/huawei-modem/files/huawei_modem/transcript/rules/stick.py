# SPDX-License-Identifier: MIT
"""The stick on the bus: is it there, and which of its faces does it show?"""

from __future__ import annotations

import dataclasses
import re

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Device, ModeswitchRun, Seen
from huawei_modem.transcript.readers.asked import WANTS_PORTS
from huawei_modem.transcript.rules import modeswitch
from huawei_modem.transcript.rules.rule import Judgement, View, evidence, rule

_OF_MODEM = ("sim", "lock", "registration", "attach", "signal", "data")
"""What is said of these, a modem has said: the listing is of another time or another machine."""
# usb-modeswitch-data 20191128: for sticks that the first message leaves as they are.
_OTHER_MESSAGE = "55534243123456780000000000000011063000000100010000000000000000"


@rule("stick-absent")
def absent(view: View) -> Judgement:
    """A whole listing of the bus names no Huawei device."""
    bus = view.state.bus
    if view.sticks() or _kin(view):
        return []
    unread = view.state.events_of("usb-power:unread", "usb-unconfigured", "usb-power:low")
    if (
        bus.complete is None
        or unread
        or view.named
        or view.ports() is not None
        or bus.drivers
        or view.state.said("data") == "=online"
        or any(view.state.said(topic) for topic in _OF_MODEM)
        or view.state.ofono
        or view.state.events_of("=modem-answers", "=port-answers", "=dialled")
        or any(ids.is_called_modem(device.name) for device in bus.devices.values())
        or ("other maker" in view.words and "huawei" not in view.words)
    ):
        return None
    if view.others() or view.maker() or "other maker" in view.words:
        return []
    return [found("stick-absent", evidence(bus.complete))]


@rule("stick-in-storage-mode")
def in_storage_mode(view: View) -> Judgement:
    """The latest listing shows the installer's drive."""
    sticks = view.sticks()
    drive = view.state.bus.drive
    if not sticks and drive is not None and view.ports() is None and not view.state.bus.nets:
        return [found("stick-in-storage-mode:scsi", evidence(drive))]
    bsd = view.state.events_of("=bsd-drive")
    if bsd and not view.state.events_of("=bsd-ports"):
        return [found("stick-in-storage-mode:bsd", evidence(bsd[-1]))]
    kin = [seen for seen in _kin(view) if _is_drive_alone(view, seen.value)]
    if kin and not sticks:
        return [
            found(
                f"stick-in-storage-mode:{ids.KIN[seen.value[:4]].drive}",
                evidence(seen),
                usb=seen.value,
                vendor=seen.value[:4],
                product=seen.value[5:],
            )
            for seen in kin
        ]
    if not sticks:
        return _by_run(view)
    drives = [stick for stick in sticks if view.mode(stick) == ids.STORAGE and not view.became(stick)]
    return [
        _as_drive(view, stick)
        for stick in drives
        if not (_ports_since(view, stick) or _is_another_now(view, stick))
    ]


_PAIR = re.compile(r"\W*(?:E: ?)?(?:idVendor|idProduct|ID_VENDOR_ID|ID_MODEL_ID)\b")
"""A line with one of a device's two ids: a description of one device, and no list of all."""


def _is_another_now(view: View, stick: Device) -> bool:
    """Whether a list shows the drive, and the description of one device after it a modem of Huawei's."""
    source, text, line = stick.usb.place
    return not _PAIR.match(text) and any(
        other.usb.place[0] == source
        and other.usb.place[2] > line
        and _PAIR.match(other.usb.place[1]) is not None
        and view.mode(other) != ids.STORAGE
        for other in view.sticks()
    )


def _ports_since(view: View, stick: Device) -> bool:
    """Whether ports came after the drive's id, of a device whose id the kernel does not print."""
    source, _text, line = stick.usb.place
    return any(
        seen.place[0] == source
        and seen.place[2] >= line
        and "GSM modem" in seen.place[1]
        and not view.state.bus.ports.get(seen.value)
        for seen in view.state.bus.attached.values()
    )


def _by_run(view: View) -> Judgement:
    """No listing shows a stick: what usb_modeswitch says of the one that it was to switch."""
    runs = [run for run in view.state.runs if run.usb and ids.mode_of(run.usb, view.database) == ids.STORAGE]
    if not runs or view.ports() is not None or view.state.bus.nets:
        return None
    last = runs[-1]
    if last.outcome is None or last.outcome.value not in ("failed", "unlisted"):
        return []
    return [_found_by_run(last)]


def _found_by_run(run: ModeswitchRun) -> Finding:
    usb = run.usb or ""
    kind = run.outcome.value if run.outcome is not None else ""
    return found(
        f"stick-in-storage-mode:{kind}",
        evidence(run.sent, run.outcome),
        usb=usb,
        vendor=usb[:4],
        product=usb[5:],
        message=_OTHER_MESSAGE,
    )


def _is_drive_alone(view: View, usb: str) -> bool:
    """Whether usb-storage has it and the text shows no network and no port of it."""
    bus = view.state.bus
    drivers = {bus.drivers[port].value for port, at in bus.ports.items() if at == usb and port in bus.drivers}
    stored = "=usb-storage" in view.state.events or bool(view.state.events_of("=drive"))
    return stored and not drivers and not bus.nets and view.ports() is None


def _as_drive(view: View, stick: Device) -> Finding:
    """The installer's drive, and what was done about it."""
    state, usb = view.state, stick.usb.value
    ran = {seen.value: seen for seen in state.events_of("=modeswitch-ran")}
    sent = [run for run in state.runs if run.sent is not None]
    there = bool(state.runs or state.configs) or any(
        "usb_modeswitch" in line.value for file in state.rules_files for line in file.lines
    )
    kind, switched = "stick-in-storage-mode", None
    told = [run for run in state.runs if run.usb in (usb, None) and run.outcome is not None]
    if told and told[-1].outcome and told[-1].outcome.value in ("failed", "unlisted"):
        return _found_by_run(dataclasses.replace(told[-1], usb=usb))
    if "guest" in view.words:
        kind += ":guest"
    elif usb in ran:
        kind += ":ran"
    elif sent and sent[-1].sent and sent[-1].sent.place[2] > stick.usb.place[2]:
        kind += ":sent"
    elif (switched := _switched_before(view, stick)) is not None:
        kind += ":sometimes"
    elif there or ("usb_modeswitch" in view.words and "two systems" not in view.words):
        kind += ":installed"
    return found(
        kind,
        evidence(stick.usb, ran.get(usb), sent[-1].sent if kind.endswith("sent") else None, switched),
        usb=usb,
        vendor=usb.partition(":")[0],
        product=usb.partition(":")[2],
        message=_OTHER_MESSAGE,
        unneeded=None if _is_configured(view, usb) else usb,
    )


def _is_configured(view: View, usb: str) -> bool:
    """Whether the text shows a configuration for the drive in which nothing is wrong."""
    return any(
        (product := item.values.get("defaultproduct")) is not None
        and product.value == usb[5:]
        and not modeswitch.config_faults(view, item)
        for item in view.state.configs
    )


@rule("stick-in-storage-mode")
def at_first(view: View) -> Judgement:
    """It stood as a drive until somebody unplugged it, and was switched after that."""
    for left in view.state.bus.left.values():
        first, stick = left.unswitched, view.known_stick()
        if first is None or stick is None or view.mode(stick) != ids.MODEM:
            continue
        if ids.mode_of(first.value, view.database) == ids.STORAGE and stick.usb.value != first.value:
            vendor, _, product = first.value.partition(":")
            return [
                found(
                    "stick-in-storage-mode:at-first",
                    evidence(first, stick.usb),
                    usb=first.value,
                    now=stick.usb.value,
                    vendor=vendor,
                    product=product,
                )
            ]
    return None


def _switched_before(view: View, drive: Device) -> Seen[str] | None:
    """A modem of Huawei's that an earlier listing shows: at that time the drive had been switched."""
    known = {**view.state.bus.devices}
    for state in view.earlier:
        known.update(state.bus.devices)
    for usb, device in known.items():
        mode = ids.mode_of(usb, view.database, device.name)
        if usb != drive.usb.value and mode in (ids.MODEM, ids.MBIM, ids.ROUTER) and not ids.keeps_id(usb):
            return device.usb
    return None


@rule("stick-in-hilink-mode")
def in_hilink_mode(view: View) -> Judgement:
    """The stick is a router with a network interface: not a fault, and nothing for oFono."""
    sticks = view.sticks()
    if not sticks:
        return None
    routers = [stick for stick in sticks if view.mode(stick) == ids.ROUTER and not view.became(stick)]
    return [_as_router(view, stick) for stick in routers]


def _as_router(view: View, stick: Device) -> Finding:
    usb = stick.usb.value
    sent = [
        run
        for run in view.state.runs
        if run.sent is not None or (run.usb and ids.mode_of(run.usb, view.database) == ids.STORAGE)
    ]
    drive, message, modem = _way_to_ports(view, usb)
    tried = [run for run in view.state.runs if run.nothing is not None]
    if not sent and tried:
        return found(
            "stick-in-hilink-mode:tried",
            evidence(stick.usb, tried[-1].nothing),
            usb=usb,
            vendor=ids.VENDOR,
            drive=drive,
            message=message,
            unknown=None if modem else "",
        )
    if not sent and view.words & {"wants messages", "gammu", "smstools", "asterisk"}:
        return found(
            "stick-in-hilink-mode:ports",
            evidence(stick.usb),
            usb=usb,
            vendor=ids.VENDOR,
            drive=drive,
            message=message,
            modem=modem,
        )
    if not sent and WANTS_PORTS in view.words:
        return found(
            "stick-in-hilink-mode:choice",
            evidence(_drive_before(view), stick.usb),
            usb=usb,
            vendor=ids.VENDOR if modem else None,
            drive=drive,
            message=message,
            modem=modem,
            target=modem.partition(":")[2] if modem else None,
            choice=_choice(view, drive, message),
            unknown=None if modem else "",
        )
    if not sent:
        return found("stick-in-hilink-mode", evidence(stick.usb), usb=usb)
    run = sent[-1]
    return found(
        f"stick-in-hilink-mode:{'switched' if run.logged else 'by-hand'}",
        evidence(run.outcome if run.logged else run.command, run.sent, stick.usb),
        usb=usb,
        vendor=ids.VENDOR,
        drive=drive,
        message=message,
        modem=modem,
        unknown=None if modem else "",
    )


def _drive_before(view: View) -> Seen[str] | None:
    """The drive that the text shows before the router."""
    for state in (view.state, *reversed(view.earlier)):
        for usb, device in state.bus.devices.items():
            if usb.startswith(ids.VENDOR) and ids.mode_of(usb, view.database) == ids.STORAGE:
                return device.usb
    return None


def _choice(view: View, drive: str | None, message: str | None) -> str | None:
    """What HUAWEI_MODEM_MODES calls the message to this drive; None where the drive has no other message.

    `modem`, and with the stick's id where several messages are known.
    """
    ways = {
        mode.alternative.message: stick.id
        for stick in reversed(view.database.sticks)
        for mode in stick.modes
        if mode.alternative and mode.usb == f"{ids.VENDOR}:{drive}"
    }
    if message not in ways:
        return None
    return f"modem-{ways[message]}" if len(ways) > 1 else "modem"


def _way_to_ports(view: View, usb: str) -> tuple[str | None, str | None, str | None]:
    """Product id of the drive, the message and the id that it leads to, of a stick with this router."""
    for stick, _mode in view.database.candidates(usb):
        modems = {mode.usb for mode in stick.modes if mode.name in (ids.MODEM, ids.MBIM)}
        for mode in stick.modes:
            for switch in (mode.alternative, mode.switch):
                target = next((usb for usb in switch.target if usb in modems), None) if switch else None
                if mode.name == ids.STORAGE and switch and target:
                    return mode.usb.partition(":")[2], switch.message, target
    return None, None, None


@rule("unknown-stick")
def unknown(view: View) -> Judgement:
    """Neither the id nor what is seen of the interfaces tells the mode."""
    return [
        found("unknown-stick", evidence(stick.usb), usb=stick.usb.value)
        for stick in view.sticks()
        if view.mode(stick) is None
    ] + [
        found("unknown-stick:kin", evidence(seen), usb=seen.value, maker=ids.KIN[seen.value[:4]].maker)
        for seen in _kin(view)
    ]


def _kin(view: View) -> list[Seen[str]]:
    """Sticks under Huawei's name that have another vendor's id."""
    return [seen for usb, seen in view.state.bus.present.items() if usb[:4] in ids.KIN]


@rule("not-huawei")
def others(view: View) -> Judgement:
    """A modem of another maker, and none of Huawei's."""
    if view.known_stick() is not None or _kin(view):
        return []
    others, maker = view.others(), view.maker()
    if others:
        return [
            found(
                "not-huawei",
                evidence(seen),
                usb=seen.value,
                maker=ids.maker_of(seen.value, view.name(seen.value)),
            )
            for seen in others
        ]
    if maker is not None:
        return [found("not-huawei", evidence(maker), usb="the modem", maker=maker.value)]
    return None


RULES = (others, absent, in_storage_mode, in_hilink_mode, unknown, at_first)
