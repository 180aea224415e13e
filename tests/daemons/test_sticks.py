# SPDX-License-Identifier: MIT
"""Every stick of the database in the real daemons: it comes exactly as far as docs/sticks.md says.

Many modems are plugged in at once and driven side by side, since oFono waits a second here and there.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from daemons.bed.client import MARKS, Bed, DBusError, labels
from daemons.bed.describe import Plugged, plugged
from huawei_modem.database import Mode
from modem_image import HELPER
from modem_image.sticks.database import load
from modem_image.sticks.reach import Reach, mbim_of, ports_of, reaches

pytestmark = MARKS

PATIENCE_S = 90
# umockdev ends a process that has more than 50 mocked files open; a stick has two or three.
AT_ONCE = 14
LABELS = {"modem", "pcui", "diag"}


def modes() -> dict[str, Mode]:
    """Every mode whose interfaces are known, and every configuration with MBIM, by a name for the test."""
    found = {}
    for stick in load(HELPER / "modems.toml")[0].sticks:
        for mode in stick.modes:
            if mode.interfaces:
                found[f"{stick.id}-{mode.name}"] = mode
            if mbim := mbim_of(mode):
                found[f"{stick.id}-mbim-configuration"] = mbim
    return found


ALL = modes()
SERIAL = {name: mode for name, mode in ALL.items() if ports_of(mode)}
OFONO = {name: mode for name, mode in ALL.items() if ports_of(mode) or reaches(mode) is Reach.LISTED}
ROUTERS = {name: mode for name, mode in ALL.items() if reaches(mode) is Reach.ADDRESS}


class Seen(NamedTuple):
    """One stick after the run."""

    stick: Plugged
    properties: dict[str, dict[str, str]]
    reached: Reach
    commands: list[tuple[str, dict[str, Any]]]


class Drive:
    """Takes one modem as far as it comes, a step each time it is asked."""

    def __init__(self, bed: Bed, path: str) -> None:
        self.bed = bed
        self.path = path
        self.reached = Reach.LISTED
        self.asked: set[str] = set()

    def set(self, path: str, interface: str, name: str, value: object) -> None:
        if name not in self.asked:
            self.asked.add(name)
            method, arguments = f"org.ofono.{interface}.SetProperty", [name, value]
            self.bed.ask(
                "send", bus_name="org.ofono", path=path, method=method, signature="sv", arguments=arguments
            )

    def step(self, interfaces: list[str]) -> None:
        self.set(self.path, "Modem", "Powered", True)
        if "org.ofono.SimManager" in interfaces and self.properties("SimManager").get("SubscriberIdentity"):
            self.set(self.path, "Modem", "Online", True)
        if "org.ofono.ConnectionManager" in interfaces and self.properties("ConnectionManager")["Attached"]:
            self.activate()

    def properties(self, interface: str) -> dict[str, Any]:
        return dict(self.bed.ofono(self.path, f"{interface}.GetProperties"))

    def activate(self) -> None:
        for context, properties in self.bed.ofono(self.path, "ConnectionManager.GetContexts"):
            self.set(context, "ConnectionContext", "AccessPointName", "internet")
            self.set(context, "ConnectionContext", "Active", True)
            if properties["Active"]:
                self.reached = Reach.CONTEXT


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    seen: dict[str, Seen] = {}
    names = list(OFONO)
    for first in range(0, len(names), AT_ONCE):
        some = {name: OFONO[name] for name in names[first : first + AT_ONCE]}
        seen |= gallery_of(tmp_path_factory.mktemp("gallery"), some)
    return seen


def gallery_of(folder: Path, modes: dict[str, Mode]) -> dict[str, Seen]:
    with Bed(folder) as bed:
        sticks, found, emulations = {}, {}, {}
        tty = 0
        for number, (name, mode) in enumerate(modes.items(), 1):
            stick = plugged(mode, port=f"1-{number}", number=number + 2, first_tty=tty, first_network=number)
            tty += len(stick.ttys)
            sticks[name] = stick
            wanted = [
                path for path in stick.paths if path == stick.device or "/tty/" in path or "/net/" in path
            ]
            wanted += [path for path in stick.paths if "/usbmisc/" in path]
            found[name] = bed.plug(stick, only=wanted)
            emulations[name] = bed.answer_at(mode, stick)
        bed.start_ofono()
        drives = drive_all(bed, modes, {stick.device: name for name, stick in sticks.items()})
        return {
            name: Seen(
                stick,
                found[name],
                drives[name].reached if name in drives else Reach.LABELLED,
                bed.seen(emulations[name]),
            )
            for name, stick in sticks.items()
        }


def drive_all(bed: Bed, modes: dict[str, Mode], names: dict[str, str]) -> dict[str, Drive]:
    """Drives every modem that oFono lists, until all have come as far as is claimed, or time is up."""
    drives: dict[str, Drive] = {}
    expected = sum(reaches(mode) in (Reach.CONTEXT, Reach.LISTED) for mode in modes.values())
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for path, properties in bed.modems().items():
            name = names[properties["SystemPath"].removeprefix("/sys")]
            drive = drives.setdefault(name, Drive(bed, path))
            if reaches(modes[name]) is Reach.CONTEXT and drive.reached is not Reach.CONTEXT:
                with contextlib.suppress(DBusError):  # busy: the next round asks again
                    drive.step(properties["Interfaces"])
        if len(drives) == expected and all(
            item.reached is reaches(modes[name]) for name, item in drives.items()
        ):
            break
        time.sleep(0.2)
    return drives


@pytest.mark.parametrize("name", SERIAL)
def test_each_port_has_its_label(gallery: dict[str, Seen], name: str) -> None:
    seen, mode = gallery[name], SERIAL[name]
    functions = {tty: item.function for item in mode.interfaces if (tty := seen.stick.ttys.get(item.number))}
    wanted = {tty: name if name in LABELS else None for tty, name in functions.items()}
    assert labels(seen.properties, list(wanted)) == wanted


@pytest.mark.parametrize("name", [name for name, mode in OFONO.items() if reaches(mode) is Reach.LISTED])
def test_mbim_is_handed_over_at_its_control_device(gallery: dict[str, Seen], name: str) -> None:
    wants = {
        path.rsplit("/", 2)[-2]: found.get("SYSTEMD_WANTS")
        for path, found in gallery[name].properties.items()
    }
    assert wants["usbmisc"] == "huawei-modem-connect.service"
    assert wants["net"] is None


@pytest.mark.parametrize("name", OFONO)
def test_it_comes_as_far_in_ofono_as_the_table_says(gallery: dict[str, Seen], name: str) -> None:
    assert gallery[name].reached is reaches(OFONO[name])


@pytest.mark.parametrize("name", [name for name, mode in OFONO.items() if reaches(mode) is Reach.CONTEXT])
def test_data_goes_through_the_port_that_the_table_calls_modem(gallery: dict[str, Seen], name: str) -> None:
    events = dict(gallery[name].commands)
    assert events["dialled"] == {"port": "modem", "cid": 1, "apn": "internet"}
    assert events["ppp-up"] == {"address": "10.64.0.2"}


@pytest.mark.parametrize(("name", "mode"), ROUTERS.items(), ids=ROUTERS)
def test_a_router_gives_connman_an_address(tmp_path: Path, name: str, mode: Mode) -> None:
    with Bed(tmp_path) as bed:
        stick = plugged(mode)
        bed.plug(stick)
        (network,) = stick.networks.values()
        bed.answer_at(mode, stick, network=network, always_up=True)
        bed.start_connman()

        def ready() -> list[dict[str, Any]]:
            return [item for item in bed.services().values() if item["State"] in ("ready", "online")]

        (service,) = bed.until(ready, "a service that is ready")
        assert (service["Type"], service["Ethernet"]["Interface"]) == ("ethernet", network)
        assert service["IPv4"]["Address"] == "10.64.0.2"
