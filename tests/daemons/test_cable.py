# SPDX-License-Identifier: MIT
"""A cable and a modem together, in the real ConnMan and oFono: which carries the traffic, and when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, OFONOD, Bed
from daemons.patched import NETWORK, Stick, patched, pings
from daemons.test_connman import CONFIG, MAIN_CONF, hand_over, write

pytestmark = MARKS
__all__ = ["patched"]

PORT, LAN = "eth0", "e3372h"
HOST = "198.51.100.1"
"""Beyond both gateways, and no host of the online check."""
MODEM, CABLE = 0, 1
LONG_ENOUGH_S = 2.0
"""ConnMan dials within a second of the service's coming, if it does."""


@contextmanager
def both(folder: Path, ofonod: Path | str, configuration: str) -> Iterator[Bed]:
    with Bed(folder) as bed:
        Stick().plug(bed)
        assert bed.cable(PORT, LAN) == CABLE
        write(bed, "/etc/huawei-modem/config.ini", CONFIG)
        bed.start_ofono(ofonod)
        bed.start_connman(configuration)
        hand_over(bed)
        yield bed


def states(bed: Bed) -> dict[str, str]:
    """State by type, in ConnMan's order: the first is the one that it uses."""
    return {item["Type"]: item["State"] for item in bed.services().values()}


def first_route(bed: Bed) -> str:
    """The network device of the default route."""
    said = bed.run("ip", "route", "show", "default")["out"].split()
    return said[said.index("dev") + 1] if "dev" in said else ""


def carrier(bed: Bed) -> int:
    """Which of the two networks answers a ping to a host of the Internet, and no other."""
    before = [echoes(bed, number) for number in (MODEM, CABLE)]
    assert pings(bed, HOST)
    (number,) = (number for number in (MODEM, CABLE) if echoes(bed, number) > before[number])
    return number


def echoes(bed: Bed, number: int) -> int:
    return [name for name, _detail in bed.seen(number)].count("icmp-echo")


def dialled(bed: Bed) -> int:
    return sum(command.startswith(("AT^NDISDUP=1,1", "ATD")) for command in bed.commands())


def until_states(bed: Bed, *wanted: tuple[str, str]) -> None:
    """ConnMan's services are these, in this order."""
    bed.until(lambda: list(states(bed).items()) == list(wanted), f"services {wanted}")


@pytest.mark.parametrize("way", ["ncm", "ppp"])
def test_both_are_up_the_cable_is_used_and_the_modem_takes_over_at_once(
    tmp_path: Path, patched: Path, way: str
) -> None:
    ofonod = patched if way == "ncm" else OFONOD
    with both(tmp_path, ofonod, MAIN_CONF.read_text()) as bed:
        until_states(bed, ("ethernet", "online"), ("cellular", "ready"))
        assert first_route(bed) == PORT
        assert carrier(bed) == CABLE
        calls = dialled(bed)
        bed.plug_cable(PORT, False)
        bed.until(lambda: first_route(bed).startswith(NETWORK if way == "ncm" else "ppp"), "the route")
        assert carrier(bed) == MODEM
        assert dialled(bed) == calls, "nobody dials: the connection was there"
        until_states(bed, ("cellular", "online"))
        bed.plug_cable(PORT, True)
        until_states(bed, ("ethernet", "online"), ("cellular", "ready"))
        assert (first_route(bed), carrier(bed)) == (PORT, CABLE)
        assert dialled(bed) == 1, "the modem's connection lived through it all"


def one_at_a_time() -> str:
    """The shipped file, changed as it says."""
    lines = MAIN_CONF.read_text().splitlines()
    lines.remove("AlwaysConnectedTechnologies = ethernet,cellular")
    lines[lines.index("SingleConnectedTechnology = false")] = "SingleConnectedTechnology = true"
    return "\n".join(lines)


def test_one_at_a_time_dials_when_the_cable_goes_and_hangs_up_when_it_comes(
    tmp_path: Path, patched: Path
) -> None:
    with both(tmp_path, patched, one_at_a_time()) as bed:
        until_states(bed, ("ethernet", "online"), ("cellular", "idle"))
        assert (first_route(bed), carrier(bed)) == (PORT, CABLE)
        time.sleep(LONG_ENOUGH_S)
        assert dialled(bed) == 0
        bed.plug_cable(PORT, False)
        until_states(bed, ("cellular", "online"))
        assert (first_route(bed), carrier(bed), dialled(bed)) == (NETWORK, MODEM, 1)
        bed.plug_cable(PORT, True)
        until_states(bed, ("ethernet", "online"), ("cellular", "idle"))
        assert (first_route(bed), carrier(bed)) == (PORT, CABLE)
        assert "AT^NDISDUP=1,0" in bed.commands()
