# SPDX-License-Identifier: MIT
"""The images that the installer lists: every image*.json of a medium, three folders deep.

mediapollthread.cpp:166-218. Hidden files, as macOS leaves them (._image.json), do not match;
image_list.json, the index of a feed, does, and stands there without a name.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from huawei_modem_check.facts import ImageFile
from huawei_modem_check.installer.description import Content, Description, describe
from huawei_modem_check.installer.modules import COLIBRI, KNOWN, Module
from huawei_modem_check.installer.names import as_opened
from huawei_modem_check.installer.products import is_chosen, is_supported
from huawei_modem_check.installer.qt import Parsed, parse
from huawei_modem_check.installer.texts import SCRIPTS

_DEEPEST = 3
_NOT_MEASURED = Module("another module")


class Listed(NamedTuple):
    """One image*.json. `files` are those that it can name, by its own folder.

    `modules` are those that it is judged for: of the Colibri iMX7 family, or the one that was asked about.
    Where
    there are none `others` holds what stands for an unknown module, so that the rest is judged all the same.
    """

    name: str
    parsed: Parsed
    description: Description
    files: Mapping[str, ImageFile]
    modules: tuple[Module, ...]
    others: tuple[Module, ...]


def names(files: Mapping[str, ImageFile]) -> list[str]:
    """Every file that the installer takes for an image's description."""
    return sorted(
        name
        for name in files
        if fnmatch.fnmatchcase(name.rpartition("/")[2].lower(), "image*.json") and name.count("/") <= _DEEPEST
    )


def listed(files: Mapping[str, ImageFile], product: str | None = None) -> list[Listed]:
    """The images among `files`; with `product` for that module alone."""
    return [_listed(name, files, product) for name in names(files)]


def _listed(name: str, files: Mapping[str, ImageFile], product: str | None) -> Listed:
    content = files[name].content
    if content is None:
        parsed = Parsed(None, None, f"it is far too large with {files[name].size} bytes")
        description = describe(parsed.value)
    else:
        parsed, description = _described(content)
    folder, slash, _ = name.rpartition("/")
    below = {
        path[len(folder + slash) :]: file for path, file in files.items() if path.startswith(folder + slash)
    }
    wanted = [KNOWN.get(product, Module(product))] if product else list(COLIBRI.values())
    modules = tuple(module for module in wanted if is_supported(module.product, description.product_ids))
    return Listed(name, parsed, description, below, modules, () if modules else (_NOT_MEASURED,))


@functools.lru_cache(maxsize=8)
def _described(content: bytes) -> tuple[Parsed, Description]:
    """What image.json says; a check asks for it several times, and nobody changes it."""
    parsed = parse(content)
    return parsed, describe(parsed.value)


def mentioned(images: Iterable[Listed]) -> set[str]:
    """Every file that any of `images` names, wherever in image.json and whatever for."""
    found = set()
    for item in images:
        folder = item.name.rpartition("/")[0]
        waiting: list[object] = [item.parsed.value, item.parsed.first]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value
            elif isinstance(value, str):
                names = {value, value.partition(":")[0]}
                found |= {f"{folder}/{as_opened(name)}".lstrip("/") for name in names}
    return found


def is_list_of_images(item: Listed) -> bool:
    """Whether it is the index of a feed."""
    return item.name.rpartition("/")[2] == "image_list.json" and isinstance(
        item.description.document.get("images"), list
    )


def script_names(files: Mapping[str, ImageFile]) -> list[str]:
    """The scripts that the installer runs for any image among `files`."""
    found = []
    for item in listed(files):
        folder = item.name.rpartition("/")[0]
        for field in SCRIPTS:
            if name := item.description.path(field):
                found.append(f"{folder}/{name}".lstrip("/"))
    return list(dict.fromkeys(found))


class Placed(NamedTuple):
    """A file of the image and where it is written: `number` of the partition, or the volume's name.

    `kind` is tree (an archive, unpacked), file (copied) or raw. `fstype` is that of the file system,
    `folder` where in it.
    """

    file: str
    kind: str
    fstype: str
    number: int | None
    volume: str | None
    folder: str = ""


def placed(item: Listed, module: Module) -> list[Placed]:
    """What is written into the user area of the eMMC, or into volumes of the NAND, on `module`."""
    folder = item.name.rpartition("/")[0]
    found: list[Placed] = []
    for content, number, volume in _places(item.description):
        for name, kind, target in _entries(content, module, volume is not None):
            path = f"{folder}/{name}".lstrip("/")
            found.append(Placed(path, kind, content.fstype, number, volume, target.strip("/")))
    return found


def _places(description: Description) -> Iterator[tuple[Content, int | None, str | None]]:
    """Every content with its partition's number or its volume's name."""
    for disk in description.block_devices:
        if disk.name.endswith(("boot0", "boot1")):
            continue
        taken = {partition.number for partition in disk.partitions}
        free = iter(
            number for number in range(1, 1 + 2 * len(taken) + len(disk.partitions)) if number not in taken
        )
        for partition in disk.partitions:
            number = partition.number or next(free)
            if partition.content is not None:
                yield partition.content, number, None
        # Beside partitions it is a boot loader in front of them; rules of its own hold it off what they have.
        if disk.content is not None and not disk.partitions:
            yield disk.content, None, None
    for device in description.mtd_devices:
        # The others hold the boot loader and its environment.
        if device.name == "ubi" and device.content is not None and not device.volumes:
            yield device.content, None, None
        for volume in device.volumes:
            if volume.content is not None:
                yield volume.content, None, volume.name


def _entries(content: Content, module: Module, is_volume: bool) -> list[tuple[str, str, str]]:
    """Name, kind and folder of each file of a content, as in Placed."""
    if content.fstype == "raw":
        chosen = [raw.filename for raw in content.rawfiles if is_chosen(module.product, raw.product_ids)]
        return [(name, "raw", "") for name in (chosen[:1] if is_volume else chosen)]
    entries = [(content.filename, "tree", "")] if content.filename else []
    return entries + [
        (entry.source, "tree" if entry.unpack else "file", entry.target) for entry in content.entries()
    ]
