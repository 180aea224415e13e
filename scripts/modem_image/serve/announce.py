# SPDX-License-Identifier: MIT
"""Announce a feed by mDNS, as Easy Installer browses for it: `_tezi._tcp` with its TXT records.

The installer (qt-tezi, MainWindow::addService) takes a service only with `path`, which it appends to
host and port; `enabled` 0 leaves the feed switched off in its list, `https` 1 changes the scheme.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import ifaddr
import zeroconf

from huawei_modem.text import printable
from modem_image.errors import InputError, UserError

SERVICE = "_tezi._tcp.local."
PATH = "/image_list.json"
_LABEL_OCTETS = 63  # RFC 1035, 2.3.4
_NAME_OCTETS = 255 - len("name=")  # RFC 6763, 6.1


def local_addresses(system: Path = Path("/"), adapters: Sequence[ifaddr.Adapter] | None = None) -> list[str]:
    """The IPv4 addresses of this machine that modules in its networks reach; loopback when there is none.

    Bridges of containers and virtual machines, tunnels and the like lead to no module: an interface counts
    when there is hardware below it (`device` in sysfs, or in what it is made of). Where no interface has
    any, as in a container, the one with the default route counts.
    """
    every = [
        (adapter.name, str(item.ip))
        for adapter in (ifaddr.get_adapters() if adapters is None else adapters)
        for item in adapter.ips
        if item.is_IPv4 and not ipaddress.ip_address(str(item.ip)).is_loopback
    ]
    real = [address for name, address in every if _has_hardware(system / "sys/class/net" / name)]
    routed = _default_route(system)
    return real or [address for name, address in every if name == routed] or ["127.0.0.1"]


def _has_hardware(interface: Path, depth: int = 4) -> bool:
    """Whether a device, a port of the bridge, or what is below a bond or VLAN is hardware."""
    if (interface / "device").exists():
        return True
    if not depth or not interface.is_dir():
        return False
    below = [*interface.glob("lower_*"), *interface.glob("brif/*")]
    return any(
        _has_hardware(interface.parent / path.name.removeprefix("lower_"), depth - 1) for path in below
    )


def _default_route(system: Path) -> str | None:
    try:
        rows = [line.split() for line in (system / "proc/net/route").read_text().splitlines()[1:]]
    except OSError:
        return None
    return next((row[0] for row in rows if len(row) > 2 and row[1] == "00000000"), None)


def check_name(name: str) -> str:
    """`name` if it can be announced: it has to fit a TXT record, and to be shown on a screen.

    Raises InputError.
    """
    if not name.strip() or not name.isprintable():
        raise InputError(f"--name {printable(name)!r}: give one that can be shown on the installer's screen")
    if len(name.encode()) > _NAME_OCTETS:
        raise InputError(f"--name {name[:20]!r}…: {len(name.encode())} bytes; at most {_NAME_OCTETS} fit")
    return name


def service_info(name: str, port: int, addresses: Sequence[str]) -> zeroconf.ServiceInfo:
    """The announcement of a feed called `name`."""
    label = name.replace(".", " ").encode()[:_LABEL_OCTETS].decode(errors="ignore")
    host = socket.gethostname().partition(".")[0][:_LABEL_OCTETS] or "modem-image"
    return zeroconf.ServiceInfo(
        SERVICE,
        f"{label}.{SERVICE}",
        port=port,
        properties={"name": name, "path": PATH, "enabled": "1", "https": "0"},
        server=f"{host}.local.",
        parsed_addresses=list(addresses),
    )


@contextlib.contextmanager
def announced(name: str, port: int, addresses: Sequence[str]) -> Iterator[str]:
    """Announce the feed while the block runs, and take it back at its end. Gives the name it got.

    Raises UserError when mDNS cannot be used on these addresses.
    """
    try:
        responder = zeroconf.Zeroconf(interfaces=list(addresses), ip_version=zeroconf.IPVersion.V4Only)
    except (OSError, RuntimeError) as err:
        raise UserError(f"mDNS cannot be used on {', '.join(addresses)}: {err}; add --no-mdns") from err
    try:
        info = service_info(name, port, addresses)
        responder.register_service(info, allow_name_change=True)
        yield info.name.removesuffix(f".{SERVICE}")
    finally:
        responder.close()
