# SPDX-License-Identifier: MIT
"""One installation that is thought through, and the files of which it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huawei_modem_check.facts import BLOCK, SMALL_BLOCK, Archive, ImageFile
from huawei_modem_check.installer.description import BlockDevice, Content, Description
from huawei_modem_check.installer.modules import Module
from huawei_modem_check.installer.names import copy_reason, feed_reason, unreadable_reason
from huawei_modem_check.installer.stages import Fault, Outcome

# The installer's choice by the ending alone (multiimagewritethread.cpp:1287-1319).
UNPACKERS = {
    ".gz": "gzip",
    ".xz": "xz",
    ".bz2": "bzip2",
    ".lzo": "lzo",
    ".lz4": "lz4",
    ".zst": "zstd",
    ".zip": "zip",
}


def packing_by_name(name: str) -> str | None:
    """What the installer takes a file of this name for; None is for one that it passes on as it is."""
    return next((packing for ending, packing in UNPACKERS.items() if name.endswith(ending)), None)


class Run:
    """An image on a module. `first` and `unvalidated` are as in qt.Parsed."""

    def __init__(
        self,
        description: Description,
        first: Any,
        unvalidated: str | None,
        module: Module,
        files: Mapping[str, ImageFile],
        complaints: Mapping[str, str],
    ) -> None:
        self.description = description
        self.first = first
        self.unvalidated = unvalidated
        self.module = module
        self.files = files
        self.complaints = complaints

    def erased_before(self, disk: BlockDevice) -> Outcome:
        """How a fault of `disk`'s partitions ends: whether anything was erased until then."""
        for other in self.description.block_devices:
            if other.erase:
                return Outcome.AFTER
            if other is disk:
                return Outcome.BEFORE
            if other.partitions or other.content is not None:
                return Outcome.AFTER
        return Outcome.BEFORE

    def named(
        self,
        place: str,
        name: str,
        outcome: Outcome,
        copied_to: str | None = None,
        in_shell: bool = True,
    ) -> Fault | None:
        """What is wrong with the file `name`, which is read at this place.

        `copied_to` is a path for the shell; `in_shell` is as in unreadable_reason.
        """
        if reason := unreadable_reason(name, in_shell):
            return Fault(outcome, place, f"the name {name!r} {reason}", "tezi-name-unsafe", name)
        if name not in self.files:
            return Fault(outcome, place, repr(name), "tezi-file-missing", name)
        if copied_to is not None and (reason := copy_reason(copied_to)):
            return Fault(outcome, place, f"{copied_to!r} {reason}", "tezi-name-unsafe", name)
        if self.files[name].size == 0:
            return Fault(outcome, place, f"{name} is empty", "tezi-file-corrupt:empty", name)
        if reason := feed_reason(name):
            return Fault(Outcome.FEED_CAUTION, place, f"the name {name!r} {reason}", "", name)
        return None

    def written(self, name: str) -> int:
        """Bytes that come out of the file `name` as the installer unpacks it."""
        file = self.files[name]
        if packing_by_name(name) is not None and file.archive is not None:
            return file.archive.inflated
        return file.size

    def occupied(self, content: Content, unit: int) -> int:
        """Bytes that the files of a content take in a file system that gives them `unit` bytes at a time."""
        total = 0
        for file, archive in self._parts(content):
            if archive is not None:
                taken = {BLOCK: archive.blocks * BLOCK, SMALL_BLOCK: archive.small * SMALL_BLOCK}
                total += taken.get(unit, archive.unpacked)
            else:
                total += -(-file.size // unit) * unit
        return total

    def inodes(self, content: Content) -> int:
        """Files and folders that a content makes at least."""
        return sum(archive.inodes if archive is not None else 1 for _file, archive in self._parts(content))

    def _parts(self, content: Content) -> Iterator[tuple[ImageFile, Archive | None]]:
        """The files of a content, each with the archive that is unpacked of it."""
        for name, unpack in [(content.filename, True), *((it.source, it.unpack) for it in content.entries())]:
            if name in self.files:
                yield self.files[name], self.files[name].archive if unpack else None


def is_ignored(content: Content, *fields: str) -> list[str]:
    """Which of `fields` of a content hold something that its filesystem_type has no use for."""
    values = {"filename": content.filename, "filelist": content.filelist, "rawfiles": content.rawfiles}
    return [field for field in fields if values[field]]
