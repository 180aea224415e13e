# SPDX-License-Identifier: MIT
"""The stick on the bus: is it there, has it power, and which of its faces does it show?"""

from __future__ import annotations

import re

from huawei_modem.report import Finding, error, info, warning
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Interface, Seen
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

# A hub's port and the device behind it: usb1-port2 is 1-2, 1-1-port2 is 1-1.2 (Linux hub.c, usb.c).
_HUB_PORT = re.compile(r"(?:usb)?(\d+)(?:-([\d.]+))?-port(\d+)")
_MANY_RESETS = 3
"""usb-storage and a switch of the mode reset a device once or twice; a bus that fails does so often."""
_SWITCH = "install usb-modeswitch and usb-modeswitch-data; then unplug the stick and plug it in"

# usb-modeswitch-data 20191128: for sticks that the first message leaves as they are.
_OTHER_MESSAGE = "55534243123456780000000000000011063000000100010000000000000000"


@rule("stick-absent", needs="a whole lsusb or usb-devices")
def absent(view: View) -> Judgement:
    """A whole listing of the bus names no Huawei device."""
    bus = view.state.bus
    if view.sticks() or _kin(view):
        return []
    if bus.complete is None or view.ports() is not None:
        return None
    return [
        error(
            "stick-absent",
            "no Huawei stick on the USB bus",
            evidence(bus.complete),
            ["plug it in and look at dmesg: a stick that the bus cannot power or read is named there"],
        )
    ]


@rule("stick-in-storage-mode", needs="the stick's USB id")
def in_storage_mode(view: View) -> Judgement:
    """The latest listing shows the installer's drive."""
    sticks = view.sticks()
    if not sticks:
        return None
    ran = {seen.value: seen for seen in view.state.events_of("modeswitch-ran")}
    return [
        error(
            "stick-in-storage-mode",
            f"{stick.usb.value} is in its installer mode, as a drive, and was not switched"
            + (", although usb_modeswitch ran" if stick.usb.value in ran else ""),
            evidence(stick.usb, ran.get(stick.usb.value)),
            _again(stick.usb.value)
            if stick.usb.value in ran
            else [_SWITCH, "if it stays: journalctl -b | grep usb_modeswitch"],
        )
        for stick in sticks
        if view.mode(stick) == ids.STORAGE
    ]


def _again(usb: str) -> list[str]:
    vendor, _, product = usb.partition(":")
    return [
        "unplug it and plug it in, at another port or a powered hub",
        f"if it stays: usb_modeswitch -v {vendor} -p {product} -M {_OTHER_MESSAGE}",
    ]


@rule("stick-in-hilink-mode", needs="the stick's USB id")
def in_hilink_mode(view: View) -> Judgement:
    """The stick is a router with a network interface: not a fault, and nothing for oFono."""
    sticks = view.sticks()
    if not sticks:
        return None
    return [
        info(
            "stick-in-hilink-mode",
            f"{stick.usb.value} is a HiLink stick: a router with a network interface, without AT ports",
            evidence(stick.usb),
            [
                "ConnMan takes it as ethernet by DHCP; oFono has no part in it",
                "for oFono another firmware or mode is needed",
            ],
        )
        for stick in sticks
        if view.mode(stick) == ids.ROUTER
    ]


@rule("unknown-stick", needs="the stick's USB id")
def unknown(view: View) -> Judgement:
    """Neither the id nor what is seen of the interfaces tells the mode."""
    return [
        info(
            "unknown-stick",
            f"{stick.usb.value} is not known here; its interfaces would tell its mode",
            evidence(stick.usb),
            ["usb-devices"],
        )
        for stick in view.sticks()
        if view.mode(stick) is None
    ] + [
        info(
            "unknown-stick",
            f"{seen.value} is a stick of {ids.KIN[seen.value[:4]]}: switching and drivers go by other ids",
            evidence(seen),
            ["usb-devices"],
        )
        for seen in _kin(view)
    ]


def _kin(view: View) -> list[Seen[str]]:
    """Sticks under Huawei's name that have another vendor's id."""
    return [seen for usb, seen in view.state.bus.present.items() if usb[:4] in ids.KIN]


@rule("usb-unconfigured", needs="the kernel log, or usb-devices")
def unconfigured(view: View) -> Judgement:
    """The kernel chose no configuration, so the stick has no interfaces."""
    findings: list[Finding] = []
    ports = view.state.bus.ports
    failed = [seen for seen in view.state.events_of("usb-unconfigured") if _may_be_stick(view, seen.value)]
    shown = [
        stick.configured
        for stick in view.sticks()
        if stick.configured is not None and not stick.configured.value
    ]
    if failed or shown:
        seen = tuple(item.evidence for item in failed[:3]) + tuple(item.evidence for item in shown[:3])
        findings.append(
            error(
                "usb-unconfigured",
                "the stick has no active USB configuration: no interface, no driver",
                seen,
                [
                    "unplug it and plug it in; try a powered hub",
                    "if it stays: echo 1 > /sys/bus/usb/devices/PORT/bConfigurationValue",
                ],
            )
        )
    return findings if findings or ports or view.sticks() else None


@rule("usb-power", needs="the kernel log")
def power(view: View) -> Judgement:
    """The bus cannot read the stick, or not feed it."""
    findings: list[Finding] = []
    remedy = [
        "try a powered USB hub, a short cable and another port",
        "check the supply of the board's USB port",
    ]
    unread = [seen for seen in view.state.events_of("usb-error") if _may_be_stick(view, seen.value)]
    if unread and not view.sticks() and not view.state.bus.attached:
        findings.append(
            error(
                "usb-power",
                "a USB device could not be read: power, cable or port",
                [item.evidence for item in unread[:3]],
                remedy,
            )
        )
    fed = [seen for seen in view.state.events_of("usb-low-power") if _may_be_stick(view, seen.value)]
    fed += [seen for seen in view.state.events_of("usb-over-current") if _may_be_stick(view, seen.value)]
    if fed:
        seen = [item.evidence for item in fed[:3]]
        findings.append(error("usb-power", "the USB port cannot feed the device", seen, remedy))
    resets = [seen.evidence for seen in view.state.events_of("usb-emi") if _may_be_stick(view, seen.value)]
    again = [seen.evidence for seen in view.state.events_of("usb-reset") if _is_stick(view, seen.value)]
    if len(again) >= _MANY_RESETS:
        resets += again
    weak = (*events(view, "under-voltage"), *resets[:3])
    if weak:
        findings.append(warning("usb-power", "the supply or the cable is at its limit", weak, remedy))
    if findings:
        return findings
    return [] if view.sticks() else None


def _is_stick(view: View, port: str) -> bool:
    """The kernel named a stick at that port."""
    return view.state.bus.ports.get(port, "").startswith(ids.VENDOR)


def _may_be_stick(view: View, port: str) -> bool:
    """Not where the kernel named another device at that port."""
    if match := _HUB_PORT.fullmatch(port):
        port = f"{match[1]}-{match[2] + '.' if match[2] else ''}{match[3]}"
    usb = view.state.bus.ports.get(port)
    return usb is None or usb.startswith(ids.VENDOR)


@rule("usb-configuration-wrong", needs="usb-devices")
def configuration(view: View) -> Judgement:
    """The active one of several configurations has nothing that oFono could use."""
    judged = [stick for stick in view.sticks() if stick.configurations is not None and stick.interfaces]
    if not judged:
        return None
    return [
        warning(
            "usb-configuration-wrong",
            f"the active configuration of {stick.usb.value} has no AT port and no MBIM; it has "
            f"{stick.configurations.value} configurations",
            evidence(stick.usb, stick.configurations),
            [
                f"lsusb -v -d {stick.usb.value}: which configuration has interfaces of class ff?",
                "echo NUMBER > /sys/bus/usb/devices/PORT/bConfigurationValue, chosen by what it has",
            ],
        )
        for stick in judged
        if stick.configurations is not None
        and stick.configurations.value > 1
        and view.mode(stick) != ids.ROUTER
        and not any(_usable(item) for item in stick.interfaces.values())
    ]


def _usable(item: Interface) -> bool:
    """Serial ports, MBIM, or a drive, which has its own rule. What is not shown may be any."""
    if item.triple is None:
        return True
    usb_class, subclass, _protocol = item.triple
    return usb_class in ("ff", "08") or (usb_class, subclass) in (("02", "02"), ("02", "0e"))


RULES = (absent, in_storage_mode, in_hilink_mode, unknown, unconfigured, configuration, power)
