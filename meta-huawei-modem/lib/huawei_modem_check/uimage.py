# SPDX-License-Identifier: MIT
"""U-Boot's uImage: a header before a kernel or a script. Layout: include/image.h of U-Boot."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

UIMAGE_MAGIC = b"\x27\x05\x19\x56"
KERNEL, SCRIPT = 2, 6  # ih_type
LINUX, ARM, ARM64 = 5, 2, 22  # ih_os, ih_arch
# magic, header CRC, time, size, load, entry, data CRC, OS, CPU, type, packing, name
_HEADER = struct.Struct(">7I4B32s")


class UImage(NamedTuple):
    """`kind`, `system`, `cpu` and `packing` as numbers of U-Boot's; `problem` says what is wrong with it."""

    kind: int
    content: bytes
    problem: str | None
    system: int = LINUX
    cpu: int = ARM
    packing: int = 0


def read_uimage(data: bytes) -> UImage:
    """What `data`, which begins with UIMAGE_MAGIC, holds."""
    if len(data) < _HEADER.size:
        return UImage(0, b"", "truncated inside the header of a uImage")
    _magic, header_crc, _time, size, _load, _entry, data_crc, system, cpu, kind, packing, _name = (
        _HEADER.unpack_from(data)
    )
    header = data[:4] + bytes(4) + data[8 : _HEADER.size]
    content = data[_HEADER.size : _HEADER.size + size]
    problem = None
    if zlib.crc32(header) != header_crc:
        problem = "the checksum of the uImage's header is wrong"
    elif len(content) < size:
        problem = f"truncated: the uImage's header says {size} bytes, {len(content)} are there"
    elif zlib.crc32(content) != data_crc:
        problem = "the checksum of the uImage's content is wrong"
    return UImage(kind, content, problem, system, cpu, packing)
