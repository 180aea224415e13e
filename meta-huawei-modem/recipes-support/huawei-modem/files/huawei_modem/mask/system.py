# SPDX-License-Identifier: MIT
"""Where a system keeps its identities and secrets: read for one purpose, that they are known and masked.

Nothing of it is ever written. What cannot be read is passed over: then patterns and allow-lists are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from huawei_modem import regular
from huawei_modem.mask.kinds import ADDRESS, HOST, NUMBER, SECRET, SERIAL, WLAN

_LONGEST = 1 << 18
_MOST = 200
"""Octets of a file, and files of a pattern."""
_KEYS = {
    "username": SECRET,
    "user": SECRET,
    "password": SECRET,
    "passphrase": SECRET,
    "identity": SECRET,
    "psk": SECRET,
    "pin": SECRET,
    "sae_password": SECRET,
    "anonymousidentity": SECRET,
    "tethering.passphrase": SECRET,
    "tethering.identifier": WLAN,
    "ssid": WLAN,
    "name": WLAN,
}
_SETTINGS = (
    "etc/huawei-modem/config.ini",
    "var/lib/connman/settings",
    "var/lib/connman/*/settings",
    "var/lib/connman/*.config",
    "var/lib/ofono/*/gprs",
    "etc/wpa_supplicant*.conf",
    "etc/wpa_supplicant/*.conf",
    "etc/NetworkManager/system-connections/*",
    "var/lib/iwd/*",
)
_PPP_SECRETS = ("etc/ppp/pap-secrets", "etc/ppp/chap-secrets")
_PPP_OPTIONS = ("etc/ppp/peers/*", "etc/ppp/options*")
_WORD = re.compile(r"\"([^\"]*)\"|(\S+)")


def access_points(root: Path) -> Iterator[str]:
    """The names of access points in config.ini and oFono's files."""
    for path in _each(root, _SETTINGS):
        for line in _text(path).splitlines():
            key, _, value = line.partition("=")
            if key.strip().casefold() in ("apn", "accesspointname") and value.strip():
                yield value.strip()


def identities(root: Path) -> Iterator[tuple[str, str]]:
    """Values with their kinds, of the system below `root`."""
    yield from _devices(root)
    yield from _command_line(root)
    yield from ((_text(root / name).strip(), HOST) for name in ("etc/hostname", "proc/sys/kernel/hostname"))
    yield _text(root / "etc/machine-id").strip(), NUMBER
    for path in _each(root, _SETTINGS):
        yield from _settings(path)
    yield from _ppp(root)


def _devices(root: Path) -> Iterator[tuple[str, str]]:
    for path in _each(root, ("sys/bus/usb/devices/*/serial",)):
        # A root hub's is the address of its controller.
        if _text(path.with_name("idVendor")).strip() != "1d6b":
            yield _text(path).strip(), SERIAL
    for path in _each(root, ("sys/class/net/*/address",)):
        value = _text(path).strip()
        if value != "00:00:00:00:00:00":
            yield value, ADDRESS
    for path in _each(root, ("proc/device-tree/serial-number", "sys/devices/soc0/serial_number")):
        yield _text(path).strip("\0\n "), SERIAL
    for path in _each(root, ("run/udev/data/c*", "run/udev/data/n*", "run/udev/data/+usb*")):
        for line in _text(path).splitlines():
            key, _, value = line.removeprefix("E:").partition("=")
            if key.endswith("SERIAL_SHORT") or key == "ID_SERIAL":
                yield value, SERIAL


def _command_line(root: Path) -> Iterator[tuple[str, str]]:
    """Parameters of the kernel that say who the board is, or hold a secret."""
    kinds = (("serial|sn$", SERIAL), ("addr|mac", ADDRESS), ("pass|secret|psk|token|user", SECRET))
    for word in _text(root / "proc/cmdline").split():
        key, _, value = word.partition("=")
        yield from ((value, kind) for pattern, kind in kinds if re.search(pattern, key, re.IGNORECASE))


def _ppp(root: Path) -> Iterator[tuple[str, str]]:
    """pppd's secrets and options (pppd(8))."""
    for path in _each(root, _PPP_SECRETS):
        for line in _text(path).splitlines():
            words = [found[0] or found[1] for found in _WORD.findall(line.partition("#")[0])]
            if len(words) >= 3:
                yield from ((word, SECRET) for word in (words[0], words[2]))
    for path in _each(root, _PPP_OPTIONS):
        for line in _text(path).splitlines():
            key, _, value = line.strip().partition(" ")
            if key in ("user", "name", "remotename", "password"):
                yield value.strip().strip("\"'"), SECRET


def _settings(path: Path) -> Iterator[tuple[str, str]]:
    """Keys and values of an ini file of any program. The folder of oFono's files is named by the IMSI."""
    for number in re.findall(r"\d{14,}", path.parent.name):
        yield number, NUMBER
    if path.parent.parent.name == "connman" and path.parent.name.startswith("wifi_"):
        yield path.parent.name.split("_")[1], ADDRESS
    if path.parent.name == "iwd":
        yield path.stem, WLAN
    section = ""
    for line in _text(path).splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.casefold()
        key, equals, value = line.partition("=")
        kind = _KEYS.get(key.strip().casefold().replace("-", "_"))
        value = value.strip().strip('"')
        if not equals or kind is None or not value:
            continue
        # `Name` is a WLAN's in ConnMan's files; in oFono's it names the context.
        if key.strip().casefold() != "name" or "wifi" in section or "wifi_" in path.parent.name:
            yield value, kind


def _each(root: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        try:
            yield from sorted(root.glob(pattern))[:_MOST]
        except OSError:
            continue


def _text(path: Path) -> str:
    return regular.beginning(path, _LONGEST).decode("utf-8", "replace")
