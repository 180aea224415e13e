# SPDX-License-Identifier: MIT
"""The D-Bus client's bytes: against dbus-daemon's own in tests/daemons, here what it cannot be asked for."""

from __future__ import annotations

import gc
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem import dbus_wire
from huawei_modem.bus import BusError, _of_their_types, open_bus, socket_path
from patience import PATIENCE

NUMBERS = {"y": (0, 255), "n": (-(2**15), 2**15 - 1), "q": (0, 2**16 - 1), "i": (-(2**31), 2**31 - 1)}
NUMBERS |= {"u": (0, 2**32 - 1), "x": (-(2**63), 2**63 - 1), "t": (0, 2**64 - 1)}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("unix:path=/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket"),
        ("unix:guid=1,path=/tmp/a%20b", "/tmp/a b"),  # noqa: S108  (an example)
        ("unix:abstract=/tmp/dbus-1", "\0/tmp/dbus-1"),
        ("unix:dir=/tmp", None),
        ("tcp:host=localhost,port=1", None),
        ("unix:path=/tmp/%zz", None),
        ("unix:path=", ""),
        ("", None),
    ],
)
def test_addresses(address: str, path: str | None) -> None:
    assert socket_path(address) == path


def test_a_call_reads_back() -> None:
    call = dbus_wire.method_call(7, "a.b", "/", "c.d", "E", "svv", ("x", True, "text"))
    assert call[:12] == b"l\1\2\1" + struct.pack("<II", len(call) - call.rindex(b"\1\0\0\0x"), 7)
    assert dbus_wire.remaining(call[: dbus_wire.HEADER]) == len(call) - dbus_wire.HEADER
    assert dbus_wire.parse(call).body == ["x", True, "text"]


def reply(order: str, signature: str, body: bytes, to: int = 7, kind: int = 2) -> bytes:
    """A method return to call `to`, as a daemon of that byte order sends it."""
    fields = struct.pack(f"{order}BBBBI", 5, 1, ord("u"), 0, to)
    text = signature.encode()
    fields += bytes((8, 1)) + b"g\0" + bytes((len(text),)) + text + b"\0"
    head = struct.pack(
        f"{order}cBBBIII", b"l" if order == "<" else b"B", kind, 1, 1, len(body), 9, len(fields)
    )
    return head + fields + bytes(-(len(head) + len(fields)) % 8) + body


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("code", NUMBERS)
@given(data=st.data())
def test_numbers_of_both_byte_orders(order: str, code: str, data: Any) -> None:
    value = data.draw(st.integers(*NUMBERS[code]))
    layout = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q"}[code]
    assert dbus_wire.parse(reply(order, code, struct.pack(order + layout, value))).body == [value]


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_ofono_and_connman_answer(order: str) -> None:
    """a(oa{sv}): a path and its properties; padding within, an empty array last."""

    number = struct.Struct(f"{order}I").pack
    entry = number(2) + b"On\0" + b"\1b\0" + bytes(2) + number(1)  # 16 octets
    structure = number(2) + b"/m\0" + bytes(1) + number(len(entry)) + bytes(4) + entry
    body = number(len(structure)) + bytes(4) + structure
    found = dbus_wire.parse(reply(order, "a(oa{sv})", body))
    assert (found.reply_serial, found.body) == (7, [[["/m", {"On": True}]]])


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A bus that lets anybody in, and sends what is in the list after each call but the first; without an
    end where that is a signal."""
    sent: list[bytes] = []
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "bus"))
    server.listen()

    def serve() -> None:
        peer, _ = server.accept()
        with peer, suppress(OSError):
            peer.recv(4096)
            peer.sendall(b"OK 0\r\n")
            peer.recv(4096)
            peer.sendall(reply("<", "s", struct.pack("<I", 1) + b"x\0", to=1))
            while peer.recv(4096):
                peer.sendall(sent[0])
                end = time.monotonic() + PATIENCE
                while sent[0][1] == 4 and time.monotonic() < end:
                    peer.sendall(sent[0])

    thread = threading.Thread(target=serve)
    thread.start()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    yield sent
    gc.collect()  # the connection of the test ends the thread
    thread.join(PATIENCE)
    server.close()
    assert not thread.is_alive()


def test_signals_without_end_do_not_keep_a_call_from_its_end(strange: list[bytes]) -> None:
    strange.append(reply("<", "", b"", kind=4))
    bus = open_bus()
    with pytest.raises(BusError, match="did not answer GetModems in time"):
        bus.call("org.ofono", "/", "org.ofono.Manager", "GetModems", seconds=0.3)


def test_an_answer_of_another_type_is_said(strange: list[bytes]) -> None:
    strange.append(reply("<", "u", struct.pack("<I", 7), to=2))
    with pytest.raises(BusError, match=r"org.ofono answers GetModems with 'u'"):
        open_bus().call("org.ofono", "/", "org.ofono.Manager", "GetModems")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"Powered": 1, "Online": True, "Name": "x"}, {"Online": True, "Name": "x"}),
        ([["/m", {"IPv4": 1, "Type": "cellular"}]], [["/m", {"Type": "cellular"}]]),
        ({"Strength": True, "IPv4": {"Address": 7, "Other": 7}}, {"IPv4": {"Other": 7}}),
    ],
)
def test_a_property_of_another_type_is_as_if_it_were_not_there(said: Any, read: Any) -> None:
    assert _of_their_types(said) == read


def test_no_library_of_d_bus_is_imported() -> None:
    """The image need not have python3-dbus, and the board need not load it."""
    assert "dbus" not in sys.modules
