# SPDX-License-Identifier: MIT
"""U-Boot's uImage: a header before a kernel or a script. Layout: include/image.h of U-Boot."""

from __future__ import annotations

import struct
import zlib

UIMAGE_MAGIC = b"\x27\x05\x19\x56"
KERNEL, SCRIPT = 2, 6
# magic, header CRC, time, size, load, entry, data CRC, OS, CPU, type, packing, name
_HEADER = struct.Struct(">7I4B32s")


def content_of(data: bytes) -> tuple[int, bytes, str | None]:
    """Type and content of a uImage, and what is wrong with it."""
    if len(data) < _HEADER.size:
        return 0, b"", "truncated inside the header of a uImage"
    _magic, header_crc, _time, size, _load, _entry, data_crc, _os, _cpu, kind, _packing, _name = (
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
    return kind, content, problem
