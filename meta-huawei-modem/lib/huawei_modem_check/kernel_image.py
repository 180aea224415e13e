# SPDX-License-Identifier: MIT
"""Read a zImage: which release it is and, with IKCONFIG, how it was configured.

Layout: arch/arm/boot/compressed/head.S and vmlinux.lds.S of the Linux tree. The header does not say
where the compressed kernel starts, so each magic number is tried until one inflates to a kernel; a
table, in kernels since 4.15, says where it ends and what size it inflates to.
"""

from __future__ import annotations

import itertools
import re
import struct
import zlib

from huawei_modem_check import limits
from huawei_modem_check.facts import Kernel
from huawei_modem_check.inflate import FORMATS, DamagedError

MAXIMUM_SIZE = limits.KERNEL
"""Bytes of a kernel that are read."""

_MAGIC = 0x016F2818
_BIG_ENDIAN = 0x01020304
_HEADER = struct.Struct("<5I")  # at 0x24: magic, start, end, endianness, a further magic number
_TABLE_MAGIC = 0x5A534C4B
_INFLATED_MAXIMUM = (
    48 << 20
)  # xz may keep all of it in memory; an ARM kernel reaches 32 MiB at most (branches)
_CONFIG_MAXIMUM = 1 << 20
_WINDOW = 512
_BANNER = re.compile(rb"Linux version ([^\s\0]{1,64}) \([^\n\0]{0,400}[\n\0]")
# vermagic[] of kernel/module/main.c: the release and the flags, each with a blank behind it.
_VERMAGIC = rb"\x00%s ((?:[A-Za-z0-9_]{2,20} ){1,12})\x00"
_CONFIG_START, _CONFIG_END = b"IKCFG_ST", b"IKCFG_ED"


def is_zimage(head: bytes) -> bool:
    """Whether a file that begins with `head` (0x28 bytes or more) says that it is a zImage."""
    return len(head) >= 0x28 and head[0x24:0x28] == struct.pack("<I", _MAGIC)


def read_kernel(data: bytes, source: str) -> Kernel:
    """The facts about a zImage; damage is a fact too.

    Raises MissingError when the tool for its compression is not installed here.
    """
    if reason := _header_problem(data):
        return Kernel(source, problem=reason)
    payload_end, inflated = _payload(data)
    reasons = []
    for start, name in _candidates(data, payload_end):
        scanner = Scanner()
        # gzip ends with the inflated size itself; for the others the kernel's build appends it.
        end = payload_end + 4 if name == "gzip" else payload_end
        try:
            for chunk in FORMATS[name].inflate(memoryview(data)[start:end]):
                scanner.feed(chunk)
            scanner.finish(inflated)
        except DamagedError as err:
            reasons.append(f"{name} at {start:#x}: {err}")
            # What inflates to a kernel and then breaks off is this kernel, damaged.
            if scanner.release:
                return Kernel(source, name, problem=reasons[-1])
            continue
        if scanner.release:
            flags = scanner.flags
            return Kernel(source, name, scanner.release, scanner.banner, scanner.config, flags=flags)
    tried = "; ".join(reasons[-3:])
    return Kernel(source, problem=f"no kernel inflates from it ({tried})" if tried else "no kernel inside")


def _header_problem(data: bytes) -> str | None:
    if not is_zimage(data):
        return "not a zImage: the magic number 0x016f2818 is not at 0x24"
    if len(data) < 0x24 + _HEADER.size:
        return "truncated inside the header"
    _magic, start, end, endianness, _further = _HEADER.unpack_from(data, 0x24)
    if endianness == _BIG_ENDIAN:
        return "a big-endian kernel; the i.MX7 boots little-endian"
    if end - start > len(data):
        return f"truncated: the header says {end - start} bytes, {len(data)} are there"
    return None


def _payload(data: bytes) -> tuple[int, int | None]:
    """Where the compressed kernel ends, and its inflated size in bytes if the zImage says it."""
    unknown = (len(data), None)
    if len(data) < 0x3C:
        return unknown
    (table,) = struct.unpack_from("<I", data, 0x38)
    if table + 12 > len(data):
        return unknown
    magic, size_at = struct.unpack_from("<II", data, table + 4)
    if magic != _TABLE_MAGIC or size_at + 4 > len(data):
        return unknown
    return size_at, int(struct.unpack_from("<I", data, size_at)[0])


def _candidates(data: bytes, end: int) -> list[tuple[int, str]]:
    """Offsets at which a compressed kernel may begin, with the name of the format, in the file's order."""
    return sorted(
        (match.start(), name)
        for name, form in FORMATS.items()
        for match in itertools.islice(
            re.finditer(form.magic, memoryview(data)[:end], re.DOTALL), limits.KERNEL_STARTS
        )
    )


class Scanner:
    """Finds the banner and the configuration in a kernel that arrives in chunks, and keeps nothing else."""

    def __init__(self) -> None:
        self.release: str | None = None
        self.banner: str | None = None
        self.config: str | None = None
        self.flags: str | None = None
        self._flags: re.Pattern[bytes] | None = None
        self._size = 0
        self._tail = b""
        self._packed: bytearray | None = None

    def feed(self, chunk: bytes) -> None:
        """The next piece of the kernel. Raises DamagedError for more than any kernel has."""
        self._size += len(chunk)
        if self._size > _INFLATED_MAXIMUM:
            raise DamagedError(f"inflates to more than {_INFLATED_MAXIMUM >> 20} MiB")
        window = self._tail + chunk
        if self.release is None and (match := _BANNER.search(window)):
            self.release = match[1].decode("ascii", "replace")
            self.banner = match[0][:-1].decode("utf-8", "replace")
            # Kept for a while: the flags may lie on either side of the banner.
            self._flags = re.compile(_VERMAGIC % re.escape(match[1]))
        if self._flags and self.flags is None and (said := self._flags.search(window)):
            self.flags = said[1].decode("ascii").strip()
        if self.config is None:
            self._collect_config(window, chunk)
        self._tail = window[-_WINDOW:]

    def finish(self, expected: int | None) -> None:
        """At the end. Raises DamagedError when `expected` bytes did not come; None is any number."""
        if expected is not None and self._size != expected:
            raise DamagedError(f"inflates to {self._size} bytes, the zImage says {expected}")

    def _collect_config(self, window: bytes, chunk: bytes) -> None:
        if self._packed is None:
            start = window.find(_CONFIG_START + b"\x1f\x8b")
            if start < 0:
                return
            self._packed = bytearray(window[start + len(_CONFIG_START) :])
        else:
            self._packed += chunk
        end = self._packed.find(_CONFIG_END)
        if end >= 0:
            self.config = _gunzip(bytes(self._packed[:end]))
        if end >= 0 or len(self._packed) > _CONFIG_MAXIMUM:
            self._packed = None


def _gunzip(data: bytes) -> str | None:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return inflater.decompress(data, 8 * _CONFIG_MAXIMUM).decode("utf-8", "replace")
    except zlib.error:
        return None
