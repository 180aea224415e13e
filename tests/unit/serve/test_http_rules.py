# SPDX-License-Identifier: MIT
"""The rules of the server, without a socket: ranges, who gives way, which paths there are."""

from __future__ import annotations

import socket
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.serve.connections import Connections
from modem_image.serve.http import RangeError, byte_range, find


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-7", (93, 100)),
        ("bytes=-700", (0, 100)),
        ("bytes=20-10", None),
        ("bytes=1-2,5-6", None),
        ("items=1-2", None),
        ("bytes=-", None),
        ("Bytes=1-2", (1, 3)),
        (f"bytes=90-{10**30}", (90, 100)),
        (f"bytes=90-{'9' * 5000}", (90, 100)),
        (f"bytes=-{10**30}", (0, 100)),
        (f"bytes={'0' * 30}1-2", (1, 3)),
    ],
)
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 100) == expected


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 1000))
def test_every_range_lies_inside(header: str, size: int) -> None:
    try:
        found = byte_range(header, size)
    except RangeError:
        return
    if found:
        assert 0 <= found[0] < found[1] <= size


class Sockets:
    """Sockets that only remember that they were closed."""

    def __init__(self) -> None:
        self.closed: list[int] = []

    def make(self, number: int) -> socket.socket:
        class Fake:
            def shutdown(_self, how: int) -> None:  # noqa: N805
                self.closed.append(number)

        return cast(socket.socket, Fake())


def test_who_gives_way() -> None:
    """The oldest silent one, first of the same address; nobody who is being answered."""
    clock = iter(range(1000))
    sockets, said = Sockets(), []
    connections = Connections(said.append, total=4, per_address=2, now=lambda: float(next(clock)))
    made = [sockets.make(number) for number in range(8)]
    assert all(connections.admit(made[number], "a") for number in (0, 1))
    connections.answering(made[0])
    assert connections.admit(made[2], "a")
    assert sockets.closed == [1]
    connections.answering(made[2])
    assert not connections.admit(made[3], "a")
    assert connections.admit(made[4], "b") and connections.admit(made[5], "c")
    assert connections.admit(made[6], "d")
    assert sockets.closed == [1, 4]
    connections.leave(made[0])
    assert connections.admit(made[7], "e")
    assert sockets.closed == [1, 4]
    connections.close_late()
    assert said == [
        "2 connections closed to make room: no request",
        "1 connection refused: too many downloads at once",
    ]


@given(st.text(max_size=40))
def test_no_target_leads_out(tmp_path_factory: pytest.TempPathFactory, target: str) -> None:
    root = tmp_path_factory.getbasetemp().resolve()
    try:
        found = find(root, f"/{target}")
    except ValueError:
        return
    assert found is None or found.is_relative_to(root)
