# SPDX-License-Identifier: MIT
"""image.json as the installer's own classes hold it (qt-tezi 37bc583, dto/).

each value converted as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from huawei_modem_check.installer.names import as_opened
from huawei_modem_check.installer.qt import to_bool, to_int, to_list, to_map, to_text, to_texts


class RawFile(NamedTuple):
    """dto/rawfileinfo.cpp:3-11."""

    place: str
    filename: str
    dd_options: str
    nandwrite_options: str
    offset: int
    product_ids: tuple[str, ...]


class Entry(NamedTuple):
    """An entry of a filelist, source:target:unpack; what follows is not read."""

    source: str
    target: str
    unpack: bool


class Content(NamedTuple):
    """dto/contentinfo.cpp:4-30. `has` are the fields that are there."""

    place: str
    fstype: str
    label: str
    mkfs_options: str
    filename: str
    filelist: tuple[str, ...]
    rawfiles: tuple[RawFile, ...]
    has: frozenset[str]

    def entries(self) -> Iterator[Entry]:
        """The filelist in parts."""
        for text in self.filelist:
            source, target, unpack = [*text.split(":"), "", ""][:3]
            yield Entry(source, target, to_bool(unpack))


class Partition(NamedTuple):
    """dto/blockdevpartitioninfo.cpp:3-50.

    `kind` is the type that sfdisk is given; sizes are MiB, offsets sectors.
    """

    place: str
    size: int
    maximised: bool
    offset: int
    number: int
    active: bool
    kind: str
    content: Content | None


class BlockDevice(NamedTuple):
    """dto/blockdevinfo.cpp:7-29."""

    place: str
    name: str
    erase: bool
    table: str
    partitions: tuple[Partition, ...]
    content: Content | None


class Volume(NamedTuple):
    """dto/ubivolumeinfo.cpp:4-18; `size` is KiB, and 0 takes what is left."""

    place: str
    name: str
    size: int
    type: str
    content: Content | None


class MtdDevice(NamedTuple):
    """dto/mtddevinfo.cpp:6-31."""

    place: str
    name: str
    erase: bool
    content: Content | None
    volumes: tuple[Volume, ...]


class Description(NamedTuple):
    """dto/imageinfo.cpp:9-40, and what imagelist.cpp:36-45 and mainwindow.cpp:539 read.

    `document` is all of it.
    """

    document: Mapping[str, Any]
    config_format: int
    autoinstall: bool
    is_validated: bool
    product_ids: tuple[str, ...]
    block_devices: tuple[BlockDevice, ...]
    mtd_devices: tuple[MtdDevice, ...]

    def text(self, field: str) -> str:
        """A field at the top that is a text."""
        return to_text(self.document.get(field))

    def path(self, field: str) -> str:
        """A field at the top that names a file."""
        return as_opened(self.text(field))

    def contents(self) -> list[Content]:
        """Every content, in the installer's order."""
        found: list[Content | None] = []
        for disk in self.block_devices:
            found += [*(partition.content for partition in disk.partitions), disk.content]
        for device in self.mtd_devices:
            found += [device.content, *(volume.content for volume in device.volumes)]
        return [content for content in found if content is not None]


def describe(document: Any) -> Description:
    """The description in what Qt made of an image.json; of what is none it is empty."""
    m = to_map(document)
    devices = enumerate(to_list(m.get("blockdevs")))
    flashes = enumerate(to_list(m.get("mtddevs")))
    return Description(
        m,
        to_int(m.get("config_format")),
        to_bool(m.get("autoinstall")),
        to_bool(m.get("validate", True)),
        tuple(to_texts(m.get("supported_product_ids"))),
        tuple(_block_device(to_map(item), f"blockdevs[{number}]") for number, item in devices),
        tuple(_mtd_device(to_map(item), f"mtddevs[{number}]") for number, item in flashes),
    )


def _block_device(m: Mapping[str, Any], place: str) -> BlockDevice:
    table = to_text(m.get("table_type", "dos"))
    partitions = enumerate(to_list(m.get("partitions")))
    return BlockDevice(
        place,
        as_opened(to_text(m.get("name"))),
        to_bool(m.get("erase")),
        table,
        tuple(
            _partition(to_map(item), f"{place}.partitions[{number}]", table) for number, item in partitions
        ),
        _content(m, place),
    )


def _partition(m: Mapping[str, Any], place: str, table: str) -> Partition:
    content = _content(m, place)
    return Partition(
        place,
        to_int(m.get("partition_size_nominal")),
        to_bool(m.get("want_maximised")),
        to_int(m.get("offset_in_sectors")),
        to_int(m.get("requires_partition_number")),
        to_bool(m.get("active")),
        to_text(m["partition_type"]) if "partition_type" in m else _kind(content, table),
        content,
    )


_GPT = {
    "fat": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
    "ntfs": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
    "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
}
_DOS = {"fat": "0c", "swap": "82", "ntfs": "07", "raw": "00"}


def _kind(content: Content | None, table: str) -> str:
    """dto/blockdevpartitioninfo.cpp:12-46."""
    known, other = (_GPT, "0FC63DAF-8483-4772-8E79-3D69D8477DE4") if table == "gpt" else (_DOS, "83")
    if content is None:
        return other if table == "gpt" else "00"
    return known.get(content.fstype, other)


def _content(m: Mapping[str, Any], place: str) -> Content | None:
    if "content" not in m:
        return None
    inside, place = to_map(m["content"]), f"{place}.content"
    rawfiles = [
        _rawfile(to_map(item), f"{place}.rawfiles[{number}]")
        for number, item in enumerate(to_list(inside.get("rawfiles")))
    ]
    if "rawfile" in inside:
        rawfiles.append(_rawfile(to_map(inside["rawfile"]), f"{place}.rawfile"))
    return Content(
        place,
        to_text(inside["filesystem_type"]).lower() if "filesystem_type" in inside else "raw",
        to_text(inside.get("label")),
        to_text(inside.get("mkfs_options")),
        as_opened(to_text(inside.get("filename"))),
        tuple(map(_entry, to_texts(inside.get("filelist")))),
        tuple(rawfiles),
        frozenset(inside),
    )


def _entry(text: str) -> str:
    source, colon, rest = text.partition(":")
    return f"{as_opened(source)}{colon}{rest}"


def _rawfile(m: Mapping[str, Any], place: str) -> RawFile:
    return RawFile(
        place,
        as_opened(to_text(m.get("filename"))),
        to_text(m.get("dd_options")),
        to_text(m.get("nandwrite_options")),
        to_int(m.get("offset", 0)),
        tuple(to_texts(m.get("product_ids"))),
    )


def _mtd_device(m: Mapping[str, Any], place: str) -> MtdDevice:
    volumes = enumerate(to_list(m.get("ubivolumes")))
    return MtdDevice(
        place,
        to_text(m.get("name")),
        to_bool(m.get("erase")),
        _content(m, place),
        tuple(_volume(to_map(item), f"{place}.ubivolumes[{number}]") for number, item in volumes),
    )


def _volume(m: Mapping[str, Any], place: str) -> Volume:
    return Volume(
        place, to_text(m.get("name")), to_int(m.get("size_kib")), to_text(m.get("type")), _content(m, place)
    )
