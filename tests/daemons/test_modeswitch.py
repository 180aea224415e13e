# SPDX-License-Identifier: MIT
"""The real usb_modeswitch with Debian's data: what it does to each stick of the database.

Its exit status is always 0, so the text counts. umockdev accepts a bulk transfer only with the bytes that
it is told; with others the transfer fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed
from daemons.bed.describe import Plugged, plugged
from huawei_modem.database import Mode, Switch
from modem_image import HELPER, PROJECT
from modem_image.sticks.choices import STAY, Choice, choices, has_own_entry
from modem_image.sticks.reach import mbim_of
from unit.sticks.known import DATABASE

pytestmark = MARKS

PAGE = PROJECT / "docs" / "sticks.md"
PACK = "/usr/share/usb_modeswitch/configPack.tar.gz"
STATUS_WRAPPER = "55534253" + "12345678" + "00000000" + "00"
"""The stick's answer to the message (USB mass storage, bulk-only, 5.2): no error."""

MODES = {f"{stick.id}-{mode.name}": mode for stick in DATABASE.sticks for mode in stick.modes}
KNOWN = {name: mode for name, mode in MODES.items() if mode.interfaces}
BY_ID = {mode.usb: mode for mode in reversed(KNOWN.values())}
"""The first stick of each id whose interfaces are known; models that share a drive's id agree on it."""
SWITCHED = {
    f"{mode.usb}-{stick.id}": (mode, mode.switch)
    for stick in DATABASE.sticks
    for mode in stick.modes
    if mode.switch is not None and not has_own_entry(mode)
}
NOT_SWITCHED = {name: mode for name, mode in MODES.items() if mode.switch is None}
CHOSEN = {name: mode for name, mode in MODES.items() if mode.mbim_preferred and mbim_of(mode)}
MESSAGES = {choice.name: choice for choice in choices(DATABASE) if choice.message}
OLD_MESSAGE = {"12d1:1001", "12d1:1003"}
"""Upstream has an entry for the drive that older sticks of this id are: their first interface is one."""
NOT_IN_UPSTREAM = {("12d1:1f01", "12d1:1596"), ("12d1:1505", "12d1:14ac")}
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
    """Every mode whose interfaces are known, each at a port of its own."""
    return {
        name: plugged(
            mode, port=f"1-{number}", number=number + 2, first_tty=10 * number, first_network=number
        )
        for number, (name, mode) in enumerate(KNOWN.items(), 1)
    }


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, sticks: dict[str, Plugged]) -> dict[str, tuple[str, str]]:
    """What udev would run for each stick itself and for its first interface, as `udevadm test` says it."""
    with Bed(tmp_path_factory.mktemp("rules")) as bed:
        found = {}
        for name, stick in sticks.items():
            looked_at = stick.paths[:2]
            properties = bed.plug(stick, only=looked_at)
            device, first = (properties[path]["run"] for path in looked_at)
            found[name] = device, first
    return found


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory, sticks: dict[str, Plugged]) -> Iterator[Bed]:
    with Bed(tmp_path_factory.mktemp("switch")) as bed:
        for name, mode in KNOWN.items():
            if mode.switch:
                bed.plug(sticks[name], only=[])
        yield bed


def test_no_id_is_lost() -> None:
    """12d1:1506 was: one of its sticks has no interfaces that anybody knows."""
    told = {mode.usb for stick in DATABASE.sticks for mode in stick.modes if mode.interfaces}
    assert told == BY_ID.keys()
    assert "12d1:1506" in told


@pytest.mark.parametrize("name", KNOWN)
def test_the_rules_call_it_for_drives_and_two_modules_and_for_nothing_else(
    ran: dict[str, tuple[str, str]], name: str
) -> None:
    device, first = ("usb_modeswitch" in text for text in ran[name])
    is_drive = KNOWN[name].interfaces[0].usb_class == "08"
    # Upstream's rules name Huawei's number, ours the drives of other numbers whose message is known.
    called = KNOWN[name].usb.startswith("12d1:") or has_own_entry(KNOWN[name])
    assert (device, first) == (KNOWN[name].mbim_preferred and not is_drive, is_drive and called)


@pytest.mark.parametrize(("name", "mode"), NOT_SWITCHED.items(), ids=NOT_SWITCHED)
def test_upstream_has_no_message_for_it(bed: Bed, name: str, mode: Mode) -> None:
    """No entry, or one that says to do nothing. 12d1:1596 is among these."""
    if mode.usb in OLD_MESSAGE:
        assert mode.interfaces[0].usb_class == "ff", "the rules do not call it"
        return
    entry = str(bed.run("sh", "-c", f"tar -xzOf {PACK} {mode.usb} 2>/dev/null")["out"])
    settings = [line for line in entry.splitlines() if line and not line.startswith("#")]
    assert settings in ([], ["Configuration=0"])


def dispatched(bed: Bed, stick: Plugged, what: str, file: tuple[str, str] | None = None) -> str:
    """The dispatcher's log once `what` is in it: as udev starts it, with cdc_mbim, with a file in /etc."""
    if file:
        bed.run("sh", "-c", 'printf %s "$2" > "$1"', "sh", *file)
    bed.run("sh", "-c", 'mkdir -p "$UMOCKDEV_DIR/sys/bus/usb/drivers/cdc_mbim"', preload=True)
    bed.run("sed", "-i", "s/^EnableLogging=.*/EnableLogging=1/", "/etc/usb_modeswitch.conf")
    command = ["usb_modeswitch_dispatcher", "--switch-mode", stick.device.rpartition("/")[2]]
    bed.ask("start", name="dispatcher", command=command, preload=True)
    bed.until(lambda: what in log_of(bed) or None, what)
    return log_of(bed)


def log_of(bed: Bed) -> str:
    return str(bed.run("sh", "-c", "cat /var/log/usb_modeswitch_*")["out"])


@pytest.mark.parametrize(("name", "mode"), CHOSEN.items(), ids=CHOSEN)
def test_a_configuration_with_mbim_is_chosen_and_no_message_sent(
    tmp_path: Path, name: str, mode: Mode
) -> None:
    """umockdev changes none; on the emulated board 12d1:157d arrives there (tests/board/test_sticks.py)."""
    mbim = mbim_of(mode)
    assert mbim is not None
    with Bed(tmp_path) as bed:
        bed.plug(stick := plugged(mode), only=[])
        said = dispatched(bed, stick, "(end of usb_modeswitch output)")
    assert f"Change configuration to {mbim.configuration} ..." in said, said
    assert "Trying to send message" not in said


@pytest.mark.parametrize("usb", ["12d1:15c1", "12d1:1573"])
def test_a_file_keeps_the_configuration_that_linux_chose(tmp_path: Path, usb: str) -> None:
    """As docs/sticks.md offers it."""
    with Bed(tmp_path) as bed:
        bed.plug(stick := plugged(BY_ID[usb]), only=[])
        file = f"/etc/usb_modeswitch.d/{usb}", STAY
        said = dispatched(bed, stick, "Config file contains dummy method, do nothing. Exit", file)
    assert "Use config file from override folder /etc/usb_modeswitch.d" in said
    assert "MBIM" not in said


@pytest.mark.parametrize("way", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize("last", ["", "1"], ids=["exactly", "one-bit-more"])
def test_the_command_of_a_choice_sends_exactly_the_message(tmp_path: Path, way: Choice, last: str) -> None:
    assert f"\n    {way.command}\n" in PAGE.read_text()
    assert way.message is not None
    message = way.message[:-1] + last if last else way.message
    with Bed(tmp_path) as bed:
        bed.plug(stick := plugged(BY_ID[way.usb]), only=[])
        bed.ask("ioctls", node=f"/dev/bus/usb/001/{stick.number:03}", tree=ioctls(message))
        said = str(bed.run("sh", "-c", f"{way.command} 2>&1", preload=True)["out"])
    assert "Trying to send message 1 to endpoint 0x01 ..." in said
    assert ("error" in said[said.index("Trying to send") :].lower()) == bool(last), said


@pytest.mark.parametrize("way", MESSAGES.values(), ids=MESSAGES)
def test_the_installed_file_of_a_choice_makes_udevs_script_send_it(tmp_path: Path, way: Choice) -> None:
    """Instead of upstream's message for the id, and the stick that comes back is the one it waits for."""
    assert way.message is not None
    ((target, _names),) = way.targets
    installed = tmp_path / "root"
    make = [
        "make",
        "-s",
        "install-modeswitch",
        f"DESTDIR={installed}",
        f"MODES={way.name if way.mode else ''}",
    ]
    subprocess.run(make, cwd=HELPER, check=True)
    file = (installed / way.path.lstrip("/")).read_text()
    with Bed(make_folder(tmp_path / "bed")) as bed:
        bed.plug(stick := plugged(BY_ID[way.usb]), only=[])
        bed.ask("ioctls", node=f"/dev/bus/usb/001/{stick.number:03}", tree=ioctls(way.message))
        said = dispatched(bed, stick, "Trying to send message 1", (way.path, file))
        assert "Sending the message returned error" not in said
        come_back(bed, stick, target)
        said = log_of(bed)
    assert f"Mode switching was successful, found {way.usb[:4]}:{target}" in said, said


def test_the_e3372hs_other_message_is_usb_modeswitchs_own(tmp_path: Path) -> None:
    """HuaweiAltMode, as -X and HuaweiAltModeGlobal send it."""
    way = MESSAGES["12d1:1f01=modem-e3372h"]
    assert way.message is not None
    with Bed(tmp_path) as bed:
        bed.plug(stick := plugged(BY_ID[way.usb]), only=[])
        bed.ask("ioctls", node=f"/dev/bus/usb/001/{stick.number:03}", tree=ioctls(way.message))
        command = f"usb_modeswitch -v 12d1 -p 1f01 -b 1 -g {stick.number} -X 2>&1"
        said = str(bed.run("sh", "-c", command, preload=True)["out"])
    assert "error" not in said[said.index("Trying to send") :].lower(), said


@pytest.mark.parametrize("way", [way for way in MESSAGES.values() if not way.mode], ids=str)
def test_a_file_that_is_always_installed_goes_when_upstream_has_the_entry(bed: Bed, way: Choice) -> None:
    assert bed.run("sh", "-c", f"tar -tzf {PACK} | grep -Fx {way.usb}")["out"] == ""


def test_a_choice_that_is_not_there_stops_the_installation(tmp_path: Path) -> None:
    make = ["make", "-s", "install-modeswitch", f"DESTDIR={tmp_path}", "MODES=12d1:1f01=bridge"]
    done = subprocess.run(make, cwd=HELPER, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no 12d1:1f01=bridge; there is: 12d1:1573=ports" in done.stderr
    assert not list(tmp_path.glob("etc/usb_modeswitch.d/12d1:1f01"))


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path


def come_back(bed: Bed, stick: Plugged, product: str) -> None:
    """The stick is a modem from now on; waits for the dispatcher's end."""
    bed.ask("attribute", path=stick.device, name="idProduct", value=f"{product}\n")
    bed.ask("attribute", path=stick.paths[1], name="bInterfaceClass", value="ff\n")
    bed.until(lambda: bed.status("dispatcher") is not None, "the dispatcher's end")


def sends(bed: Bed, stick: Plugged, usb: str, message: str) -> str:
    """What usb_modeswitch says with upstream's entry on a stick that takes only `message`."""
    vendor, product = usb.split(":")
    bed.ask("ioctls", node=f"/dev/bus/usb/001/{stick.number:03}", tree=ioctls(message))
    switch = f"usb_modeswitch -W -v {vendor} -p {product} -b 1 -g {stick.number} -c /run/entry"
    command = f"tar -xzOf {PACK} {usb} > /run/entry && exec {switch} 2>&1"
    return str(bed.run("sh", "-c", command, preload=True)["out"])


@pytest.mark.parametrize(("mode", "switch"), SWITCHED.values(), ids=SWITCHED)
def test_upstreams_entry_sends_exactly_the_message(
    bed: Bed, sticks: dict[str, Plugged], mode: Mode, switch: Switch
) -> None:
    name = next(name for name, other in KNOWN.items() if other is mode)
    said = sends(bed, sticks[name], mode.usb, switch.message)
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
        assert run.partition(":")[0].endswith("/1-1")
        dispatched(bed, stick, "Trying to send message 1")
        come_back(bed, stick, "1506")
        said = log_of(bed)
    assert "Mode switching was successful, found 12d1:1506" in said, said


def test_every_drive_of_upstream_is_known_as_one(bed: Bed) -> None:
    """What usb_modeswitch would switch is told as a drive that was not switched."""
    command = f"cd /run && tar -xzf {PACK} && grep -l HuaweiNewMode=1 12d1:*"
    drives = bed.run("sh", "-c", command)["out"].split()
    assert len(drives) > 50
    # These two are until their other configuration is chosen.
    assert {usb for usb in drives if DATABASE.mode_name(usb) != "storage"} == {"12d1:157d", "12d1:1f1e"}
