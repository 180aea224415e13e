# SPDX-License-Identifier: MIT
"""Two sticks at once: udev, oFono and ConnMan keep them apart, and one carries when the other is pulled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from daemons.bed.client import CONNMAN_CONF, MARKS, OFONOD, Bed, labels
from daemons.bed.describe import Plugged, plugged
from daemons.patched import NETWORK, pings
from daemons.test_cable import HOST, dialled, echoes, first_route, until_states
from daemons.test_connman import CONFIG, HELPER_RUN, MAIN_CONF, hand_over, write
from modem_image import HELPER
from unit.helper.trees import mode_of

pytestmark = MARKS

MODEM, ROUTER = "12d1:1596", "12d1:14dc"
SECOND = 1
"""The emulation of the stick that was plugged in second."""


class Sticks(NamedTuple):
    modem: Plugged
    router: Plugged
    device: str
    """The router's network device."""


@contextmanager
def both(folder: Path) -> Iterator[tuple[Bed, Sticks]]:
    """A modem at one port and a HiLink stick at the next, with all that a board runs."""
    modem_mode, router_mode = mode_of(MODEM), mode_of(ROUTER)
    modem = plugged(modem_mode, bound=lambda _interface: True)
    router = plugged(router_mode, port="1-2", number=4)
    with Bed(folder) as bed:
        properties = bed.plug(modem)
        bed.answer_at(modem_mode, modem, network=NETWORK)
        bed.plug(router)
        (device,) = router.networks.values()
        assert bed.ask("cable", name=device, profile="e3372h") == SECOND
        named = labels(properties, list(modem.ttys.values()))
        assert {"modem", "pcui"} <= set(named.values())
        write(bed, "/etc/huawei-modem/config.ini", CONFIG)
        bed.start_ofono(OFONOD)
        bed.start_connman(MAIN_CONF.read_text())
        hand_over(bed)
        yield bed, Sticks(modem, router, device)


def carrier(bed: Bed) -> int:
    """Which stick's network answers a ping to a host of the Internet."""
    before = [echoes(bed, number) for number in (0, SECOND)]
    assert pings(bed, HOST)
    (number,) = (number for number in (0, SECOND) if echoes(bed, number) > before[number])
    return number


def test_a_modem_carries_when_the_router_beside_it_is_pulled(tmp_path: Path) -> None:
    with both(tmp_path) as (bed, sticks):
        assert len(bed.modems()) == 1, "the router is nobody's modem"
        until_states(bed, ("ethernet", "online"), ("cellular", "ready"))
        found = {item["Type"]: item for item in bed.services().values()}
        assert found["ethernet"]["Ethernet"]["Interface"] == sticks.device
        own = found["cellular"]["Ethernet"]["Interface"]
        assert own.startswith("ppp")
        assert (first_route(bed), carrier(bed)) == (sticks.device, SECOND)
        calls = dialled(bed)
        assert bed.run("ip", "link", "del", sticks.device)["status"] == 0
        bed.until(lambda: first_route(bed) == own, "the route")
        assert carrier(bed) == 0
        until_states(bed, ("cellular", "online"))
        assert dialled(bed) == calls, "the modem's connection lived through it"


LOOK = f"""
import sys; sys.path[:0] = ["{HELPER}", "{HELPER}/watch"]
from pathlib import Path
from huawei_modem.bus import open_bus
from huawei_modem_watch.look import look
from huawei_modem_watch.machine import condition_of
print(condition_of(look(open_bus(), Path("/"), {{}})).value)
"""
SIMS = ("001010123456789", "001010000000002")


def cellular(bed: Bed) -> dict[str, dict[str, Any]]:
    """The cellular services by the subscriber in their path."""
    return {path.split("_")[1]: item for path, item in bed.services().items() if item["Type"] == "cellular"}


@contextmanager
def two_modems(folder: Path, *, connman: str, dead: bool = False) -> Iterator[Bed]:
    """Two of the same model, each with its SIM; `dead`: the first refuses every command."""
    mode = mode_of(MODEM)
    sticks = [plugged(mode), plugged(mode, port="1-2", number=4, first_tty=3, first_network=1)]
    with Bed(folder) as bed:
        ports: set[str] = set()
        for stick, sim in zip(sticks, SIMS, strict=True):
            properties = bed.plug(stick)
            silent = [[".*", [], "ERROR"]] if dead and sim == SIMS[0] else []
            bed.answer_at(mode, stick, subscriber=sim, replies=silent)
            ports |= {
                link
                for found in properties.values()
                for link in found.get("DEVLINKS", "").split()
                if link.startswith("/dev/huawei-modem/") and link.endswith("-pcui")
            }
        assert len(ports) == 2, ports
        write(bed, "/etc/huawei-modem/config.ini", CONFIG)
        bed.start_ofono(OFONOD)
        bed.start_connman(connman)
        bed.until(lambda: len(bed.modems()) == 2, "both modems")
        yield bed


def helper(bed: Bed, *arguments: str) -> dict[str, Any]:
    done: dict[str, Any] = bed.run("python3", "-c", HELPER_RUN, *arguments, preload=True, timeout=120)
    return done


def test_connect_goes_by_the_modem_that_works(tmp_path: Path) -> None:
    with two_modems(tmp_path, connman=CONNMAN_CONF, dead=True) as bed:
        done = helper(bed, "connect", "--apn", "internet")
        assert done["status"] == 0, done
        lines = done["out"].splitlines()
        assert any("left as it is: the modem to be powered: not there in time" in line for line in lines), (
            lines
        )
        assert any(line.endswith("access point: internet") for line in lines), lines
        assert lines[-1].endswith("(ready)")
        assert pings(bed)


def test_connect_with_two_that_work_and_one_that_is_named(tmp_path: Path) -> None:
    """Each has its access point afterwards, one of them a call; then the other is asked for by its name."""
    with two_modems(tmp_path, connman=CONNMAN_CONF) as bed:
        assert helper(bed, "connect")["status"] == 0
        bed.until(lambda: len(cellular(bed)) == 2, "both services", 10)
        carries = ("ready", "online")
        (used,) = (sim for sim in SIMS if cellular(bed)[sim]["State"] in carries)
        (other,) = {*SIMS} - {used}
        path = next(
            path
            for path in bed.modems()
            if bed.ofono(path, "SimManager.GetProperties")["SubscriberIdentity"] == other
        )
        done = helper(bed, "connect", "--modem", path)
        assert done["status"] == 0, done
        assert cellular(bed)[other]["State"] in carries
        assert helper(bed, "disconnect")["out"] == "disconnected\n"
        bed.until(lambda: not any(one["State"] in carries for one in cellular(bed).values()), "the end", 10)
        assert "ppp" not in bed.run("ip", "-br", "link")["out"]


def test_of_two_modems_one_carries_and_the_other_takes_over(tmp_path: Path) -> None:
    """The helper gives each its access point, which the list of providers does not have for this network."""
    with two_modems(tmp_path, connman=MAIN_CONF.read_text()) as bed:
        hand_over(bed)
        bed.until(lambda: len(cellular(bed)) == 2, "both services")
        carries = ("ready", "online")

        def carrying() -> list[int]:
            """ConnMan 1.41 connects one service of a technology, whichever it finds first."""
            return [number for number, sim in enumerate(SIMS) if cellular(bed)[sim]["State"] in carries]

        (used,) = bed.until(carrying, "a call")
        spare = 1 - used
        bed.air(used, covered=False, internet=False)
        bed.until(
            lambda: cellular(bed).get(SIMS[spare], {}).get("State") in carries, "a call of the other one", 40
        )
        before = echoes(bed, spare)
        assert pings(bed, HOST)
        assert echoes(bed, spare) > before
        done = bed.run("python3", "-c", LOOK, preload=True)
        assert done["out"].split() == ["online"], "the watch would cut what carries"
