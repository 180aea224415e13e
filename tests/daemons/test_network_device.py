# SPDX-License-Identifier: MIT
"""The layer's patches for oFono: no crash, known ports, and data over the stick's network device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from daemons.bed.client import MARKS, Bed, DBusError, activate
from daemons.bed.describe import plugged, unknown
from daemons.patched import (
    ADDRESS,
    NETWORK,
    NETWORK_DIAL,
    PPP_DIAL,
    Stick,
    address,
    patched,
    pings,
    trixie_ofono,
    without_network,
)
from huawei_modem.database import Mode
from unit.helper.trees import mode_of

pytestmark = MARKS
__all__ = ["patched"]

VODAFONE, UNBRANDED = "12d1:1596", "12d1:1506"
CONTEXT = "/huawei_0/context1"


@contextmanager
def modem(folder: Path, ofonod: Path, stick: Stick, **bed_of: Any) -> Iterator[tuple[Bed, str]]:
    """A bed with the stick, the daemon, and the modem that it lists."""
    with Bed(folder, **bed_of) as bed:
        stick.plug(bed)
        bed.start_ofono(ofonod)
        (path,) = bed.until(bed.modems, "a modem")
        yield bed, path


def active(bed: Bed) -> bool:
    return bool(bed.ofono(CONTEXT, "ConnectionContext.GetProperties")["Active"])


def test_ofono_2_16_of_debian_crashes_on_two_labels_without_a_network_device(tmp_path: Path) -> None:
    """As 2.2 to 2.19 do: setup_huawei() takes the name of what is not there."""
    with Bed(tmp_path) as bed:
        bed.plug(plugged(mode_of(VODAFONE), bound=without_network))
        bed.start_bus()
        bed.ask("start", name="ofonod", command=[*trixie_ofono(), "-d", "-n"], preload=True)
        status = bed.until(lambda: bed.status("ofonod"), "the crash")
        assert status == -11, bed.log("ofonod")


def test_the_patched_one_survives_that(tmp_path: Path, patched: Path) -> None:
    """That it lists such a stick. Unpatched 1.31, which CI builds, would too: the fault came with 2.2.

    What patch 0001 mends is seen where this runs on later releases, and in two builds of 2.16 that differ in
    the patches alone: test_releases.py, by hand.
    """
    with modem(tmp_path, patched, Stick(bound=without_network)) as (bed, path):
        assert path == "/huawei_0"
        assert bed.status("ofonod") is None


@pytest.mark.parametrize("usb", [VODAFONE, UNBRANDED])
def test_it_knows_the_ports_without_any_label(tmp_path: Path, patched: Path, usb: str) -> None:
    with modem(tmp_path, patched, Stick(usb, without_network), rules={}) as (_bed, path):
        assert path == "/huawei_0"


@pytest.mark.parametrize(
    "mode",
    [unknown("12d1", offset, pcui) for offset, pcui in ((0x30, 0x12), (0x60, 0x02), (0x60, 0x12))],
    ids=lambda mode: "-".join(item.protocol for item in mode.interfaces),
)
def test_a_stick_that_nobody_knows_is_dialled_by_its_numbers(
    tmp_path: Path, patched: Path, mode: Mode
) -> None:
    """No label, no product id that anybody lists: modem, diag, PCUI and NCM by bInterfaceProtocol alone."""
    with modem(tmp_path, patched, Stick(mode, replies=[ADDRESS]), rules={}) as (bed, path):
        settings = activate(bed, path)["Settings"]
        assert settings["Interface"] == NETWORK
        address(bed, settings)
        assert pings(bed)
        ports = "mdm=/dev/ttyUSB0 pcui=/dev/ttyUSB2 diag=/dev/ttyUSB1"
        assert ports in bed.log("ofonod")
        commands = bed.commands()
        assert NETWORK_DIAL in commands
        assert PPP_DIAL not in commands


def test_data_goes_over_the_network_device_at_the_address_that_the_stick_tells(
    tmp_path: Path, patched: Path
) -> None:
    with modem(tmp_path, patched, Stick(replies=[ADDRESS])) as (bed, path):
        settings = activate(bed, path)["Settings"]
        assert settings == {
            "Interface": NETWORK,
            "Method": "static",
            "Address": "10.64.0.2",
            "Netmask": "255.255.255.0",
            "Gateway": "10.64.0.1",
            "DomainNameServers": ["10.64.0.1", "10.64.0.3"],
        }
        address(bed, settings)
        assert pings(bed)
        bed.ofono(CONTEXT, "ConnectionContext.SetProperty", "sv", "Active", False)
        assert not active(bed)
        dialled = [command for command in bed.commands() if command.startswith(("AT^NDISDUP=", "ATD"))]
        assert dialled == [NETWORK_DIAL, "AT^NDISDUP=1,0"]


def test_context_0_is_left_to_the_attach(tmp_path: Path, patched: Path) -> None:
    """The range of an HP lt4132 (ME906s-158): 0 is the context of the attach to LTE, and no call."""
    numbers = (r"\+CGDCONT=\?", ('+CGDCONT: (0-11),"IP",,,(0-2),(0-3),(0,1),(0,1),(0-2),(0,1)',), "OK")
    with modem(tmp_path, patched, Stick(replies=[ADDRESS, numbers])) as (bed, path):
        activate(bed, path)
        assert NETWORK_DIAL in bed.commands()
        assert not [command for command in bed.commands() if command.startswith("AT+CGDCONT=0")]


def test_an_address_that_the_stick_does_not_tell_is_left_to_dhcp(tmp_path: Path, patched: Path) -> None:
    with modem(tmp_path, patched, Stick()) as (bed, path):
        assert activate(bed, path)["Settings"] == {"Interface": NETWORK, "Method": "dhcp"}


@pytest.mark.parametrize("final", ["ERROR", "+CME ERROR: 4", "COMMAND NOT SUPPORT"])
def test_ppp_follows_when_the_stick_refuses(tmp_path: Path, patched: Path, final: str) -> None:
    stick = Stick(replies=[(r"\^NDISDUP=.*", (), final)])
    with modem(tmp_path, patched, stick) as (bed, path):
        settings = activate(bed, path)["Settings"]
        assert settings["Interface"].startswith("ppp")
        address(bed, settings)
        assert pings(bed)
        commands = bed.commands()
        assert commands.index(NETWORK_DIAL) < commands.index(PPP_DIAL)
        bed.ofono(CONTEXT, "ConnectionContext.SetProperty", "sv", "Active", False)
        assert not active(bed)


def test_credentials_go_with_the_dial_command(tmp_path: Path, patched: Path) -> None:
    right = (r'\^NDISDUP=1,1,"internet","user","secret",1', (), "OK")
    stick = Stick(replies=[right, (r"\^NDISDUP=.*", (), "ERROR"), ADDRESS])
    account = {"Username": "user", "Password": "secret", "AuthenticationMethod": "pap"}
    with modem(tmp_path, patched, stick) as (bed, path):
        assert activate(bed, path, **account)["Settings"]["Interface"] == NETWORK


def test_a_password_that_no_command_can_hold_goes_by_ppp(tmp_path: Path, patched: Path) -> None:
    account = {"Username": "user", "Password": 'a"b', "AuthenticationMethod": "pap"}
    stick = Stick(settings={"auth": "pap", "username": "user", "password": 'a"b'})
    with modem(tmp_path, patched, stick) as (bed, path):
        assert activate(bed, path, **account)["Settings"]["Interface"].startswith("ppp")
        assert not [command for command in bed.commands() if "NDISDUP" in command]


def test_a_connection_that_the_network_ends_is_inactive(tmp_path: Path, patched: Path) -> None:
    with modem(tmp_path, patched, Stick(replies=[ADDRESS])) as (bed, path):
        activate(bed, path)
        bed.ask("say", number=0, port="pcui", line='^NDISSTAT:0,,,"IPV6"')
        bed.until(lambda: "stat 0 cid 1" in bed.log("ofonod") or "IPV6" in bed.log("ofonod"), "the line")
        assert active(bed), "the other protocol is not what was asked for"
        bed.ask("say", number=0, port="pcui", line='^NDISSTAT:0,,,"IPV4"')
        bed.until(lambda: not active(bed), "the end of the context")


def test_a_connection_that_the_network_refuses_is_no_reason_for_ppp(tmp_path: Path, patched: Path) -> None:
    """The stick took the command: what the network says would hold for PPP as well."""
    refused = (r"\^NDISDUP=1,1.*", (), 'OK\r\n\r\n^NDISSTAT:0,33,,"IPV4"')
    with modem(tmp_path, patched, Stick(replies=[refused])) as (bed, path):
        with pytest.raises(DBusError, match=r"org\.ofono\.Error\.Failed"):
            activate(bed, path)
        assert PPP_DIAL not in bed.commands()
