# SPDX-License-Identifier: MIT
"""The bus under the stick: has it power, can it be read, and which configuration is active?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Interface, Seen
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

# A hub's port and the device behind it: usb1-port2 is 1-2, 1-1-port2 is 1-1.2 (Linux hub.c, usb.c).
_HUB_PORT = re.compile(r"(?:usb)?(\d+)(?:-([\d.]+))?-port(\d+)")
_MANY_RESETS = 3
"""usb-storage and a switch of the mode reset a device once or twice; a bus that fails does so often."""


@rule("usb-unconfigured")
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
        findings.append(found("usb-unconfigured", seen, usb="the stick"))
    return findings if findings or ports or view.sticks() else None


@rule("usb-power")
def power(view: View) -> Judgement:
    """The bus cannot read the stick, or not feed it."""
    findings: list[Finding] = [*_loops(view)]
    unread = [seen for seen in view.state.events_of("usb-power:unread") if _may_be_stick(view, seen.value)]
    if unread and not view.sticks() and not view.state.bus.attached:
        findings.append(found("usb-power", [item.evidence for item in unread[:3]]))
    elif unread and (elsewhere := _elsewhere(view, {_bus_of(seen.value) for seen in unread})) is not None:
        findings.append(found("usb-power:elsewhere", evidence(*unread[:2], elsewhere), port=elsewhere.value))
    bsd = events(view, "=bsd-unread")
    if bsd:
        findings.append(found("usb-power:unread", bsd))
    fed = [seen for seen in view.state.events_of("usb-power:low") if _may_be_stick(view, seen.value)]
    if fed:
        findings.append(found("usb-power:low", [item.evidence for item in fed[:3]]))
    resets = [seen.evidence for seen in view.state.events_of("=usb-emi") if _may_be_stick(view, seen.value)]
    again = [seen.evidence for seen in view.state.events_of("=usb-reset") if _is_stick(view, seen.value)]
    if len(again) >= _MANY_RESETS:
        resets += again
    weak = (*events(view, "=under-voltage"), *resets[:3])
    if weak:
        findings.append(found("usb-power:limit", weak))
    if findings:
        return findings
    return [] if view.sticks() else None


def _loops(view: View) -> Iterator[Finding]:
    """A stick that comes and goes. Switching its mode makes it leave once or twice."""
    for port, left in view.state.bus.left.items():
        if left.times >= _MANY_RESETS and (left.seen.value or left.in_use or port in view.state.bus.drivers):
            kind = "loop-over" if "works" in view.words and port in view.state.bus.drivers else "loop"
            yield found(f"usb-power:{kind}", evidence(left.seen), port=port, count=left.times)


def _bus_of(port: str) -> str:
    """The number of the bus of a port or a hub's port."""
    match = re.match(r"(?:usb)?(\d+)", port)
    return match[1] if match else ""


def _elsewhere(view: View, buses: set[str]) -> Seen[str] | None:
    """The ports of a modem on another bus than these: of another machine, or of another controller."""
    attached = list(view.state.bus.attached.values())
    return attached[-1] if attached and all(_bus_of(seen.value) not in buses for seen in attached) else None


def _is_stick(view: View, port: str) -> bool:
    """The kernel named a stick at that port."""
    return _is_modem(view, view.state.bus.ports.get(port, ""))


def _is_modem(view: View, usb: str) -> bool:
    return usb.startswith(ids.VENDOR) or bool(ids.maker_of(usb, view.name(usb)))


def _may_be_stick(view: View, port: str) -> bool:
    """Not where the kernel named another device at that port."""
    if match := _HUB_PORT.fullmatch(port):
        port = f"{match[1]}-{match[2] + '.' if match[2] else ''}{match[3]}"
    ports = view.state.bus.ports
    usb = ports.get(port)
    # A hub that fails takes along what is behind it.
    return usb is None or any(
        _is_modem(view, known) for at, known in ports.items() if at == port or at.startswith(f"{port}.")
    )


@rule("usb-configuration-wrong")
def configuration(view: View) -> Judgement:
    """The active one of several configurations has nothing that oFono could use."""
    judged = [stick for stick in view.sticks() if stick.configurations is not None and stick.interfaces]
    if not judged:
        return None
    return [
        found(
            "usb-configuration-wrong",
            evidence(stick.usb, stick.configurations),
            usb=stick.usb.value,
            count=stick.configurations.value,
        )
        for stick in judged
        if stick.configurations is not None
        and stick.configurations.value > 1
        and view.mode(stick) != ids.ROUTER
        and not any(_usable(view, item) for item in stick.interfaces.values())
    ]


def _usable(view: View, item: Interface) -> bool:
    """Serial ports, MBIM, or a drive, which has its own rule. What is not shown may be any."""
    if item.triple is None:
        return True
    usb_class, subclass, _protocol = item.triple
    if usb_class == "ff" and view.database.function_name(*item.triple) in ("qmi", "ncm"):
        return False
    return usb_class in ("ff", "08") or (usb_class, subclass) in (("02", "02"), ("02", "0e"))


RULES = (unconfigured, configuration, power)
