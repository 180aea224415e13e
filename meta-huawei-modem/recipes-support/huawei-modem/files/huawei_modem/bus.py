# SPDX-License-Identifier: MIT
"""The edge to D-Bus: the system bus, over its socket.

No library: python3-dbus and the GLib loop that it wants are of meta-python, which an image with a modem need
not have. The helper asks five questions, one at a time, and waits for no signal. Values come back as plain
Python. Its limits: unix sockets and authentication by user id alone, one call at a time, nobody can call us.
"""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    class Asked(Protocol):
        """A bus that is asked only."""

        def has_owner(self, service: str) -> bool:
            """Whether the daemon is on the bus. Raises BusError."""

        def call(self, service: str, path: str, interface: str, method: str) -> Any:
            """The reply as plain Python, None for an empty one. Raises BusError."""

    class Bus(Asked, Protocol):
        """What the helper needs of the system bus. Tests give their own."""

        def has_owner(self, service: str, seconds: float = ...) -> bool:
            """Whether the daemon is on the bus. Raises BusError, NO_REPLY after `seconds`."""

        def call(
            self, service: str, path: str, interface: str, method: str, *arguments: str, seconds: float = ...
        ) -> Any:
            """The reply as plain Python, None for an empty one. Raises BusError, NO_REPLY after `seconds`."""

        def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
            """SetProperty, as oFono and ConnMan have it on their own interfaces. Raises BusError."""


OFONO = "org.ofono"
CONNMAN = "net.connman"
MODEMMANAGER = "org.freedesktop.ModemManager1"
ACCESS_DENIED = "org.freedesktop.DBus.Error.AccessDenied"
NO_REPLY = "org.freedesktop.DBus.Error.NoReply"
_INVALID = "org.freedesktop.DBus.Error.InvalidSignature"
_DISCONNECTED = "org.freedesktop.DBus.Error.Disconnected"
_DBUS = "org.freedesktop.DBus"
_ADDRESS = "DBUS_SYSTEM_BUS_ADDRESS"
_DEFAULT = "unix:path=/run/dbus/system_bus_socket"
_SECONDS = 30.0
_ALL_QUESTIONS = 60.0
_ANSWERS = {
    "NameHasOwner": "b",
    "GetModems": "a(oa{sv})",
    "GetContexts": "a(oa{sv})",
    "GetTechnologies": "a(oa{sv})",
    "GetServices": "a(oa{sv})",
    "GetProperties": "a{sv}",
}
"""The types of what is answered (oFono's and ConnMan's doc/). Of another method any will do."""
_TYPES = {
    **dict.fromkeys(
        ["Active", "Attached", "AutoConnect", "Connected", "Favorite", "OfflineMode", "Online", "Powered"],
        bool,
    ),
    **dict.fromkeys(["Present", "RoamingAllowed"], bool),
    **dict.fromkeys(
        ["AccessPointName", "Address", "Error", "Interface", "Name", "PinRequired", "State", "Status"], str
    ),
    **dict.fromkeys(["Technology", "Type"], str),
    **dict.fromkeys(["Ethernet", "IPv4", "Retries", "Settings"], dict),
    **dict.fromkeys(["Interfaces", "Nameservers"], list),
    "Strength": int,
}
"""What the properties that are looked at are in oFono's doc/*-api.txt and ConnMan's doc/*-api.txt."""
_LONGEST_SAID = 400
"""Characters of an error's text."""
_LONGEST = 1 << 20
"""Octets of a message. D-Bus allows 2^27; all that oFono and ConnMan have to say is some thousand."""


class BusError(Exception):
    """A call failed. `name` is the D-Bus error's name, such as org.ofono.Error.InProgress."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name


class BusUnavailableError(Exception):
    """There is no bus to talk on; the text says what is missing."""


def open_bus(seconds: float = _SECONDS) -> Bus:
    """The system bus, which has `seconds` to take us in. Raises BusUnavailableError."""
    addresses = os.environ.get(_ADDRESS) or _DEFAULT
    reasons = []
    for address in addresses.split(";"):
        path = socket_path(address)
        if path is None:
            reasons.append(f"{address}: only unix sockets are known here")
            continue
        try:
            return _SystemBus(path, seconds)
        except OSError as err:
            reasons.append(f"{path.lstrip(chr(0))}: {err.strerror or err}")
    raise BusUnavailableError(f"no system bus: {'; '.join(reasons)}")


class Questions:
    """A bus for questions alone: each has `seconds`, and a daemon that left one unanswered is asked no more,
    since the next would cost as long. Nobody is asked any more on a bus that is silent itself, nor after a
    minute of questions, however each was answered."""

    def __init__(self, bus: Bus, seconds: float) -> None:
        self._bus, self._seconds = bus, seconds
        self._silent: dict[str, BusError] = {}
        self._end = monotonic() + _ALL_QUESTIONS

    def within(self, seconds: float) -> Questions:
        """The same bus, and what is known of who is silent on it, with other seconds for a question."""
        asked = Questions(self._bus, seconds)
        asked._silent, asked._end = self._silent, self._end
        return asked

    def has_owner(self, service: str) -> bool:
        """As Bus.has_owner(). Raises BusError, NO_REPLY at once when the bus was silent before."""
        return bool(self._ask(_DBUS, lambda seconds: self._bus.has_owner(service, seconds=seconds)))

    def call(self, service: str, path: str, interface: str, method: str) -> Any:
        """As Bus.call(). Raises BusError, NO_REPLY at once of a daemon that was silent before."""
        return self._ask(
            service, lambda seconds: self._bus.call(service, path, interface, method, seconds=seconds)
        )

    def _ask(self, asked: str, question: Callable[[float], Any]) -> Any:
        for known in (_DBUS, asked):
            if known in self._silent:
                raise self._silent[known]
        left = self._end - monotonic()
        if left <= 0:
            raise BusError(NO_REPLY, "the daemons took more than a minute for what was asked before")
        try:
            return question(min(left, self._seconds))
        except BusError as err:
            if err.name == NO_REPLY:
                self._silent[asked] = err
            raise


class Once:
    """The system bus for all that one command asks: opened once, and waited for once."""

    def __init__(self) -> None:
        self._asked: Questions | None = None
        self._refused: BusUnavailableError | None = None

    def questions(self, seconds: float) -> Questions:
        """The bus, which has `seconds` for each question. Raises BusUnavailableError, the same each time."""
        if self._refused is not None:
            raise self._refused
        if self._asked is None:
            try:
                self._asked = Questions(open_bus(seconds), seconds)
            except BusUnavailableError as err:
                self._refused = err
                raise
        return self._asked.within(seconds)


def socket_path(address: str) -> str | None:
    """The socket of one D-Bus address; it begins with NUL for an abstract one. None for another transport."""
    transport, _, rest = address.partition(":")
    keys = dict(part.split("=", 1) for part in rest.split(",") if "=" in part)
    if transport != "unix" or not ("path" in keys or "abstract" in keys):
        return None
    # Octets beyond a few letters are written as %xx (D-Bus Specification, "Server Addresses").
    head, *escaped = (keys["path"] if "path" in keys else f"\0{keys['abstract']}").split("%")
    try:
        return head + "".join(chr(int(part[:2], 16)) + part[2:] for part in escaped)
    except ValueError:
        return None


def _of_their_types(value: Any) -> Any:
    """An answer without properties that are of another type than their daemon's documentation says: these are
    as if they were not there."""
    if isinstance(value, dict):
        return {
            key: _of_their_types(item)
            for key, item in value.items()
            if (expected := _TYPES.get(key)) is None
            or (isinstance(item, expected) and (expected is not int or not isinstance(item, bool)))
        }
    if isinstance(value, list):
        return [_of_their_types(item) for item in value]
    return value


class _SystemBus:
    """One connection, one call at a time: what is no reply to the call, such as a signal, is passed over."""

    def __init__(self, path: str, seconds: float) -> None:
        # `socket` takes as long as all else that this module does, for names of constants.
        import _socket

        self._serial = 0
        self._buffer = b""
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._end = monotonic() + seconds
        self._socket.settimeout(seconds)
        self._socket.connect(path)
        self._socket.sendall(b"\0AUTH EXTERNAL %s\r\n" % str(os.geteuid()).encode().hex().encode())
        answer = self._read_line()
        if not answer.startswith(b"OK "):
            raise OSError(f"the bus refuses this user: {answer.decode('ascii', 'replace')}")
        self._socket.sendall(b"BEGIN\r\n")
        try:
            self.call(_DBUS, "/org/freedesktop/DBus", _DBUS, "Hello", seconds=seconds)
        except BusError as err:
            raise OSError(str(err)) from err

    def has_owner(self, service: str, seconds: float = _SECONDS) -> bool:
        found = self.call(_DBUS, "/org/freedesktop/DBus", _DBUS, "NameHasOwner", service, seconds=seconds)
        return bool(found)

    def call(
        self, service: str, path: str, interface: str, method: str, *arguments: str, seconds: float = _SECONDS
    ) -> Any:
        self._end = monotonic() + seconds
        return self._call(service, path, interface, method, "s" * len(arguments), arguments)

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        self._end = monotonic() + _SECONDS
        self._call(service, path, interface, "SetProperty", "sv", (name, value))

    def _call(
        self, service: str, path: str, interface: str, method: str, signature: str, arguments: tuple[Any, ...]
    ) -> Any:
        from huawei_modem import dbus_wire

        self._serial += 1
        message = dbus_wire.method_call(self._serial, service, path, interface, method, signature, arguments)
        try:
            self._wait()
            self._socket.sendall(message)
            while True:
                reply = dbus_wire.parse(self._message())
                if reply.reply_serial == self._serial and reply.kind in (
                    dbus_wire.METHOD_RETURN,
                    dbus_wire.ERROR,
                ):
                    break
        except TimeoutError as err:
            raise BusError(NO_REPLY, f"{service} did not answer {method} in time") from err
        except (OSError, dbus_wire.WireError) as err:
            raise BusError(_DISCONNECTED, f"the bus has gone: {err}") from err
        if reply.kind == dbus_wire.ERROR:
            raise BusError(reply.error, str(reply.body[0])[:_LONGEST_SAID] if reply.body else "")
        if reply.signature != _ANSWERS.get(method, reply.signature):
            raise BusError(_INVALID, f"{service} answers {method} with {reply.signature!r}")
        return _of_their_types(reply.body[0]) if reply.body else None

    def _message(self) -> bytes:
        """The next message; a time-out leaves what came of it for the next call."""
        from huawei_modem import dbus_wire

        while len(self._buffer) < dbus_wire.HEADER:
            self._fill()
        size = dbus_wire.HEADER + dbus_wire.remaining(self._buffer)
        if size > _LONGEST:
            raise OSError(f"a message of {size} octets; at most {_LONGEST} are read")
        while len(self._buffer) < size:
            self._fill()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _read_line(self) -> bytes:
        while b"\r\n" not in self._buffer and len(self._buffer) < 4096:
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _wait(self) -> None:
        """What is asked next of the socket has what is left of the call's time, however much else comes."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)

    def _fill(self) -> None:
        self._wait()
        data = self._socket.recv(1 << 16)
        if not data:
            raise OSError("end of file")
        self._buffer += data
