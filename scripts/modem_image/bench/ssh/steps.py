# SPDX-License-Identifier: MIT
"""The steps on a real board: what its kernel, oFono and ConnMan show of a stick that nobody has described.

Pure functions over observations (bench/observe.py). Where the emulated stick reports what it saw, the board's
side of the same moment stands in.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from huawei_modem.database import Database, Mode
from modem_image.bench.observe import Observation
from modem_image.bench.steps import CAPTURE, DOCTOR, MODEM_STEPS, MODULES, PING, ROUTER_STEPS, Step, network

_NEW = re.compile(r"^usb (\S+): new \S+(?: \S+)? USB device number \d+")
_FOUND = re.compile(r"^usb (\S+): New USB device found, idVendor=([0-9a-f]{4}), idProduct=([0-9a-f]{4})\b")
_REGISTERED = re.compile(r" register '(\w+)' at .*?((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$")
_ROUTERS = frozenset({"cdc_ether", "cdc_ncm", "rndis_host"})
_PORT = re.compile(r"now attached to ttyUSB\d|ttyACM\d+: USB ACM device")
_SERIAL = frozenset({"option", "cdc_acm"})
_LATE_S = 2.0
"""A kernel that reports a device says that it is new at most so long before."""

_REGISTERED_STEP = Step(
    "registered",
    "registered with the network",
    "ofono",
    r"^NetworkRegistration\.Status=(registered|roaming)\b",
)
_DIALLED = Step("dialled", "oFono's context is active", "ofono", r"^ConnectionContext\.Active=true")


@dataclass(frozen=True)
class Seen:
    """What a stick showed so far: ids in the order in which they came, driver and MAC address of its network
    interface, whether it has serial ports."""

    usb: tuple[str, ...]
    driver: str | None = None
    mac: str | None = None
    ports: bool = False


def plugged_in(observations: Sequence[Observation], vendors: frozenset[str]) -> float | None:
    """When the kernel first noticed a stick of these vendors (four hexadecimal digits); None without one."""
    new: dict[str, float] = {}
    for one in observations:
        if one.source != "kernel":
            continue
        if match := _NEW.match(one.text):
            new[match[1]] = one.time
        elif (match := _FOUND.match(one.text)) and match[2] in vendors:
            before = new.get(match[1], one.time)
            return before if one.time - before < _LATE_S else one.time
    return None


def seen_of(observations: Sequence[Observation], vendors: frozenset[str]) -> Seen:
    """What the stick showed, of all that was observed since it came."""
    ids: list[str] = []
    driver = mac = None
    ports = False
    for one in observations:
        if one.source != "kernel":
            continue
        if (match := _FOUND.match(one.text)) and match[2] in vendors:
            usb = f"{match[2]}:{match[3]}"
            ids += [] if ids[-1:] == [usb] else [usb]
        elif match := _REGISTERED.search(one.text):
            driver, mac = match[1], match[2]
        ports = ports or bool(_PORT.search(one.text))
    return Seen(tuple(ids), driver, mac, ports)


def expected(seen: Seen, known: Database, *, with_data: bool = True) -> tuple[Step, ...]:
    """The steps of a run in which all goes well, as far as it is known what the stick is."""
    steps: list[Step] = []
    first, last = seen.usb[0], seen.usb[-1]
    mode = _mode(known, last)
    if known.mode_name(first) == "storage":
        steps.append(Step("storage", "stick shows itself as a disk", "kernel", _found_pattern(first)))
        if seen.driver != "cdc_mbim":
            steps.append(_switched(first))
    steps += _kind_steps(seen, mode)
    return (*steps, PING, DOCTOR, MODULES, CAPTURE) if with_data else tuple(steps)


@dataclass(frozen=True)
class Link:
    """The network interface of the stick's connection, and the gateway behind it (empty without one)."""

    interface: str
    gateway: str = ""


def link_of(answer: Any, mac: str | None) -> Link | None:
    """The stick's connection; None without one.

    `answer` is what busctl prints as JSON of ConnMan's GetServices, `mac` that of the stick's network
    interface: a router's service is one of Ethernet, as the board's cable is.
    """
    if not isinstance(answer, dict):
        return None
    for _path, properties in answer["data"][0]:
        values = {name: found["data"] for name, found in properties.items()}
        link, address = (
            {name: found["data"] for name, found in values.get(each, {}).items()}
            for each in ("Ethernet", "IPv4")
        )
        own = values.get("Type") == "cellular" or (mac and link.get("Address", "").lower() == mac)
        if own and values.get("State") in ("ready", "online") and link.get("Interface"):
            return Link(str(link["Interface"]), str(address.get("Gateway", "")))
    return None


def ping_command(link: Link, host: str, count: int) -> str:
    """A ping through the link, which need not carry the default route: a cable may. An address has a route of
    its own for as long."""
    ping = f"ping -c {count} -W 5 -I {shlex.quote(link.interface)} {shlex.quote(host)}"
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return ping
    via = f"via {shlex.quote(link.gateway)} " if link.gateway else ""
    route = f"{address}/32 {via}dev {shlex.quote(link.interface)}"
    return f"(ip route add {route} 2>/dev/null && trap 'ip route del {route}' EXIT; {ping})"


def _kind_steps(seen: Seen, mode: Mode | None) -> tuple[Step, ...]:
    """From the mode in which it works to an address of the network."""
    is_router = (mode is not None and mode.name == "hilink") or (seen.driver in _ROUTERS and not seen.ports)
    if is_router:
        own = seen.mac.replace(":", "") if seen.mac else "[0-9a-f]{12}"
        ready = rf"^Service\.State=(ready|online) \S*/ethernet_{own}_"
        return (
            network(seen.driver or "cdc_ether"),
            *ROUTER_STEPS,
            Step("data", "ConnMan has an address from the router", "connman", ready),
        )
    ready = r"^Service\.State=(ready|online) \S*/cellular_"
    last = Step("data", "ConnMan has the cellular service ready", "connman", ready)
    modem = (*_modem_steps(), last)
    if seen.driver == "cdc_mbim" or (mode is not None and mode.name == "mbim"):
        return (network("cdc_mbim"), *modem)
    wanted = _ports(mode)
    serial = Step("serial", f"{wanted} serial ports have their driver", "kernel", _PORT.pattern, wanted)
    has_network = mode is not None and any(item.function == "ncm" for item in mode.interfaces)
    interface = (network(seen.driver or "huawei_cdc_ncm"),) if has_network else ()
    return (serial, *interface, *modem)


def _modem_steps() -> tuple[Step, ...]:
    """The bench's own, where the board's side stands in for the stick's."""
    stands_in = {"registered": _REGISTERED_STEP, "dialled": _DIALLED}
    return tuple(stands_in.get(step.name, step) for step in MODEM_STEPS)


def _switched(first: str) -> Step:
    vendor, _, product = first.partition(":")
    pattern = rf"New USB device found, idVendor={vendor}, idProduct=(?!{product})"
    return Step("switched", "usb_modeswitch has it come back in another mode", "kernel", pattern)


def _found_pattern(usb: str) -> str:
    vendor, _, product = usb.partition(":")
    return rf"New USB device found, idVendor={vendor}, idProduct={product}\b"


def _ports(mode: Mode | None) -> int:
    """How many serial ports the mode has by the database; one where nobody has listed its interfaces."""
    listed = mode.interfaces if mode else ()
    return max(1, sum(item.driver in _SERIAL for item in listed))


def _mode(known: Database, usb: str) -> Mode | None:
    found = known.mode_of(usb)
    return found[1] if found else None
