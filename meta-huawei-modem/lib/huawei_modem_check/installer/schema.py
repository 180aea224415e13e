# SPDX-License-Identifier: MIT
"""The shape of image.json: tezi.schema of qt-tezi, with messages that name the place.

Types are weak, as in the installer: "2" passes for 2. Fields that the schema does not name pass too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any


@dataclasses.dataclass(frozen=True)
class Violation:
    """What is wrong at `place`, as blockdevs[0].partitions[1].content."""

    place: str
    text: str


if TYPE_CHECKING:
    Shape = Callable[[Any, str], Iterator[Violation]]


def violations(document: object) -> list[Violation]:
    """Everything in a parsed image.json that the installer's schema refuses."""
    found = list(_IMAGE(document, ""))
    if isinstance(document, dict) and {"blockdevs", "mtddevs"} <= document.keys():
        found.append(Violation("", "has both blockdevs and mtddevs: a module has either eMMC or NAND"))
    return found


def as_number(value: object) -> float | None:
    """`value` as the installer reads a number; None when it is none."""
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            return None
    return None


def as_flag(value: object) -> bool:
    """`value` as the installer reads a truth value: anything but false, 0, "0", "false" and nothing."""
    return str(value).lower() not in ("false", "0", "", "none")


def _text(value: Any, place: str) -> Iterator[Violation]:
    if not isinstance(value, (str, int, float)):
        yield Violation(place, "is no text")


def _number(value: Any, place: str) -> Iterator[Violation]:
    if as_number(value) is None:
        yield Violation(place, f"{value!r} is no number")


def _integer(value: Any, place: str) -> Iterator[Violation]:
    number = as_number(value)
    if number is None or not number.is_integer():
        yield Violation(place, f"{value!r} is no whole number")


def _flag(value: Any, place: str) -> Iterator[Violation]:
    if str(value).lower() not in ("true", "false", "0", "1"):
        yield Violation(place, f"{value!r} is neither true nor false")


def _one_of(*choices: str) -> Shape:
    def check(value: Any, place: str) -> Iterator[Violation]:
        if value not in choices:
            yield Violation(place, f"{value!r} is none of {', '.join(choices)}")

    return check


def _list_of(item: Shape) -> Shape:
    def check(value: Any, place: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(place, "is no list")
            return
        for number, entry in enumerate(value):
            yield from item(entry, f"{place}[{number}]")

    return check


def _text_or_list(value: Any, place: str) -> Iterator[Violation]:
    return (_list_of(_text) if isinstance(value, list) else _text)(value, place)


def _object(
    fields: Mapping[str, Shape], required: tuple[str, ...] = (), any_of: tuple[str, ...] = ()
) -> Shape:
    def check(value: Any, place: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(place, "is no object")
            return
        for name in required:
            if name not in value:
                yield Violation(place, f"lacks {name}")
        if any_of and not any(name in value for name in any_of):
            yield Violation(place, f"lacks {' or '.join(any_of)}")
        for name, shape in fields.items():
            if name in value:
                yield from shape(value[name], f"{place}.{name}".lstrip("."))

    return check


_RAWFILE = _object(
    {
        "filename": _text,
        "dd_options": _text,
        "offset": _number,
        "nandwrite_options": _text,
        "product_ids": _text_or_list,
        "size": _number,
    },
    required=("filename",),
)
_CONTENT = _object(
    {
        "filesystem_type": _one_of("ext2", "ext3", "ext4", "swap", "fat", "FAT", "ntfs", "ubifs", "raw"),
        "label": _text,
        "mkfs_options": _text,
        "filename": _text,
        "filelist": _list_of(_text),
        "uncompressed_size": _number,
        "rawfile": _RAWFILE,
        "rawfiles": _list_of(_RAWFILE),
    }
)
_PARTITION = _object(
    {
        "label": _text,
        "partition_size_nominal": _number,
        "want_maximised": _flag,
        "content": _CONTENT,
    }
)
_BLOCKDEV = _object(
    {
        "name": _text,
        "erase": _flag,
        "table_type": _one_of("dos", "gpt"),
        "content": _CONTENT,
        "partitions": _list_of(_PARTITION),
    },
    required=("name",),
    any_of=("partitions", "content"),
)
_UBIVOLUME = _object(
    {"name": _text, "type": _one_of("static", "dynamic"), "size_kib": _integer, "content": _CONTENT},
    required=("name",),
)
_MTDDEV = _object(
    {
        "name": _text,
        "erase": _flag,
        "content": _CONTENT,
        "ubivolumes": _list_of(_UBIVOLUME),
        "winceimage": _object(
            {"image_filename": _text, "nonfs_size": _integer}, required=("image_filename", "nonfs_size")
        ),
    },
    required=("name",),
    any_of=("content", "ubivolumes", "winceimage"),
)
_IMAGE = _object(
    {
        "config_format": _integer,
        "autoinstall": _flag,
        "isinstaller": _flag,
        "supported_product_ids": _list_of(_text),
        "blockdevs": _list_of(_BLOCKDEV),
        "mtddevs": _list_of(_MTDDEV),
        **dict.fromkeys(
            (
                "name",
                "description",
                "version",
                "release_date",
                "prepare_script",
                "wrapup_script",
                "error_script",
                "marketing",
                "icon",
                "license",
                "license_title",
                "releasenotes",
                "releasenotes_title",
                "u_boot_env",
            ),
            _text,
        ),
    },
    required=("config_format", "name", "description", "supported_product_ids"),
    any_of=("blockdevs", "mtddevs"),
)
