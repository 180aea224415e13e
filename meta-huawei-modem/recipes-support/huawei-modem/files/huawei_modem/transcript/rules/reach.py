# SPDX-License-Identifier: MIT
"""From an address to the internet: the interface's settings, the default route, names.

What is wrong here is a fault of the modem's network only where the text shows that the modem is connected.
"""

from __future__ import annotations

import re

from huawei_modem.catalogue import found
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.rules.rule import (
    HILINK_NET,
    Judgement,
    View,
    events,
    evidence,
    is_link_local,
    is_modems,
    rule,
)

CONSEQUENCES = frozenset(("address-missing", "route-elsewhere", "no-internet", "names-unresolved"))
"""Codes that say nothing new where an earlier step failed."""
_CABLES = ("eth1", "eth2", "usb", "enx")
"""What a router stick's network is called where no message of its driver is shown."""
_IS_DOWN = re.compile(r"<(?![^>]*\bUP\b)[A-Z0-9_,-]*>|\bDOWN\b")
_OF_IFCONFIG = re.compile(r"Link encap|flags=")
"""ifconfig shows the address below the name, ip link never does."""
_SETTINGS = re.compile(r"\bInterface=([\w.-]+)")


def modems_net(view: View) -> Seen[str] | None:
    """The modem's network interface that has an address, with the line that shows it."""
    known = dict(view.state.addresses)
    for name, seen in known.items():
        if not seen.value or is_link_local(seen.value):
            continue
        if is_modems(view, name) or seen.value.startswith(HILINK_NET):
            return Seen(name, seen.place)
    address = view.state.sessions[-1].address if view.state.sessions else None
    return Seen("ppp0", address.place) if address is not None else None


@rule("address-missing")
def address(view: View) -> Judgement:
    """The modem is connected, and its interface has none of the address that it was given."""
    nets = [
        Seen(match[1], seen.place)
        for context in view.state.contexts or ()
        if context.values.get("Active", context.path).value in ("1", "True", "true")
        and (seen := context.values.get("Settings")) is not None
        and (match := _SETTINGS.search(seen.value))
    ]
    if view.state.said("data") == "=online":
        nets += view.state.events_of("=bearer-net")[-1:]
    up = view.state.events_of("=data-up")
    if up and modems_net(view) is None:
        nets += [Seen(name, up[-1].place) for name in view.state.addresses if name.startswith("ww")]
    known = [(net, view.state.addresses[net.value]) for net in nets if net.value in view.state.addresses]
    if not known:
        return _of_router(view)
    alone = view.state.said("connman").startswith("connman-not-running")
    by_dhcp = alone and any("Method=dhcp" in net.place[1] for net, _shown in known)
    return [
        found("address-missing:dhcp" if by_dhcp else "address-missing", evidence(net, shown), net=net.value)
        for net, shown in known
        if not shown.value
    ]


def _of_router(view: View) -> Judgement:
    """A stick that is a router, whose network interface nobody has set up."""
    routers = {stick.usb.value for stick in view.sticks() if view.mode(stick) == ids.ROUTER}
    known, nets = view.state.addresses, view.state.bus.nets
    named = {name: seen for name, seen in known.items() if nets.get(name) in routers}
    guessed = {name: seen for name, seen in known.items() if name not in nets and name.startswith(_CABLES)}
    own = named or guessed
    if not routers or not own:
        return None
    if any(seen.value for seen in own.values()) or view.state.said("reach") == "=ping":
        return []
    for name, seen in own.items():
        line = seen.place[1]
        if _IS_DOWN.search(line) or _OF_IFCONFIG.search(line):
            how = "is down and has no address" if _IS_DOWN.search(line) else "has no address"
            # Its name may hold the stick's MAC address, which remedies do not spread.
            plain = "INTERFACE" if name.startswith("enx") else name
            return [found("address-missing:router", evidence(seen), net=name, how=how, name=plain)]
    return []


@rule("route-elsewhere")
def route(view: View) -> Judgement:
    """The default route leaves by another interface than the modem's."""
    net, routes, said = modems_net(view), view.state.routes, view.state.said("reach")
    if net is None or routes is None:
        return None
    failed = view.state.events_of("=unreachable", "=reach-lost")
    if not routes and said not in ("=ping", "=fetched") and not failed:
        return [found("route-elsewhere:none", evidence(net), net=net.value)]
    if said not in ("=unreachable", "=reach-lost") or not failed:
        return []
    first = min(routes, key=lambda item: item.metric, default=None)
    if first is None:
        return [found("route-elsewhere:none", evidence(net, failed[-1]), net=net.value)]
    if first.net == net.value or failed[-1].value == net.value:
        return []  # ping was bound to the modem's interface
    return [found("route-elsewhere", evidence(net, first.seen, failed[-1]), net=net.value, other=first.net)]


@rule("no-internet")
def internet(view: View) -> Judgement:
    """The modem has an address, and nothing behind it answers."""
    net, last = modems_net(view), view.state.latest.get("reach")
    if last is None or (net is None and view.state.said("data") != "=online"):
        return None
    if last.value not in ("=reach-lost", "=unreachable"):
        return []
    lost = view.state.events_of("=reach-lost")
    bound = lost[-1].value if lost and last.value == "=reach-lost" else ""
    if bound and net is not None and bound != net.value:
        return []
    if not bound and route.judge(view):
        return []
    near = view.state.events_of("=ping-near")
    shown = view.state.addresses.get(net.value) if net is not None else None
    hilink = shown is not None and shown.value.startswith(HILINK_NET)
    lines = evidence(net, last, near[-1] if near else None)
    if hilink:
        return [found("no-internet:router", lines)]
    return [found("no-internet", lines)]


@rule("names-unresolved")
def names(view: View) -> Judgement:
    """Addresses answer, and names are not known."""
    last = view.state.latest.get("names")
    if last is None:
        return None
    up = view.state.said("reach") == "=ping"
    if last.value != "=names-lost" or not (up or modems_net(view) or view.state.said("data") == "=online"):
        return []
    if view.state.said("reach") not in ("", "=ping"):
        return []  # nothing answers at all
    shown = (*events(view, "=names-lost"), *events(view, "=ping")[:1])
    return [found("names-unresolved" if up else "names-unresolved:alone", shown)]


RULES = (address, route, internet, names)
