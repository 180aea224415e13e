# SPDX-License-Identifier: MIT
"""Collect the module folders of a root file system while its archive streams by."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable, Iterator

from huawei_modem.modules import ModuleFormatError, read_vermagic_release
from huawei_modem_check.facts import ModuleFolder
from huawei_modem_check.inflate import FORMATS, DamagedError
from huawei_modem_check.streams import Readable, Seekable
from huawei_modem_check.symbols import ModuleSymbols, SymbolReader

_PLACE = re.compile(r"(?P<folder>(?:usr/)?lib/modules/(?P<release>[^/]+))(?:/(?P<path>.+))?")
_MODULE = re.compile(r".+\.ko(?:\.(?P<packing>xz|gz|zst))?")
_PACKING = {"xz": "xz", "gz": "gzip", "zst": "zstd"}
_MODULE_MAXIMUM = 32 << 20  # bytes, inflated; the largest of Debian's has 9 MB
_INDEX_MAXIMUM = 16 << 20


class FileContent(Seekable):
    """A file of a folder, opened when it is read: most of a root file system never is."""

    def __init__(self, path: str) -> None:
        self._path = path

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[int, int], bytes]]:
        """A few small parts are wanted, each by one system call."""
        handle = os.open(self._path, os.O_RDONLY)
        try:
            yield lambda offset, size: os.pread(handle, size, offset)
        finally:
            os.close(handle)

    def read(self, size: int, /) -> bytes:
        """The first `size` bytes; a member is read once."""
        with open(self._path, "rb") as source:  # noqa: PTH123  thousands of paths stay strings
            return source.read(size)


class ModuleCollector:
    """Takes the members of one archive in turn; `folders` gives what they amount to.

    `judged` tells whether there is anything to hold the symbols of a release against. Of content that
    can be read again that is asked at the end, of a stream when the module passes by.
    """

    def __init__(self, source: str, judged: Callable[[str], bool]) -> None:
        self._source = source
        self._judged = judged
        self._found: dict[str, _Folder] = {}

    def offer(self, path: str, is_file: bool, content: Readable) -> bool:
        """Whether the member at `path` lies in a module folder; its content is then read."""
        place = _PLACE.fullmatch(path)
        if not place:
            return False
        folder = self._found.get(place["folder"])
        if folder is None:
            folder = self._found[place["folder"]] = _Folder(place["release"], self._judged)
        if is_file and place["path"]:
            folder.add(place["path"], content)
        return True

    def folders(self) -> tuple[ModuleFolder, ...]:
        """The folders in the order of their paths."""
        return tuple(
            folder.facts(f"{self._source}:{path}", self._source)
            for path, folder in sorted(self._found.items())
        )


class _Folder:
    def __init__(self, release: str, judged: Callable[[str], bool]) -> None:
        self._release = release
        self._judged = judged
        self._files: dict[str, str | None] = {}
        self._problems: dict[str, str] = {}
        self._index: dict[str, str] = {}
        self._again: dict[str, tuple[Seekable, str | None]] = {}
        self._symbols: dict[str, ModuleSymbols] = {}
        self._reader = SymbolReader()

    def add(self, path: str, content: Readable) -> None:
        if path in ("modules.dep", "modules.builtin", "modules.alias"):
            self._index[path] = content.read(_INDEX_MAXIMUM).decode("utf-8", "replace")
        elif module := _MODULE.fullmatch(path):
            self._files[path] = None
            try:
                self._add_module(path, content, module["packing"])
            except (DamagedError, ModuleFormatError) as err:
                self._problems[path] = str(err)

    def _add_module(self, path: str, content: Readable, packing: str | None) -> None:
        if isinstance(content, Seekable):
            self._again[path] = content, packing
            with _parts(content, packing) as read:
                self._files[path] = read_vermagic_release(read)
            return
        data = _inflated(content, packing)

        def read_part(offset: int, size: int) -> bytes:
            return data[offset : offset + size]

        self._files[path] = read_vermagic_release(read_part)
        if self._judged(self._release):
            self._symbols[path] = self._reader.read(read_part)

    def facts(self, source: str, file: str) -> ModuleFolder:
        if self._judged(self._release):
            for path, (content, packing) in self._again.items():
                with contextlib.suppress(DamagedError, ModuleFormatError), _parts(content, packing) as read:
                    self._symbols[path] = self._reader.read(read)
        return ModuleFolder(
            self._release,
            source,
            self._files,
            self._problems,
            self._index.get("modules.dep"),
            self._index.get("modules.builtin"),
            self._index.get("modules.alias"),
            self._symbols or None,
            file,
        )


@contextlib.contextmanager
def _parts(content: Seekable, packing: str | None) -> Iterator[Callable[[int, int], bytes]]:
    """The module's ELF file, of which only the parts that are asked for are read unless it is packed."""
    if packing is None:
        with content.opened() as read:
            yield read
        return
    data = _inflated(content, packing)
    yield lambda offset, size: data[offset : offset + size]


def _inflated(content: Readable, packing: str | None) -> bytes:
    """The module's ELF file. Each .zst starts a zstd of its own, about 2 ms, until Python brings zstd."""
    data = content.read(_MODULE_MAXIMUM)
    if packing is None:
        return data
    module = io.BytesIO()
    for chunk in FORMATS[_PACKING[packing]].inflate(memoryview(data)):
        module.write(chunk)
        if module.tell() > _MODULE_MAXIMUM:
            raise DamagedError(f"inflates to more than {_MODULE_MAXIMUM >> 20} MiB")
    return module.getvalue()
