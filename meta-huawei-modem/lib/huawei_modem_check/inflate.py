# SPDX-License-Identifier: MIT
"""Inflate a compressed kernel or module that is in memory, in chunks, without trusting it."""

from __future__ import annotations

import dataclasses
import lzma
import os
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from huawei_modem_check.errors import MissingError

_CHUNK = 1 << 20
_LZMA_MEMORY = 160 << 20  # the dictionary is 64 MiB for xz -9, and a forged header may ask for 4 GiB


class DamagedError(Exception):
    """What is there does not inflate as a whole; the text says why."""


if TYPE_CHECKING:
    _Inflate = Callable[[memoryview], Iterator[bytes]]
    """Takes the compressed bytes, which others may follow, and gives the inflated ones in chunks.

    Raises DamagedError when they do not inflate as a whole."""


@dataclasses.dataclass(frozen=True)
class Format:
    """How a format begins (a regular expression on bytes) and how it is inflated."""

    magic: bytes
    inflate: _Inflate


def _gzip(data: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    fed = 0
    try:
        while not inflater.eof:
            # In pieces: zlib copies what it was given and has not used yet.
            rest: bytes | memoryview = inflater.unconsumed_tail
            if not rest:
                rest = data[fed : fed + _CHUNK]
                fed += len(rest)
            chunk = inflater.decompress(rest, _CHUNK)
            if not chunk and not rest and not inflater.eof:
                raise DamagedError("ends in the middle")
            yield chunk
    except zlib.error as err:
        raise DamagedError(str(err)) from err


def _lzma(form: int) -> _Inflate:
    def inflate(data: memoryview) -> Iterator[bytes]:
        inflater = lzma.LZMADecompressor(form, memlimit=_LZMA_MEMORY)
        fed = 0
        try:
            while not inflater.eof:
                # In pieces: lzma keeps a copy of what it was given and has not used yet.
                piece = data[fed : fed + _CHUNK] if inflater.needs_input else b""
                fed += len(piece)
                chunk = inflater.decompress(piece, _CHUNK)
                if not chunk and not piece and inflater.needs_input:
                    raise DamagedError("ends in the middle")
                yield chunk
        except lzma.LZMAError as err:
            raise DamagedError(str(err)) from err

    return inflate


def _file_in_memory() -> BinaryIO:
    return os.fdopen(os.memfd_create("modem-image-check"), "w+b")


def _tool(package: str, *command: str) -> _Inflate:
    """By a tool of the system. It calls the bytes behind the stream an error, so that its exit status
    counts only when nothing came out: the reader must know the size or the structure to expect."""

    def inflate(data: memoryview) -> Iterator[bytes]:
        # From a file rather than a pipe: the tool may stop reading early, and nobody has to feed it. Files
        # in memory: a check writes nothing to the disk.
        with _file_in_memory() as source, _file_in_memory() as complaints:
            source.write(data)
            source.seek(0)
            try:
                process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=complaints)
            except FileNotFoundError as err:
                raise MissingError(f"{command[0]} is not installed: apt-get install {package}") from err
            with process:
                try:
                    assert process.stdout is not None  # noqa: S101  a pipe was asked for
                    chunk = process.stdout.read(_CHUNK)
                    if not chunk and process.wait() != 0:
                        complaints.seek(0)
                        raise DamagedError(complaints.read(200).decode("utf-8", "replace").strip())
                    while chunk:
                        yield chunk
                        chunk = process.stdout.read(_CHUNK)
                finally:
                    process.kill()

    return inflate


FORMATS = {
    "gzip": Format(rb"\x1f\x8b\x08\x00", _gzip),
    "xz": Format(rb"\xfd7zXZ\x00", _lzma(lzma.FORMAT_XZ)),
    # Properties lc=3 lp=0 pb=2, a dictionary of 64 KiB or more, an inflated size below 4 GiB or unknown.
    "lzma": Format(rb"\x5d\x00\x00..(?:....\x00{4}|\xff{8})", _lzma(lzma.FORMAT_ALONE)),
    "lzo": Format(rb"\x89LZO\x00\r\n\x1a\n", _tool("lzop", "lzop", "-dc")),
    "lz4": Format(rb"\x02\x21\x4c\x18", _tool("lz4", "lz4", "-dc")),
    "zstd": Format(rb"\x28\xb5\x2f\xfd", _tool("zstd", "zstd", "-dcq", "--long=27")),
}


def format_of(head: bytes) -> str | None:
    """The name of the format that a file beginning with `head` has, None when it is none of these."""
    return next((name for name, form in FORMATS.items() if re.match(form.magic, head, re.DOTALL)), None)
