# SPDX-License-Identifier: MIT
"""Collect the module folders of a root file system while its archive streams by."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

from huawei_modem.modules import ModuleFormatError, read_modinfo_section
from huawei_modem.running_kernel import module_name
from huawei_modem_check import limits
from huawei_modem_check.facts import Module, ModuleFolder
from huawei_modem_check.inflate import FORMATS, DamagedError
from huawei_modem_check.kmod import differences
from huawei_modem_check.streams import LinkTo, Readable, Seekable
from huawei_modem_check.symbols import ModuleSymbols, SymbolReader

_PLACE = re.compile(r"(?P<folder>(?:usr/)?lib/modules/(?P<release>[^/]+))(?:/(?P<path>.+))?")
_MODULE = re.compile(r".+\.ko(?:\.(?P<packing>xz|gz|zst))?")
_TEXTS = ("modules.dep", "modules.builtin", "modules.alias")
_INDEXES = (*_TEXTS, "modules.dep.bin", "modules.alias.bin")
_ALIAS = re.compile(rb"\0alias=(usb:[^\0]*)(?=\0)")
# Those whose aliases are compared: what drives a stick must be found by them.
_DRIVERS = frozenset(
    {"option", "huawei_cdc_ncm", "qmi_wwan", "cdc_mbim", "cdc_ether", "rndis_host", "cdc_ncm"}
)
_PACKING = {"xz": "xz", "gz": "gzip", "zst": "zstd"}
_MOST_LINKS = 40
"""That a path may lead through (MAXSYMLINKS of Linux, include/linux/namei.h)."""


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
        self._links: dict[str, str] = {}
        self._folder_links: dict[str, str] = {}
        self._elsewhere = _Folder("", lambda _release: False)  # modules that only a link has in a folder

    def offer(self, path: str, is_file: bool, content: Readable) -> bool:
        """Whether the member at `path` lies in a module folder; its content is then read."""
        place = _PLACE.fullmatch(path)
        if not place:
            if isinstance(content, LinkTo) and path in ("lib", "lib/modules"):
                self._links[path] = content.seen_from(path)
            if is_file and ".ko" in path and _MODULE.fullmatch(path):
                self._elsewhere.add(path, content)
                return True
            return False
        folder = self._folder_of(place, path, content)
        if folder is None:
            return True
        if place["path"] and is_file:
            folder.add(place["path"], content)
        elif place["path"]:
            # What had this path before is gone: tar puts the last member there.
            folder.remove(place["path"])
            if isinstance(content, LinkTo):
                folder.link(place["path"], content, path, place["folder"])
        return True

    def _folder_of(self, place: re.Match[str], path: str, content: Readable) -> _Folder | None:
        """The folder of modules that a member belongs to; None for one that is a link, or one too many."""
        folder = self._found.get(place["folder"])
        if folder is not None:
            return folder
        if place["path"] is None and isinstance(content, LinkTo):
            if len(self._folder_links) < limits.RELEASES:
                self._folder_links[content.seen_from(path)] = path
        elif len(self._found) >= limits.RELEASES:
            next(iter(self._found.values())).has_more_beside()
        else:
            folder = self._found[place["folder"]] = _Folder(place["release"], self._judged)
        return folder

    def folders(self) -> tuple[ModuleFolder, ...]:
        """The folders in the order of their paths."""
        found = []
        for path, folder in sorted(self._found.items()):
            facts = folder.facts(f"{self._source}:{path}", self._source, self._elsewhere)
            # A link of another name leads here: modprobe looks for the kernel's release.
            named = _PLACE.fullmatch(self._folder_links.get(path, path))
            release = named["release"] if named else facts.release
            found.append(dataclasses.replace(facts, release=release, unreachable=self._unreachable(path)))
        return tuple(found)

    def _unreachable(self, path: str) -> str | None:
        """Why the kernel and modprobe do not find a folder: they look below /lib/modules."""
        if not path.startswith("usr/"):
            return None
        if self._links.get("lib") == "usr/lib" or self._links.get("lib/modules") == "usr/lib/modules":
            return None
        where = f"leads to {self._links['lib']}" if "lib" in self._links else "does not lead there"
        return f"lies below usr/lib, and /lib {where}"


class _Folder:
    def __init__(self, release: str, judged: Callable[[str], bool]) -> None:
        self._release = release
        self._judged = judged
        self._files: dict[str, Module] = {}
        self._problems: dict[str, str] = {}
        self._index: dict[str, bytes] = {}
        self._links: dict[str, str] = {}
        self._outside: dict[str, str] = {}
        self._again: dict[str, tuple[Seekable, str | None]] = {}
        self._symbols: dict[str, ModuleSymbols] = {}
        self._reader = SymbolReader()

    def has_more_beside(self) -> None:
        """Says with this folder that others were passed over."""
        self._problems["modules"] = (
            f"more than {limits.RELEASES} releases of modules: the rest was not looked into"
        )

    def add(self, path: str, content: Readable) -> None:
        self.remove(path)
        if path in _INDEXES:
            self._index[path] = content.read(limits.INDEX + 1)
            if len(self._index[path]) > limits.INDEX:
                self._index[path] = b""
                self._problems[path] = f"an index of more than {limits.INDEX >> 20} MiB"
        elif (module := _MODULE.fullmatch(path)) and self._has_room():
            self._files[path] = Module()
            try:
                self._add_module(path, content, module["packing"])
            except (DamagedError, ModuleFormatError) as err:
                self._problems[path] = str(err)

    def remove(self, path: str) -> None:
        """Forget what was at `path`."""
        every: tuple[dict[str, Any], ...] = (
            *(
                self._files,
                self._problems,
                self._index,
                self._again,
                self._symbols,
                self._links,
                self._outside,
            ),
        )
        for known in every:
            known.pop(path, None)

    def _has_room(self) -> bool:
        """Whether another module may be taken; the first that may not is noted."""
        if len(self._files) + len(self._links) + len(self._outside) < limits.MODULES:
            return True
        self._problems["modules"] = f"more than {limits.MODULES} modules: the rest was not looked into"
        return False

    def link(self, path: str, link: LinkTo, seen_from: str, folder: str) -> None:
        """A link at `path`, from the root `seen_from`: of a module of this folder it is the same module."""
        if not _MODULE.fullmatch(path) or not self._has_room():
            return
        target = link.seen_from(seen_from)
        if target.startswith(f"{folder}/"):
            inside = target[len(folder) + 1 :]
            # A name more of what is there already: where that is a link, of what this one leads to.
            self._links[path] = self._links.get(inside, inside) if link.hard else inside
        else:
            self._outside[path] = target

    def _follow(self, elsewhere: _Folder) -> None:
        for path, target in self._outside.items():
            if target in elsewhere._files:
                self._files[path] = elsewhere._files[target]
            if target in elsewhere._problems:
                self._problems[path] = elsewhere._problems[target]
        for path, target in self._links.items():
            for _ in range(_MOST_LINKS):
                target = self._links.get(target, target)
            if target in self._files:
                self._files[path] = self._files[target]
            if target in self._problems:
                self._problems[path] = self._problems[target]

    def _add_module(self, path: str, content: Readable, packing: str | None) -> None:
        if isinstance(content, Seekable):
            self._again[path] = content, packing
            with _parts(content, packing) as read:
                self._files[path] = _module(read, path)
            return
        data = _inflated(content, packing)

        def read_part(offset: int, size: int) -> bytes:
            return data[offset : offset + size]

        self._files[path] = _module(read_part, path)
        if self._judged(self._release):
            self._symbols[path] = self._reader.read(read_part)

    def facts(self, source: str, file: str, elsewhere: _Folder) -> ModuleFolder:
        if self._judged(self._release):
            for path, (content, packing) in self._again.items():
                with contextlib.suppress(DamagedError, ModuleFormatError), _parts(content, packing) as read:
                    self._symbols[path] = self._reader.read(read)
        self._follow(elsewhere)
        texts = {
            name: data.decode("utf-8", "replace") for name, data in self._index.items() if name in _TEXTS
        }
        return ModuleFolder(
            self._release,
            source,
            {path: module.release for path, module in self._files.items()},
            self._problems,
            texts.get("modules.dep"),
            texts.get("modules.builtin"),
            texts.get("modules.alias"),
            self._symbols or None,
            file,
            self._files,
            any(name.endswith(".bin") for name in self._index),
            tuple(
                text
                for name in ("modules.dep", "modules.alias")
                for text in differences(name, self._index.get(f"{name}.bin"), texts.get(name))
            ),
        )


def _module(read: Callable[[int, int], bytes], path: str) -> Module:
    """What a module says of itself.

    How it was built, for which machine, what it is called and what it drives.
    """
    section = read_modinfo_section(read)
    head = read(0, 20)
    order = struct.Struct(">HH" if head[5:6] == b"\2" else "<HH")
    kind, machine = order.unpack_from(head, 16)
    words = section.partition(b"\0vermagic=")[2].partition(b"\0")[0].decode("utf-8", "replace").split()
    named = section.partition(b"\0name=")[2].partition(b"\0")[0].decode("utf-8", "replace")
    own = module_name(path)
    aliases: tuple[str, ...] = ()
    if own in _DRIVERS:
        aliases = tuple(item.decode("utf-8", "replace") for item in _ALIAS.findall(section))
    return Module(
        words[0] if words else None,
        " ".join(words[1:]),
        machine,
        kind,
        named.replace("-", "_"),
        aliases,
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
    data = content.read(limits.MODULE)
    if packing is None:
        return data
    module = io.BytesIO()
    for chunk in FORMATS[_PACKING[packing]].inflate(memoryview(data)):
        module.write(chunk)
        if module.tell() > limits.MODULE:
            raise DamagedError(f"inflates to more than {limits.MODULE >> 20} MiB")
    return module.getvalue()
