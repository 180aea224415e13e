# SPDX-License-Identifier: MIT
"""All properties of oFono and ConnMan as text, in the form of oFono's list-modems and of connmanctl.

For a capture: people know the form, and the doctor reads it. A property goes out where the list below has it;
of others the name does, with a token for who it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from huawei_modem.bus import CONNMAN, OFONO, BusError
from huawei_modem.mask import vocabulary
from huawei_modem.mask.kinds import ADDRESS, NUMBER, SECRET, TELEPHONE, WLAN

if TYPE_CHECKING:
    from huawei_modem.bus import Asked
    from huawei_modem.mask import Masker

_MODEM = "Online Powered Lockdown Emergency Manufacturer Model Revision Features Interfaces Type SystemPath"
_ALLOWED = {
    "org.ofono.Modem": _MODEM,
    "org.ofono.SimManager": "Present PinRequired LockedPins Retries MobileCountryCode MobileNetworkCode "
    "FixedDialing BarredDialing ServiceProviderName Slot",
    "org.ofono.NetworkRegistration": "Status Mode Technology MobileCountryCode MobileNetworkCode Name "
    "Strength BaseStationReceived",
    "org.ofono.ConnectionManager": "Attached Bearer Suspended RoamingAllowed Powered",
    "org.ofono.ConnectionContext": "Name Active Type Protocol AccessPointName AuthenticationMethod Settings "
    "IPv6.Settings Preferred",
    "org.ofono.RadioSettings": "TechnologyPreference GsmBand UmtsBand LteBand FastDormancy "
    "AvailableTechnologies",
    "org.ofono.LongTermEvolution": "DefaultAccessPointName Protocol DefaultAuthenticationMethod",
    "org.ofono.MessageManager": "UseDeliveryReports Bearer Alphabet",
    "org.ofono.SupplementaryServices": "State",
    "net.connman.Manager": "State OfflineMode SessionMode",
    "net.connman.Technology": "Type Name Powered Connected Tethering",
    "net.connman.Service": "Type Security State Strength Favorite Immutable AutoConnect Name Roaming Error "
    "Ethernet IPv4 IPv4.Configuration IPv6 "
    "IPv6.Configuration Nameservers Nameservers.Configuration Domains mDNS",
    # Tables within these.
    "Settings": "Interface Method Address Netmask Gateway DomainNameServers PrefixLength",
    "IPv6.Settings": "Interface Method PrefixLength DomainNameServers",
    "Ethernet": "Method Interface MTU",
    "IPv4": "Method Address Netmask Gateway",
    "IPv4.Configuration": "Method",
    "IPv6": "Method Privacy PrefixLength",
    "IPv6.Configuration": "Method Privacy",
    "Retries": "pin pin2 puk puk2 service network corp netpin subpin phone firstphone",
}
"""Which properties leave (oFono 2.8 doc/*-api.txt, ConnMan 1.42 doc/*-api.txt), and which keys of tables in
them. A capture of what another version adds has the name alone."""
_KINDS = {
    "Username": SECRET,
    "Password": SECRET,
    "SubscriberIdentity": NUMBER,
    "CardIdentifier": NUMBER,
    "SubscriberNumbers": TELEPHONE,
    "Serial": NUMBER,
    "DefaultUsername": SECRET,
    "DefaultPassword": SECRET,
}
_HIDDEN = "…"
_FLAGS = {"ready": "R", "online": "O", "association": "a", "configuration": "c", "failure": "f"}
"""ConnMan 1.41 client/services.c."""
_ENDS = ("managed", "none", "psk", "wep", "ieee8021x", "wps", "cable", "hidden", "adhoc", "gadget", "usb")
_NAMED = ("cellular", "ethernet", "gadget")
"""The name of a WLAN tells where the board stands, and is nothing to the modem."""


def texts(bus: Asked, mask: Masker) -> Iterator[tuple[str, str]]:
    """Name and text of each listing; a daemon's complaint where it does not answer.

    A daemon that does not run is not asked: the bus might start it.
    """
    for service, name, listing in (
        (OFONO, "list-modems", _modems),
        (OFONO, "list-contexts", _contexts),
        (CONNMAN, "connmanctl_state", _state),
        (CONNMAN, "connmanctl_technologies", _technologies),
        (CONNMAN, "connmanctl_services", _services),
    ):
        try:
            if not bus.has_owner(service):
                continue
            text = "".join(f"{line}\n" for line in listing(bus, mask))
        except BusError as err:
            text = f"{mask(str(err))}\n"
        yield f"{name}.txt", text


def _modems(bus: Asked, mask: Masker) -> Iterator[str]:
    for path, properties in bus.call(OFONO, "/", "org.ofono.Manager", "GetModems"):
        yield f"[ {mask(path)} ]"
        yield from _values(properties, 4, "org.ofono.Modem", mask)
        for interface in properties.get("Interfaces", ()):
            yield f"    [ {interface} ]"
            try:
                values = bus.call(OFONO, path, interface, "GetProperties")
            except BusError as err:
                # Not every interface has properties.
                yield f"        # {err.name}"
            else:
                yield from _values(values, 8, interface, mask)


def _contexts(bus: Asked, mask: Masker) -> Iterator[str]:
    for path, properties in bus.call(OFONO, "/", "org.ofono.Manager", "GetModems"):
        if "org.ofono.ConnectionManager" not in properties.get("Interfaces", ()):
            continue
        yield f"[ {mask(path)} ]"
        for context, values in bus.call(OFONO, path, "org.ofono.ConnectionManager", "GetContexts"):
            mask.spare([str(values.get("AccessPointName", ""))])
            yield f"    [ {mask(context)} ]"
            yield from _values(values, 8, "org.ofono.ConnectionContext", mask)


def _state(bus: Asked, mask: Masker) -> Iterator[str]:
    properties = bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetProperties")
    yield from _values(properties, 2, f"{CONNMAN}.Manager", mask)


def _technologies(bus: Asked, mask: Masker) -> Iterator[str]:
    for path, properties in bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetTechnologies"):
        yield mask(path)
        yield from _values(properties, 2, f"{CONNMAN}.Technology", mask)


def _services(bus: Asked, mask: Masker) -> Iterator[str]:
    """Each service in a line, and all properties of the cellular ones below the lines."""
    services = bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetServices")
    for path, properties in services:
        name = mask(str(properties.get("Name", ""))) if properties.get("Type") in _NAMED else ""
        flags = (
            ("*" if properties.get("Favorite") else " ")
            + ("A" if properties.get("AutoConnect") else " ")
            + _FLAGS.get(str(properties.get("State")), " ")
        )
        yield f"{flags} {name:<20} {_service_id(path.rpartition('/')[2], properties, mask)}"
    for path, properties in services:
        if properties.get("Type") == "cellular":
            folder, _, name = path.rpartition("/")
            yield f"{folder}/{_service_id(name, properties, mask)}"
            yield from _values(properties, 2, f"{CONNMAN}.Service", mask)


def _service_id(name: str, properties: Mapping[str, Any], mask: Masker) -> str:
    """A service's identifier: technology, the device's address or the IMSI, the network's name in
    hexadecimal, how it is secured (ConnMan 1.41, src/service.c, plugins/ofono.c)."""
    kind, *parts = name.split("_")
    network = str(properties.get("Name", ""))
    if kind == "wifi" and network:
        mask.token(network, WLAN)
    shown = [kind if kind.isalpha() else _HIDDEN]
    for number, part in enumerate(parts):
        harmless = part in _ENDS or (part.startswith("context") and part[7:].isdigit() and len(part) < 11)
        shown.append(
            part
            if harmless
            else mask.token(
                part, WLAN if number and kind == "wifi" else NUMBER if kind == "cellular" else ADDRESS
            )
        )
    return "_".join(shown)


def _values(properties: Mapping[str, Any], indent: int, table: str, mask: Masker) -> Iterator[str]:
    allowed = _ALLOWED.get(table, "").split()
    for key, value in properties.items():
        if key in allowed:
            yield f"{'':{indent}}{key} = {_plain(value, key, mask)}"
        elif key in _KINDS and value:
            items = value if isinstance(value, (list, tuple)) else [value]
            shown = " ".join(mask.token(str(item), _KINDS[key]) for item in items)
            yield f"{'':{indent}}{key} = {f'[ {shown} ]' if isinstance(value, (list, tuple)) else shown}"
        elif key.isidentifier() and len(key) < 40:
            # A name that nobody here knows may be anybody's.
            yield f"{'':{indent}}{vocabulary.shown(key, of_kernel=False)} = {_HIDDEN if value else ''}"


def _plain(value: Any, key: str, mask: Masker) -> str:
    if isinstance(value, Mapping):
        allowed = _ALLOWED.get(key, "").split()
        inner = " ".join(
            f"{name}={_plain(item, name, mask)}" for name, item in value.items() if name in allowed
        )
        return f"{{ {inner} }}" if inner else "{ }"
    if isinstance(value, (list, tuple)):
        return " ".join(["[", *(_plain(item, key, mask) for item in value), "]"])
    if isinstance(value, (bool, int)):
        return str(value) if abs(value) < 100_000 else _HIDDEN
    return mask(str(value).replace("\n", " "))
