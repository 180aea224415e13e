# SPDX-License-Identifier: MIT
"""Debian's ofonod and connmand for a test, in namespaces of their own (bed.py), and the helper."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huawei_modem.database import Mode, load
from modem_image import HELPER, PROJECT

PYTHON = "/usr/bin/python3"
PACKAGES = ("ofono", "connman", "libxtables12", "libreadline8", "libgnutls30")


BUS = "/devices/platform/soc/30b20000.usb/ci_hdrc.1/usb1"
PORTS = ("modem", "diag", "pcui")


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


def fetch_daemons(folder: Path) -> Path:
    """Extracts the packages: installed, connmand would take over the network of this machine."""
    subprocess.run(
        ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *PACKAGES], cwd=folder, check=True
    )
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, folder / "root"], check=True)
    return folder / "root"


def labelled_stick(usb: str = "12d1:1596") -> str:
    """The stick in umockdev's format, with what udev's rules add to its ports."""
    found = load().mode_of(usb)
    assert found is not None
    vendor, product = usb.split(":")
    text = umockdev_stick(found[1]).replace(
        "A: idVendor=12d1\n", f"E: ID_VENDOR_ID={vendor}\nE: ID_MODEL_ID={product}\nA: idVendor=12d1\n"
    )
    for item in found[1].interfaces:
        name = f"E: DEVNAME=/dev/ttyUSB{item.number}\n"
        text = text.replace(
            name,
            f"{name}E: OFONO_LABEL={item.function}\nE: ID_BUS=usb\n"
            f"E: ID_VENDOR_ID={vendor}\nE: ID_MODEL_ID={product}\n"
            f"E: ID_USB_DRIVER=option\nE: ID_USB_INTERFACE_NUM={item.number:02x}\n",
        )
    return text


class Target:
    """The installed helper, the daemons it talks to, and what the stick saw."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus"}

    def run(self, *arguments: str | Path, root: bool = True) -> subprocess.CompletedProcess[str]:
        command = [
            self.folder / "usr/bin/huawei-modem",
            *(["--root", self.folder] if root else []),
            *arguments,
        ]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def run_at_the_stick(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The helper where the stick's /sys and /dev are, as it is on the target."""
        line = next(line for line in (self.folder / "events").read_text().splitlines() if "ready" in line)
        mocked = {"LD_PRELOAD": "libumockdev-preload.so.0", "UMOCKDEV_DIR": line.split()[1]}
        command = [self.folder / "usr/bin/huawei-modem", *arguments]
        environment = {**self.environment, **mocked}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    def facts(self) -> dict[str, Any]:
        found = json.loads(self.run("status", "--json", "-", root=False).stdout)
        assert isinstance(found, dict)
        return found

    def secret(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(f"{text}\n")
        path.chmod(0o600)
        return path

    def events(self) -> list[dict[str, Any]]:
        """All that the stick saw so far."""
        lines = (self.folder / "events").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def commands(self) -> list[str]:
        return [event["command"] for event in self.events() if event["event"] == "at-command"]

    def in_namespace(self, *command: str) -> str:
        enter = ["nsenter", "--target", str(self.process.pid), "--net", "--mount", *command]
        return subprocess.run(enter, capture_output=True, text=True, check=True).stdout


@contextmanager
def target(folder: Path, daemons: Path, **settings: str) -> Iterator[Target]:
    """A stick with these StickSettings, and everything around it, until the end of the block."""
    places = [f"prefix={folder}/usr", f"sysconfdir={folder}/etc", f"helperdir={folder}/usr/lib/huawei-modem"]
    subprocess.run(["make", "-sC", HELPER, "install-helper", *places, f"PYTHON={PYTHON}"], check=True)
    (folder / "stick.umockdev").write_text(labelled_stick())
    search = f"{PROJECT}/scripts:{HELPER}:{PROJECT}/tests"
    with (folder / "events").open("w") as events, (folder / "bed.log").open("w") as log:
        process = subprocess.Popen(
            ["unshare", "--net", "--mount", PYTHON, Path(__file__).with_name("bed.py"), folder, daemons,
             json.dumps({"start": "modem", **settings})],
            env={**os.environ, "PYTHONPATH": search},
            stdin=subprocess.PIPE, stdout=events, stderr=log, text=True,
        )  # fmt: skip
        try:
            wait_for(lambda: "ready" in (folder / "events").read_text() or process.poll() is not None, 20)
            assert process.poll() is None, (folder / "bed.log").read_text()
            yield Target(folder, process)
        finally:
            process.communicate(timeout=30)


def wait_for(happened: Any, seconds: float) -> None:
    """Polls; the test goes on, and fails by itself, when the time is up."""
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.1)
