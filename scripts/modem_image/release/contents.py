# SPDX-License-Identifier: MIT
"""Every file in the archives of an image, so that a release can say which of them changed.

An entry is one line: kind, mode, owner, and for a file its size and the first 128 bits of its SHA-256, for a
link its target. Times are not in it: they change with every build. Nor is what makes no difference on the
module: the mode of a symbolic link, and which name of a file with several comes first.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

from huawei_modem_check.packing import decompressed
from huawei_modem_check.reader import ARCHIVE
from huawei_modem_check.streams import ArchiveError, Source, drain, measured
from huawei_modem_check.tar import path_parts

CONTENTS = "contents.json"
_CHUNK = 1 << 20
_DIGITS = 32
_KINDS = {
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "hard link",
    tarfile.DIRTYPE: "folder",
    tarfile.FIFOTYPE: "fifo",
    tarfile.CHRTYPE: "characters",
    tarfile.BLKTYPE: "blocks",
}

ENTRY = re.compile(r"(hard link|\w+) (\d+) (\d+:\d+)(?: (.*))?", re.DOTALL)
"""Kind, mode, owner, and the rest."""
Contents = Mapping[str, Mapping[str, str]]
"""Archive to path to entry."""


def contents_of(folder: Path) -> Contents:
    """What the archives in an image's folder hold. An archive that tarfile cannot read is left out."""
    found = {}
    for path in sorted(folder.iterdir()):
        if ARCHIVE.fullmatch(path.name) and path.is_file():
            try:
                found[path.name] = entries(path)
            except (tarfile.TarError, ArchiveError, UnicodeError):
                continue  # the check, which comes first, knows what is damaged
    return found


def entries(path: Path) -> dict[str, str]:
    """Path to entry, of one archive; of a path that comes again the last one counts, as for tar."""
    found: dict[str, str] = {}
    with measured(path) as packed, decompressed(packed) as inflated:
        stream = _Stream(inflated)
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK, errors="surrogateescape") as archive:
            for member in archive:
                name = "/".join(path_parts(member.name)) or "."
                first = "/".join(path_parts(member.linkname)) if member.islnk() else ""
                entry = found.get(_printable(first)) or _printable(_entry(archive, member))
                found[_printable(name)] = entry
        drain(stream)
    return found


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    mode = 0o777 if member.issym() else member.mode & 0o7777
    head = f"{_KINDS.get(member.type, 'file')} {mode:o} {member.uid}:{member.gid}"
    if member.issym() or member.islnk():
        return f"{head} -> {member.linkname}"
    if member.isdev() and not member.isfifo():
        return f"{head} {member.devmajor},{member.devminor}"
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        return head
    digest = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
    return f"{head} {member.size} {digest.hexdigest()[:_DIGITS]}"


def _printable(text: str) -> str:
    # As JSON wants it: names that are no UTF-8 stay different from each other.
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class _Stream(io.RawIOBase):
    """The inflated bytes as tarfile wants them: read() gives all that it is asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        buffer = bytearray(size if size >= 0 else _CHUNK)
        view, filled = memoryview(buffer), 0
        while filled < len(buffer) and (got := self._source.readinto(view[filled:])):
            filled += got
        return bytes(view[:filled])
