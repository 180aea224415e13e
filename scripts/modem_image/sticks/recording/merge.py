# SPDX-License-Identifier: MIT
"""Makes one of what is shown twice: a device in two listings, an interface that is quoted once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from modem_image.sticks.recording.model import BULK, UNKNOWN, Configuration, Device, Setting, Triple


def merge(first: Device, second: Device) -> Device | None:
    """Both listings as one, where they can be of the same device: nothing in one contradicts the other."""
    if first.usb != second.usb:
        return None
    values: dict[str, Any] = {}
    for name in ("version", "max_packet", "release", "manufacturer", "name", "has_serial", "count", "speed"):
        one, two = getattr(first, name), getattr(second, name)
        if one is not None and two is not None and one != two:
            return None
        values[name] = two if one is None else one
    if first.switched_by and second.switched_by and first.switched_by != second.switched_by:
        return None
    configurations = _both(first, second)
    if configurations is None or not _agree(first.triple, second.triple):
        return None
    return replace(
        first,
        **values,
        triple=_known(first.triple, second.triple),
        configurations=configurations,
        switched_by=first.switched_by or second.switched_by,
    )


def _both(first: Device, second: Device) -> tuple[Configuration, ...] | None:
    by_value = {one.value: one for one in first.configurations}
    for other in second.configurations:
        known = by_value.get(other.value)
        joined = _configuration(known, other) if known else other
        if joined is None:
            return None
        by_value[other.value] = joined
    return tuple(by_value[value] for value in sorted(by_value))


def _configuration(first: Configuration, second: Configuration) -> Configuration | None:
    values: dict[str, Any] = {}
    for name in ("count", "attributes", "max_power", "total", "active"):
        one, two = getattr(first, name), getattr(second, name)
        if one is not None and two is not None and one != two:
            return None
        values[name] = two if one is None else one
    settings = {(s.number, s.alternate): s for s in first.settings}
    drivers = {s.number: s.driver for s in (*first.settings, *second.settings) if s.driver is not None}
    for other in second.settings:
        known = settings.get((other.number, other.alternate))
        joined = _setting(known, other) if known else other
        if joined is None:
            return None
        settings[(other.number, other.alternate)] = joined
    return replace(
        first,
        **values,
        associations=first.associations or second.associations,
        settings=tuple(
            replace(settings[key], driver=drivers.get(key[0], settings[key].driver))
            for key in sorted(settings)
        ),
    )


def _setting(first: Setting, second: Setting) -> Setting | None:
    counts = first.count is not None and second.count is not None and first.count != second.count
    addresses = [{e.address for e in s.endpoints if e.kind == BULK} for s in (first, second) if s.endpoints]
    # Where nothing but its driver is shown of an interface, another driver is another mode of the stick.
    drivers = {s.driver for s in (first, second) if s.driver and s.triple == UNKNOWN}
    if (
        counts
        or len(drivers) > 1
        or not _agree(first.triple, second.triple)
        or (len(addresses) == 2 and addresses[0] != addresses[1])
    ):
        return None
    return replace(
        first,
        triple=_known(first.triple, second.triple),
        count=second.count if first.count is None else first.count,
        endpoints=first.endpoints if len(first.endpoints) >= len(second.endpoints) else second.endpoints,
        descriptors=first.descriptors or second.descriptors,
        driver=second.driver if first.driver is None else first.driver,
        string=first.string or second.string,
    )


def _agree(first: tuple[int | None, ...], second: tuple[int | None, ...]) -> bool:
    return all(one is None or two is None or one == two for one, two in zip(first, second, strict=True))


def _known(first: Triple, second: Triple) -> Triple:
    """What either shows: lsusb -t has a class alone, a log nothing of it."""
    class_, subclass, protocol = (two if one is None else one for one, two in zip(first, second, strict=True))
    return class_, subclass, protocol


def each_once(device: Device) -> Device:
    """Each alternate of each interface once: a quotation adds what it has, unless it contradicts."""
    return replace(device, configurations=tuple(map(_once, device.configurations)))


def _once(configuration: Configuration) -> Configuration:
    settings: dict[tuple[int, int], Setting] = {}
    for one in configuration.settings:
        key = (one.number, one.alternate)
        known = settings.get(key)
        settings[key] = (_setting(known, one) or known) if known else one
    return replace(configuration, settings=tuple(settings.values()))
