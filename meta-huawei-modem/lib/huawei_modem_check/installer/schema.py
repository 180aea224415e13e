# SPDX-License-Identifier: MIT
"""The shape of image.json: tezi.schema of qt-tezi 37bc583, with messages that name the place.

Validated by valijson with weak types (json.cpp:137): a text that reads as a whole number passes for an
integer, "true"
for a boolean. Nothing passes for a text. Fields that the schema does not name pass, whatever they hold.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

_INTEGER = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+")
_NUMBER = re.compile(
    r"[ \t\n\v\f\r]*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?"
    r"|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN](?:\([0-9A-Za-z_]*\))?)"
)
_PRODUCT_ID = re.compile(r"[0-9]{4}")
_INT64, _UINT64 = 1 << 63, 1 << 64


@dataclasses.dataclass(frozen=True)
class Violation:
    """What is wrong at `place`, as blockdevs[0].partitions[1].content."""

    place: str
    text: str


if TYPE_CHECKING:
    Shape = Callable[[Any, str], Iterator[Violation]]


def violations(document: object) -> list[Violation]:
    """Everything in a parsed image.json that the installer's schema refuses."""
    return list(_IMAGE(document, ""))


def _text(value: Any, place: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation(place, f"{_shown(value)} is not text: put it in quotes")


def _product_id(value: Any, place: str) -> Iterator[Violation]:
    if not isinstance(value, str) or not _PRODUCT_ID.fullmatch(value):
        yield Violation(place, f"{_shown(value)}: a product id is four digits, in quotes")


def _number(value: Any, place: str) -> Iterator[Violation]:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float, str))
        or (isinstance(value, str) and not _NUMBER.fullmatch(value))
    ):
        yield Violation(place, f"{_shown(value)} is not a number")


def _integer(value: Any, place: str) -> Iterator[Violation]:
    if isinstance(value, str):
        whole = bool(_INTEGER.fullmatch(value)) and -_INT64 <= int(value) < _INT64
    else:
        # 2.0 is no integer to RapidJSON, nor is what 64 bits do not hold.
        whole = isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _UINT64
    if not whole:
        yield Violation(place, f"{_shown(value)} is not a whole number")


def _flag(value: Any, place: str) -> Iterator[Violation]:
    if not isinstance(value, bool) and value not in ("true", "false"):
        yield Violation(place, f"{_shown(value)} is neither true nor false")


def _one_of(*choices: str) -> Shape:
    def check(value: Any, place: str) -> Iterator[Violation]:
        if not isinstance(value, str) or value not in choices:
            yield Violation(place, f"{_shown(value)} is none of {', '.join(choices)}")

    return check


def _list_of(item: Shape) -> Shape:
    def check(value: Any, place: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(place, "is not a list")
            return
        for number, entry in enumerate(value):
            yield from item(entry, f"{place}[{number}]")

    return check


def _product_ids(value: Any, place: str) -> Iterator[Violation]:
    yield from (_list_of(_product_id) if isinstance(value, list) else _product_id)(value, place)


def _object(
    fields: Mapping[str, Shape], required: tuple[str, ...] = (), any_of: tuple[str, ...] = ()
) -> Shape:
    def check(value: Any, place: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(place, "is not an object")
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


def _shown(value: Any) -> str:
    return repr(value)[:80]


_RAWFILE = _object(
    {
        "filename": _text,
        "dd_options": _text,
        "offset": _number,
        "nandwrite_options": _text,
        "product_ids": _product_ids,
        "size": _number,
    },
    required=("filename",),
)
# A single "rawfile" is read (dto/contentinfo.cpp:24) and not in the schema.
_CONTENT = _object(
    {
        "filesystem_type": _one_of("ext2", "ext3", "ext4", "swap", "fat", "FAT", "ntfs", "ubifs", "raw"),
        "label": _text,
        "mkfs_options": _text,
        "filename": _text,
        "filelist": _list_of(_text),
        "uncompressed_size": _number,
        "rawfiles": _list_of(_RAWFILE),
    }
)
# Sizes, offsets and numbers of partitions are not in the schema: whatever they hold is converted.
_PARTITION = _object({"label": _text, "content": _CONTENT})
_BLOCKDEV = _object(
    {
        "name": _text,
        "erase": _flag,
        "table_type": _text,
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
            {"image_filename": _text, "nonfs_size": _integer, "size": _integer},
            required=("image_filename", "nonfs_size"),
        ),
    },
    required=("name",),
    any_of=("content", "ubivolumes", "winceimage"),
)
_FIELDS = _object(
    {
        "config_format": _integer,
        "autoinstall": _flag,
        "isinstaller": _flag,
        "supported_product_ids": _list_of(_product_id),
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


def _IMAGE(value: Any, place: str) -> Iterator[Violation]:  # noqa: N802  a shape like the others
    yield from _FIELDS(value, place)
    if isinstance(value, dict) and "blockdevs" in value and "mtddevs" in value:
        yield Violation("", "has both blockdevs and mtddevs: a module has either eMMC or NAND")
