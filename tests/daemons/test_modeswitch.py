# SPDX-License-Identifier: MIT
"""The real usb_modeswitch with Debian's data: what it does to each stick of the database.

Its exit status is always 0, so the text counts. umockdev accepts a bulk transfer only with the bytes that
it is told; with others the transfer fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed
from daemons.bed.describe import Plugged, plugged
from huawei_modem.database import Mode, Switch, load

pytestmark = MARKS

PACK = "/usr/share/usb_modeswitch/configPack.tar.gz"
STATUS_WRAPPER = "55534253" + "12345678" + "00000000" + "00"
"""The stick's answer to the message (USB mass storage, bulk-only, 5.2): no error."""

DATABASE = load()
BY_ID = {mode.usb: mode for stick in DATABASE.sticks for mode in stick.modes}
SWITCHED = {
    f"{mode.usb}-{stick.id}": (mode, mode.switch)
    for stick in DATABASE.sticks
    for mode in stick.modes
    if mode.switch is not None
}
NOT_IN_UPSTREAM = {("12d1:1f01", "12d1:1596")}
"""Targets that usb-modeswitch-data does not list: it sends the message, and only its check fails."""


def ioctls(message: str) -> str:
    """umockdev's tree for a stick that takes exactly this message on endpoint 1."""
    return (
        "USBDEVFS_GET_CAPABILITIES 0 FF010000\n"
        f"USBDEVFS_REAPURBNDELAY 0 3 1 0 0 31 31 0 {message.upper()}\n"
        f"USBDEVFS_REAPURBNDELAY 0 3 129 0 0 13 13 0 {STATUS_WRAPPER}\n"
    )


@pytest.fixture(scope="module")
def sticks() -> dict[str, Plugged]:
    """Every id of the database, each at a port of its own."""
    return {
        usb: plugged(mode, port=f"1-{number}", number=number + 2, first_tty=10 * number, first_network=number)
        for number, (usb, mode) in enumerate(BY_ID.items(), 1)
        if mode.interfaces
    }


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, sticks: dict[str, Plugged]) -> dict[str, str]:
    """What udev would run for the first interface of each id, as `udevadm test` says it."""
    with Bed(tmp_path_factory.mktemp("rules")) as bed:
        found = {}
        for usb, stick in sticks.items():
            first = stick.paths[1]
            found[usb] = bed.plug(stick, only=[first])[first]["run"]
    return found


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory, sticks: dict[str, Plugged]) -> Iterator[Bed]:
    with Bed(tmp_path_factory.mktemp("switch")) as bed:
        for usb in {mode.usb for mode, _switch in SWITCHED.values()}:
            bed.plug(sticks[usb], only=[])
        yield bed


@pytest.mark.parametrize("usb", [usb for usb, mode in BY_ID.items() if mode.interfaces])
def test_the_rules_call_it_for_drives_and_for_nothing_else(ran: dict[str, str], usb: str) -> None:
    is_drive = BY_ID[usb].interfaces[0].usb_class == "08"
    assert ("usb_modeswitch" in ran[usb]) == is_drive


def test_12d1_1596_is_left_alone(ran: dict[str, str], bed: Bed) -> None:
    assert "usb_modeswitch" not in ran["12d1:1596"]
    assert "12d1:1596" not in bed.run("tar", "-tzf", PACK)["out"].split()


def sends(bed: Bed, stick: Plugged, usb: str, message: str) -> str:
    """What usb_modeswitch says with upstream's entry on a stick that takes only `message`."""
    vendor, product = usb.split(":")
    bed.ask("ioctls", node=f"/dev/bus/usb/001/{stick.number:03}", tree=ioctls(message))
    switch = f"usb_modeswitch -W -v {vendor} -p {product} -b 1 -g {stick.number} -c /run/entry"
    command = f"tar -xzOf {PACK} {usb} > /run/entry && exec {switch} 2>&1"
    return str(bed.run("sh", "-c", command, preload=True, timeout=30)["out"])


@pytest.mark.parametrize(("mode", "switch"), SWITCHED.values(), ids=SWITCHED)
def test_upstreams_entry_sends_exactly_the_message(
    bed: Bed, sticks: dict[str, Plugged], mode: Mode, switch: Switch
) -> None:
    said = sends(bed, sticks[mode.usb], mode.usb, switch.message)
    assert "Trying to send message 1 to endpoint 0x01 ..." in said
    assert "error" not in said[said.index("Trying to send") :].lower(), said


@pytest.mark.parametrize(("usb", "first"), [("12d1:1f01", 100), ("12d1:14fe", 110)])
def test_wrong_bytes_are_noticed(bed: Bed, usb: str, first: int) -> None:
    switch = BY_ID[usb].switch
    assert switch is not None
    for number, position in enumerate((0, 16, 24, 30), first):
        stick = plugged(BY_ID[usb], port=f"1-{number}", number=number)
        bed.plug(stick, only=[])
        octets = bytearray.fromhex(switch.message)
        octets[position] ^= 1
        said = sends(bed, stick, usb, octets.hex())
        assert "Sending the message returned error" in said, (position, said)


@pytest.mark.parametrize(("mode", "switch"), SWITCHED.values(), ids=SWITCHED)
def test_upstreams_entry_is_right_so_no_file_of_ours_is_needed(bed: Bed, mode: Mode, switch: Switch) -> None:
    entry = bed.run("tar", "-xzOf", PACK, mode.usb)["out"]
    assert "HuaweiNewMode=1" in entry
    targets = re.findall(r'^TargetProduct(?:List)?="?(?:0x)?([0-9a-f,]+)', entry, re.MULTILINE)
    known = {f"12d1:{product}" for product in ",".join(targets).split(",")}
    assert {(mode.usb, target) for target in switch.target if target not in known} <= NOT_IN_UPSTREAM


def test_the_whole_way_from_udev_to_the_other_id(tmp_path: Path) -> None:
    """The dispatcher that udev's script starts finds the entry, sends it, and sees the stick come back."""
    mode = BY_ID["12d1:14fe"]
    assert mode.switch is not None
    stick = plugged(mode)
    with Bed(tmp_path) as bed:
        (run,) = re.findall(r"usb_modeswitch '(\S+)'", "".join(i["run"] for i in bed.plug(stick).values()))
        bed.ask("ioctls", node=f"/dev/bus/usb/001/{stick.number:03}", tree=ioctls(mode.switch.message))
        bed.run("sed", "-i", "s/^EnableLogging=.*/EnableLogging=1/", "/etc/usb_modeswitch.conf")
        command = ["usb_modeswitch_dispatcher", "--switch-mode", run.partition("/")[2]]
        bed.ask("start", name="dispatcher", command=command, preload=True)
        log = ("sh", "-c", "cat /var/log/usb_modeswitch_*")
        bed.until(lambda: "Trying to send message 1" in bed.run(*log)["out"] or None, "the message", 30)
        bed.ask("attribute", path=stick.device, name="idProduct", value="1506\n")
        bed.ask("attribute", path=stick.paths[1], name="bInterfaceClass", value="ff\n")
        bed.until(lambda: bed.status("dispatcher") is not None, "the dispatcher's end", 60)
        said = bed.run(*log)["out"]
    assert "Mode switching was successful, found 12d1:1506" in said, said


def test_every_drive_of_upstream_is_known_as_one(bed: Bed) -> None:
    """What usb_modeswitch would switch is told as a drive that was not switched."""
    command = f"cd /run && tar -xzf {PACK} && grep -l HuaweiNewMode=1 12d1:*"
    drives = bed.run("sh", "-c", command)["out"].split()
    assert len(drives) > 50
    # 157d is one until its other configuration is chosen.
    assert {usb for usb in drives if DATABASE.mode_name(usb) != "storage"} == {"12d1:157d"}
