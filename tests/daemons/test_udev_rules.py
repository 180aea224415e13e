# SPDX-License-Identifier: MIT
"""The rendered rules in the real udev (`udevadm test`), on sticks that umockdev makes of the database.

Runs in a mount namespace of its own: neither /run nor /dev of this machine is written to.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from huawei_modem.database import Mode, load
from modem_image import HELPER

RULES = HELPER / "udev" / "70-huawei-modem.rules"
BUS = "/devices/platform/soc/30b20000.usb/ci_hdrc.1/usb1"
PORTS = {"modem": "modem", "diag": "diag", "pcui": "pcui"}
NEEDED = {
    "umockdev-run": "umockdev",
    "udevadm": "udev",
    "unshare": "util-linux",
}

# udevadm test makes real links in /dev: it gets one of its own, with the bare nodes.
SCRIPT = """
set -e
rules=$1 name=$2; shift 2
mount -t tmpfs tmpfs /run
mkdir -p /run/udev/rules.d /run/dev/pts
cp "$rules" "/run/udev/rules.d/$name"
cp -a /dev/null /dev/zero /dev/urandom /dev/ptmx /run/dev/
mount --bind /dev/pts /run/dev/pts
mount --rbind /run/dev /dev
exec "$@"
"""

missing = sorted(package for tool, package in NEEDED.items() if not shutil.which(tool))
pytestmark = [
    pytest.mark.skipif(bool(missing), reason=f"needs the Debian packages: {' '.join(missing)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a mount namespace"),
]

MODEM_MODES = [
    pytest.param(mode, id=f"{stick.id}-{mode.name}")
    for stick in load().sticks
    for mode in stick.modes
    if mode.name == "modem"
]


def umockdev_stick(mode: Mode, strings: str = "HUAWEI Mobile", drivers: bool = True) -> str:
    """The stick as the kernel shows it, in umockdev's format, with nothing that udev would add."""
    vendor, product = mode.usb.split(":")
    blocks = [
        f"P: {BUS.rsplit('/', 2)[0]}\nE: SUBSYSTEM=platform\nE: DRIVER=imx_usb\n",
        f"P: {BUS}\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: PRODUCT=1d6b/2/601\nA: idVendor=1d6b\n",
        f"P: {BUS}/1-1\nN: bus/usb/001/003\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
        f"E: MAJOR=189\nE: MINOR=2\nE: DEVNAME=/dev/bus/usb/001/003\nE: DRIVER=usb\n"
        f"E: PRODUCT={vendor}/{product}/102\nA: idVendor={vendor}\nA: idProduct={product}\n"
        f"A: manufacturer={strings}\nA: product={strings}\nA: serial={strings}\n"
        f"A: bcdDevice=0102\nA: bDeviceClass=00\nA: busnum=1\nA: devnum=3\n",
    ]
    for item in mode.interfaces:
        path = f"{BUS}/1-1/1-1:1.{item.number}"
        driver = "option" if item.function in PORTS else "huawei_cdc_ncm"
        bound = drivers or item.function in PORTS
        blocks.append(
            f"P: {path}\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\nE: PRODUCT={vendor}/{product}/102\n"
            f"A: bInterfaceNumber={item.number:02x}\nA: bInterfaceClass={item.usb_class}\n"
            f"A: bInterfaceSubClass={item.subclass}\nA: bInterfaceProtocol={item.protocol}\n"
            + (
                f"E: DRIVER={driver}\nL: driver=../../../../../../../../bus/usb/drivers/{driver}\n"
                if bound
                else ""
            )
        )
        if item.function in PORTS:
            tty = f"ttyUSB{item.number}"
            blocks.append(
                f"P: {path}/{tty}\nE: SUBSYSTEM=usb-serial\nE: DRIVER=option1\nA: port_number=0\n\n"
                f"P: {path}/{tty}/tty/{tty}\nN: {tty}\nE: DEVNAME=/dev/{tty}\nE: SUBSYSTEM=tty\n"
                f"E: MAJOR=188\nE: MINOR={item.number}\nA: dev=188:{item.number}\n"
            )
    return "\n".join(blocks)


def properties(
    folder: Path, mock: str, path: str, rules: str = RULES.name, source: Path = RULES
) -> dict[str, str]:
    """What udev makes of one device: its properties, by name, with our rules installed as `rules`."""
    (folder / "stick.umockdev").write_text(mock, encoding="utf-8")
    command = ["umockdev-run", "--device", "stick.umockdev", "--", "udevadm", "test", "--action=add"]
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", source, rules, *command, f"/sys{path}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    found = dict(re.findall(r"^([A-Z_.]+)=(.*)$", result.stdout, re.MULTILINE))
    assert found.get("SUBSYSTEM"), f"udev did not know the device:\n{result.stdout}\n{result.stderr}"
    return found


def port_path(mode: Mode, function: str) -> str:
    number = next(item.number for item in mode.interfaces if item.function == function)
    return f"{BUS}/1-1/1-1:1.{number}/ttyUSB{number}/tty/ttyUSB{number}"


@pytest.mark.parametrize("mode", MODEM_MODES)
@pytest.mark.parametrize("function", PORTS)
def test_each_port_gets_its_label_and_names(tmp_path: Path, mode: Mode, function: str) -> None:
    found = properties(tmp_path, umockdev_stick(mode), port_path(mode, function))
    assert found.get("OFONO_LABEL") == PORTS[function]
    assert f"/dev/modem-{function}" in found["DEVLINKS"].split()
    assert any(re.fullmatch(rf"/dev/huawei-modem/.+-{function}", link) for link in found["DEVLINKS"].split())
    started = "huawei-modem-connect.service" in found.get("SYSTEMD_WANTS", "").split()
    assert started == (function == "pcui")


@pytest.mark.parametrize("mode", MODEM_MODES)
def test_an_unbound_interface_outside_the_drivers_table_is_given_to_the_helper(
    tmp_path: Path, mode: Mode
) -> None:
    ncm = next(item for item in mode.interfaces if item.function == "ncm")
    path = f"{BUS}/1-1/1-1:1.{ncm.number}"
    wants = properties(tmp_path, umockdev_stick(mode, drivers=False), path).get("SYSTEMD_WANTS", "")
    gap = load().family.gap_of(ncm.usb_class, ncm.subclass, ncm.protocol)
    assert wants == ("huawei-modem-bind@.service" if gap else "")


def test_an_interface_with_a_driver_is_left_alone(tmp_path: Path) -> None:
    mode = next(item.values[0] for item in MODEM_MODES if item.values[0].usb == "12d1:1596")
    found = properties(tmp_path, umockdev_stick(mode, drivers=True), f"{BUS}/1-1/1-1:1.3")
    assert "SYSTEMD_WANTS" not in found


def test_a_lower_number_would_find_no_interface(tmp_path: Path) -> None:
    """The reason for the file's number: below 60-serial.rules nothing is labelled."""
    mode = MODEM_MODES[0].values[0]
    found = properties(tmp_path, umockdev_stick(mode), port_path(mode, "pcui"), rules="50-huawei-modem.rules")
    assert "OFONO_LABEL" not in found


def test_strings_of_a_stick_reach_no_name_and_no_unit(tmp_path: Path) -> None:
    mode = MODEM_MODES[0].values[0]
    hostile = "$(reboot);`id`\"'../../x %p"
    found = properties(tmp_path, umockdev_stick(mode, strings=hostile), port_path(mode, "pcui"))
    assert found["SYSTEMD_WANTS"] == "huawei-modem-connect.service"
    own = [link for link in found["DEVLINKS"].split() if "modem" in link and "by-id" not in link]
    assert own
    for link in own:
        assert re.fullmatch(r"/dev/(modem-pcui|huawei-modem/[a-z0-9.:_-]+-pcui)", link)
