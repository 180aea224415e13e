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

    machine: str
    memory: str
    device_tree: str
    device_tree_deletes: tuple[tuple[str, str], ...]
    device_tree_sets: tuple[tuple[str, str, str], ...]
    usb_bus: str
    console: str
    shell: str
    command_line: tuple[str, ...]
    card_size_mib: int
    boot_partition_mib: int


@dataclasses.dataclass(frozen=True)
class Board:
    """One emulated board."""

    archive: Archive
    image: ImageSettings
    root: RootSettings
    kernel: KernelSettings
    qemu: QemuSettings


def load_board(mirror: str, name: str = "colibri-imx7-emmc") -> Board:
    """The board of this name, its packages taken from `mirror`. Raises InputError for a faulty file."""
    path = BOARDS / f"{name}.toml"
    with path.open("rb") as handle:
        data = tomllib.load(handle)
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


def _section(path: Path, data: dict[str, Any], name: str, kind: type[T]) -> T:
    try:
        return kind(**{key: _frozen(value) for key, value in data[name].items()})
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: section [{name}]: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
