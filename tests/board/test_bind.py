# SPDX-License-Identifier: MIT
"""Who drives the fourth interface, ff/03/46: the run-time id, once and only where it is needed, or the patch.

One boot without oFono and ConnMan, to which the sticks come already switched: a few seconds each.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator

import pytest

from kernel import patched
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import Stick, StickSettings, load_stick

from .basic import DEVICE, SETTLED, BasicBench, basic_bench

pytestmark = pytest.mark.bench

MODULE = "huawei_cdc_ncm"
NEW_ID = f"/sys/bus/usb/drivers/{MODULE}/new_id"
VODAFONE = load_stick("ms2372h-vodafone", StickSettings(start="modem"))
_CHUNK = 2000
_JOURNAL = "journalctl --boot --quiet --output=cat --cursor-file=/run/bind.cursor"


@dataclasses.dataclass(frozen=True)
class Seen:
    """The stick's drivers by interface, the driver's run-time ids, and what the units for it have said since
    the last look."""

    drivers: dict[str, str]
    ids: list[str]
    units: str


class Bench(BasicBench):
    """The board, with what these tests do to it."""

    def replug(self, peer: Peer) -> None:
        devnum = self.run(f"cat {DEVICE}/devnum").strip()
        peer.replug()
        again = f"[ -e {DEVICE}:1.3 ] && [ $(cat {DEVICE}/devnum) != {devnum} ]"
        self.run(f"until {again}; do sleep 0.2; done; {SETTLED}")

    def look(self) -> Seen:
        drivers = self.run(
            f"for i in {DEVICE}:1.*; do echo ${{i##*.}} $(basename $(readlink $i/driver || echo none)); done"
        )
        ids = self.run(f"cat {NEW_ID} || true").splitlines()
        units = self.run(f"{_JOURNAL} --unit='huawei-modem-bind*'")
        return Seen(
            dict(line.split() for line in drivers.splitlines()), [line.strip() for line in ids], units
        )

    def send(self, content: bytes, path: str) -> None:
        """Put a file on the board, a line at a time: its terminal takes 4 KiB at once."""
        text = base64.b64encode(content).decode()
        for start in range(0, len(text), _CHUNK):
            self.run(f"printf %s {text[start : start + _CHUNK]} >>{path}.base64")
        self.run(f"base64 --decode {path}.base64 >{path}")


def of_another_vendor() -> Stick:
    """The same interfaces, and not Huawei's."""
    modes = {
        name: dataclasses.replace(mode, description=dataclasses.replace(mode.description, vendor=0x19D2))
        for name, mode in VODAFONE.description.modes.items()
    }
    return Stick(dataclasses.replace(VODAFONE.description, modes=modes), VODAFONE.settings)


def visits(bench: Bench, module: bytes) -> Iterator[tuple[str, Seen]]:
    """What was seen, by name; one thing after the other, on one board."""
    # Without option loaded, and with an id too short to drive anything.
    bench.run(f"modprobe {MODULE}; echo 12d1 1596 >{NEW_ID}")
    with bench.stick(VODAFONE) as peer:
        yield "bad id first", bench.look()
        bench.replug(peer)
        yield "plugged again", bench.look()
        bench.run(f"modprobe -r {MODULE}; modprobe {MODULE}; {SETTLED}")
        bench.run(f"until [ -e {DEVICE}:1.3/driver ]; do sleep 0.2; done; {SETTLED}")
        yield "module reloaded", bench.look()
    for name in ("e3372s", "ms2372h"):
        with bench.stick(load_stick(name, StickSettings(start="modem"))):
            yield name, bench.look()
    with bench.stick(of_another_vendor()):
        yield "another vendor", bench.look()
    bench.send(module, f"/run/{MODULE}.ko")
    bench.run(f"modprobe -r {MODULE}; modprobe -a cdc_ncm cdc-wdm; insmod /run/{MODULE}.ko; {SETTLED}")
    with bench.stick(VODAFONE):
        yield "patched", bench.look()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    module = patched.debians().read_bytes()
    with basic_bench(Bench, tmp_path_factory.mktemp("bind")) as bench:
        return dict(visits(bench, module))


SERIAL = {"0": "option", "1": "option", "2": "option"}
RIGHT_ID = "12d1 1596 ff"


@pytest.mark.parametrize("when", ["bad id first", "plugged again", "module reloaded"])
def test_the_run_time_id_is_there_once_and_the_ports_are_options(seen: dict[str, Seen], when: str) -> None:
    assert seen[when].drivers == {**SERIAL, "3": MODULE}
    assert seen[when].ids == [RIGHT_ID]
    added = "id '12d1 1596 ff 12d1 0' added, driven by huawei_cdc_ncm" in seen[when].units
    assert added == (when != "plugged again")


@pytest.mark.parametrize("stick", ["e3372s", "ms2372h"])
def test_no_id_for_a_stick_whose_interface_the_driver_lists(seen: dict[str, Seen], stick: str) -> None:
    assert MODULE in seen[stick].drivers.values()
    assert seen[stick].units == ""
    assert seen[stick].ids == [RIGHT_ID], "the other stick's, and no more"


def test_no_driver_for_a_stick_of_another_vendor(seen: dict[str, Seen]) -> None:
    assert seen["another vendor"].drivers["3"] == "none"
    assert seen["another vendor"].units == ""
    assert seen["another vendor"].ids == [RIGHT_ID]


def test_with_the_patch_the_interface_has_its_driver_without_an_id(seen: dict[str, Seen]) -> None:
    assert seen["patched"].drivers == {**SERIAL, "3": MODULE}
    assert seen["patched"].ids == []
    assert " added, " not in seen["patched"].units
