# SPDX-License-Identifier: MIT
"""Has each interface of the stick its driver?"""

from __future__ import annotations

from huawei_modem.catalogue import found
from huawei_modem.functions import SERIAL
from huawei_modem.report import Evidence, Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Device, Seen
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, is_loaded, rule, unbound

_BY_CLASS = {"02": "cdc_ether", "e0": "rndis_host"}
"""What lsusb -t tells of an interface is its class alone."""
_NETWORK = ("huawei_cdc_ncm", "qmi_wwan", "cdc_ether", "cdc_ncm", "cdc_mbim", "rndis_host")


_AS_COMMUNICATIONS = ("02", "02", "ff")
"""Ports of old firmwares (12d1:1c05, 1436): communications by their class, Huawei's by their protocol."""


@rule("serial-driver-missing")
def serial(view: View) -> Judgement:
    """The stick is a modem, and no port of it is there."""
    sticks = [stick for stick in view.sticks() if view.mode(stick) == ids.MODEM]
    if view.ports() is not None or any(_has_serial(view, stick) for stick in sticks):
        return []
    if not sticks:
        return None
    findings = []
    for stick in sticks:
        seen = _without_ports(view, stick)
        if seen and stick.usb.value[5:] in ids.GOBI:
            findings.append(
                found("serial-driver-missing:gobi", (stick.usb.evidence, *seen), usb=stick.usb.value)
            )
        elif seen and any(item.triple == _AS_COMMUNICATIONS for _n, item, _d in unbound(view, stick)):
            vendor, _, product = stick.usb.value.partition(":")
            findings.append(
                found(
                    "serial-driver-missing:communications",
                    (*evidence(stick.usb, view.state.registered.get("option")), *seen),
                    usb=stick.usb.value,
                    vendor=vendor,
                    product=product,
                )
            )
        elif seen and is_loaded(view, "option"):
            findings.append(_not_taken(view, stick, seen))
        elif seen:
            findings.append(
                found("serial-driver-missing:text", (stick.usb.evidence, *seen), usb=stick.usb.value)
            )
    return findings or None


def _not_taken(view: View, stick: Device, seen: list[Evidence]) -> Finding:
    """The driver is registered and passes the stick over."""
    vendor, _, product = stick.usb.value.partition(":")
    return found(
        "serial-driver-missing:passed-over",
        (*evidence(stick.usb, view.state.registered.get("option")), *seen),
        usb=stick.usb.value,
        vendor=vendor,
        product=product,
    )


def _without_ports(view: View, stick: Device) -> list[Evidence]:
    serial_ones = [
        driver.evidence
        for number, item, driver in unbound(view, stick)
        if (view.function(stick, number) in (*SERIAL, None) and item.usb_class in ("ff", None))
        or item.triple == _AS_COMMUNICATIONS
    ]
    if serial_ones:
        return serial_ones[:3]
    symbol = view.state.symbols.get("USB_SERIAL_QUALCOMM")
    if symbol is not None and symbol.value == "n" and stick.usb.value[5:] in ids.GOBI:
        return [symbol.evidence]
    nodes = view.state.tty_nodes
    if nodes is not None:
        return [Evidence(nodes.evidence.source, "no ttyUSB among /dev/tty*", nodes.evidence.line)]
    return list(events(view, "=no-ttyusb", "port-missing"))


def _has_serial(view: View, stick: Device) -> bool:
    drivers = [item.driver.value for item in view.interfaces(stick).values() if item.driver is not None]
    return any(
        driver in ("option", "usb_serial_simple", "usbserial_generic", "qcserial") for driver in drivers
    )


@rule("net-driver-missing")
def network(view: View) -> Judgement:
    """A network interface has no driver. oFono's PPP goes without: a fault of a stick that has no ports."""
    said = events(view, "net-driver-missing:netifd")
    if said:
        return [found("net-driver-missing:netifd", said)]
    routers = [stick for stick in view.sticks() if view.mode(stick) in (ids.ROUTER, ids.MBIM)]
    sticks = [stick for stick in view.sticks() if _has_serial(view, stick) and stick not in routers]
    if not sticks and not routers:
        return None
    findings = [finding for stick in sticks for finding in _unbound_network(view, stick)]
    findings += [finding for stick in routers for finding in _unbound_router(view, stick)]
    sticks += routers
    if findings:
        return findings
    bound = any(
        item.driver is not None
        and item.driver.value
        and (item.driver.value in _NETWORK or view.function(stick, number) in ("ncm", "qmi"))
        for stick in sticks
        for number, item in view.interfaces(stick).items()
    )
    return [] if bound else None


def _unbound_network(view: View, stick: Device) -> list[Finding]:
    findings = []
    for number, item, driver in unbound(view, stick):
        triple, shown = view.triple(stick, number)
        function = view.database.family.function_of(*triple) if triple else None
        if function is not None and function.name in SERIAL:
            continue
        if function is not None and function.driver == "qmi_wwan" and triple and triple[1] != "01":
            continue  # qmi_wwan lists ff/01 of Huawei's interfaces alone (drivers/net/usb/qmi_wwan.c)
        if triple is None or function is None:
            if item.usb_class in ("ff", None):
                findings.append(_unverified(stick, number, triple, driver))
            continue
        what = f"{'/'.join(triple)}, {function.name}" + (
            "" if shown else ", as far as is known of this stick"
        )
        values = {
            "number": number,
            "usb": stick.usb.value,
            "driver": function.driver,
            "package": _package(function.driver),
            "unsure": None if shown else stick.usb.value,
        }
        if view.database.family.gap_of(*triple) is not None:
            findings.append(found("net-driver-id-gap", [driver.evidence], what=f" ({what})", **values))
        else:
            kind = "loaded" if is_loaded(view, function.driver) else "text"
            findings.append(
                found(
                    f"net-driver-missing:{kind}",
                    [driver.evidence],
                    what=what,
                    symbol=function.symbol,
                    **values,
                )
            )
    return findings


_OVER_SERIAL = ("option", "qcserial", "usbserial_generic", "usbserial", "usb_serial_simple")


@rule("net-driver-missing")
def taken(view: View) -> Judgement:
    """A driver of serial ports has the interface that by its numbers is the network's."""
    findings = []
    for stick in view.sticks():
        for number, item in sorted(view.interfaces(stick).items()):
            wanted = _network_of(view, item.triple) if item.triple is not None else None
            if item.driver is not None and item.driver.value in _OVER_SERIAL and wanted and item.triple:
                what, usb = "/".join(item.triple), stick.usb.value
                findings.append(
                    found(
                        "net-driver-missing:taken",
                        evidence(stick.usb, item.driver),
                        number=number,
                        usb=usb,
                        vendor=usb[:4],
                        product=usb[5:],
                        what=what,
                        taken=item.driver.value,
                        driver=wanted,
                    )
                )
    return findings or None


def _network_of(view: View, triple: tuple[str, str, str]) -> str | None:
    """The driver of a network function, by Huawei's numbers or by the standard's; None for any other."""
    function = view.database.family.function_of(*triple) or view.database.standard_of(triple)
    return function.driver if function is not None and function.driver in _NETWORK else None


def _unbound_router(view: View, stick: Device) -> list[Finding]:
    """The control interface of a network function that nobody drives: the stick has no other way."""
    for number, item, driver in unbound(view, stick):
        triple, _shown = view.triple(stick, number)
        standard = view.database.standard_of(triple) if triple else None
        wanted = standard.driver if standard else _BY_CLASS.get(item.usb_class or "")
        if wanted in _NETWORK:
            return [
                found(
                    "net-driver-missing:router",
                    evidence(stick.usb, driver),
                    number=number,
                    usb=stick.usb.value,
                    driver=wanted,
                    package=_package(wanted),
                )
            ]
    return []


def _package(driver: str) -> str:
    """What OpenWrt calls the driver: kmod-usb-net-cdc-ether."""
    return driver.removesuffix("_host").replace("_", "-")


def _unverified(
    stick: Device, number: int, triple: tuple[str, str, str] | None, driver: Seen[str]
) -> Finding:
    why = f"{'/'.join(triple)} is none of Huawei's known numbers" if triple else "its numbers are not shown"
    return found("driver-unverified", [driver.evidence], number=number, usb=stick.usb.value, why=why)


@rule("net-driver-missing")
def foreign_network(view: View) -> Judgement:
    """The network function of another maker's modem, which a class of the standard tells, has no driver."""
    findings = []
    for device in _foreign(view):
        for number, item, driver in unbound(view, device):
            standard = view.database.standard_of(item.triple) if item.triple else None
            if standard is not None and standard.driver in _NETWORK:
                findings.append(
                    found(
                        "net-driver-missing:foreign",
                        evidence(device.usb, driver),
                        number=number,
                        usb=device.usb.value,
                        function=standard.function,
                        driver=standard.driver,
                        package=_package(standard.driver),
                        symbol=standard.symbol,
                    )
                )
    return findings[:1] or None


@rule("net-driver-missing")
def foreign_qmi(view: View) -> Judgement:
    """Another maker's modem has its ports, and an interface of a vendor's class left: its network, maybe."""
    for device in _foreign(view) if not view.state.said("data") else ():
        bound = {item.driver.value for item in view.interfaces(device).values() if item.driver} - {""}
        free = [(n, driver) for n, item, driver in unbound(view, device) if item.usb_class == "ff"]
        if (
            free
            and bound.intersection(_OVER_SERIAL)
            and bound.isdisjoint(_NETWORK)
            and not view.state.bus.nets
        ):
            number, driver = free[-1]
            usb = device.usb.value
            values = {"number": number, "usb": usb, "vendor": usb[:4], "product": usb[5:]}
            return [found("net-driver-missing:foreign-qmi", evidence(device.usb, driver), **values)]
    return None


@rule("serial-driver-missing")
def foreign_serial(view: View) -> Judgement:
    """No port of another maker's modem has a driver: interfaces of a vendor's class are without one."""
    for device in _foreign(view):
        free = [driver for _n, item, driver in unbound(view, device) if item.usb_class == "ff"]
        bound = {item.driver.value for item in view.interfaces(device).values() if item.driver} - {""}
        # Its network has a driver, and the rest are ports: one of a vendor's class may be for anything.
        lacking = (free and not bound) or (len(free) > 1 and bound.issubset(_NETWORK))
        if lacking and view.ports() is None and not foreign_network.judge(view):
            vendor, _, product = device.usb.value.partition(":")
            values = {"usb": device.usb.value, "vendor": vendor, "product": product}
            kind = "foreign-rest" if bound else "foreign"
            bound_by = ", ".join(sorted(bound)) or None
            shown = evidence(device.usb, *free[:2])
            return [found(f"serial-driver-missing:{kind}", shown, count=len(free), bound=bound_by, **values)]
    return None


def _foreign(view: View) -> list[Device]:
    """Modems of other makers whose interfaces the text shows, where it shows none of Huawei's."""
    if view.sticks():
        return []
    devices = (view.device(seen.value) for seen in view.others())
    return [device for device in devices if device is not None and view.interfaces(device)]


_MANY_ERRORS = 2


@rule("usb-power")
def urbs(view: View) -> Judgement:
    """The kernel says again and again that the bus failed under a driver of the modem."""
    failed = view.state.events_of("=urb-errors")
    if len(failed) < _MANY_ERRORS:
        return None
    return [found("usb-power:errors", evidence(*failed[:2]), text=failed[0].value)]


RULES = (serial, network, taken, foreign_network, foreign_qmi, foreign_serial, urbs)
