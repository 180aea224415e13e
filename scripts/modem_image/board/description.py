# SPDX-License-Identifier: MIT
"""The description of a board, read from board/*.toml."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from huawei_modem import __version__
from modem_image.debian.archive import Archive
from modem_image.errors import InputError

BOARDS = Path(__file__).parent
BOARD = "colibri-imx7-emmc"
"""The one that is meant where none is named."""
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class ImageSettings:
    """Name, version (default: the project's) and hardware of the Easy Installer image."""

    name: str
    version: str
    description: str
    product_ids: tuple[str, ...]
    device_trees: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class RootSettings:
    """Debian packages of the root file system, what is left out of them, systemd units on and masked."""

    packages: tuple[str, ...]
    exclude: tuple[str, ...]
    enable: tuple[str, ...]
    mask: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class KernelSettings:
    """Debian's meta package of the kernel; modules by name, each of which comes with what it depends on."""

    package: str
    board_modules: tuple[str, ...]
    modem_modules: tuple[str, ...]
    initramfs_modules: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class QemuSettings:
    """How QEMU runs the board; sizes in MiB."""

    title: str
    """What a report calls the board."""
    machine: str
    memory: str
    usb_bus: str
    usb_ports: tuple[str, ...]
    """The ports of that bus where a stick can be: one stick each."""
    drive: str
    """How the disk is attached, as of -drive."""
    root: str
    """The root file system's device, for the kernel's command line."""
    command_line: tuple[str, ...]
    card_size_mib: int
    devices: tuple[str, ...] = ()
    """Further arguments: what the machine does not have by itself."""
    shell_port: str = ""
    """The device of the debug shell; by default the second serial port."""
    device_tree: str = ""
    """The file in the BOOT partition; empty where QEMU makes the tree itself."""
    device_tree_deletes: tuple[tuple[str, str], ...] = ()
    device_tree_sets: tuple[tuple[str, str, str], ...] = ()
    boot_partition_mib: int = 0

    @property
    def boots_from_card(self) -> bool:
        """Whether it boots an Easy Installer image, from a card with a BOOT partition; else a root file
        system, with the kernel in a file of its own."""
        return self.boot_partition_mib > 0


@dataclasses.dataclass(frozen=True)
class Board:
    """One emulated board."""

    archive: Archive
    image: ImageSettings
    root: RootSettings
    kernel: KernelSettings
    qemu: QemuSettings


def load_board(mirror: str, name: str = BOARD) -> Board:
    """The board of this name, its packages taken from `mirror`. Raises InputError for a faulty file."""
    path = BOARDS / f"{name}.toml"
    data = _read(path)
    return Board(
        archive=_section(
            path, {**data, "archive": {**data["archive"], "mirror": mirror}}, "archive", Archive
        ),
        image=_section(
            path, {**data, "image": {"version": __version__, **data["image"]}}, "image", ImageSettings
        ),
        root=_section(path, data, "root", RootSettings),
        kernel=_section(path, data, "kernel", KernelSettings),
        qemu=_section(path, data, "qemu", QemuSettings),
    )


def board_names() -> list[str]:
    """The boards that QEMU can be."""
    return sorted(path.stem for path in BOARDS.glob("*.toml"))


def _read(path: Path) -> dict[str, Any]:
    """The file's sections. `based_on` names a board whose settings hold where the file has none; how QEMU
    runs it is the file's own alone."""
    with path.open("rb") as handle:
        own = tomllib.load(handle)
    if "based_on" not in own:
        return own
    others = _read(BOARDS / f"{own['based_on']}.toml")
    sections = {name: {**others[name], **own.get(name, {})} for name in others if name != "qemu"}
    return {**sections, "qemu": own["qemu"]}


def _section(path: Path, data: dict[str, Any], name: str, kind: type[T]) -> T:
    try:
        return kind(**{key: _frozen(value) for key, value in data[name].items()})
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: section [{name}]: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
