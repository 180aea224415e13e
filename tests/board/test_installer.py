# SPDX-License-Identifier: MIT
"""The scripts in an image, run on the emulated module as Easy Installer runs them: one boot, no systemd.

The kernel is the image's own, the shell BusyBox's, the flash an emulated eMMC with real file systems.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import time
from pathlib import Path

import pytest

from modem_image.bench.card import MIB, SECTOR, Card, make_card, partition_table
from modem_image.bench.qemu import BoardDiedError, powered_board
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.debian.parts import fetch_kernel
from modem_image.image.build import build_image
from modem_image.image.initramfs import make_initramfs
from modem_image.system import run

pytestmark = pytest.mark.bench
INIT = Path(__file__).with_name("installer-init.sh")
MEDIUM_MIB = 96
MODULES = ("vfat", "nls_cp437", "nls_ascii", "nls_utf8")
PATIENCE = 600.0


def medium(image: Path, folder: Path) -> Path:
    """A FAT file system with the image's folder, as `flash --usb-stick` leaves it on a stick."""
    with tarfile.open(image) as archive:
        archive.extractall(folder / "medium")  # noqa: S202  made by this project; Debian's Python has no filter
    path = folder / "medium.img"
    run(["mkfs.vfat", "-C", path, str(MEDIUM_MIB * 1024)])
    run(["mcopy", "-s", "-i", path, *(folder / "medium").iterdir(), "::"])
    return path


def with_medium(card: Card, added: Path, initramfs: Path, folder: Path) -> Card:
    """The card with a third partition behind its two, and another initramfs."""
    (folder / "boot").mkdir()
    shutil.copyfile(card.kernel, Card(folder).kernel)
    shutil.copyfile(card.device_tree, Card(folder).device_tree)
    initramfs.replace(folder / "boot" / "initramfs.cpio.gz")  # the card has it once it is there
    run(["cp", "--sparse=always", card.image, Card(folder).image])
    with Card(folder).image.open("r+b") as disk:
        disk.seek(446)
        entries = [disk.read(16) for _ in range(2)]
        sizes = [(entry[4], int.from_bytes(entry[12:], "little")) for entry in entries]
        end = (2048 + sum(size for _kind, size in sizes)) * SECTOR
        disk.seek(0)
        disk.write(partition_table([*sizes, (0x0C, MEDIUM_MIB * MIB // SECTOR)]))
        disk.seek(end)
        with added.open("rb") as source:
            shutil.copyfileobj(source, disk, MIB)
        disk.truncate(1 << 30)  # QEMU takes cards of powers of two
    return Card(folder)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What was printed on the board's serial port."""
    folder = tmp_path_factory.mktemp("installer")
    board, cache = load_board(host_mirror()), Cache(cache_root())
    image = build_image(board, cache)
    kernel = fetch_kernel(cache, board.archive, board.kernel.package)
    modules = (*board.kernel.initramfs_modules, *MODULES)
    initramfs = make_initramfs(kernel.root, kernel.release, modules, folder, 0, INIT)
    card = with_medium(make_card(image, board, cache), medium(image, folder), initramfs, folder)
    serial = folder / "serial.log"
    with powered_board(board.qemu, card, folder) as powered:
        end = time.monotonic() + PATIENCE
        while "@ end 0" not in (text := serial.read_text(errors="replace")):
            assert time.monotonic() < end, text[-2000:]
            try:
                powered.check_alive(0.5)
            except BoardDiedError:
                break
    return serial.read_text(errors="replace").replace("\r", "")


def result(said: str, name: str) -> tuple[int, str]:
    """Exit status of a script, and what the installer would show."""
    status = re.search(rf"^@ {name} (\d+)$", said, re.MULTILINE)
    assert status, said[-3000:]
    return int(status[1]), "\n".join(re.findall(rf"^@ {name}: (.*)$", said, re.MULTILINE))


def test_a_good_image_is_accepted(said: str) -> None:
    assert result(said, "good-prepare") == (0, "The image is whole, and it is for this module.")
    assert result(said, "good-wrapup") == (0, "What lies in the flash is what was meant.")


def test_another_module_is_refused(said: str) -> None:
    status, shown = result(said, "other-module")
    assert (status, shown.startswith("Nothing was written. This image is for the modules 0039")) == (1, True)


def test_a_damaged_image_is_refused_before_anything_is_written(said: str) -> None:
    status, shown = result(said, "damaged-prepare")
    assert status == 1
    assert re.fullmatch(
        r"Nothing was written\. \S+\.rootfs\.tar\.xz is damaged\. Copy the image again, .*", shown
    )


def test_a_flash_that_took_something_else_is_noticed(said: str) -> None:
    status, shown = result(said, "damaged-kernel")
    assert (status, "what lies in the flash is not right: zImage is missing or damaged." in shown) == (
        1,
        True,
    )
    assert result(said, "error")[0] == 1
    assert "Easy Installer still runs" in result(said, "error")[1]
