# SPDX-License-Identifier: MIT
"""The ladder from the bus to the internet: which of its layers the text shows, and which it says in words.

What a line proves of a layer holds for those below it. A sentence counts only where no line shows the
contrary: it neither takes away what is shown nor makes a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from huawei_modem.transcript import ids, plugged
from huawei_modem.transcript.model import Claim, Device, History, Seen
from huawei_modem.transcript.rules.rule import HILINK_NET, View, is_link_local, is_modems
from huawei_modem.transcript.topics import LAYER_OF, LAYERS, PROOFS

_CABLES = ("eth1", "eth2", "usb", "enx", "lan")
"""What a HiLink stick's network is called, after the board's own."""
_OWN = ("eth0", "br", "wl", "lo")
"""The board's own networks."""
_ANSWERED = ("=modem-answers", "=answer-late", "=at-refused", "=message-refused")


_SYMPTOMS = ("says-connect", "says-traffic")
"""Complaints that whoever has a fault on any layer brings."""


class Ladder(NamedTuple):
    """What is known of the layers."""

    shown: Mapping[str, Seen[Any]]
    """Layers that lines prove, each with the first such line."""
    said: Mapping[str, Seen[Claim]]
    """The last word of each layer: it works (True) or it does not."""

    @property
    def reached(self) -> int:
        """The highest layer that lines prove; -1 where they prove none."""
        return max((LAYERS.index(layer) for layer in self.shown), default=-1)

    @property
    def complaint(self) -> str | None:
        """The lowest layer that words call bad, of those above what lines prove."""
        return next((layer for layer in LAYERS[self.reached + 1 :] if self._says(layer, False)), None)

    @property
    def open(self) -> int:
        """The layer to ask about: what is complained of, or what comes after the highest good one."""
        good = [number for number, layer in enumerate(LAYERS) if self._says(layer, True)]
        highest = max((self.reached, *good))
        complaint = self.complaint
        if complaint is None or self._is_symptom(complaint, highest):
            return highest + 1
        return LAYERS.index(complaint)

    def _is_symptom(self, complaint: str, highest: int) -> bool:
        """Whether "no internet" may come of a layer below: lines show the modem, and nothing a session."""
        vague = self.said[complaint].value.kind in _SYMPTOMS
        return vague and LAYERS.index("mode") <= self.reached and highest < LAYERS.index("session")

    def _says(self, layer: str, good: bool) -> bool:
        return layer in self.said and self.said[layer].value.good is good


def climb(history: History, views: Sequence[View]) -> Ladder:
    """The layers as far as the text shows and says them."""
    shown: dict[str, Seen[Any]] = {}
    for view in views:
        for layer, seen in _proofs(view):
            shown.setdefault(layer, seen)
    said = dict(history.claims)
    missing = said.get("port")
    if missing is not None and missing.value.kind == "nets" and any(map(_has_net, views)):
        del said["port"]
    for seen in history.others.values():
        said.setdefault("bus", Seen(Claim(True), seen.place))
    return Ladder(shown, said)


def _has_net(view: View) -> bool:
    return bool(view.state.bus.nets or view.state.addresses)


def _proofs(view: View) -> Iterator[tuple[str, Seen[Any]]]:
    """Each layer that the state's lines prove, with the line."""
    yield from _of_bus(view)
    state = view.state
    for seen in state.events_of(*_ANSWERED):
        yield "answers", seen
    for named in (state.vendor, view.maker(), *state.ofono.values()):
        if named is not None:
            yield "answers", named
    if state.modems is not None and state.modems.value:
        yield "answers", state.modems
    if (powered := state.connman.get("cellular.Powered")) is not None:
        yield "answers", powered  # ConnMan has it of oFono
    for topic, seen in state.latest.items():
        of_modem = topic in LAYER_OF and topic not in ("reach", "names") and seen.value != "=discover"
        if of_modem and (topic != "port" or seen.value[0] == "="):
            # What a command about the SIM or the network answers, the modem answered.
            yield (LAYER_OF[topic] if seen.value in PROOFS else "answers"), seen
    yield from _of_network(view)


def _of_network(view: View) -> Iterator[tuple[str, Seen[Any]]]:
    state = view.state
    ups, downs = state.events_of("=data-up"), state.events_of("=data-down", "context-refused")
    if ups and (not downs or ups[-1].place[2] > downs[-1].place[2]):
        yield "session", ups[-1]
    for context in state.contexts or ():
        if context.values.get("Active", context.path).value in ("1", "True", "true"):
            yield "session", context.path
    for session in state.sessions:
        yield "answers", session.started
        if session.address is not None:
            yield "address", session.address
    if (net := address_of(view)) is not None:
        yield "address", net


def _of_bus(view: View) -> Iterator[tuple[str, Seen[Any]]]:
    state, bus = view.state, view.state.bus
    if (stick := view.known_stick()) is not None:
        yield "bus", stick.usb
        if view.mode(stick) == ids.ROUTER:
            yield "session", stick.usb  # it dials by itself
        elif view.mode(stick) not in (None, ids.STORAGE):
            yield "mode", stick.usb
        yield from _drivers(view, stick)
    drive = plugged.others_drive(view)
    for seen in view.others():
        yield ("mode" if drive is None else "bus"), seen
        if (device := bus.devices.get(seen.value)) is not None:
            yield from _drivers(view, device)
    for seen in bus.drivers.values():
        yield ("port" if seen.value == "cdc_acm" else "driver"), seen
    for port in (view.ports(), *state.events_of("=bsd-ports", "=bsd-came")):
        if port is not None:
            yield "port", port


def _drivers(view: View, device: Device) -> Iterator[tuple[str, Seen[Any]]]:
    for item in view.interfaces(device).values():
        if item.driver is not None and item.driver.value not in ("", "usb-storage", "uas"):
            yield "driver", item.driver


def address_of(view: View) -> Seen[str] | None:
    """The line that shows an address on the modem's network."""
    state = view.state
    router = (stick := view.known_stick()) is not None and view.mode(stick) == ids.ROUTER
    for name, seen in state.addresses.items():
        own = is_modems(view, name) or (
            name.startswith(_CABLES) and (router or bool(view.others()) or view.maker() is not None)
        )
        if seen.value and not is_link_local(seen.value) and own:
            return seen
        if seen.value.startswith(HILINK_NET) and not name.startswith(_OWN):
            return seen
    return None


def is_online(views: Sequence[View]) -> bool:
    """Whether the last thing that is known of the network is that it works."""
    for view in reversed(views):
        state = view.state
        if (said := state.said("data")) and said not in ("=dialling", "=created"):
            return said == "=online"
        if any(
            flags.value[-1:] in ("R", "O")
            and (mac in state.bus.hardware or state.bus.links.get(mac) in state.bus.nets)
            for mac, flags in state.wired.items()
        ):
            return True  # ConnMan has the stick's own interface ready or online
        if any(is_modems(view, name) for name in state.addresses):
            return any(
                seen.value and not is_link_local(seen.value)
                for name, seen in state.addresses.items()
                if is_modems(view, name)
            )
        if state.sessions and state.sessions[-1].address is not None:
            return True
        if address_of(view) is not None or state.events_of("=ping"):
            return True
    return False
