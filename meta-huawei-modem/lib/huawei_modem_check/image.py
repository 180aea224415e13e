# SPDX-License-Identifier: MIT
"""Read an image in one pass into facts, and judge them."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huawei_modem.report import Report
from huawei_modem_check import rules
from huawei_modem_check.errors import InputError
from huawei_modem_check.facts import Image
from huawei_modem_check.flash_plan import devices
from huawei_modem_check.installer.listing import listed
from huawei_modem_check.reader import Reader
from huawei_modem_check.rules import ANYTHING, Wanted
from huawei_modem_check.sources import ACCEPTED, Taker, read_into
from huawei_modem_check.streams import ArchiveError

TOOL = "modem-image check"


@dataclasses.dataclass(frozen=True)
class Given:
    """Files of the same build that lie elsewhere.

    `kernel` belongs to a root file system that does not hold its own, `symbols` are its System.map or
    Module.symvers (with a release behind the name: for that one alone), `config` is its .config.
    """

    kernel: Path | None = None
    symbols: tuple[Path, ...] = ()
    config: Path | None = None


NOTHING = Given()


def check_image(path: Path, given: Given = NOTHING, wanted: Wanted = ANYTHING) -> Report:
    """The report on the image at `path`; sources.ACCEPTED says what that may be.

    Everything is read once and nothing is written. Raises InputError when it is no image at all,
    MissingError when a tool to inflate it is not installed.
    """
    return report_of(read_image(path, given), wanted)


def report_of(image: Image, wanted: Wanted = ANYTHING) -> Report:
    """The findings about an image that was read."""
    return Report(TOOL, image.path, tuple(rules.check(image, wanted)), facts_of(image))


def read_image(
    path: Path,
    given: Given = NOTHING,
    through: Callable[[Reader], Taker] = lambda reader: reader,
) -> Image:
    """The facts about the image at `path`. Raises as `check_image` does.

    `through` puts something between the files and their reader, as a copy of each file.
    """
    reader = Reader()
    whole = True
    try:
        _read_given(reader, given)
        whole = read_into(through(reader), path) or given.kernel is not None
    except ArchiveError as err:
        if reader.is_empty:
            raise InputError(
                f"{path}: not an archive that can be read: {err}. Accepted is {ACCEPTED}"
            ) from err
        reader.problem("tezi-file-corrupt", path.name, str(err))
    except OSError as err:
        if err.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # a copy that is made while the image is read
        place = err.filename or path
        raise InputError(f"{place}: cannot be read: {err.strerror or err}. Accepted is {ACCEPTED}") from err
    if given.kernel and reader.descriptions():
        raise InputError(
            f"{path}: its image.json says which file is its kernel; --kernel goes with a root file system"
        )
    image = reader.image(str(path), whole)
    if not reader.has_problems and not image.folders and not reader.descriptions():
        raise InputError(f"{path}: holds neither image.json nor kernel modules. Accepted is {ACCEPTED}")
    return image


def _read_given(reader: Reader, given: Given) -> None:
    if given.kernel:
        with given.kernel.open("rb") as content:
            reader.take_tree(str(given.kernel.parent), [("zImage", True, content)])
    if given.config:
        with given.config.open("rb") as content:
            if not reader.take_config(str(given.config), content):
                raise InputError(f"{given.config}: holds no option of a kernel; give its .config")
    for table in given.symbols:
        with table.open("rb") as content:
            if not reader.take_exports(str(table), content):
                raise InputError(f"{table}: holds no exported symbols; give a System.map or Module.symvers")


def facts_of(image: Image) -> dict[str, Any]:
    """What the report shows of the facts."""
    return {
        "kernels": [
            {
                "source": kernel.source,
                "release": kernel.release,
                "kind": kernel.kind,
                "compression": kernel.compression,
            }
            for kernel in image.kernels
        ],
        "modules": [
            {
                "source": folder.source,
                "release": folder.release,
                "count": len(folder.files),
                "symbols_compared": folder.symbols is not None,
            }
            for folder in image.folders
        ],
        "device_trees": [
            {"source": tree.source, "compatible": list(tree.compatible)} for tree in image.device_trees
        ],
        "flash": flash_of(image),
        "files": {file.name: {"size": file.size, "sha256": file.sha256} for file in image.files.values()},
    }


def flash_of(image: Image) -> list[dict[str, Any]]:
    """What each image.json makes of the flash: its devices and their parts, sizes in MiB."""
    found = []
    for item in listed(image.files):
        if isinstance(item.parsed.value, dict):
            sizes = {name: file.size for name, file in item.files.items()}
            plan = [dataclasses.asdict(device) for device in devices(item.parsed.value, sizes)]
            found += [{"document": item.name, "devices": plan}] if plan else []
    return found
