# SPDX-License-Identifier: MIT
"""`modem-image flash --recovery`: the script, judged by the real uuu; the device, in a /sys made here.

That a module takes it cannot be shown without one.
"""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

from modem_image.cli import main
from modem_image.easyinstaller import recovery
from patience import PATIENCE

FILES = ("u-boot.imx-recoverytezi", "boot.scr", "tezi.itb")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Easy Installer"
    path.mkdir()
    for name in FILES:
        (path / name).write_bytes(b"x" * 4096)
    return path


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "devices"
    path.mkdir()
    (path / "1-1:1.0").mkdir()
    plug(path, "usb1", "1d6b", "0002")
    plug(path, "1-1", "12d1", "1506")
    monkeypatch.setattr(recovery, "ports", functools.partial(recovery.ports, path))
    return path


def plug(bus: Path, name: str, vendor: str, product: str) -> None:
    (bus / name).mkdir()
    (bus / name / "idVendor").write_text(f"{vendor}\n")
    (bus / name / "idProduct").write_text(f"{product}\n")


def test_the_script_is_one_that_uuu_takes(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    script = recovery.lay_out(recovery.find_installer(folder), tmp_path / "work")
    said = subprocess.run(
        ["uuu", "-dry", script], capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout
    assert "Error" not in said
    for command in ("SDP: boot", "CFG: FB: -vid 0x1b67 -pid 0x4000", "FB: acmd source", "FB: done"):
        assert command in said
    script.write_text(script.read_text().replace("FB: done", "FB: dnoe"))
    said = subprocess.run(
        ["uuu", "-dry", script], capture_output=True, text=True, check=False, timeout=PATIENCE
    ).stdout
    assert "Unknown Command" in said


def test_uuu_knows_the_boot_rom_of_the_imx7_by_the_same_id() -> None:
    known = subprocess.run(["uuu", "-dry", "SDP: boot"], capture_output=True, text=True, check=False).stdout
    vendor, product = recovery.BOOT_ROM
    rows = [line.split() for line in known.splitlines() if "MX7D" in line]
    assert rows == [["SDP:", "MX7D", f"0x{vendor}", f"0x{product}"]]


def test_a_dry_run_shows_the_script_and_sends_nothing(
    folder: Path, bus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plug(bus, "1-1.2", *recovery.BOOT_ROM)
    assert main(["flash", "--recovery", str(folder), "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "SDP: boot -f u-boot.imx-recoverytezi" in shown.out
    assert "nothing was sent; in recovery mode here: 1:12" in shown.err


@pytest.mark.parametrize("name", FILES)
def test_a_folder_without_the_installer_is_named(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).unlink()
    assert main(["flash", "--recovery", str(folder)]) == 2
    assert f"has no {name}" in capsys.readouterr().err


def test_without_a_module_it_says_what_to_press(
    folder: Path, bus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flash", "--recovery", str(folder), "--wait", "0"]) == 1
    said = capsys.readouterr().err
    assert "recovery pads" in said
    assert "15a2:0076" in said


def test_two_modules_are_one_too_many(folder: Path, bus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plug(bus, "1-1.2", *recovery.BOOT_ROM)
    plug(bus, "1-1.3", *recovery.U_BOOT)
    assert main(["flash", "--recovery", str(folder)]) == 1
    assert "(1:12, 1:13); leave one connected" in capsys.readouterr().err


def test_uuu_gets_the_port_and_its_failure_is_told(
    folder: Path,
    bus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A uuu of shell writes down what it was asked, and fails as one without a device does."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "uuu").write_text(
        f'#!/bin/sh\necho "$@" >> {tools}/asked\n[ "$1" = -dry ] || echo "Error: Timeout"\n'
    )
    (tools / "uuu").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    plug(bus, "2-1.4", *recovery.BOOT_ROM)
    assert main(["flash", "--recovery", str(folder)]) == 1
    assert "uuu could not load Easy Installer:\n    Error: Timeout" in capsys.readouterr().err
    assert "-m 2:14 -t 30 -T 30" in (tools / "asked").read_text()


def test_without_uuu_its_package_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("modem_image.easyinstaller.recover.which", lambda _name: None)
    assert main(["flash", "--recovery", str(folder)]) == 3
    assert "apt-get install uuu" in capsys.readouterr().err
