# SPDX-License-Identifier: MIT
"""Which facts may leave, field by field: for a capture, for what `status` and `doctor` print, for captures of
others. A field that is not listed here stays; one whose value is not as expected is masked.

The rules judge what comes out, also on the live system: so a capture is judged as the system was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from huawei_modem.mask.kinds import ADDRESS, NUMBER, VALUE, WLAN

if TYPE_CHECKING:
    from huawei_modem.mask import Masker
    from huawei_modem.shapes import Facts

Leaf = Callable[[Any, "Masker"], Any]
_HEX = frozenset("0123456789abcdef")
_LONGEST_WORD = 24
_MOST = 100_000
"""More entries of a list or table than any system has, and numbers beyond it identify."""


def facts(collected: Facts, mask: Masker) -> Facts:
    """What may leave of `collected`, whose shape is that of facts.py."""
    return cast("Facts", _table(collected, _FACTS, mask))


def _table(value: Any, fields: Mapping[str, Any], mask: Masker) -> dict[str, Any]:
    return {key: _field(value[key], kind, mask) for key, kind in fields.items() if key in value}


def _field(value: Any, kind: Any, mask: Masker) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(kind, list):
        return [_field(item, kind[0], mask) for item in value[:_MOST]]
    if isinstance(kind, dict):
        return _table(value, kind, mask)
    return kind(value, mask)


def _number(value: Any, _mask: Masker) -> int:
    return value if isinstance(value, int) and abs(value) <= _MOST else 0


def _matching(pattern: str, kind: str = VALUE) -> Leaf:
    def leaf(value: Any, mask: Masker) -> str:
        return value if re.fullmatch(pattern, value) else mask.token(value, kind)

    return leaf


def _text(value: Any, mask: Masker) -> str:
    """A sentence of a daemon's, or this program's own of the bus that is not there (bus.py, daemons.py)."""
    return cast(str, value) if _NO_BUS.fullmatch(value) else mask(value)


_NO_BUS = re.compile(r"no (?:D-Bus in a capture|system bus: /[a-z/_]+: [A-Za-z ]+)")
_TAME = re.compile(r"[A-Za-z0-9_/.,()+ -]{0,200}")
_SUSPECT = re.compile(r"[0-9]{5}|[0-9]{3}[-. ][0-9]{3}|[0-9a-fA-F]{10}")


def _name(value: Any, mask: Masker) -> str:
    """A name of a file, a release, an access point, an operator: too short of digits to be an identity."""
    if not mask.knows and _TAME.fullmatch(value) and not _SUSPECT.search(value):
        return cast(str, value)
    return mask(value)


def _texts(value: Mapping[str, str], mask: Masker) -> dict[str, str]:
    return {_name(key, mask): _name(item, mask) for key, item in list(value.items())[:_MOST]}


_MAC_NAME = re.compile(r"(en|wl|ww)x([0-9a-fA-F]{12})")
_DEVICE = re.compile(r"(?=.{1,15}$)[A-Za-z_-]{1,8}[0-9]{0,3}(?:[a-z][0-9]{1,3}){0,4}(?:\.[0-9]{1,4})?")


def _network_device(value: Any, mask: Masker) -> str:
    """wwan0, ppp0, enp1s0u1; enx0c5b8f279a64 has the address of its stick in its name."""
    if found := _MAC_NAME.fullmatch(value):
        return f"{found[1]}x{mask.token(found[2], ADDRESS)}"
    return value if _DEVICE.fullmatch(value) else mask(value)


def _service(value: Any, mask: Masker) -> dict[str, Any]:
    """The name of a WLAN tells where the board stands, that of a telephone whose it is."""
    shown = _table(value, _SERVICE, mask)
    name = value.get("name")
    if name and value.get("type") not in ("cellular", "ethernet", "gadget"):
        shown["name"] = mask.token(name, WLAN)
    return shown


def _hex2(value: Any, mask: Masker) -> str:
    """A number of a class or protocol; empty where the stick went while it was looked at."""
    return value if len(value) in (0, 2) and set(value) <= _HEX else mask.token(value, VALUE)


def _word(value: Any, mask: Masker) -> str:
    """One of a daemon's or the database's own names for a state, a type, a function, a driver."""
    plain = value.replace("_", "").replace("-", "")
    right = plain.isascii() and plain.isalpha() and plain.islower() and len(value) <= _LONGEST_WORD
    return value if right or not value else mask.token(value, VALUE)


_MODEM = _matching(r"/[A-Za-z][A-Za-z_]{0,30}(?:_[0-9]{1,3})?", NUMBER)
_ADDRESS = _matching(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|")

_INTERFACE = {
    "number": _number,
    "usb_class": _hex2,
    "subclass": _hex2,
    "protocol": _hex2,
    "function": _word,
    "wanted_driver": _word,
    "driver": _name,
    "listed": _number,
    "tty": _matching(r"tty[A-Z]{1,5}[0-9]{1,3}"),
    "net": _network_device,
    "label": _word,
}
_STICK = {
    "path": _matching(r"/sys/bus/usb/devices/[0-9]{1,3}-[0-9]{1,3}(?:\.[0-9]{1,3}){0,6}"),
    "usb": _matching("[0-9a-f]{4}:[0-9a-f]{4}"),
    "id": _name,
    "name": _name,
    "mode": _word,
    "configurations": _number,
    "interfaces": [_INTERFACE],
}
_CONTEXT = {"type": _word, "active": _number, "apn": _name}
_FACTS: dict[str, Any] = {
    "kernel": {
        "release": _name,
        "modules_dir": _name,
        "folder": _number,
        "folders": [_name],
        "loadable": _number,
        "index": _number,
        "absent": [_name],
        "lacking": [_name],
        "checked": _number,
        "foreign": _texts,
        "unread": _texts,
    },
    "sticks": [_STICK],
    "tun": _number,
    "usb_modeswitch": _number,
    "ofono": {
        "running": _number,
        "reason": _text,
        "modems": [
            {
                "path": _MODEM,
                "powered": _number,
                "online": _number,
                "sim_present": _number,
                "pin_required": _matching("[a-z][a-z0-9-]{0,23}|"),
                "registration": _word,
                "operator": _name,
                "technology": _word,
                "strength": _number,
                "attached": _number,
                "roaming_allowed": _number,
                "contexts": [_CONTEXT],
            }
        ],
        "modemmanager": _number,
    },
    "connman": {
        "running": _number,
        "reason": _text,
        "offline_mode": _number,
        "cellular": {"powered": _number, "connected": _number},
        "services": [_service],
    },
    "default_route": _network_device,
}
_SERVICE = {
    "type": _word,
    "name": _name,
    "state": _word,
    "error": _matching("[a-z][a-z-]{0,31}|"),
    "interface": _network_device,
    "address": _ADDRESS,
}
