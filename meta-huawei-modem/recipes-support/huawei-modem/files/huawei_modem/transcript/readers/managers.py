# SPDX-License-Identifier: MIT
"""ModemManager and NetworkManager: what mmcli and nmcli print, by its shape, and NetworkManager's devices.

mmcli prints its fields as a table, as keys (-K) or as JSON (-J): one table of fields reads all three.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import messages, reasons
from huawei_modem.transcript.line import without_level
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.said import by_reason
from huawei_modem.transcript.tables import Tables

_FIELD = re.compile(r"[^|]{0,30}\|\s*(?=\S)([\w/ ]{2,30}):([^']*|\s*'[^']*'\s*)")
"""mmcli: a title or blanks, a bar, key and value."""
_KEY = re.compile(r"((?:modem|bearer|sim)\.[\w.-]{3,60}?)(?:\.value\[\d+\])? +: (.*?)\s*")
"""mmcli -K."""
_JSON = re.compile(r'"(?P<key>[a-z][\w-]{1,30})" ?: ?"(?P<value>[^"]{0,80})"')
_JSON_HEAD = re.compile(r'\s*\{ ?"(?:modem|bearer)" ?:')
_STATES = {
    "connected": "=online",
    "failed": "modem-failed",
    "locked": "sim-pin-required",
    "disabled": "modem-off:mm",
    "enabled": "not-registered",
    "registered": "not-connected:mm",
    "disconnecting": "=offline",
    "searching": "not-registered",
}
"""MMModemState; initializing, enabling, disabling and connecting pass by themselves."""
_FAILED = {
    "sim-missing": "sim-missing",
    "sim-error": "sim-failure",
    "esim-without-profiles": "sim-failure",
}
"""MMModemStateFailedReason."""
_LOCKS = {"sim-pin": "sim-pin-required", "sim-puk": "sim-pin-required:puk"}
"""MMModemLock: PIN2 and PUK2 lock nothing that a connection needs; ph- locks are the operator's."""
_OPERATOR_LOCK = re.compile(r"ph-(?:sp|net|sim|corp|fsim|netsub)-(?:pin|puk)")
_REGISTRATION = {
    "home": "=registered",
    "roaming": "=registered",
    "denied": "not-registered:denied",
    "idle": "not-registered",
    "searching": "not-registered",
    "emergency-only": "not-registered:denied",
    "emergency only": "not-registered:denied",
}
"""MMModem3gppRegistrationState."""
_PACKET = {"attached": "=attached", "detached": "not-attached"}
_FIELDS = {
    "state": _STATES,
    "failed reason": _FAILED,
    "state-failed-reason": _FAILED,
    "lock": _LOCKS,
    "unlock-required": _LOCKS,
    "registration": _REGISTRATION,
    "registration-state": _REGISTRATION,
    "packet service state": _PACKET,
    "packet-service-state": _PACKET,
    "connected": {"yes": "=online", "no": "=data-down"},
}
_NAME = re.compile(r"[A-Za-z]{2}")
"""Modems without a maker's name in their firmware answer with a number."""
_OWN = ("manufacturer", "primary port", "state", "power state", "drivers", "ip timeout", "plugin")
"""Fields that no other program's table has."""
_TYPED = re.compile(
    r"(?P<device>\S+) +(?:gsm|cdma) +(?P<state>connected|disconnected|unavailable|connecting\b.*?"
    r"|unmanaged|connection failed|deactivating)(?: .*|$)"
)
"""nmcli device."""
_TERSE = re.compile(r"(?P<device>[\w-]+):(?:gsm|cdma):(?P<state>[a-z ()]+?)(?::.*)?")
"""nmcli -t device."""
_DEVICES = {
    "connected": "=online",
    "disconnected": "not-connected:nm",
    "connection failed": "not-connected:nm",
    "unavailable": "modem-offline",
    "unmanaged": "not-connected:unmanaged",
}
_SHOWN = re.compile(r"GENERAL\.(TYPE|STATE|REASON|DEVICE|IP-IFACE) *:(.*)")
"""nmcli device show."""
_NUMBERED = re.compile(r"(\d+) \((.+?)\)?")
_FAILURE = re.compile(r"(?:Error: )?Connection activation failed: ?(?:\((\d+)\) )?(.+)")
_NO_DEVICE = re.compile(r"No suitable device found for this connection|unknown connection|not an active")
_CHANGED = re.compile(
    r"(?:device )?\(?(?P<device>[\w./-]+)\)?: (?:device )?state change: (?P<was>[\w-]+) -> (?P<now>[\w-]+)"
    r" \(reason '?(?P<reason>[\w-]+)'?.*"
)
"""NetworkManager's log: 0.8 has numbers, 0.9 to 1.6 names and the numbers in brackets, since then names."""
_ACTIVATED = ("activated", "8", "100")
_FAILED_STATES = ("failed", "9", "120")
_MODEM_DEVICE = re.compile(r"(?:ttyUSB|ttyACM|cdc-wdm|wwan|ww[pu]|ppp|umts|gsm|ril|/)")
_OF_MODEM = ("gsm-", "modem-", "sim-")
_DONE = re.compile(
    r"(?:device )?\(?(?P<device>[\w./-]+)\)?: Activation: successful, device activated\.?|"
    r"(?:\((?P<other>[\w./-]+)\): )?Activation \((?P<old>[\w./-]+)\) successful, device activated\.?"
)


_OF_MODEM_OBJECT = re.compile(
    r"(?:modem(?:-broadband)?\[\"?(?P<name>[\w./-]+)\"?\]|\((?P<old>tty\w+|cdc-wdm\d+|ww\w+)\)):? +(?=\S)"
)
"""What it names the modem in its log: with quotation marks, without, and before 1.0 by its port alone."""
_OF_STATE = re.compile(r"modem state changed, '[\w-]+' --> '(?P<now>[\w-]+)'.*")
"""NetworkManager 1.44, nm-modem.c: what ModemManager says of the modem."""
_REACHED = {
    "locked": "sim-pin-required",
    **dict.fromkeys(("disabled", "enabling", "enabled", "searching"), "=sim-ready"),
    "registered": "=registered",
    "connected": "=data-up",
}


class Managers:
    """Reads what clients of both print, and NetworkManager's log of its devices."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._gsm = False
        self._bearer = self._whole = False
        """Whether the fields that follow are a bearer's; whether they came as far as the modem's state."""
        self._table = messages.of("networkmanager")
        self._net = ""
        """Whether the device that nmcli shows is a modem."""

    def tables(self) -> Tables:
        return Tables(
            heads={"Error:": self._failed, "Connection": self._failed},
            programs={
                "NetworkManager": self._log,
                "network-manager": self._log,
                "IP4.ADDRESS": self._address,
            },
            cues=(
                (("|",), self._field),
                (("modem.", "bearer."), self._key),
                (('{"modem"', '{ "modem"', '{"bearer"'), self._json),
                ((" gsm ", " cdma ", ":gsm:"), self._device),
                (("GENERAL.",), self._shown),
                (("Connection activation failed",), self._failed),
                (("/ModemManager1/Modem/",), self._listed),
                (("org.freedesktop.ModemManager",), self._error),
                (("state change: ", "device activated"), self._log),
            ),
        )

    # mmcli

    def _field(self, text: str) -> None:
        match = _FIELD.fullmatch(text)
        if match is not None:
            self._means(match[1].strip(), match[2].strip(" '"))

    def _key(self, text: str) -> None:
        if match := _KEY.fullmatch(text.strip()):
            self._means(match[1].rpartition(".")[2], match[2], own=True)

    def _json(self, text: str) -> None:
        if _JSON_HEAD.match(text):
            for match in _JSON.finditer(text):
                self._means(match["key"], match["value"], own=True)

    def _means(self, key: str, value: str, own: bool = False) -> None:
        reader, seen = self._reader, self._reader.seen(self._reader.text.strip())
        sign = _FIELDS.get(key, {}).get(value)
        if key in ("lock", "unlock-required") and _OPERATOR_LOCK.fullmatch(value):
            sign = "sim-operator-lock"
        locked = reader.state.said("sim").startswith("sim-") or reader.state.said("lock")
        if key == "state" and sign == "sim-pin-required" and locked:
            sign = "=modemmanager-up"  # which lock it is was said before
        if sign is not None or own or key in _OWN:
            self._whole = self._whole or key == "state"
            reader.mark("mmcli of a bearer" if self._bearer else "mmcli" if self._whole else "mmcli in part")
            reader.state.add("=modemmanager-up", seen)
        if key == "path":
            self._bearer, self._whole = "/Bearer/" in value, False
        if key == "manufacturer" and _NAME.search(value):
            reader.state.add("=maker", reader.seen(value))
        if key == "interface" and value not in ("--", "none"):
            reader.state.add("=bearer-net", reader.seen(value))
        if sign is not None and not (sign == "not-connected:mm" and self._refused()):
            reader.state.add(sign, seen)

    def _refused(self) -> bool:
        """A refusal that is shown already says more than that the modem is registered and not connected."""
        return self._reader.state.said("data").startswith(("context-refused", "dial-failed", "ppp-"))

    def _listed(self, text: str) -> None:
        """mmcli -L names the maker in brackets."""
        if match := re.fullmatch(
            r"(?:\s*\([+-]\))?\s*/org/freedesktop/ModemManager1/(Modem/\d+) \[(.{1,60}?)\].*", text
        ):
            self._reader.mark("mmcli -L")
            self._reader.state.add("=modemmanager-up", self._reader.seen(text.strip()))
            self._reader.state.add("=maker", self._reader.seen(match[2]))
            self._reader.state.add("=modem-number", self._reader.seen(match[1]))

    def _error(self, text: str) -> None:
        """An error of ModemManager's, whichever program prints it."""
        meaning = reasons.of_modem_manager(text.strip().rstrip("'\""))
        if meaning is not None:
            self._reader.mark("ModemManager")
            self._reader.state.add(meaning, self._reader.seen(text.strip()))

    # nmcli

    def _device(self, text: str) -> None:
        match = _TYPED.fullmatch(text) or _TERSE.fullmatch(text)
        if match is None:
            return
        reader = self._reader
        reader.mark("nmcli")
        reader.state.add("=networkmanager-up", reader.seen(text.strip()))
        sign = _DEVICES.get(match["state"])
        if sign is not None and not (sign == "not-connected:nm" and self._refused()):
            reader.state.add(sign, reader.seen(text.strip()))

    def _shown(self, text: str) -> None:
        match = _SHOWN.fullmatch(text.strip())
        if match is None:
            return
        reader = self._reader
        reader.mark("nmcli")
        key, value = match[1], match[2].lstrip()
        if key in ("DEVICE", "IP-IFACE"):
            self._net = value
        if key == "TYPE":
            self._gsm = value in ("gsm", "cdma")
            if self._gsm:
                reader.state.add("=networkmanager-up", reader.seen(text.strip()))
            return
        numbered = _NUMBERED.fullmatch(value)
        if numbered is None:
            return
        if key == "REASON":
            self._reason(numbered[2] if reasons.of_network_manager(numbered[2]) else numbered[1], self._gsm)
        elif key == "STATE" and self._gsm and numbered[1] == "100":
            reader.state.add("=online", reader.seen(text.strip()))

    def _address(self, text: str) -> None:
        """`IP4.ADDRESS[1]: `, which looks like a program with its process id."""
        address = text.strip().partition("/")[0]
        if self._net not in ("", "--") and address:
            self._reader.state.addresses.setdefault(self._net, self._reader.seen(address))

    def _failed(self, text: str) -> bool:
        """nmcli's last word on `connection up`."""
        match = _FAILURE.fullmatch(text.strip())
        if match is None:
            return False
        self._reader.mark("nmcli")
        if _NO_DEVICE.search(match[2]):
            self._reader.state.add("not-connected:device", self._reader.seen(text.strip()))
        else:
            self._reason(match[2], gsm=True)
        return False

    def _reason(self, reason: str, gsm: bool) -> None:
        meaning = reasons.of_network_manager(reason)
        if meaning is not None and (gsm or reasons.is_of_modem(reason)):
            seen = self._reader.seen(self._reader.text.strip())
            self._reader.state.add("=networkmanager-up", seen)
            self._reader.state.add(meaning, seen)

    # NetworkManager's log

    def _message(self, said: str) -> None:
        """A line of the table; one of the modem itself with the reason at its end."""
        named = _OF_MODEM_OBJECT.match(said)
        if named is not None:
            rest = said[named.end() :]
            if (state := _OF_STATE.fullmatch(rest)) is not None:
                self._reader.mark("NetworkManager")
                self._reader.state.add("=modem-answers", self._reader.seen(state["now"]))
                if sign := _REACHED.get(state["now"]):
                    self._reader.state.add(sign, self._reader.seen(state["now"]))
                return
            said = f'modem-broadband["{named["name"] or named["old"]}"]: {rest}'
        found = by_reason(messages.match(self._table, said))
        if found is not None:
            messages.note(self._reader, "NetworkManager", *found)

    def _log(self, text: str) -> None:
        said = without_level(text).strip()
        if (done := _DONE.fullmatch(said)) is not None:
            device = done["device"] or done["old"]
            if _MODEM_DEVICE.match(device):
                self._reader.mark("NetworkManager")
                self._reader.state.add("=online", self._reader.seen(text.strip()))
        elif (match := _CHANGED.fullmatch(said)) is not None:
            self._changes(match, text)
        else:
            self._message(said)

    def _changes(self, match: re.Match[str], text: str) -> None:
        """A device goes from one state to another."""
        gsm = _MODEM_DEVICE.match(match["device"]) is not None or match["reason"].startswith(_OF_MODEM)
        if gsm:
            self._reader.mark("NetworkManager")
            self._reader.state.add("=modem-answers", self._reader.seen(match["device"]))
        if gsm and match["now"] in _ACTIVATED:
            self._reader.state.add("=online", self._reader.seen(text.strip()))
        elif gsm and (match["now"] in _FAILED_STATES or match["was"] in _ACTIVATED):
            meaning = reasons.of_network_manager(match["reason"])
            lost = match["was"] in _ACTIVATED and match["reason"] not in ("user-requested", "39", "37")
            if lost and (meaning is None or not meaning.startswith("sim-")):
                meaning = "connection-dropped"
            if meaning is not None:
                self._reader.state.add(meaning, self._reader.seen(text.strip()))
