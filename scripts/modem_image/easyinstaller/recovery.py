# SPDX-License-Identifier: MIT
"""Bring Easy Installer up on a module over USB, with NXP's uuu.

Ids and order are those of Toradex's own recovery package for the Colibri iMX7 (meta-toradex-tezi,
tezi-run-metadata); uuu's language is in its `uuu -H`. Not tried on a module: without one, only the real uuu's
dry run can judge the script.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import jinja2

from modem_image.errors import InputError

SYSFS = Path("/sys/bus/usb/devices")
BOOT_ROM = ("15a2", "0076")  # i.MX7 in its serial downloader, as `uuu -lsusb` knows it
U_BOOT = ("1b67", "4000")  # Toradex's U-Boot, in fastboot
_BUFFER, _SCRIPT = "0x81100000", "0x81000000"  # where fastboot puts files; where the script goes
PRESS = (
    "connect the carrier board's USB client port (OTG) to this machine",
    "switch the power off; join the module's two recovery pads, or hold the carrier board's recovery button",
    "switch the power on, wait two seconds, let go; the screen stays dark",
)


@dataclasses.dataclass(frozen=True)
class Installer:
    """The files of an unpacked Toradex Easy Installer for the Colibri iMX7."""

    u_boot: Path
    boot_script: Path
    image: Path


def find_installer(folder: Path) -> Installer:
    """The files in `folder`. Raises InputError that names what is not there."""
    found = Installer(folder / "u-boot.imx-recoverytezi", folder / "boot.scr", folder / "tezi.itb")
    absent = [path.name for path in dataclasses.astuple(found) if not path.is_file()]
    if absent:
        raise InputError(
            f"{folder}: has no {', '.join(absent)}. Give the folder that Toradex's archive "
            "Colibri-iMX7_ToradexEasyInstaller_VERSION.zip unpacks to"
        )
    return found


def lay_out(installer: Installer, work: Path) -> Path:
    """The script for uuu in the folder `work`, with the files beside it: uuu looks for them there."""
    for path in (installer.u_boot, installer.boot_script, installer.image):
        (work / path.name).symlink_to(path.resolve())
    script = work / "recovery.uuu"
    script.write_text(render_script(installer))
    return script


def render_script(installer: Installer) -> str:
    """The script for uuu, the files by their names."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  no HTML, and the names are our own
        keep_trailing_newline=True,
    )
    return environment.get_template("recovery.uuu.j2").render(
        u_boot=installer.u_boot.name,
        boot_script=installer.boot_script.name,
        installer=installer.image.name,
        fastboot={"vendor": f"0x{U_BOOT[0]}", "product": f"0x{U_BOOT[1]}"},
        buffer=_BUFFER,
        script=_SCRIPT,
    )


def ports(sysfs: Path = SYSFS) -> Iterator[str]:
    """Where on USB modules wait for recovery, or are in the middle of it: 1:12, as uuu's -m takes it."""
    for device in sorted(sysfs.glob("*-*")):
        # An interface has no ids of its own, and a device may go at any moment.
        with contextlib.suppress(OSError):
            ids = tuple((device / name).read_text().strip() for name in ("idVendor", "idProduct"))
            if ids in (BOOT_ROM, U_BOOT):
                bus, _, place = device.name.partition("-")
                yield f"{bus}:{place.replace('.', '')}"
