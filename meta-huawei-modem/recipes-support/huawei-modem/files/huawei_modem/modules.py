# SPDX-License-Identifier: MIT
"""What a kernel module says about itself: its `.modinfo` section, read straight from the ELF file.

Only the headers and that one section are read, so that checking some thousand modules costs a
fraction of a second. The layout is the one of the System V ABI, chapter 4 (object files).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    Reader = Callable[[int, int], bytes]
    """Takes an offset and a size in bytes and returns what is there, which may be less."""

_MAGIC = b"\x7fELF"
_ORDER = {1: "<", 2: ">"}  # EI_DATA
_SHN_XINDEX = 0xFFFF
_SHT_NOBITS = 8
_ELFCLASS64 = 2
# EI_CLASS -> format and size of the fields of the file header from e_shoff on, its offset, and the
# section header up to sh_link (sh_name, sh_type, sh_flags, sh_addr, sh_offset, sh_size, sh_link).
_HEADER = {1: (0x20, "IIHHHHHH"), 2: (0x28, "QIHHHHHH")}
_SECTION = {1: "IIIIIII", 2: "IIQQQQI"}


class ModuleFormatError(ValueError):
    """The bytes are no uncompressed ELF module, or the file is truncated or damaged."""


def modinfo_of(data: bytes) -> dict[str, list[str]]:
    """The `.modinfo` of an uncompressed module: each key with all its values, in the file's order.

    Raises ModuleFormatError when `data` is not ELF, is truncated or has no `.modinfo` section.
    """
    return read_modinfo(lambda offset, size: data[offset : offset + size])


def modinfo_of_file(module: BinaryIO) -> dict[str, list[str]]:
    """Like modinfo_of for an open, seekable file, of which only the parts needed are read."""

    def read(offset: int, size: int) -> bytes:
        module.seek(offset)
        return module.read(size)

    return read_modinfo(read)


def read_modinfo(read: Reader) -> dict[str, list[str]]:
    """Like modinfo_of for any source of bytes."""
    return parse_modinfo(_section(read, b".modinfo"))


def parse_modinfo(section: bytes) -> dict[str, list[str]]:
    """`key=value` strings that end in NUL bytes, as the kernel's MODULE_INFO() leaves them."""
    values: dict[str, list[str]] = {}
    for entry in section.split(b"\0"):
        key, separator, value = entry.partition(b"=")
        if separator:
            values.setdefault(key.decode("utf-8", "replace"), []).append(value.decode("utf-8", "replace"))
    return values


def vermagic_release(modinfo: dict[str, list[str]]) -> str | None:
    """The kernel release that the module was built for: the first word of its vermagic.

    None when the module has no vermagic.
    """
    words = modinfo.get("vermagic", [""])[0].split()
    return words[0] if words else None


def read_modinfo_section(read: Reader) -> bytes:
    """The bytes of `.modinfo`, behind a NUL, so that every entry has one before and one behind it."""
    return b"\0" + _section(read, b".modinfo")


def _section(read: Reader, wanted: bytes) -> bytes:
    _kind, names, headers = _section_headers(read)
    text = wanted + b"\0"
    for name, start, size in headers:
        if names.startswith(text, name):
            return _exactly(read, start, size)
    raise ModuleFormatError(f"no {wanted.decode()} section; not a kernel module")


class Sections(NamedTuple):
    """Where the sections of an ELF file lie: offset and size by name. `order` is struct's byte order."""

    order: str
    wide: bool
    places: dict[bytes, tuple[int, int]]


def read_sections(read: Reader) -> Sections:
    """The sections of an object file. Raises ModuleFormatError when it is no ELF file, or damaged."""
    (order, wide), names, headers = _section_headers(read)
    places: dict[bytes, tuple[int, int]] = {}
    for name, start, size in headers:
        # The first of a name counts.
        places.setdefault(names[name : names.find(b"\0", name)], (start, size))
    return Sections(order, wide, places)


def _section_headers(read: Reader) -> tuple[tuple[str, bool], bytes, list[tuple[int, int, int]]]:
    """Byte order and class of an ELF file; the names; place of the name, offset and size of each section
    that has content."""
    start = read(0, 64)
    ident = _exactly(lambda offset, size: start[offset : offset + size], 0, 16)
    if ident[:4] != _MAGIC or ident[4] not in _HEADER or ident[5] not in _ORDER:
        raise ModuleFormatError("not an ELF file; compressed modules are to be decompressed first")
    offset, header = _HEADER[ident[4]]
    order = _ORDER[ident[5]]
    table, _flags, _ehsize, _phentsize, _phnum, entry_size, count, names_index = _unpack(
        lambda place, size: start[place : place + size], offset, order + header
    )
    layout = struct.Struct(order + _SECTION[ident[4]])
    if entry_size < layout.size:
        raise ModuleFormatError(f"section headers of {entry_size} bytes are too short")
    if not count or names_index == _SHN_XINDEX:
        # More sections than 16 bits hold: the real numbers stand in section 0.
        first = layout.unpack(_exactly(read, table, layout.size))
        count = count or first[5]
        names_index = first[6] if names_index == _SHN_XINDEX else names_index
    if names_index >= count:
        raise ModuleFormatError(f"section {names_index} with the names is not one of {count} sections")
    headers = _exactly(read, table, entry_size * count)
    names = _exactly(read, *layout.unpack_from(headers, names_index * entry_size)[4:6])

    # What a header has beyond these fields is passed over.
    row = struct.Struct(f"{order}{_SECTION[ident[4]]}{entry_size - layout.size}x")
    places = [
        (name, start, size)
        for name, kind, _flags, _address, start, size, _link in row.iter_unpack(headers)
        if kind != _SHT_NOBITS  # which takes no room in the file
    ]
    return (order, ident[4] == _ELFCLASS64), names, places


def _unpack(read: Reader, offset: int, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _exactly(read, offset, struct.calcsize(layout)))


def _exactly(read: Reader, offset: int, size: int) -> bytes:
    # A damaged header may ask for more than any file holds; sizes past 64 bits upset seek().
    if offset + size >= 1 << 63:
        raise ModuleFormatError(f"damaged: a part lies at offset {offset}")
    data = read(offset, size)
    if len(data) != size:
        raise ModuleFormatError(f"truncated: {size} bytes expected at offset {offset}, {len(data)} there")
    return data
