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

import ifaddr
import zeroconf

from modem_image.errors import UserError

SERVICE = "_tezi._tcp.local."
PATH = "/image_list.json"
_LABEL_OCTETS = 63  # RFC 1035, 2.3.4


def local_addresses() -> list[str]:
    """The IPv4 addresses of this machine that others reach; the loopback address when it has no other."""
    every = [str(item.ip) for adapter in ifaddr.get_adapters() for item in adapter.ips if item.is_IPv4]
    reached = [address for address in every if not ipaddress.ip_address(address).is_loopback]
    return reached or ["127.0.0.1"]


def service_info(name: str, port: int, addresses: Sequence[str]) -> zeroconf.ServiceInfo:
    """The announcement of a feed called `name`."""
    label = name.replace(".", " ").encode()[:_LABEL_OCTETS].decode(errors="ignore")
    host = socket.gethostname().partition(".")[0] or "modem-image"
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
    except OSError as err:
        raise UserError(f"mDNS cannot be used on {', '.join(addresses)}: {err}; add --no-mdns") from err
    try:
        info = service_info(name, port, addresses)
        responder.register_service(info, allow_name_change=True)
        yield info.name.removesuffix(f".{SERVICE}")
    finally:
        responder.close()
