# SPDX-License-Identifier: MIT
"""The part of `modem-image flash` that loads Easy Installer over USB: what it says, and the run of uuu."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from modem_image.console import say
from modem_image.easyinstaller import recovery
from modem_image.errors import EXIT_OK, FaultError, MissingError
from modem_image.made import work_folder
from modem_image.system import which

_POLL = 0.5
_NEXT_STAGE = 30  # seconds that U-Boot may take to come back on the bus


def recover(folder: Path, patience: float, dry: bool) -> int:
    """Load Easy Installer from `folder` onto the one module that is in recovery mode.

    Waits `patience` seconds for it. With `dry` nothing is sent: the script is shown and uuu reads it.
    Raises InputError for a folder without an installer, MissingError without uuu, FaultError otherwise.
    """
    installer = recovery.find_installer(folder)
    uuu = which("uuu")
    if dry:
        sys.stdout.write(recovery.render_script(installer))
    if uuu is None:
        raise MissingError("uuu is missing\n  do: sudo apt-get install uuu")
    with work_folder() as work:
        path = recovery.lay_out(installer, work)
        # uuu reads all of a script before it sends anything: a file that it cannot take shows here.
        _run([uuu, "-dry", str(path)], "uuu does not take the script")
        if dry:
            found = ", ".join(recovery.ports()) or "no module"
            say(f"nothing was sent; in recovery mode here: {found}")
            return EXIT_OK
        port = _wait(patience)
        say(f"module at {port}: loading Easy Installer (not tried on a real module by this project)")
        # A U-Boot that is there already needs the second half alone; uuu takes up where the device is.
        options = ["-m", port, "-t", str(_NEXT_STAGE), "-T", str(_NEXT_STAGE)]
        _run([uuu, *options, str(path)], "uuu could not load Easy Installer")
    say("Easy Installer starts on the module: choose an image on its screen, or over VNC")
    return EXIT_OK


def _wait(patience: float) -> str:
    """The port of the one module in recovery mode."""
    end = time.monotonic() + patience
    told = False
    while True:
        found = list(recovery.ports())
        if len(found) > 1:
            raise FaultError(
                f"{len(found)} modules are in recovery mode ({', '.join(found)}); leave one connected"
            )
        if found:
            return found[0]
        if not told:
            say("no module in recovery mode yet:")
            for number, step in enumerate(recovery.PRESS, 1):
                say(f"  {number}. {step}")
            told = True
        if time.monotonic() >= end:
            vendor, product = recovery.BOOT_ROM
            raise FaultError(
                f"no module came up in recovery mode within {patience:.0f} s: lsusb does not show "
                f"{vendor}:{product}. Try another cable, and the recovery pads again"
            )
        time.sleep(_POLL)


def _run(command: list[str], complaint: str) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    # It ends with 0 for a script that it cannot read, too.
    if done.returncode or "Error:" in done.stdout:
        tail = [line for line in done.stdout.replace("\x1b", "").splitlines() if line.strip()][-4:]
        raise FaultError("\n    ".join([f"{complaint}:", *tail]))
