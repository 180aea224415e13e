# SPDX-License-Identifier: MIT
"""Devices of a stick that come when oFono looked already: the layer's patches, and what happens without."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed, activate, attach
from daemons.bed.describe import Plugged, plugged
from daemons.patched import (
    ADDRESS,
    NETWORK,
    NETWORK_DIAL,
    Stick,
    come,
    patched,
    plug_mbim_after_its_port,
    without_device,
    without_network,
)
from modem_image.sticks.reach import mbim_of
from unit.helper.trees import mode_of

pytestmark = MARKS
__all__ = ["patched"]

UNBRANDED, PORTS_ALONE, MBIM, ROUTER = "12d1:1506", "12d1:140c", "12d1:157d", "12d1:14dc"
OFONO_LOOKS_S = 2.5
"""oFono sets a modem up one second after its last device came."""
GIVEN_UP = "The network device has no driver"
"""What oFono says when it has waited for one in vain, for ten seconds."""


def dial(bed: Bed, modem: str) -> str:
    """The network device of the context, once it is active."""
    return str(activate(bed, modem)["Settings"]["Interface"])


def test_a_network_device_that_comes_late_is_used(tmp_path: Path, patched: Path) -> None:
    """On a kernel whose driver lacks the stick, `huawei-modem bind` adds its id at run time."""
    with Bed(tmp_path) as bed:
        Stick(UNBRANDED, without_network, [ADDRESS]).plug(bed)
        bed.start_ofono(patched)
        (path,) = bed.until(bed.modems, "a modem")
        come(bed, plugged(mode_of(UNBRANDED)), NETWORK)
        bed.until(lambda: "check_modem_list" in bed.log("ofonod"), "oFono to look at it")
        assert dial(bed, path) == NETWORK


def test_a_network_device_that_comes_after_dialling_is_waited_for(tmp_path: Path, patched: Path) -> None:
    with Bed(tmp_path) as bed:
        Stick(UNBRANDED, without_network, [ADDRESS]).plug(bed)
        bed.start_ofono(patched)
        (path,) = bed.until(bed.modems, "a modem")
        context = attach(bed, path)
        bed.ofono(context, "ConnectionContext.SetProperty", "sv", "AccessPointName", "internet")
        bed.ask(
            "send",
            bus_name="org.ofono",
            path=context,
            method="org.ofono.ConnectionContext.SetProperty",
            signature="sv",
            arguments=["Active", True],
        )
        time.sleep(OFONO_LOOKS_S)
        come(bed, plugged(mode_of(UNBRANDED)), NETWORK)

        def active() -> dict[str, object]:
            found = bed.ofono(context, "ConnectionContext.GetProperties")
            return dict(found["Settings"]) if found["Active"] else {}

        assert bed.until(active, "the context")["Interface"] == NETWORK
        assert [command for command in bed.commands() if command.startswith("ATD")] == []


def test_without_its_driver_ppp_follows_and_only_the_first_time_late(tmp_path: Path, patched: Path) -> None:
    with Bed(tmp_path) as bed:
        Stick(bound=without_network).plug(bed)
        bed.start_ofono(patched)
        (path,) = bed.until(bed.modems, "a modem")
        context = attach(bed, path)
        assert dial(bed, path).startswith("ppp")
        assert bed.log("ofonod").count(GIVEN_UP) == 1
        bed.ofono(context, "ConnectionContext.SetProperty", "sv", "Active", False)
        assert dial(bed, path).startswith("ppp")
        assert bed.log("ofonod").count(GIVEN_UP) == 1, "the second time it waits for nothing"
        assert NETWORK_DIAL not in bed.commands()


def test_a_stick_without_such_an_interface_waits_for_none(tmp_path: Path, patched: Path) -> None:
    with Bed(tmp_path) as bed:
        Stick(PORTS_ALONE).plug(bed)
        bed.start_ofono(patched)
        (path,) = bed.until(bed.modems, "a modem")
        attach(bed, path)
        assert dial(bed, path).startswith("ppp")
        assert GIVEN_UP not in bed.log("ofonod")


def mbim() -> tuple[Plugged, str]:
    """A stick in its configuration with MBIM, and the name of its network device."""
    found = mbim_of(mode_of(MBIM))
    assert found is not None
    stick = plugged(found)
    (network,) = stick.networks.values()
    return stick, network


def assert_a_late_device_makes_a_modem(
    folder: Path, ofonod: Path, stick: Plugged, device: str, driver: str
) -> None:
    with Bed(folder) as bed:
        bed.plug(without_device(stick, device))
        bed.start_ofono(ofonod)
        time.sleep(OFONO_LOOKS_S)
        assert bed.modems() == {}
        come(bed, stick, device, driver)
        bed.until(bed.modems, "the modem")


def test_devices_that_come_far_apart_make_a_modem(tmp_path: Path, patched: Path) -> None:
    """Unpatched, what is not complete after a second is forgotten: test_ofono.py."""
    stick, network = mbim()
    assert_a_late_device_makes_a_modem(tmp_path, patched, stick, network, "cdc_mbim")


@pytest.mark.parametrize("late", ["ttyUSB0", "ttyUSB2"])
def test_ports_that_come_far_apart_make_a_modem(tmp_path: Path, patched: Path, late: str) -> None:
    assert_a_late_device_makes_a_modem(tmp_path, patched, plugged(mode_of(UNBRANDED)), late, "option")


def test_mbim_beside_a_port_makes_a_modem_whichever_comes_first(tmp_path: Path, patched: Path) -> None:
    """Unpatched it has to be announced without the port: test_ofono.py."""
    with Bed(tmp_path) as bed:
        plug_mbim_after_its_port(bed, patched)
        assert bed.until(bed.modems, "the modem")
        assert "create_modem() driver=mbim" in bed.log("ofonod")


def plug_and_pull_a_router(bed: Bed) -> None:
    """A HiLink stick whose interface ConnMan has up before udev renames it.

    udev's event has the new name and the kernel keeps the old one, which its removal has: systemd 252 on the
    emulated board, "Network interface 'eth0' is already up, cannot rename to 'enx00005e005301'".
    """
    router = plugged(mode_of(ROUTER))
    (kernels,) = router.networks.values()
    announced_as = "enx00005e005301"
    bed.plug(without_device(router, kernels))
    named = router.text.replace(f"/net/{kernels}\n", f"/net/{announced_as}\n")
    named = named.replace(f"INTERFACE={kernels}\n", f"INTERFACE={announced_as}\n")
    paths = tuple(path.replace(f"/net/{kernels}", f"/net/{announced_as}") for path in router.paths)
    come(bed, replace(router, text=named, paths=paths), announced_as, "cdc_ether")
    bed.until(lambda: f"/net/{announced_as}" in bed.log("ofonod"), "oFono to see the interface")
    time.sleep(OFONO_LOOKS_S)
    assert bed.modems() == {}
    for path in reversed(router.paths):
        if path != router.path_of(kernels):
            bed.ask("uevent", path=path, action="remove")
    bed.until(lambda: f"remove_device() /sys{router.device}\n" in bed.log("ofonod"), "the removal")
    bed.ask("unplug", path=router.device)


def test_a_stick_at_the_port_of_a_router_gets_none_of_its_devices(tmp_path: Path, patched: Path) -> None:
    stick, network = mbim()
    with Bed(tmp_path) as bed:
        bed.start_ofono(patched)
        plug_and_pull_a_router(bed)
        (control,) = stick.controls.values()
        bed.plug(without_device(without_device(stick, control), network))
        come(bed, stick, control, "cdc_mbim")
        come(bed, stick, network, "cdc_mbim")
        bed.until(bed.modems, "the modem")
        assert f"ctl=/dev/{control} net={network} " in bed.log("ofonod")
