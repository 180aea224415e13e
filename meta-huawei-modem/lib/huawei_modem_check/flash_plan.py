# SPDX-License-Identifier: MIT
"""The flash of a module as an image lays it out: a fact of the report, and what the pages draw."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huawei_modem_check.installer.modules import MTD

MIB = 1 << 20
EMMC_MIB = {"0039": 3644}
"""The eMMC's user area by product id, as Easy Installer counts it (its message on a Colibri iMX7D 1GB)."""
NAND_MIB = 512
"""Colibri iMX7S and iMX7D with NAND (their data sheets)."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A partition, a volume, or what is left.

    `size` and `used` are MiB; `used` is None where it is not known.
    """

    label: str
    kind: str
    size: float
    used: float | None


@dataclasses.dataclass(frozen=True)
class Device:
    """A device of the flash with its parts; `size` in MiB."""

    name: str
    size: float
    parts: tuple[Part, ...]


def devices(description: Mapping[str, Any], sizes: Mapping[str, int]) -> list[Device]:
    """The devices that image.json writes to. `sizes`: bytes by file name. What is of no use is left out."""
    ids = [str(item) for item in _list(description.get("supported_product_ids"))]
    found = [
        *(_block_device(item, sizes, ids) for item in _list(description.get("blockdevs"))),
        *_mtd_devices(_list(description.get("mtddevs")), sizes),
    ]
    return [device for device in found if device.parts]


def _block_device(item: Any, sizes: Mapping[str, int], ids: Sequence[str]) -> Device:
    device = item if isinstance(item, dict) else {}
    name = str(device.get("name", "?"))
    partitions = [each for each in _list(device.get("partitions")) if isinstance(each, dict)]
    if not partitions:
        raw = sum(_raw_sizes(device.get("content"), sizes))
        size = float(2 ** math.ceil(math.log2(max(raw, 0.5)))) if raw else 0.0
        return Device(name, size, (Part("U-Boot", "raw", size, raw),) if raw else ())
    nominal = sum(_number(each.get("partition_size_nominal")) for each in partitions)
    known = [EMMC_MIB[each] for each in ids if each in EMMC_MIB and name == "mmcblk0"]
    total = max([*map(float, known), nominal])
    spare = total - nominal
    growing = [each for each in partitions if each.get("want_maximised") is True]
    parts = [_partition(each, spare / len(growing) if each in growing else 0.0, sizes) for each in partitions]
    if not growing and spare > 0:
        parts.append(Part("free", "", spare, None))
    return Device(name, total, tuple(parts))


def _partition(partition: Mapping[str, Any], growth: float, sizes: Mapping[str, int]) -> Part:
    content = partition.get("content") if isinstance(partition.get("content"), dict) else {}
    assert isinstance(content, dict)  # noqa: S101  for mypy
    used = _number(content.get("uncompressed_size")) or sum(_raw_sizes(content, sizes)) or None
    kind = str(content.get("filesystem_type", ""))
    label = str(content.get("label") or kind or "partition")
    return Part(label, kind, _number(partition.get("partition_size_nominal")) + growth, used)


def _mtd_devices(items: Sequence[Any], sizes: Mapping[str, int]) -> Iterator[Device]:
    for device in items:
        if not isinstance(device, dict):
            continue
        volumes = [each for each in _list(device.get("ubivolumes")) if isinstance(each, dict)]
        if not volumes:
            raw = sum(_raw_sizes(device.get("content"), sizes))
            if raw:
                name = str(device.get("name", "?"))
                size = max(MTD.get(name, 0) / MIB, raw)
                yield Device(name, size, (Part(_raw_name(device["content"]), "raw", size, raw),))
            continue
        parts = [_volume(each, sizes) for each in volumes]
        spare = NAND_MIB - sum(part.size for part in parts)
        if spare > 0:  # the last dynamic volume without a size takes the rest (ubiattach, ubimkvol -m)
            last = max((n for n, each in enumerate(volumes) if "size_kib" not in each), default=None)
            if last is None:
                parts.append(Part("free", "", spare, None))
            else:
                parts[last] = dataclasses.replace(parts[last], size=parts[last].size + spare)
        yield Device(str(device.get("name", "?")), sum(part.size for part in parts), tuple(parts))


def _volume(volume: Mapping[str, Any], sizes: Mapping[str, int]) -> Part:
    content = volume.get("content") if isinstance(volume.get("content"), dict) else {}
    assert isinstance(content, dict)  # noqa: S101  for mypy
    used = _number(content.get("uncompressed_size")) or sum(_raw_sizes(content, sizes)) or None
    size = _number(volume.get("size_kib")) / 1024 or used or 0.0
    return Part(str(volume.get("name", "?")), str(content.get("filesystem_type") or "ubi"), size, used)


def _raw_name(content: Mapping[str, Any]) -> str:
    """The first file that is written as it is."""
    items = (*_list(content.get("rawfiles")), content.get("rawfile"))
    return next((str(item.get("filename")) for item in items if isinstance(item, dict)), "raw")


def _raw_sizes(content: Any, sizes: Mapping[str, int]) -> Iterator[float]:
    """MiB of the files that are written as they are."""
    if isinstance(content, dict):
        for item in (*_list(content.get("rawfiles")), content.get("rawfile")):
            if isinstance(item, dict):
                yield sizes.get(str(item.get("filename")), 0) / MIB


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float:
    """A size of image.json: a number, or one in a string as the installer takes it; 0 for anything else."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) and 0 < number < 1e9 else 0.0
