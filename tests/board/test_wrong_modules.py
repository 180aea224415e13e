# SPDX-License-Identifier: MIT
"""An image whose modules are another kernel's, on the emulated board: the unit says so, Ethernet still works.

On demand: a boot of its own, for what unit tests and the image check look at in part.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.bench import qemu
from modem_image.bench.card import MIB, Card, make_card
from modem_image.bench.guest import Guest
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.debian.parts import fetch_kernel
from modem_image.image.initramfs import make_initramfs
from modem_image.system import run

from .conftest import LAUNCHER

pytestmark = [pytest.mark.bench, pytest.mark.on_demand]
# What a kernel of Toradex has built in, and Debian's as modules, which the image has no more.
ETHERNET = ("fec", "smsc")
# QEMU's board has no RN5T567, whose regulator the PHY waits for.
SUPPLY = ("/soc/bus@30800000/ethernet@30be0000", "phy-supply")
PATIENCE = 600.0
STATE = "ip address; connmanctl technologies; connmanctl services; dmesg | grep -E 'fec|eth0' | tail"
_ROOT_AT = (1 + 64) * MIB  # where the root file system begins on the card


@dataclass(frozen=True)
class Seen:
    """What the board printed on its console, and what it answered."""

    console: str
    unit: str
    journal: str
    services: str
    address: str


@pytest.fixture(scope="module")
def image() -> Path:
    done = subprocess.run([LAUNCHER, "build", "--no-boot"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (PROJECT / "build" / "bench").glob("*-Tezi_*.tar")
    return path


@pytest.fixture(scope="module")
def seen(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("wrong")
    board, cache = load_board(host_mirror()), Cache(cache_root())
    kernel = fetch_kernel(cache, board.archive, board.kernel.package)
    modules = (*board.kernel.initramfs_modules, *ETHERNET)
    (folder / "initramfs").mkdir()
    initramfs = make_initramfs(kernel.root, kernel.release, modules, folder / "initramfs", 0)
    card = Card(folder / "card")
    shutil.copytree(make_card(image, board, cache).folder, card.folder)
    initramfs.replace(card.initramfs)
    run(["fdtput", "--delete", card.device_tree, *SUPPLY])
    place = "/usr/lib/modules"
    for command in (f"ln {place}/{kernel.release} {place}/5.4.193", f"unlink {place}/{kernel.release}"):
        run(["debugfs", "-w", "-R", command, f"{card.image}?offset={_ROOT_AT}"])
    original = qemu.command_line

    def with_network(*arguments: object) -> list[str]:
        return ["user" if word == "none" and before == "-nic" else word for before, word in pairs(arguments)]

    def pairs(arguments: tuple[object, ...]) -> Iterator[tuple[str, str]]:
        words = original(*arguments)  # type: ignore[arg-type]
        return zip(["", *words], words, strict=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qemu, "command_line", with_network)
        with (
            qemu.powered_board(board.qemu, card, folder) as powered,
            closing(Guest(powered.shell, powered.check_alive, powered.now)) as guest,
        ):
            guest.connect(PATIENCE)
            return ask(guest, powered.now, folder)


def ask(guest: Guest, now: Callable[[], float], folder: Path) -> Seen:
    def until(command: str) -> str:
        end = now() + PATIENCE
        while (answer := guest.run(command, PATIENCE))[0]:
            assert now() < end, f"{command}: {answer[1]}\n{guest.run(STATE)[1]}"
            time.sleep(2)
        return answer[1]

    until("systemctl is-active multi-user.target")
    unit = "huawei-modem-check-modules.service"
    until(f"systemctl show -p SubState --value {unit} | grep -E 'exited|failed'")
    address = until("ip -4 -oneline address show scope global | grep inet")
    services = until("connmanctl services | grep -E '^\\*A[RO] Wired'")
    return Seen(
        console=(folder / "serial.log").read_text(errors="replace"),
        unit=guest.run(f"systemctl is-failed {unit}")[1],
        journal=guest.run(f"journalctl --no-pager -u {unit}", PATIENCE)[1],
        services=services,
        address=address,
    )


def test_the_console_and_the_journal_say_it(seen: Seen) -> None:
    for text in (seen.console, seen.journal):
        assert "error: modules-mismatch" in text
    assert seen.unit.strip() == "failed"


def test_ethernet_comes_up_all_the_same(seen: Seen) -> None:
    assert re.search(r"\binet \d+\.\d+\.\d+\.\d+", seen.address)
    assert "Wired" in seen.services
