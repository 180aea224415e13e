# SPDX-License-Identifier: MIT
"""Read tar archives as streams: nothing is unpacked to disk, and no member is taken on trust."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import zlib
from collections.abc import Callable, Generator, Iterator

from huawei_modem_check import limits, tar
from huawei_modem_check.packing import decompressed, packing_of, peeked
from huawei_modem_check.streams import ArchiveError, Measured, Source
from huawei_modem_check.tar import Content, Member

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CHUNK = 1 << 20
_FLAGS = 1 << 22
"""For the paths that were there: of a hundred thousand, one in 40 shares its flag with another."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What an archive may grow to before it is called a bomb."""

    total: int = limits.ARCHIVE_TOTAL
    ratio: int = limits.ARCHIVE_RATIO
    ratio_from: int = limits.ARCHIVE_RATIO_FROM
    members: int = limits.ARCHIVE_MEMBERS


DEFAULT_LIMITS = Limits()


class Vetting:
    """Judges the members of one archive in their order; remembers its links, and in part what was there."""

    def __init__(self) -> None:
        self._there = bytearray(_FLAGS)
        self._links: set[str] = set()
        self._filled: set[str] = set()  # folders that hold something
        self._clear = ""  # the folder of the last member, when no link leads to it

    def reason(self, member: Member) -> str | None:
        """Why `member` must not be unpacked, or None."""
        name = member.name
        if len(name) > limits.PATH:
            return f"a path of {len(name)} characters"
        odd = name[:1] == "/" or ".." in name or not name.isprintable()
        if odd and (reason := _suspicion(name)):
            return reason
        # A real tree has no path through a link; in an archive it writes where the link points to.
        folder = member.path.rpartition("/")[0]
        if folder != self._clear:
            if self._has_link(folder):
                return "a path through a link of the same archive"
            self._clear = folder
            while folder and folder not in self._filled and len(self._filled) < limits.ARCHIVE_FOLDERS:
                self._filled.add(folder)
                folder = folder.rpartition("/")[0]
        reason = None
        if member.kind != tar.FOLDER and member.path in self._filled:
            return "in the place of a folder that holds something: tar fails"
        if member.kind != tar.FILE and member.kind != tar.FOLDER:
            reason = self._reason_for_special(member)
        self._there[_flag(member.path)] = 1
        return reason

    def _reason_for_special(self, member: Member) -> str | None:
        if member.kind == tar.SYMBOLIC_LINK:
            self._links.add(member.path)
            self._clear = ""
        elif member.kind == tar.HARD_LINK:
            if len(member.target) > limits.PATH:
                return "a hard link to a path beyond all measure"
            if member.target.startswith("/") or ".." in member.target.split("/"):
                return f"a hard link out of the archive, to {member.target}"
            if self._has_link("/".join(tar.path_parts(member.target)[:-1])):
                return f"a hard link through a link of the same archive, to {member.target}"
            if not self._there[_flag("/".join(tar.path_parts(member.target)))]:
                return f"a hard link to {member.target}, which is not in the archive before it: tar fails"
        elif member.kind in (tar.CHARACTERS, tar.BLOCKS):
            if not member.path.startswith("dev/"):
                return "a device outside dev"
        elif member.kind not in tar.KINDS:
            return f"a member of the unknown kind {member.kind!r}"
        return None

    def _has_link(self, folder: str) -> bool:
        """Whether `folder`, or one that it lies in, is a link."""
        while folder:
            if folder in self._links:
                return True
            folder = folder.rpartition("/")[0]
        return False


def _flag(path: str) -> int:
    return zlib.crc32(path.encode("utf-8", "surrogateescape")) % _FLAGS


def _suspicion(name: str) -> str | None:
    if name.startswith("/"):
        return "an absolute path"
    if ".." in tar.path_parts(name):
        return "a path out of the archive"
    return "a control character in the name" if _CONTROL.search(name) else None


class _Limited:
    """Passes `inflated` on, as long as it stays within `limits` for what was read of `packed`."""

    def __init__(self, inflated: Source, packed: Measured, bounds: Limits) -> None:
        self._inflated = inflated
        self._packed = packed
        self._limits = bounds
        self.size = 0

    def readinto(self, buffer: memoryview, /) -> int:
        size = self._inflated.readinto(buffer)
        self.size += size
        bounds = self._limits
        if self.size > bounds.total:
            raise ArchiveError(f"inflates to more than {bounds.total >> 30} GiB")
        if self.size > bounds.ratio_from and self.size > bounds.ratio * max(self._packed.count, 1):
            raise ArchiveError(f"inflates more than {bounds.ratio} times")
        return size


class Opened:
    """An archive while it is read.

    `packing` is by its content; `is_tar` is known once `members` was begun. `behind` is how many bytes were
    read behind the end mark of a tar, once all was read.
    """

    def __init__(self, packing: str | None, inflated: _Limited, bounds: Limits) -> None:
        self.packing = packing
        self.is_tar = False
        self.behind = 0
        self._inflated = inflated
        self._limits = bounds

    @property
    def inflated(self) -> int:
        """Bytes that came out of it so far."""
        return self._inflated.size

    def members(self, refused: Callable[[str, str], None]) -> Generator[tuple[Member, Content], None, None]:
        """The members, each with its content (empty if not a file); none where this is no tar archive.

        A content can be read until the next member is taken. A member that must not be unpacked goes to
        `refused` with the reason instead. Raises ArchiveError for an archive that is damaged, truncated
        or a bomb.
        """
        begun = _Begun(self._inflated)
        self.is_tar = tar.is_header(begun.head)
        window = tar.Window(begun)
        if self.is_tar:
            vetting = Vetting()
            for number, (member, content) in enumerate(tar.walk(window)):
                if number >= self._limits.members:
                    raise ArchiveError(f"more than {self._limits.members} members")
                if reason := vetting.reason(member):
                    refused(member.name, reason)
                else:
                    yield member, content
        self.behind = window.left
        if self.packing is None:
            return  # nothing stands at its end, which may be far
        rest = memoryview(bytearray(_CHUNK))
        while size := begun.readinto(rest):  # the archive's checksum stands at its end
            self.behind += size


class _Begun:
    """A source of which the first block is known already."""

    def __init__(self, source: Source) -> None:
        self._source = source
        block = memoryview(bytearray(tar.BLOCK))
        filled = 0
        while filled < len(block) and (size := source.readinto(block[filled:])):
            filled += size
        self.head = bytes(block[:filled])
        self._left = self.head

    def readinto(self, buffer: memoryview, /) -> int:
        if not self._left:
            return self._source.readinto(buffer)
        size = min(len(self._left), len(buffer))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        # The walk takes blocks: behind the first one it goes on with as much as there is room for.
        if size < len(buffer) and not self._left:
            size += self._source.readinto(buffer[size:])
        return size


@contextlib.contextmanager
def opened(source: Measured, bounds: Limits = DEFAULT_LIMITS) -> Iterator[Opened]:
    """An archive, packed or not. Raises MissingError when the tool for its compression is not installed."""
    head, whole = peeked(source)
    with decompressed(whole) as inflated:
        yield Opened(packing_of(head), _Limited(inflated, whole, bounds), bounds)


def members(
    source: Measured, refused: Callable[[str, str], None], bounds: Limits = DEFAULT_LIMITS
) -> Generator[tuple[Member, Content], None, None]:
    """The members of what must be a tar archive; raises ArchiveError when it is none, and as Opened does."""
    with opened(source, bounds) as archive:
        yield from archive.members(refused)
        if not archive.is_tar:
            raise ArchiveError("it is not a tar archive")
